"""The model of 139 languages inside py3langid's wheel (BSD-3-Clause). The only importer of it.

Its file is read where it lies; what goes over the texts is `kernels.ngrams`.
"""

from __future__ import annotations

import io
import lzma
from functools import cache

import numpy as np

from datapartnerships.errors import extra
from datapartnerships.kernels.ngrams import LOG_STEPS, Model

with extra("language", needed_by="IdentifyLanguage"):
    from py3langid.langid import MODEL_DIR, MODEL_FILE

# Its "no" is Bokmål: Nynorsk is a class of its own. BCP 47 takes the shortest code.
_TAGS = {"no": "nb", "kik": "ki"}


@cache
def model() -> Model:
    """Loaded once a process: 70 MB, and half a second of CPU time, most of it for unpacking."""
    file = io.BytesIO(lzma.decompress((MODEL_DIR / MODEL_FILE).read_bytes()))
    with np.load(file, allow_pickle=False) as given:
        classes, likelihoods = given["classes"].tolist(), given["ptc"]
        every = np.arange(1 << 16, dtype=np.uint16).view(np.float16).astype(np.float32)
        with np.errstate(invalid="ignore"):  # of halves that are no numbers, or too great
            steps = np.rint(every * LOG_STEPS).astype(np.int16)
        weights = np.zeros((len(likelihoods), -(-len(classes) // 16) * 16), np.int16)
        weights[:, : len(classes)] = steps[likelihoods.view(np.uint16)]
        return Model(
            tuple(_TAGS.get(name, name) for name in classes),
            given["nextmove"],
            given["nextmove_row"],
            given["out_feat"],
            weights,
            given["pc"].astype(np.float64),
        )

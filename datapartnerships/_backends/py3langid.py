"""The model of 139 languages inside py3langid's wheel (BSD-3-Clause). The only importer of it.

Its file is read where it lies; what goes over the texts is `kernels.ngrams`.
"""

from __future__ import annotations

import hashlib
import io
import lzma
from functools import cache

import numpy as np

from datapartnerships._kept import Arrays, kept
from datapartnerships.errors import extra
from datapartnerships.kernels.ngrams import LOG_STEPS, Model

with extra("language", needed_by="IdentifyLanguage"):
    from py3langid.langid import MODEL_DIR, MODEL_FILE

# Its "no" is Bokmål: Nynorsk is a class of its own. BCP 47 takes the shortest code.
_TAGS = {"no": "nb", "kik": "ki"}

# Of what `_tables` makes: another number where it makes something else.
_LAYOUT = 1


@cache
def model() -> Model:
    """Loaded once a process: 70 MB, of which texts in a few languages touch half.

    Unpacked once a machine, for half a second of CPU time; then it is mapped from where
    `datapartnerships._kept` put it.
    """
    packed = (MODEL_DIR / MODEL_FILE).read_bytes()
    digest = hashlib.blake2b(packed, digest_size=8).hexdigest()
    tables = kept(f"py3langid-{_LAYOUT}-{digest}", Model._fields, lambda: _tables(packed))
    classes = tuple(_TAGS.get(name, name) for name in tables["classes"].tolist())
    return Model(classes, *(tables[name] for name in Model._fields[1:]))


def _tables(packed: bytes) -> Arrays:
    with np.load(io.BytesIO(lzma.decompress(packed)), allow_pickle=False) as given:
        classes, likelihoods = given["classes"], given["ptc"]
        every = np.arange(1 << 16, dtype=np.uint16).view(np.float16).astype(np.float32)
        with np.errstate(invalid="ignore"):  # of halves that are no numbers, or too great
            steps = np.rint(every * LOG_STEPS).astype(np.int16)
        weights = np.zeros((len(likelihoods), -(-len(classes) // 16) * 16), np.int16)
        weights[:, : len(classes)] = steps[likelihoods.view(np.uint16)]
        return {
            "classes": classes,
            "moves": given["nextmove"],
            "rows": given["nextmove_row"],
            "features": given["out_feat"],
            "weights": weights,
            "priors": given["pc"].astype(np.float64),
        }

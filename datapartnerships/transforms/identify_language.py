"""Which language a document and each of its segments is in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from datapartnerships.errors import InvalidParameter
from datapartnerships.kernels.language_tags import check_tags
from datapartnerships.kernels.segments import (
    flat,
    parents,
    reasons,
    reject,
    set_column,
    whole,
    with_segments_field,
)

# Documents taken at a time: bounds the tables of documents by languages and by scripts.
_ROWS = 4096


@dataclass(frozen=True, kw_only=True)
class IdentifyLanguage:
    """Say in which languages a document is, by its text: BCP 47 tags, ``und`` where that is unsure.

    Adds `language` (the one with most characters), `language_score` (0 to 1, how likely it is;
    0 of ``und``), `languages` (a list of language and share of the characters, the greatest first)
    and `script` (ISO 15924, of most letters). Without a letter, all are null or empty.

    The accurate mode looks at every segment and fills in `segments.language`; a segment without a
    letter has none. What a reader found stated in the source stays there, unless `overwrite`;
    the columns of the document are always of what the text itself says. Long segments are judged by
    windows of 128 bytes from beginning to end, short ones by what is around them as well.
    The fast mode looks at the document as a whole, in up to 32 windows of 384 bytes, and leaves
    segments as they are.

    Attributes:
        mode: ``accurate`` (139 languages by n-grams of bytes, with a second opinion where these are
            in doubt) or ``fast`` (Compact Language Detector 2 alone, 172 languages, less memory).
        expected: languages that the deposit is known to be in: they are taken to be ten times as
            likely as others, before anything is read. Others are still found. The fast mode has
            no use for it.
        min_score: below it the language is ``und``. Two neighbors that can hardly be told apart
            in a short text have less than 0.5 each.
        overwrite: write what was found over what the source states of a segment.
    """

    mode: str = "accurate"
    expected: tuple[str, ...] = ()
    min_score: float = 0.25
    overwrite: bool = False

    version: ClassVar[int] = 2
    requires = frozenset({"segments"})
    provides = frozenset({"segments", "language", "language_score", "languages", "script"})

    def __post_init__(self) -> None:
        if self.mode not in ("accurate", "fast"):
            raise InvalidParameter(self, "mode", "'accurate' or 'fast'", self.mode)
        _check_score(self, self.min_score)
        check_tags(self, "expected", self.expected, frozenset())
        object.__setattr__(self, "expected", tuple(self.expected))

    @property
    def preload(self) -> tuple[str, ...]:
        """What workers share: the model, of 70 MB."""
        accurate = (
            "datapartnerships._backends.py3langid:model",
            "datapartnerships.kernels.scripts",
        )
        return accurate if self.mode == "accurate" else ("datapartnerships._backends.pycld2",)

    def __call__(self, batch: pa.Table) -> pa.Table:
        from datapartnerships.transforms._language import accurate, fast

        offsets, segments = flat(batch)
        edges = np.asarray(offsets)
        texts = segments.field("text")
        found = []
        for first in range(0, max(batch.num_rows, 1), _ROWS):
            some = edges[first : first + _ROWS + 1]
            part = texts.slice(some[0], some[-1] - some[0])
            owners = parents(pa.array(some))
            if self.mode == "fast":
                found.append(fast(part, owners, len(some) - 1, self.min_score))
            else:
                found.append(accurate(part, owners, len(some) - 1, self.expected, self.min_score))
        columns = {name: pa.concat_arrays([item[name] for item in found]) for name in found[0]}
        own = columns.pop("segments", None)
        if own is not None:
            stated = segments.field("language")
            said = own if self.overwrite else pc.coalesce(stated, own)
            batch = with_segments_field(batch, "language", said)
        for name, values in columns.items():
            batch = set_column(batch, name, values)
        return batch


@dataclass(frozen=True, kw_only=True)
class FilterLanguage:
    """Reject documents in other languages than these, by the columns of `IdentifyLanguage`.

    Attributes:
        keep: the languages that stay; ``und`` among them keeps documents that are in doubt.
        min_score: a document of these with a smaller `language_score` is rejected; not of ``und``.
    """

    keep: tuple[str, ...]
    min_score: float = 0.0

    version: ClassVar[int] = 1
    requires = frozenset({"language", "language_score", "drop_reason"})
    provides = frozenset({"drop_reason"})

    def __post_init__(self) -> None:
        check_tags(self, "keep", self.keep, frozenset({"und"}))
        if not self.keep:
            raise InvalidParameter(self, "keep", "one language or more", self.keep)
        object.__setattr__(self, "keep", tuple(self.keep))
        _check_score(self, self.min_score)

    def __call__(self, batch: pa.Table) -> pa.Table:
        name = type(self).__name__
        language = whole(batch["language"])
        kept = pc.is_in(language, pa.array(self.keep))
        none = pc.is_null(language)
        batch = reject(batch, none, f"{name}: no text")
        reason = pc.binary_join_element_wise(f"{name}: language", language, " ")
        old = reasons(batch)
        hit = pc.and_(pc.invert(kept), pc.is_null(old))
        batch = set_column(batch, "drop_reason", pc.if_else(hit, reason, old))
        unsure = pc.and_(
            pc.less(whole(batch["language_score"]), self.min_score), pc.not_equal(language, "und")
        )
        return reject(batch, unsure, f"{name}: score below {self.min_score}")


def _check_score(owner: object, score: object) -> None:
    if not isinstance(score, int | float) or not 0 <= score <= 1:
        raise InvalidParameter(owner, "min_score", "a number, 0 to 1", score)

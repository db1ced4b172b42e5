"""How good a text is by the rules of the field, and which documents fail them."""

from __future__ import annotations

import re
from dataclasses import dataclass, fields
from typing import Any, ClassVar

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from datapartnerships.errors import InvalidParameter
from datapartnerships.kernels.quality import MEASURES, PUBLISHED_STOP_WORDS, Settings, measures
from datapartnerships.kernels.repetition import DUPLICATE, TOP
from datapartnerships.kernels.segments import (
    flat,
    join_text,
    parents,
    reasons,
    set_column,
    whole,
)

QUALITY = pa.struct([(name, pa.float64()) for name in MEASURES])
_GRAMS = {"max_top_grams": TOP, "max_duplicate_grams": DUPLICATE}
_SETTINGS = tuple(Settings._fields)


@dataclass(frozen=True, kw_only=True)
class FilterQuality:
    """Measure how good a text is; name the rules that it fails; reject it for them where asked.

    Adds `quality`, a struct of every measure whatever the thresholds (null where it cannot be
    told), and `quality_failed`, the names of the rules that the document fails, in the order of the
    attributes below. With `reject`, the first of them is the drop reason, with what was measured
    and the threshold. A threshold of None is off, and all are by default: see `gopher`, `c4`,
    `fineweb`, `prose` and `conversation`. A rule whose measure is null abstains: stop words in a
    language without a list, or where the language is unknown.

    The text is that of all segments with blank lines between. The language is that of the column
    ``language`` where the batch has one. Words are those of `kernels.words`; where spaces part no
    words, two letters count as one. What is counted how, and why: docs/explanation/quality.md.

    Attributes:
        min_words: Gopher: 50 (Rae et al. 2021, A.1.1; so all down to `max_duplicate_grams`).
        max_words: Gopher: 100,000. Books are longer: `prose` has none.
        min_mean_word_length: characters; Gopher: 3.
        max_mean_word_length: Gopher: 10.
        max_hash_ratio: of "#" to words; Gopher: 0.1.
        max_ellipsis_ratio: of "..." and "…" to words; Gopher: 0.1.
        max_bullet_lines: share of lines that begin with "•" or "-"; Gopher: 0.9.
        max_ellipsis_lines: share of lines that end with an ellipsis; Gopher: 0.3.
        min_lettered_words: share of words with a letter; Gopher: 0.8.
        min_stop_words: different function words of the language; Gopher: 2, of eight English ones.
        max_duplicate_paragraphs: share of paragraphs that were there before; Gopher: 0.3.
        max_duplicate_paragraph_characters: their share of the characters; Gopher: 0.2.
        max_duplicate_lines: as of paragraphs; Gopher: 0.3.
        max_duplicate_line_characters: Gopher: 0.2.
        max_top_grams: share of characters of the most frequent run of 2, 3 and 4 words; Gopher:
            0.2, 0.18, 0.16.
        max_duplicate_grams: of runs of 5 to 10 words that were there before; Gopher: 0.15, 0.14,
            0.13, 0.12, 0.11, 0.1.
        min_line_ends: share of lines that end as a sentence does; FineWeb: 0.12 (Penedo et al.
            2024, section 3.6).
        max_short_lines: share of lines of at most `short_line` characters; FineWeb: 0.67.
        max_repeated_line_characters: share of characters in lines that were there before; FineWeb:
            0.1 in the paper, 0.01 in the code that made it, which `fineweb` follows.
        max_newline_ratio: of line breaks to words; 0.3 in FineWeb's code, not in the paper.
        max_lorem_ipsum: 0 fails a text with a sentence that says so; C4 (Raffel et al. 2020, 2.2).
        max_curly_bracket: 0 fails a text with a curly bracket in a sentence; C4.
        min_sentences: in lines that C4 keeps; C4: 5.
        min_prose_share: share of characters in passages of prose. Ours, as all below.
        min_dialogue_share: in passages of prose that a quotation mark or a dash opens, or in
            segments that are turns or utterances, whichever is more.
        min_long_form_characters: in paragraphs with `long_paragraph` characters of prose.
        max_template_share: in lines that, digits aside, are in the document more than once.
        reject: reject what fails a rule.
        language: of documents that have none of their own, ISO 639-1; None: unknown.
        as_published: count as the papers' code does, whatever the script: see the docs.
        line_ends: characters that end a sentence, for `min_line_ends`.
        short_line: characters; FineWeb: 30.
        long_paragraph: characters; 300 are about 50 words of English.
        min_line_words: of a line that C4 keeps; C4: 3.
        max_line_word: letters of a word in it; C4's code: 1,000.
        stop_words: instead of those of each document's language.
    """

    min_words: float | None = None
    max_words: float | None = None
    min_mean_word_length: float | None = None
    max_mean_word_length: float | None = None
    max_hash_ratio: float | None = None
    max_ellipsis_ratio: float | None = None
    max_bullet_lines: float | None = None
    max_ellipsis_lines: float | None = None
    min_lettered_words: float | None = None
    min_stop_words: float | None = None
    max_duplicate_paragraphs: float | None = None
    max_duplicate_paragraph_characters: float | None = None
    max_duplicate_lines: float | None = None
    max_duplicate_line_characters: float | None = None
    max_top_grams: tuple[float, ...] | None = None
    max_duplicate_grams: tuple[float, ...] | None = None
    min_line_ends: float | None = None
    max_short_lines: float | None = None
    max_repeated_line_characters: float | None = None
    max_newline_ratio: float | None = None
    max_lorem_ipsum: float | None = None
    max_curly_bracket: float | None = None
    min_sentences: float | None = None
    min_prose_share: float | None = None
    min_dialogue_share: float | None = None
    min_long_form_characters: float | None = None
    max_template_share: float | None = None
    reject: bool = False
    language: str | None = None
    as_published: bool = False
    line_ends: str = Settings().line_ends
    short_line: int = 30
    long_paragraph: int = 300
    min_line_words: int = 3
    max_line_word: int = 1000
    stop_words: tuple[str, ...] | None = None

    version: ClassVar[int] = 1
    requires = frozenset({"segments", "drop_reason"})
    provides = frozenset({"drop_reason", "quality", "quality_failed"})

    def __post_init__(self) -> None:
        for name in ("max_top_grams", "max_duplicate_grams", "stop_words"):
            value = getattr(self, name)
            if value is not None and not isinstance(value, list | tuple):
                raise InvalidParameter(self, name, "None or a list", value)
            if value is not None:
                object.__setattr__(self, name, tuple(value))
        for name, lengths in _GRAMS.items():
            value = getattr(self, name)
            if value is not None and len(value) != len(lengths):
                wanted = f"None or {len(lengths)} numbers, for runs of {lengths} words"
                raise InvalidParameter(self, name, wanted, value)
        for name in _thresholds():
            value = getattr(self, name)
            for number in value if name in _GRAMS and value is not None else (value,):
                _check(self, name, number)
        for name in ("short_line", "long_paragraph", "min_line_words", "max_line_word"):
            value = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, int) or value < 0:
                raise InvalidParameter(self, name, "an int >= 0", value)
        for name in ("reject", "as_published"):
            if not isinstance(getattr(self, name), bool):
                raise InvalidParameter(self, name, "True or False", getattr(self, name))
        if self.reject and all(getattr(self, name) is None for name in _thresholds()):
            raise InvalidParameter(self, "reject", "False where no threshold is set", True)
        # A name such as "icelandic" has no list, and the rule would abstain without a word.
        if self.language is not None and not re.fullmatch(r"[a-z]{2,3}(-\w+)*", str(self.language)):
            raise InvalidParameter(self, "language", 'None or a code such as "is"', self.language)
        if self.stop_words is not None and not 0 < len(self.stop_words) <= 64:
            raise InvalidParameter(self, "stop_words", "None or 1 to 64 words", self.stop_words)

    @classmethod
    def gopher(cls, **changes: Any) -> FilterQuality:
        """Gopher's quality and repetition rules (Rae et al. 2021, A.1.1 and table A1)."""
        published = changes.get("as_published") and {"stop_words": PUBLISHED_STOP_WORDS}
        return cls(**{**_QUALITY, **_REPETITION, **(published or {}), **changes})

    @classmethod
    def fineweb(cls, **changes: Any) -> FilterQuality:
        """FineWeb's own rules (Penedo et al. 2024, section 3.6), which come after Gopher's."""
        return cls(**{**_FINEWEB, **changes})

    @classmethod
    def c4(cls, **changes: Any) -> FilterQuality:
        """C4's rules for documents (Raffel et al. 2020, section 2.2); no line is taken out."""
        return cls(**{**_C4, **changes})

    @classmethod
    def prose(cls, **changes: Any) -> FilterQuality:
        """Long-form writing: books, articles, laws; Gopher's rules without an upper length."""
        return cls(**{**_QUALITY, **_REPETITION, **_PROSE, **changes})

    @classmethod
    def conversation(cls, **changes: Any) -> FilterQuality:
        """Dialogue, chats, interviews: short lines and repeated short answers are as they are."""
        return cls(**{**_QUALITY, **_REPETITION, **_CONVERSATION, **changes})

    def __call__(self, batch: pa.Table) -> pa.Table:
        settings = Settings(**{name: getattr(self, name) for name in _SETTINGS})
        texts = join_text(batch)
        found = measures(texts, self._languages(batch), settings)
        spoken = _spoken(batch)
        found["dialogue_share"] = np.fmax(found["dialogue_share"], spoken)
        columns = [pa.array(found[name], mask=np.isnan(found[name])) for name in MEASURES]
        failed, first = self.judge(found)
        out = set_column(
            batch, "quality", pa.StructArray.from_arrays(columns, fields=list(QUALITY))
        )
        out = set_column(out, "quality_failed", failed)
        if not self.reject:
            return out
        old = reasons(batch)
        return set_column(out, "drop_reason", pc.coalesce(old, first))

    def judge(self, found: Any) -> tuple[pa.ListArray, pa.Array]:
        """The rules that each document fails, and the first of them as a drop reason.

        Args:
            found: documents that were measured: a table or a `datasets.Dataset` with the column
                `quality`; or what `kernels.quality.measures` gives.
        """
        columns = sorted(found if isinstance(found, dict) else found.column_names)
        if not {"quality", "line_ends"} & {*columns}:
            what = "measured documents, with the column 'quality' (of several splits, one)"
            raise InvalidParameter(self, "found", what, columns)
        if not isinstance(found, dict):
            table = found if isinstance(found, pa.Table) else found.with_format("arrow")[:]
            measured = whole(table["quality"])
            found = {
                field.name: measured.field(i).to_numpy(zero_copy_only=False)
                for i, field in enumerate(measured.type)
            }
        # What has no visible character fails every rule at once.
        rules = self._rules()
        empty = np.isnan(found["line_ends"]) & bool(rules)
        masks = [empty]
        for _, measure, low, threshold in rules:
            value = found[measure]
            masks.append(((value < threshold) if low else (value > threshold)) & ~empty)
        table = np.array(masks)
        names = np.array(["empty", *(rule[0] for rule in rules)], object)
        document, rule = np.nonzero(table.T)
        counts = np.bincount(document, minlength=len(empty))
        offsets = np.concatenate([[0], np.cumsum(counts)]).astype(np.int32)
        failed = pa.ListArray.from_arrays(
            pa.array(offsets), pa.array(names[rule].tolist(), pa.string())
        )
        texts: list[str | None] = [None] * len(empty)
        for index in np.flatnonzero(counts):
            which = rule[offsets[index]]
            detail = ""
            if which:
                _, measure, _, threshold = rules[which - 1]
                detail = f" ({found[measure][index]:.4g}; {threshold:.6g})"
            texts[index] = f"{type(self).__name__}: {names[which]}{detail}"
        return failed, pa.array(texts, pa.string())

    def _rules(self) -> list[tuple[str, str, bool, float]]:
        """Name, measure, whether it is a lower bound, and threshold of each rule that is on."""
        found = []
        for field in _thresholds():
            value = getattr(self, field)
            side, _, measure = field.partition("_")
            if value is None:
                continue
            if field in _GRAMS:
                shape = "top_{}_gram" if field == "max_top_grams" else "duplicate_{}_grams"
                names = [shape.format(n) for n in _GRAMS[field]]
                found += [(f"max_{n}", n, False, v) for n, v in zip(names, value, strict=True)]
            else:
                found.append((field, measure, side == "min", value))
        return found

    def _languages(self, batch: pa.Table) -> pa.Array:
        if "language" not in batch.column_names:
            return pa.array([self.language] * batch.num_rows, pa.string())
        return pc.fill_null(whole(batch["language"]).cast(pa.string()), self.language)


def _thresholds() -> list[str]:
    names = [item.name for item in fields(FilterQuality)]
    return [name for name in names if name[:4] in ("min_", "max_") and name not in _SETTINGS]


# Every other threshold is a share.
_COUNTS = frozenset({
    "min_words", "max_words", "min_mean_word_length", "max_mean_word_length", "max_hash_ratio",
    "max_ellipsis_ratio", "min_stop_words", "max_newline_ratio", "max_lorem_ipsum",
    "max_curly_bracket", "min_sentences", "min_long_form_characters",
})  # fmt: skip


def _check(step: FilterQuality, name: str, value: object) -> None:
    most = float("inf") if name in _COUNTS else 1.0
    number = isinstance(value, int | float) and not isinstance(value, bool)
    if value is not None and not (number and 0 <= value <= most):  # type: ignore[operator]
        rule = "None or a number >= 0" if name in _COUNTS else "None or a share, 0 to 1"
        raise InvalidParameter(step, name, rule, value)


def _spoken(batch: pa.Table) -> Any:
    """Share of the characters of each document in turns and utterances."""
    offsets, structs = flat(batch)
    row = parents(offsets)
    size = np.asarray(pc.fill_null(pc.utf8_length(structs.field("text")), 0))
    said = pc.is_in(structs.field("kind"), pa.array(["turn", "utterance"]))
    part = np.bincount(row, weights=size * np.asarray(said), minlength=batch.num_rows)
    total = np.bincount(row, weights=size, minlength=batch.num_rows)
    return np.divide(part, total, out=np.full(len(part), np.nan), where=total > 0)


_QUALITY = {
    "min_words": 50, "max_words": 100_000, "min_mean_word_length": 3, "max_mean_word_length": 10,
    "max_hash_ratio": 0.1, "max_ellipsis_ratio": 0.1, "max_bullet_lines": 0.9,
    "max_ellipsis_lines": 0.3, "min_lettered_words": 0.8, "min_stop_words": 2,
}  # fmt: skip
_REPETITION = {
    "max_duplicate_paragraphs": 0.3, "max_duplicate_paragraph_characters": 0.2,
    "max_duplicate_lines": 0.3, "max_duplicate_line_characters": 0.2,
    "max_top_grams": (0.2, 0.18, 0.16),
    "max_duplicate_grams": (0.15, 0.14, 0.13, 0.12, 0.11, 0.1),
}  # fmt: skip
_FINEWEB = {
    "min_line_ends": 0.12, "max_short_lines": 0.67, "max_repeated_line_characters": 0.01,
    "max_newline_ratio": 0.3,
}  # fmt: skip
_C4 = {"max_lorem_ipsum": 0, "max_curly_bracket": 0, "min_sentences": 5}
_PROSE = {
    "max_words": None, "max_lorem_ipsum": 0, "min_sentences": 5, "min_prose_share": 0.4,
    # Twice Gopher's: laws and manuals repeat their formulas, and loops are far above.
    "max_duplicate_grams": (0.3, 0.28, 0.26, 0.24, 0.22, 0.2),
    "max_template_share": 0.5,
}  # fmt: skip
_CONVERSATION = {
    "min_words": 20, "max_words": None, "max_duplicate_lines": None,
    "max_duplicate_line_characters": 0.3, "max_duplicate_paragraphs": None,
    "max_duplicate_paragraph_characters": 0.3, "min_dialogue_share": 0.2,
    "max_bullet_lines": None, "max_lorem_ipsum": 0,
}  # fmt: skip

"""A sample of what went out, on a page where a person ticks what was missed; and what it proves.

No estimate replaces this. Whoever reads k passages and finds nothing knows that, with 95 %, at most
about 3 in k passages hold something.
"""

from __future__ import annotations

import json
import math
import os
import random
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from datapartnerships._report.sheet import Passage, Sheet, page
from datapartnerships._report.words import counted
from datapartnerships.errors import ConfigurationError, InvalidParameter, UnknownName
from datapartnerships.kernels.binomial import upper_bound
from datapartnerships.kernels.segments import join_text
from datapartnerships.residual import tables
from datapartnerships.schema import digest

FORMAT = "datapartnerships audit 1"
BY = ("language", "kind", "source")
Numbers = npt.NDArray[np.int64]
STATES = ("unread", "clean", "missed")
# How far before a cut a space is looked for, and how much is shown beside a passage, in characters.
_NEAR, _BESIDE = 200, 60
# Where words have no spaces between them, characters stand for them.
_WORD = r"[\p{Han}\p{Hiragana}\p{Katakana}]|[^\s\p{Han}\p{Hiragana}\p{Katakana}]+"


@dataclass(frozen=True)
class Reading:
    """A passage, and what its reader said.

    Attributes:
        id: of the document.
        start: its first character in the text of the document.
        end: the one after its last.
        words: how many it has.
        group: language and kind, as the sample was drawn by.
        state: ``unread``, ``clean`` or ``missed``.
        misses: how many things were missed in it.
        marks: start and end of what was marked, in the text of the document.
    """

    id: str
    start: int
    end: int
    words: int
    group: str
    state: str
    misses: int
    marks: tuple[tuple[int, int], ...]


@dataclass(frozen=True)
class Audit:
    """What somebody found who read an audit sheet.

    The bounds are one-sided, at 95 %, exact (Clopper and Pearson), and hold for what that person
    can see. They take the passages read for a random sample: a sheet is read to its end, or in its
    order up to a place that was fixed before. The bound per 1,000 words also takes misses as
    independent of each other; where many stand in one document it is too low.

    Attributes:
        sheet: digest of the sample.
        reader: who read it, as they said.
        date: when, ISO 8601.
        population: passages in the dataset, by group.
        passages: those of the sample, in the order of the sheet.
    """

    sheet: str
    reader: str
    date: str
    population: dict[str, int]
    passages: tuple[Reading, ...]

    @property
    def read(self) -> int:
        """Passages that were read."""
        return len(self._read())

    @property
    def missed(self) -> int:
        """Passages read in which something was missed."""
        return sum(item.state == "missed" for item in self.passages)

    @property
    def misses(self) -> int:
        return sum(item.misses for item in self._read())

    @property
    def words(self) -> int:
        """Words of the passages that were read."""
        return sum(item.words for item in self._read())

    @property
    def skipped(self) -> int:
        """Passages left out before the last one that was read."""
        states = [item.state for item in self.passages]
        last = max((i for i, state in enumerate(states) if state != "unread"), default=0)
        return states[:last].count("unread")

    @property
    def share_high(self) -> float:
        """No more than this share of passages hold a miss; 1 where nothing was read."""
        return upper_bound(self.missed, self.read) if self.read else 1.0

    @property
    def per_thousand_high(self) -> float:
        """No more misses than this in 1,000 words; 1,000 where nothing was read."""
        hits = min(self.misses, self.words)
        return 1000 * upper_bound(hits, self.words) if self.words else 1000.0

    def groups(self) -> list[tuple[str, int, int, int]]:
        """Of each group: its name, passages in the dataset, read, and with a miss."""
        read = Counter(item.group for item in self._read())
        missed = Counter(item.group for item in self._read() if item.state == "missed")
        return [(n, size, read[n], missed[n]) for n, size in self.population.items()]

    def _read(self) -> list[Reading]:
        return [item for item in self.passages if item.state != "unread"]

    def __str__(self) -> str:
        by = f" by {self.reader}" if self.reader else ""
        text = (
            f"{self.read:,} of {sum(self.population.values()):,} passages were read{by} on "
            f"{self.date}: {self.missed:,} with a miss, {self.misses:,} "
            f"{'miss' if self.misses == 1 else 'misses'} in {counted(self.words, 'word')}. "
            f"With 95%, at most {_up(100 * self.share_high)}% of passages hold one, and there are "
            f"at most {_up(self.per_thousand_high)} in 1,000 words."
        )
        if self.skipped:
            text += (
                f" {counted(self.skipped, 'passage')} left out in between: this only holds if not "
                "for what stands in them."
            )
        return text


def _up(value: float) -> str:
    """With one decimal, never less than it is."""
    return f"{math.ceil(10 * value - 1e-9) / 10:.1f}"


def audit_sheet(
    source: Any,
    path: str | os.PathLike[str] = "audit.html",
    *,
    k: int = 60,
    seed: int = 0,
    by: Sequence[str] = ("language", "kind"),
    max_characters: int | None = 2000,
    title: str = "",
    note: str = "",
) -> str:
    """Write a page with a sample to read, and give its path.

    Every passage of the dataset has the same chance to be in it, and every group as many as its
    share, to within one. The page loads nothing and sends nothing. It holds text of the dataset:
    it belongs with the partner. What the reader saves from it holds none, and goes to `read_audit`.

    Args:
        source: a release, its dataset, or a table.
        path: where the page is written.
        k: how many passages. 60 without a miss leave 4.9 % of passages, 300 leave 1 %.
        seed: another one draws another sample.
        by: what the groups are: any of ``language``, ``kind`` and ``source``.
        max_characters: documents are cut, at a space, into passages of about as many characters;
            None for whole documents.
        title: what is read, for the head of the page.
        note: what the reader should know: what counts as a miss, what may stay.

    Raises
    ------
    ConfigurationError
        A value that cannot be, or a dataset without text.
    """
    if type(k) is not int or k < 1:
        raise InvalidParameter("audit_sheet", "k", "an int >= 1", k)
    if max_characters is not None and (type(max_characters) is not int or max_characters < 1):
        rule = "an int >= 1, or None"
        raise InvalidParameter("audit_sheet", "max_characters", rule, max_characters)
    if isinstance(by, str) or not isinstance(by, Iterable):
        raise InvalidParameter("audit_sheet", "by", f"any of {', '.join(BY)}", by)
    for name in by:
        if name not in BY:
            raise UnknownName("group", str(name), BY, where="audit_sheet.by")
    table = _texts(source, tuple(by))
    lengths = np.asarray(pc.fill_null(pc.utf8_length(table["text"]), 0)).astype(np.int64)
    counts = (lengths > 0).astype(np.int64)
    if max_characters:
        counts = -(-lengths // max_characters)
    if not counts.sum():
        raise ConfigurationError("There is no text to read in this dataset.")
    names, groups = np.unique(np.asarray(table["group"], object), return_inverse=True)
    population = np.bincount(groups, weights=counts).astype(np.int64).tolist()
    pick = random.Random(seed)
    drawn = _draw(groups, counts, population, min(k, int(counts.sum())), pick)
    pick.shuffle(drawn)
    passages = tuple(_passage(table, row, part, max_characters) for row, part in drawn)
    sizes = {str(name): n for name, n in zip(names, population, strict=True) if n}
    sheet = Sheet(_digest(passages), FORMAT, title, note, sizes, passages)
    Path(path).write_text(page(sheet), encoding="utf-8", newline="")
    return os.fspath(path)


def _texts(source: Any, by: tuple[str, ...]) -> pa.Table:
    """Columns id, text and group of every document."""
    parts = []
    for table in tables(source, ("id", "text", "segments", *by)):
        missing = {"id", *by} - set(table.column_names) - {"language"}
        if missing:
            raise ConfigurationError(f"The dataset has no column {sorted(missing)[0]!r}.")
        if "text" in table.column_names:
            text = table["text"]
        else:
            text = join_text(table)
        group: Any = pa.repeat("", table.num_rows)
        for name in by:
            known = name in table.column_names
            value = table[name].cast(pa.string()) if known else pa.repeat("", table.num_rows)
            value = pc.if_else(pc.equal(pc.fill_null(value, ""), ""), "unknown", value)
            group = pc.binary_join_element_wise(group, value, " ")
        columns = {"id": table["id"], "text": text, "group": pc.utf8_trim(group, " ")}
        parts.append(pa.table(columns))
    # In chunks as they come: together the texts may be more than one array of strings holds.
    return pa.concat_tables(parts)


def _draw(
    groups: Numbers, counts: Numbers, population: list[int], k: int, pick: random.Random
) -> list[tuple[int, int]]:
    """`k` of the passages, as document and number in it.

    How many of each group comes from points at equal distances over all groups in a row, from a
    random start: every passage has the same chance, and no group more than one too few or many.
    """
    step = sum(population) / k
    start = pick.random() * step
    points = np.array([start + i * step for i in range(k)])
    drawn, edge = [], 0
    for group, size in enumerate(population):
        rows = np.flatnonzero(groups == group)
        ends = np.cumsum(counts[rows])
        wanted = int(((points >= edge) & (points < edge + size)).sum())
        edge += size
        for number in pick.sample(range(size), min(wanted, size)):
            at = int(np.searchsorted(ends, number, side="right"))
            drawn.append((int(rows[at]), number - int(ends[at] - counts[rows[at]])))
    return drawn


def _passage(table: pa.Table, row: int, part: int, size: int | None) -> Passage:
    text = table["text"][row].as_py()
    start, end = 0, len(text)
    if size:
        start, end = _cut(text, part * size), _cut(text, (part + 1) * size)
    said = text[start:end]
    words = pc.count_substring_regex(pa.array([said]), _WORD)[0].as_py()
    before = text[_cut(text, max(0, start - _BESIDE)) : start]
    after = text[end : _cut(text, end + _BESIDE)]
    name = (table["id"][row].as_py(), start, end, words, table["group"][row].as_py())
    return Passage(*name, said, before, after)


def _cut(text: str, at: int) -> int:
    """Behind the last space before `at`, if there is one near; so that passages leave no gap."""
    if at <= 0 or at >= len(text):
        return min(max(at, 0), len(text))
    for place in range(at, max(0, at - _NEAR), -1):
        if text[place - 1].isspace():
            return place
    return at


def _digest(passages: Iterable[Passage | Reading]) -> str:
    return digest([[p.id, p.start, p.end, p.words, p.group] for p in passages])


def read_audit(source: str | os.PathLike[str]) -> Audit:
    """What a reader saved from an audit sheet: the path of the file, or the JSON itself.

    Raises
    ------
    ConfigurationError
        It is none, or its sample was changed.
    """
    inline = isinstance(source, str) and source.lstrip().startswith("{")
    where = "This" if inline else os.fspath(source)
    try:
        text = str(source) if inline else Path(source).read_text(encoding="utf-8")
        raw = json.loads(text)
        if raw["format"] != FORMAT:
            raise ValueError(f"the format {raw['format']!r} is not {FORMAT!r}")
        passages = tuple(_reading(item) for item in raw["passages"])
        if raw["sheet"] != _digest(passages):
            raise ValueError("its passages are not those of its sheet")
        population = {str(name): _whole(size) for name, size in raw["population"].items()}
        audit = Audit(raw["sheet"], str(raw["reader"]), str(raw["date"]), population, passages)
        if len(passages) > sum(population.values()):
            raise ValueError("it has more passages than the dataset")
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        why = f"it has no {error}" if isinstance(error, KeyError) else error
        raise ConfigurationError(f"{where} is no result of an audit sheet: {why}.") from error
    except OSError as error:
        raise ConfigurationError(f"{where} cannot be read: {error.strerror}.") from error
    return audit


def _reading(raw: dict[str, Any]) -> Reading:
    start, end = _whole(raw["start"]), _whole(raw["end"])
    marks = tuple((_whole(a), _whole(b)) for a, b in raw["marks"])
    misses, state = _whole(raw["misses"]), raw["state"]
    if state not in STATES or (misses > 0) != (state == "missed"):
        raise ValueError(f"a passage is {state!r} with {misses} misses")
    if not all(start <= a < b <= end for a, b in marks):
        raise ValueError("a mark lies outside of its passage")
    words = _whole(raw["words"])
    return Reading(str(raw["id"]), start, end, words, str(raw["group"]), state, misses, marks)


def _whole(value: Any) -> int:
    if type(value) is not int or value < 0:
        raise ValueError(f"{value!r} is no count")
    return value

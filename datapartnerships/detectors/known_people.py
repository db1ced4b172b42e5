"""People of a list that the partner hands over."""

from __future__ import annotations

from bisect import bisect
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import pyarrow as pa

from datapartnerships._given_files import content_id
from datapartnerships.config import location, secret
from datapartnerships.detectors._spans import as_table
from datapartnerships.errors import InvalidParameter
from datapartnerships.schema import digest

if TYPE_CHECKING:
    from datapartnerships.detectors._name_view import View
    from datapartnerships.detectors._people import People
    from datapartnerships.detectors._scan import Hit

# Words of a name that may stand between two that are known.
_APART = 3


@dataclass(frozen=True, kw_only=True)
class KnownPeople:
    """Finds the people of a list, however they are written.

    A name is found in any letter case, with or without accents, in the cases of a grammar (by the
    endings of Icelandic, Faroese, Slavic, Baltic and Finnic languages, Hungarian, Greek, German and
    Korean) and with possessives; as "Anna B. Jónsdóttir", "A. Jónsdóttir" and "Jónsdóttir, Anna";
    broken at the end of a line; and with letters that recognition takes for each other (0 and O; 1,
    l and I; rn and m; cl and d). A family or given name by itself is found behind a title (Mr,
    Frau, pan); elsewhere `PropagateNames` finds it, in documents that hold the whole name.
    Identifiers are found with any separators, birth dates in figures.

    The list is in no recipe, `repr` or log: a recipe names `path`, and without one it is refused
    until somebody hands the people over again. What is in the list is part of the fingerprint of
    a run, as a digest.

    Attributes:
        people: names, or mappings with ``name`` (or ``given`` and ``family``), ``aliases``,
            ``born`` (YYYY-MM-DD) and ``identifiers``.
        path: a file of them, read when it is needed: a name on each line, or a table (CSV, with
            commas, semicolons or tabs) with these words as headings, where ``;`` or ``|`` stands
            between several aliases or identifiers. A path or fsspec URL.
        label: of the names; identifiers are ``RECORD_ID``, birth dates ``BIRTH_DATE``.
        alone: find each word of a name with a capital letter wherever it stands alone.

    Scores: 0.95 for a whole name as it is in the list, 0.86 for a form of it, 0.76 with misread
    letters, 0.8 with initials, 0.7 in small letters or behind a title, 0.4 alone; 0.9 for numbers.

    Examples:
        >>> found = KnownPeople(people=("Anna Jónsdóttir",))(pa.array(["Bréf til Önnu Jónsdóttur"]))
        >>> [(s["start"], s["end"], s["label"]) for s in found.to_pylist()]
        [(9, 24, 'PERSON')]
    """

    people: tuple[Any, ...] = secret(())
    path: str | None = location(None)
    label: str = "PERSON"
    alone: bool = False

    version: ClassVar[int] = 1
    # It finds what is in the list, in every language, and nothing else.
    listed_only: ClassVar[bool] = True
    preload: ClassVar[tuple[str, ...]] = ("datapartnerships.detectors._people",)

    def __post_init__(self) -> None:
        rule = "names, or mappings of name, given, family, aliases, born and identifiers"
        given: Any = self.people
        if isinstance(given, str | Mapping) or not hasattr(given, "__iter__"):
            raise InvalidParameter(self, "people", rule, type(given).__name__)
        plain = []
        for one in given:
            if not isinstance(one, str | Mapping | tuple):
                raise InvalidParameter(self, "people", rule, type(one).__name__)
            plain.append(_frozen(one))
        object.__setattr__(self, "people", tuple(plain))
        if not self.people and not self.path:
            raise InvalidParameter(self, "people", "at least one person, or a path", ())
        if not self.label or not self.label.isupper():
            raise InvalidParameter(self, "label", "a label such as 'PERSON'", self.label)
        if self.people:
            from datapartnerships.detectors._people import person_of

            for i, one in enumerate(self.people):
                person_of(one, f"KnownPeople.people[{i}]")

    @property
    def labels(self) -> frozenset[str]:
        """The labels it can give."""
        return frozenset({self.label, "RECORD_ID", "BIRTH_DATE"})

    @property
    def content_id(self) -> str:
        """A digest of the list."""
        return digest([self.people, content_id([self.path]) if self.path else ""])

    def covers(self, _language: str) -> Mapping[str, str]:
        """How each label is found in texts of a language: the same in all."""
        numbers = dict.fromkeys(("RECORD_ID", "BIRTH_DATE"), "the list, with any separators")
        return {self.label: "the list, with endings, initials and misread letters", **numbers}

    def __call__(self, texts: pa.Array) -> pa.Table:
        """Spans of a batch of texts, with the columns of `SPANS`, sorted by text and start."""
        from datapartnerships.detectors._name_view import View
        from datapartnerships.detectors._people import people_of
        from datapartnerships.detectors._scan import Column
        from datapartnerships.kernels.words import pieces

        column = Column(texts)
        people = people_of(self.people, self.path)
        hits: list[Hit] = []
        for at, piece in pieces(texts):
            view = View(piece)
            found = [*self._names(view, people), *_numbers(view, people)]
            base = int(column.bounds[at])
            hits += [h._replace(start=h.start + base, end=h.end + base) for h in found]
        return as_table(column, sorted(_surest(hits)), "KnownPeople")

    def _names(self, view: View, people: People) -> Iterator[Hit]:
        from datapartnerships.detectors._name_view import BESIDE_TITLE, edges_of, person_at
        from datapartnerships.detectors._people import bits, pair
        from datapartnerships.detectors._scan import Hit

        if not len(view.keys):
            return
        known = people.words[bits(view.keys)]
        # In small letters, among capitals, only what is so in the list; initials never.
        some = np.flatnonzero(known & ~view.large & (~view.small | view.single))
        known[some] = ~view.single[some] & people.small[bits(view.hashes[some])]
        places = np.flatnonzero(known)
        for apart in range(1, _APART + 1):
            i = places[places + apart < len(known)]
            i = i[known[i + apart]]
            for step in range(apart):
                i = i[view.joins[i + step]]
            pairs = pair(view.keys[i], view.keys[i + apart])
            begin = np.searchsorted(people.pairs, pairs, "left")
            end = np.searchsorted(people.pairs, pairs, "right")
            some = np.flatnonzero(end > begin)
            for at, low, high in zip(i[some], begin[some], end[some], strict=True):
                for index in range(low, high):
                    name = people.names[people.pair_names[index]]
                    place = person_at(view, int(at), int(at + apart), name)
                    if place is not None:
                        yield Hit(*edges_of(view, place, name), self.label, place.score)
                        break
        yield from self._single(view, people, known, BESIDE_TITLE)

    def _single(self, view: View, people: People, known: Any, score: float) -> Iterator[Hit]:
        """Words of names behind a title; the only word of a name; and all of them, if wanted."""
        from datapartnerships.detectors import _name_view as shown
        from datapartnerships.detectors._endings import same
        from datapartnerships.detectors._name_parts import ORDINARY
        from datapartnerships.detectors._people import bits
        from datapartnerships.detectors._scan import Hit
        from datapartnerships.kernels.name_words import fold

        title = people.titles[bits(view.keys)]
        title[:-1] &= view.text[:-1] == view.text[1:]
        behind = np.zeros(len(known), np.bool_)
        behind[1:] = title[:-1]
        lone = people.single[bits(view.keys)]
        wanted = np.flatnonzero(known if self.alone else known & (behind | lone))
        for at in wanted.tolist():
            word = view.word(at)
            titled = bool(behind[at]) and _is_title(view, at - 1)
            for part in people.parts.get(int(view.keys[at]), ()):
                found = same(part, word, None)
                if found is None or not (titled or self.alone or part in people.singles):
                    continue
                sure = found.grade > 0.8 and not word[found.start].islower()
                if not titled and (not sure or fold(word) in ORDINARY):
                    continue
                if titled and word[found.start].islower() and not view.small[at]:
                    continue
                start = int(view.starts[at]) + len(word[: found.start].encode())
                end = int(view.ends[at]) - len(word[found.end :].encode())
                yield Hit(start, end, self.label, score if titled else shown.ALONE)
                break


def _is_title(view: View, at: int) -> bool:
    from datapartnerships.detectors._name_parts import ORDINARY, TITLES
    from datapartnerships.kernels.name_words import fold

    word = view.word(at)
    plain = word[0].isupper() or fold(word) not in ORDINARY
    return plain and fold(word) in TITLES and not view.gap(at).strip(" \t\n\u00a0.")


def _frozen(person: Any) -> Any:
    """A mapping as sorted pairs, its lists as tuples."""
    if isinstance(person, str):
        return person
    pairs = person.items() if isinstance(person, Mapping) else person
    return tuple(
        sorted((str(k), tuple(v) if isinstance(v, list | tuple) else str(v)) for k, v in pairs)
    )


def _surest(hits: list[Hit]) -> list[Hit]:
    """Of hits with one label that overlap, the surest; but none that is only a part of another."""
    kept: dict[str, list[tuple[int, int]]] = {}
    out = []
    whole: list[Hit] = []
    for hit in sorted(set(hits), key=lambda h: (h.label, h.start, -h.end, -h.score)):
        if not whole or whole[-1].label != hit.label or hit.end > whole[-1].end:
            whole.append(hit)
    for hit in sorted(whole, key=lambda h: (-h.score, h.start - h.end, h.start, h.label)):
        places = kept.setdefault(hit.label, [])
        at = bisect(places, (hit.start, hit.end))
        free = not at or places[at - 1][1] <= hit.start
        if free and (at == len(places) or hit.end <= places[at][0]):
            places.insert(at, (hit.start, hit.end))
            out.append(hit)
    return out


def _numbers(view: View, people: People) -> Iterator[Hit]:
    """Identifiers and birth dates, with any separators."""
    from datapartnerships.detectors._name_view import HEAD, matched
    from datapartnerships.detectors._scan import Hit

    if not people.numbers or not len(view.keys):
        return
    longest = max(map(len, people.numbers))
    heads = frozenset(number[:HEAD] for number in people.numbers)
    second = view.data[np.minimum(view.starts + 1, len(view.data) - 1)]
    likely = people.beginnings[view.data[view.starts], second]
    for at in np.flatnonzero(likely).tolist():
        start = int(view.starts[at])
        stop = int(view.bounds[view.text[at] + 1])
        if found := matched(view, start, stop, people.numbers, heads, longest):
            end, number = found
            yield Hit(start, end, people.numbers[number], 0.9)

"""Names that are to stay: of judges, courts, public offices, the partner itself."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, ClassVar

import numpy as np
import pyarrow as pa

from datapartnerships._given_files import content_id, stamp
from datapartnerships.config import location
from datapartnerships.errors import ConfigurationError, InvalidParameter, UnknownName
from datapartnerships.kernels.name_words import fold
from datapartnerships.transforms._spans import spans_with_rows, strings, with_spans

# What stands before the name of somebody in office, and after it.
_BEFORE: Mapping[str, str] = {
    "judge": """
    judge|justice|mr justice|mrs justice|ms justice|lord justice|lady justice|chief justice|
    associate justice|magistrate|hon'ble|hon'ble mr justice|
    richter|richterin|vorsitzender richter|vorsitzende richterin|juge|conseiller|conseillère|
    magistrat|juez|jueza|magistrado|magistrada|giudice|juiz|juíza|desembargador|desembargadora|
    dómari|héraðsdómari|landsréttardómari|hæstaréttardómari|dommer|byretsdommer|tingrettsdommer|
    lagdommer|høyesterettsdommer|domare|rådman|tingsfiskal|tuomari|käräjätuomari|sędzia|soudce|
    soudkyně|sudca|sudkyňa|судья|суддя|rechter|raadsheer|teisėjas|teisėja|tiesnesis|kohtunik|bíró
    """,
    "prosecutor": """
    prosecutor|public prosecutor|attorney general|solicitor general|staatsanwalt|staatsanwältin|
    procureur|fiscal|procurador|pubblico ministero|saksóknari|anklager|statsadvokat|åklagare|
    syyttäjä|prokurator|prokurátor|прокурор|officier van justitie
    """,
    "minister": """
    minister|prime minister|president|secretary of state|chancellor|governor|ambassador|senator|
    ministerin|bundeskanzler|bundeskanzlerin|ministre|premier ministre|président|ministro|ministra|
    presidente|presidenta|ráðherra|forsætisráðherra|forseti|statsminister|statsråd|ministeri|
    pääministeri|presidentti|premier|prezydent|ministr|министр|президент|ministras|ministrs
    """,
}
_AFTER = {"judge": r"\s*,?\s*(?:C?J|JJ|LJJ?|JA|AJ|CJI|ACJ|J\.A)\.?(?![^\W_])"}
ROLES = tuple(sorted(_BEFORE))
# Characters of a text before and after a span that are looked at.
_WINDOW = 40


@dataclass(frozen=True, kw_only=True)
class KeepSpans:
    """Take out spans whose whole value may stay: of judges, courts, public offices, the partner.

    A value is compared without letter case, accents, possessives and punctuation. A kept name that
    is only a part of a longer one is not kept: with "Iceland" on the list, "Anna Iceland" stays
    marked. Where another span covers or overlaps the place, that one stays.

    Put it before `PropagateNames`, so that nothing is looked for that may stay, and again after it.

    Attributes:
        names: values that may stay. They stand in the recipe.
        path: a text file of more, one on each line. A path or fsspec URL, read when needed. What is
            in it is part of the fingerprint of a run.
        labels: of the spans that may be taken out; all, if empty.
        roles: offices, any of ``judge``, ``minister`` and ``prosecutor``, whose holders stay: names
            (``PERSON``) behind a word for it in one of 20 languages ("Judge X", "Mr Justice X"), or
            before one ("X, J."). The same name of two words and more stays in the whole document.
    """

    names: tuple[str, ...] = ()
    path: str | None = location(None)
    labels: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()

    version: ClassVar[int] = 1
    acts_on_spans: ClassVar[bool] = True
    requires = frozenset({"segments", "metadata", "spans"})
    provides = frozenset({"spans"})

    def __post_init__(self) -> None:
        for name in ("names", "labels", "roles"):
            given: Any = getattr(self, name)
            if isinstance(given, str) or not all(isinstance(item, str) for item in given):
                raise InvalidParameter(self, name, "a list of strings", given)
            object.__setattr__(self, name, tuple(given))
        for role in self.roles:
            if role not in ROLES:
                raise UnknownName("role", role, ROLES, where="KeepSpans.roles")
        if not (self.names or self.path or self.roles):
            raise InvalidParameter(self, "names", "names, a path, or roles", ())

    @property
    def named_labels(self) -> frozenset[str]:
        """The labels that a detection before it must be able to give."""
        return frozenset(self.labels)

    @property
    def content_id(self) -> str:
        """A digest of what is in the file."""
        return content_id([self.path]) if self.path else ""

    def __call__(self, batch: pa.Table) -> pa.Table:
        spans = spans_with_rows(batch)
        if not spans.num_rows:
            return batch
        kept = _listed(self.names, self.path, stamp(self.path) if self.path else "")
        columns = ("field", "row", "segment", "start", "end", "label")
        places = list(zip(*(spans[name].to_pylist() for name in columns), strict=True))
        texts = {some.field: some for some in strings(batch)}
        firsts = {
            name: np.searchsorted(some.rows, np.arange(batch.num_rows))
            for name, some in texts.items()
        }
        stays = np.ones(len(places), np.bool_)
        values: list[str] = []
        held: dict[int, set[str]] = defaultdict(set)
        at, text = None, ""
        for i, (name, row, segment, start, end, label) in enumerate(places):
            if at != (at := (name, row, segment)):
                text = texts[name].texts[int(firsts[name][row]) + segment].as_py() or ""
            values.append(plain(text[start:end]))
            if self.labels and label not in self.labels:
                continue
            stays[i] = values[i] not in kept
            if label == "PERSON" and self._in_office(text, start, end):
                stays[i] = False
                if " " in values[i]:
                    held[row].add(values[i])
        for i, (_, row, _, _, _, label) in enumerate(places):
            if label == "PERSON" and values[i] in held.get(row, ()):
                stays[i] = self.labels != () and label not in self.labels
        return batch if stays.all() else with_spans(batch, [spans.filter(pa.array(stays))])

    def _in_office(self, text: str, start: int, end: int) -> bool:
        for role in self.roles:
            before = text[max(0, start - _WINDOW) : start]
            if _before(role).search(before) or _inside(role).match(text[start:end]):
                return True
            if role in _AFTER and re.match(_AFTER[role], text[end : end + _WINDOW]):
                return True
        return False


def plain(value: str) -> str:
    """Words of a value without case, accents, possessives and what stands between them."""
    value = re.sub(r"['’]s?(?=\W|$)", "", value)
    return " ".join(re.findall(r"\w+", fold(value)))


@lru_cache(maxsize=8)
def _listed(names: tuple[str, ...], path: str | None, _: str) -> frozenset[str]:
    import fsspec

    lines = list(names)
    if path is not None:
        try:
            with fsspec.open(path, "rb") as raw:
                lines += raw.read().decode("utf-8-sig").splitlines()
        except (OSError, UnicodeDecodeError) as error:
            raise ConfigurationError(f"KeepSpans: {path!r} cannot be read: {error}") from None
    return frozenset(value for line in lines if (value := plain(line)))


@lru_cache
def _words(role: str) -> str:
    words = [" ".join(word.split()) for word in _BEFORE[role].split("|")]
    longest = sorted(words, key=len, reverse=True)
    return "|".join(re.escape(word).replace(r"\ ", r"\.?\s+") for word in longest)


@lru_cache
def _before(role: str) -> re.Pattern[str]:
    return re.compile(rf"(?<![^\W_])(?:{_words(role)})\s+$", re.IGNORECASE)


@lru_cache
def _inside(role: str) -> re.Pattern[str]:
    return re.compile(rf"(?:{_words(role)})\s+", re.IGNORECASE)

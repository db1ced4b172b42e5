"""ELAN's .eaf: annotations of a recording in tiers that can hang on one another."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from datapartnerships.errors import DocumentError
from datapartnerships.readers import _recognized as rec
from datapartnerships.readers import _tiers
from datapartnerships.readers._base import FileReader
from datapartnerships.readers._cues import kind_of
from datapartnerships.readers._dialects import EAF
from datapartnerships.readers._languages import language_code
from datapartnerships.readers._source import Source
from datapartnerships.readers._tiers import Mark, Tier
from datapartnerships.schema import Document

_ROOTS = frozenset({"ANNOTATION_DOCUMENT"})


@dataclass(frozen=True, kw_only=True)
class ElanReader(FileReader):
    """One document an .eaf file: a segment each annotation of a tier that holds what was said.

    The speaker is the PARTICIPANT of the tier, else its name where there are several. Of tiers that
    hang on one another only one is read: the uppermost that has several words in a label. A tier
    of words below gives the `words`. The others are left out, and `metadata` names them with how
    many annotations each has. A time between two known ones that the file leaves open is put in
    evenly, as ELAN shows it, and flagged `interpolated`; an annotation of an annotation has the
    times of that. `metadata` also names the linked recording.

    Attributes:
        tiers: names of the tiers that hold what was said; empty to find them out.
    """

    tiers: tuple[str, ...] = ()

    keeps = "annotations of speech with times and speaker; words where they are aligned"
    isolated = True
    media_types = frozenset({EAF})
    suffixes = (".eaf",)

    def __post_init__(self) -> None:
        super().__post_init__()
        object.__setattr__(self, "tiers", tuple(self.tiers))

    def parse(self, source: Source) -> Iterator[Document | Source]:
        data, root = rec.read_root(source, self.limits, "ELAN", _ROOTS)
        tiers, parents = _read_tiers(root)
        wanted = self.tiers or _spoken(tiers, parents)
        segments, counts = _tiers.segments_of(list(tiers.values()), wanted, "transcript elan")
        if not segments:
            names = ", ".join(tiers)[:200] or "none"
            raise DocumentError("no text found", f"{len(tiers)} tiers: {names}")
        metadata = {**_metadata(root), **counts}
        yield source.document(self, segments, kind=kind_of(segments), data=data, metadata=metadata)


def _read_tiers(root: Any) -> tuple[dict[str, Tier], dict[str, str]]:
    """The tiers by name, and the name of the tier that each hangs on."""
    slots = {
        slot.get("TIME_SLOT_ID"): rec.number(slot.get("TIME_VALUE"))
        for slot in root.iter("{*}TIME_SLOT")
    }
    languages = {item.get("LANG_ID"): item.get("LANG_ID") for item in root.iter("{*}LANGUAGE")}
    tiers: dict[str, Tier] = {}
    parents: dict[str, str] = {}
    known: dict[str, Mark] = {}
    waiting: list[tuple[Mark, str]] = []
    for number, element in enumerate(root.iterchildren("{*}TIER"), 1):
        name = element.get("TIER_ID") or f"tier {number}"
        tier = Tier(
            name,
            [],
            speaker=" ".join((element.get("PARTICIPANT") or "").split()) or None,
            language=language_code(languages.get(element.get("LANG_REF"))),
        )
        tiers[name] = tier
        if parent := element.get("PARENT_REF"):
            parents[name] = parent
        times = _times(element, slots)
        for item in element.iter("{*}ALIGNABLE_ANNOTATION", "{*}REF_ANNOTATION"):
            key = item.get("ANNOTATION_ID") or ""
            value = next(item.iterchildren("{*}ANNOTATION_VALUE"), None)
            mark = Mark(None, None, "" if value is None else value.text or "", ref=key or None)
            if rec.local(item) == "REF_ANNOTATION":
                waiting.append((mark, item.get("ANNOTATION_REF") or ""))
            else:
                mark.start, mark.end, put = times.get(key, (None, None, False))
                mark.flags = ["interpolated"] if put else []
            known[key] = mark
            tier.marks.append(mark)
    _inherit(waiting, known)
    return tiers, parents


def _times(
    tier: Any, slots: dict[str | None, float | None]
) -> dict[str, tuple[float | None, float | None, bool]]:
    """Seconds of each annotation; slots without a value lie evenly between their neighbors."""
    items = list(tier.iter("{*}ALIGNABLE_ANNOTATION"))
    chain: list[str | None] = []
    for item in items:
        for slot in (item.get("TIME_SLOT_REF1"), item.get("TIME_SLOT_REF2")):
            if not chain or chain[-1] != slot:
                chain.append(slot)
    value: dict[str | None, float | None] = {slot: slots.get(slot) for slot in chain}
    put: set[str | None] = set()
    at = 0
    while at < len(chain):
        if value[chain[at]] is not None:
            at += 1
            continue
        end = at
        while end < len(chain) and value[chain[end]] is None:
            end += 1
        before = value[chain[at - 1]] if at else None
        after = value[chain[end]] if end < len(chain) else None
        if before is not None and after is not None and after >= before:
            for step, slot in enumerate(chain[at:end], 1):
                value[slot] = before + (after - before) * step / (end - at + 1)
                put.add(slot)
        at = end
    found = {}
    for item in items:
        first, last = item.get("TIME_SLOT_REF1"), item.get("TIME_SLOT_REF2")
        start, end_ms = value[first], value[last]
        found[item.get("ANNOTATION_ID") or ""] = (
            None if start is None else start / 1000,
            None if end_ms is None else end_ms / 1000,
            first in put or last in put,
        )
    return found


def _inherit(waiting: list[tuple[Mark, str]], known: dict[str, Mark]) -> None:
    """Times for annotations of annotations, however many lie between."""
    above = {id(mark): known.get(key) for mark, key in waiting}
    for mark, _ in waiting:
        parent, seen = above[id(mark)], {id(mark)}
        while parent is not None and id(parent) in above and id(parent) not in seen:
            seen.add(id(parent))
            parent = above[id(parent)]
        if parent is not None and id(parent) not in above:
            mark.start, mark.end = parent.start, parent.end
            mark.flags = list(parent.flags)


def _spoken(tiers: dict[str, Tier], parents: dict[str, str]) -> list[str]:
    """Of each tree of tiers the uppermost with several words in a label, else its root."""
    below: dict[str, list[str]] = defaultdict(list)
    for name, parent in parents.items():
        below[parent].append(name)
    roots = [name for name in tiers if parents.get(name) not in tiers]
    if not any(below.get(root) for root in roots):
        return []
    found = []
    for root in roots:
        row, seen = [root], {root}
        chosen = ""
        while row and not chosen:
            full = [name for name in row if tiers[name].full]
            chosen = next((n for n in full if _tiers.several_words(tiers[n])), "")
            row = [n for name in row for n in below.get(name, ()) if n not in seen]
            seen.update(row)
        if chosen or tiers[root].full:
            found.append(chosen or root)
    wordy = [name for name in found if _tiers.several_words(tiers[name])]
    return wordy or found


def _metadata(root: Any) -> dict[str, str]:
    found = {}
    media = [
        (item.get("RELATIVE_MEDIA_URL") or item.get("MEDIA_URL") or "").replace("\\", "/")
        for item in root.iter("{*}MEDIA_DESCRIPTOR")
    ]
    if names := [url.rpartition("/")[2] for url in media if url.rpartition("/")[2]]:
        found["media"] = ", ".join(names)
    for key in ("AUTHOR", "DATE"):
        if value := " ".join((root.get(key) or "").split()):
            found[key.lower()] = value
    return found

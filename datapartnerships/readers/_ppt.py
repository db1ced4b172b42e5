"""PowerPoint files of before 2007 (.ppt), read from their records.

Everything is a tree of records, and every save adds to the end of the file: which records count
is told by the list of the last save ([MS-PPT], Microsoft's open specification; the numbers in
brackets below are its sections). Read here because catppt gives nothing for many files, and no
slide is told from the next in what it gives.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field

from datapartnerships.errors import DocumentError
from datapartnerships.schema import Segment

# Kinds of records (2.13.24).
_DOCUMENT, _SLIDE, _SLIDE_ATOM, _NOTES = 0x03E8, 0x03EE, 0x03EF, 0x03F0
_SLIDE_PLACE, _SHOW = 0x03F3, 0x03F9
_OUTLINE_TEXT, _TEXT_KIND, _WIDE_TEXT, _NARROW_TEXT = 0x0F9E, 0x0F9F, 0x0FA0, 0x0FA8
_SLIDE_LIST, _EDIT, _PLACES, _ENCRYPTION = 0x0FF0, 0x0FF5, 0x1772, 0x2F14
_TEXT_BOX = 0xF00D
_PARAGRAPH_STYLE = 0x0FA1
_TITLES, _NOTES_TEXT, _BODIES = (0, 6), 2, (1, 7, 8)
# Bytes of each property of a paragraph, by the bit that says it is there (2.9.20), in their order;
# the tab stops between them have a length of their own.
_PROPERTIES = (
    (0x000F, 2), (0x0080, 2), (0x0010, 2), (0x0040, 2), (0x0020, 4), (0x0800, 2), (0x1000, 2),
    (0x2000, 2), (0x4000, 2), (0x0100, 2), (0x0400, 2), (0x8000, 2), (0x100000, 0),
    (0x010000, 2), (0x0E0000, 2), (0x200000, 2),
)  # fmt: skip
_HIDDEN = 0x0004
_MAX_DEPTH = 64
_MAX_EDITS = 10_000
# What stands where the number, date or name of the slide is put in.
_FIELDS = {"*"}


@dataclass(slots=True)
class _Record:
    kind: int
    instance: int
    container: bool
    start: int
    stop: int


@dataclass(slots=True)
class _Slide:
    """A slide of the list of slides: its record, its number and the texts of its outline."""

    place: int
    number: int
    texts: list[tuple[int, str, bytes]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Show:
    """Segments of the slides, and the numbers of those that are hidden."""

    segments: list[Segment]
    hidden: list[int]


def ppt_show(document: bytes, user: bytes, *, hidden: bool = True) -> Show:
    """A segment for each slide, then one for its notes.

    Args:
        document: the stream ``PowerPoint Document``.
        user: the stream ``Current User``.
        hidden: whether hidden slides are read.
    """
    try:
        return _Presentation(document, user).show(hidden)
    except (struct.error, IndexError, KeyError) as error:
        detail = f"its records point outside of it ({error})"
        raise DocumentError("damaged legacy office file", detail) from None


class _Presentation:
    def __init__(self, data: bytes, user: bytes) -> None:
        self.data = data
        self.places: dict[int, int] = {}
        if struct.unpack_from("<I", user, 12)[0] == 0xF3D1C4DF:
            raise DocumentError("encrypted", "needs a password: decrypt it first")
        edit = struct.unpack_from("<I", user, 16)[0]
        self.document = 0
        for _ in range(_MAX_EDITS):
            edit = self._read_edit(edit)
            if not edit:
                return
        raise DocumentError("damaged legacy office file", "its list of edits has no end")

    def _read_edit(self, at: int) -> int:
        """Take over where a save put things, unless a later one moved them (2.3.3, 2.3.4)."""
        record = self._record(at)
        if record.kind != _EDIT:
            raise DocumentError("damaged legacy office file", f"no save at byte {at}")
        earlier, places, document = struct.unpack_from("<III", self.data, at + 16)
        if record.stop - record.start >= 32:
            raise DocumentError("encrypted", "needs a password: decrypt it first")
        self.document = self.document or document
        table = self._record(places)
        at = table.start
        while table.kind == _PLACES and at + 4 <= table.stop:
            entry = struct.unpack_from("<I", self.data, at)[0]
            first, count = entry & 0xFFFFF, entry >> 20
            for i in range(count):
                place = struct.unpack_from("<I", self.data, at + 4 + 4 * i)[0]
                self.places.setdefault(first + i, place)
            at += 4 + 4 * count
        return int(earlier)

    def show(self, hidden: bool) -> Show:
        lists: dict[int, list[_Slide]] = {}
        document = self._record(self.places[self.document])
        for record in self._inside(document):
            if record.kind == _SLIDE_LIST:
                lists[record.instance] = list(self._slides(record))
        notes = {slide.number: slide for slide in lists.get(2, [])}
        found: list[Segment] = []
        concealed = []
        for page, slide in enumerate(lists.get(0, []), 1):
            record = self._record(self.places[slide.place])
            secret, notes_number = self._about(record)
            if secret:
                concealed.append(page)
                if not hidden:
                    continue
            boxes = [box for box in self._boxes(record, slide) if box[1] not in _FIELDS]
            title = next((text for kind, text in boxes if kind in _TITLES), None)
            ref = " ".join(title.split()) if title else None
            text = "\n".join(text for _, text in boxes)
            found.append(Segment(text, kind="page", page=page, ref=ref))
            if said := self._notes(notes.get(notes_number)):
                found.append(
                    Segment(said, kind="page", page=page, ref=f"{ref} > notes" if ref else "notes")
                )
        return Show([segment for segment in found if segment.text.strip()], concealed)

    def _slides(self, listing: _Record) -> Iterator[_Slide]:
        """The slides of a list, each with the texts that its outline keeps (2.4.14.3)."""
        slide: _Slide | None = None
        kind = 4
        for record in self._children(listing):
            if record.kind == _SLIDE_PLACE:
                if slide:
                    yield slide
                place, _, _, number = struct.unpack_from("<IIiI", self.data, record.start)
                slide = _Slide(place, number)
            elif record.kind == _TEXT_KIND and slide:
                kind = struct.unpack_from("<I", self.data, record.start)[0]
                slide.texts.append((kind, "", b""))
            elif record.kind in (_WIDE_TEXT, _NARROW_TEXT) and slide and slide.texts:
                slide.texts[-1] = kind, self._text(record), b""
            elif record.kind == _PARAGRAPH_STYLE and slide and slide.texts:
                slide.texts[-1] = (*slide.texts[-1][:2], self.data[record.start : record.stop])
        if slide:
            yield slide

    def _about(self, slide: _Record) -> tuple[bool, int]:
        """Whether a slide is hidden, and the number of its notes."""
        secret, notes = False, 0
        for record in self._children(slide):
            if record.kind == _SLIDE_ATOM:
                notes = struct.unpack_from("<I", self.data, record.start + 16)[0]
            elif record.kind == _SHOW:
                flags = struct.unpack_from("<H", self.data, record.start + 10)[0]
                secret = bool(flags & _HIDDEN)
        return secret, notes

    def _notes(self, slide: _Slide | None) -> str:
        if slide is None or slide.place not in self.places:
            return ""
        record = self._record(self.places[slide.place])
        if record.kind != _NOTES:
            return ""
        boxes = self._boxes(record, slide)
        return "\n".join(text for kind, text in boxes if kind == _NOTES_TEXT)

    def _boxes(self, slide: _Record, outline: _Slide) -> Iterator[tuple[int, str]]:
        """Kind and text of the boxes of a slide; some keep their text in the outline."""
        for box in self._inside(slide):
            if box.kind != _TEXT_BOX:
                continue
            kind, text, style = 4, "", b""
            for record in self._children(box):
                if record.kind == _TEXT_KIND:
                    kind = struct.unpack_from("<I", self.data, record.start)[0]
                elif record.kind in (_WIDE_TEXT, _NARROW_TEXT):
                    text = self._text(record)
                elif record.kind == _PARAGRAPH_STYLE:
                    style = self.data[record.start : record.stop]
                elif record.kind == _OUTLINE_TEXT:
                    number = struct.unpack_from("<I", self.data, record.start)[0]
                    if number < len(outline.texts):
                        kind, text, style = outline.texts[number]
            text = _items(text, style, listed=kind in _BODIES)
            if text.strip():
                yield kind, text.strip("\n")

    def _text(self, record: _Record) -> str:
        raw = self.data[record.start : record.stop]
        wide = record.kind == _WIDE_TEXT
        text = raw.decode("utf-16-le" if wide else "latin-1", "replace")
        return text.replace("\0", "")

    def _record(self, at: int) -> _Record:
        first, kind, size = struct.unpack_from("<HHI", self.data, at)
        stop = at + 8 + size
        if stop > len(self.data):
            raise DocumentError("damaged legacy office file", f"cut off in a record at byte {at}")
        return _Record(kind, first >> 4, first & 0xF == 0xF, at + 8, stop)

    def _children(self, parent: _Record) -> Iterator[_Record]:
        at = parent.start
        while at + 8 <= parent.stop:
            record = self._record(at)
            yield record
            at = record.stop

    def _inside(self, parent: _Record, depth: int = 0) -> Iterator[_Record]:
        """All records below `parent`, in their order."""
        for record in self._children(parent):
            yield record
            if record.container and record.kind != _TEXT_BOX and depth < _MAX_DEPTH:
                yield from self._inside(record, depth + 1)


def _items(text: str, style: bytes, *, listed: bool) -> str:
    """The paragraphs of a box as lines; those with a bullet are items of a list.

    `listed` is whether paragraphs have bullets where nothing is said: so it is in the large boxes
    of nearly all layouts.
    """
    lines = []
    levels = _levels(style, len(text) + 1)
    at = 0
    for paragraph in text.split("\r"):
        level, bullet = levels[at] if at < len(levels) else (0, None)
        at += len(paragraph) + 1
        line = paragraph.replace("\v", "\n").strip()
        if line and (listed if bullet is None else bullet):
            line = f"{'  ' * level}- {line}"
        lines.append(line)
    return "\n".join(line for line in lines if line)


def _levels(style: bytes, size: int) -> list[tuple[int, bool | None]]:
    """For each of `size` characters: its level, and whether a bullet is asked for or refused."""
    found: list[tuple[int, bool | None]] = []
    at = 0
    try:
        while len(found) < size and style:
            count, level, mask = struct.unpack_from("<IHI", style, at)
            at += 10
            bullet = bool(struct.unpack_from("<H", style, at)[0] & 1) if mask & 1 else None
            for bit, length in _PROPERTIES:
                if mask & bit:
                    if bit == 0x100000:
                        length = 2 + 4 * struct.unpack_from("<H", style, at)[0]
                    at += length
            found += [(min(level, 4), bullet)] * min(count, size - len(found))
            if not count:
                break
    except struct.error:  # the style of what follows is not told: it is no list then
        pass
    return found

"""PDF files written anew from what their pages show: the only importer of pypdf.

Nothing of the old file is copied as it is. From each page on, objects are followed, and of each
only the keys that a page needs to look as it does (ISO 32000-2, tables 31, 56, 87 and others).
"""

from __future__ import annotations

import io
import warnings
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from datapartnerships._backends._pdf_keys import CATEGORIES, COUNTS, KEPT, NAMED_BY, PAINTS, STRINGS
from datapartnerships._backends._pdf_values import (
    Layers,
    besides,
    box,
    check_colors,
    dictionary,
    fitted,
    image_bytes,
    inherited,
    items,
    open_states,
    plain,
)
from datapartnerships.errors import DocumentError, extra

with extra("documents", needed_by="ScrubContainers"):
    import pypdf
    from pypdf import generic as g
    from pypdf.errors import LimitReachedError

_LOSSLESS = {
    "/FlateDecode", "/Fl", "/LZWDecode", "/LZW", "/ASCII85Decode", "/A85", "/ASCIIHexDecode",
    "/AHx", "/RunLengthDecode", "/RL",
}  # fmt: skip
_DEVICES = {1: "/DeviceGray", 3: "/DeviceRGB", 4: "/DeviceCMYK"}
_HIDDEN, _NO_VIEW = 2, 32


@dataclass(frozen=True)
class Parts:
    """What is done with the files inside a PDF: each gives the bytes to keep."""

    jpeg: Callable[[bytes], bytes]
    jpeg2000: Callable[[bytes], bytes]
    icc: Callable[[bytes], bytes | None]
    alive: Callable[[], None]


def rewritten(data: bytes, removed: set[str], parts: Parts) -> bytes:
    """A PDF with the same pages, and nothing but the pages; the same bytes each time."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            reader = pypdf.PdfReader(io.BytesIO(data))
            if reader.is_encrypted:
                raise DocumentError("encrypted", "the PDF is protected: decrypt it first")
            removed |= besides(reader, data)
            return _Writer(reader, removed, parts).written()
        except DocumentError:
            raise
        # pypdf raises whatever a damaged file brings about.
        except (Exception, RecursionError) as error:
            limit = isinstance(error, LimitReachedError)
            reason = "expands too much" if limit else "damaged PDF"
            raise DocumentError(reason, type(error).__name__) from None


@dataclass
class _Writer:
    reader: Any
    removed: set[str]
    parts: Parts
    objects: list[Any] = field(default_factory=list)
    known: dict[tuple[int, int], Any] = field(default_factory=dict)

    def written(self) -> bytes:
        self.layers = Layers(self.reader.root_object)
        root = self._add(g.DictionaryObject())
        tree = self._add(g.DictionaryObject())
        kids = g.ArrayObject()
        for page in self.reader.pages:
            self.parts.alive()
            kids.append(self._page(page, tree))
        if not kids:
            raise DocumentError("damaged PDF", "no page in it")
        self._fill(root, {"/Type": g.NameObject("/Catalog"), "/Pages": tree})
        count = g.NumberObject(len(kids))
        self._fill(tree, {"/Type": g.NameObject("/Pages"), "/Kids": kids, "/Count": count})
        return self._bytes(root)

    def _add(self, value: Any) -> Any:
        self.objects.append(value)
        return g.IndirectObject(len(self.objects), 0, self.reader)

    def _fill(self, reference: Any, given: Mapping[str, Any]) -> None:
        target = self.objects[reference.idnum - 1]
        for name, value in given.items():
            target[g.NameObject(name)] = value

    def _bytes(self, root: Any) -> bytes:
        out = io.BytesIO()
        out.write(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")
        places = []
        for number, value in enumerate(self.objects, 1):
            places.append(out.tell())
            out.write(b"%d 0 obj\n" % number)
            value.write_to_stream(out)
            out.write(b"\nendobj\n")
        start = out.tell()
        out.write(b"xref\n0 %d\n0000000000 65535 f \n" % (len(places) + 1))
        out.writelines(b"%010d 00000 n \n" % place for place in places)
        trailer = b"trailer\n<< /Size %d /Root %d 0 R >>\nstartxref\n%d\n%%%%EOF\n"
        out.write(trailer % (len(places) + 1, root.idnum, start))
        return out.getvalue()

    # Pages

    def _page(self, page: Any, tree: Any) -> Any:
        new = g.DictionaryObject()
        reference = self._add(new)
        new[g.NameObject("/Type")], new[g.NameObject("/Parent")] = g.NameObject("/Page"), tree
        for name in ("/MediaBox", "/CropBox"):
            if (bounds := box(inherited(page, name))) is not None:
                new[g.NameObject(name)] = g.ArrayObject(g.FloatObject(v) for v in bounds)
        turned = inherited(page, "/Rotate")
        if isinstance(turned, int) and turned % 90 == 0:
            new[g.NameObject("/Rotate")] = g.NumberObject(turned)
        for name in ("/UserUnit", "/Group"):
            if name in page:
                new[g.NameObject(name)] = self._copy(page.raw_get(name))
        for name, what in (
            ("/Metadata", "XMP"), ("/PieceInfo", "data of programs"), ("/Thumb", "thumbnail"),
            ("/AA", "actions"), ("/AF", "attachments"), ("/LastModified", "times"),
        ):  # fmt: skip
            if name in page:
                self.removed.add(what)
        resources = dictionary(inherited(page, "/Resources"))
        contents = page.get_contents()
        body, used = self._content(contents, resources) if contents is not None else (b"", {})
        kept = self._resources(resources, used)
        shown = list(self._fields(page))
        if shown:
            objects = kept.setdefault(g.NameObject("/XObject"), g.DictionaryObject())
            body = b"q\n" + body + b"\nQ" * (1 + open_states(body))
            for number, (matrix, form) in enumerate(shown):
                objects[g.NameObject(f"/Field{number}")] = form
                numbers = " ".join(f"{value:.6f}" for value in matrix)
                body += f"\nq {numbers} cm /Field{number} Do Q".encode()
        new[g.NameObject("/Resources")] = kept
        new[g.NameObject("/Contents")] = self._add(_packed(body))
        return reference

    def _fields(self, page: Any) -> Iterator[tuple[list[float], Any]]:
        """What fields of a form show, and where (ISO 32000-2, 12.5.5); other notes go."""
        for given in items(page.get("/Annots")):
            note = dictionary(given)
            self.removed.add("form" if plain(note, "/Subtype") == "/Widget" else "annotations")
            flags = plain(note, "/F", 0)
            if plain(note, "/Subtype") != "/Widget" or flags & (_HIDDEN | _NO_VIEW):
                continue
            if "/OC" in note and self.layers.hides(note.raw_get("/OC")):
                continue
            normal = dictionary(note.get("/AP")).get("/N")
            form: Any = normal.get_object() if normal is not None else None
            if isinstance(form, g.DictionaryObject) and not isinstance(form, g.StreamObject):
                normal = form.raw_get(note["/AS"]) if plain(note, "/AS") in form else None
                form = normal.get_object() if normal is not None else None
            rect = box(note.get("/Rect"))
            if rect is None or not isinstance(form, g.StreamObject):
                continue
            matrix = fitted(form, rect) if isinstance(normal, g.IndirectObject) else None
            if matrix is not None:
                yield matrix, self._copy(normal)

    # Content

    def _content(self, stream: Any, resources: Any) -> tuple[bytes, dict[str, set[str]]]:
        """Its operators without marks and comments, and the resources they name."""
        parsed = (
            stream if isinstance(stream, g.ContentStream) else g.ContentStream(stream, self.reader)
        )
        out: list[Any] = []
        used: dict[str, set[str]] = {}
        marks: list[bool] = []
        for operands, operator in parsed.operations:
            if operator in (b"BDC", b"BMC"):
                marks.append(operator == b"BDC" and self.layers.hides_mark(operands, resources))
                continue
            if operator == b"EMC":
                del marks[-1:]
                continue
            if operator == b"INLINE IMAGE":
                _inline(operands, used)
            elif operator not in COUNTS:
                continue
            elif (most := COUNTS[operator]) is not None:
                operands = list(operands)[-most:] if most else []
            else:
                operands = [v for v in operands if not isinstance(v, g.TextStringObject | bytes)]
            if any(marks) and operator in PAINTS:
                self.removed.add("hidden layers")
                if PAINTS[operator]:
                    out.append(([], b"n"))
                continue
            category = NAMED_BY.get(operator)
            names = [v for v in operands if isinstance(v, g.NameObject)] if category else []
            if operator == b"Do" and names:
                item = dictionary(dictionary(resources.get("/XObject")).get(names[0]))
                if "/OC" in item and self.layers.hides(item.raw_get("/OC")):
                    self.removed.add("hidden layers")
                    continue
            for name in names:
                used.setdefault(category or "", set()).add(name)
            out.append((operands, operator))
        new = g.ContentStream(None, self.reader)
        new.operations = out
        return new.get_data(), used

    def _resources(self, resources: Any, used: Mapping[str, set[str]]) -> Any:
        """Of each category what is used, and the color spaces that stand for others."""
        new = g.DictionaryObject()
        for category in CATEGORIES:
            old = dictionary(resources.get(category))
            wanted = used.get(category, set())
            kept = g.DictionaryObject()
            for name in sorted(old):
                if category == "/XObject" and not _is_shown(old[name]):
                    self.removed.add("unused objects")
                elif name in wanted or (category == "/ColorSpace" and name.startswith("/Default")):
                    if category == "/ColorSpace":
                        check_colors(old.raw_get(name))
                    kept[g.NameObject(name)] = self._copy(old.raw_get(name), resources)
                else:
                    self.removed.add("unused objects")
            if kept:
                new[g.NameObject(category)] = kept
        return new

    # Objects

    def _copy(self, value: Any, resources: Any = None) -> Any:
        if isinstance(value, g.IndirectObject):
            key = (value.idnum, value.generation)
            if key in self.known:
                return self.known[key]
            target = value.get_object()
            if not isinstance(target, g.DictionaryObject):
                return self._copy(target, resources)
            reference = self._add(g.NullObject())
            self.known[key] = reference
            self.objects[reference.idnum - 1] = self._copy(target, resources)
            return reference
        if isinstance(value, g.StreamObject):
            return self._stream(value, resources)
        if isinstance(value, g.DictionaryObject):
            return self._dictionary(value, resources)
        if isinstance(value, g.ArrayObject):
            if len(value) == 2 and value[0] == "/ICCBased":
                return self._colors(value)
            return g.ArrayObject(self._copy(item, resources) for item in list.__iter__(value))
        return g.NullObject() if value is None else value

    def _dictionary(self, old: Any, resources: Any) -> Any:
        new = g.DictionaryObject()
        own = dictionary(plain(old, "/Resources", resources))
        for name in sorted(old):
            if name not in KEPT:
                continue
            if (
                isinstance(old[name], g.TextStringObject | g.ByteStringObject)
                and name not in STRINGS
            ):
                continue
            value = old.raw_get(name)
            if name in ("/ColorSpace", "/CS"):
                check_colors(value)
            if name in ("/CharProcs", "/Colorants"):
                new[g.NameObject(name)] = self._named(dictionary(value), own)
            else:
                new[g.NameObject(name)] = self._copy(value, resources)
        if "/CharProcs" in old:
            used = self._used_by_glyphs(old, own)
            new[g.NameObject("/Resources")] = self._resources(own, used)
        return new

    def _named(self, old: Any, resources: Any) -> Any:
        """A dictionary whose keys are names of glyphs or colors, not of PDF."""
        new = g.DictionaryObject()
        for name in sorted(old):
            value = old.raw_get(name)
            target = value.get_object() if isinstance(value, g.IndirectObject) else value
            if isinstance(target, g.StreamObject):
                new[g.NameObject(name)] = self._add(_packed(self._content(target, resources)[0]))
            else:
                new[g.NameObject(name)] = self._copy(value, resources)
        return new

    def _used_by_glyphs(self, font: Any, resources: Any) -> dict[str, set[str]]:
        used: dict[str, set[str]] = {}
        for glyph in dictionary(font.get("/CharProcs")).values():
            target = glyph.get_object()
            if isinstance(target, g.StreamObject):
                for category, names in self._content(target, resources)[1].items():
                    used.setdefault(category, set()).update(names)
        return used

    def _stream(self, old: Any, inherited: Any) -> Any:
        for name in ("/Metadata", "/PieceInfo", "/LastModified", "/OPI", "/Alternates"):
            if name in old:
                self.removed.add("XMP" if name == "/Metadata" else "data of programs")
        new = self._dictionary(old, inherited)
        if plain(old, "/Subtype") == "/Form" or plain(old, "/PatternType") == 1:
            resources = (
                dictionary(old.get("/Resources")) if "/Resources" in old else dictionary(inherited)
            )
            body, used = self._content(old, resources)
            stream = _packed(body)
            new[g.NameObject("/Resources")] = self._resources(resources, used)
        else:
            stream, filters = self._body(old)
            for name in ("/Filter", "/DecodeParms"):
                new.pop(name, None)
            new.update(filters)
        for name, value in new.items():
            stream[g.NameObject(name)] = value
        return stream

    def _body(self, old: Any) -> tuple[Any, dict[Any, Any]]:
        """The bytes of a stream, and how they are packed."""
        filters = [str(name) for name in items(old.get("/Filter"))]
        if not filters and old.get("/Filter"):
            filters = [str(old["/Filter"])]
        last = filters[-1] if filters else ""
        if all(name in _LOSSLESS for name in filters):
            body = old.get_data()
            size = image_bytes(old) if plain(old, "/Subtype") == "/Image" else None
            if size is not None and len(body) > size:
                # A line end before the end of the stream is often counted as part of it.
                if body[size:].strip():
                    self.removed.add("in pictures: bytes behind the pixels")
                body = body[:size]
            if body[:3] == b"\xff\xd8\xff":
                raise DocumentError("damaged PDF", "a JPEG picture that is not said to be one")
            stream = _packed(body)
            return stream, {g.NameObject("/Filter"): g.NameObject("/FlateDecode")}
        if len(filters) > 1:
            if not all(name in _LOSSLESS for name in filters[:-1]):
                raise DocumentError("no scrubber for this format", "an image packed several times")
            outer = g.DecodedStreamObject()
            outer._data = old._data
            outer[g.NameObject("/Filter")] = g.ArrayObject(g.NameObject(n) for n in filters[:-1])
            body = pypdf.filters.decode_stream_data(outer)
        else:
            body = old._data
        if last in ("/DCTDecode", "/DCT"):
            body = self.parts.jpeg(body)
        elif last == "/JPXDecode":
            body = self.parts.jpeg2000(body)
        elif last not in ("/CCITTFaxDecode", "/CCF", "/JBIG2Decode"):
            raise DocumentError("no scrubber for this format", "a stream in a packing of its own")
        stream = g.DecodedStreamObject()
        stream._data = body
        kept: dict[Any, Any] = {g.NameObject("/Filter"): g.NameObject(last)}
        given = old.get("/DecodeParms", old.get("/DP"))
        options = [dictionary(v) for v in items(given)] or [dictionary(given)]
        if options[-1]:
            kept[g.NameObject("/DecodeParms")] = self._dictionary(options[-1], None)
        return stream, kept

    def _colors(self, old: Any) -> Any:
        source = old[1].get_object()
        key = None
        reference = list.__getitem__(old, 1)
        if isinstance(reference, g.IndirectObject):
            key = (reference.idnum, reference.generation)
            if key in self.known:
                return self.known[key]
        profile = source.get_data()
        number = int(plain(source, "/N", 3))
        colors = self.parts.icc(profile)
        if colors != profile:
            self.removed.add("names in the color profile" if colors else "color profile")
        if colors is None:
            found: Any = g.NameObject(_DEVICES.get(number, "/DeviceRGB"))
        else:
            stream = _packed(colors)
            stream[g.NameObject("/N")] = g.NumberObject(number)
            found = g.ArrayObject([g.NameObject("/ICCBased"), self._add(stream)])
        if key is not None:
            self.known[key] = found
        return found


def _is_shown(item: Any) -> bool:
    """Whether it is a picture or a form; PostScript and what has no kind is neither."""
    return isinstance(item, g.StreamObject) and plain(item, "/Subtype") in ("/Image", "/Form")


def _packed(body: bytes) -> Any:
    stream = g.DecodedStreamObject()
    stream._data = zlib.compress(body, 6)
    stream[g.NameObject("/Filter")] = g.NameObject("/FlateDecode")
    return stream


def _inline(image: Any, used: dict[str, set[str]]) -> None:
    """Names of color spaces that an inline image takes from the resources."""
    for name in ("/CS", "/ColorSpace"):
        if isinstance(value := image["settings"].get(name), g.NameObject):
            used.setdefault("/ColorSpace", set()).add(value)

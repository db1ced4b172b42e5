"""XML of any kind, with a mapping that says which elements hold the text."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from datapartnerships.errors import DocumentError, InvalidParameter
from datapartnerships.readers import _recognized as rec
from datapartnerships.readers._base import FileReader
from datapartnerships.readers._blocks import Block, segments
from datapartnerships.readers._markup import blocks
from datapartnerships.readers._source import Source
from datapartnerships.readers.sniff import XML
from datapartnerships.schema import Document, Segment

_NAME = r"[^\W\d][\w.-]*"
_VALUE = r"'[^']*'|\"[^\"]*\""
_PREDICATE = rf"\[(?:\d+|last\(\)|@(?:xml:)?{_NAME}(?:={_VALUE})?|{_NAME}(?:={_VALUE})?)\]"
_STEP = rf"(?:\.\.?|(?:\*|{_NAME})(?:{_PREDICATE})*)"
_ATTRIBUTE = rf"@(?:xml:)?{_NAME}"
_PATH = re.compile(
    rf"(?:\./+|//)?(?:{_STEP}(?:/{{1,2}}{_STEP})*(?P<attribute>/{_ATTRIBUTE})?|(?P<own>{_ATTRIBUTE}))"
)
# Names outside quotes that name elements: they are found in any namespace.
_PARTS = re.compile(rf"{_VALUE}|@(?:xml:)?{_NAME}|last\(\)|{_NAME}")
_XML = "{http://www.w3.org/XML/1998/namespace}"
_PATH_RULE = "a path of elements (docs/reference/readers.md lists what it may hold)"


@dataclass(frozen=True, kw_only=True)
class XmlReader(FileReader):
    """Reads XML of which you say what is what: ``XmlReader(document="//Case", text="Body//p")``.

    A path is the part of XPath that lxml's ``iterfind`` knows: ``a/b``, ``a//b``, ``//b``,
    ``*``, ``.``, ``..``, ``b[2]``, ``b[last()]``, ``b[@kind]``, ``b[@kind='x']``, ``b[c]``,
    ``b[c='x']``; in `metadata` it may end with ``@name``. Names are found in any namespace.
    Paths in `text` and `metadata` begin at the document.

    FolderReader uses it where it is given one: ``FolderReader("deposit",
    readers=(XmlReader(text="//p"),))``; for files of which it knows the kind (ALTO, TEI and the
    like) it keeps to their readers.

    Attributes:
        text: paths of the elements with the text, in the file's order a segment each. All text
            in such an element counts, with single spaces for white space; an element in one
            that is found already is not found again.
        document: path of the elements that are documents; the file is one when left empty.
        metadata: name to path, as pairs or a mapping; several values are joined by ``; ``.
        html: the text in these elements is HTML whose tags are escaped (``&lt;p&gt;``), as
            databases export it: its blocks are segments, in full.
    """

    text: tuple[str, ...]
    document: str = ""
    metadata: tuple[tuple[str, str], ...] = ()
    html: bool = False

    keeps = "the elements that you name; the metadata that you name"
    media_types = frozenset({XML})
    suffixes = (".xml",)
    isolated = True
    asked_for = True

    def __post_init__(self) -> None:
        super().__post_init__()
        given: Any = self.text
        pairs: Any = self.metadata
        text = (given,) if isinstance(given, str) else tuple(given)
        if isinstance(pairs, Mapping):
            pairs = sorted(pairs.items())
        object.__setattr__(self, "text", text)
        object.__setattr__(self, "metadata", tuple((name, path) for name, path in pairs))
        if not text:
            raise InvalidParameter(self, "text", "one path or more", text)
        for path in (*text, *([self.document] if self.document else [])):
            if not _is_path(path, attribute=False):
                raise InvalidParameter(
                    self, "text" if path in text else "document", _PATH_RULE, path
                )
        for _, path in self.metadata:
            if not _is_path(path, attribute=True):
                raise InvalidParameter(self, "metadata", _PATH_RULE, path)

    def parse(self, source: Source) -> Iterator[Document | Source]:
        from datapartnerships._backends.lxml import xml_tree

        data = source.read(self.limits)
        root = xml_tree(data)
        roots = _outermost(_find(root, self.document)) if self.document else [root]
        if not roots:
            raise DocumentError("no document in the XML", f"nothing is at {self.document!r}")
        whole = source.document(self, data=data).provenance
        for number, element in enumerate(roots, 1):
            made = self._segments(element)
            record = number if self.document else None
            row = source.document(self, made, record=record, metadata=self._metadata(element))
            # Digested once, however many documents the file has.
            row.provenance |= {key: whole[key] for key in ("sha256", "size")}
            if not made:
                reason = DocumentError("no text found", f"nothing is at {', '.join(self.text)}")
                row = replace(row, drop_reason=f"{type(self).__name__}: {reason}")
            yield row

    def _segments(self, document: Any) -> list[Segment]:
        found: list[Any] = []
        for path in self.text:
            found += _find(document, path)
        if len(self.text) > 1:
            wanted = set(found)
            found = [element for element in document.iter() if element in wanted]
        if self.html:
            return segments(block for e in _outermost(found) for block in _html_blocks(e))
        texts = (rec.flat(element) for element in _outermost(found))
        return [Segment(text) for text in texts if text]

    def _metadata(self, document: Any) -> dict[str, str]:
        found = {}
        for name, path in self.metadata:
            elements, _, attribute = (
                path.partition("@") if _ends_in_attribute(path) else (path, "", "")
            )
            place = elements.rstrip("/")
            at = _find(document, place) if place else [document]
            if attribute:
                attribute = attribute.replace("xml:", _XML)
                values = [" ".join((element.get(attribute) or "").split()) for element in at]
            else:
                values = [rec.flat(element) for element in at]
            if value := "; ".join(dict.fromkeys(filter(None, values))):
                found[name] = value
        return found


def _html_blocks(element: Any) -> list[Block]:
    from datapartnerships._backends.lxml import html_tree

    tree = html_tree("".join(element.itertext()))
    return [] if tree is None else blocks(tree)


def _is_path(path: object, *, attribute: bool) -> bool:
    match = _PATH.fullmatch(path) if isinstance(path, str) else None
    return match is not None and (attribute or not (match["attribute"] or match["own"]))


def _ends_in_attribute(path: str) -> bool:
    match = _PATH.fullmatch(path)
    return match is not None and bool(match["attribute"] or match["own"])


def _find(root: Any, path: str) -> list[Any]:
    """What is at `path`, each element once, in the order of the file."""
    plain = _PARTS.sub(_any_namespace, path)
    if plain.startswith("/"):
        plain = f".{plain}"
    return list(dict.fromkeys(root.iterfind(plain)))


def _any_namespace(part: re.Match[str]) -> str:
    text = part[0]
    if text.startswith("@xml:"):
        return f"@{_XML}{text[5:]}"
    return text if text[0] in "@'\"" or text == "last()" else f"{{*}}{text}"


def _outermost(elements: list[Any]) -> list[Any]:
    """Without the elements that stand in another one of these."""
    known = set(elements)
    inside: dict[Any, bool] = {}
    return [e for e in elements if not _is_inside(e, known, inside)]


def _is_inside(element: Any, known: set[Any], inside: dict[Any, bool]) -> bool:
    """Whether any element above is one of `known`; what was found out is kept in `inside`."""
    way = []
    answer = False
    above = element.getparent()
    while above is not None:
        if above in known:
            answer = True
            break
        if above in inside:
            answer = inside[above]
            break
        way.append(above)
        above = above.getparent()
    inside.update(dict.fromkeys(way, answer))
    return answer

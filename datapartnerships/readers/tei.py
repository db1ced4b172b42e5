"""TEI: texts as editors and scholars encode them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from datapartnerships.errors import DocumentError, InvalidParameter
from datapartnerships.readers import _recognized as rec
from datapartnerships.readers._base import FileReader
from datapartnerships.readers._dialects import TEI
from datapartnerships.readers._source import Source
from datapartnerships.readers._teitext import segments
from datapartnerships.schema import Document

_ROOTS = frozenset({"TEI", "TEI.2", "teiCorpus", "teiCorpus.2"})
_FORMS = ("original", "regularized")
# They have dates and titles of other things.
_BESIDE = frozenset({"msDesc", "listPerson", "listBibl"})
_LANGUAGE = "{http://www.w3.org/XML/1998/namespace}lang"


@dataclass(frozen=True, kw_only=True)
class TeiReader(FileReader):
    """Reads TEI (P4 and P5): a document a text, a segment a paragraph, stanza, list or table.

    `ref` is the headings of the divisions above; notes stand after the paragraph that they are
    in, with ``notes`` as `ref`. What is said in plays (``sp``) is a turn and what is said in
    transcripts (``u``) an utterance, each with its speaker. `page` is the printed number where
    all page breaks have a plain one, else page breaks counted from 1. Running heads, catchwords
    (``fw``) and what the author struck out (``del``) are left out. Each text of a ``teiCorpus``
    is a document.

    Attributes:
        forms: where an editor gives two forms (``sic`` and ``corr``, ``orig`` and ``reg``,
            ``abbr`` and ``expan``): ``original`` for the author's own, ``regularized`` for the
            editor's.
    """

    forms: str = "original"

    keeps = (
        "a document for each text: paragraphs, stanzas, lists, tables and turns, with the "
        "headings above them"
    )
    media_types = frozenset({TEI})
    suffixes = (".xml", ".tei")
    isolated = True

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.forms not in _FORMS:
            raise InvalidParameter(self, "forms", "'original' or 'regularized'", self.forms)

    def parse(self, source: Source) -> Iterator[Document | Source]:
        data, root = rec.read_root(source, self.limits, "TEI", _ROOTS)
        corpus = rec.local(root).startswith("teiCorpus")
        texts = list(root.iter("{*}TEI", "{*}TEI.2")) if corpus else [root]
        whole = source.document(self, data=data).provenance
        found = False
        for number, text in enumerate(texts, 1):
            made = segments(text, self.forms)
            if not made:
                continue
            found = True
            record = number if corpus else None
            row = source.document(self, made, record=record, metadata=_metadata(text))
            # Digested once, however many texts the file has.
            row.provenance |= {key: whole[key] for key in ("sha256", "size")}
            yield row
        if not found:
            raise DocumentError("no text found", f"{len(texts)} TEI texts without text")


def _metadata(root: Any) -> dict[str, str]:
    header = root.find("{*}teiHeader")
    found: dict[str, list[str]] = {}
    if header is not None:
        statement = header.find("{*}fileDesc/{*}titleStmt")
        _add(found, "title", statement, "title")
        _add(found, "author", statement, "author")
        _add(found, "editor", statement, "editor")
        publication = header.find("{*}fileDesc/{*}publicationStmt")
        _add(found, "publisher", publication, "publisher")
        _add(found, "published", publication, "date")
        _add(found, "identifier", publication, "idno")
        _add(found, "date", header.find("{*}profileDesc/{*}creation"), "date")
        bibliography = header.find("{*}fileDesc/{*}sourceDesc")
        _add(found, "source_date", bibliography, "date")
        available = None if publication is None else publication.find("{*}availability")
        if available is not None:
            targets = [e.get("target") for e in available.iter("{*}licence") if e.get("target")]
            found["rights"] = [text for text in (*targets, rec.flat(available)) if text]
        for language in header.iterfind("{*}profileDesc/{*}langUsage/{*}language"):
            name = language.get("ident") or language.get("id") or rec.flat(language)
            found.setdefault("language", []).append(name)
    text = root.find("{*}text")
    own = root.get(_LANGUAGE) or (text is not None and (text.get(_LANGUAGE) or text.get("lang")))
    if own:
        found["language"] = [own]
    joined = {key: "; ".join(dict.fromkeys(filter(None, v))) for key, v in found.items()}
    return {key: value for key, value in joined.items() if value}


def _add(found: dict[str, list[str]], key: str, parent: Any, name: str) -> None:
    if parent is None:
        return
    for element in parent.iter(f"{{*}}{name}"):
        if any(rec.local(above) in _BESIDE for above in element.iterancestors()):
            continue
        value = (element.get("when") or element.get("value")) if name == "date" else None
        if text := value or rec.flat(element):
            found.setdefault(key, []).append(text)

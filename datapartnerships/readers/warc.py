"""Web archives: what a crawler brought home, each page and file as a document."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from urllib.parse import unquote, urlsplit

import pyarrow as pa

from datapartnerships.errors import DocumentError, MissingExtra
from datapartnerships.readers import _http, _packed, sniff
from datapartnerships.readers._base import FileReader, printable_name, rejected
from datapartnerships.readers._crawl import Record, Trouble, records
from datapartnerships.readers._crawlbytes import CrawlBytes
from datapartnerships.readers._files import Deposit
from datapartnerships.readers._source import RECORD_SEPARATOR, Source
from datapartnerships.schema import Document, FileSpan

_CONTENT = frozenset({"response", "resource", "conversion"})
# What the server said a text is, as the suffix by which it is told from other texts.
_SUFFIXES = {
    "text/html": (".html", ".htm", ".xhtml"),
    "application/xhtml+xml": (".xhtml", ".html"),
    "text/xml": (".xml",),
    "application/xml": (".xml",),
    "application/rss+xml": (".xml",),
    "application/atom+xml": (".xml",),
    "image/svg+xml": (".svg",),
    "text/csv": (".csv",),
    "text/tab-separated-values": (".tsv",),
    "text/markdown": (".md",),
    "application/json": (".json",),
    "application/ld+json": (".json",),
    "application/x-ndjson": (".jsonl",),
    "message/rfc822": (".eml",),
    "application/mbox": (".mbox",),
}
_UNUSUAL = re.compile(r"[^\w.()-]+")
_NAME_CHARACTERS = 100
_VALUE_CHARACTERS = 2000
_CHUNK = 1 << 16
# Kept of the HTTP header, beside status and content type.
_KEPT = {"last-modified": "http_last_modified", "content-language": "http_content_language"}


@dataclass(frozen=True, kw_only=True)
class WarcReader(FileReader):
    """The pages and files in web archives: WARC 0.17 to 1.1 and ARC, plain or gzip by record.

    What was fetched (a response of status 200, a `resource`, a `conversion`) is read by the
    reader that `FolderReader` would choose for it; ``crawl_url``, ``crawl_date``, ``http_status``
    and ``http_content_type`` stand in its metadata. Transfer and content encodings are undone
    (gzip, deflate, zstd; br with the extra ``documents``), and the charset that the server named
    is tried before any other. ``member`` is the byte at which the record begins, and a name.

    Rejected rows: responses of another status (redirects, errors), `revisit` records (their
    content is in the record that they name), segments of records, and what is damaged; reading
    goes on at the next record. Records that only describe the crawl (`warcinfo`, `request`,
    `metadata`, DNS answers) are one rejected row a file, which counts them.

    A file is read as a stream, one record at a time. It is one shard: gzip cannot be entered in
    the middle. Make many files of a gigabyte, as crawlers do, for many workers.

    Attributes:
        verify_digests: reject a record whose payload does not have the digest it states.
    """

    verify_digests: bool = True

    keeps = (
        "pages and files that were fetched, as their reader gives them; address, date and status"
    )
    media_types = frozenset({sniff.WARC})
    suffixes = (".warc", ".warc.gz", ".warc.zst", ".arc", ".arc.gz")

    def parse(self, source: Source) -> Iterator[Document | Source]:
        """The payloads, each to be read before the next one is asked for."""
        described: Counter[str] = Counter()
        with source.open() as stream:
            for record in records(CrawlBytes(stream, self.limits)):
                if isinstance(record, Trouble):
                    failed = replace(source, member=source.record(record.place))
                    yield rejected(self, failed, record.error)
                elif _only_describes(record):
                    described[record.kind] += 1
                else:
                    yield from self._record(source, record)
        if described:
            counts = ", ".join(f"{count:,} {kind}" for kind, count in sorted(described.items()))
            about = replace(source, member=source.record("about"))
            yield rejected(self, about, DocumentError("records about the crawl", counts[:300]))

    def _record(self, source: Source, record: Record) -> Iterator[Document | Source]:
        url = _url(record)
        about = tuple(_metadata(record, url, _http.Response(0, {})).items())
        inner = replace(_member(source, record, url, ""), metadata=about)
        with ExitStack() as stack:
            try:
                _check_kind(record)
                found = _http.response(record) if _is_http(record, url) else _plain(record)
                inner = replace(
                    _member(source, record, url, found.content_type),
                    metadata=tuple(_metadata(record, url, found).items()),
                    charset=found.charset,
                )
                if found.status not in (0, 200):
                    raise DocumentError("no successful response", f"HTTP status {found.status}")
                ready = self._payload(stack, record, found, inner)
            except _packed.OverBudgetError:
                raise
            except (DocumentError, MissingExtra) as error:
                yield rejected(self, inner, error)
                return
            yield ready

    def _payload(
        self, stack: ExitStack, record: Record, found: _http.Response, inner: Source
    ) -> Source:
        """`inner` with the decoded payload at hand, until `stack` is closed."""
        algorithm, wanted = "", b""
        if self.verify_digests:
            algorithm, wanted = _http.wanted_digest(record.headers.get("warc-payload-digest", ""))
        stored = _http.Hashed(record, algorithm)
        body = _http.Hashed(_http.decoded(stored, found, self.limits, record.length), algorithm)
        ready = stack.enter_context(_packed.spooled(inner, body))
        while stored.read(_CHUNK):
            pass
        record.finish()
        # The standard means the stored bytes; some crawlers digest what they decode to.
        if wanted and wanted not in (stored.digest(), body.digest()):
            raise DocumentError("payload does not match its digest", algorithm)
        return ready

    def _read_span(self, deposit: Deposit, span: FileSpan) -> Iterator[Document | pa.Table]:
        from datapartnerships.readers.folder import FolderReader

        routing = FolderReader(self.path, source=self.source, limits=self.limits, readers=(self,))
        return routing._read_span(deposit, span)


def _check_kind(record: Record) -> None:
    if record.kind == "revisit":
        raise DocumentError("revisit record", "its content is in the record that it names")
    if record.kind not in _CONTENT:
        raise DocumentError("record of an unknown kind", record.kind[:40])
    if "warc-segment-number" in record.headers:
        part = record.headers["warc-segment-number"][:10]
        raise DocumentError("record in several parts", f"part {part}")


def _only_describes(record: Record) -> bool:
    if record.kind in ("warcinfo", "request", "metadata"):
        return True
    # What crawlers write of themselves: answers of name servers, wget's arguments and log.
    return _url(record).startswith(("dns:", "whois:", "metadata:"))


def _url(record: Record) -> str:
    # Some versions of wget put it between angle brackets, after the grammar of WARC 1.0.
    return record.headers.get("warc-target-uri", "").strip().removeprefix("<").removesuffix(">")


def _is_http(record: Record, url: str) -> bool:
    if record.kind != "response":
        return False
    kind = record.headers.get("content-type", "").lower()
    return kind.startswith("application/http") or url.lower().startswith(("http:", "https:"))


def _plain(record: Record) -> _http.Response:
    return _http.Response(0, {"content-type": record.headers.get("content-type", "")})


def _member(source: Source, record: Record, url: str, content_type: str) -> Source:
    """The payload as a source: its record's place, and a name that says what it may be."""
    try:
        path = unquote(urlsplit(url).path)
    except ValueError:  # a URL that is none
        path = ""
    name = _UNUSUAL.sub("_", path.rstrip("/").rsplit("/", 1)[-1])[-_NAME_CHARACTERS:]
    name = name.strip("._~$") or "page"
    suffixes = _SUFFIXES.get(content_type, ())
    if suffixes and not name.lower().endswith(suffixes):
        name += suffixes[0]
    return source.inside(f"{RECORD_SEPARATOR}{record.place}/{name}", source.open)


def _metadata(record: Record, url: str, found: _http.Response) -> dict[str, str]:
    """What the crawl says of the payload; never when it was written, which it does not know."""
    headers = found.headers
    values = {
        "crawl_url": url,
        "crawl_date": record.headers.get("warc-date", ""),
        "crawl_truncated": record.headers.get("warc-truncated", ""),
        "http_status": str(found.status or ""),
        "http_content_type": headers.get("content-type", ""),
        **{ours: headers.get(theirs, "") for theirs, ours in _KEPT.items()},
    }
    return {
        key: printable_name(value)[:_VALUE_CHARACTERS] for key, value in values.items() if value
    }

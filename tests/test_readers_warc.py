"""Web archives, written by a library of their own and by hand, whole and damaged."""

from __future__ import annotations

import base64
import gzip
import hashlib
import io
import random
import re
import tracemalloc
import zlib
from collections import Counter
from pathlib import Path
from typing import Any

import brotli
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from warcio.archiveiterator import ArchiveIterator
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from datapartnerships import readers
from datapartnerships.readers._source import Limits
from datapartnerships.schema import metadata_dict

# The library that writes the files here leaves its temporary files to the garbage collector.
pytestmark = pytest.mark.filterwarnings(
    "ignore:Implicitly cleaning up:ResourceWarning", "ignore:unclosed file:ResourceWarning"
)

PAGE = (
    "<html><head><title>Fundur</title></head><body><h1>Fundargerð</h1>"
    "<p>Þingið kom saman og ræddi laun verkafólks.</p></body></html>"
)
TEXT = "Þingið kom saman og ræddi laun verkafólks."


def rows(path: Path, **options: Any) -> list[dict[str, Any]]:
    reader = readers.FolderReader(str(path), **options)
    return [row for s in reader.shards() for table in reader.read(s) for row in table.to_pylist()]


def kept(found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [row for row in found if row["drop_reason"] is None]


def reasons(found: list[dict[str, Any]]) -> list[str]:
    about = "records about the crawl"
    return [r for row in found if (r := row["drop_reason"]) and about not in r]


def text(row: dict[str, Any]) -> str:
    return "\n".join(segment["text"] for segment in row["segments"])


class Crawl:
    """A web archive that is written record by record."""

    def __init__(self, gzip: bool = True, version: str = "1.0") -> None:
        self.file = io.BytesIO()
        self.writer = WARCWriter(self.file, gzip=gzip, warc_version=version)
        self.add("warcinfo", record=self.writer.create_warcinfo_record("a.warc", {"a": "b"}))

    def add(self, kind: str, record: Any) -> None:
        self.writer.write_record(record)

    def page(
        self, url: str, body: bytes, kind: str = "text/html", status: str = "200 OK", **headers: str
    ) -> None:
        pairs = [("Content-Type", kind)]
        pairs += [(name.replace("_", "-"), value) for name, value in headers.items()]
        http = StatusAndHeaders(status, pairs, protocol="HTTP/1.1")
        self.add(
            "response",
            self.writer.create_warc_record(
                url, "response", payload=io.BytesIO(body), http_headers=http
            ),
        )

    def bytes(self) -> bytes:
        return self.file.getvalue()


def chunked(data: bytes, size: int = 20) -> bytes:
    parts = [data[i : i + size] for i in range(0, len(data), size)]
    return b"".join(b"%x;a=b\r\n%s\r\n" % (len(p), p) for p in parts) + b"0\r\n\r\n"


def plain_record(
    body: bytes, *, url: str = "http://example.is/a.txt", length: int | None = None, more: str = ""
) -> bytes:
    head = (
        f"WARC/1.0\r\nWARC-Type: resource\r\nWARC-Target-URI: {url}\r\nContent-Type: text/plain\r\n"
        f"Content-Length: {len(body) if length is None else length}\r\n{more}\r\n"
    )
    return head.encode() + body + b"\r\n\r\n"


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("version", ["1.0", "1.1"])
def test_pages_and_files_go_to_their_readers(tmp_path: Path, packed: bool, version: str) -> None:
    crawl = Crawl(packed, version)
    crawl.page("http://a.is/fundur", PAGE.encode())
    crawl.page("http://a.is/notes?page=2", b"One.\n\nTwo.", "text/plain")
    crawl.page("http://a.is/rows.jsonl", b'{"text": "row"}\n', "application/octet-stream")
    crawl.page("http://a.is/old", b"", "text/plain", "301 Moved", Location="http://a.is/new")
    crawl.page("http://a.is/gone", b"Not here.", "text/plain", "404 Not Found")
    http = StatusAndHeaders("200 OK", [], protocol="HTTP/1.1")
    crawl.add(
        "revisit",
        crawl.writer.create_revisit_record(
            "http://a.is/fundur", "sha1:AAAA", "http://a.is/fundur", "2020-01-01T00:00:00Z", http
        ),
    )
    name = "a.warc.gz" if packed else "a.warc"
    (tmp_path / name).write_bytes(crawl.bytes())
    found = rows(tmp_path)
    documents = kept(found)
    assert [row["provenance"]["reader"] for row in documents] == [
        "HtmlReader", "TextReader", "JsonlReader",
    ]  # fmt: skip
    assert [text(row) for row in documents] == [f"Fundargerð\n{TEXT}", "One.\nTwo.", "row"]
    said = [metadata_dict(row["metadata"]) for row in documents]
    assert [m["crawl_url"] for m in said] == [
        "http://a.is/fundur", "http://a.is/notes?page=2", "http://a.is/rows.jsonl",
    ]  # fmt: skip
    assert all(m["http_status"] == "200" and m["crawl_date"][:2] == "20" for m in said)
    assert said[0]["http_content_type"] == "text/html" and said[0]["title"]
    assert [row["drop_reason"] for row in found if row["drop_reason"]] == [
        "WarcReader: no successful response (HTTP status 301)",
        "WarcReader: no successful response (HTTP status 404)",
        "WarcReader: revisit record (its content is in the record that it names)",
        "WarcReader: records about the crawl (1 warcinfo)",
    ]
    refused = {
        metadata_dict(row["metadata"]).get("crawl_url") for row in found if row["drop_reason"]
    }
    assert {"http://a.is/old", "http://a.is/gone", "http://a.is/fundur"} <= refused
    assert len({row["id"] for row in found}) == len(found)


def test_the_same_records_as_warcio(tmp_path: Path) -> None:
    chance, crawl = random.Random(3), Crawl()
    for n in range(200):
        status = chance.choice(["200 OK", "200 OK", "404 Not Found", "302 Found"])
        crawl.page(f"http://a.is/{n}", f"Page {n}. ".encode() * 40, "text/plain", status)
    (tmp_path / "a.warc.gz").write_bytes(crawl.bytes())
    wanted = Counter(
        record.http_headers.get_statuscode()
        for record in ArchiveIterator(io.BytesIO(crawl.bytes()))
        if record.rec_type == "response"
    )
    found = rows(tmp_path)
    counts = Counter(metadata_dict(row["metadata"]).get("http_status") for row in found)
    counts.pop(None)
    assert counts == wanted
    assert len(kept(found)) == wanted["200"]
    # The member is the offset that indexes of web archives (CDX) give.
    iterator = ArchiveIterator(io.BytesIO(crawl.bytes()))
    offsets = {iterator.get_record_offset() for r in iterator if r.rec_type == "response"}
    places = {row["provenance"]["member"].split("/")[0] for row in found}
    assert {f"#{offset}" for offset in offsets} <= places


@pytest.mark.parametrize(
    ("coding", "pack"),
    [
        ("gzip", gzip.compress),
        ("x-gzip", gzip.compress),
        ("deflate", zlib.compress),
        ("deflate", lambda data: zlib.compress(data)[2:-4]),
        ("br", brotli.compress),
        ("zstd", lambda data: pa.compress(data, "zstd", asbytes=True)),
        ("gzip, br", lambda data: brotli.compress(gzip.compress(data))),
        ("identity", bytes),
        ("gzip", bytes),  # stored decoded, the header kept
    ],
)
@pytest.mark.parametrize("in_chunks", [False, True])
def test_encodings_are_undone(tmp_path: Path, coding: str, pack: Any, in_chunks: bool) -> None:
    crawl, body = Crawl(), pack("".join(f"<p>{n}: {TEXT}</p>" for n in range(50)).encode())
    extra = {"Transfer_Encoding": "chunked"} if in_chunks else {}
    body = chunked(body, 700) if in_chunks else body
    crawl.page("http://a.is/", body, Content_Encoding=coding, **extra)
    (tmp_path / "a.warc.gz").write_bytes(crawl.bytes())
    found = rows(tmp_path)
    assert reasons(found) == [] and text(kept(found)[0]).count(TEXT) == 50


def test_a_body_said_to_be_chunked_that_is_not(tmp_path: Path) -> None:
    crawl = Crawl()
    crawl.page("http://a.is/", PAGE.encode(), Transfer_Encoding="chunked")
    (tmp_path / "a.warc.gz").write_bytes(crawl.bytes())
    assert TEXT in text(kept(rows(tmp_path))[0])


def test_encodings_that_cannot_be_undone(tmp_path: Path) -> None:
    crawl = Crawl()
    crawl.page("http://a.is/1", b"???", Content_Encoding="compress")
    crawl.page("http://a.is/2", gzip.compress(PAGE.encode())[:60], Content_Encoding="gzip")
    crawl.page("http://a.is/3", b"5\r\nabcde\r\nzz\r\n", Transfer_Encoding="chunked")
    crawl.page("http://a.is/4", brotli.compress(PAGE.encode())[:30], Content_Encoding="br")
    crawl.page("http://a.is/5", b"40\r\nabcde", Transfer_Encoding="chunked")
    crawl.page("http://a.is/6", gzip.compress(bytes(200 << 20)), Content_Encoding="gzip")
    crawl.page("http://a.is/7", PAGE.encode())
    (tmp_path / "a.warc.gz").write_bytes(crawl.bytes())
    found = rows(tmp_path)
    assert [reason.split(" (")[0] for reason in reasons(found)] == [
        "WarcReader: content encoding not supported",
        "WarcReader: compressed data are damaged",
        "WarcReader: damaged HTTP body",
        "WarcReader: compressed data are damaged",
        "WarcReader: record is cut off",
        "WarcReader: expands too much",
    ]
    assert [text(row) for row in kept(found)] == [f"Fundargerð\n{TEXT}"]


def test_the_charset_of_the_server_is_tried_first(tmp_path: Path) -> None:
    crawl = Crawl()
    polish = "Zażółć gęślą jaźń, napisał pisarz w liście do przyjaciela."
    crawl.page("http://a.pl/a", f"<p>{polish}</p>".encode("iso8859-2"), "text/html; charset=l2")
    crawl.page("http://a.pl/a.txt", polish.encode("iso8859-2"), 'text/plain; charset="ISO-8859-2"')
    (tmp_path / "a.warc.gz").write_bytes(crawl.bytes())
    found = rows(tmp_path)
    assert [text(row) for row in found[:2]] == [polish, polish]
    assert {metadata_dict(row["metadata"])["encoding_basis"] for row in found[:2]} == {"declared"}


def test_arc_of_both_versions(tmp_path: Path) -> None:
    http = b"HTTP/1.0 200 OK\r\nContent-Type: text/plain\r\n\r\n"
    for version, more in ((1, b""), (2, b" 200 AB12 - 99 a.arc")):
        first = b"%d 0 Archive\nURL IP-address Archive-date Content-type Archive-length\n" % version
        data = b"filedesc://a.arc 0.0.0.0 20010203040506 text/plain %d\n%s\n" % (len(first), first)
        for name in (b"one", b"two"):
            body = http + b"The text of page %s." % name
            data += b"http://a.is/%s 10.0.0.1 20010203040506 text/plain%s %d\n%s\n" % (
                name, more, len(body), body,
            )  # fmt: skip
        (tmp_path / f"{version}.arc").write_bytes(data)
    found = rows(tmp_path)
    assert [text(row) for row in kept(found)] == [
        "The text of page one.",
        "The text of page two.",
    ] * 2
    assert metadata_dict(kept(found)[0]["metadata"])["crawl_date"] == "2001-02-03T04:05:06Z"
    assert reasons(found) == []


def test_what_is_between_records_costs_only_itself(tmp_path: Path) -> None:
    good = [plain_record(f"Good text {n}.".encode()) for n in range(4)]
    (tmp_path / "junk.warc").write_bytes(good[0] + b"\x00junk\nmore junk" * 9 + b"\n" + good[1])
    (tmp_path / "long.warc").write_bytes(
        good[0] + plain_record(b"Its length is wrong.", length=150) + good[1] + good[2]
    )
    (tmp_path / "short.warc").write_bytes(
        good[0] + plain_record(b"Its length is wrong.", length=5) + good[1]
    )
    (tmp_path / "huge.warc").write_bytes(good[0] + plain_record(b"Bad.", length=10**12) + good[1])
    (tmp_path / "none.warc").write_bytes(
        good[0]
        + plain_record(b"Bad.").replace(b"Content-Length: 4", b"Content-Length: x")
        + good[1]
    )
    (tmp_path / "cut.warc").write_bytes(good[0] + good[1][:-12])
    found = rows(tmp_path)
    by_file = {
        name: [
            (text(row) or row["drop_reason"].split(" (")[0].partition(": ")[2])
            for row in found
            if row["provenance"]["uri"] == f"{name}.warc"
        ]
        for name in ("junk", "long", "short", "huge", "none", "cut")
    }
    first, second = "Good text 0.", "Good text 1."
    assert by_file == {
        "junk": [first, "damaged web archive", second],
        "long": [first, "record length is wrong", second, "Good text 2."],
        "short": [first, "record length is wrong", second],
        "huge": [first, "record length is wrong", second],
        "none": [first, "damaged web archive", second],
        "cut": [first, "record is cut off"],
    }
    junk = next(row for row in found if "bytes that are no record" in (row["drop_reason"] or ""))
    assert junk["provenance"]["member"] == f"#{len(good[0])}"


def test_a_damaged_gzip_member_costs_one_record(tmp_path: Path) -> None:
    members = [gzip.compress(plain_record(f"Good text {n}.".encode()), mtime=0) for n in range(9)]
    broken = list(members)
    broken[0] = members[0][:14] + b"\xff\xff\xff" + members[0][17:]
    broken[3] = members[3][:30] + bytes([members[3][30] ^ 0x41]) + members[3][31:]
    broken[6] = members[6][:40]
    (tmp_path / "a.warc.gz").write_bytes(b"".join(broken) + b"no gzip at all")
    found = rows(tmp_path)
    assert [text(row) for row in kept(found)] == [f"Good text {n}." for n in (1, 2, 4, 5, 7, 8)]
    assert all("damaged" in reason for reason in reasons(found))
    places = {row["provenance"]["member"].split("+")[0] for row in found if row["drop_reason"]}
    ends = [sum(map(len, broken[:n])) for n in (0, 3, 6, 9)]
    assert {place.split("/")[0] for place in places} == {f"#{end}" for end in ends}


@pytest.mark.parametrize("size", [1, 37, 5000])
def test_gzip_members_that_are_no_records(tmp_path: Path, size: int) -> None:
    """One member for the whole file, or cut by size: wrong, and found."""
    data = b"".join(plain_record(f"Good text {n}.".encode() * 9) for n in range(12))
    size = len(data) if size == 1 else size
    parts = [gzip.compress(data[i : i + size], mtime=0) for i in range(0, len(data), size)]
    (tmp_path / "a.warc.gz").write_bytes(b"".join(parts))
    found = rows(tmp_path)
    assert len(kept(found)) == 12 and reasons(found) == []
    assert len({row["id"] for row in found}) == 12


def test_digests(tmp_path: Path) -> None:
    def digest(data: bytes, name: str = "sha1") -> str:
        return base64.b32encode(hashlib.new(name, data).digest()).decode().rstrip("=")

    body = b"What was fetched."
    right = [
        f"sha1:{digest(body)}", f"sha256:{hashlib.sha256(body).hexdigest()}", "sha1:short",
        f"SHA-1:{digest(body).lower()}", "tiger:ABC",
    ]  # fmt: skip
    more = [f"WARC-Payload-Digest: {value}\r\n" for value in (*right, f"sha1:{digest(b'x')}")]
    (tmp_path / "a.warc").write_bytes(b"".join(plain_record(body, more=line) for line in more))
    found = rows(tmp_path)
    assert len(kept(found)) == 5
    assert reasons(found) == ["WarcReader: payload does not match its digest (sha1)"]
    reader = readers.WarcReader(str(tmp_path), verify_digests=False)
    assert sum(table.num_rows for s in reader.shards() for table in reader.read(s)) == 6
    again = [row for s in reader.shards() for table in reader.read(s) for row in table.to_pylist()]
    assert reasons(again) == []


def test_inside_other_files_and_inside_itself(tmp_path: Path) -> None:
    crawl = Crawl()
    crawl.page("http://a.is/inner.warc.gz", gzip.compress(plain_record(b"Deep down.")), "a/b")
    (tmp_path / "a.warc.zst").write_bytes(pa.compress(crawl.bytes(), "zstd", asbytes=True))
    (tmp_path / "no-name").write_bytes(crawl.bytes())
    found = rows(tmp_path)
    assert [text(row) for row in kept(found)] == ["Deep down."] * 2
    assert metadata_dict(kept(found)[0]["metadata"])["crawl_url"] == "http://example.is/a.txt"


def test_memory_is_bounded_by_a_record_and_not_by_the_file(tmp_path: Path) -> None:
    chance = random.Random(1)
    with open(tmp_path / "a.warc.gz", "wb") as file:
        for _ in range(60):
            body = chance.randbytes(500_000).hex().encode()
            file.write(gzip.compress(plain_record(body), 1))
    reader = readers.FolderReader(str(tmp_path))
    shard = reader.shards()[0]
    list(reader.read(shard))
    tracemalloc.start()
    count = sum(table.num_rows for table in reader.read(shard))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    # Batches hold 16 million characters; the file has 60 million.
    assert count == 60 and peak < 58 << 20


WHOLE = b"".join(
    [plain_record(b"The first text."), plain_record(b"The second."), plain_record(b"The third.")]
)


@settings(max_examples=150, deadline=None)
@given(st.data(), st.booleans())
def test_damage_never_stops_the_reader(tmp_path_factory: Any, data: Any, packed: bool) -> None:
    whole = WHOLE if not packed else b"".join(
        gzip.compress(part, mtime=0) for part in (WHOLE[:160], WHOLE[160:])
    )  # fmt: skip
    broken = bytearray(whole)
    for _ in range(data.draw(st.integers(0, 4))):
        at = data.draw(st.integers(0, len(broken) - 1))
        broken[at] = data.draw(st.integers(0, 255))
    cut = data.draw(st.integers(1, len(broken)))
    folder = tmp_path_factory.mktemp("crawl")
    (folder / "a.warc").write_bytes(bytes(broken[:cut]))
    found = rows(folder, limits=Limits(max_seconds=20))
    assert found
    assert len({row["id"] for row in found}) == len(found)
    assert all(row["drop_reason"] or text(row) for row in found)
    assert not [reason for reason in reasons(found) if re.search(r": \w+Error\b", reason)]

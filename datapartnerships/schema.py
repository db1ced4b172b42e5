"""The document: its columns in Arrow, and the plan and proof of a run.

A batch is a `pyarrow.Table` with at least the columns of `DOCUMENT`. A document is a list of
segments; a segment knows its own place in the source. `Shard`, `Receipt` and `Manifest` say
what is to be done, what one shard came to, and what the whole run came to.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

import pyarrow as pa

# 2: `rights` has `embargo_until`, `statement` and `signals`.
SCHEMA_VERSION = 2

DOCUMENT_KINDS = ("text", "document", "conversation", "image", "audio", "video")
# `sound` is a stretch of a recording without words (its `ref`: music, silence), `frame` a picture
# of a video; neither has to have a text.
SEGMENT_KINDS = ("page", "paragraph", "turn", "utterance", "sound", "frame")

# Where a word of a segment is heard: characters of its text, and seconds. No text of its own, so
# that nothing which is redacted there stays here; null again once the text is changed.
WORD = pa.struct(
    [
        ("start", pa.int32()),
        ("end", pa.int32()),
        ("start_s", pa.float64()),
        ("end_s", pa.float64()),
        ("confidence", pa.float32()),
    ]
)
SEGMENT = pa.struct(
    [
        ("text", pa.string()),
        ("kind", pa.string()),
        ("speaker", pa.string()),
        ("page", pa.int32()),
        ("bbox", pa.list_(pa.float32())),
        ("start_s", pa.float64()),
        ("end_s", pa.float64()),
        ("created", pa.string()),
        ("ref", pa.string()),
        ("confidence", pa.float32()),
        ("origin", pa.string()),
        ("language", pa.string()),
        ("words", pa.list_(WORD)),
        ("flags", pa.list_(pa.string())),
    ]
)
MEDIA = pa.struct(
    [
        ("path", pa.string()),
        ("sha256", pa.string()),
        ("media_type", pa.string()),
        # Of the sound of a recording: finds the same broadcast again (kernels.sound_print).
        ("fingerprint", pa.binary()),
    ]
)
PROVENANCE = pa.struct(
    [
        ("uri", pa.string()),
        ("sha256", pa.string()),
        ("size", pa.int64()),
        ("member", pa.string()),
        ("media_type", pa.string()),
        ("reader", pa.string()),
        ("version", pa.string()),
    ]
)
SIGNAL = pa.struct([("name", pa.string()), ("value", pa.string()), ("read_on", pa.string())])
RIGHTS = pa.struct(
    [
        ("license", pa.string()),
        ("basis", pa.string()),
        ("holder", pa.string()),
        ("evidence", pa.string()),
        ("track", pa.string()),
        ("valid_until", pa.string()),
        ("embargo_until", pa.string()),
        # Of rightsstatements.org, or a page like it: says what is known, and permits nothing.
        ("statement", pa.string()),
        # What the source told machines (a TDM reservation, an AI preference), and when it was read.
        ("signals", pa.list_(SIGNAL)),
    ]
)
# A list of pairs and not an Arrow map: `datasets` has no feature for a map (checked on 5.2), and
# a batch must pass through it unchanged.
METADATA = pa.list_(pa.struct([("key", pa.string()), ("value", pa.string())]))
SPAN = pa.struct(
    [
        # Which string of the document: "text", "speaker" or "ref" of segment `segment`, or the
        # value of metadata item `segment` when `field` is "metadata".
        ("field", pa.string()),
        ("segment", pa.int32()),
        ("start", pa.int32()),
        ("end", pa.int32()),
        ("label", pa.string()),
        ("score", pa.float32()),
        ("detector", pa.string()),
    ]
)
# What became of a span: the audit of `Redact`, kept apart from the text, and itself without any.
REDACTION = pa.struct(
    [
        ("field", pa.string()),
        ("segment", pa.int32()),
        # Characters: of the string as it was, and of what stands there now. Spans that overlapped
        # have one replacement.
        ("start", pa.int32()),
        ("end", pa.int32()),
        ("new_start", pa.int32()),
        ("new_end", pa.int32()),
        ("label", pa.string()),
        ("score", pa.float32()),
        ("detector", pa.string()),
        # Of the detector, as the registry knows it; null for one that it does not.
        ("version", pa.string()),
        ("policy", pa.string()),
        # HMAC of the value, under the key of the run: finds it again for whoever has the key.
        ("fingerprint", pa.string()),
    ]
)
# What a step changed in a text, beside the dataset where a run is to keep it: with the text.
CHANGE = pa.struct(
    [
        ("step", pa.string()),
        # Null: of all segments joined, where the step made more or fewer of them.
        ("segment", pa.int32()),
        # Characters of the text as the step left it, where `inserted` stands for `removed`.
        ("start", pa.int32()),
        ("removed", pa.string()),
        ("inserted", pa.string()),
    ]
)
# What a detector answers for a batch of texts: `text` is the index into the batch, offsets are
# characters (Unicode code points), `end` is exclusive.
SPANS = pa.schema(
    [
        ("text", pa.int32()),
        ("start", pa.int32()),
        ("end", pa.int32()),
        ("label", pa.string()),
        ("score", pa.float32()),
        ("detector", pa.string()),
    ]
)
DOCUMENT = pa.schema(
    [
        ("id", pa.string()),
        ("source", pa.string()),
        ("kind", pa.string()),
        ("segments", pa.list_(SEGMENT)),
        ("media", MEDIA),
        ("provenance", PROVENANCE),
        ("rights", RIGHTS),
        ("metadata", METADATA),
        ("spans", pa.list_(SPAN)),
        ("drop_reason", pa.string()),
    ]
)
# Why something may be used, but for `unknown`.
BASES = ("statute", "contract", "declared", "inferred")
UNKNOWN_RIGHTS = {"basis": "unknown"}


@dataclass(slots=True)
class Segment:
    """One page, paragraph, turn or utterance, as a reader builds it.

    Attributes:
        bbox: box on the page as shares of its width and height, from its top left corner: left,
            top, right, bottom. So it does not depend on the resolution of an image of the page.
        confidence: 0 to 1, of recognized text.
        origin: how the text was come by where there was a choice, and why (``text layer``,
            ``ocr tesseract 5.5: no text layer``).
        language: BCP 47 tag of what is spoken or written (``en``, ``nb``, ``und``).
        words: where each word is heard, as `WORD`: dicts of ``start``, ``end`` (characters of
            `text`), ``start_s``, ``end_s`` and ``confidence``.
        flags: what was found wrong with it, in single words (``loop``, ``silence``).
    """

    text: str
    kind: str = "paragraph"
    speaker: str | None = None
    page: int | None = None
    bbox: list[float] | None = None
    start_s: float | None = None
    end_s: float | None = None
    created: str | None = None
    ref: str | None = None
    confidence: float | None = None
    origin: str | None = None
    language: str | None = None
    words: list[dict[str, Any]] | None = None
    flags: list[str] | None = None


@dataclass(slots=True)
class Document:
    """One row, as a reader builds it; `documents_to_table` makes the batch."""

    id: str
    source: str
    kind: str = "text"
    segments: list[Segment] = field(default_factory=list)
    media: dict[str, Any] | None = None
    provenance: dict[str, Any] = field(default_factory=dict)
    rights: dict[str, Any] | None = None
    metadata: dict[str, str] = field(default_factory=dict)
    drop_reason: str | None = None

    def settle(self) -> None:
        """Called once before it becomes a row, for documents whose segments come later."""


def document_id(source: str, path: str, member: str | None) -> str:
    """128 bits, hexadecimal, of where the document is: stable between runs and machines."""
    place = f"{source}\0{path}\0{member or ''}".encode("utf-8", "surrogatepass")
    return hashlib.blake2b(place, digest_size=16).hexdigest()


_SEGMENT_FIELDS = tuple(item.name for item in SEGMENT)


def _clean(text: str | None) -> str | None:
    """Lone surrogates cannot be UTF-8: they become U+FFFD, which quality checks count."""
    if text is None or text.isascii():
        return text
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text


def documents_to_table(documents: Iterable[Document]) -> pa.Table:
    """Rows to one batch with exactly the columns of `DOCUMENT`."""
    documents = list(documents)
    for document in documents:
        document.settle()
    rows = [
        {
            "id": doc.id,
            "source": doc.source,
            "kind": doc.kind,
            "segments": [
                {
                    name: _clean(value) if isinstance(value, str) else value
                    for name in _SEGMENT_FIELDS
                    if (value := getattr(segment, name)) is not None
                }
                for segment in doc.segments
            ],
            "media": doc.media,
            "provenance": doc.provenance,
            "rights": doc.rights or UNKNOWN_RIGHTS,
            "metadata": [
                {"key": _clean(key), "value": _clean(value)} for key, value in doc.metadata.items()
            ],
            "spans": [],
            "drop_reason": _clean(doc.drop_reason),
        }
        for doc in documents
    ]
    return pa.Table.from_pylist(rows, schema=DOCUMENT)


def empty_batch() -> pa.Table:
    """A batch of no documents."""
    return DOCUMENT.empty_table()


# Reasons are counted, and stand in the manifest: they are to be few and short.
CLASS_CHARACTERS = 120


def reason_class(reason: str) -> str:
    """What is counted of a drop reason: ``step: reason (detail)`` without its detail."""
    return reason.split(" (", 1)[0][:CLASS_CHARACTERS]


@dataclass(frozen=True, slots=True)
class FileSpan:
    """A file, or the part [start, stop) of it: bytes, or rows where the reader says so."""

    path: str
    size: int = 0
    start: int = 0
    stop: int | None = None
    # Modification time or entity tag: a file that changed is another shard.
    modified: str = ""

    @property
    def extent(self) -> int:
        """How many bytes (or rows) this span covers."""
        return (self.size if self.stop is None else self.stop) - self.start


@dataclass(frozen=True, slots=True)
class Shard:
    """The unit of work, retry and resumption: some files, or a part of one."""

    index: int
    files: tuple[FileSpan, ...]

    @property
    def key(self) -> str:
        """Names the shard by what it holds, so that a receipt can be matched to it."""
        return digest([asdict(span) for span in self.files])[:24]

    @property
    def size(self) -> int:
        return sum(span.extent for span in self.files)


@dataclass(frozen=True, slots=True)
class FileEntry:
    """One file of the output, with what proves it."""

    path: str
    size: int
    sha256: str
    rows: int


_FILE_LISTS = ("files", "rejected_files", "audit_files", "changes_files", "sidecar_files")


def _parsed(text: str) -> dict[str, Any]:
    raw: dict[str, Any] = json.loads(text)
    lists = {name: tuple(FileEntry(**e) for e in raw.get(name, ())) for name in _FILE_LISTS}
    return {**raw, **lists}


def all_files(proof: Receipt | Manifest) -> tuple[FileEntry, ...]:
    return tuple(entry for name in _FILE_LISTS for entry in getattr(proof, name))


@dataclass(frozen=True, slots=True)
class Receipt:
    """Proof of one shard: written only after its files are complete."""

    shard: str
    fingerprint: str = ""
    files: tuple[FileEntry, ...] = ()
    rejected_files: tuple[FileEntry, ...] = ()
    audit_files: tuple[FileEntry, ...] = ()
    changes_files: tuple[FileEntry, ...] = ()
    sidecar_files: tuple[FileEntry, ...] = ()
    documents_in: int = 0
    documents_out: int = 0
    rejected: Mapping[str, int] = field(default_factory=dict)
    # Of a writer whose rows are no documents: what it made of them. `rows` are those in its files.
    counts: Mapping[str, int] = field(default_factory=dict)
    # What the report shows (timings, examples); never part of the proof.
    tally: Mapping[str, Any] = field(default_factory=dict)

    def to_json(self) -> str:
        return canonical_json(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> Receipt:
        return cls(**_parsed(text))


@dataclass(frozen=True, slots=True)
class Manifest:
    """Proof of a whole run. A folder without one is not a dataset."""

    fingerprint: str
    plan: str
    documents_in: int
    documents_out: int
    rejected: Mapping[str, int]
    files: tuple[FileEntry, ...]
    rejected_files: tuple[FileEntry, ...] = ()
    # What `Redact` replaced, without the text: stays with the partner.
    audit_files: tuple[FileEntry, ...] = ()
    # What steps took out of texts, with the text, if the run was to keep it: stays there, too.
    changes_files: tuple[FileEntry, ...] = ()
    # Of a writer whose rows hold little but text: whose each row is, and its rights.
    sidecar_files: tuple[FileEntry, ...] = ()
    format: str = "parquet"
    schema_version: int = SCHEMA_VERSION
    versions: Mapping[str, str] = field(default_factory=dict)
    # As in the receipts, added up; empty where every row is a document.
    counts: Mapping[str, int] = field(default_factory=dict)

    def to_json(self) -> str:
        return json.dumps(asdict(self), indent=2, sort_keys=True, ensure_ascii=False) + "\n"

    @classmethod
    def from_json(cls, text: str) -> Manifest:
        return cls(**_parsed(text))


def canonical_json(value: Any) -> str:
    """One spelling for one value: sorted keys, no spaces, no ASCII escapes."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def digest(value: Any) -> str:
    """SHA-256, hexadecimal, of the canonical JSON of `value`."""
    return hashlib.sha256(canonical_json(value).encode("utf-8", "surrogatepass")).hexdigest()


def plan_digest(shards: Iterable[Shard]) -> str:
    """What the deposit looked like when it was planned."""
    return digest([shard.key for shard in shards])


def metadata_dict(value: Iterable[Mapping[str, str]] | None) -> dict[str, str]:
    """The metadata of one row as a dict: ``metadata_dict(row["metadata"])``."""
    return {item["key"]: item["value"] for item in value or ()}


def iter_rows(table: pa.Table) -> Iterator[dict[str, Any]]:
    """Rows as dicts, a batch at a time."""
    for batch in table.to_batches():
        yield from batch.to_pylist()

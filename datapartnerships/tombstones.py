"""What was withdrawn: the public record of it, and sketches that find it when it comes back."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field, replace

import fsspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from datapartnerships.errors import ConfigurationError, UnknownName
from datapartnerships.kernels.minhash import SIGNATURE_BYTES, banding
from datapartnerships.kernels.near import Near
from datapartnerships.kernels.segments import join_text, whole

TOMBSTONES = "TOMBSTONES.jsonl"
SKETCHES = "sketches.arrow"
# Classes, and no free text: what somebody writes there would name the person.
REASONS = ("consent", "personal data", "rights", "court order", "error", "other")
# Columns that say which document a row is, or is a part of.
IDS = ("id", "parent_id", "document_id")
THRESHOLD = 0.8
# A shorter text is anybody's, and its digest could be guessed.
LEAST_WORDS = 12
_WORD = r"[\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}]|[\p{L}\p{N}]+"


@dataclass(frozen=True, slots=True)
class Tombstone:
    """What remains of a document that was withdrawn. Nothing of its content.

    Attributes:
        id: of the document.
        digest: SHA-256 of its text as it was released; null for one of less than 12 words.
        reason_class: one of `REASONS`.
        version: the first version of the release without it.
        date: of that version.
    """

    id: str
    digest: str | None
    reason_class: str
    version: str
    date: str


@dataclass(frozen=True, eq=False)
class Withdrawn:
    """Tombstones, and where they are known the sketches of the texts.

    The tombstones are published with the release. The sketches find a document that comes back
    under another name, or nearly as it was; they stay with the partner, in a folder with a copy of
    the tombstones.

    Attributes:
        tombstones: of every release until now.
        near: sketches of texts; `owners` has the id of each.
    """

    tombstones: tuple[Tombstone, ...] = ()
    near: Near | None = field(default=None, repr=False)
    owners: tuple[str, ...] = ()

    @classmethod
    def open(cls, path: str) -> Withdrawn:
        """A folder that `save` wrote, or a TOMBSTONES.jsonl, by path or fsspec URL.

        Raises
        ------
        ConfigurationError
            It is neither, or a line of it is no tombstone.
        """
        system, root = fsspec.core.url_to_fs(path)
        folder = not path.endswith(".jsonl")
        file = f"{root.rstrip('/')}/{TOMBSTONES}" if folder else root
        try:
            lines = system.cat_file(file).decode().splitlines()
        except (OSError, UnicodeDecodeError) as error:
            raise ConfigurationError(f"{path} holds no {TOMBSTONES}: {error}") from None
        tombstones = tuple(_tombstone(line, f"{file}:{n}") for n, line in enumerate(lines, 1))
        sketches = f"{root.rstrip('/')}/{SKETCHES}"
        if not folder or not system.exists(sketches):
            return cls(tombstones)
        with system.open(sketches, "rb") as raw, pa.ipc.open_file(raw) as reader:
            table = reader.read_all()
        bands = banding(THRESHOLD).bands
        if table.schema != _schema():
            raise ConfigurationError(f"{sketches} was written by another version of the library.")
        keys = _rows(table["keys"], 4 * bands).view(np.uint32)
        near = Near(keys, _rows(table["signature"], SIGNATURE_BYTES), threshold=THRESHOLD)
        return cls(tombstones, near, tuple(table["id"].to_pylist()))

    def save(self, path: str) -> None:
        """Into a folder, sketches first: without them a tombstone would promise too much."""
        system, root = fsspec.core.url_to_fs(path)
        system.makedirs(root, exist_ok=True)
        if self.near is not None:
            columns = [
                pa.array(self.owners, pa.string()),
                _binary(self.near.keys.view(np.uint8)),
                _binary(self.near.signatures),
            ]
            sink = pa.BufferOutputStream()
            with pa.ipc.new_file(sink, _schema()) as writer:
                writer.write_table(pa.table(columns, schema=_schema()))
            _replace(system, f"{root.rstrip('/')}/{SKETCHES}", sink.getvalue().to_pybytes())
        _replace(system, f"{root.rstrip('/')}/{TOMBSTONES}", self.to_jsonl().encode())

    def to_jsonl(self) -> str:
        """The public record, a line for each, by id."""
        rows = sorted(map(asdict, self.tombstones), key=lambda row: row["id"])
        return "".join(json.dumps(row, sort_keys=True) + "\n" for row in rows)

    def with_documents(
        self,
        ids: Sequence[str],
        texts: pa.Array | pa.ChunkedArray,
        *,
        reason: str,
        version: str,
        date: str,
    ) -> Withdrawn:
        """These and the documents that are withdrawn now; a row for each text, ids may repeat."""
        check_reason(reason)
        long = long_texts(texts)
        digests: dict[str, str | None] = {}
        for one, text in zip(ids, _digests(texts, long), strict=True):
            # Of a document in several rows no row has its whole text.
            digests[one] = None if one in digests else text
        known = {tombstone.id for tombstone in self.tombstones}
        added = [
            Tombstone(one, found, reason, version, date)
            for one, found in digests.items()
            if one not in known
        ]
        new = Near.of(texts.filter(long), threshold=THRESHOLD)
        owners = tuple(pa.array(ids, pa.string()).filter(long).to_pylist())
        return self.with_tombstones(added)._with_sketches(new, owners)

    def joined(self, other: Withdrawn) -> Withdrawn:
        """These and others, with the sketches of both."""
        both = self.with_tombstones(other.tombstones)
        return both._with_sketches(other.near, other.owners)

    def _with_sketches(self, new: Near | None, owners: Sequence[str]) -> Withdrawn:
        if new is not None and self.near is not None:
            keys = np.concatenate([self.near.keys, new.keys])
            signed = np.concatenate([self.near.signatures, new.signatures])
            new = Near(keys, signed, threshold=THRESHOLD)
        return replace(self, near=new or self.near, owners=(*self.owners, *owners))

    def with_tombstones(self, more: Iterable[Tombstone]) -> Withdrawn:
        """These, and others that it has not: there are no sketches of them."""
        known = {tombstone.id for tombstone in self.tombstones}
        added = (tombstone for tombstone in more if tombstone.id not in known)
        return replace(self, tombstones=(*self.tombstones, *added))

    def matches(self, table: pa.Table) -> pa.Array:
        """For each row why it is a withdrawn document, or null: ``id``, ``text``, ``near <id>``."""
        found = pa.nulls(table.num_rows, pa.string())
        if not self.tombstones:
            return found
        withdrawn = pa.array([tombstone.id for tombstone in self.tombstones])
        for name in IDS:
            if name in table.column_names:
                same = pc.is_in(whole(table[name]).cast(pa.string()), withdrawn)
                found = pc.if_else(same, "id", found)
        texts = texts_of(table)
        if texts is None:
            return found
        long = pc.and_(long_texts(texts), pc.is_null(found))
        digests = pa.array(_digests(texts, long), pa.string())
        held = [tombstone.digest for tombstone in self.tombstones if tombstone.digest]
        same = pc.is_in(digests, pa.array(held, pa.string()))
        found = pc.if_else(pc.and_(long, same), "text", found)
        if self.near is not None:
            rows = np.flatnonzero(pc.and_(long, pc.invert(same)).to_numpy(zero_copy_only=False))
            best, _ = self.near.best(texts.take(pa.array(rows)))
            why: list[str | None] = [None] * table.num_rows
            for row, one in zip(rows[best >= 0], best[best >= 0], strict=True):
                why[row] = f"near {self.owners[one]}"
            found = pc.coalesce(found, pa.array(why, pa.string()))
        return found


def check_reason(reason: str) -> None:
    """Raises `UnknownName` for what is no class of reasons."""
    if reason not in REASONS:
        raise UnknownName("reason", reason, REASONS)


def texts_of(table: pa.Table) -> pa.Array | None:
    """The text of each row, of documents in a pipeline as of those that were written."""
    if "segments" in table.column_names:
        return whole(join_text(table))
    return whole(table["text"]).cast(pa.string()) if "text" in table.column_names else None


def long_texts(texts: pa.Array | pa.ChunkedArray) -> pa.Array | pa.ChunkedArray:
    """Whether a text has so many words that it is somebody's."""
    counts = pc.count_substring_regex(pc.fill_null(texts, ""), _WORD)
    return pc.greater_equal(counts, LEAST_WORDS)


def _digests(texts: pa.Array, wanted: pa.Array) -> Iterable[str | None]:
    for text, want in zip(texts, wanted.to_pylist(), strict=True):
        yield hashlib.sha256(text.as_buffer()).hexdigest() if want else None


def _tombstone(line: str, where: str) -> Tombstone:
    try:
        found = Tombstone(**json.loads(line))
        check_reason(found.reason_class)
    except (ValueError, TypeError) as error:
        raise ConfigurationError(f"{where}: no tombstone: {error}") from None
    return found


def _schema() -> pa.Schema:
    keys = pa.binary(4 * banding(THRESHOLD).bands)
    return pa.schema(
        [("id", pa.string()), ("keys", keys), ("signature", pa.binary(SIGNATURE_BYTES))]
    )


def _rows(column: pa.ChunkedArray, width: int) -> np.ndarray[tuple[int, int], np.dtype[np.uint8]]:
    data = b"".join(value.as_py() for value in column)
    return np.frombuffer(data, np.uint8).reshape(-1, width).copy()


def _binary(rows: np.ndarray[tuple[int, ...], np.dtype[np.uint8]]) -> pa.Array:
    return pa.array([row.tobytes() for row in rows], pa.binary(rows.shape[1]))


def _replace(system: fsspec.AbstractFileSystem, path: str, data: bytes) -> None:
    """An object store replaces an object at once; here a rename does."""
    if "file" in (system.protocol if isinstance(system.protocol, tuple) else (system.protocol,)):
        system.pipe_file(f"{path}.new", data)
        system.mv(f"{path}.new", path)
    else:
        system.pipe_file(path, data)

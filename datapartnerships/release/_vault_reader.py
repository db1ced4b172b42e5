"""Reading from a vault: who may, what they may, and an entry in the log before any of it."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import os
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from typing import IO, Any

import pyarrow as pa
import pyarrow.compute as pc

from datapartnerships.errors import (
    InvalidParameter,
    MissingKey,
    ReleaseErased,
    TamperedFile,
    UnknownName,
    VaultError,
)
from datapartnerships.release import _ciphers
from datapartnerships.release._access_log import AccessLog
from datapartnerships.release._vault_entry import VaultEntry, grants_of, releases_in
from datapartnerships.release._vault_manifest import CONTENT, ERASED, FILES, VaultFile
from datapartnerships.release.access import Decision
from datapartnerships.release.keys import HeldKeys, KeyFile, Kms, Passphrase, identity_of
from datapartnerships.schema import iter_rows
from datapartnerships.writers._folder import Folder

Keys = Kms | Passphrase | str | os.PathLike[str]

_BATCH_ROWS = 1000
_NAMED_BY = ("id", "document_id", "parent_id", "provenance", "media")


def open_vault(
    path: str | os.PathLike[str],
    *,
    party: str,
    purpose: str,
    region: str | None = None,
    keys: Keys,
    release: str | None = None,
    date: str | dt.date | None = None,
    log: str | None = None,
) -> VaultReader:
    """Open a private release, as the policy admits it, to read its rows.

    That it was opened, or why not, stands in the access log before this returns. Rows are
    decrypted as they are read, in memory; nothing of them is written to a disk.

    Args:
        path: of the vault.
        party: who reads, as the policy names it.
        purpose: what for, as the policy names it.
        region: where.
        keys: the identity of the party (``AGE-SECRET-KEY-1...``), a file with it, or its
            `Passphrase`: these open the grant of the party. Or who holds the keys of the release:
            a `KeyFile` or a `Kms`.
        release: ``name@version``; may be left out where the vault has one only.
        date: the day that the policy is asked about; by default today, on every reading. It
            stands in the log.
        log: folder or URL of the access log, where that of the vault cannot be written.

    Raises
    ------
    AccessDenied
        The policy does not admit it; `PolicyExpired`: not any more.
    MissingKey
        There is no grant for the party, or not this key.
    WrongKey
        The identity or passphrase opens something else.
    TamperedFile
        The manifest or the grant is not as it was written.
    ReleaseErased
        Its keys were deleted.
    VaultError
        There is no such release, or the log cannot be written.
    """
    path = os.fspath(path).rstrip("/")
    name = _chosen(path, release)
    access = AccessLog(log or f"{path}/log")
    said = {"release": name, "party": party, "purpose": purpose, "region": region}
    said["date"] = None if date is None else str(date)
    try:
        entry = VaultEntry.open(path, name)
        closed = VaultReader(entry, HeldKeys({}), access, party, purpose, region, date)
        closed.decision().require()
        reader = replace(closed, keys=_held(entry, party, keys))
        entry.check(reader.keys)
    except VaultError as error:
        if type(error) is not VaultError:  # else there is no such release, perhaps no such vault
            access.append(event="refused", why=type(error).__name__, **said)
        raise
    access.append(event="open", manifest=entry.manifest.digest, **said)
    return reader


@dataclass(frozen=True)
class VaultReader:
    """A private release that was opened.

    Attributes:
        entry: what is read.
        party: who reads; so are purpose, region and date.
    """

    entry: VaultEntry
    keys: Kms = field(repr=False)
    access_log: AccessLog = field(repr=False)
    party: str
    purpose: str
    region: str | None = None
    date: str | dt.date | None = None

    def decision(self) -> Decision:
        """What the policy says now."""
        manifest = self.entry.manifest
        if self.party in manifest.revoked:
            since = manifest.revoked[self.party]
            return Decision("party", f"{self.party!r} was revoked on {since}.")
        return manifest.policy.admits(
            party=self.party, purpose=self.purpose, region=self.region, date=self.date
        )

    @property
    def files(self) -> tuple[str, ...]:
        """All files of the release, as in its folder."""
        return tuple(file.path for file in self.entry.manifest.files)

    @property
    def data_files(self) -> tuple[str, ...]:
        """Those with rows."""
        return tuple(path for path in self.files if path.endswith(".parquet"))

    @property
    def schema(self) -> pa.Schema:
        """Of the rows, with the features that `datasets` left there."""
        with self._parquet(self._rows_file()) as file:
            return file.schema_arrow

    def batches(
        self,
        columns: Sequence[str] | None = None,
        *,
        files: Sequence[str] | None = None,
        batch_rows: int = _BATCH_ROWS,
    ) -> Iterator[pa.RecordBatch]:
        """The rows, decrypted as they are read; one row group is in memory at a time.

        Args:
            columns: by default all.
            files: of `data_files`; by default all.
            batch_rows: rows of a batch, at most.

        Raises
        ------
        AccessDenied
            The policy does not admit it any more.
        MissingKey
            A column opens with a key that was not granted.
        TamperedFile
            A file is not what was put there: before any row of it.
        """
        files = self.data_files if files is None else tuple(files)
        self._begin(files, columns)
        for path in files:
            with self._parquet(path) as file:
                self._check_columns(file.schema_arrow.names, columns)
                for group in range(file.num_row_groups):
                    yield from file.iter_batches(batch_rows, [group], columns)

    @property
    def dataset(self) -> Any:
        """A `datasets.IterableDataset` that streams; it keeps nothing in any cache."""
        return self.select(None)

    def select(self, columns: Sequence[str] | None) -> Any:
        """The same, of some columns."""
        import datasets

        schema = self.schema
        if columns is not None:
            self._check_columns(schema.names, columns)
            schema = pa.schema([schema.field(name) for name in columns], schema.metadata)
        features = datasets.Features.from_arrow_schema(schema)
        return datasets.IterableDataset.from_generator(
            _rows,
            gen_kwargs={
                "reader": self,
                # A list: each worker of a loader gets a part of it.
                "files": list(self.data_files),
                "columns": None if columns is None else tuple(columns),
            },
            features=datasets.Features({name: features[name] for name in schema.names}),
        )

    @contextmanager
    def open(self, path: str) -> Iterator[IO[bytes]]:
        """A file of the release, decrypted into memory; it is gone when the block ends.

        Parquet files that are encrypted by column have no such form: see `batches`.
        """
        file = self._file(path)
        if file.cipher == "parquet":
            raise VaultError(f"{path} is encrypted by column: read it with batches().")
        self._begin([path], None)
        with self._plain(file) as stream:
            yield stream

    def _rows_file(self) -> str:
        if not self.data_files:
            raise VaultError(f"{self.entry.manifest.title} has no Parquet file: see open().")
        return self.data_files[0]

    def _begin(self, files: Sequence[str], columns: Sequence[str] | None) -> None:
        """Before every reading: is it still admitted, and is that written down."""
        for path in files:
            self._file(path)
        manifest = self.entry.manifest
        said = {"release": manifest.title, "party": self.party, "purpose": self.purpose}
        try:
            if Folder(self.entry.path).exists(ERASED):
                raise ReleaseErased(f"{manifest.title} was erased.")
            self.decision().require()
        except VaultError as error:
            self.access_log.append(event="refused", why=type(error).__name__, **said)
            raise
        names = None if columns is None else list(columns)
        self.access_log.append(event="read", files=list(files), columns=names, **said)

    def _file(self, path: str) -> VaultFile:
        for file in self.entry.manifest.files:
            if file.path == path:
                return file
        raise UnknownName("file", path, self.files, where=self.entry.manifest.title)

    def _check_columns(self, there: Sequence[str], columns: Sequence[str] | None) -> None:
        for name in columns or ():
            if name not in there:
                raise UnknownName("column", name, there, where=self.entry.manifest.title)
        if self.entry.manifest.cipher != "parquet" or not isinstance(self.keys, HeldKeys):
            return
        keys, rest = self.entry.manifest.column_keys(), self.entry.manifest.key(CONTENT)
        held = self.keys.identities
        shut = [name for name in columns or there if keys.get(name, rest) not in held]
        if shut:
            may = [name for name in there if keys.get(name, rest) in held]
            raise MissingKey(f"{self.party!r} has no key for the columns {shut}; for {may} it has.")

    @contextmanager
    def _parquet(self, path: str) -> Iterator[Any]:
        file = self._file(path)
        with ExitStack() as stack:
            stream = stack.enter_context(self._plain(file))
            kms = self.keys if file.cipher == "parquet" else None
            yield stack.enter_context(_ciphers.parquet_file(stream, kms, path))

    @contextmanager
    def _plain(self, file: VaultFile) -> Iterator[IO[bytes]]:
        """A file to read from; of one that age encrypted, the plaintext."""
        folder = Folder(self.entry.path)
        with ExitStack() as stack:
            try:
                stream = stack.enter_context(folder.system.open(folder.at(file.stored), "rb"))
            except FileNotFoundError:
                raise TamperedFile(f"{file.stored} is not there.") from None
            _check_bytes(stream, file)
            if file.cipher == "age":
                identity = self.entry.secret(self.keys, FILES).decode()
                stream = stack.enter_context(_ciphers.decrypted(stream, identity, file.path))
            yield stream


def _rows(
    reader: VaultReader, files: Sequence[str], columns: Sequence[str] | None
) -> Iterator[dict[str, Any]]:
    for batch in reader.batches(columns, files=files):
        yield from iter_rows(pa.Table.from_batches([batch]))


def document_ids(entry: VaultEntry, kms: Kms) -> frozenset[str]:
    """Of all documents: ids, and digests of what they were read from and of what travels."""
    reader = VaultReader(entry, kms, AccessLog(""), "", "")
    found: set[str | None] = set()
    for path in reader.data_files:
        with reader._parquet(path) as file:
            there = file.schema_arrow.names
            for group in range(file.num_row_groups):
                table = file.read_row_group(group, [name for name in _NAMED_BY if name in there])
                for column in table.itercolumns():
                    digests = pa.types.is_struct(column.type)
                    values = pc.struct_field(column, "sha256") if digests else column
                    found.update(values.to_pylist())
    return frozenset(name for name in found if name)


def _check_bytes(stream: IO[bytes], file: VaultFile) -> None:
    """Every byte, also those that no cipher proves because nobody reads them."""
    found, size = hashlib.sha256(), 0
    while block := stream.read(1 << 22):
        found.update(block)
        size += len(block)
    if size != file.size or found.hexdigest() != file.sha256:
        raise TamperedFile(f"{file.stored} is not what was put there: its digest is another.")
    stream.seek(0)


def _chosen(path: str, release: str | None) -> str:
    if release is not None:
        return release
    there = releases_in(path)
    if not there:
        raise VaultError(
            f"{path} has no release that can be read. Of one that was erased, release="
            "'name@version' says so."
        )
    if len(there) != 1:
        raise VaultError(f"{path} has {', '.join(there)}: say which, release='name@version'.")
    return there[0]


def _held(entry: VaultEntry, party: str, keys: Any) -> Kms:
    """The keys in the grant of the party, opened; or those of who holds them."""
    if isinstance(keys, KeyFile):
        held = keys.held()
        if entry.manifest.keys[0] not in held.identities:
            raise MissingKey(f"{keys.path} has no keys of {entry.manifest.title}.")
        return held
    if isinstance(keys, Kms):
        return keys
    if not isinstance(keys, Passphrase | str | os.PathLike):
        rule = "an age identity, the path of one, a Passphrase, a KeyFile or a Kms"
        raise InvalidParameter("open_vault", "keys", rule, type(keys).__name__)
    folder = Folder(entry.path)
    names = grants_of(folder, party)
    if not names:
        raise MissingKey(f"{entry.manifest.title} has no grant for {party!r}: Vault.grant.")
    with folder.system.open(folder.at(names[-1]), "rb") as stream:
        data = stream.read()
    what = f"{entry.path}/{names[-1]}"
    if hashlib.sha256(data).hexdigest()[:32] != names[-1].rpartition("=")[2].removesuffix(".age"):
        raise TamperedFile(f"{what} is not as it was written.")
    from datapartnerships._backends import age

    if isinstance(keys, Passphrase):
        text = age.decrypt_by_passphrase(data, keys.text, what)
    else:
        text = age.decrypt(data, identity_of(keys), what)
    said = json.loads(text)
    if said["release"] != entry.manifest.title or said["party"] != party:
        raise TamperedFile(f"{what} is of another release or party.")
    return HeldKeys(said["keys"])

"""How the files of a private release are encrypted, and read again without a trace on disk."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import IO, Any, cast

import pyarrow as pa
import pyarrow.parquet as pq

from datapartnerships.errors import ConfigurationError, TamperedFile, VaultError
from datapartnerships.release.keys import Kms
from datapartnerships.writers.parquet import leaves_of

# They stand between names in the settings of Parquet's encryption, and cannot be escaped there.
_SEPARATORS = ",;:"


def encrypt_parquet(
    source: IO[bytes], target: IO[bytes], kms: Kms, keys: Mapping[str, str], rest: str
) -> None:
    """The same rows in the same row groups, every column and the footer encrypted (AES-256-GCM).

    Each column has a key of its own in every file, wrapped under the key that `keys` gives for the
    column, else under `rest`. The footer is wrapped under ``keys[""]``. One row group is in memory
    at a time.
    """
    import pyarrow.parquet.encryption as pe

    with pq.ParquetFile(source) as file:
        columns: dict[str, list[str]] = {}
        # A column without a key would be written in the clear: every one of them gets one.
        for item in file.schema_arrow:
            name = keys.get(item.name, rest)
            columns.setdefault(name, []).extend(leaves_of(pa.schema([item])))
        there = [file.schema.column(i).path for i in range(len(file.schema))]
        if sorted(there) != sorted(leaf for leaves in columns.values() for leaf in leaves):
            raise ConfigurationError(f"Parquet names its columns {there}; expected {columns}.")
        for name in (*columns, *there, keys[""]):
            if any(sign in name for sign in _SEPARATORS):
                raise ConfigurationError(
                    f"{name!r} has one of {_SEPARATORS} in it, which Parquet's encryption cannot "
                    "take: rename it, or put the release with cipher='age'."
                )
        properties = _factory(kms).file_encryption_properties(
            pe.KmsConnectionConfig(),
            pe.EncryptionConfiguration(
                keys[""],
                column_keys=columns,
                encryption_algorithm="AES_GCM_V1",
                # Keys between the two would be of 128 bits.
                double_wrapping=False,
                data_key_length_bits=256,
            ),
        )
        with pq.ParquetWriter(
            target,
            file.schema_arrow,
            encryption_properties=properties,
            use_content_defined_chunking=True,
            write_page_index=True,
            **_as_it_was(file.metadata),
        ) as writer:
            for group in range(file.num_row_groups):
                table = file.read_row_group(group)
                writer.write_table(table, row_group_size=max(1, table.num_rows))


def _as_it_was(metadata: Any) -> dict[str, Any]:
    """Compression, dictionaries and statistics of the columns, as the first row group has them."""
    if not metadata.num_row_groups:
        return {}
    group = metadata.row_group(0)
    chunks = [group.column(i) for i in range(group.num_columns)]
    names = {chunk.path_in_schema: chunk.compression.lower() for chunk in chunks}
    return {
        "compression": {
            path: "none" if name == "uncompressed" else name for path, name in names.items()
        },
        "use_dictionary": [
            c.path_in_schema for c in chunks if any("DICTIONARY" in e for e in c.encodings)
        ],
        "write_statistics": [c.path_in_schema for c in chunks if c.is_stats_set],
    }


@contextmanager
def parquet_file(stream: IO[bytes], kms: Kms | None, what: str) -> Iterator[pq.ParquetFile]:
    """A Parquet file to read from, decrypted as it is read where there is a `kms`."""
    properties = None
    if kms is not None:
        import pyarrow.parquet.encryption as pe

        properties = _factory(kms).file_decryption_properties(
            pe.KmsConnectionConfig(), pe.DecryptionConfiguration()
        )
    with reading(what), pq.ParquetFile(stream, decryption_properties=properties) as file:
        yield file


@contextmanager
def reading(what: str) -> Iterator[None]:
    """What Arrow says of a file that cannot be decrypted, as an error of ours."""
    try:
        yield
    except VaultError:
        raise
    except (pa.ArrowInvalid, OSError) as error:
        # An OSError of Arrow's has no errno: of a disk or a store it has one.
        if getattr(error, "errno", None):
            raise
        raise TamperedFile(f"{what} is not as it was encrypted: {error}") from None


def _factory(kms: Kms) -> Any:
    """A new one for each file: it remembers keys, also those that are deleted meanwhile."""
    import pyarrow.parquet.encryption as pe

    # Arrow asks again for every chunk and page index of a column.
    known: dict[tuple[bytes, str], bytes] = {}

    class Client(pe.KmsClient):
        def wrap_key(self, key_bytes: bytes, master_key_identifier: str) -> bytes:
            return kms.wrap_key(key_bytes, master_key_identifier)

        def unwrap_key(self, wrapped_key: bytes, master_key_identifier: str) -> bytes:
            asked = wrapped_key, master_key_identifier
            if asked not in known:
                known[asked] = kms.unwrap_key(*asked)
            return known[asked]

    return pe.CryptoFactory(lambda _: Client())


@contextmanager
def decrypted(source: IO[bytes], identity: str, what: str) -> Iterator[IO[bytes]]:
    """What an age file holds, as a file that has no name on any disk and ends with the block.

    On Linux it lies in memory, all of it.
    """
    from datapartnerships._backends import age

    with _nameless() as stream:
        age.decrypt_stream(source, stream, identity, what)
        stream.seek(0)
        yield stream


def _nameless() -> IO[bytes]:
    if hasattr(os, "memfd_create"):
        return os.fdopen(os.memfd_create("vault", os.MFD_CLOEXEC), "w+b")
    return cast(IO[bytes], tempfile.TemporaryFile())  # mode 600, and unlinked at once

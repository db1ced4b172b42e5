"""Texts of files that a corpus is held against: evaluation sets, reference corpora."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from datapartnerships.errors import ConfigurationError

_PACKED = {".gz": "gzip", ".zst": "zstd", ".bz2": "bz2", ".lz4": "lz4"}
_LINES = (".jsonl", ".ndjson", ".json")
_KNOWN = (*_LINES, ".parquet", ".txt")
_ROWS = 1000


def names(paths: Sequence[str]) -> list[str]:
    """What the files are called: their names without suffixes, or their paths where these meet."""
    short = [path.rstrip("/").rsplit("/", 1)[-1].split(".")[0] or path for path in paths]
    return short if len(set(short)) == len(short) else list(paths)


def read(path: str, fields: Sequence[str] | None) -> Iterator[tuple[list[int], list[str]]]:
    """Rows of a file (from 0) and the texts in them, some thousands at a time.

    Of JSON Lines and Parquet every string of a row, or of its `fields`, is a text, also within
    lists and objects; of a text file every paragraph is a row.
    """
    rows: list[int] = []
    texts: list[str] = []
    for number, row in enumerate(_rows(path)):
        if isinstance(row, dict) and fields is not None:
            row = [row.get(name) for name in fields]
        for text in _strings(row):
            rows.append(number)
            texts.append(text)
        if len(texts) >= _ROWS:
            yield rows, texts
            rows, texts = [], []
    if texts:
        yield rows, texts


def _rows(path: str) -> Iterator[Any]:
    import fsspec
    import pyarrow as pa
    import pyarrow.parquet as pq

    bare, packed = path, None
    for suffix, codec in _PACKED.items():
        if path.lower().endswith(suffix):
            bare, packed = path[: -len(suffix)], codec
    kind = next((suffix for suffix in _KNOWN if bare.lower().endswith(suffix)), None)
    if kind is None:
        raise ConfigurationError(
            f"{path!r}: expected a file that ends in one of {', '.join(_KNOWN)}, which may be "
            f"packed ({', '.join(_PACKED)})."
        )
    try:
        with fsspec.open(path, "rb") as raw:
            if kind == ".parquet":
                for batch in pq.ParquetFile(raw).iter_batches(_ROWS):
                    yield from batch.to_pylist()
                return
            stream = pa.PythonFile(raw, mode="r")
            if packed:
                stream = pa.CompressedInputStream(stream, packed)
            yield from _of_lines(_lines(stream), path) if kind in _LINES else _paragraphs(stream)
    except FileNotFoundError:
        raise ConfigurationError(f"There is no file {path!r}.") from None
    except (pa.ArrowInvalid, UnicodeDecodeError, OSError) as error:
        raise ConfigurationError(f"{path!r} cannot be read: {error}") from error


def _lines(stream: Any) -> Iterator[str]:
    held: list[bytes] = []  # of a line that goes on: joined once, however long it is
    while block := stream.read(1 << 22):
        first, *others = block.split(b"\n")
        held.append(first)
        for line in others:
            yield b"".join(held).decode("utf-8-sig")
            held = [line]
    yield b"".join(held).decode("utf-8-sig")


def _of_lines(lines: Iterable[str], path: str) -> Iterator[Any]:
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            yield json.loads(line)
        except ValueError as error:
            raise ConfigurationError(
                f"{path!r}, line {number}: expected one JSON value a line ({error})."
            ) from error


def _paragraphs(stream: Any) -> Iterator[str]:
    held: list[str] = []
    for line in _lines(stream):
        if line.strip():
            held.append(line)
        elif held:
            yield "\n".join(held)
            held = []
    if held:
        yield "\n".join(held)


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for inner in value.values():
            yield from _strings(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from _strings(inner)

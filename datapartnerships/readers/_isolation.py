"""Parsing an untrusted file in a process apart: a hang, a crash or a bomb costs that file."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from datapartnerships import _apart, _spare
from datapartnerships._process import emit
from datapartnerships.errors import DocumentError
from datapartnerships.readers._beside import PAGES
from datapartnerships.readers._source import Limits, Source

if TYPE_CHECKING:
    from datapartnerships.readers._base import FileReader


def parse(reader: FileReader, source: Source, limits: Limits) -> Iterator[pa.Table | Source]:
    """`reader.tables(source)`, run in this thread's process apart."""
    plain: bytes | None = None if source.local else source.read(limits)
    with _at_hand(source.beside, limits) as beside:
        yield from _parse_apart(reader, source, beside, plain, limits)


def _parse_apart(
    reader: FileReader,
    source: Source,
    beside: tuple[Source, ...],
    plain: bytes | None,
    limits: Limits,
) -> Iterator[pa.Table | Source]:
    received: list[tuple[str, Any]] = []
    message = replace(source, open=_closed, local=source.local, beside=beside)
    parts = (reader, message, plain, _spare.current())
    try:
        _apart.stream(
            _parse_there,
            *parts,
            max_seconds=limits.max_seconds,
            max_memory_bytes=limits.max_memory_bytes,
            on_event=received.append,
        )
    except (KeyboardInterrupt, SystemExit):
        raise
    except BaseException:
        yield from _unpack(received, source)
        raise
    yield from _unpack(received, source)


@contextmanager
def _at_hand(beside: tuple[Source, ...], limits: Limits) -> Iterator[tuple[Source, ...]]:
    """Files that lie beside one, as files of this machine: what does not cross processes otherwise.

    Those that are elsewhere are copied, XML files first, up to ``limits.max_file_bytes`` in all.
    The others keep no `local`, so they cannot be opened.
    """
    places = [part.local for part in beside]
    far = [number for number, part in enumerate(beside) if part.local is None]
    with ExitStack() as stack:
        folder = stack.enter_context(TemporaryDirectory()) if far else ""
        room = limits.max_file_bytes
        for number in sorted(far, key=lambda number: beside[number].suffix not in PAGES):
            try:
                data = beside[number].read(replace(limits, max_file_bytes=room + 1))
            except (DocumentError, OSError):
                continue
            room -= len(data)
            if room < 0:
                break
            places[number] = f"{folder}/{number}"
            Path(folder, str(number)).write_bytes(data)
        yield tuple(
            replace(part, open=_closed, local=place)
            for part, place in zip(beside, places, strict=True)
        )


def _unpack(received: list[tuple[str, Any]], source: Source) -> Iterator[pa.Table | Source]:
    for kind, value in received:
        if kind == "alive":
            continue
        if kind == "beside":
            yield source.beside[value]
        elif kind == "table":
            yield pa.ipc.open_stream(value).read_all()
        else:
            name, data = value
            yield replace(
                source,
                open=lambda data=data: io.BytesIO(data),  # type: ignore[misc]
                size=len(data),
                member=name,
                media_type="",
                local=None,
                beside=(),
            )


def _openable(part: Source) -> Source:
    local = part.local
    return part if local is None else replace(part, open=lambda: open(local, "rb"))


def _closed() -> Any:
    raise OSError("the stream of a source does not cross processes")


def _parse_there(
    reader: FileReader, source: Source, plain: bytes | None, places: _spare.Places | None
) -> None:
    """In the child: parse, and send every table (or inner source) as it comes."""
    _spare.use(places)
    if plain is None:
        assert source.local is not None
        local = source.local
        source = replace(source, open=lambda: open(local, "rb"))
    else:
        source = replace(source, open=lambda: io.BytesIO(plain))
    source = replace(source, beside=tuple(map(_openable, source.beside)))
    numbers = {id(part): number for number, part in enumerate(source.beside)}
    for item in reader.tables(source):
        if isinstance(item, Source) and id(item) in numbers:
            emit(("beside", numbers[id(item)]))
        elif isinstance(item, Source):
            emit(("source", (item.member, item.read(reader.limits))))
        else:
            sink = pa.BufferOutputStream()
            with pa.ipc.new_stream(sink, item.schema) as writer:
                writer.write_table(item)
            emit(("table", sink.getvalue().to_pybytes()))

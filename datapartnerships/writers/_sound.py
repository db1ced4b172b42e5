"""Stretches of a recording as FLAC: the samples its reader heard, decoded in a process apart."""

from __future__ import annotations

import tempfile
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from typing import NamedTuple

import numpy as np

from datapartnerships import _apart
from datapartnerships._backends._recording import Array
from datapartnerships._process import emit
from datapartnerships.errors import DocumentError

# Bytes of clips that wait in memory; the others in a file without a name.
_IN_MEMORY = 32 << 20


class Stretch(NamedTuple):
    """Samples [start, end) at 16 kHz of one channel, or of the mean of all (None)."""

    start: int
    end: int
    channel: int | None = None


class Cutting(NamedTuple):
    """How many samples of a stretch there are, and they as FLAC (empty where there are none)."""

    samples: int
    flac: bytes


def cuttings(place: str, wanted: Sequence[Stretch], *, apart: bool) -> Iterator[Cutting]:
    """The sound of each stretch of the recording at `place`; `wanted` is sorted by `start`.

    Decoded once, up to the end of the last stretch, as the reader of recordings does: `apart`
    keeps two channels apart. A stretch is shorter than wanted where the recording ends, or cannot
    be decoded any further.
    """
    sizes: list[tuple[int, int]] = []
    with tempfile.SpooledTemporaryFile(_IN_MEMORY, prefix="datapartnerships-") as spool:

        def keep(event: tuple[str, Cutting]) -> None:
            kind, said = event
            if kind == "cutting":
                spool.write(said.flac)
                sizes.append((said.samples, len(said.flac)))

        # What cannot be decoded is no sound: the writer counts it.
        with suppress(DocumentError):
            _apart.stream(_cut_there, place, list(wanted), apart, on_event=keep)
        spool.seek(0)
        for samples, size in sizes:
            yield Cutting(samples, spool.read(size))
    yield from (Cutting(0, b"") for _ in wanted[len(sizes) :])


def _cut_there(place: str, wanted: Sequence[Stretch], apart: bool) -> None:
    """In the process apart."""
    from datapartnerships._backends import av

    with av.Recording(place, channels="apart" if apart else "mix") as recording:
        for samples in cut(_living(recording.blocks() if recording.facts.codec else ()), wanted):
            data = av.encode_flac(samples) if len(samples) else b""
            emit(("cutting", Cutting(len(samples), data)))


def _living(blocks: Iterable[Array]) -> Iterator[Array]:
    for block in blocks:
        _apart.alive()
        yield block


def cut(blocks: Iterator[Array], wanted: Sequence[Stretch]) -> Iterator[Array]:
    """The samples of each stretch, of blocks of channels x samples; no more of them is held."""
    held: deque[tuple[int, Array]] = deque()
    position = 0
    for item in wanted:
        while held and held[0][0] + held[0][1].shape[1] <= item.start:
            held.popleft()
        while position < item.end and (block := next(blocks, None)) is not None:
            if position + block.shape[1] > item.start:
                held.append((position, block))
            position += block.shape[1]
        parts = [
            _one(block, item.channel)[max(0, item.start - at) : max(0, item.end - at)]
            for at, block in held
        ]
        yield np.concatenate(parts) if parts else np.empty(0, np.float32)


def _one(block: Array, channel: int | None) -> Array:
    if len(block) == 1:
        channel = 0
    one: Array = block.mean(axis=0) if channel is None else block[min(channel, len(block) - 1)]
    return one

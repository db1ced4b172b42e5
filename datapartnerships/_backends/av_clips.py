"""PyAV: stretches of a recording at 16 kHz, and FLAC without tags."""

from __future__ import annotations

import io
from collections import deque
from collections.abc import Iterator, Sequence
from typing import Any, BinaryIO, NamedTuple, cast

import numpy as np

from datapartnerships.errors import extra

with extra("audio", needed_by="ClipWriter"):
    import av

RATE = 16_000

Samples = np.ndarray[Any, np.dtype[np.int16]]
Block = np.ndarray[Any, np.dtype[np.float32]]


class Stretch(NamedTuple):
    """Samples [start, end) at 16 kHz of one channel, or of the mean of all (None)."""

    start: int
    end: int
    channel: int | None = None


def stretches(stream: BinaryIO, wanted: Sequence[Stretch]) -> Iterator[Samples]:
    """The sound of each stretch, 16 bits; `wanted` is sorted by `start`.

    The recording is decoded once, from its first sample (which is second 0, whatever its time
    stamps say) to the end of the last stretch; no more than the stretches in hand are kept. A
    stretch is shorter than wanted where the recording ends, or cannot be decoded any further.
    """
    held: deque[tuple[int, Block]] = deque()
    blocks = _blocks(stream)
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
        whole = np.concatenate(parts) if parts else np.empty(0, np.float32)
        # A sample of 16 bits is a number of 1/32768 there and comes back as it was.
        yield np.clip(np.rint(whole * 32768.0), -32768, 32767).astype(np.int16)
    blocks.close()


def _one(block: Block, channel: int | None) -> Block:
    if channel is not None and channel < block.shape[0]:
        return cast(Block, block[channel])
    return cast(Block, block.mean(axis=0, dtype=np.float32) if len(block) > 1 else block[0])


def _blocks(stream: BinaryIO) -> Any:
    """Decoded sound, float32 (channels, samples) at 16 kHz; ends where decoding fails."""
    try:
        # Nothing that a file names (a playlist, a link) is opened for it.
        with av.open(stream, options={"protocol_whitelist": "pipe"}) as container:
            if not container.streams.audio:
                return
            resampler = av.AudioResampler(format="fltp", rate=RATE)
            for frame in container.decode(container.streams.audio[0]):
                frame.pts = None  # else gaps between time stamps would be filled with silence
                for part in resampler.resample(frame):
                    yield part.to_ndarray()
            for part in resampler.resample(None):
                yield part.to_ndarray()
    except (av.error.FFmpegError, ValueError):
        return


def flac(samples: Samples) -> bytes:
    """Mono FLAC of 16 bits and 16 kHz: how the sound is coded, and nothing else besides it."""
    out = io.BytesIO()
    with av.open(out, "w", format="flac") as container:
        coder: Any = container.add_stream("flac", rate=RATE, layout="mono")
        coder.format = "s16"
        frame = av.AudioFrame.from_ndarray(samples[None], format="s16", layout="mono")
        frame.sample_rate = RATE
        frame.pts = 0
        for packet in [*coder.encode(frame), *coder.encode(None)]:
            container.mux(packet)
    return _scrubbed(out.getvalue())


def _scrubbed(data: bytes) -> bytes:
    """Without any metadata block but the first, STREAMINFO (RFC 9639, section 8)."""
    at, last, first = 4, False, b""
    while not last:
        last, size = bool(data[at] & 0x80), int.from_bytes(data[at + 1 : at + 4], "big")
        if at == 4:
            first = b"\x80" + data[at + 1 : at + 4 + size]
        at += 4 + size
    return data[:4] + first + data[at:]

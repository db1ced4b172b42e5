"""What is known of a recording, as plain values, and what is reckoned with its channels."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, BinaryIO, Literal

import numpy as np
import numpy.typing as npt

# Samples a second of all sound that is handed on: what recognizers are trained on.
RATE = 16_000
# Samples of a block: half a minute.
BLOCK = 30 * RATE

Array = npt.NDArray[Any]
Channels = Literal["auto", "apart", "mix"]

# Said by programs of themselves, or said better elsewhere.
_TECHNICAL = frozenset({
    "major_brand", "minor_version", "compatible_brands", "encoder", "handler_name", "vendor_id",
    "duration", "language", "isvbr", "wmfsdkversion", "wmfsdkneeded", "devicefrequency",
    "itunsmpb", "itunnorm", "bps", "number_of_frames", "number_of_bytes",
})  # fmt: skip
_MOST_TAGS, _LONGEST_TAG = 100, 4000
_MOST_CHAPTERS = 1000
# To tell sides apart: windows of 50 ms, one side 10 dB louder, in a fourth of those with sound.
_WINDOW = RATE // 20
_LOUDER, _SHARE = 10.0, 0.25
_QUIET, _RANGE = 1e-5, 1e-3  # power: of nothing at all; of sound, beside the loudest

# The header of ASF, and its objects for encryption (ASF specification 1.20, 3.14 and 3.15).
_ASF = bytes.fromhex("3026b2758e66cf11")
_ASF_PROTECTED = (
    bytes.fromhex("fbb31122 23bdd211 b4b700a0 c955fc6e"),
    bytes.fromhex("14e68a29 2226174c b935dae0 7ee9289c"),
)


@dataclass(frozen=True, slots=True)
class Chapter:
    """A part of a recording that has a title; seconds."""

    start_s: float
    end_s: float
    title: str


@dataclass(frozen=True, slots=True)
class Video:
    """The moving pictures; `frame_rate` is frames a second, on average."""

    codec: str
    width: int
    height: int
    frame_rate: float | None


@dataclass(slots=True)
class Facts:
    """What the file says of itself.

    Attributes:
        duration_s: seconds of the whole file; an estimate in formats that do not say it.
        promised_s: seconds of sound, where the header says so.
        codec, sample_rate, channels, layout: of the sound; empty where there is none.
        language: as the stream has it, mostly ISO 639-2.
        other_sound: streams of sound that are not read: codec, language, title.
    """

    container: str
    duration_s: float | None
    bit_rate: int | None
    tags: dict[str, str]
    chapters: tuple[Chapter, ...]
    video: Video | None
    other_sound: tuple[str, ...] = ()
    codec: str = ""
    sample_rate: int = 0
    channels: int = 0
    layout: str = ""
    language: str | None = None
    promised_s: float | None = None


@dataclass(slots=True)
class Losses:
    """What became of the sound.

    Attributes:
        decoded_s: seconds of it, gaps included.
        gaps_s: seconds that are missing inside, filled with zeros.
        cut_off_s: seconds that the header promises and the end does not have.
        damaged_packets: pieces that could not be decoded.
    """

    decoded_s: float = 0.0
    gaps_s: float = 0.0
    cut_off_s: float = 0.0
    damaged_packets: int = 0


@dataclass(frozen=True, slots=True, eq=False)
class Picture:
    """A frame of a video: its second, and its pixels, height x width x 3."""

    second: float
    pixels: Array = field(repr=False)


def tags(*given: Mapping[str, str]) -> dict[str, str]:
    """Tags of a file, then of its stream, names in small letters."""
    found: dict[str, str] = {}
    for key, value in (pair for each in given for pair in each.items()):
        name, text = key.strip().lower(), value.replace("\0", "").strip()
        if text and name and name not in _TECHNICAL and len(found) < _MOST_TAGS:
            found.setdefault(name, text[:_LONGEST_TAG])
    return found


def chapters(given: Iterable[Any]) -> tuple[Chapter, ...]:
    found = []
    for item in list(given)[:_MOST_CHAPTERS]:
        start, end = (float(item[name] * item["time_base"]) for name in ("start", "end"))
        found.append(Chapter(round(start, 3), round(end, 3), item["metadata"].get("title", "")))
    return tuple(found)


def mixer(names: Sequence[str], kept: int, opposite: bool) -> Array:
    """The matrix of `kept` x channels that makes what is kept of the channels with these names.

    Of more than two, people speak in the center: it counts for half, the sides for a fourth
    each, what is behind for an eighth; the one for low effects not at all. `opposite`: of two
    channels one is the other upside down, so their sum is nothing.
    """
    count = len(names)
    if count == 2:
        if kept == 2:
            return np.eye(2, dtype=np.float32)
        return np.array([[1.0, 0.0] if opposite else [0.5, 0.5]], np.float32)
    weights = np.full(count, 1 / count)
    if "FC" in names and count > 2:
        share = {"FC": 0.5, "FL": 0.25, "FR": 0.25, "LFE": 0.0, "LFE2": 0.0}
        weights = np.array([share.get(name, 0.125) for name in names])
    return np.tile(weights.astype(np.float32), (kept, 1))


def sides(heard: Sequence[Array]) -> tuple[bool, bool]:
    """Whether two channels are two things; and whether one is the other upside down.

    Two microphones in one room, or a broadcast in stereo, hear everybody on both sides. Two
    parties on a line, or a speaker and the interpreter, are loud when the other is not.
    """
    if not heard:
        return False, False
    both = np.concatenate([part[:, : part.shape[1] // _WINDOW * _WINDOW] for part in heard], axis=1)
    if not both.size:
        return False, False
    power = np.square(both.reshape(2, -1, _WINDOW)).mean(axis=2)
    louder = power.max(axis=0)
    sound = louder > max(_QUIET, float(louder.max()) * _RANGE)
    if not sound.any():
        return False, False
    uneven = louder[sound] > _LOUDER * power.min(axis=0)[sound]
    apart = float(uneven.mean()) >= _SHARE
    product = float(np.mean(both[0] * both[1]))
    return apart, product < -0.5 * float(np.sqrt(np.prod(np.square(both).mean(axis=1))))


def lacks_index(file: BinaryIO) -> bool:
    """Whether it is an MP4 or MOV file without the box that says where everything is."""
    file.seek(0)
    at, names = 0, list[bytes]()
    for _ in range(64):
        head = file.read(16)
        if len(head) < 8:
            break
        size = int.from_bytes(head[:4], "big")
        if size == 1:
            size = int.from_bytes(head[8:16], "big")
        names.append(head[4:8])
        if size < 8:
            break
        at += size
        file.seek(at)
    return names[:1] == [b"ftyp"] and b"moov" not in names


def protected(file: BinaryIO) -> bool:
    """Whether it is a Windows Media file that is bound to its seller."""
    file.seek(0)
    head = file.read(1 << 16)
    return head.startswith(_ASF) and any(mark in head for mark in _ASF_PROTECTED)


def scrubbed_flac(data: bytes) -> bytes:
    """Without any metadata block but the first, STREAMINFO (RFC 9639, section 8)."""
    at, last, first = 4, False, b""
    while not last:
        last, size = bool(data[at] & 0x80), int.from_bytes(data[at + 1 : at + 4], "big")
        if at == 4:
            first = b"\x80" + data[at + 1 : at + 4 + size]
        at += 4 + size
    return data[:4] + first + data[at:]

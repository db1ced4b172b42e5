"""An acoustic fingerprint: finds the same sound again in another recording. NumPy alone.

50 bits a second of sound (16 bits 3.125 times a second): 225 kB for 10 hours. A bit says whether
the difference of two neighboring frequency bands rises or falls between two moments (after Haitsma
and Kalker, "A Highly Robust Audio Fingerprinting System", ISMIR 2002), over windows so long (1.3 s)
that a copy that begins a part of a step later has nearly the same bits. Loudness and whatever
filters the sound (a telephone, a loudspeaker) cancel out of the difference; so does a steady tone.

Sizes, speed and errors are measured in ``benchmarks/sound_print.py``.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import Any

import numpy as np

__all__ = ["STEP_S", "Match", "SoundPrint", "keys", "longest", "matches", "words"]

Floats = np.ndarray[Any, Any]  # float32
Words = np.ndarray[Any, Any]  # uint16

RATE = 16000
HOP = 640  # 40 ms
WINDOW = 1024
STEP = 8  # hops a word: 0.32 s
STEP_S = STEP * HOP / RATE
_BANDS = 17
_LOW, _HIGH = 300.0, 3000.0  # Hz: what a telephone and a codec of 16 kbit/s leave
_SPAN = 32  # hops of the window over which a band is summed
_APART = 20  # hops between the two moments of a difference
# What a recording has beside a step for each word, at most: seconds.
_BESIDE_S = ((_SPAN + _APART) * HOP + WINDOW - HOP) / RATE
_CHUNK = 512  # hops at once; always cut at the same samples
_MAGIC = b"dpF1"
_SILENT = 0  # this word stands for: nothing to compare
_BITS = np.array([bin(number).count("1") for number in range(1 << 16)], np.uint8)


class SoundPrint:
    """One pass over a recording: `feed` blocks of mono float32 at 16 kHz, then `end`.

    The fingerprint does not depend on how the stream was cut into blocks.
    """

    def __init__(self) -> None:
        self._rest: list[Floats] = []
        self._have = 0
        self._bands: list[Floats] = []  # the sums of bands that the next words still need
        self._words: list[Words] = []

    def feed(self, samples: Floats) -> None:
        self._rest.append(np.array(samples, np.float32))
        self._have += len(samples)
        size = _CHUNK * HOP + WINDOW - HOP
        if self._have < size:
            return
        samples, at = np.concatenate(self._rest), 0
        while len(samples) - at >= size:
            self._take(samples[at : at + size])
            at += _CHUNK * HOP
        self._rest = [samples[at:].copy()]
        self._have = len(samples) - at

    def end(self) -> bytes:
        """The fingerprint: 4 bytes that name its kind, and 2 bytes a word."""
        samples = np.concatenate([*self._rest, np.zeros(0, np.float32)])
        self._rest, self._have = [], 0
        if len(samples) >= WINDOW:
            self._take(samples)
        found = np.concatenate([*self._words, np.zeros(0, np.uint16)])
        return _MAGIC + found.astype("<u2").tobytes()

    def _take(self, samples: Floats) -> None:
        samples = np.clip(np.nan_to_num(samples), -4, 4)
        hann, to_bands = _tables()
        frames = np.lib.stride_tricks.sliding_window_view(samples, WINDOW)[::HOP]
        spectrum = np.fft.rfft(frames * hann)
        bands = np.concatenate([*self._bands, (spectrum.real**2 + spectrum.imag**2) @ to_bands])
        count = max(0, (len(bands) - _SPAN - _APART) // STEP + 1)
        self._words.append(_encode(bands, count))
        self._bands = [bands[count * STEP :]]


@functools.cache
def _tables() -> tuple[Floats, Floats]:
    """Window; spectral lines to bands of one width on the logarithmic scale."""
    hann = np.hanning(WINDOW + 1)[:-1]
    lines = np.log(np.maximum(np.fft.rfftfreq(WINDOW, 1 / RATE), 1))
    edges = np.linspace(np.log(_LOW), np.log(_HIGH), _BANDS + 2)
    rise = (lines[:, None] - edges[:-2]) / (edges[1] - edges[0])
    return hann.astype(np.float32), np.maximum(0, 1 - np.abs(rise - 1)).astype(np.float32)


def _encode(bands: Floats, count: int) -> Words:
    if not count:
        return np.zeros(0, np.uint16)
    weights = np.hanning(_SPAN + 2)[1:-1].astype(np.float32)
    views = np.lib.stride_tricks.sliding_window_view(bands, _SPAN, axis=0)
    starts = np.arange(count) * STEP
    first, then = views[starts] @ weights, views[starts + _APART] @ weights
    loud = np.maximum(first.mean(axis=1), then.mean(axis=1))
    # What is far below the rest of the moment is noise of the recording: its bits would be too.
    floor = (loud * 1e-3 + 1e-7)[:, None]
    change = np.log(then + floor) - np.log(first + floor)
    bits = np.diff(change, axis=1) > 0
    found: Words = (bits * (1 << np.arange(_BANDS - 1))).sum(axis=1).astype(np.uint16)
    found[found == _SILENT] = 1
    found[loud < 1e-4] = _SILENT
    return found


# Where two fingerprints say the same.

_SMOOTH = 25  # words (8 s) over which errors are averaged to find where a match begins and ends
_ROUGH = 0.36  # share of wrong bits, averaged so, up to which a stretch may belong to a match
# Of 30 s of two recordings that have nothing to do with each other, half of the bits differ, with
# this standard deviation (bits of neighboring words and bands go together; measured).
_DEVIATION = 0.045
_SURE = 5.5  # standard deviations
_MOST = 0.36  # never more wrong bits than this, however long
_PAIR = 5  # words between the two of a key
_DRIFT = 3  # steps by which a match may slide from one part to the next: another speed


@dataclass(frozen=True, slots=True)
class Match:
    """A stretch that two recordings share; `similarity` is the share of equal bits, 0.5 to 1."""

    start_a: float
    start_b: float
    seconds: float
    similarity: float


def words(fingerprint: bytes) -> Words:
    """The words of a fingerprint, 3.125 a second; `ValueError` for bytes of another kind."""
    if fingerprint[:4] != _MAGIC or len(fingerprint) % 2:
        raise ValueError(f"no fingerprint of this version: it begins with {fingerprint[:4]!r}")
    return np.frombuffer(fingerprint, "<u2", offset=4).astype(np.uint16)


def keys(fingerprint: bytes, every: int = 1, *, short: bool = False) -> tuple[Any, Any]:
    """Keys of an index, of two words 1.6 s apart (uint32), and where they stand (in words).

    Of a copy (a codec, a telephone, noise of 10 dB, 1 % faster) 1 key in 170 to 1 in 25 is equal: a
    minute of it shares one to seven. `short` keys are two for a place, of 24 bits each: a minute
    shares six to twenty. With `every`, only such a part of all values.
    """
    found = words(fingerprint)
    first, then = found[:-_PAIR].astype(np.uint32), found[_PAIR:].astype(np.uint32)
    place = np.flatnonzero((first != _SILENT) & (then != _SILENT))
    first, then = first[place], then[place]
    if short:
        low = (first & np.uint32(0xFFF)) << np.uint32(12) | then & np.uint32(0xFFF)
        high = (first >> np.uint32(4)) << np.uint32(12) | then >> np.uint32(4)
        key, place = np.concatenate([low, high | np.uint32(1 << 24)]), np.tile(place, 2)
    else:
        key = first << np.uint32(16) | then
    if every > 1:
        good = (key * np.uint32(2654435761) >> np.uint32(8)) % np.uint32(every) == 0
        key, place = key[good], place[good]
    return key, place


def longest(a: bytes) -> float:
    """Seconds that the recording of a fingerprint may have had: at most 0.32 more than it had."""
    count = len(words(a))
    return count * STEP_S + _BESIDE_S if count else 0.0


def matches(a: bytes, b: bytes, *, min_seconds: float = 10) -> list[Match]:
    """What of `a` is found in `b`, the longest first; parts too, and at another speed (1 %)."""
    first, second = words(a), words(b)
    parts = [part for shift in _shifts(first, second) for part in _along(first, second, shift)]
    found = []
    for start, shift, length, error in _chained(parts):
        seconds = length * STEP_S
        limit = min(_MOST, 0.5 - _SURE * _DEVIATION * (30 / seconds) ** 0.5)
        if seconds >= min_seconds and error <= limit:
            found.append(Match(start * STEP_S, (start + shift) * STEP_S, seconds, 1 - error))
    return found


def _equal_words(first: Words, second: Words) -> tuple[Any, Any]:
    """Places of equal words, in both. Words that are everywhere say nothing."""
    order = np.argsort(second, kind="stable")
    ordered = second[order]
    low = np.searchsorted(ordered, first, "left")
    count = np.searchsorted(ordered, first, "right") - low
    count[(first == _SILENT) | (count > max(8, len(second) // 200))] = 0
    place = np.repeat(np.arange(len(first)), count)
    within = np.arange(len(place)) - np.repeat(np.cumsum(count) - count, count)
    return place, order[np.repeat(low, count) + within]


def _shifts(first: Words, second: Words, most: int = 64) -> list[int]:
    """Displacements at which words agree in number near each other, the best first."""
    i, j = _equal_words(first, second)
    if not len(i):
        return []
    # By displacement and minute: a short part stands out in its minute, not in ten hours.
    code = (j - i + len(first)).astype(np.int64) * (1 << 20) + i // 190
    cells, counts = np.unique(code, return_counts=True)
    cells, counts = cells[counts >= 2], counts[counts >= 2]
    best = np.argsort(-counts, kind="stable")
    shifts = (cells[best] >> 20) - len(first)
    return list(dict.fromkeys(shifts.tolist()))[:most]


def _along(first: Words, second: Words, shift: int) -> list[tuple[int, int, int, float]]:
    """Stretches (start in the first, shift, words, error) that agree at one displacement."""
    start, end = max(0, -shift), min(len(first), len(second) - shift)
    if end - start < 8:
        return []
    one, other = first[start:end], second[start + shift : end + shift]
    errors = _BITS[one ^ other] / 16
    # Silence of both agrees with anything, and proves nothing.
    errors[(one == _SILENT) | (other == _SILENT)] = 0.5
    errors[(one == _SILENT) & (other == _SILENT)] = _ROUGH
    size = min(_SMOOTH, len(errors))
    sums = np.cumsum(np.concatenate([[0], errors]))
    good = (sums[size:] - sums[:-size]) / size < _ROUGH
    inside = np.zeros(len(errors) + 1, np.int32)
    at = np.flatnonzero(good)
    np.add.at(inside, at, 1)
    np.add.at(inside, at + size, -1)
    covered = np.concatenate([[0], (np.cumsum(inside[:-1]) > 0).astype(np.int8), [0]])
    edges = np.flatnonzero(np.diff(covered)).reshape(-1, 2)
    parts = []
    for low, high in edges.tolist():
        # The window reaches beyond the match on both sides: cut where the gain is greatest.
        gain = np.cumsum(np.concatenate([[0.0], 0.42 - errors[low:high]]))
        lowest = np.minimum.accumulate(gain)
        stop = int(np.argmax(gain - lowest))
        begin = int(np.argmin(gain[: stop + 1]))
        if stop - begin >= 8:
            error = float(errors[low + begin : low + stop].mean())
            parts.append((start + low + begin, shift, stop - begin, error))
    return parts


def _chained(parts: list[tuple[int, int, int, float]]) -> list[tuple[int, int, int, float]]:
    """The best of parts that lie over each other, then those that continue each other joined."""
    kept: list[tuple[int, int, int, float]] = []
    for part in sorted(parts, key=lambda p: (-p[2] * (0.5 - p[3]), p)):
        if not any(_overlap(part, other) for other in kept):
            kept.append(part)
    joined: list[tuple[int, int, int, float]] = []
    for start, shift, length, error in sorted(kept):
        for index, (begin, slid, size, wrong) in enumerate(joined):
            # A chain keeps the shift of its first part; how far it slid since goes with its length.
            allowed = _DRIFT + 0.02 * (start - begin)
            if abs(start - begin - size) <= 2 * _SMOOTH and abs(shift - slid) <= allowed:
                whole = max(start + length - begin, size)
                mean = (wrong * size + error * length) / (size + length)
                joined[index] = (begin, slid, whole, mean)
                break
        else:
            joined.append((start, shift, length, error))
    return sorted(joined, key=lambda p: (-p[2], p))


def _overlap(one: tuple[int, int, int, float], other: tuple[int, int, int, float]) -> bool:
    """Whether more than half of `one` lies in `other`, on both sides."""
    shared = min(
        min(one[0] + s * one[1] + one[2], other[0] + s * other[1] + other[2])
        - max(one[0] + s * one[1], other[0] + s * other[1])
        for s in (0, 1)
    )
    return shared > 0.5 * one[2]

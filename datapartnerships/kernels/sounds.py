"""What is heard where nobody speaks: silence, music, applause, noise, tones. NumPy alone.

`SoundScan` goes through a recording once, in blocks of any length, and keeps about 400 bytes a
second of it. Speech is what is left. Music below speech is music too, and its region says so
(`with_speech`), so that third-party music can be left out even where somebody talks over it.

Each second is described by figures that do not depend on loudness: how the level moves at the pace
of syllables (4 Hz; Scheirer and Slaney, 1997), spectral flux and flatness, how long spectral peaks
stay where they are ("continuous frequency activation"; Seyerlehner et al., 2007), harmonicity, the
fine grain of the envelope. A small network over them and their neighbors' gives the label; its
weights (sounds.npz) are of ``benchmarks/train_sounds.py``, and its errors of
``benchmarks/sounds.py``. Silence is a rule: 40 dB below the loudest twentieth of the recording.
"""

from __future__ import annotations

import functools
import itertools
from collections.abc import Iterable
from dataclasses import dataclass
from importlib import resources
from typing import Any

import numpy as np

from datapartnerships.schema import Segment

__all__ = ["Region", "SoundScan", "sound_segments"]

Floats = np.ndarray[Any, Any]

RATE = 16000
HOP = 320  # 20 ms: 50 frames a second
WINDOW = 1024  # 64 ms: lines 15.6 Hz apart
_FRAMES = RATE // HOP
_CHUNK = 8  # seconds at once; always cut at the same samples, however the stream comes in
# Seconds whose figures are put together at a time.
_PART = 600
_TENTH = RATE // 10
_LOW, _HIGH = 6, 256  # spectral lines of 94 to 4000 Hz: what a telephone leaves, and a little more
_LAGS = (40, 230)  # pitch of 70 to 400 Hz

LABELS = ("speech", "music", "both", "applause", "noise", "tone")
_QUIET = 40.0  # dB below the loud parts: nobody hears it
_SILENT, _NEVER_SILENT = -80.0, -50.0  # dB of full scale: always silence below, never above
# Shortest stretch, in seconds. A pause of a speaker is no silence; a jingle is music.
_SHORTEST = {"silence": 2.0, "music": 3.0, "applause": 2.0, "noise": 3.0, "tone": 1.0}
# What one change of label costs, in units of log probability, and how sure one has to be that it
# is not speech: who loses speech loses what the recording was kept for.
_SWITCH = 4.0
_AGAINST = 1.0
# Noisy speech looks like speech over music, and is far more frequent.
_RARE = 2.0


@dataclass(frozen=True, slots=True)
class Region:
    """A stretch of a recording that is no plain speech.

    Attributes:
        label: silence, music, applause, noise or tone (beeps, hum, dialing, a test tone).
        score: 0 to 1, the mean probability that the network gives it; 1 for silence.
        with_speech: somebody speaks over the music.
    """

    start_s: float
    end_s: float
    label: str
    score: float
    with_speech: bool = False


def sound_segments(regions: Iterable[Region]) -> list[Segment]:
    """Segments of kind `sound`: no text, the label in `ref`, flag ``speech`` under a voice."""
    return [
        Segment(
            "",
            "sound",
            start_s=round(region.start_s, 2),
            end_s=round(region.end_s, 2),
            ref=region.label,
            confidence=round(region.score, 3),
            flags=["speech"] if region.with_speech else None,
        )
        for region in regions
    ]


class SoundScan:
    """One pass over a recording: `feed` blocks of mono float32 at 16 kHz, then `end`.

    The regions do not depend on how the stream was cut into blocks.
    """

    def __init__(self) -> None:
        self._rest: list[Floats] = []
        self._have = 0
        self._length = 0
        self._levels: list[Floats] = []  # mean square of each tenth of a second
        self._figures: list[Floats] = []  # a row a second
        self._active: list[Any] = []  # uint8 a spectral line and second: how long a peak was there

    def feed(self, samples: Floats) -> None:
        self._rest.append(np.array(samples, np.float32))
        self._have += len(samples)
        self._length += len(samples)
        step = _CHUNK * RATE
        if self._have < step + WINDOW:
            return
        samples = np.concatenate(self._rest)
        at = 0
        while len(samples) - at >= step + WINDOW:
            self._take(samples[at : at + step + WINDOW], _CHUNK)
            at += step
        self._rest = [samples[at:].copy()]
        self._have = len(samples) - at

    def end(self) -> list[Region]:
        """The regions, in order of time; none overlaps another."""
        figures = self.figures()
        if not len(figures):
            return []
        levels = 10 * np.log10(np.concatenate(self._levels) + 1e-12)
        return _regions(_probabilities(figures), levels, self._length / RATE)

    def figures(self) -> Floats:
        """What the network sees: a row a second of the recording. Ends the stream."""
        rest = np.concatenate([*self._rest, np.zeros(0, np.float32)])
        self._rest, self._have = [], 0
        seconds = int(np.ceil(len(rest) / RATE - 0.2))  # a fifth of a second is no second
        if seconds > 0:
            # The last second is filled up with itself: a sudden end would sound like a click.
            self._take(np.resize(rest, seconds * RATE + WINDOW), seconds)
        if not self._figures:
            return np.zeros((0, 0), np.float32)
        active = np.concatenate(self._active)
        # By parts: a row of every spectral line a second is much for many hours.
        parts = range(0, len(active), _PART)
        lasting = np.concatenate([_lasting(active, at, at + _PART) for at in parts])
        return _with_context(np.column_stack([np.concatenate(self._figures), lasting]))

    def _take(self, samples: Floats, seconds: int) -> None:
        samples = np.clip(np.nan_to_num(samples), -4, 4)
        whole = samples[: seconds * RATE]
        self._levels.append(np.mean(whole.reshape(-1, _TENTH) ** 2, axis=1))
        figures, active = _describe(samples, seconds)
        self._figures.append(figures)
        self._active.append(active)


# From samples to figures.


@functools.cache
def _tables() -> tuple[Floats, Floats, Floats]:
    """Window; spectral lines to 20 bands, even on the mel scale; bands to 6 cosines."""
    hann = np.hanning(WINDOW + 1)[:-1]
    mel = 2595 * np.log10(1 + np.fft.rfftfreq(WINDOW, 1 / RATE) / 700)
    edges = np.linspace(120, mel[-1], 22)
    rise = (mel[:, None] - edges[:-2]) / (edges[1] - edges[0])
    bands = np.maximum(0, 1 - np.abs(rise - 1))
    bands /= bands.sum(axis=0)
    cosines = np.cos(np.pi * np.outer(np.arange(20) + 0.5, np.arange(1, 7)) / 20) / 20
    return hann.astype(np.float32), bands.astype(np.float32), cosines.astype(np.float32)


def _describe(samples: Floats, seconds: int) -> tuple[Floats, Any]:
    hann, to_bands, to_cosines = _tables()
    count = seconds * _FRAMES
    frames = np.lib.stride_tricks.sliding_window_view(samples, WINDOW)[::HOP][:count]
    spectrum = np.fft.rfft(frames * hann)
    power = spectrum.real**2 + spectrum.imag**2

    def by_second(values: Floats) -> Floats:
        return values.reshape(seconds, _FRAMES, *values.shape[1:])

    # A floor of its own for each second: loudness does not count, nor what is inaudibly below.
    floor = by_second(power).mean(axis=(1, 2)) * 1e-4 + 1e-8
    floors = np.repeat(floor, _FRAMES)[:, None]
    bands = by_second(np.log(power @ to_bands + floors))
    logs = np.log(power + floors)
    total = power.sum(axis=1)
    energy = by_second(total)
    log_energy = np.log(energy + 513 * floor[:, None])
    flux = np.abs(np.diff(bands, axis=1))
    slow = np.abs(bands[:, 5:] - bands[:, :-5])
    moved = bands - bands.mean(axis=1, keepdims=True)
    pace = np.abs(np.fft.rfft(moved * np.hanning(_FRAMES)[:, None], axis=1)) ** 2
    pace_total = pace[:, 1:].sum(axis=(1, 2)) + 1e-3
    center = by_second(power @ np.arange(power.shape[1], dtype=np.float32) / (total + 1e-9)) / 512
    flat = [
        by_second(logs[:, a:b].mean(axis=1) - np.log(power[:, a:b].mean(axis=1) + floors[:, 0]))
        for a, b in ((13, 64), (64, 256), (256, 512))
    ]
    active, still, strength = _peaks(logs)
    active = by_second(active)
    mean_power = by_second(power).mean(axis=1)
    top = np.partition(mean_power, -6, axis=1)[:, -6:].sum(axis=1) / (mean_power.sum(axis=1) + 1e-9)
    top_frame = by_second(np.partition(power, -4, axis=1)[:, -4:].sum(axis=1) / (total + 1e-9))
    voiced, lag = _harmonicity(power)
    voiced, lag = by_second(voiced), by_second(lag)
    grain = np.diff(samples[: seconds * RATE], prepend=0).reshape(seconds, 250, 64)
    grain = np.log(np.mean(grain**2, axis=2) + 1e-10)
    fine = np.abs(np.diff(grain, axis=1))
    columns = [
        bands.std(axis=1).mean(axis=1),
        flux.mean(axis=(1, 2)),
        flux.std(axis=1).mean(axis=1),
        slow.mean(axis=(1, 2)),
        np.mean(energy < 0.25 * energy.mean(axis=1, keepdims=True), axis=1),
        log_energy.std(axis=1),
        pace[:, 1:3].sum(axis=(1, 2)) / pace_total,
        pace[:, 3:8].sum(axis=(1, 2)) / pace_total,
        np.log(pace_total),
        center.mean(axis=1),
        center.std(axis=1),
        *(part.mean(axis=1) for part in flat),
        flat[1].std(axis=1),
        by_second(still).mean(axis=1),
        by_second(strength).mean(axis=1),
        active.mean(axis=(1, 2)),
        top,
        top_frame.mean(axis=1),
        top_frame.std(axis=1),
        voiced.mean(axis=1),
        voiced.std(axis=1),
        np.mean(voiced > 0.7, axis=1),
        np.mean(np.abs(np.diff(lag, axis=1)) < 0.03, axis=1),
        grain.std(axis=1),
        fine.mean(axis=1),
        fine.std(axis=1),
        *(bands.mean(axis=1) @ to_cosines).T,
    ]
    return np.stack(columns, axis=1).astype(np.float32), active.sum(axis=1).astype(np.uint8)


def _peaks(logs: Floats) -> tuple[Floats, Floats, Floats]:
    """Where a spectral line stands out of its neighbors; the share of such peaks that is still
    there 60 ms later; how far they stand out."""
    part = logs[:, _LOW - 1 : _HIGH + 1]
    inner = part[:, 1:-1]
    sums = np.cumsum(np.pad(part, ((0, 0), (11, 10)), mode="reflect"), axis=1)
    around = (sums[:, 21:] - sums[:, :-21])[:, : inner.shape[1]] / 21
    above = inner - around
    peaks = (inner > part[:, :-2]) & (inner >= part[:, 2:]) & (above > 0.7)
    later = np.concatenate([peaks[3:], peaks[-3:]])
    counts = peaks.sum(axis=1, dtype=np.float32)
    still = (peaks & later).sum(axis=1) / np.maximum(counts, 1)
    strength = np.where(peaks, above, 0).sum(axis=1) / np.maximum(counts, 1)
    return peaks, still.astype(np.float32), strength.astype(np.float32)


def _harmonicity(power: Floats) -> tuple[Floats, Floats]:
    """The highest point of the autocorrelation at a pitch of 70 to 400 Hz, and where (log lag)."""
    # Only below 4 kHz: half as long a transform, lags in steps of two samples.
    series = np.fft.irfft(power[:, :257])
    low, high = _LAGS[0] // 2, _LAGS[1] // 2
    window = np.fft.irfft(np.abs(np.fft.rfft(np.hanning(512), 1024)) ** 2)[low:high]
    window = window / np.sum(np.hanning(512) ** 2)
    part = series[:, low:high] / window.astype(np.float32)
    best = part.argmax(axis=1)
    value = part[np.arange(len(part)), best] / (series[:, 0] + 1e-9)
    return value.astype(np.float32), np.log(best + low).astype(np.float32)


def _lasting(active: Any, start: int, stop: int) -> Floats:
    """Peaks that last over seconds: the strongest 5 and 20 lines of 3 and of 5 seconds."""
    low = max(start - 2, 0)
    part = active[low : stop + 2].astype(np.float32) / _FRAMES
    columns = []
    for reach in (1, 2):
        mean = _around(part, reach)[0][start - low : stop - low]
        ordered = np.sort(mean, axis=1)
        columns += [ordered[:, -5:].mean(axis=1), ordered[:, -20:].mean(axis=1)]
        columns += [(mean**2).sum(axis=1) / (mean.sum(axis=1) + 1e-3)]
    return np.column_stack(columns)


def _with_context(figures: Floats) -> Floats:
    """Each second's figures, with the mean and spread of its surroundings (5 s, 11 s)."""
    near, spread = _around(figures, 2)
    far, _ = _around(figures, 5)
    return np.hstack([figures, near, spread, far]).astype(np.float32)


def _around(rows: Floats, reach: int) -> tuple[Floats, Floats]:
    """Mean and standard deviation of each row and `reach` rows on both sides, where there are."""
    count = len(rows)
    first = np.maximum(np.arange(count) - reach, 0)
    last = np.minimum(np.arange(count) + reach + 1, count)
    size = (last - first)[:, None]

    def mean(values: Any) -> Any:
        sums = np.concatenate([np.zeros((1, values.shape[1])), np.cumsum(values, 0, np.float64)])
        return (sums[last] - sums[first]) / size

    middle = mean(rows)
    return middle, np.sqrt(np.maximum(mean(rows.astype(np.float64) ** 2) - middle**2, 0))


# From figures to regions.


@functools.cache
def _weights() -> dict[str, Floats]:
    with resources.files(__package__).joinpath("sounds.npz").open("rb") as file:
        return {name: value.astype(np.float32) for name, value in np.load(file).items()}


def _probabilities(figures: Floats) -> Floats:
    """Of `LABELS`, for each second."""
    weights = _weights()
    hidden = np.clip((figures - weights["mean"]) / weights["scale"], -5, 5)
    hidden = np.maximum(hidden @ weights["w1"] + weights["b1"], 0)
    scores = hidden @ weights["w2"] + weights["b2"]
    scores = np.exp(scores - scores.max(axis=1, keepdims=True))
    result: Floats = scores / scores.sum(axis=1, keepdims=True)
    return result


def _path(probabilities: Floats) -> Any:
    """The likeliest label of each second where a change of label costs `_SWITCH` (Viterbi)."""
    gains = np.log(probabilities + 1e-4)
    gains[:, 0] += _AGAINST
    gains[:, LABELS.index("both")] -= _RARE
    count = len(gains)
    back = np.empty((count, len(LABELS)), np.int8)
    best = gains[0].copy()
    own = np.arange(len(LABELS), dtype=np.int8)
    for second in range(count):
        other = best.argmax()
        stays = best >= best[other] - _SWITCH
        back[second] = np.where(stays, own, other)
        if second:
            best = np.where(stays, best, best[other] - _SWITCH) + gains[second]
    path = np.empty(count, np.int8)
    path[-1] = best.argmax()
    for second in range(count - 1, 0, -1):
        path[second - 1] = back[second][path[second]]
    return path


def _runs(values: Any) -> list[tuple[int, int]]:
    """Start and end of each stretch of one value."""
    cuts = [0, *(np.flatnonzero(np.diff(values)) + 1).tolist(), len(values)]
    return list(itertools.pairwise(cuts))


def _regions(probabilities: Floats, levels: Floats, length: float) -> list[Region]:
    limit = np.clip(np.percentile(levels, 95) - _QUIET, _SILENT, _NEVER_SILENT)
    quiet = levels < limit
    found = []
    for start, end in _runs(quiet):
        if quiet[start] and (end - start) / 10 >= _SHORTEST["silence"]:
            found.append(Region(start / 10, min(end / 10, length), "silence", 1.0))
        else:
            quiet[start:end] = False
    path = _path(probabilities)
    # Music and speech over music are one stretch of music.
    names = np.array(["speech", "music", "music", "applause", "noise", "tone"])[path]
    music = probabilities[:, 1] + probabilities[:, 2]
    both = path == LABELS.index("both")
    tenths = np.repeat(names, 10)[: len(quiet)]
    tenths[quiet] = "silence"
    codes = np.unique(tenths, return_inverse=True)[1].reshape(-1)
    for start, end in _runs(codes):
        label = str(tenths[start])
        if label in ("speech", "silence") or (end - start) / 10 < _SHORTEST[label]:
            continue
        seconds = slice(start // 10, (end + 9) // 10)
        share = music if label == "music" else probabilities[:, LABELS.index(label)]
        talk = label == "music" and bool(both[seconds].mean() > 0.5)
        score = float(share[seconds].mean())
        found.append(Region(start / 10, min(end / 10, length), label, score, talk))
    return sorted((r for r in found if r.end_s > r.start_s), key=lambda region: region.start_s)

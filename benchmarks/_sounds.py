"""Sounds for `sounds.py` and `sound_print.py`: what is real, what is made, and which is held out.

Real sounds are in Debian packages, free ones all (music and voices of games and telephone systems).
They are unpacked, not installed, and never copied into this repository:

    apt-get download NAME... && for d in *.deb; do dpkg -x $d PACKAGES/${d%%_*}; done

Speech is also synthesized by espeak-ng in many languages, music by fluidsynth from MIDI files, and
applause, noise and tones are made here. Each source is either for training or held out, never both.
"""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

RATE = 16000
Sound = np.ndarray[Any, np.dtype[np.float32]]

# split, label, package, pattern of files, how to make a source of the files: one source a "file",
# a "folder", or "all" of them one after another.
REAL = (
    ("train", "speech", "asterisk-core-sounds-es-g722", "**/*.g722", "all"),
    ("train", "speech", "asterisk-core-sounds-ru-g722", "**/*.g722", "all"),
    ("train", "speech", "ktuberling-data", "**/sounds/[a-f]*/*.[ow][ga][gv]", "folder"),
    ("train", "speech", "fillets-ng-data-cs", "**/[a-c]*/cs/*-m-*.ogg", "all"),
    ("train", "music", "asterisk-moh-opsound-g722", "**/*.g722", "file"),
    ("train", "music", "hyperrogue-music", "**/hr3-*.ogg", "file"),
    ("train", "music", "frozen-bubble-data", "**/*zi*.ogg", "file"),
    ("train", "music", "asc-music", "**/*.mp3", "file"),
    ("train", "noise", "lincity-ng-data", "**/[A-H]*.wav", "all"),
    ("train", "applause", "frozen-bubble-data", "**/applause.ogg", "file"),
    ("test", "speech", "asterisk-core-sounds-fr-g722", "**/*.g722", "all"),
    ("test", "speech", "asterisk-core-sounds-it-g722", "**/*.g722", "all"),
    ("test", "speech", "ktuberling-data", "**/sounds/[g-z]*/*.[ow][ga][gv]", "folder"),
    ("test", "speech", "fillets-ng-data-cs", "**/[d-z]*/cs/*-v-*.ogg", "all"),
    ("test", "music", "singularity-music", "**/*.ogg", "file"),
    ("test", "music", "fillets-ng-data", "**/music/*.ogg", "file"),
    ("test", "music", "lincity-ng-data", "**/music/**/*.ogg", "file"),
    ("test", "music", "hyperrogue-music", "**/hr-*.ogg", "file"),
    ("test", "noise", "lincity-ng-data", "**/[I-Z]*.wav", "all"),
    ("test", "applause", "libreoffice-common", "**/applause.wav", "file"),
    ("test", "applause", "freetennis-common", "**/pubblico.wav", "file"),
)
MIDI = (
    ("train", "openttd-openmsx", "**/*.mid", "fluid-soundfont-gm"),
    ("test", "planetblupi-music-midi", "**/*.mid", "timgm6mb-soundfont"),
)
# In the folder of real speech that the benchmarks are given (shared/data/audio).
SPEECH = ("ss_0870.wav", "ss_0880.wav", "ss_0890.wav", "lhotse_2412-153948-0000.flac")
VOICES = {
    "train": ["en-us", "de", "fr-fr", "ru", "tr", "hi", "pt", "sw", "fi", "hu", "vi", "ja"],
    "test": ["en-gb", "es", "pl", "is", "yue", "cmn", "it", "ar", "ko", "el", "cs", "id"],
}
# The first article of the Universal Declaration of Human Rights, and plain sentences of our own.
SENTENCES = (
    "The ferry left at nine. Nobody had told the harbor master, and the bell rang all the same. "
    "Why did you not write? I wrote twice! Seventeen boxes of letters came back in the spring.",
    "Good evening. The council sat for three hours; it heard eleven people, and then it rained.",
)


def decode(path: Path, seconds: float = 120) -> Sound:
    """Mono float32 at 16 kHz of the first seconds of a file."""
    import av

    parts, have = [], 0
    form = "g722" if path.suffix == ".g722" else None
    with av.open(str(path), format=form, metadata_errors="ignore") as container:
        resampler = av.AudioResampler("flt", "mono", RATE)
        for frame in container.decode(audio=0):
            for out in resampler.resample(frame):
                parts.append(out.to_ndarray()[0])
                have += len(parts[-1])
            if have > seconds * RATE:
                break
    return np.concatenate(parts).astype(np.float32) if parts else np.zeros(0, np.float32)


def sources(
    packages: Path, cache: Path, speech: Path | None = None, limit: int = 90
) -> dict[str, dict[str, dict[str, Sound]]]:
    """split -> label -> source -> sound of `limit` seconds at most; kept decoded in `cache`."""
    cache.mkdir(parents=True, exist_ok=True)
    found: dict[str, dict[str, dict[str, Sound]]] = {"train": {}, "test": {}}

    def add(split: str, label: str, name: str, make: Callable[[], Sound]) -> None:
        place = cache / f"{split}_{label}_{name}.npy"
        if not place.exists():
            sound = make()[: limit * RATE]
            np.save(place, (np.clip(sound, -1, 1) * 32767).astype(np.int16))
        sound = np.load(place).astype(np.float32) / 32768
        if len(sound) > RATE:
            found[split].setdefault(label, {})[name] = sound

    for split, label, package, pattern, unit in REAL:
        files = sorted((packages / package).glob(pattern))
        groups: dict[str, list[Path]] = {}
        for file in files:
            key = {"file": file.stem, "folder": file.parent.name, "all": "all"}[unit]
            groups.setdefault(f"{package}-{key}", []).append(file)
        for name, members in groups.items():
            add(split, label, name, lambda m=members: joined(m, limit))  # type: ignore[misc]
    for split, package, pattern, font in MIDI:
        [sf2] = (packages / font).glob("**/*.sf2")
        for file in sorted((packages / package).glob(pattern)):
            name = f"{package}-{file.stem}"
            add(split, "music", name, lambda f=file, s=sf2: played(f, s))  # type: ignore[misc]
    for split, voices in VOICES.items():
        for voice in voices:
            add(split, "speech", f"espeak-{voice}", lambda v=voice: spoken(v))  # type: ignore[misc]
    for name in SPEECH if speech else ():
        found["train"]["speech"][name] = decode(speech / name)
    return found


def joined(files: list[Path], limit: int) -> Sound:
    """The files one after another, each at one loudness, with pauses of 0.1 to 0.6 s."""
    rng = np.random.default_rng(len(files))
    parts, have = [], 0
    for index in rng.permutation(len(files)):
        try:
            sound = decode(files[index], limit)
        except ValueError:  # what this FFmpeg cannot read
            continue
        power = float(np.sqrt(np.mean(sound**2))) if len(sound) else 0.0
        if power < 1e-4:
            continue
        parts += [sound * min(0.08 / power, 0.99 / np.abs(sound).max())]
        if len(files) > 1:
            parts += [np.zeros(int(RATE * rng.uniform(0.1, 0.6)), np.float32)]
        have += len(parts[-1]) + len(sound)
        if have > limit * RATE:
            break
    return np.concatenate(parts) if parts else np.zeros(0, np.float32)


def spoken(voice: str) -> Sound:
    parts = []
    with tempfile.TemporaryDirectory() as folder:
        out = str(Path(folder) / "a.wav")
        for kind, pitch, speed in (("+m3", 40, 160), ("+f2", 60, 180), ("+m7", 30, 140)):
            for text in SENTENCES:
                command = ["espeak-ng", "-v", voice + kind, "-p", str(pitch), "-s", str(speed)]
                subprocess.run([*command, "-w", out, text], check=True, capture_output=True)
                parts.append(decode(Path(out)))
    return np.concatenate(parts)


def played(midi: Path, soundfont: Path) -> Sound:
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "a.wav"
        command = ["fluidsynth", "-ni", "-r", "16000", "-F", str(out), str(soundfont), str(midi)]
        subprocess.run(command, check=True, capture_output=True, timeout=120)
        return decode(out)


# What is made.


def _band(rng: np.random.Generator, n: int, low: float, high: float, tilt: float) -> Sound:
    """Noise between two frequencies, falling by `tilt` (0 white, 1 pink, 2 brown)."""
    spectrum = np.fft.rfft(rng.standard_normal(n))
    f = np.fft.rfftfreq(n, 1 / RATE)
    spectrum *= (f > low) * (f < high) / np.maximum(f, 20) ** (tilt / 2)
    sound = np.fft.irfft(spectrum, n)
    return (sound / (np.abs(sound).max() + 1e-9)).astype(np.float32)


def noise(rng: np.random.Generator, seconds: float) -> Sound:
    n = int(seconds * RATE)
    sound = _band(
        rng, n, rng.choice([20, 100, 300]), rng.choice([1500, 3400, 7900]), rng.uniform(0, 2.2)
    )
    if rng.random() < 0.5:  # wind, waves, passing cars: slow swelling
        knots = rng.uniform(0.2, 1, int(seconds * rng.choice([0.5, 1, 2])) + 2)
        sound = sound * np.interp(np.arange(n), np.linspace(0, n, len(knots)), knots)
    return sound.astype(np.float32)


def applause(rng: np.random.Generator, seconds: float) -> Sound:
    """Claps at the pace of each of 5 to 400 hands: bursts of band-passed noise, and a room."""
    n = int(seconds * RATE)
    hands = int(np.exp(rng.uniform(np.log(5), np.log(400))))
    hits = np.zeros(n, np.float32)
    sound = np.zeros(n, np.float32)
    kinds = 4
    for _ in range(kinds):
        hits[:] = 0
        for _ in range(max(1, hands // kinds)):
            pace = rng.uniform(2.5, 5.5)
            times = np.cumsum(rng.normal(1 / pace, 0.06 / pace, int(seconds * pace * 1.2)))
            places = ((times + rng.uniform(-0.3, 0.2)) * RATE).astype(int)
            places = places[(places >= 0) & (places < n)]
            np.add.at(hits, places, rng.uniform(0.2, 1) ** 2 * rng.uniform(0.6, 1, len(places)))
        length = int(0.02 * RATE)
        center = rng.uniform(600, 2500)
        clap = _band(rng, length, center * 0.5, min(center * 2.5, 7900), 0)
        clap *= np.exp(-np.arange(length) / (rng.uniform(0.002, 0.006) * RATE))
        sound += _convolved(hits, clap)
    if rng.random() < 0.4:  # cheering under it
        sound += 0.3 * np.abs(sound).max() * _band(rng, n, 400, 3000, 1.5)
    return _normal(reverberated(rng, sound))


def tone(rng: np.random.Generator, seconds: float) -> Sound:
    n = int(seconds * RATE)
    t = np.arange(n) / RATE
    kind = rng.integers(4)
    if kind == 0:  # test tone
        sound = np.sin(2 * np.pi * rng.choice([400, 440, 1000, rng.uniform(200, 3000)]) * t)
    elif kind == 1:  # mains hum
        base = rng.choice([50, 60])
        sound = sum(
            rng.uniform(0.05, 1) / k * np.sin(2 * np.pi * base * k * t) for k in range(1, 9)
        )
    elif kind == 2:  # DTMF, digits of 0.1 to 0.25 s
        rows, columns = np.array([697, 770, 852, 941]), np.array([1209, 1336, 1477, 1633])
        step = int(rng.uniform(0.16, 0.4) * RATE)
        index = np.arange(n) // step
        digits = rng.integers(0, 4, (2, index[-1] + 1))
        sound = np.sin(2 * np.pi * rows[digits[0]][index] * t)
        sound = sound + np.sin(2 * np.pi * columns[digits[1]][index] * t)
        sound = sound * ((np.arange(n) % step) < 0.6 * step)
    else:  # beeps, ringing
        on, off = rng.uniform(0.2, 2), rng.uniform(0.2, 2)
        sound = np.sin(2 * np.pi * rng.choice([350, 425, 440, 800, 1000]) * t)
        sound = sound * ((t % (on + off)) < on)
    return _normal(sound.astype(np.float32) + 1e-3 * rng.standard_normal(n).astype(np.float32))


def tune(rng: np.random.Generator, seconds: float) -> Sound:
    """A melody with vibrato over chords, and drums: timbre, tempo, scale and loudness at random."""
    n = int(seconds * RATE)
    sound = np.zeros(n, np.float32)
    beat = 60 / rng.uniform(55, 160)
    root = rng.uniform(40, 64)
    scale = np.array([[0, 2, 4, 5, 7, 9, 11], [0, 2, 3, 5, 7, 8, 10]][rng.integers(2)])
    partials = rng.uniform(0, 1, 10) / np.arange(1, 11) ** rng.uniform(0.5, 2)
    vibrato, decay = rng.choice([0, 0.003, 0.012]), rng.choice([0.3, 1.0, 8.0])

    def note(start: float, length: float, midi: float, gain: float) -> None:
        a, b = int(start * RATE), min(int((start + length) * RATE), n)
        if b - a < 200:
            return
        t = np.arange(b - a) / RATE
        f = 440 * 2 ** ((midi - 69) / 12)
        phase = 2 * np.pi * f * (t + vibrato * np.sin(2 * np.pi * 5.5 * t) / (2 * np.pi * 5.5))
        wave = sum(p * np.sin(k * phase) for k, p in enumerate(partials, 1) if f * k < 7500)
        envelope = np.minimum(t / 0.02, 1) * np.exp(-t / decay) * np.minimum((t[-1] - t) / 0.02, 1)
        sound[a:b] += (gain * wave * envelope).astype(np.float32)

    at, degree = 0.0, 0
    while at < seconds:
        length = beat * rng.choice([0.5, 1, 1, 2])
        degree = int(np.clip(degree + rng.integers(-3, 4), -5, 9))
        note(at, length, root + 12 + 12 * (degree // 7) + scale[degree % 7], 0.5)
        at += length
    if rng.random() < 0.8:
        for bar in np.arange(0, seconds, 4 * beat):
            base = rng.integers(7)
            for third in (0, 2, 4):
                k = base + third
                note(bar, 4 * beat, root + 12 * (k // 7) + scale[k % 7], 0.25)
    if rng.random() < 0.5:
        for hit, at in enumerate(np.arange(0, seconds, beat / 2)):
            a = int(at * RATE)
            drum = _band(rng, 1600, *((4000, 7900, 0) if hit % 2 else (40, 200, 1)))
            drum = drum * np.exp(-np.arange(1600) / 300)
            sound[a : a + 1600] += 0.4 * drum[: max(0, n - a)]
    return _normal(sound)


def _normal(sound: Sound, power: float = 0.1) -> Sound:
    sound = sound * (power / (np.sqrt(np.mean(sound**2)) + 1e-9))
    return np.clip(sound, -1, 1).astype(np.float32)


def _convolved(a: Sound, b: Sound) -> Sound:
    if len(b) < 1000:
        return np.convolve(a, b)[: len(a)].astype(np.float32)
    size = 1 << int(np.ceil(np.log2(len(a) + len(b))))
    return np.fft.irfft(np.fft.rfft(a, size) * np.fft.rfft(b, size), size)[: len(a)].astype(
        np.float32
    )


# What happens to a recording.


def reverberated(rng: np.random.Generator, sound: Sound) -> Sound:
    length = int(rng.uniform(0.1, 0.9) * RATE)
    room = rng.standard_normal(length) * np.exp(-6.9 * np.arange(length) / length)
    room *= rng.uniform(0.02, 0.12)
    room[0] = 1
    return _convolved(sound, room.astype(np.float32))


def telephone(sound: Sound) -> Sound:
    """300 to 3400 Hz, 8 bit mu-law (ITU-T G.711)."""
    spectrum = np.fft.rfft(sound)
    f = np.fft.rfftfreq(len(sound), 1 / RATE)
    spectrum *= (f > 300) & (f < 3400)
    band = np.fft.irfft(spectrum, len(sound))
    law = np.sign(band) * np.log1p(255 * np.abs(np.clip(band, -1, 1))) / np.log(256)
    law = np.round(law * 127) / 127
    return (np.sign(law) * (256 ** np.abs(law) - 1) / 255).astype(np.float32)


def coded(sound: Sound, codec: str, bits: int) -> Sound:
    """Through ``libmp3lame`` or ``libopus`` at so many bits a second, and back."""
    import io

    import av

    rate = {"libmp3lame": RATE, "libopus": 48000}[codec]
    file = io.BytesIO()
    with av.open(file, "w", format={"libmp3lame": "mp3", "libopus": "ogg"}[codec]) as out:
        stream = out.add_stream(codec, rate=rate)
        stream.bit_rate, stream.layout = bits, "mono"
        samples = (np.clip(sound, -1, 1) * 32767).astype(np.int16)[None]
        whole = av.AudioFrame.from_ndarray(samples, format="s16", layout="mono")
        whole.sample_rate = RATE
        fifo = av.AudioFifo()
        for frame in av.AudioResampler(stream.format.name, "mono", rate).resample(whole):
            fifo.write(frame)
        size = stream.codec_context.frame_size or 960
        while (frame := fifo.read(size)) is not None:
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    file.seek(0)
    resampler = av.AudioResampler("flt", "mono", RATE)
    with av.open(file) as container:
        frames = [o for f in container.decode(audio=0) for o in resampler.resample(f)]
    return np.concatenate([frame.to_ndarray()[0] for frame in frames]).astype(np.float32)


def faster(sound: Sound, factor: float) -> Sound:
    """At another speed, and so at another pitch."""
    places = np.arange(0, len(sound) - 1, factor)
    return np.interp(places, np.arange(len(sound)), sound).astype(np.float32)


def hum(rng: np.random.Generator, sound: Sound) -> Sound:
    """The mains below a recording, 10 to 35 dB down."""
    t = np.arange(len(sound)) / RATE
    base = rng.choice([50, 60])
    lines = sum(rng.uniform(0, 1) / k * np.sin(2 * np.pi * base * k * t) for k in range(1, 12))
    gain = np.sqrt(np.mean(sound**2)) * 10 ** (-rng.uniform(10, 35) / 20)
    return (sound + gain * lines).astype(np.float32)


def noisy(rng: np.random.Generator, sound: Sound, decibels: float) -> Sound:
    hiss = _band(rng, len(sound), 20, 7900, rng.uniform(0, 1.5))
    gain = np.sqrt(np.mean(sound**2) / (np.mean(hiss**2) + 1e-12)) * 10 ** (-decibels / 20)
    return np.clip(sound + gain * hiss, -1, 1).astype(np.float32)


def degraded(rng: np.random.Generator, sound: Sound) -> Sound:
    """Some of the things that happen: a room, noise, hum, clipping, a telephone, a codec."""
    length = len(sound)
    if rng.random() < 0.25:
        sound = reverberated(rng, sound)
    if rng.random() < 0.3:
        sound = noisy(rng, sound, rng.uniform(5, 35))
    if rng.random() < 0.15:
        sound = hum(rng, sound)
    if rng.random() < 0.12:
        sound = np.clip(sound * rng.uniform(3, 12), -0.9, 0.9).astype(np.float32)
    if rng.random() < 0.25:
        sound = telephone(sound)
    if rng.random() < 0.35:
        codec = ("libmp3lame", "libopus")[rng.integers(2)]
        sound = coded(sound, codec, int(rng.choice([8000, 16000, 24000, 32000])))
        sound = np.pad(sound, (0, max(0, length - len(sound))))[:length]
    return (sound * 10 ** rng.uniform(-1.5, 0)).astype(np.float32)


LABELS = ("speech", "music", "both", "applause", "noise", "tone")


def scenes(
    rng: np.random.Generator, found: dict[str, dict[str, Sound]], count: int, seconds: float = 20
) -> Iterator[tuple[str, str, Sound]]:
    """Label, name of the source, sound. `both` is speech 0 to 15 dB over music."""

    def cut(label: str) -> tuple[str, Sound]:
        names = sorted(found[label])
        name = names[rng.integers(len(names))]
        sound = found[label][name]
        need = int(seconds * RATE)
        sound = np.tile(sound, 1 + need // len(sound)) if len(sound) < need else sound
        start = rng.integers(0, len(sound) - need + 1)
        sound = sound[start : start + need]
        if label == "speech" and rng.random() < 0.5:  # other voices
            sound = np.resize(faster(sound, rng.uniform(0.88, 1.12)), need)
        return name, _normal(sound)

    made = {"applause": applause, "noise": noise}
    for number in range(count):
        label = LABELS[number % len(LABELS)]
        if label == "both":
            name, voice = cut("speech")
            other, bed = cut("music")
            sound = (voice + bed * 10 ** (-rng.uniform(0, 15) / 20)).astype(np.float32)
            name = f"{name}+{other}"
        elif label == "tone":
            name, sound = "made", tone(rng, seconds)
        elif label in made and rng.random() < 0.6:
            name, sound = "made", made[label](rng, seconds)
        elif label == "music" and rng.random() < 0.15:
            name, sound = "made", tune(rng, seconds)
        else:
            name, sound = cut(label)
        yield label, name, degraded(rng, sound)

"""Copies that `kernels/sound_print.py` finds, and what it costs.

    python benchmarks/sound_print.py PACKAGES --cache CACHE [--recordings 10000]

Sounds as `_sounds.py` says, training and held out alike (the fingerprint learns nothing). False
pairs: every two different sources, those of one voice or one composer among them. Then a corpus of
so many recordings of 30 minutes, whose fingerprints are shuffled words of real ones, with 1 in 100
of them there twice, the second time with the wrong bits that a telephone and noise (15 dB) make.
"""

from __future__ import annotations

import argparse
import json
import resource
import time
from pathlib import Path
from typing import Any

import _sounds
import numpy as np
import pyarrow as pa
from _common import figure, save

from datapartnerships.kernels import sound_print
from datapartnerships.transforms import DeduplicateRecordings


def fingerprint(sound: Any) -> bytes:
    one = sound_print.SoundPrint()
    one.feed(sound)
    return one.end()


def copies(rng: Any) -> dict[str, Any]:
    """What is done to a recording; all but the first also shift it by part of a step."""
    cut = 2560  # 0.16 s, half a step: the worst
    return {
        "the same": lambda s: s,
        "starts 0.16 s later": lambda s: s[cut:],
        "MP3, 64 kbit/s": lambda s: _sounds.coded(s, "libmp3lame", 64000)[cut:],
        "Opus, 24 kbit/s": lambda s: _sounds.coded(s, "libopus", 24000)[cut:],
        "telephone": lambda s: _sounds.telephone(s)[cut:],
        "noise, 20 dB": lambda s: _sounds.noisy(rng, s, 20)[cut:],
        "noise, 10 dB": lambda s: _sounds.noisy(rng, s, 10)[cut:],
        "telephone and noise, 15 dB": lambda s: _sounds.noisy(rng, _sounds.telephone(s), 15)[cut:],
        "a room": lambda s: _sounds.reverberated(rng, s)[cut:],
        "clipped": lambda s: np.clip(8 * s, -0.5, 0.5)[cut:],
        "1 % faster": lambda s: _sounds.faster(s, 1.01),
        "1 % slower": lambda s: _sounds.faster(s, 0.99),
        "30 s of it": lambda s: s[cut + 160000 :][: 30 * 16000],
        "20 s of it": lambda s: s[cut + 160000 :][: 20 * 16000],
        "12 s of it": lambda s: s[cut + 160000 :][: 12 * 16000],
        "20 s of it, Opus": lambda s: _sounds.coded(s[cut + 160000 :][:320000], "libopus", 24000),
    }


def found_copies(sounds: dict[str, Any]) -> dict[str, Any]:
    rng = np.random.default_rng(3)
    prints = {name: fingerprint(sound) for name, sound in sounds.items()}
    table = {}
    for case, change in copies(rng).items():
        shares = []
        for name, sound in sounds.items():
            copy = change(sound)
            parts = sound_print.matches(fingerprint(copy), prints[name])
            shares.append(sum(p.seconds for p in parts[:1]) * _sounds.RATE / len(copy))
        good = np.array(shares) > 0.7
        table[case] = {"found": round(float(good.mean()), 3), "of": len(shares)}
    names = sorted(prints)
    false = []
    for i, one in enumerate(names):
        for other in names[:i]:
            for part in sound_print.matches(prints[one], prints[other])[:1]:
                false.append((one, other, round(part.seconds), round(part.similarity, 2)))
    pairs = len(names) * (len(names) - 1) // 2
    return {"copies": table, "pairs of different sources": pairs, "matched": false}


def cost(sounds: dict[str, Any]) -> dict[str, float]:
    sound = np.resize(np.concatenate(list(sounds.values())[:20]), 1800 * _sounds.RATE)
    start = time.process_time()
    size = len(fingerprint(sound))
    spent = time.process_time() - start
    return {
        "CPU s an hour": round(2 * spent, 2),
        "bits a second": round(8 * size / 1800, 1),
        "kB for 10 hours": round(size * 20 / 1000, 1),
    }


def corpus(sounds: dict[str, Any], recordings: int) -> dict[str, Any]:
    rng = np.random.default_rng(5)
    pool = np.concatenate([sound_print.words(fingerprint(sound)) for sound in sounds.values()])
    pool = pool[pool != 0]
    parts = []
    for sound in list(sounds.values())[:8]:
        bad = _sounds.noisy(rng, _sounds.telephone(sound), 15)[1280:]
        one, other = (sound_print.words(fingerprint(s)) for s in (sound, bad))
        size = min(len(one), len(other))
        parts.append(one[:size] ^ other[:size])
    errors = np.concatenate(parts)
    count = int(1800 / sound_print.STEP_S)
    rows, copied = [], max(1, recordings // 100)
    for number in range(recordings):
        if number < copied:
            one = rng.choice(pool, count)
            wrong = np.resize(np.roll(errors, rng.integers(len(errors))), count)
            both = [one, one ^ wrong]
        else:
            both = [rng.choice(pool, count)]
        for index, found in enumerate(both):
            name = f"{number:06d}-{index}"
            rows.append((name, b"dpF1" + np.asarray(found, "<u2").tobytes()))
    names, prints = zip(*rows, strict=True)
    table = pa.table({"id": pa.array(names), "fingerprint": pa.array(prints, pa.binary())})
    del rows, prints
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    start = time.process_time()
    drop = DeduplicateRecordings().combine([table])
    spent = time.process_time() - start
    after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    right = {(f"{n:06d}-1", f"{n:06d}-0") for n in range(copied)}
    said = {(r["id"], r["of"]) for r in drop.duplicates.to_pylist()}
    said = {tuple(sorted(pair)) for pair in said}
    right = {tuple(sorted(pair)) for pair in right}
    return {
        "recordings": len(names),
        "wrong bits of a copy": round(float(np.unpackbits(errors.view(np.uint8)).mean()), 3),
        "CPU s": round(spent, 1),
        "peak MB over the fingerprints": round((after - before) / 1024),
        "copies found": f"{len(said & right)} of {len(right)}",
        "false": len(said - right),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("packages", type=Path)
    parser.add_argument("--cache", type=Path, default=Path("cache"))
    parser.add_argument("--recordings", type=int, default=10_000)
    parser.add_argument("--every", type=int, default=1, help="take only each so-manieth source")
    parser.add_argument("--save", action="store_true", help="write benchmarks/results/ as well")
    options = parser.parse_args()
    found = _sounds.sources(options.packages, options.cache)
    sounds = {
        f"{split} {label} {name}": sound
        for split in found
        for label in ("speech", "music")
        for name, sound in found[split][label].items()
        if len(sound) > 45 * _sounds.RATE
    }
    sounds = dict(list(sounds.items())[:: options.every])
    result = {"cost": cost(sounds), **found_copies(sounds)}
    print(json.dumps(result, indent=1), flush=True)
    many = corpus(sounds, options.recordings)
    print(json.dumps(many, indent=1))
    if options.save:
        name = "DeduplicateRecordings"
        figures = [
            figure(name, f"found: {case}", row["found"], unit=f"of {row['of']} copies")
            for case, row in result["copies"].items()
        ]
        pairs = result["pairs of different sources"]
        figures += [
            figure(name, "different sources matched", len(result["matched"]),
                   unit=f"of {pairs} pairs"),
            figure(name, "fingerprint", result["cost"]["CPU s an hour"], unit="CPU-s an hour"),
            figure(name, f"corpus, {many['recordings']} recordings of 30 minutes", many["CPU s"],
                   unit=f"CPU-s; copies found: {many['copies found']}, false: {many['false']}"),
        ]  # fmt: skip
        save("sound_print", figures, "numpy", "av")


if __name__ == "__main__":
    main()

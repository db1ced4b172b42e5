"""Precision and recall of `kernels/sounds.py` by the second, on sources that it was not trained on.

    python benchmarks/sounds.py PACKAGES --cache CACHE [--speech FOLDER] [--scenes 600]

PACKAGES as `_sounds.py` says. Scenes last 20 s, each one kind of sound, degraded at random. A pause
(40 dB below the rest of its scene) has no label. Clean speech is counted apart: what is marked
there is lost to the archive.
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path
from typing import Any

import _sounds
import numpy as np
from _common import figure, save

from datapartnerships.kernels.sounds import Region, SoundScan

KINDS = ("speech", "music", "applause", "noise", "tone")


def scan(sound: Any) -> list[Region]:
    one = SoundScan()
    one.feed(sound)
    return one.end()


def seconds(regions: list[Region], count: int) -> list[tuple[str, bool]]:
    """The label at the middle of each second, and whether somebody speaks."""
    found = []
    for second in range(count):
        here = [r for r in regions if r.start_s <= second + 0.5 < r.end_s]
        found.append((here[0].label, here[0].with_speech) if here else ("speech", True))
    return found


def held_out(found: Any, scenes: int) -> dict[str, Any]:
    rng = np.random.default_rng(7)
    table: dict[str, dict[str, int]] = {}
    spoken = {True: 0, False: 0}
    cpu = total = 0.0
    for label, _, sound in _sounds.scenes(rng, found["test"], scenes):
        start = time.process_time()
        regions = scan(sound)
        cpu += time.process_time() - start
        total += len(sound) / _sounds.RATE
        level = np.mean(sound.reshape(-1, _sounds.RATE) ** 2, axis=1)
        for second, (seen, talk) in enumerate(seconds(regions, len(level))):
            if level[second] < 1e-4 * level.max():
                continue
            row = table.setdefault(label, {})
            row[seen] = row.get(seen, 0) + 1
            if label == "both" and seen == "music":
                spoken[talk] += 1
    true = {k: table[k].get(k, 0) for k in KINDS}
    true["music"] += table["both"].get("music", 0)
    there = {k: sum(table[k].values()) for k in KINDS}
    there["music"] += sum(table["both"].values())
    seen = {k: sum(row.get(k, 0) for row in table.values()) for k in KINDS}
    return {
        "confusion": table,
        "recall": {k: round(true[k] / there[k], 3) for k in KINDS},
        "precision": {k: round(true[k] / max(1, seen[k]), 3) for k in KINDS},
        "speech over music, flagged": round(spoken[True] / max(1, sum(spoken.values())), 3),
        "CPU s for 10 minutes": round(600 * cpu / total, 2),
    }


def on_speech(sounds: dict[str, Any]) -> dict[str, Any]:
    """Seconds an hour of speech, as it is, that some label takes away, and where."""
    lost: dict[str, float] = {}
    hours, where = 0.0, {}
    for name, sound in sorted(sounds.items()):
        regions = [r for r in scan(sound) if r.label != "silence"]
        hours += len(sound) / _sounds.RATE / 3600
        for region in regions:
            lost[region.label] = lost.get(region.label, 0) + region.end_s - region.start_s
        if regions:
            where[name] = [
                f"{r.label}{'+speech' * r.with_speech} {r.start_s:.0f}-{r.end_s:.0f} {r.score:.2f}"
                for r in regions
            ]
    rates = {label: round(value / hours, 1) for label, value in lost.items()}
    return {"hours": round(hours, 3), "lost seconds an hour": rates, "where": where}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("packages", type=Path)
    parser.add_argument("--cache", type=Path, default=Path("cache"))
    parser.add_argument("--speech", type=Path, help="a folder of real recordings, speech alone")
    parser.add_argument("--scenes", type=int, default=600)
    parser.add_argument("--save", action="store_true", help="write benchmarks/results/ as well")
    options = parser.parse_args()
    found = _sounds.sources(options.packages, options.cache)
    result = {"held out": held_out(found, options.scenes)}
    speech = found["test"]["speech"]
    real = {k: v for k, v in speech.items() if not k.startswith("espeak")}
    result["real speech"] = on_speech(real)
    result["synthesized speech"] = on_speech({k: v for k, v in speech.items() if k not in real})
    loud = {k: np.clip(8 * v, -0.9, 0.9) for k, v in real.items()}
    result["real speech, clipped"] = on_speech(loud)
    result["real speech, telephone"] = on_speech({k: _sounds.telephone(v) for k, v in real.items()})
    if options.speech:
        files = [p for p in sorted(options.speech.iterdir()) if p.suffix != ".md"]
        for file in files:
            regions = scan(_sounds.decode(file))
            print(file.name, [(r.label, r.start_s, r.end_s, round(r.score, 2)) for r in regions])
    print(json.dumps(result, indent=1))
    if options.save:
        save("sounds", figures(result), "numpy", "av")


def figures(result: dict[str, Any]) -> list[dict[str, Any]]:
    held = result["held out"]
    found = [
        figure("SoundScan", f"{measure}, {label}", value, unit="of seconds of held-out scenes")
        for measure in ("recall", "precision")
        for label, value in held[measure].items()
        if label != "speech" or measure == "recall"
    ]
    over = held["confusion"]["both"]
    share = round(over.get("music", 0) / sum(over.values()), 3)
    found.append(figure("SoundScan", "recall, music below a voice", share, unit="of seconds"))
    found.append(figure("SoundScan", "speed", held["CPU s for 10 minutes"], unit="CPU-s for 600 s"))
    for name, row in result.items():
        if name != "held out":
            lost = round(sum(row["lost seconds an hour"].values()), 1)
            unit = f"s an hour, of {row['hours']} hours"
            found.append(figure("SoundScan", f"{name}, called a sound", lost, unit=unit))
    return found


if __name__ == "__main__":
    main()

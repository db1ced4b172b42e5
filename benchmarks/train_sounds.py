"""Train the network of `kernels/sounds.py` (needs the packages that `_sounds.py` names).

    python benchmarks/train_sounds.py PACKAGES --cache CACHE --speech FOLDER --scenes 4000

Writes datapartnerships/kernels/sounds.npz. NumPy alone: one hidden layer, Adam, some minutes.
"""

from __future__ import annotations

import argparse
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

import _sounds
import numpy as np

from datapartnerships.kernels import sounds

_PARTS = 3  # processes, each with a seed of its own
OUT = Path(sounds.__file__).with_name("sounds.npz")


def examples(packages: Path, cache: Path, speech: Path, scenes: int, seed: int) -> tuple[Any, Any]:
    """Figures and label of seconds of scenes of the training sources.

    Half of the scenes stand alone; the others are two of them joined, as in a broadcast.
    """
    found = _sounds.sources(packages, cache, speech)["train"]
    rng = np.random.default_rng(seed)
    rows, labels = [], []
    waiting = None
    for number, (label, _, sound) in enumerate(_sounds.scenes(rng, found, scenes, 16)):
        sound = sound[: _sounds.RATE * int(rng.integers(6, 17))]
        code = sounds.LABELS.index(label)
        if number % 2 and waiting is None:
            waiting = code, sound
            continue
        parts = [(code, sound)]
        if waiting is not None and number % 3 == 0:
            parts.append(waiting)
            waiting = None
        scan = sounds.SoundScan()
        scan.feed(np.concatenate([part for _, part in parts]))
        figures = scan.figures()
        truth = np.concatenate([np.full(len(part) // _sounds.RATE, c) for c, part in parts])
        level = np.concatenate(
            [
                np.mean(p[: len(p) // 16000 * 16000].reshape(-1, 16000) ** 2, axis=1)
                / (np.mean(p**2) + 1e-12)
                for _, p in parts
            ]
        )
        heard = level[: len(figures)] > 1e-3  # a pause has no label
        rows.append(figures[: len(truth)][heard])
        labels.append(truth[: len(figures)][heard])
    return np.concatenate(rows), np.concatenate(labels)


def train(x: Any, y: Any, hidden: int = 24, epochs: int = 60) -> dict[str, Any]:
    rng = np.random.default_rng(0)
    mean, scale = x.mean(axis=0), x.std(axis=0) + 1e-3
    x = np.clip((x - mean) / scale, -5, 5).astype(np.float32)
    classes = len(sounds.LABELS)
    counts = np.bincount(y, minlength=classes)
    weight = (len(y) / classes / np.maximum(counts, 1))[y].astype(np.float32)
    shapes = {
        "w1": (x.shape[1], hidden),
        "b1": (hidden,),
        "w2": (hidden, classes),
        "b2": (classes,),
    }
    net = {k: rng.standard_normal(s).astype(np.float32) / np.sqrt(s[0]) for k, s in shapes.items()}
    first = {k: np.zeros_like(v) for k, v in net.items()}
    second = {k: np.zeros_like(v) for k, v in net.items()}
    step = 0
    for epoch in range(epochs):
        order = rng.permutation(len(y))
        rate = 2e-3 * 0.5 * (1 + np.cos(np.pi * epoch / epochs))
        losses = []
        for at in range(0, len(order), 256):
            index = order[at : at + 256]
            rows = x[index] + 0.1 * rng.standard_normal((len(index), x.shape[1])).astype(np.float32)
            keep = (rng.random((len(index), hidden)) > 0.2) / np.float32(0.8)
            h = np.maximum(rows @ net["w1"] + net["b1"], 0) * keep
            scores = h @ net["w2"] + net["b2"]
            p = np.exp(scores - scores.max(axis=1, keepdims=True))
            p /= p.sum(axis=1, keepdims=True)
            truth = np.eye(classes, dtype=np.float32)[y[index]] * 0.95 + 0.05 / classes
            losses.append(float(-(truth * np.log(p + 1e-9)).sum(axis=1).mean()))
            down = (p - truth) * weight[index][:, None] / len(index)
            back = (down @ net["w2"].T) * (h > 0) * keep
            grads = {"w2": h.T @ down, "b2": down.sum(0), "w1": rows.T @ back, "b1": back.sum(0)}
            step += 1
            for name, grad in grads.items():
                grad = grad + 1e-4 * net[name]
                first[name] += 0.1 * (grad - first[name])
                second[name] += 0.001 * (grad**2 - second[name])
                up = first[name] / (1 - 0.9**step)
                net[name] -= rate * up / (np.sqrt(second[name] / (1 - 0.999**step)) + 1e-8)
        if epoch % 10 == 9:
            print(f"epoch {epoch + 1}: loss {np.mean(losses):.3f}")
    return {"mean": mean, "scale": scale, **net}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("packages", type=Path)
    parser.add_argument("--cache", type=Path, default=Path("cache"))
    parser.add_argument("--speech", type=Path, required=True, help="a folder of real recordings")
    parser.add_argument("--scenes", type=int, default=4000)
    options = parser.parse_args()
    places = options.packages, options.cache, options.speech
    share = options.scenes // _PARTS
    with ProcessPoolExecutor(_PARTS) as pool:
        tasks = [pool.submit(examples, *places, share, seed) for seed in range(_PARTS)]
        parts = [task.result() for task in tasks]
    x, y = (np.concatenate(column) for column in zip(*parts, strict=True))
    print(f"{len(y)} seconds, {x.shape[1]} figures, {np.bincount(y)} a label")
    net = train(x, y)
    np.savez(
        OUT,
        **{
            k: v.astype(np.float32 if k in ("mean", "scale") else np.float16)
            for k, v in net.items()
        },
    )


if __name__ == "__main__":
    main()

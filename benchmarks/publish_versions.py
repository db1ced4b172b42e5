"""What a next version costs: the share of a dataset that is in chunks which the Hub does not have.

A deposit of JSON Lines is written twice by `ParquetWriter`, the second time with 1 % more (or
fewer) documents. Both are cut as Xet cuts files: where a rolling hash of 64 bytes (Gear) says so,
64 KiB on the mean, 8 to 128 KiB (https://huggingface.co/docs/xet/chunking). What the second version
uploads are the chunks that the first has nowhere. The table of the hash is ours, so that single
cuts differ from those of the Hub and their number does not. Beside it: the bytes of the files that
changed, which is what a Hub without Xet is sent. With a file for each document, the second version
is also put in the order of the first, as `prepare(..., previous=)` does.
"""

from __future__ import annotations

import hashlib
import json
import random
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np
from _common import ROOT, arguments, lines, machine, report, scratch, versions

import datapartnerships as dp
from datapartnerships import readers, writers
from datapartnerships.release._layout import follow
from datapartnerships.writers._folder import Folder

_TABLE = np.random.default_rng(64).integers(0, 1 << 63, 256, dtype=np.uint64)
_LEAST, _MOST, _MASK = 8 << 10, 128 << 10, np.uint64(0xFFFF << 48)
_BLOCK = 8 << 20


def main() -> None:
    given = arguments(
        __doc__ or "",
        megabytes={"type": int, "default": 100},
        files={"type": int, "default": 20},
        share={"type": float, "default": 0.01},
    )
    rows = list(_rows(given.data, given.megabytes * 1_000_000))
    count = int(len(rows) * given.share)
    old, new = rows[:-count], rows[-count:]
    size = -(-len(old) // given.files)
    parts = [old[i : i + size] for i in range(0, len(old), size)]
    rng = random.Random(1)
    spread = [list(part) for part in parts]
    for row in new:
        part = rng.choice(spread)
        part.insert(rng.randrange(len(part)), row)
    half = len(parts) // 2
    cases = {
        "more, in a file at the end": [*parts, new],
        "more, in a file in the middle": [*parts[:half], new, *parts[half:]],
        "more, at the end of one file": [*parts[:half], parts[half] + new, *parts[half + 1 :]],
        "more, anywhere": spread,
        "fewer, a file in the middle": [*parts[:half], parts[half][count:], *parts[half + 1 :]],
        "one fewer": [*parts[:half], parts[half][1:], *parts[half + 1 :]],
    }
    with scratch() as folder:
        before = _written(parts, folder / "before")
        found = {}
        for number, (name, version) in enumerate(cases.items()):
            after = _written(version, folder / f"after-{number}")
            found[name] = _shares(before, after)
            total = sum(file.stat().st_size for file in after)
        found |= _prepared(rows, given.share, folder)
    result = {
        "benchmark": "publish_versions",
        "reader": "",
        "documents": len(old),
        "text_mb": given.megabytes,
        "parquet_mb": round(total / 1e6, 1),
        "share": given.share,
        "share of the bytes that are sent": found,
        "versions": versions(),
        "machine": machine(),
    }
    report(result, given.json)
    if given.save:
        file = ROOT / "benchmarks" / "results" / "publish_versions.json"
        file.write_text(json.dumps([result], indent=1) + "\n")


def _shares(before: list[Path], after: list[Path]) -> dict[str, float]:
    """Of the bytes of `after`, those in chunks that are new, and those in files that are."""
    have = {chunk for file in before for chunk, _ in _chunks(file)}
    digests = {hashlib.sha256(file.read_bytes()).digest() for file in before}
    total = sum(file.stat().st_size for file in after)
    sent = {c: n for file in after for c, n in _chunks(file) if c not in have}
    whole = sum(
        file.stat().st_size
        for file in after
        if hashlib.sha256(file.read_bytes()).digest() not in digests
    )
    return {
        "chunks": round(sum(sent.values()) / total, 4),
        "files": round(whole / total, 4),
    }


def _prepared(rows: list[bytes], share: float, folder: Path) -> dict[str, dict[str, float]]:
    """A file for each document, new ones between the others: as the run writes it, and as `prepare`
    puts it in the order of the version before."""
    texts = [json.loads(row)["text"] for row in rows]
    rng = random.Random(2)
    new = set(rng.sample(range(len(texts)), max(1, int(len(texts) * share))))
    gone = next(one for one in range(len(texts) // 2, len(texts)) if one not in new)
    every = range(len(texts))
    kept = {"old": set(every) - new, "more": set(every), "fewer": set(every) - new - {gone}}
    out = {}
    for name, some in kept.items():
        place = folder / f"files-{name}"
        place.mkdir()
        for one in some:
            (place / f"{one:07d}.txt").write_text(texts[one], encoding="utf-8")
        reader = readers.FolderReader(str(place), source="letters")
        writer = writers.ParquetWriter(str(folder / f"run-{name}"))
        dp.run(dp.Pipeline(reader, [], writer), progress=False)
        out[name] = Folder(str(folder / f"run-{name}"))
    files = {name: sorted(file.sizes("data")) for name, file in out.items()}
    paths = {name: [Path(out[name].at(file)) for file in some] for name, some in files.items()}
    found = {"more, files anywhere, as they were run": _shares(paths["old"], paths["more"])}
    for name, words in (("more", "more, files anywhere"), ("fewer", "one file fewer")):
        target = folder / f"prepared-{name}"
        follow(out[name], files[name], out["old"], files["old"], target, "train", writer)
        found[f"{words}, prepared"] = _shares(paths["old"], sorted(target.iterdir()))
    return found


def _rows(path: str, size: int) -> Iterator[bytes]:
    for line in lines(path):
        if line and size > 0:
            size -= len(line)
            yield line


def _written(parts: Iterable[Iterable[bytes]], folder: Path) -> list[Path]:
    (folder / "in").mkdir(parents=True)
    for number, part in enumerate(parts):
        # By what is in it: a file keeps its name when another comes before it.
        part = list(part)
        name = hashlib.sha256(part[-1]).hexdigest()[:8]
        (folder / "in" / f"{number:02d}-{name}.jsonl").write_bytes(b"\n".join(part) + b"\n")
    reader = readers.JsonlReader(str(folder / "in"), source="letters")
    dp.run(dp.Pipeline(reader, [], writers.ParquetWriter(str(folder / "out"))), progress=False)
    return sorted((folder / "out" / "data").iterdir())


def _chunks(file: Path) -> Iterator[tuple[bytes, int]]:
    """Digest and bytes of every chunk of a file."""
    data = np.fromfile(file, np.uint8)
    start, cuts = 0, _candidates(data)
    at = 0
    while start < len(data):
        at = int(np.searchsorted(cuts, start + _LEAST))
        stop = int(cuts[at]) if at < len(cuts) else len(data)
        stop = min(stop, start + _MOST, len(data))
        yield hashlib.sha256(data[start:stop].tobytes()).digest(), stop - start
        start = stop


def _candidates(
    data: np.ndarray[tuple[int], np.dtype[np.uint8]],
) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """Where the hash of the 64 bytes before has 16 zeros at its top."""
    found = []
    for start in range(0, len(data), _BLOCK):
        begin = max(0, start - 63)
        hashed = _TABLE[data[begin : start + _BLOCK]]
        for width in (1, 2, 4, 8, 16, 32):
            hashed[width:] = hashed[width:] + (hashed[:-width] << np.uint64(width))
        hits = np.flatnonzero((hashed & _MASK) == 0) + begin + 1
        found.append(hits[hits > start])
    return np.concatenate(found)


if __name__ == "__main__":
    main()

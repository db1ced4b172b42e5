"""Speech recognition: CPU seconds and wrong words, beside whisperx and faster-whisper themselves.

`--data` is a folder with a manifest.jsonl, as `speech_data.py` makes one. All sides have the same
Whisper model (`--model`, or DATAPARTNERSHIPS_ASR_MODEL: a folder in CTranslate2's format), int8,
one thread, the same files and are told the language:

- whisperx: `load_model(model, "cpu", compute_type="int8")`, its own voice activity detection,
  `transcribe(batch_size=8)`, one file after another;
- faster-whisper: `WhisperModel.transcribe` as it comes, one file after another;
- batched: its `BatchedInferencePipeline`, batch_size=8;
- batched-words: the same with `word_timestamps=True`, as ours has times of words (and marks what
  was lost by them);
- ours: a pipeline over the folder with all files of a set and language, from file to segments.

Files are read by PyAV on every side (whisperx itself would call ffmpeg). Each side is a process
that does a short recording first, so that imports and loading are not counted, then the same sets,
in turn with the others. CPU seconds are those of the process and of all that it started; the least
of `--runs`.

Wrong words: both texts in NFKC, case folded, apostrophes taken out, all but letters, marks and
digits taken for space; digits are not turned into words (`speech_data.py` takes no text with
digits), and accents where the text has none. Languages without spaces: characters in place of
words. Levenshtein's distance over the words of the text, pooled over the files of a set. Intervals:
95 %, from 2,000 resamplings of clips (of stretches of 25 words in long recordings), both sides of a
difference on the same ones. Lost: runs of six or more words of the text with nothing in their
place, and clips left empty.
"""

from __future__ import annotations

import json
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Any

from _common import ROOT, arguments, figure, machine, report, save, versions
from rapidfuzz.distance import Levenshtein

SIDES = ("ours", "whisperx", "faster-whisper", "batched", "batched-words")
UNSPACED = frozenset({"ja", "th", "yue", "zh"})
LOST = 6
STRETCH = 25
_ACCENTS = re.compile(r"[\u0300-\u036f]")
_APART = re.compile(r"[^\w\u0300-\u036f]+|_+")

# A set: (kind, language) -> its entries of the manifest.
Key = tuple[str, str]


# ------------------------------------------------------------------------------- wrong words


def words(text: str, language: str, *, accents: bool = True) -> list[str]:
    text = unicodedata.normalize("NFKC", text).casefold()
    if not accents:
        text = _ACCENTS.sub("", unicodedata.normalize("NFD", text))
    text = _APART.sub(" ", re.sub("['’ʼ`]", "", text))
    return list(text.replace(" ", "")) if language in UNSPACED else text.split()


class Wrong:
    """Of one file: words and wrong words of each stretch of the text, and stretches lost."""

    def __init__(self, truth: list[str], found: list[str], size: int) -> None:
        count = max(1, -(-len(truth) // size))
        self.words = [0] * count
        self.errors = [0] * count
        for place in range(len(truth)):
            self.words[place // size] += 1
        self.lost: list[int] = []
        run = last = -1
        for step in Levenshtein.editops(truth, found):
            self.errors[min(step.src_pos // size, count - 1)] += 1
            if step.tag != "delete":
                continue
            if step.src_pos == last + 1 and run >= 0:
                run += 1
            else:
                self._note(run)
                run = 1
            last = step.src_pos
        self._note(run)
        if not found and truth and not self.lost:
            self.lost.append(len(truth))

    def _note(self, run: int) -> None:
        if run >= LOST:
            self.lost.append(run)


def rate(stretches: Sequence[tuple[int, int]]) -> float:
    return sum(errors for errors, _ in stretches) / max(1, sum(count for _, count in stretches))


def interval(values: Callable[[Sequence[int]], float], count: int) -> list[float]:
    """95 %, in hundredths; `values` gives the figure for the stretches with these numbers."""
    chance = random.Random(20)
    found = sorted(values(chance.choices(range(count), k=count)) for _ in range(2000))
    return [round(100 * found[49], 2), round(100 * found[1949], 2)]


# ------------------------------------------------------------------------------------- sides


def whisperx(model: str) -> Callable[[str, list[str]], list[str]]:
    os.environ["PYANNOTE_METRICS_ENABLED"] = "false"
    import torch
    import whisperx as peer
    from faster_whisper.audio import decode_audio

    torch.set_num_threads(1)
    engine = peer.load_model(model, "cpu", compute_type="int8", threads=1)

    def read(language: str, files: list[str]) -> list[str]:
        return [
            " ".join(
                part["text"]
                for part in engine.transcribe(decode_audio(f), batch_size=8, language=language)[
                    "segments"
                ]
            )
            for f in files
        ]

    return read


def faster_whisper(model: str) -> Callable[[str, list[str]], list[str]]:
    from faster_whisper import WhisperModel

    engine = WhisperModel(model, device="cpu", compute_type="int8", cpu_threads=1)

    def read(language: str, files: list[str]) -> list[str]:
        return [" ".join(s.text for s in engine.transcribe(f, language=language)[0]) for f in files]

    return read


def batched(model: str, **options: Any) -> Callable[[str, list[str]], list[str]]:
    from faster_whisper import BatchedInferencePipeline, WhisperModel

    engine = BatchedInferencePipeline(
        WhisperModel(model, device="cpu", compute_type="int8", cpu_threads=1)
    )

    def read(language: str, files: list[str]) -> list[str]:
        return [
            " ".join(
                s.text for s in engine.transcribe(f, language=language, batch_size=8, **options)[0]
            )
            for f in files
        ]

    return read


def ours(model: str) -> Callable[[str, list[str]], list[str]]:
    import datapartnerships as dp
    from datapartnerships import readers, writers

    def read(language: str, files: list[str]) -> list[str]:
        with tempfile.TemporaryDirectory() as folder:
            deposit = Path(folder, "deposit")
            deposit.mkdir()
            for number, file in enumerate(files):
                shutil.copyfile(file, deposit / f"{number:04}.wav")
            asr = readers.Asr(model=model, languages=(language,))
            pipeline = dp.Pipeline(
                reader=readers.AudioReader(deposit, asr=asr),
                writer=writers.ParquetWriter(Path(folder, "out")),
            )
            release = dp.run(pipeline)
            texts = {row["provenance"]["uri"]: row["text"] for row in release.dataset}
        return [texts.get(f"{number:04}.wav", "") for number in range(len(files))]

    return read


_READ = {
    "whisperx": whisperx,
    "faster-whisper": faster_whisper,
    "batched": batched,
    "batched-words": partial(batched, word_timestamps=True),
    "ours": ours,
}


def _spent() -> float:
    """CPU seconds of this process, of what it started and of what these started."""
    tick = os.sysconf("SC_CLK_TCK")
    parents: dict[int, list[int]] = defaultdict(list)
    ticks: dict[int, int] = {}
    for entry in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = entry.read_text().rsplit(")", 1)[1].split()
        except OSError:
            continue
        pid = int(entry.parent.name)
        parents[int(fields[1])].append(pid)
        ticks[pid] = sum(map(int, fields[11:15]))
    total, todo = 0, [os.getpid()]
    while todo:
        pid = todo.pop()
        total += ticks.get(pid, 0)
        todo += parents[pid]
    return total / tick


def _side(name: str, model: str, warm: str) -> None:
    """Answer each line of standard input (a language and files) with seconds and texts."""
    import ctypes

    ctypes.CDLL(None).prctl(36, 1, 0, 0, 0)  # PR_SET_CHILD_SUBREAPER: orphans stay ours
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what libraries print
    read = _READ[name](model)
    read("en", [warm])
    print(json.dumps("ready"), file=answers, flush=True)
    for line in sys.stdin:
        language, files = json.loads(line)
        before = _spent()
        texts = read(language, files)
        print(json.dumps([_spent() - before, texts]), file=answers, flush=True)


class Side:
    """A side in a process of its own."""

    def __init__(self, name: str, model: str, warm: str, log: Any) -> None:
        self.process = subprocess.Popen(
            [sys.executable, __file__, "--side", name, "--model", model, "--warm", warm],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
            cwd=ROOT,
            env={
                **os.environ,
                **dict.fromkeys(("OMP_NUM_THREADS", "MKL_NUM_THREADS"), "1"),
                "HF_HUB_OFFLINE": "1",
                "PYTHONPATH": str(ROOT),
            },
        )
        self.name = name

    def __enter__(self) -> Side:
        self._answer()
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.stdin:
            self.process.stdin.close()
        self.process.wait()

    def _answer(self) -> Any:
        assert self.process.stdout
        line = self.process.stdout.readline()
        if not line:
            raise SystemExit(f"{self.name} ended with exit code {self.process.wait()}; see the log")
        return json.loads(line)

    def read(self, language: str, files: list[str]) -> tuple[float, list[str]]:
        assert self.process.stdin
        print(json.dumps([language, files]), file=self.process.stdin, flush=True)
        seconds, texts = self._answer()
        return seconds, texts


# -------------------------------------------------------------------------------------- main


def run(
    sides: Iterable[str], sets: dict[Key, list[dict[str, Any]]], model: str, runs: int, log: Path
) -> tuple[dict[str, dict[Key, float]], dict[str, dict[Key, list[str]]]]:
    best: dict[str, dict[Key, float]] = defaultdict(dict)
    texts: dict[str, dict[Key, list[str]]] = defaultdict(dict)
    warm = min((e for its in sets.values() for e in its), key=lambda e: e["seconds"])["audio"]
    with ExitStack() as running, open(log, "w") as file:
        started = {s: running.enter_context(Side(s, model, warm, file)) for s in sides}
        for key, entries in sets.items():
            for _ in range(runs):
                for name, side in started.items():
                    spent, texts[name][key] = side.read(key[1], [e["audio"] for e in entries])
                    best[name][key] = min(best[name].get(key, float("inf")), spent)
                    print(*key, name, round(spent, 1), file=sys.stderr, flush=True)
    return best, texts


def judge(texts: list[str], entries: list[dict[str, Any]], kind: str) -> list[Wrong]:
    found = []
    for text, entry in zip(texts, entries, strict=True):
        split = partial(words, language=entry["language"], accents=entry.get("accents", True))
        truth = split(entry["text"])
        size = STRETCH if kind == "long" else max(1, len(truth))
        found.append(Wrong(truth, split(text), size))
    return found


def groups(sets: dict[Key, Any]) -> Iterator[tuple[str, list[Key]]]:
    """Each set and language; then all real ones of a kind, and all that are synthesised."""
    for key in sets:
        yield " ".join(key), [key]
    for kind in sorted({kind for kind, _ in sets}):
        for made in (False, True):
            keys = [k for k, its in sets.items() if k[0] == kind and its[0]["synthesised"] == made]
            if keys:
                yield f"{kind}, {'synthesised' if made else 'real'}", keys


def table(
    sets: dict[Key, list[dict[str, Any]]],
    best: dict[str, dict[Key, float]],
    texts: dict[str, dict[Key, list[str]]],
) -> dict[str, Any]:
    wrong = {
        side: {key: judge(its[key], sets[key], key[0]) for key in sets}
        for side, its in texts.items()
    }
    result: dict[str, Any] = {}
    for title, keys in groups(sets):
        sound = sum(e["seconds"] for key in keys for e in sets[key])
        row: dict[str, Any] = {"files": sum(len(sets[k]) for k in keys), "seconds": round(sound)}
        stretches = {}
        for side in texts:
            of_side = [w for key in keys for w in wrong[side][key]]
            stretches[side] = [p for w in of_side for p in zip(w.errors, w.words, strict=True)]
            lost = [n for w in of_side for n in w.lost]
            spent = sum(best[side][key] for key in keys)
            row[side] = {
                "cpu_s": round(spent, 2),
                "rtf": round(spent / sound, 4),
                "wer": round(100 * rate(stretches[side]), 2),
                "lost": len(lost),
                "words_lost": sum(lost),
            }
        for side, its in stretches.items():
            row[side]["wer_95"] = interval(lambda n, i=its: rate([i[k] for k in n]), len(its))
            if side == "ours":
                continue
            mine = stretches.get("ours")
            if mine is None:
                continue
            row[side]["times_ours"] = round(row[side]["cpu_s"] / row["ours"]["cpu_s"], 2)
            row[side]["ours_wer_less_its"] = interval(
                lambda n, i=its, m=mine: rate([m[k] for k in n]) - rate([i[k] for k in n]),
                len(its),
            )
        result[title] = row
    return result


def markdown(result: dict[str, Any], sides: Sequence[str]) -> str:
    """CPU seconds for a second of sound, wrong words in hundredths, stretches lost."""
    lines = ["| set | files | s | " + " | ".join(sides) + " |", "|---" * (3 + len(sides)) + "|"]
    for title, row in result.items():
        cells = []
        for side in sides:
            it = row[side]
            low, high = it["wer_95"]
            lost = f", {it['lost']} lost" if it["lost"] else ""
            cells.append(f"{it['rtf']:.3f}; {it['wer']:.1f} ({low:.1f} to {high:.1f}){lost}")
        lines.append(f"| {title} | {row['files']} | {row['seconds']} | {' | '.join(cells)} |")
    return "\n".join(lines)


def figures(result: dict[str, Any], sides: Sequence[str]) -> Iterator[dict[str, Any]]:
    for kind in ("long", "short"):
        row = result.get(f"{kind}, real")
        if row is None or "ours" not in row:
            continue
        sound, mine = row["seconds"], row["ours"]
        for peer in (side for side in sides if side != "ours"):
            its = row[peer]
            yield figure("AudioReader", f"wrong words, {row['files']} {kind} recordings",
                         mine["wer"], unit="%", peer=(peer, its["wer"]))  # fmt: skip
            yield figure("AudioReader", f"speed, {kind}", round(sound / mine["cpu_s"], 1),
                         unit="seconds of sound per CPU-second",
                         peer=(peer, round(sound / its["cpu_s"], 1)))  # fmt: skip


def main() -> None:
    if "--side" in sys.argv:
        given = dict(zip(sys.argv[1::2], sys.argv[2::2], strict=True))
        _side(given["--side"], given["--model"], given["--warm"])
        return
    args = arguments(
        (__doc__ or "").splitlines()[0],
        model={"default": os.environ.get("DATAPARTNERSHIPS_ASR_MODEL", ""), "help": "a folder"},
        sides={"default": ",".join(SIDES), "help": "of " + ", ".join(SIDES)},
        languages={"default": "", "help": "only these, separated by commas"},
        sets={"default": "short,long"},
        files={"type": int, "default": 1000, "help": "so many of a set and language at most"},
        runs={"type": int, "default": 2, "help": "the least CPU time of so many counts"},
        texts={"default": "", "help": "write what each side gave into this file (JSON)"},
    )
    folder = Path(args.data) if Path(args.data).is_dir() else ROOT / ".work" / "speech"
    manifest = folder / "manifest.jsonl"
    if not manifest.exists() or not args.model:
        print("speech: no model or no speech: give --model, and run benchmarks/speech_data.py")
        return
    sets: dict[Key, list[dict[str, Any]]] = defaultdict(list)
    for line in manifest.read_text(encoding="utf-8").splitlines():
        entry = json.loads(line)
        entry["audio"] = str((folder / entry["audio"]).resolve())
        its = sets[entry["set"], entry["language"]]
        asked = not args.languages or entry["language"] in args.languages.split(",")
        if asked and entry["set"] in args.sets.split(",") and len(its) < args.files:
            its.append(entry)
    sets = {key: its for key, its in sets.items() if its}
    sides = args.sides.split(",")
    with tempfile.TemporaryDirectory() as work:
        log = Path(work) / "log"
        try:
            best, texts = run(sides, sets, args.model, args.runs, log)
        except SystemExit:
            print(log.read_text()[-4000:], file=sys.stderr)
            raise
    if args.texts:
        said = {s: {" ".join(k): v for k, v in its.items()} for s, its in texts.items()}
        Path(args.texts).write_text(json.dumps(said, ensure_ascii=False, indent=1))
    result: dict[str, Any] = table(sets, best, texts)
    print(markdown(result, sides))
    libraries = ("whisperx", "faster-whisper", "ctranslate2", "av", "torch")
    shown = {"model": Path(args.model).name, **result, "versions": versions(*libraries)}
    report({**shown, "machine": machine()}, args.json)
    if args.save:
        save("speech", figures(result, sides), *libraries)


if __name__ == "__main__":
    main()

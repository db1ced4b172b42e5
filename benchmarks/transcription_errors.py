"""Errors of transcription: how many are found, and how many false alarms clean speech gives.

Four kinds of material, each cut in two halves by its name: limits were chosen on one, the other is
reported (`--half tune` shows the first).

* decodes: a Whisper model on real and synthesised speech, clean and spoiled. Its loops are real:
  more than 1.7 words for each that was said. Clean speech has a word error under one half.
* wordless: the same model on silence, hum, tones, noise, clicks and made music, in many languages.
  All that it says is wrong. With the seconds of speech that a detector of voices heard (in the
  table "heard"), and without (only the figures of the model).
* transcripts: real texts in many languages cut into utterances at ordinary rates (7 to 19 letters a
  second), no faults: false alarms; then the same with loops, captions over silence, foreign
  sentences and impossible rates planted. Sentences of another language than their document's (most
  are English that nobody translated) are left out by a rule of other libraries (`_transcripts.py`);
  the same documents with these left in are counted apart.
* repetition that is meant (roll calls, digits, laughter, choruses ...): no flag is right.

The usual rule beside it in the same run: Whisper's compression ratio above 2.4 or mean log
probability below -1 (what is below -1 has its no-speech rule within it).
"""

from __future__ import annotations

import hashlib
import json
import math
import os
import zlib
from collections import Counter, defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from _common import ROOT, arguments, cpu_seconds, figure, machine, report, save, versions
from _repetition import MEANT
from _speech import AUDIO, Recognizer, as_row, decodes, hash_of, load, wordless
from _transcripts import family, transcripts

from datapartnerships.kernels._caption_phrases import CREDITS, PARTINGS
from datapartnerships.kernels.transcription import FLAGS, Utterances, faults, find

WORDLESS_LANGUAGES = ("en", "is", "de", "fr", "es", "ja", "pl", "it")
WORK = ROOT / ".work" / "speech"


def half_of(name: str) -> str:
    return "report" if hashlib.sha256(name.encode()).digest()[0] % 2 else "tune"


def usual(text: str, confidence: float) -> bool:
    data = text.encode()
    ratio = len(data) / max(1, len(zlib.compress(data)))
    return ratio > 2.4 or math.log(max(confidence, 1e-9)) < -1


def silent_decodes(model: str) -> list[dict[str, Any]]:
    """What the model says where nobody speaks; kept in `.work`."""
    name = Path(model).name
    file = WORK / f"wordless-{name}.jsonl"
    file.parent.mkdir(parents=True, exist_ok=True)
    rows = {}
    if file.exists():
        rows = {row["key"]: row for row in map(json.loads, file.read_text().splitlines())}
    recognizer = Recognizer(model)
    languages = WORDLESS_LANGUAGES if recognizer.multilingual else ("en",)
    with file.open("a") as out:
        for n, seconds in enumerate((3, 8, 16, 28)):
            for language in languages:
                sounds = wordless(seconds, np.random.default_rng(n * 100 + hash_of(language)))
                if seconds <= 16:
                    sounds["noise4"] = load(AUDIO / "noise4.wav")[: seconds * 16_000]
                for sound, samples in sounds.items():
                    for temperature in (0.0, 0.7):
                        key = f"{sound} {seconds} {language} {temperature}"
                        if key in rows:
                            continue
                        said = recognizer.decode(samples, language, temperature=temperature)
                        line = as_row(said, key=key, sound=sound, model=name)
                        rows[key] = json.loads(line)
                        out.write(line + "\n")
                        out.flush()
    return list(rows.values())


# Texts as transcripts.


def weight(text: str) -> float:
    """Spoken letters, as the kernel counts them."""
    from datapartnerships.kernels._transcription_words import Words

    return float(Words(Utterances.of([text]).texts).letters[0])


class Recordings:
    """Transcripts as columns, with faults planted where asked."""

    def __init__(self, documents: list[tuple[str, str, list[str]]], seed: int) -> None:
        self.chance = np.random.default_rng(seed)
        self.columns: dict[str, list[Any]] = defaultdict(list)
        self.planted: list[str | None] = []
        self.documents = documents

    def add(self, document: int, text: str, planted: str | None, **figures: Any) -> None:
        rate = float(np.clip(self.chance.normal(13, 2.5), 7, 19))
        seconds = figures.pop("seconds", None) or max(0.6, weight(text) / rate)
        starts = self.columns["end_s"]
        same = bool(starts) and self.columns["document"][-1] == document
        start = starts[-1] if same else 0.0
        if planted != "echo":  # the times of a model that repeats itself follow one another
            start += float(self.chance.exponential(0.5))
        values = {
            "texts": text, "document": document, "start_s": start, "end_s": start + seconds,
            "speech_seconds": seconds * float(self.chance.uniform(0.75, 1)),
            "confidence": float(np.clip(self.chance.normal(0.78, 0.1), 0.4, 0.98)),
            "no_speech": float(self.chance.beta(1.2, 8)), "language": self.documents[document][1],
        }  # fmt: skip
        values.update(figures)
        for name, value in values.items():
            self.columns[name].append(value)
        self.planted.append(planted)

    def build(self, plant: bool) -> None:
        others = [d for d in self.documents if d[1] in ("en", "de", "fr", "es", "ru", "is", "fi")]
        for k, (_, language, sentences) in enumerate(self.documents):
            at = 0
            while at < len(sentences):
                size = int(self.chance.integers(1, 4))
                text = " ".join(sentences[at : at + size])
                at += size
                if not plant or self.chance.random() < 0.7:
                    self.add(k, text, None)
                    continue
                kind = str(
                    self.chance.choice(["loop", "echo", "silence", "language", "rate", "lost"])
                )
                self._plant(k, kind, text, language, others)

    def _plant(self, k: int, kind: str, text: str, language: str, others: list[Any]) -> None:
        chance = self.chance
        if kind == "loop":
            self.add(k, *looped(text, chance))
        elif kind == "echo":
            short = text[: max(20, text.find(",") if "," in text else 60)]
            self.add(k, short, None)
            length = float(chance.choice([2.0, 5.0, 29.98]))
            for _ in range(int(chance.integers(4, 12))):
                self.add(k, short, "echo", seconds=length)
        elif kind == "silence":
            phrase = str(chance.choice([*CREDITS, *PARTINGS])).capitalize() + "."
            heard = float(chance.choice([0.0, 0.0, 0.1, np.nan]))
            seconds = float(chance.uniform(2, 30))
            self.add(
                k, phrase, "silence", seconds=seconds,
                speech_seconds=None if np.isnan(heard) else heard,
                confidence=float(chance.uniform(0.2, 0.8)), no_speech=float(chance.uniform(0.3, 1)),
            )  # fmt: skip
        elif kind == "language":
            choices = [d for d in others if family(d[1]) != family(language)]
            other = choices[int(chance.integers(len(choices)))][2]
            foreign = next((s for s in other if len(s.split()) >= 10), None)
            if foreign:
                self.add(k, foreign, "language", confidence=float(chance.uniform(0.3, 0.8)))
        elif kind == "rate":
            self.add(
                k, text, "rate", seconds=max(0.5, weight(text) / float(chance.uniform(35, 90)))
            )
        else:
            seconds = float(chance.uniform(3, 25))
            self.add(k, "", "lost", seconds=seconds, speech_seconds=seconds * 0.9)

    def utterances(self) -> Utterances:
        return Utterances.of(**self.columns)


def looped(text: str, chance: np.random.Generator) -> tuple[str, str]:
    """A text with some of its words over and over: in its middle or at its end.

    As loops of models are: until the window of a model is full (at most 224 tokens, here 600
    letters), or some ten to thirty times and on with the text.
    """
    dense = " " not in text.strip(" .")
    words = list(text) if dense else text.split()
    at = int(chance.integers(1, max(2, len(words))))
    size = int(chance.choice([1, 1, 2, 2, 3, 4, 6, 9]))
    unit = words[max(0, at - size) : at] or words[:1]
    letters = max(1.0, weight("".join(unit)))
    most = max(6, int(600 / letters))
    copies = (
        most if chance.random() < 0.5 else int(chance.integers(min(8, most), min(30, most) + 1))
    )
    rest = words[at:] if chance.random() < 0.5 else []
    return ("" if dense else " ").join([*words[:at], *unit * copies, *rest]), "loop"


@dataclass
class Count:
    """Of so many utterances: how many were flagged, by their name, and by the usual rule."""

    of: int = 0
    hit: int = 0
    named: int | None = None
    usual: int = 0
    unheard: int | None = None

    def __str__(self) -> str:
        said = f"{self.hit}/{self.of} = {self.hit / self.of:.2%}"
        if self.named is not None:
            said += f", by that name {self.named / self.of:.1%}"
        if self.unheard is not None:
            said += f", without a detector of voices {self.unheard / self.of:.1%}"
        return f"{said}; usual rule {self.usual / self.of:.2%}"


Table = dict[str, Count]


def counted(recordings: Recordings, half: str, failures: list[str], show: bool) -> Table:
    many = recordings.utterances()
    flags = defaultdict(set)
    for index, flag, _ in find(many):
        flags[index].add(flag)
    table: Table = defaultdict(Count)
    for i, planted in enumerate(recordings.planted):
        if half_of(recordings.documents[many.document[i]][0]) != half:
            continue
        text = recordings.columns["texts"][i]
        what = planted or f"clean {recordings.columns['language'][i]}"
        names = [what] if planted else ["clean", what, *(f"clean, flag {flag}" for flag in FLAGS)]
        by_rule = usual(text, recordings.columns["confidence"][i])
        for name in names:
            row = table[name]
            flag = name.partition(", flag ")[2]
            row.of += 1
            row.hit += flag in flags[i] if flag else bool(flags[i])
            row.usual += by_rule
            if planted:
                row.named = (row.named or 0) + ({"echo": "loop"}.get(planted, planted) in flags[i])
        if bool(planted) != bool(flags[i]):
            shown = text if show else f"{len(text)} characters"
            failures.append(f"transcript {what} {sorted(flags[i])}: {shown}")
    return dict(sorted(table.items()))


def flags_of(row: dict[str, Any], heard: bool = True) -> tuple[str, ...]:
    return faults(
        row["text"], row["seconds"], row["speech_seconds"] if heard else None,
        confidence=math.exp(row["log_probability"]), no_speech=row["no_speech"],
        language=row["language"],
    )  # fmt: skip


def main() -> None:
    args = arguments(
        __doc__.splitlines()[0],
        half={"default": "report", "choices": ("report", "tune")},
        model={"default": os.environ.get("DATAPARTNERSHIPS_ASR_MODEL", ""), "help": "a folder"},
        english={"default": "", "help": "a folder with a model for English alone"},
        more={"default": "", "help": "a folder of more speech with manifest.jsonl"},
        failures={"type": int, "default": 15, "help": "of a kind to print"},
        show={"action": "store_true", "help": "failures with their texts"},
    )
    result: dict[str, Any] = {"half": args.half}
    tables: dict[str, Table] = {}
    failures: list[str] = []
    for model in filter(None, (args.model, args.english)):
        name = Path(model).name
        tables[f"decodes {name}"] = _decodes(decodes(model, args.more), args, failures)
        tables[f"wordless {name}"] = _wordless(silent_decodes(model), args, failures)
    bad = [(kind, text) for kind, seconds, text in MEANT if faults(text, seconds, seconds)]
    bad += [(kind + " (no times)", text) for kind, _, text in MEANT if faults(text)]
    failures += [f"meant: {kind}: {text}" for kind, text in bad]
    tables["repetition that is meant"] = {"flagged": Count(2 * len(MEANT), len(bad))}
    judged = list(transcripts(args.data))
    left = Counter(
        (language, other) for _, language, pairs in judged for _, other in pairs if other
    )
    sentences = sum(len(pairs) for *_, pairs in judged)
    result["sentences in another language, left out"] = (
        f"{left.total()} of {sentences}: "
        + ", ".join(f"{there} in {own} {n}" for (own, there), n in left.most_common())
    )
    documents = [(name, own, [s for s, other in pairs if not other]) for name, own, pairs in judged]
    clean, whole, spoiled = (Recordings(documents, seed) for seed in (1, 1, 2))
    clean.build(plant=False)
    spoiled.build(plant=True)
    whole.documents = [(name, own, [s for s, _ in pairs]) for name, own, pairs in judged]
    whole.build(plant=False)
    tables["transcripts, nothing planted"] = counted(clean, args.half, failures, args.show)
    tables["transcripts with those sentences"] = {
        name: row for name, row in counted(whole, args.half, [], args.show).items()
        if "," in name or name == "clean"
    }  # fmt: skip
    tables["transcripts, planted"] = {
        name: row for name, row in counted(spoiled, args.half, failures, args.show).items()
        if not name.startswith("clean ")
    }  # fmt: skip
    result |= {
        title: {name: str(row) for name, row in table.items()} for title, table in tables.items()
    }
    many = clean.utterances()
    size = sum(len(text.encode()) for text in clean.columns["texts"]) / 1e6
    cpu, _ = cpu_seconds(lambda: find(many), 3)
    result["speed"] = f"{len(many.texts)} utterances, {size:.1f} MB: {cpu / size:.2f} CPU-s a MB"
    result["versions"] = versions("faster-whisper", "ctranslate2", "pyarrow", "numpy")
    result["machine"] = machine()
    seen: dict[str, int] = defaultdict(int)
    for text in failures:
        kind = " ".join(text.split()[:3])
        seen[kind] += 1
        if seen[kind] <= args.failures:
            print("failed:", text)
    report(result, args.json)
    if args.save:
        found = [
            figure(
                "FlagTranscription", f"{title}: {name}", round(row.hit / row.of, 4),
                unit=f"of {row.of} flagged", peer=("the usual rule", round(row.usual / row.of, 4)),
            )
            for title, table in tables.items() for name, row in table.items()
        ]  # fmt: skip
        found.append(figure("FlagTranscription", "speed", round(cpu / size, 3), unit="CPU-s a MB"))
        said = str(result["sentences in another language, left out"])
        found.append(
            figure("FlagTranscription", "sentences in another language, left out", left.total(),
                   unit=said.partition(" ")[2])
        )  # fmt: skip
        save("transcription_errors", found, "faster-whisper", "ctranslate2", "pycld2", "py3langid")


def _decodes(rows: list[dict[str, Any]], args: Any, failures: list[str]) -> Table:
    total: Table = defaultdict(Count)
    for row in rows:
        if half_of(row["name"]) != args.half:
            continue
        flags = flags_of(row)
        rule = usual(row["text"], math.exp(row["log_probability"]))
        what = None
        if row["ratio"] > 1.7:
            what = "runs on (over 1.7 words a word)"
        elif row["wer"] < 0.5:
            what = f"good: {'clean' if row['condition'] == 'clean' else 'spoiled'}"
        if what is None:
            continue
        for name in (
            (what, f"{what}, {row['language']}") if what.startswith("good: clean") else (what,)
        ):
            total[name].of += 1
            total[name].hit += bool(flags)
            total[name].usual += rule
        if what.startswith("good") == bool(flags):
            text = row["text"] if args.show else f"{len(row['text'])} characters"
            figures = (
                f"{row['log_probability']:.2f} {row['no_speech']:.2f} "
                f"{row['speech_seconds']:.1f}/{row['seconds']:.1f} s"
            )
            failures.append(f"decode {what} {row['key']} {flags} {figures}: {text}")
    return dict(sorted(total.items()))


def _wordless(rows: list[dict[str, Any]], args: Any, failures: list[str]) -> Table:
    total: Table = defaultdict(lambda: Count(unheard=0))
    for row in rows:
        if half_of(row["key"]) != args.half or not any(map(str.isalnum, row["text"])):
            continue
        heard, alone = flags_of(row), flags_of(row, heard=False)
        rule = usual(row["text"], math.exp(row["log_probability"]))
        for name in ("all", row["sound"]):
            total[name].of += 1
            total[name].hit += bool(heard)
            total[name].unheard = (total[name].unheard or 0) + bool(alone)
            total[name].usual += rule
        if not heard or not alone:
            text = row["text"] if args.show else f"{len(row['text'])} characters"
            which = "heard" if not heard else "unheard"
            failures.append(
                f"wordless {which} {row['sound']} {row['key']} {row['log_probability']:.2f} "
                f"{row['no_speech']:.2f}: {text}"
            )
    return dict(sorted(total.items()))


if __name__ == "__main__":
    main()

"""How well a clerk's transcript is joined to a recording: `kernels.transcript.join` beside difflib.

Truth is made of real texts: what was "said" is a text with fillers and repetitions, every word with
a time and a speaker. Recognition mishears it (substitutions, most of them by words that look alike,
deletions, insertions, words torn and joined) at a word error of 5, 15 and 30 %. A clerk writes it
down: without fillers, one sentence in ten in other words, paragraphs left out, one moved, headings
and notes put in, names corrected. Then: how far is the start of each segment from the truth, are
words given to the right speaker, and is the reported agreement the true one.

The peer does what scripts do: `difflib.SequenceMatcher` over the words, each segment from its first
to its last word that matched, all in matching blocks. It has no limit, so it gets `--peer-seconds`.

`--spoken` synthesises real paragraphs (espeak-ng) in English, German and Icelandic, has a Whisper
model recognize them, and joins the text itself to what was heard: errors are then those of a
recognizer, and the truth is when each paragraph was played.

`--real` takes a folder of real speech and a Whisper model: a recording is recognized with times,
its own recognized words are written as a clerk would (nothing of it is kept anywhere), and joined.
"""

from __future__ import annotations

import difflib
import io
import itertools
import json
import random
import re
import signal
import subprocess
import time
import wave
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from _common import DEFAULT_DATA, arguments, lines, machine, versions

from datapartnerships.kernels.alignment import tokenize
from datapartnerships.kernels.transcript import NOT_HEARD, NOT_WRITTEN, OUT_OF_ORDER, join

FILLERS = ("um", "uh", "you know", "I mean", "er")
# Start, end and agreement of a segment.
Found = tuple[float | None, float | None, float]
NO_SPACES = ("ja", "zh-CN")


@dataclass
class Said:
    """A speech as it was: paragraphs of words with times and speakers."""

    paragraphs: list[list[str]] = field(default_factory=list)
    speakers: list[str] = field(default_factory=list)
    # (word, start, end, paragraph, place in it or -1 for a filler)
    stream: list[tuple[str, float, float, int, int]] = field(default_factory=list)


def paragraphs(prefix: str, words: int, data: str, rng: random.Random) -> list[list[str]]:
    """Real paragraphs of a collection, until so many words are there."""
    out: list[list[str]] = []
    count = 0
    for line in lines(data):
        row = json.loads(line)
        if not row["source"].startswith(prefix):
            continue
        for text in re.split(r"\n\s*\n", row["text"]):
            found = text.split()
            if any(code in prefix for code in NO_SPACES):
                found = [text[a:b] for _, a, b in tokenize(text)]
            # Turns of very different length, as people talk.
            while len(found) >= 6:
                size = rng.choice((6, 12, 25, 50, 100))
                out.append(found[:size])
                found = found[size:]
                count += len(out[-1])
        if count >= words:
            break
    assert count >= words // 2, f"{prefix}: only {count} words"
    return out


def speak(texts: list[list[str]], words: int, rng: random.Random) -> Said:
    said = Said()
    now, count, speaker = 0.0, 0, 0
    for text in texts:
        if count >= words:
            break
        if rng.random() < 0.5:
            speaker = rng.randrange(6)
        number = len(said.paragraphs)
        said.paragraphs.append(text)
        said.speakers.append(f"S{speaker}")
        now += rng.uniform(0.3, 2.5)
        for place, word in enumerate(text):
            more = [(rng.choice(FILLERS), -1)] if rng.random() < 0.03 else []
            more += [(word, -1)] if rng.random() < 0.01 else []
            for spoken, at in [*more, (word, place)]:
                length = 0.12 + 0.05 * len(spoken)
                said.stream.append((spoken, now, now + length, number, at))
                now += length + (rng.uniform(0.2, 0.8) if word[-1:] in ".?!" else 0.02)
        count += len(text)
    return said


def misheard(word: str, rng: random.Random, vocabulary: list[str]) -> str:
    """Mostly a word that looks alike, else any."""
    if rng.random() < 0.35 or len(word) < 3:
        return rng.choice(vocabulary)
    letters = list(word)
    for _ in range(1 + len(word) // 5):
        at = rng.randrange(len(letters))
        letters[at] = rng.choice("aeioustnrlm")
    return "".join(letters)


def recognize(said: Said, error: float, rng: random.Random) -> list[dict[str, Any]]:
    """Utterances of up to 15 s as a recognizer gives them, with words and times."""
    vocabulary = sorted({word for text in said.paragraphs for word in text})
    words: list[tuple[str, float, float]] = []
    for word, start, end, _, _ in said.stream:
        jitter = rng.gauss(0, 0.06)
        start, end = max(0.0, start + jitter), end + jitter
        if rng.random() >= error:
            words.append((word, start, end))
            continue
        kind = rng.random()
        if kind < 0.6:
            words.append((misheard(word, rng, vocabulary), start, end))
        elif kind < 0.8:
            words.append((word, start, (start + end) / 2))
            words.append((rng.choice(vocabulary), (start + end) / 2, end))
        elif kind < 0.85 and len(word) > 5:
            words.append((word[:3], start, (start + end) / 2))
            words.append((word[3:], (start + end) / 2, end))
    out: list[dict[str, Any]] = []
    now: list[tuple[str, float, float]] = []
    for item in words:
        if now and (item[1] - now[-1][2] > 0.6 or item[2] - now[0][1] > 15):
            out.append(utterance(now))
            now = []
        now.append(item)
    return [*out, utterance(now)] if now else out


def utterance(words: list[tuple[str, float, float]]) -> dict[str, Any]:
    text, places = "", []
    for word, start, end in words:
        text += " " if text else ""
        places.append({"start": len(text), "end": len(text) + len(word), "start_s": start,
                       "end_s": end, "confidence": 0.9})  # fmt: skip
        text += word
    return {"kind": "utterance", "text": text, "start_s": words[0][1], "end_s": words[-1][2],
            "words": places, "origin": "asr"}  # fmt: skip


@dataclass
class Clerk:
    """What the clerk wrote, and of every segment the truth: paragraph (None: nobody said it), from
    when to when it began (its paragraph, its first word that was said), and the share of its words
    that was said."""

    segments: list[dict[str, Any]] = field(default_factory=list)
    paragraph: list[int | None] = field(default_factory=list)
    start: list[tuple[float, float]] = field(default_factory=list)
    share: list[float] = field(default_factory=list)


def write_down(said: Said, rng: random.Random) -> Clerk:
    starts = {(n, at): start for _, start, _, n, at in said.stream if at >= 0}
    vocabulary = sorted({word for text in said.paragraphs for word in text})
    order = [n for n in range(len(said.paragraphs)) if rng.random() >= 0.03]
    if len(order) > 20:  # one block of three in another place
        at, to = rng.randrange(len(order) - 3), rng.randrange(len(order) - 3)
        block = order[at : at + 3]
        del order[at : at + 3]
        order[to:to] = block
    clerk = Clerk()

    def put(
        text: str, speaker: str | None, n: int | None, start: tuple[float, float], share: float
    ):  # type: ignore[no-untyped-def]
        clerk.segments.append({"kind": "turn", "text": text, "speaker": speaker})
        clerk.paragraph.append(n)
        clerk.start.append(start)
        clerk.share.append(share)

    for n in order:
        if rng.random() < 0.04:
            put(" ".join(rng.sample(vocabulary, 4)).upper(), None, None, (0.0, 0.0), 0.0)
        if rng.random() < 0.03:
            put("(Applause)", None, None, (0.0, 0.0), 0.0)
        words: list[str] = []
        kept, first = 0, -1
        sentence: list[str] = []
        other = rng.random() < 0.1
        for place, word in enumerate(said.paragraphs[n]):
            told = word
            if other and rng.random() < 0.5:
                told = rng.choice(vocabulary)
                if rng.random() < 0.3:
                    continue
            if told == word and first < 0:
                first = place
            kept += told == word
            sentence.append(told)
            if word[-1:] in ".?!":
                words += sentence
                sentence, other = [], rng.random() < 0.1
        words += sentence
        if words:
            put(
                " ".join(words),
                said.speakers[n],
                n,
                (starts[n, 0], starts.get((n, first), starts[n, 0])),
                kept / len(words),
            )
    return clerk


def peer(clerk: Clerk, heard: list[dict[str, Any]], autojunk: bool) -> list[Found]:
    """(start, end, agreement) of every segment, as difflib has them."""
    b, times = [], []
    for item in heard:
        for word in item["words"]:
            for plain, _, _ in tokenize(item["text"][word["start"] : word["end"]]):
                b.append(plain)
                times.append((word["start_s"], word["end_s"]))
    a, edges = [], [0]
    for segment in clerk.segments:
        a += [plain for plain, _, _ in tokenize(segment["text"])]
        edges.append(len(a))
    matcher = difflib.SequenceMatcher(None, a, b, autojunk=autojunk)
    match = np.full(len(a), -1)
    for block in matcher.get_matching_blocks():
        match[block.a : block.a + block.size] = np.arange(block.b, block.b + block.size)
    out: list[Found] = []
    for start, stop in itertools.pairwise(edges):
        found = match[start:stop][match[start:stop] >= 0]
        share = len(found) / max(1, stop - start)
        if len(found):
            out.append((times[found[0]][0], times[found[-1]][1], share))
        else:
            out.append((None, None, share))
    return out


def ours(clerk: Clerk, heard: list[dict[str, Any]]) -> list[Found]:
    made = join(clerk.segments, heard, "clerk.txt").segments
    written = [s for s in made if NOT_WRITTEN not in (s["flags"] or ())]
    assert [s["text"] for s in written] == [s["text"] for s in clerk.segments] or any(
        OUT_OF_ORDER in (s["flags"] or ()) for s in written
    ), "a written segment was lost"
    return [(s["start_s"], s["end_s"], s["confidence"]) for s in written]


def judge(said: Said, clerk: Clerk, found: list[Found]) -> dict[str, float]:
    near = close = real = told = invented = 0
    errors = []
    for (start, _, agreement), truth, n, share in zip(
        found, clerk.start, clerk.paragraph, clerk.share, strict=True
    ):
        errors.append(abs(agreement - share))
        if n is None:
            told += 1
            invented += start is not None
            continue
        real += 1
        if start is not None:
            off = max(0.0, truth[0] - start, start - truth[1])
            close += off < 0.5
            near += off < 2
    # Each word that was said, and whose paragraph is written: who is said to speak there.
    written = {n for n in clerk.paragraph if n is not None}
    spans = sorted(
        (start, end, clerk.segments[k]["speaker"])
        for k, (start, end, _) in enumerate(found)
        if start is not None and end is not None
    )
    begins = np.array([span[0] for span in spans])
    right = total = 0
    for _, start, end, n, _ in said.stream:
        if n in written:
            total += 1
            at = int(np.searchsorted(begins, (start + end) / 2, "right")) - 1
            right += at >= 0 and spans[at][2] == said.speakers[n]
    return {
        "start_0.5s": round(close / real, 4),
        "start_2s": round(near / real, 4),
        "speaker": round(right / max(1, total), 4),
        "agreement_error": round(float(np.mean(errors)), 4),
        "times_for_what_nobody_said": round(invented / max(1, told), 4),
    }


class _LateError(Exception): ...


def timed(function: Callable[[], Any], limit: int) -> tuple[float, Any]:
    """CPU seconds and the result; None after `limit` seconds."""

    def late(*_: object) -> None:
        raise _LateError

    signal.signal(signal.SIGALRM, late)
    signal.alarm(limit)
    start = time.process_time()
    try:
        result = function()
    except _LateError:
        result = None
    finally:
        signal.alarm(0)
    return time.process_time() - start, result


def case(
    name: str, said: Said, error: float, peer_seconds: int, seed: int, strict: bool
) -> list[dict[str, Any]]:
    heard = recognize(said, error, random.Random(seed + 1))
    clerk = write_down(said, random.Random(seed + 2))
    rows = []
    ways: list[tuple[str, Callable[[], Any], int]] = [
        ("join", lambda: ours(clerk, heard), 3600),
        ("difflib", lambda: peer(clerk, heard, True), peer_seconds),
    ]
    if strict:
        ways.append(("difflib, no junk", lambda: peer(clerk, heard, False), peer_seconds))
    for way, function, limit in ways:
        seconds, found = timed(function, limit)
        row: dict[str, Any] = {"case": name, "error": error, "way": way}
        row |= {"hours": round(said.stream[-1][2] / 3600, 2), "segments": len(clerk.segments)}
        row["cpu_s"] = round(seconds, 2) if found is not None else f"> {limit}"
        if found is not None:
            row |= judge(said, clerk, found)
        rows.append(row)
    return rows


def real(folder: str, model: str, show: bool) -> list[dict[str, Any]]:
    """Recordings recognized now, their words written as a clerk would, and joined."""
    from faster_whisper import WhisperModel

    engine = WhisperModel(model, compute_type="int8", cpu_threads=1)
    rows = []
    for file in sorted(Path(folder).iterdir()):
        if file.suffix not in (".mp3", ".flac", ".wav") or file.name.startswith("noise"):
            continue
        heard = []
        for part in engine.transcribe(str(file), word_timestamps=True, beam_size=1)[0]:
            words = [(w.word.strip(), w.start, w.end) for w in part.words]
            if words:
                heard.append(utterance(words))
        if not heard:
            continue
        rng = random.Random(5)
        text = " ".join(item["text"] for item in heard)
        segments, truth = [], []
        words = [(w["start_s"], item["text"][w["start"] : w["end"]])
                 for item in heard for w in item["words"]]  # fmt: skip
        for at in range(0, len(words), 15):
            part = [word for word in words[at : at + 15] if rng.random() > 0.1]
            segments.append({"kind": "paragraph", "text": " ".join(w for _, w in part).upper()})
            truth.append(part[0][0] if part else None)
        segments.insert(0, {"kind": "paragraph", "text": "Proceedings of the day"})
        truth.insert(0, None)
        joined = join(segments, heard, "clerk.txt")
        made = [s for s in joined.segments if NOT_WRITTEN not in (s["flags"] or ())]
        off = [abs(s["start_s"] - t) for s, t in zip(made, truth, strict=True)
               if t is not None and s["start_s"] is not None]  # fmt: skip
        lost = sum(t is not None and s["start_s"] is None for s, t in zip(made, truth, strict=True))
        rows.append(
            {"file": file.name, "words": len(text.split()), "agreement": round(joined.agreement, 3),
             "coverage": round(joined.coverage, 3), "most_off_s": round(max(off, default=0), 2),
             "without_time": lost, "heading_without_time": NOT_HEARD in (made[0]["flags"] or ())}
        )  # fmt: skip
        if show:
            for s in joined.segments:
                print(
                    s["start_s"], s["end_s"], round(s["confidence"] or 0, 2), s["flags"], s["text"]
                )
    return rows


def spoken(model: str, data: str, show: bool) -> list[dict[str, Any]]:
    """Real paragraphs, synthesised one after another with pauses, recognized and joined."""
    from faster_whisper import WhisperModel

    engine = WhisperModel(model, compute_type="int8", cpu_threads=1)
    rows = []
    for code, prefix in (("en", "sotu"), ("de", "gesetze"), ("is", "d365is")):
        rng = random.Random(3)
        texts = [t for t in paragraphs(prefix, 4000, data, rng) if 6 <= len(t) <= 25][:40:2]
        sound, starts, at = [], [], 0.0
        for text in texts:
            clip = say(" ".join(text), code)
            starts.append(at)
            sound += [clip, np.zeros(8000, np.float32)]
            at += len(clip) / 16000 + 0.5
        heard = []
        audio = np.concatenate(sound)
        for part in engine.transcribe(audio, language=code, word_timestamps=True, beam_size=1)[0]:
            if words := [(w.word.strip(), w.start, w.end) for w in part.words]:
                heard.append(utterance(words))
        segments = [{"kind": "turn", "text": " ".join(text)} for text in texts]
        joined = join(segments, heard, "spoken.txt")
        made = [s for s in joined.segments if NOT_WRITTEN not in (s["flags"] or ())]
        pairs = zip(made, starts, strict=True)
        off = [abs(s["start_s"] - t) for s, t in pairs if s["start_s"] is not None]
        rows.append(
            {"language": code, "segments": len(texts), "minutes": round(at / 60, 1),
             "start_0.5s": round(sum(x < 0.5 for x in off) / len(texts), 3),
             "start_2s": round(sum(x < 2 for x in off) / len(texts), 3),
             "agreement": round(joined.agreement, 3), "coverage": round(joined.coverage, 3)}
        )  # fmt: skip
        if show:
            print(*(item["text"] for item in heard), sep="\n")
            for s, t in zip(made, starts, strict=True):
                print(round(t, 1), s["start_s"], round(s["confidence"], 2), s["flags"], s["text"])
    return rows


def say(text: str, language: str) -> np.ndarray[Any, np.dtype[np.float32]]:
    """16 kHz mono of espeak-ng."""
    done = subprocess.run(
        ["espeak-ng", "-v", language, "-s", "150", "--stdin", "--stdout"],
        input=text.encode(),
        capture_output=True,
        check=True,
    )
    with wave.open(io.BytesIO(done.stdout)) as file:
        rate = file.getframerate()
        samples = np.frombuffer(file.readframes(1 << 30), np.int16).astype(np.float32) / 32768
    places = np.arange(0, len(samples), rate / 16000)
    return np.interp(places, np.arange(len(samples)), samples).astype(np.float32)


def main() -> None:
    given = arguments(
        __doc__ or "",
        hours={"type": float, "nargs": "+", "default": [1.0, 10.0]},
        peer_seconds={"type": int, "default": 300},
        real={"default": "", "help": "folder of recordings"},
        spoken={"action": "store_true", "help": "synthesised speech, recognized now"},
        model={"default": "", "help": "Whisper model for --real and --spoken"},
        show={"action": "store_true", "help": "print what was joined"},
        seed={"type": int, "default": 1},
    )
    if given.real or given.spoken:
        rows = real(given.real, given.model, given.show) if given.real else []
        if given.spoken:
            rows += spoken(given.model, given.data, given.show)
        for row in rows:
            print(row)
        return
    data = given.data or str(DEFAULT_DATA)
    rows = []
    cases = [
        ("English", "sotu", hours, error) for hours in given.hours for error in (0.05, 0.15, 0.3)
    ]
    cases += [("Icelandic", "d365is", 1.0, 0.15), ("Japanese", "lohelp-ja", 1.0, 0.15)]
    for name, prefix, hours, error in cases:
        # 2.2 words a second; letters of Japanese are about three times as many.
        words = int(hours * 8000 * (3 if prefix.endswith("ja") else 1))
        rng = random.Random(given.seed)
        said = speak(paragraphs(prefix, words, data, rng), words, rng)
        for row in case(name, said, error, given.peer_seconds, given.seed, strict=hours <= 1):
            print(row, flush=True)
            rows.append(row)
    if given.json:
        print(json.dumps({"rows": rows, "versions": versions(), "machine": machine()}))


if __name__ == "__main__":
    main()

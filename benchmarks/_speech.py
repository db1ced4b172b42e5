"""Shared by the benchmarks of speech: sounds made and spoiled, and decodes with their figures.

Speech is real (a folder of recordings with transcripts) or synthesised with espeak-ng. A decode is
one window of a Whisper model in CTranslate2, as long as its sound and 2 s, without any retry.
"""

from __future__ import annotations

import io
import json
import re
import subprocess
import unicodedata
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from _common import ROOT

RATE = 16_000
EACH = 12  # recordings of a language, of the folder of more speech
Sound = np.ndarray[Any, np.dtype[np.float32]]
AUDIO = ROOT.parent / "shared" / "data" / "audio"
SENTENCES = ROOT.parent / "shared" / "data" / "language" / "sentences.jsonl"

# Languages that the labelled sentences lack: our own texts. Japanese is spoken from the second.
WRITTEN = {
    "pl": (
        "Przewodniczący otworzył posiedzenie o dziewiątej rano i powitał wszystkich radnych.",
        "Moja babcia opowiadała, że zimą rzeka zamarzała aż do samego mostu.",
        "Proszę zapisać w protokole, że świadek nie pamięta tego dnia.",
        "W piekarni na rogu można było kupić chleb jeszcze ciepły z pieca.",
        "Komisja przyjęła sprawozdanie większością głosów i przeszła do następnego punktu.",
        "Syn rybaka uczył się czytać przy świetle lampy naftowej.",
        "Nie widziałem nikogo na schodach, kiedy wracałem wieczorem z pracy.",
        "Droga do wsi była długa, a deszcz padał bez przerwy przez trzy dni.",
    ),
    "pt": (
        "A presidente abriu a sessão às nove da manhã e saudou todos os vereadores.",
        "O meu avô contava que no inverno o rio subia até à porta da igreja.",
        "Peço que fique registado na ata que a testemunha não se lembra desse dia.",
        "Na padaria da esquina comprava-se o pão ainda quente do forno.",
        "A comissão aprovou o relatório por maioria e passou ao ponto seguinte.",
        "O filho do pescador aprendeu a ler à luz de um candeeiro.",
        "Não vi ninguém nas escadas quando voltei do trabalho à noite.",
        "O caminho para a aldeia era longo e choveu durante três dias.",
    ),
    "it": (
        "La presidente aprì la seduta alle nove del mattino e salutò tutti i consiglieri.",
        "Mio nonno raccontava che d'inverno il fiume gelava fino al ponte.",
        "Chiedo che sia scritto nel verbale che il testimone non ricorda quel giorno.",
        "Nel forno all'angolo si comprava il pane ancora caldo.",
        "La commissione approvò la relazione a maggioranza e passò al punto seguente.",
        "Il figlio del pescatore imparò a leggere alla luce di una lampada.",
        "Non ho visto nessuno sulle scale quando sono tornato dal lavoro la sera.",
        "La strada per il paese era lunga e piovve per tre giorni.",
    ),
    "ja": (
        ("議長は朝九時に会議を始めました。", "ぎちょうは あさ くじに かいぎを はじめました。"),
        ("祖母は冬になると川が凍ると話していました。",
         "そぼは ふゆに なると かわが こおると はなしていました。"),
        ("証人はその日のことを覚えていません。", "しょうにんは そのひの ことを おぼえていません。"),
        ("角のパン屋で温かいパンを買いました。", "かどの ぱんやで あたたかい ぱんを かいました。"),
        ("委員会は報告を認めて次の話に進みました。",
         "いいんかいは ほうこくを みとめて つぎの はなしに すすみました。"),
        ("村までの道は長く、雨が三日続きました。",
         "むらまでの みちは ながく、あめが みっか つづきました。"),
    ),
}  # fmt: skip


@dataclass(frozen=True)
class Recording:
    """A sound whose words are known. `name` is the recording: what is held out is held out by
    it."""

    name: str
    language: str
    text: str
    real: bool
    spoken: str = ""  # what espeak-ng reads; a path where it is real

    def sound(self, speed: int = 165) -> Sound:
        if self.real:
            return load(self.spoken)
        return synthesise(self.spoken, self.language, speed, hash_of(self.name))


def hash_of(name: str) -> int:
    return sum(ord(c) * 31**i for i, c in enumerate(name[:24])) % 9973


def load(path: str | Path) -> Sound:
    from faster_whisper import decode_audio

    return np.asarray(decode_audio(str(path), sampling_rate=RATE), np.float32)


def synthesise(text: str, language: str, speed: int = 165, voice: int = 0) -> Sound:
    """Speech by espeak-ng; the number chooses among its voices and pitches."""
    name = f"{language}+{('m1', 'm3', 'f2', 'm7', 'f4')[voice % 5]}"
    command = [
        "espeak-ng",
        "-v",
        name,
        "-s",
        str(speed),
        "-p",
        str(35 + voice % 4 * 10),
        "--stdout",
    ]
    done = subprocess.run(command, input=text.encode(), capture_output=True, check=True)
    return load_bytes(done.stdout)


def load_bytes(data: bytes) -> Sound:
    from faster_whisper import decode_audio

    return np.asarray(decode_audio(io.BytesIO(data), sampling_rate=RATE), np.float32)


def recordings(more: Path | None = None, each: int = 8) -> list[Recording]:
    """Real ones first, then synthesised ones in turn through the languages."""
    found = list(_real(more))
    made: dict[str, list[Recording]] = {}
    for language in ("en", "es", "fr", "de", "is"):
        made[language] = [
            Recording(f"{language}-{i}", language, text, False, text)
            for i, text in enumerate(sentences(language, each))
        ]
    for language, texts in WRITTEN.items():
        pairs = [(t, t) if isinstance(t, str) else t for t in texts]
        made[language] = [
            Recording(f"{language}-{i}", language, text, False, spoken)
            for i, (text, spoken) in enumerate(pairs[:each])
        ]
    for i in range(each):
        found += [items[i] for items in made.values() if i < len(items)]
    return found


def sentences(language: str, count: int) -> list[str]:
    """Labelled sentences of ordinary length, without digits (nobody knows how they are read)."""
    found = []
    for line in SENTENCES.open(encoding="utf-8"):
        row = json.loads(line)
        text = row["text"]
        plain = row["lang"] == language and row["kind"] == "sent" and not re.search(r"\d", text)
        if plain and 60 <= len(text) <= 150:
            found.append(text)
    return found[: count * 2 : 2]


def _real(more: Path | None) -> Iterator[Recording]:
    table = (AUDIO / "README.md").read_text(encoding="utf-8").splitlines()
    for line in table:
        cells = [cell.strip() for cell in line.strip("| ").split("|")]
        if len(cells) < 5 or not re.match(r"\w+[\w.-]*\.(flac|wav|mp3)", cells[0]):
            continue
        file = AUDIO / cells[0].split(",")[0]
        if len(cells[4].split()) > 6 and "none" not in cells[4] and "no clear" not in cells[4]:
            yield Recording(file.name, "en", cells[4], True, str(file))
    manifest = more / "manifest.jsonl" if more else None
    if more and manifest and manifest.exists():
        taken: dict[str, int] = {}
        for line in manifest.read_text(encoding="utf-8").splitlines():
            row = json.loads(line)
            if row.get("text") and not row.get("synthesised") and row.get("set") != "long":
                language = row["language"]
                taken[language] = taken.get(language, 0) + 1
                if taken[language] > EACH:
                    continue
                file = more / row["audio"]
                yield Recording(file.name, row["language"][:2], row["text"], True, str(file))


# What spoils a recording. Each takes the sound, a generator of chance and other people's speech.

CONDITIONS = (
    "clean", "noise20", "noise10", "noise5", "noise0", "noise-5", "pink5", "telephone",
    "telephone noise10", "clipped", "fast", "slow", "reverb", "hall", "babble10", "babble5",
    "babble0",
)  # fmt: skip


def conditions(item: Recording) -> tuple[str, ...]:
    """All of them for the recordings of `AUDIO`; clean and some by chance for the others."""
    if item.real and Path(item.spoken).parent == AUDIO:
        return CONDITIONS
    chance = np.random.default_rng(hash_of(item.name))
    return ("clean", *map(str, chance.choice(CONDITIONS[1:], 2 if item.real else 4, replace=False)))


def spoil(sound: Sound, condition: str, chance: np.random.Generator, others: Sound) -> Sound:
    for part in condition.split():
        sound = _spoil(sound, part, chance, others)
    return sound.astype(np.float32)


def _spoil(sound: Sound, condition: str, chance: np.random.Generator, others: Sound) -> Sound:
    size = len(sound)
    if condition.startswith("noise"):
        return mix(sound, chance.standard_normal(size), float(condition[5:]))
    if condition.startswith("pink"):
        spectrum = np.fft.rfft(chance.standard_normal(size))
        pink = np.fft.irfft(spectrum / np.sqrt(np.arange(len(spectrum)) + 1), size)
        return mix(sound, pink, float(condition[4:]))
    if condition.startswith("babble"):
        voices = [np.roll(np.resize(others, size), int(chance.integers(size))) for _ in range(3)]
        return mix(sound, np.sum(voices, axis=0), float(condition[6:]))
    if condition == "telephone":
        spectrum = np.fft.rfft(sound)
        hertz = np.fft.rfftfreq(size, 1 / RATE)
        spectrum[(hertz < 300) | (hertz > 3400)] = 0
        return np.fft.irfft(spectrum, size)
    if condition == "clipped":
        top = 0.06 * float(np.abs(sound).max() or 1)
        return np.clip(sound, -top, top)
    if condition in ("reverb", "hall"):
        seconds = 0.5 if condition == "reverb" else 1.6
        steps = np.arange(int(seconds * RATE))
        echo = chance.standard_normal(len(steps)) * np.exp(-6.9 * steps / len(steps))
        echo[0] = 4 if condition == "reverb" else 1
        total = size + len(echo)
        wet = np.fft.irfft(np.fft.rfft(sound, total) * np.fft.rfft(echo, total), total)
        return wet[:size] / float(np.abs(wet).max() or 1)
    if condition in ("fast", "slow"):
        return resample(sound, 1.6 if condition == "fast" else 0.7)
    return sound


def resample(sound: Sound, speed: float) -> Sound:
    """Played faster: shorter, and higher."""
    places = np.arange(0, len(sound) - 1, speed)
    return np.interp(places, np.arange(len(sound)), sound).astype(np.float32)


def mix(sound: Sound, noise: Any, decibels: float) -> Sound:
    power = float(np.mean(sound**2)) / (float(np.mean(noise**2)) or 1)
    out = sound + noise * np.sqrt(power / 10 ** (decibels / 10))
    return np.asarray(out / max(1.0, float(np.abs(out).max())), np.float32)


# Sounds without a word.


def wordless(seconds: float, chance: np.random.Generator) -> dict[str, Sound]:
    size = int(seconds * RATE)
    time = np.arange(size) / RATE
    sounds = {
        "silence": np.zeros(size),
        "room": chance.standard_normal(size) * 0.002,
        "hum": 0.05 * np.sin(2 * np.pi * 50 * time) + 0.002 * chance.standard_normal(size),
        "tone": 0.3 * np.sin(2 * np.pi * 440 * time),
        "white": chance.standard_normal(size) * 0.1,
        "music": music(size, chance),
        "clicks": (chance.random(size) < 0.0002) * 0.8,
    }
    return {name: np.asarray(sound, np.float32) for name, sound in sounds.items()}


def music(size: int, chance: np.random.Generator) -> Any:
    """Chords with overtones, a melody and a beat."""
    out = np.zeros(size)
    beat = RATE // 2
    scale = np.array([0, 2, 4, 5, 7, 9, 11, 12])
    for start in range(0, size, beat):
        length = min(beat, size - start)
        time = np.arange(length) / RATE
        fade = np.exp(-3 * time)
        root = int(chance.choice([0, 5, 7, 9]))
        for note in (root, root + 4, root + 7, 12 + int(chance.choice(scale))):
            hertz = 220 * 2 ** (note / 12)
            for k in range(1, 6):
                out[start : start + length] += fade * np.sin(2 * np.pi * hertz * k * time) / k
        out[start : start + length] += np.exp(-40 * time) * chance.standard_normal(length)
    return 0.25 * out / (np.abs(out).max() or 1)


@dataclass(frozen=True)
class Decode:
    """What a model said, with its figures."""

    text: str
    seconds: float
    speech_seconds: float
    log_probability: float
    no_speech: float
    language: str


class Recognizer:
    """A Whisper model in CTranslate2, a window at a time."""

    def __init__(self, path: str) -> None:
        from faster_whisper import WhisperModel
        from faster_whisper.tokenizer import Tokenizer

        self.model = WhisperModel(path, compute_type="int8", cpu_threads=1)
        self._tokenizer = Tokenizer
        self.multilingual = bool(self.model.model.is_multilingual)

    def decode(
        self, sound: Sound, language: str, *, temperature: float = 0.0, pad: float = 2.0
    ) -> Decode:
        from ctranslate2 import StorageView
        from ctranslate2.models import WhisperGenerationResult

        model, fw = self.model.model, self.model
        seconds = len(sound) / RATE
        tokenizer = self._tokenizer(
            fw.hf_tokenizer, self.multilingual, task="transcribe", language=language
        )
        window = np.zeros(int(min(30, max(8, seconds + pad)) * RATE), np.float32)
        window[: len(sound)] = sound[: len(window)]
        features = fw.feature_extractor(window, padding=False)
        features = np.ascontiguousarray(features[None, :, : features.shape[1] // 2 * 2])
        prompt = fw.get_prompt(tokenizer, [], without_timestamps=True)
        result: WhisperGenerationResult = model.generate(
            StorageView.from_array(features.astype(np.float32)),
            [prompt],
            beam_size=1,
            sampling_topk=0 if temperature else 1,
            sampling_temperature=temperature or 1,
            max_length=224,
            return_scores=True,
            return_no_speech_prob=True,
        )[0]
        tokens = result.sequences_ids[0]
        score = result.scores[0] * len(tokens) / (len(tokens) + 1)
        return Decode(
            tokenizer.decode(tokens).strip(),
            seconds,
            speech_seconds(sound),
            float(score),
            float(result.no_speech_prob),
            language,
        )


def speech_seconds(sound: Sound) -> float:
    """Seconds of speech by silero, as faster-whisper ships it."""
    from faster_whisper.vad import VadOptions, get_speech_timestamps

    found = get_speech_timestamps(sound, VadOptions(speech_pad_ms=100))
    return sum(item["end"] - item["start"] for item in found) / RATE


_KEPT = re.compile(r"[\W_]+")
# Scripts without spaces between words are counted in characters.
_UNSPACED = re.compile("[\u3040-\u30ff\u3400-\u9fff\u0e00-\u0e7f]")


def tokens(text: str) -> list[str]:
    """Lower case, without punctuation; characters where a script has no spaces."""
    plain = unicodedata.normalize("NFKC", text).casefold().replace("'", "").replace("’", "")
    words = _KEPT.sub(" ", plain).split()
    if _UNSPACED.search(text):
        return list("".join(words))
    return words


def word_error(said: str, truth: str) -> float:
    """Levenshtein's distance over words, by the words of the truth."""
    a, b = tokens(said), tokens(truth)
    row = list(range(len(b) + 1))
    for i, one in enumerate(a, 1):
        last, row[0] = row[0], i
        for j, other in enumerate(b, 1):
            last, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, last + (one != other))
    return row[-1] / max(1, len(b))


def as_row(decode: Decode, **more: Any) -> str:
    return json.dumps({**asdict(decode), **more}, ensure_ascii=False)


def decodes(model: str, more: str = "") -> list[dict[str, Any]]:
    """Two decodes of every recording in several conditions, with its word error; kept in `.work`.

    The second is of the sound played 6 % slower: an error moves then, what is said does not.
    """
    name = Path(model).name
    file = ROOT / ".work" / "speech" / f"decodes-{name}.jsonl"
    file.parent.mkdir(parents=True, exist_ok=True)
    rows = {}
    if file.exists():
        rows = {row["key"]: row for row in map(json.loads, file.read_text().splitlines())}
    recognizer = Recognizer(model)
    items = recordings(Path(more) if more else None)
    if not recognizer.multilingual:
        items = [item for item in items if item.language == "en"]
    others = np.concatenate([item.sound() for item in items if item.real][:4])
    with file.open("a") as out:
        for item in items:
            for condition in conditions(item):
                # Files of several languages may have one name.
                key = f"{item.language} {item.name} {condition}"
                if key in rows:
                    continue
                seed = hash_of(f"{item.name} {condition}")
                sound = spoil(
                    item.sound(), condition, np.random.default_rng(seed),
                    np.roll(others, seed * 997),
                )  # fmt: skip
                if len(sound) > 28 * RATE:
                    continue
                first = recognizer.decode(sound, item.language)
                second = recognizer.decode(resample(sound, 0.94), item.language)
                line = as_row(
                    first, key=key, name=item.name, real=item.real, condition=condition,
                    truth=item.text, second=second.text, wer=word_error(first.text, item.text),
                    model=name,
                )  # fmt: skip
                rows[key] = json.loads(line)
                out.write(line + "\n")
                out.flush()
    for row in rows.values():
        row["ratio"] = len(tokens(row["text"])) / max(1, len(tokens(row["truth"])))
    return list(rows.values())

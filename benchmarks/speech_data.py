"""Speech with its text for `speech.py`, from packages of registries: nothing of it lies in here.

    python benchmarks/speech_data.py            # into .work/speech; about 400 MB are downloaded

Real recordings of people, text beside them:

- `fillets-ng-data`, `-cs`, `-nl` (Debian; GPL-2+): a game's dialogues spoken by actors, Czech and
  Dutch, several speakers, some with an effect on the voice.
- `tuxpaint-stamps-default` (Debian; GPL-2+): volunteers name what a stamp shows; French, Spanish,
  Romanian, Catalan. Room noise, clipped starts. Some say other words than the text:
  all sides have these errors.
- `asterisk-core-sounds-es`, `-fr`, `-it` (Debian; CC-BY-SA-3.0): prompts of a telephone exchange,
  a speaker each, in a studio. The Spanish texts have no accents: they are judged without.
- `pocketsphinx` 5.1.1 (sdist; the recordings are LibriVox's, public domain): English, read.
- `moonshine-voice` 0.0.55 (wheel, MIT): English, the start of "A Tale of Two Cities", 44 s.

Spoken by espeak-ng (apt-get install espeak-ng) from the sentences below, where no real recording
with its text was at hand: German, Icelandic, Polish, Portuguese, Italian, Japanese. ``synthesised``
in the manifest; a recognizer's errors on them say little about its errors on people.

Sets: ``short``, clips of 1 to 10 s (30 of a language and source, or `--clips`: it takes 300 for an
error rate of one language), and ``long``, clips of one language joined with pauses of 0.3 to 3 s
(noise at -66 dB) to five minutes or more; for English all there is, 78 s. A long recording so made
is no hearing: the speakers change every few seconds. Texts with digits and texts of fewer than four
words are left out. What is chosen depends on the packages alone (a fixed seed).

Gives manifest.jsonl: audio (a path beside it; WAV, 16 kHz, mono), text, language, source, license,
seconds, set, synthesised, accents (whether the text has those of its language).
"""

from __future__ import annotations

import argparse
import gzip
import itertools
import json
import os
import random
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import wave
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from _common import ROOT
from faster_whisper.audio import decode_audio

FOLDER = ROOT / ".work" / "speech"
RATE = 16_000
SHORT = 30  # clips of a language and source in the short set
LONG = 300.0  # seconds of a long recording, at least
_DIGITS = re.compile(r"\d")
_LINE = re.compile(r'dialogId\("([^"]+)"[^\n]*\n\s*dialogStr\("((?:[^"\\]|\\.)*)"\)')

# Charles Dickens, 1859.
TWO_CITIES = """
It was the best of times, it was the worst of times, it was the age of wisdom, it was the age of
foolishness, it was the epoch of belief, it was the epoch of incredulity, it was the season of
Light, it was the season of Darkness, it was the spring of hope, it was the winter of despair, we
had everything before us, we had nothing before us, we were all going direct to Heaven, we were all
going direct the other way. In short, the period was so far like the present period that some of
its noisiest authorities insisted on its being received, for good or for evil, in the superlative
degree of comparison only.
"""

# language -> (voice of espeak-ng, sentences); for Japanese what is spoken | what is written.
SYNTHESISED: dict[str, tuple[str, str]] = {
    "de": (
        "de",
        """Der Gemeinderat hat die neue Straße am Fluss beschlossen.
Wir haben die Akten des Arbeitsgerichts drei Jahre lang gesucht.
Die Haushaltsausschusssitzung beginnt erst nach dem Mittagessen.
Meine Großmutter erzählte gern von der alten Mühle im Tal.
Das Bundesverkehrsministerium hat gestern nicht geantwortet.
Im Winter fährt der Bus nur bis zur Kirche.
Können Sie uns sagen, wann Sie den Zeugen zuletzt gesehen haben?
Die Versicherungsgesellschaft lehnt jede Zahlung ab.
Am Abend regnete es, und die Leute gingen schnell nach Hause.
Niemand wusste, wem das kleine Boot gehörte.
Der Lehrer öffnete das Fenster und bat um Ruhe.
Wir danken allen, die an diesem Buch mitgearbeitet haben.""",
    ),
    "is": (
        "is",
        """Bæjarstjórnin samþykkti að byggja nýjan skóla við ána.
Amma sagði okkur oft frá gamla húsinu í dalnum.
Fiskveiðistjórnunarkerfið var rætt á fundinum í gær.
Veðurstofan spáir snjókomu á morgun og hvassviðri fyrir norðan.
Þau komu heim seint um kvöldið og kveiktu ljósin.
Hann skrifaði bréf til systur sinnar í Kaupmannahöfn.
Vegagerðarmennirnir lokuðu heiðinni vegna ófærðar.
Getur þú sagt okkur hvað þú sást við höfnina?
Bókin var prentuð fyrir löngu og er nú ófáanleg.
Börnin léku sér í fjörunni allan daginn.
Alþingi kom saman í haust og ræddi fjárlögin.
Við þökkum öllum sem tóku þátt í þessu verki.""",
    ),
    "pl": (
        "pl",
        """Rada miasta zatwierdziła budowę nowego mostu nad rzeką.
Moja babcia często opowiadała o starym młynie w dolinie.
Komisja zbierze się dopiero po przerwie obiadowej.
Zimą autobus jeździ tylko do kościoła.
Czy może pan powiedzieć, kiedy widział pan świadka ostatni raz?
Ministerstwo nie odpowiedziało na nasze wczorajsze pytanie.
Wieczorem padał deszcz i ludzie szybko wracali do domu.
Nikt nie wiedział, do kogo należy mała łódka.
Nauczyciel otworzył okno i poprosił o ciszę.
Szukaliśmy tych dokumentów przez całe lato.
Gazeta ukazała się z opóźnieniem z powodu strajku.
Dziękujemy wszystkim, którzy pracowali nad tą książką.""",
    ),
    "pt": (
        "pt",
        """A câmara municipal aprovou a nova ponte sobre o rio.
A minha avó contava muitas histórias do velho moinho.
A comissão só se reúne depois do almoço.
No inverno o autocarro vai apenas até à igreja.
Pode dizer ao tribunal quando viu a testemunha pela última vez?
O ministério ainda não respondeu à nossa pergunta.
À noite choveu muito e as pessoas foram depressa para casa.
Ninguém sabia de quem era o pequeno barco.
A professora abriu a janela e pediu silêncio.
Procurámos estes documentos durante todo o verão.
O jornal saiu mais tarde por causa da greve.
Agradecemos a todos os que trabalharam neste livro.""",
    ),
    "it": (
        "it",
        """Il consiglio comunale ha approvato il nuovo ponte sul fiume.
Mia nonna raccontava spesso del vecchio mulino nella valle.
La commissione si riunisce soltanto dopo il pranzo.
In inverno l'autobus arriva solo fino alla chiesa.
Può dirci quando ha visto il testimone per l'ultima volta?
Il ministero non ha ancora risposto alla nostra domanda.
La sera pioveva e la gente tornava a casa in fretta.
Nessuno sapeva di chi fosse la piccola barca.
Il maestro aprì la finestra e chiese silenzio.
Abbiamo cercato questi documenti per tutta l'estate.
Il giornale è uscito in ritardo a causa dello sciopero.
Ringraziamo tutti quelli che hanno lavorato a questo libro.""",
    ),
    "ja": (
        "ja",
        """きょうは とても いい てんき です|今日はとてもいい天気です
あした ともだちと えいがを みます|明日友達と映画を見ます
わたしは まいにち がっこうへ いきます|私は毎日学校へ行きます
この ほんは とても おもしろい です|この本はとても面白いです
えきの まえに おおきな びょういんが あります|駅の前に大きな病院があります
ははは だいどころで りょうりを しています|母は台所で料理をしています
ゆうがたから あめが ふりました|夕方から雨が降りました
かいぎは ごごから はじまります|会議は午後から始まります
せんせいは まどを あけました|先生は窓を開けました
でんしゃが おくれて すみません|電車が遅れてすみません
ちいさな ふねが みなとに つきました|小さな船が港に着きました
みなさん ありがとう ございました|皆さんありがとうございました""",
    ),
}


def debian(*names: str) -> Path:
    """The files of Debian packages, unpacked."""
    folder = FOLDER / "packages" / "debian"
    for name in names:
        if (folder / name).exists():
            continue
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder) as work:
            subprocess.run(["apt-get", "download", "-qq", name], cwd=work, check=True)
            (found,) = Path(work).glob("*.deb")
            subprocess.run(["dpkg-deb", "-x", found, Path(work) / name], check=True)
            (Path(work) / name).rename(folder / name)
    return folder


def sdist(name: str, version: str) -> Path:
    """The files of a source distribution from the Python package index, unpacked."""
    folder = FOLDER / "packages" / f"{name}-{version}"
    if not folder.exists():
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder.parent) as work:
            command = [sys.executable, "-m", "pip", "download", "-q", "--no-deps", "-d", work,
                       "--no-binary", name, f"{name}=={version}"]  # fmt: skip
            subprocess.run(command, check=True)
            (archive,) = Path(work).glob("*.tar.gz")
            with tarfile.open(archive) as tar:
                tar.extractall(work, filter="data")
            (Path(work) / folder.name).rename(folder)
    return folder


def fillets(language: str) -> Iterator[tuple[Path, str]]:
    folder = debian("fillets-ng-data", f"fillets-ng-data-{language}")
    texts: dict[str, str] = {}
    for script in sorted((folder / "fillets-ng-data").rglob(f"dialogs_{language}.lua")):
        texts |= dict(_LINE.findall(script.read_text(encoding="utf-8")))
    for sound in sorted((folder / f"fillets-ng-data-{language}").rglob("*.ogg")):
        if sound.stem in texts:
            yield sound, texts.pop(sound.stem).replace("\\", "")


def tuxpaint(language: str) -> Iterator[tuple[Path, str]]:
    folder = debian("tuxpaint-stamps-default") / "tuxpaint-stamps-default"
    ending = f"_desc_{language}.ogg"
    said: set[str] = set()
    for sound in sorted(folder.rglob(f"*{ending}")):
        words = sound.with_name(sound.name.removesuffix(ending) + ".txt")
        if not words.exists():
            continue
        lines = words.read_text(encoding="utf-8", errors="replace").splitlines()
        start = f"{language}.utf8="
        found = [line for line in lines if line.startswith(start)]
        text = found[0].removeprefix(start).strip() if found else ""
        if text and text not in said:
            said.add(text)
            yield sound, text


def asterisk(language: str) -> Iterator[tuple[Path, str]]:
    name = f"asterisk-core-sounds-{language}"
    folder = debian(name, f"{name}-g722")
    lines = gzip.open(folder / name / f"usr/share/doc/{name}/core-sounds-{language}.txt.gz", "rt")
    (voice,) = (folder / f"{name}-g722" / "usr/share/asterisk/sounds").iterdir()
    said: set[str] = set()
    with lines:
        for file, _, text in (line.strip().partition(": ") for line in lines):
            sound = voice / f"{file}.g722"
            # In brackets: tones. A question mark within a sentence: a letter that was lost.
            if sound.exists() and text[:1] not in "[(" and "?" not in text and text not in said:
                said.add(text)
                yield sound, text


def librivox() -> Iterator[tuple[Path, str]]:
    folder = sdist("pocketsphinx", "5.1.1") / "test" / "data" / "librivox"
    for line in (folder / "transcription").read_text().splitlines():
        if said := re.fullmatch(r"<s>(.*)</s> \((.*)\)", line):
            yield folder / f"{said[2]}.wav", said[1].strip()


def two_cities() -> tuple[Path, str]:
    folder = FOLDER / "packages" / "moonshine-voice-0.0.55"
    if not folder.exists():
        folder.mkdir(parents=True)
        with tempfile.TemporaryDirectory(dir=folder) as work:
            # For whatever machine: only the recording in it is wanted.
            command = [sys.executable, "-m", "pip", "download", "-q", "--no-deps", "-d", work,
                       "--only-binary", ":all:", "--platform", "manylinux_2_34_x86_64",
                       "moonshine-voice==0.0.55"]  # fmt: skip
            subprocess.run(command, check=True)
            (archive,) = Path(work).glob("*.whl")
            with zipfile.ZipFile(archive) as wheel:
                wheel.extract("moonshine_voice/assets/two_cities.wav", folder)
    return folder / "moonshine_voice" / "assets" / "two_cities.wav", TWO_CITIES


def espeak(language: str) -> Iterator[tuple[Path, str]]:
    """Sentences read by espeak-ng, at several speeds and heights of the voice."""
    if shutil.which("espeak-ng") is None:
        raise SystemExit("espeak-ng is not installed: apt-get install espeak-ng")
    voice, sentences = SYNTHESISED[language]
    folder = FOLDER / "packages" / "espeak" / language
    folder.mkdir(parents=True, exist_ok=True)
    for number, line in enumerate(sentences.splitlines()):
        spoken, _, written = line.partition("|")
        file = folder / f"{number:02}.wav"
        speed, height = (135, 150, 165)[number % 3], (35, 50, 60, 45)[number % 4]
        command = ["espeak-ng", "-v", voice, "-s", str(speed), "-p", str(height), "-w", file]
        subprocess.run([*command, spoken], check=True)
        yield file, written or spoken


SOURCES: dict[str, tuple[str, str, list[str]]] = {
    "fillets-ng-data": ("Debian fillets-ng-data 1.0.1", "GPL-2.0-or-later", ["cs", "nl"]),
    "tuxpaint": (
        "Debian tuxpaint-stamps-default 2022.06.04",
        "GPL-2.0-or-later",
        ["fr", "es", "ro", "ca"],
    ),
    "asterisk": ("Debian asterisk-core-sounds 1.6.1", "CC-BY-SA-3.0", ["es", "fr", "it"]),
    "librivox": ("pocketsphinx 5.1.1, LibriVox; moonshine-voice", "public domain, MIT", ["en"]),
    "espeak": ("espeak-ng", "own sentences", list(SYNTHESISED)),
}
_READ = {
    "fillets-ng-data": fillets,
    "tuxpaint": tuxpaint,
    "asterisk": asterisk,
    "librivox": lambda _: librivox(),
    "espeak": espeak,
}


def spaced(text: str, language: str) -> int:
    return len(text) // 2 if language == "ja" else len(text.split())


def clips(source: str, language: str, seed: random.Random) -> Iterator[tuple[np.ndarray, str]]:
    """Sound (float32, 16 kHz) and text, in an order by chance, 1 to 10 s each."""
    found = [
        pair
        for pair in _READ[source](language)
        if not _DIGITS.search(pair[1]) and spaced(pair[1], language) >= 4
    ]
    seed.shuffle(found)
    for file, text in found:
        sound = decode_audio(str(file), sampling_rate=RATE)
        if RATE <= len(sound) <= 10 * RATE:
            yield sound, text


def write(file: Path, sound: np.ndarray) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    with wave.open(str(file), "wb") as wav:
        wav.setnchannels(1)
        wav.setsampwidth(2)
        wav.setframerate(RATE)
        wav.writeframes((np.clip(sound, -1, 1) * 32767).astype("<i2").tobytes())


def joined(pairs: Iterator[tuple[np.ndarray, str]]) -> tuple[np.ndarray, str]:
    noise = np.random.default_rng(1)
    parts = [np.zeros(0, np.float32)]
    texts: list[str] = []
    length = 0.0
    for sound, text in pairs:
        pause = int(RATE * noise.uniform(0.3, 3.0))
        parts += [sound, (5e-4 * noise.standard_normal(pause)).astype(np.float32)]
        texts.append(text)
        length += (len(sound) + pause) / RATE
        if length >= LONG:
            break
    return np.concatenate(parts), " ".join(texts)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--folder", default=str(FOLDER), help="where the recordings go")
    parser.add_argument("--reading", help="write only the English reading of 44 s, to this file")
    parser.add_argument("--clips", type=int, default=SHORT, help="of a language and source")
    given = parser.parse_args()
    folder = Path(given.folder)
    if given.reading:
        Path(given.reading).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(two_cities()[0], given.reading)
        return
    entries: list[dict[str, Any]] = []

    def add(kind: str, name: str, sound: np.ndarray, text: str, language: str, source: str) -> None:
        file = folder / language / f"{kind}-{name}.wav"
        write(file, sound)
        says, license_, _ = SOURCES[source]
        entries.append(
            {
                "audio": os.path.relpath(file, folder),
                "text": text,
                "language": language,
                "source": says,
                "license": license_,
                "seconds": round(len(sound) / RATE, 2),
                "set": kind,
                "synthesised": source == "espeak",
                "accents": (source, language) != ("asterisk", "es"),
            }
        )

    for source, (_, _, languages) in SOURCES.items():
        for language in languages:
            stream = clips(source, language, random.Random(f"{source} {language}"))
            taken = list(itertools.islice(stream, given.clips))
            for number, (sound, text) in enumerate(taken):
                add("short", f"{source}-{number:02}", sound, text, language, source)
            # Of what is not in the short set, where there is enough of it.
            if source == "librivox":
                file, text = two_cities()
                whole = (decode_audio(str(file), sampling_rate=RATE), " ".join(text.split()))
                stream = iter([whole, *taken])
            if source == "asterisk":
                continue
            sound, text = joined(stream)
            if len(sound) >= LONG * RATE or source == "librivox":
                add("long", source, sound, text, language, source)
    manifest = folder / "manifest.jsonl"
    with open(manifest, "w", encoding="utf-8") as file:
        for entry in entries:
            file.write(json.dumps(entry, ensure_ascii=False) + "\n")
    for kind in ("short", "long"):
        chosen = [e for e in entries if e["set"] == kind]
        for language in sorted({e["language"] for e in chosen}):
            its = [e for e in chosen if e["language"] == language]
            print(
                f"{kind:6} {language}  {len(its):3} files {sum(e['seconds'] for e in its):8.1f} s"
            )
    print(manifest)


if __name__ == "__main__":
    main()

"""Real speech, recognized: the pool, the readers of recordings, and what goes wrong on the way."""

from __future__ import annotations

import math
import random
import shutil
import sys
import wave
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("av")
pytest.importorskip("faster_whisper")

import datapartnerships as dp
from datapartnerships import _backends, readers, writers
from datapartnerships._backends import av
from datapartnerships.schema import Document, documents_to_table
from datapartnerships.speech import RATE, Asr, Heard, Pool, Stretch, Talk, _again, _pool, pool

JFK = (
    "and so my fellow americans ask not what your country can do for you ask what you can do for "
    "your country"
)
CLIPS = ("jfk.flac", "ss_0870.wav", "ss_0880.wav", "ss_0890.wav")


@pytest.fixture
def tiny(whisper_tiny: Path) -> Asr:
    return Asr(model=str(whisper_tiny), engine="faster-whisper")


@pytest.fixture
def audio(real_data: Path) -> Path:
    return real_data / "audio"


@pytest.fixture
def fresh() -> Iterator[None]:
    """Nothing was found out before, and nothing is kept for the next test."""
    for cache in (_pool._loaded, _pool.pool):
        cache.cache_clear()
    yield
    for cache in (_pool._loaded, _pool.pool):
        cache.cache_clear()


def rows(reader: Any) -> dict[str, dict[str, Any]]:
    found = [row for shard in reader.shards() for t in reader.read(shard) for row in t.to_pylist()]
    for row in found:
        row["metadata"] = {item["key"]: item["value"] for item in row["metadata"]}
    return {row["provenance"]["member"] or row["provenance"]["uri"]: row for row in found}


def text(row: dict[str, Any]) -> str:
    said = " ".join(s["text"] for s in row["segments"] if s["kind"] == "utterance")
    return " ".join("".join(c if c.isalnum() else " " for c in said.lower()).split())


def is_the_young_man(row: dict[str, Any]) -> bool:
    """He was not an ill disposed young man: of "ill disposed" the smallest model makes others."""
    words = text(row).split()
    return words[:3] == ["he", "was", "not"] and words[-2:] == ["young", "man"] and len(words) < 10


def sound(path: Path) -> np.ndarray:
    with av.Recording(str(path), channels="mix") as recording:
        return np.concatenate([block[0] for block in recording.blocks()])


def save(path: Path, *channels: np.ndarray) -> None:
    longest = max(map(len, channels))
    filled = [np.pad(channel, (0, longest - len(channel))) for channel in channels]
    with wave.open(str(path), "wb") as file:
        file.setparams((len(channels), 2, RATE, 0, "NONE", ""))
        file.writeframes((np.stack(filled, 1) * 32767).astype("<i2").tobytes())


def copied(folder: Path, audio: Path, *names: str) -> Path:
    folder.mkdir(exist_ok=True)
    for name in names:
        shutil.copy(audio / name, folder / name)
    return folder


# What is said --------------------------------------------------------------------------------


def test_a_speech_becomes_utterances_with_times(audio: Path, tiny: Asr) -> None:
    (row,) = rows(readers.AudioReader(audio / "jfk.flac", asr=tiny)).values()
    assert row["drop_reason"] is None and row["kind"] == "audio"
    assert text(row) == JFK
    said = [s for s in row["segments"] if s["kind"] == "utterance"]
    ended = 0.0
    for segment in said:
        assert segment["language"] == "en" and 0.3 < segment["confidence"] <= 1
        assert segment["origin"].startswith("asr faster-whisper ") and not segment["flags"]
        pieces = [segment["text"][w["start"] : w["end"]] for w in segment["words"]]
        assert " ".join(pieces) == segment["text"]
        for word in segment["words"]:
            assert ended <= word["start_s"] <= word["end_s"] < 11.0
            ended = word["end_s"]
        assert segment["start_s"] == segment["words"][0]["start_s"]
        assert segment["end_s"] == segment["words"][-1]["end_s"]
    # He waits after "Americans", and after "ask not".
    assert [s["text"].split()[-1] for s in said[:2]] == ["Americans", "not"]
    assert float(row["metadata"]["speech_s"]) == pytest.approx(8, abs=1)
    assert row["media"]["fingerprint"]


def test_a_text_is_the_same_alone_and_among_others(
    tmp_path: Path, audio: Path, tiny: Asr, fresh: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    alone = {
        name: rows(readers.AudioReader(audio / name, asr=tiny))[name]["segments"] for name in CLIPS
    }
    assert all(any(s["text"] for s in segments) for segments in alone.values())
    together = rows(readers.FolderReader(copied(tmp_path / "a", audio, *CLIPS), asr=tiny))
    assert {name: row["segments"] for name, row in together.items()} == alone
    # Other names are another order; and several threads.
    pool.cache_clear()
    monkeypatch.setattr(_pool, "_threads", lambda: 3)
    turned = tmp_path / "b"
    turned.mkdir()
    names = {f"{9 - number}{Path(name).suffix}": name for number, name in enumerate(CLIPS)}
    for new, name in names.items():
        shutil.copy(audio / name, turned / new)
    again = rows(readers.FolderReader(turned, asr=tiny))
    assert {names[new]: row["segments"] for new, row in again.items()} == alone


def test_two_parties_on_two_channels(tmp_path: Path, audio: Path, tiny: Asr) -> None:
    first, second = sound(audio / "ss_0880.wav"), sound(audio / "ss_0890.wav")
    rest = np.zeros(RATE, np.float32)
    left = np.concatenate([first, rest, np.zeros_like(second)])
    right = np.concatenate([np.zeros_like(first), rest, second])
    save(tmp_path / "call.wav", left, right)
    (row,) = rows(readers.AudioReader(tmp_path, asr=tiny)).values()
    said = [s for s in row["segments"] if s["text"]]
    assert {s["speaker"] for s in said} == {"channel 1", "channel 2"}
    ones = [s for s in said if s["speaker"] == "channel 1"]
    assert is_the_young_man({"segments": ones})
    assert max(s["end_s"] for s in ones) < len(first) / RATE < said[-1]["start_s"]


def test_words_are_left_out_where_they_are_not_asked_for(audio: Path, whisper_tiny: Path) -> None:
    asr = Asr(model=str(whisper_tiny), engine="faster-whisper", words=False)
    (row,) = rows(readers.AudioReader(audio / "ss_0880.wav", asr=asr)).values()
    assert is_the_young_man(row)
    assert not any(segment["words"] for segment in row["segments"])


def test_nobody_speaks(tmp_path: Path, tiny: Asr) -> None:
    second = np.arange(RATE * 3) / RATE
    save(tmp_path / "silence.wav", np.zeros(RATE * 3, np.float32))
    save(tmp_path / "tone.wav", 0.3 * np.sin(2 * np.pi * 440 * second))
    found = rows(readers.FolderReader(tmp_path, asr=tiny))
    for name in ("silence.wav", "tone.wav"):
        assert found[name]["drop_reason"].startswith("AudioReader: no speech found (in 3 s")
    assert "3 s of silence" in found["silence.wav"]["drop_reason"]


# Pipelines -----------------------------------------------------------------------------------


def test_clips_in_an_archive_and_damaged_ones_between(
    tmp_path: Path, audio: Path, tiny: Asr
) -> None:
    whole = (audio / "jfk.flac").read_bytes()
    with zipfile.ZipFile(tmp_path / "tapes.zip", "w") as archive:
        archive.write(audio / "ss_0880.wav", "one.wav")
        archive.writestr("cut.flac", whole[:4000])
        archive.writestr("noise.flac", b"fLaC" + random.Random(4).randbytes(9000))
        archive.write(audio / "jfk.flac", "two.flac")
        archive.writestr("note.txt", "The tapes were copied in March.")
    (tmp_path / "half.flac").write_bytes(whole[: len(whole) // 2])
    found = rows(readers.FolderReader(tmp_path, asr=tiny))
    assert len(found) == 6
    assert is_the_young_man(found["one.wav"]) and text(found["two.flac"]) == JFK
    assert text(found["half.flac"]).startswith("and so my fellow americans ask")
    assert found["note.txt"]["kind"] != "audio" and found["note.txt"]["drop_reason"] is None
    for name in ("cut.flac", "noise.flac"):
        assert found[name]["drop_reason"].startswith("AudioReader: ")
        assert found[name]["provenance"]["uri"] == "tapes.zip"


def test_two_workers_give_the_same_bytes_as_one(tmp_path: Path, audio: Path, tiny: Asr) -> None:
    deposit = copied(tmp_path / "in", audio, *CLIPS)
    outputs = []
    for workers in (1, 2):
        out = tmp_path / f"out{workers}"
        reader = readers.FolderReader(deposit, asr=tiny, shard_bytes=200_000)
        assert len(reader.shards()) >= 3
        release = dp.run(dp.Pipeline(reader, (), writers.ParquetWriter(out)), workers=workers)
        assert len(release.dataset) == len(CLIPS) and not release.manifest.rejected
        files = sorted(path for path in out.rglob("*.parquet"))
        outputs.append({path.relative_to(out): path.read_bytes() for path in files})
        assert {"av", "ctranslate2", "faster-whisper"} <= release.manifest.versions.keys()
        assert "model: " in (out / "pipeline.yaml").read_text()
    assert outputs[0] == outputs[1]


# What goes wrong -----------------------------------------------------------------------------


def _silent(folder: Path, count: int = 3) -> Path:
    for number in range(count):
        save(folder / f"{number}.wav", np.zeros(RATE, np.float32))
    return folder


@pytest.mark.usefixtures("fresh")
def test_without_a_model_every_recording_says_so(tmp_path: Path) -> None:
    for row in rows(readers.FolderReader(_silent(tmp_path))).values():
        assert row["drop_reason"].startswith("AudioReader: no speech model (give Asr(model=...)")
    assert _pool._loaded.cache_info().misses == 1


@pytest.mark.usefixtures("fresh")
def test_a_model_that_is_none_is_found_out_once(tmp_path: Path) -> None:
    model = tmp_path / "model"
    model.mkdir()
    (model / "model.bin").write_bytes(b"not a model")
    reader = readers.AudioReader(
        _silent(tmp_path), asr=Asr(model=str(model), engine="faster-whisper")
    )
    for row in rows(reader).values():
        assert row["drop_reason"].startswith("AudioReader: speech model cannot be loaded (model: ")
    assert _pool._loaded.cache_info().misses == 1


@pytest.mark.usefixtures("fresh")
def test_a_name_that_is_on_no_disk_is_not_waited_for_offline(tmp_path: Path) -> None:
    asr = Asr(model="nobody/has-this-model", engine="faster-whisper")
    for row in rows(readers.AudioReader(_silent(tmp_path, 1), asr=asr)).values():
        assert row["drop_reason"].startswith("AudioReader: speech model cannot be loaded (")


@pytest.mark.usefixtures("fresh")
@pytest.mark.parametrize("engine", ["auto", "whisperx", "faster-whisper"])
def test_an_engine_that_is_not_installed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, engine: str
) -> None:
    for name in ("whisperx", "faster_whisper"):
        monkeypatch.setitem(sys.modules, name, None)
        monkeypatch.setitem(sys.modules, f"{name}.asr", None)
        monkeypatch.delitem(sys.modules, f"datapartnerships._backends.{name}", raising=False)
        monkeypatch.delattr(_backends, name, raising=False)
    asr = Asr(model="base", engine=engine)
    for row in rows(readers.AudioReader(_silent(tmp_path), asr=asr)).values():
        assert row["drop_reason"].startswith("AudioReader: an extra is not installed (")
        assert "pip install 'datapartnerships[audio" in row["drop_reason"]
    assert _pool._loaded.cache_info().misses == 1


def test_a_recognition_that_fails_is_a_reason_of_its_document(
    audio: Path, tiny: Asr, fresh: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Tired(type(pool(tiny).engine)):  # type: ignore[misc]
        def decode(self, *args: Any, **options: Any) -> Any:
            raise RuntimeError("out of memory\nfor this one")

    monkeypatch.setattr(pool(tiny).engine, "__class__", Tired)
    reader = readers.AudioReader(audio / "ss_0880.wav", asr=tiny)
    documents = [
        d for shard in reader.shards() for d in reader._read_span(reader.deposit(), *shard.files)
    ]
    other = Document("b" * 32, "tapes", "text", [])
    table = documents_to_table([*documents, other])
    assert table["drop_reason"].to_pylist() == [
        "AudioReader: speech recognition failed (RuntimeError: out of memory for this one)", None,
    ]  # fmt: skip
    monkeypatch.undo()
    (row,) = rows(reader).values()
    assert is_the_young_man(row)


def test_a_recognition_that_fails_costs_its_recording_only(
    tmp_path: Path, audio: Path, tiny: Asr, fresh: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = pool(tiny).engine
    longest = len(sound(audio / "jfk.flac"))

    class Tired(type(engine)):  # type: ignore[misc]
        def encode(self, stretches: Any, decodings: Any) -> Any:
            if any(longest * 3 // 4 < len(stretch) for stretch in stretches):
                raise RuntimeError("too long for me")
            return super().encode(stretches, decodings)

    monkeypatch.setattr(engine, "__class__", Tired)
    found = rows(readers.FolderReader(copied(tmp_path, audio, *CLIPS), asr=tiny))
    reasons = {name: row["drop_reason"] for name, row in found.items()}
    failed = "AudioReader: speech recognition failed (RuntimeError: too long for me)"
    assert reasons == dict.fromkeys(CLIPS) | {"jfk.flac": failed}


# The pool ------------------------------------------------------------------------------------


def test_the_language_of_a_recording_is_what_most_of_it_sounds_like() -> None:
    talk = Talk()
    talk.learn({"is": 0.6, "da": 0.4}, 10.0)
    assert not talk.known
    talk.learn({"is": 0.2, "da": 0.8}, 2.0)
    talk.learn({"is": 0.9, "da": 0.1}, 18.0)
    assert talk.known
    talk.learn({"is": 0.0, "da": 1.0}, 500.0)  # enough was heard before
    assert talk.language({"is": 0.5, "da": 0.5}, 20.0) == "is"
    # Another language only where it is long and sure.
    assert talk.language({"is": 0.01, "da": 0.99}, 12.0) == "da"
    assert talk.language({"is": 0.01, "da": 0.99}, 3.0) == "is"
    assert talk.language({"is": 0.2, "da": 0.8}, 12.0) == "is"
    short = Talk(ended=True)
    assert short.known


def test_a_stretch_waits_until_enough_came_together(audio: Path, tiny: Asr) -> None:
    here = Pool(tiny)
    clip = sound(audio / "ss_0880.wav")
    talk = Talk(ended=True)
    first = here.add(talk, Stretch(7.0, clip, ((7.0, 7.0 + len(clip) / RATE),)))
    assert first.heard is None
    here.flush()
    assert first.heard is not None and first.heard.words[0].start_s >= 7.0
    assert first.stretch is None, "the sound is not held any longer"
    assert first.heard.text.lower().startswith("he was not")


def test_an_unsure_clip_is_heard_twice_and_the_likelier_text_kept(
    audio: Path, tiny: Asr, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_again, "_LEAST", 0.0)
    monkeypatch.setattr(_again, "_SURE", 1.0)
    clips = [sound(audio / name) for name in CLIPS]
    # Cut in a word, or in noise: so that some are unsure.
    noise = np.random.default_rng(0).normal(0, 0.03, 20 * RATE).astype(np.float32)
    clips += [clip[RATE // 2 :] + noise[: len(clip) - RATE // 2] for clip in clips]

    def recognized(asr: Asr, some: list[np.ndarray]) -> list[Heard]:
        here = Pool(asr)
        tickets = [
            here.add(Talk(ended=True), Stretch(0, x, ((0, len(x) / RATE),), alone=True))
            for x in some
        ]
        here.flush()
        return [ticket.heard for ticket in tickets if ticket.heard]

    def total(heard: Heard) -> float:
        return heard.tokens * math.log(heard.confidence)

    twice, once = recognized(tiny, clips), recognized(replace(tiny, retry=False), clips)
    second = [heard for heard in twice if "behind silence" in heard.how]
    assert second and len(second) < len(clips)
    for one, other in zip(once, twice, strict=True):
        assert other.how or (other.text, other.words) == (one.text, one.words)
        assert "behind silence" not in other.how or total(other) > total(one)
        assert all(0 <= word.start_s <= word.end_s for word in other.words)
    assert recognized(tiny, clips[3:4]) + recognized(tiny, clips[6:7]) == [twice[3], twice[6]]


@pytest.mark.slow
def test_the_language_is_found_or_given(audio: Path, whisper_base: Path) -> None:
    for languages, expected in (((), "en"), (("de", "en"), "en"), (("de",), "de")):
        asr = Asr(model=str(whisper_base), engine="faster-whisper", languages=languages)
        (row,) = rows(readers.AudioReader(audio / "jfk.flac", asr=asr)).values()
        said = [s for s in row["segments"] if s["text"]]
        assert {s["language"] for s in said} == {expected}
        if expected == "en":
            assert text(row) == JFK


@pytest.mark.slow
def test_whisperx_hears_the_same_and_says_nothing_else(
    audio: Path, whisper_tiny: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("torch")
    found = []
    for engine in ("whisperx", "faster-whisper"):
        asr = Asr(model=str(whisper_tiny), engine=engine)
        (row,) = rows(readers.AudioReader(audio / "ss_0880.wav", asr=asr)).values()
        assert row["segments"][0]["origin"].startswith(f"asr {engine} ")
        found.append([{**segment, "origin": ""} for segment in row["segments"]])
    assert found[0] == found[1]
    assert "".join(capfd.readouterr()) == ""

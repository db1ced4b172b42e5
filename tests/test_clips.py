"""Clips of recordings: where they are cut, what they sound like, and what must not leave."""

from __future__ import annotations

import difflib
import hashlib
import io
import json
import re
import tarfile
import tracemalloc
import wave
import zipfile
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import datapartnerships as dp
from datapartnerships import detectors, transforms, writers
from datapartnerships.errors import ConfigurationError, DocumentError, InvalidParameter
from datapartnerships.kernels.clips import GUARD_S, Cut, Rules, cut
from datapartnerships.kernels.surrogates import holds_surrogate
from datapartnerships.schema import Document, FileSpan, Segment, Shard, documents_to_table

av = pytest.importorskip("av")

from datapartnerships._backends.av import encode_flac  # noqa: E402
from datapartnerships.readers import Limits  # noqa: E402
from datapartnerships.readers._recording import Wish, listen  # noqa: E402
from datapartnerships.readers._source import from_bytes  # noqa: E402
from datapartnerships.writers import _sound  # noqa: E402
from datapartnerships.writers._sound import Stretch, cuttings  # noqa: E402

RATE = 16_000
SHARD = Shard(0, (FileSpan("hearing.wav"),))


def utterance(text: str, start: float, end: float, *, words: bool = True, **more: Any) -> Segment:
    """Words that share the time of the utterance alike."""
    pieces = text.split()
    step = (end - start) / max(1, len(pieces))
    found, at = [], 0
    for i, piece in enumerate(pieces):
        at = text.index(piece, at)
        found.append(
            {"start": at, "end": at + len(piece), "start_s": start + i * step,
             "end_s": start + (i + 0.9) * step, "confidence": 0.9}
        )  # fmt: skip
        at += len(piece)
    return Segment(text, "utterance", start_s=start, end_s=end,
                   words=found if words else None, **more)  # fmt: skip


def noise(seconds: float, channels: int = 1, seed: int = 0) -> np.ndarray:
    """Sound in which every stretch differs from every other: int16 (channels, samples)."""
    numbers = np.random.default_rng(seed)
    return numbers.integers(-20000, 20000, (channels, round(seconds * RATE)), np.int16)


def write_wav(path: Path, samples: np.ndarray, rate: int = RATE) -> bytes:
    with wave.open(str(path), "wb") as file:
        file.setparams((samples.shape[0], 2, rate, 0, "NONE", ""))
        file.writeframes(samples.T.copy().tobytes())
    return path.read_bytes()


def recording(data: bytes, segments: list[Segment], **more: Any) -> Document:
    place = {"uri": "hearing.wav", "member": None} | more.pop("provenance", {})
    known = {"sha256": hashlib.sha256(data).hexdigest(), "size": len(data)}
    return Document(
        more.pop("id", "a" * 32), "court", "audio", segments, provenance=known | place, **more
    )


def written(
    folder: Path, documents: list[Document], **options: Any
) -> tuple[list[dict[str, Any]], Any]:
    """Rows of the clips, and the manifest."""
    writer = writers.ClipWriter(str(folder / "out"), recordings=str(folder), **options)
    manifest = writer.commit([writer.write(SHARD, [documents_to_table(documents)])])
    rows = []
    for entry in manifest.files:
        rows += pq.read_table(folder / "out" / entry.path).to_pylist()
    return rows, manifest


def decoded(data: bytes) -> np.ndarray:
    with av.open(io.BytesIO(data)) as container:
        return np.concatenate([f.to_ndarray() for f in container.decode(audio=0)], axis=1)


def left_out(manifest: Any) -> dict[str, int]:
    counts = manifest.counts
    out = {k.removeprefix("left out: "): v for k, v in counts.items() if k.startswith("left out")}
    assert counts.get("utterances", 0) == counts.get("utterances in clips", 0) + sum(out.values())
    return out


# The sound.


def test_a_clip_is_exactly_the_samples_of_the_recording(tmp_path: Path) -> None:
    sound = noise(20)
    data = write_wav(tmp_path / "hearing.wav", sound)
    segments = [
        utterance("We shall hear the first witness.", 1.25, 4.5, speaker="Judge", language="en"),
        utterance("I was there that evening.", 6.0, 9.125, speaker="Witness", confidence=0.75),
    ]
    rows, manifest = written(tmp_path, [recording(data, segments)], padding_seconds=0.0)
    assert [row["text"] for row in rows] == [s.text for s in segments]
    for row, segment in zip(rows, segments, strict=True):
        start, end = round(segment.start_s * RATE), round(segment.end_s * RATE)
        assert np.array_equal(decoded(row["audio"]["bytes"]), sound[:, start:end])
        assert (row["start_s"], row["end_s"]) == (segment.start_s, segment.end_s)
        assert row["duration_s"] == row["end_s"] - row["start_s"]
    assert rows[0]["speaker"] == "Judge" and rows[0]["language"] == "en"
    assert rows[1]["confidence"] == 0.75 and rows[1]["segment"] == 1
    assert rows[0]["rights"]["basis"] == "unknown" and rows[0]["source"] == "court"
    assert manifest.counts["rows"] == manifest.counts["utterances in clips"] == 2
    assert left_out(manifest) == {}


@pytest.mark.parametrize(("rate", "channels"), [(44100, 2), (8000, 1), (48000, 6)])
def test_other_rates_and_channels_are_those_of_one_decoding_of_the_whole(
    tmp_path: Path, rate: int, channels: int
) -> None:
    time = np.arange(rate * 8) / rate
    tones = [np.sin(2 * np.pi * 200 * (c + 1) * time) * 8000 for c in range(channels)]
    data = write_wav(tmp_path / "hearing.wav", np.array(tones).astype(np.int16), rate)
    rows, _ = written(
        tmp_path, [recording(data, [utterance("one two three four", 2.5, 5.5)])],
        padding_seconds=0.0,
    )  # fmt: skip
    resampler, parts = av.AudioResampler(format="fltp", rate=RATE), []
    with av.open(str(tmp_path / "hearing.wav")) as container:
        for frame in container.decode(audio=0):
            parts += [part.to_ndarray() for part in resampler.resample(frame)]
    whole = np.concatenate(parts, axis=1).mean(axis=0)
    expected = np.rint(whole[40_000:88_000] * 32768)
    assert np.abs(decoded(rows[0]["audio"]["bytes"])[0] - expected).max() <= 1


def test_each_party_has_its_channel(tmp_path: Path) -> None:
    sound = noise(10, channels=2)
    data = write_wav(tmp_path / "hearing.wav", sound)
    segments = [
        utterance("Can you hear me now?", 1, 3, speaker="channel 1"),
        utterance("Yes, very well indeed.", 2, 4, speaker="channel 2"),
    ]
    rows, _ = written(tmp_path, [recording(data, segments)], padding_seconds=0.0)
    for channel, (row, start) in enumerate(zip(rows, (1, 2), strict=True)):
        expected = sound[channel, start * RATE : (start + 2) * RATE]
        assert np.array_equal(decoded(row["audio"]["bytes"])[0], expected)


def test_nothing_but_the_sound_is_in_the_file(tmp_path: Path) -> None:
    samples = noise(2)[0]
    out = io.BytesIO()
    with av.open(out, "w", format="flac") as container:
        container.metadata.update(title="Secret hearing", artist="Halla Brimdal")
        coder = container.add_stream("flac", rate=RATE, layout="mono")
        frame = av.AudioFrame.from_ndarray(samples[None], format="s16", layout="mono")
        frame.sample_rate = RATE
        container.mux([*coder.encode(frame), *coder.encode(None)])
    data = out.getvalue()
    assert b"Brimdal" in data
    (tmp_path / "hearing.wav").write_bytes(data)
    rows, _ = written(tmp_path, [recording(data, [utterance("some words here", 0.2, 1.8)])])
    clip = rows[0]["audio"]["bytes"]
    assert b"Brimdal" not in clip and b"hearing" not in clip
    # "fLaC", STREAMINFO as the last block, 34 bytes of it, then the sync code of the first frame.
    assert clip[:8] == b"fLaC\x80\x00\x00\x22"
    assert clip[42] == 0xFF and clip[43] & 0xFC == 0xF8
    assert b"Lavf" not in clip and b"encoder" not in clip and b"reference" not in clip
    samples_in = int.from_bytes(clip[18:26], "big") & (1 << 36) - 1
    assert samples_in == round(rows[0]["duration_s"] * RATE)
    md5 = hashlib.md5(decoded(clip).astype("<i2").tobytes()).digest()
    assert clip[26:42] == md5


def test_clips_of_one_recording_may_overlap_and_end_past_it(tmp_path: Path) -> None:
    sound = noise(5)
    write_wav(tmp_path / "hearing.wav", sound)
    wanted = [Stretch(0, 32_000), Stretch(16_000, 48_000), Stretch(70_000, 99_000),
              Stretch(90_000, 99_000)]  # fmt: skip
    found = list(cuttings(str(tmp_path / "hearing.wav"), wanted, apart=False))
    for item, (samples, data) in zip(wanted, found, strict=True):
        expected = sound[0, item.start : item.end]
        assert samples == len(expected)
        assert np.array_equal(decoded(data)[0], expected) if samples else data == b""


def coded(
    place: Path, codec: str, sound: np.ndarray, *, starts: float = 0.0, without: float = 99.0
) -> None:
    """A recording of `sound`, int16 (channels, samples); without a second of it, times kept."""
    layout = "mono" if len(sound) == 1 else "stereo"
    with av.open(str(place), "w") as container:
        coder = container.add_stream(codec, rate=RATE, layout=layout)
        fit = av.AudioResampler(coder.format.name, layout, RATE)
        for at in range(0, sound.shape[1], 1024):
            if without <= at / RATE < without + 1:
                continue
            part = np.ascontiguousarray(sound[:, at : at + 1024].T).reshape(1, -1)
            frame = av.AudioFrame.from_ndarray(part, "s16", layout)
            frame.sample_rate = RATE
            for fitted in fit.resample(frame):
                fitted.pts, fitted.time_base = at + round(starts * RATE), Fraction(1, RATE)
                container.mux(coder.encode(fitted))
        container.mux(coder.encode(None))


def spoil(place: Path) -> None:
    """Half a second in the middle is overwritten, and some that follows is gone."""
    data = bytearray(place.read_bytes())
    middle, some = len(data) // 2, len(data) // 24
    data[middle : middle + some] = np.random.default_rng(1).bytes(some)
    del data[middle + 3 * some // 2 : middle + 2 * some]
    place.write_bytes(data)


class Keep:
    """An ear that keeps what it hears."""

    def feed(self, samples: np.ndarray) -> list[np.ndarray]:
        return [samples]

    def end(self) -> list[np.ndarray]:
        return []


@pytest.mark.parametrize("channels", ["auto", "mix"])
@pytest.mark.parametrize(
    "name", ["damaged.mp3", "gap.mkv", "late.mp4", "parties.flac", "room.ogg", "upside down.flac"]
)
def test_clips_have_the_samples_that_the_reader_heard(
    tmp_path: Path, name: str, channels: Any
) -> None:
    place = tmp_path / name
    sound = noise(12)
    if name == "damaged.mp3":
        coded(place, "libmp3lame", sound)
        spoil(place)
    elif name == "gap.mkv":
        coded(place, "aac", sound, without=4.0)
    elif name == "late.mp4":
        coded(place, "aac", sound, starts=1.5)
        with av.open(str(place)) as container:
            assert container.start_time > 1_000_000
    elif name == "parties.flac":
        sides = np.repeat(np.arange(12) % 3, RATE)
        coded(place, "flac", np.concatenate([sound * (sides != 0), noise(12) * (sides != 1)]))
    elif name == "room.ogg":
        coded(place, "flac", np.concatenate([sound, sound // 2 + noise(12, seed=1) // 9]))
    else:
        coded(place, "flac", np.concatenate([sound, -sound]))
    pieces: list[list[np.ndarray]] = [[], []]
    heard = listen(
        from_bytes("deposit", name, place.read_bytes()),
        Wish((Keep,), channels, 60.0, 0.0),
        Limits(),
        lambda _, channel, said: pieces[channel].append(said),
        print,
    )
    apart = name == "parties.flac" and channels == "auto"
    assert heard.channels == 1 + apart
    assert bool(heard.losses.damaged_packets or heard.losses.gaps_s) == (name[:3] in ("dam", "gap"))
    whole = [np.concatenate(some) for some in pieces[: heard.channels]]
    assert all(len(one) > 10 * RATE and np.abs(one).max() > 0.1 for one in whole)
    segments = [
        utterance("words that are said", start, start + 1.875, speaker=f"channel {1 + number % 2}")
        for number, start in enumerate((0.0, 0.5, 3.75, 5.5, 8.125))
    ]
    if not apart:
        for segment in segments:
            segment.speaker = None
    document = recording(
        place.read_bytes(), segments, provenance={"uri": name},
        metadata={"channels_heard": str(heard.channels)},
    )  # fmt: skip
    found, _ = written(tmp_path, [document], padding_seconds=0.0, max_gap_seconds=None)
    assert len(found) == len(segments)
    for row in found:
        one = whole[int(row["speaker"][-1]) - 1 if apart else 0]
        start = round(row["start_s"] * RATE)
        expected = np.rint(one[start : start + 30_000] * 32768).clip(-32768, 32767)
        assert np.array_equal(decoded(row["audio"]["bytes"])[0], expected)


def test_where_two_channels_are_apart_a_speaker_with_a_name_is_heard_on_both(
    tmp_path: Path,
) -> None:
    sound = noise(6, channels=2)
    sound[1, : 3 * RATE] = sound[0, 3 * RATE :] = 0
    data = write_wav(tmp_path / "hearing.wav", sound)
    document = recording(
        data, [utterance("I was there.", 1, 3, speaker="Witness")], metadata={"channels_heard": "2"}
    )
    rows, _ = written(tmp_path, [document], padding_seconds=0.0)
    expected = np.rint(sound[0, RATE : 3 * RATE] / 2)
    assert np.array_equal(decoded(rows[0]["audio"]["bytes"])[0], expected)


def test_clips_of_a_long_recording_are_not_held(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_sound, "_IN_MEMORY", 1 << 20)
    write_wav(tmp_path / "hearing.wav", noise(300))
    wanted = [Stretch(at * RATE, (at + 5) * RATE) for at in range(0, 300, 3)]
    size, most = 0, 0
    tracemalloc.start()
    try:
        for samples, data in cuttings(str(tmp_path / "hearing.wav"), wanted, apart=False):
            assert 3 * RATE <= samples <= 5 * RATE
            size += len(data)
            most = max(most, tracemalloc.get_traced_memory()[1])
    finally:
        tracemalloc.stop()
    assert size > 12 << 20 and most < 4 << 20


def test_a_cut_off_recording_gives_what_is_there(tmp_path: Path) -> None:
    data = encode_flac(noise(12)[0] / 32768)[: 12 * RATE]  # about half of the noise
    (tmp_path / "hearing.wav").write_bytes(data)
    segments = [utterance("what is still there", 0, 2), utterance("what is gone", 10, 12)]
    rows, manifest = written(tmp_path, [recording(data, segments)])
    assert [row["text"] for row in rows] == ["what is still there"]
    assert left_out(manifest) == {"no sound": 1}


@pytest.mark.parametrize("data", [b"", b"no sound at all " * 100, b"RIFF\x00\x00\x00\x00WAVEfmt "])
def test_what_is_no_recording_has_no_sound(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "hearing.wav").write_bytes(data)
    rows, manifest = written(tmp_path, [recording(data, [utterance("some words", 0, 2)])])
    assert rows == [] and left_out(manifest) == {"no sound": 1}


# Finding the recording again.


def test_a_recording_inside_archives_is_found(tmp_path: Path) -> None:
    sound = noise(5)
    data = write_wav(tmp_path / "a.wav", sound)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("day 1/a.wav", data)
    with tarfile.open(tmp_path / "tapes.tar.gz", "w:gz") as tar:
        info = tarfile.TarInfo("box/inner.zip")
        info.size = len(packed.getvalue())
        tar.addfile(info, io.BytesIO(packed.getvalue()))
    place = {"uri": "tapes.tar.gz", "member": "box/inner.zip!day 1/a.wav"}
    document = recording(data, [utterance("two words", 1, 3)], provenance=place)
    rows, _ = written(tmp_path, [document], padding_seconds=0.0)
    assert np.array_equal(decoded(rows[0]["audio"]["bytes"]), sound[:, RATE : 3 * RATE])


@pytest.mark.parametrize("digest", [True, False])
def test_a_recording_that_changed_is_an_error(tmp_path: Path, digest: bool) -> None:
    data = write_wav(tmp_path / "hearing.wav", noise(5))
    place = {} if digest else {"sha256": None}
    document = recording(data, [utterance("two words", 1, 3)], provenance=place)
    write_wav(tmp_path / "hearing.wav", noise(5 if digest else 6, seed=1))
    with pytest.raises(DocumentError, match=r"changed since it was read \(hearing.wav"):
        written(tmp_path, [document])
    assert not (tmp_path / "out" / "data").exists()


@pytest.mark.parametrize("uri", ["gone.wav", "../hearing.wav", "/etc/passwd", ""])
def test_a_recording_that_is_not_there_is_an_error(tmp_path: Path, uri: str) -> None:
    (tmp_path / "deposit").mkdir()
    data = write_wav(tmp_path / "hearing.wav", noise(5))
    document = recording(data, [utterance("two words", 1, 3)], provenance={"uri": uri})
    writer = writers.ClipWriter(str(tmp_path / "out"), recordings=str(tmp_path / "deposit"))
    with pytest.raises(DocumentError, match="recording is not there"):
        writer.write(SHARD, [documents_to_table([document])])


def test_a_link_out_of_the_deposit_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "deposit").mkdir()
    data = write_wav(tmp_path / "secret.wav", noise(5))
    (tmp_path / "deposit" / "hearing.wav").symlink_to(tmp_path / "secret.wav")
    writer = writers.ClipWriter(str(tmp_path / "out"), recordings=str(tmp_path / "deposit"))
    document = recording(data, [utterance("two words", 1, 3)])
    with pytest.raises(DocumentError, match="leads out of"):
        writer.write(SHARD, [documents_to_table([document])])


def test_recordings_are_asked_for(tmp_path: Path) -> None:
    document = recording(b"", [utterance("two words", 1, 3)])
    with pytest.raises(ConfigurationError, match=r"ClipWriter\(recordings=...\)"):
        writers.ClipWriter(str(tmp_path / "out")).write(SHARD, [documents_to_table([document])])


# Where it is cut.


def cuts(segments: list[Segment], *, needs_words: bool = False, **rules: Any) -> Cut:
    rows = documents_to_table([Document("a" * 32, "s", "audio", segments)])
    plain = rows["segments"][0].as_py()
    return cut(plain, Rules(**rules), marked=(), needs_words=needs_words)


def test_utterances_of_one_speaker_are_joined() -> None:
    segments = [
        utterance("First,", 0, 4, speaker="A", confidence=0.5),
        utterance("then", 4.5, 6.5, speaker="A", confidence=0.8),
        utterance("another,", 6.6, 9, speaker="B"),
        utterance("after a pause.", 12, 15, speaker="B"),
        utterance("In German.", 15.1, 17, speaker="B", language="de"),
    ]
    found = cuts(segments, max_seconds=8.0).clips
    texts = ["First, then", "another,", "after a pause.", "In German."]
    assert [clip.text for clip in found] == texts
    assert [clip.utterances for clip in found] == [2, 1, 1, 1]
    assert found[0].confidence == pytest.approx(0.6)
    assert (found[0].start_s, found[0].end_s) == (0.0, pytest.approx(6.6))
    assert [c.text for c in cuts(segments, max_seconds=5.0).clips][:2] == ["First,", "then"]
    assert len(cuts(segments, max_gap_seconds=None).clips) == 5
    japanese = [utterance(t, i, i + 1, language="ja") for i, t in enumerate(("今日は", "晴れです"))]
    assert cuts(japanese).clips[0].text == "今日は晴れです"


def test_long_utterances_are_cut_at_their_widest_pause() -> None:
    words = ["one", "two", "three", "four", "five", "six", "seven", "eight"]
    segment = utterance(" ".join(words), 0, 8)
    for word in segment.words[5:]:  # a pause of two seconds before "six"
        word["start_s"] += 2
        word["end_s"] += 2
    segment.end_s = 10
    found = cuts([segment], max_seconds=6.0, padding_seconds=0.0)
    assert [clip.text for clip in found.clips] == ["one two three four five", "six seven eight"]
    assert [clip.start_s for clip in found.clips] == [0, 7]
    assert [clip.utterances for clip in found.clips] == [1, 0]
    segment.words = None
    assert cuts([segment], max_seconds=6.0).left_out == {"too long": 1}


def test_padding_ends_where_somebody_speaks() -> None:
    segments = [
        utterance("he says", 1, 3, speaker="A"),
        utterance("she says", 3.05, 5, speaker="B"),
        utterance("left out", 5.2, 6.5, speaker="B", flags=["loop"]),
        utterance("again", 8, 9.5, speaker="A"),
        utterance("at once", 9, 11, speaker="B"),
    ]
    found = cuts(segments, padding_seconds=0.5, leave_out_flags={"loop"}).clips
    bounds = [(clip.start_s, clip.end_s) for clip in found]
    assert bounds == [(0.5, 3.05), (3, 5.2), (7.5, 9.5), (9, 11.5)]


def test_every_reason_is_counted() -> None:
    segments = [
        utterance("a good one", 0, 2, confidence=0.9),
        utterance("again again again", 10, 12, confidence=0.9, flags=["new", "loop"]),
        utterance("la la la", 20, 22, confidence=0.9),
        Segment("", "sound", start_s=21.5, end_s=30, ref="music"),
        Segment("", "sound", start_s=0, end_s=2, ref="applause"),
        utterance("mumbled", 40, 42, confidence=0.2),
        utterance("who knows", 50, 52),
        utterance("hm", 60, 60.3, confidence=0.9),
        utterance("", 70, 72, confidence=0.9),
        Segment("no times", "utterance", confidence=0.9),
        Segment("turned round", "utterance", start_s=9, end_s=3, confidence=0.9),
        utterance("endless", 100, 200, confidence=0.9),
    ]
    found = cuts(segments, min_confidence=0.5, leave_out_flags={"loop"}, leave_out_sounds={"music"})
    assert [clip.text for clip in found.clips] == ["a good one"]
    assert found.left_out == {
        "flag loop": 1, "sound that is left out": 1, "low confidence": 1, "confidence unknown": 1,
        "too short": 1, "no text": 1, "no times": 2, "too long": 1,
    }  # fmt: skip
    assert found.utterances == 10 - 1 + 1  # sounds are none


_SPOKEN = st.tuples(
    st.floats(0, 50), st.floats(0.1, 40), st.sampled_from("AB"), st.booleans(),
    st.sampled_from(["fine words here and there", "[EMAIL] is mine", "", "x***"]),
    st.sampled_from([None, "loop"]),
)  # fmt: skip


@settings(max_examples=200, deadline=None)
@given(st.lists(_SPOKEN, max_size=12), st.booleans(), st.floats(0, 1), st.floats(2, 30))
def test_nothing_is_lost_and_nothing_secret_is_heard(
    spoken: list[Any], needs_words: bool, padding: float, most: float
) -> None:
    segments = [
        utterance(text, start, start + length, words=words, speaker=speaker,
                  flags=[flag] if flag else None)
        for start, length, speaker, words, text, flag in spoken
    ]  # fmt: skip
    found = cuts(
        segments, needs_words=needs_words, padding_seconds=padding, max_seconds=most,
        leave_out_flags={"loop"},
    )  # fmt: skip
    assert found.utterances == len(segments)
    inside = sum(clip.utterances for clip in found.clips)
    assert inside + sum(found.left_out.values()) == len(segments)
    secret = [
        s for s in segments if s.text and (holds_surrogate(s.text) or (needs_words and not s.words))
    ]
    for clip in found.clips:
        assert 0 <= clip.start_s < clip.end_s
        assert clip.speech_s - clip.start_s >= 1.0
        assert clip.end_s - clip.start_s <= most + 2 * padding + 1e-6
        for segment in secret:
            assert clip.end_s <= segment.start_s or segment.end_s <= clip.start_s
        # Padding reaches into nobody's words: who is heard at an edge is heard without it too.
        for segment in segments:
            if clip.speech_s <= segment.start_s:
                assert clip.end_s <= segment.start_s


# What was redacted is still heard.


def test_what_was_redacted_does_not_leave_as_sound(tmp_path: Path) -> None:
    data = write_wav(tmp_path / "hearing.wav", noise(60))
    segments = [
        utterance("Tell the court where you live.", 1, 4, speaker="A"),
        utterance("Write to anna.jonsdottir@example.is please.", 6, 10, speaker="B"),
        utterance("Yes.", 10.1, 11.5, speaker="A"),  # too near to the address
        utterance("Thank you, that is all for today.", 14, 18, speaker="A"),
        utterance("This one was never timed.", 20, 23, speaker="A", words=False),
    ]
    document = recording(data, segments)
    before, manifest = written(tmp_path, [document])
    assert len(before) == 4 and left_out(manifest) == {"redacted": 1}  # the one without words

    batch = transforms.DetectPii([detectors.Contacts()])(documents_to_table([document]))
    for step in (None, *(transforms.Redact(policy=p) for p in ("redact", "mask", "pseudonymize"))):
        rows = step(batch) if step else batch
        writer = writers.ClipWriter(str(tmp_path / "out"), recordings=str(tmp_path))
        manifest = writer.commit([writer.write(SHARD, [rows])])
        out = pq.read_table(tmp_path / "out" / manifest.files[0].path).to_pylist()
        assert [row["text"] for row in out] == [segments[0].text, segments[3].text], step
        assert left_out(manifest) == {"redacted": 2, "beside redacted speech": 1}, step
        for row in out:
            assert row["end_s"] <= 6 - GUARD_S or row["start_s"] >= 10 + GUARD_S


def test_a_heading_that_nobody_said_keeps_nothing_in(tmp_path: Path) -> None:
    data = write_wav(tmp_path / "hearing.wav", noise(6))
    heading = Segment("CHAPTER ONE", "utterance", flags=["not heard"])
    said = utterance("The court is now in session.", 1, 4)
    rows, manifest = written(tmp_path, [recording(data, [heading, said])])
    assert [row["text"] for row in rows] == [said.text]
    assert left_out(manifest) == {"no times": 1}
    # Where something was redacted nobody knows what the words were, and where they are heard.
    for segments, provenance in (
        ([heading, said], {"sha256": None}),
        ([Segment("Chapter of [PERSON]", "utterance", flags=["not heard"]), said], {}),
        ([Segment("CHAPTER ONE", "utterance"), said], {}),
    ):
        document = recording(data, segments, provenance=provenance)
        folder = tmp_path / str(len(list(tmp_path.iterdir())))
        folder.mkdir()
        write_wav(folder / "hearing.wav", noise(6))
        rows, manifest = written(folder, [document])
        assert rows == [] and left_out(manifest)["redacted"] == 1


def test_a_document_that_lost_its_digest_needs_words(tmp_path: Path) -> None:
    data = write_wav(tmp_path / "hearing.wav", noise(9))
    lost = {"sha256": None}
    plain = recording(data, [utterance("no words known", 1, 3, words=False)], provenance=lost)
    rows, manifest = written(tmp_path, [plain])
    assert rows == [] and left_out(manifest) == {"redacted": 1}
    rows, _ = written(tmp_path, [plain], nothing_redacted=True)
    assert len(rows) == 1
    shown = recording(data, [utterance("my number is [PHONE]", 1, 3, words=False)])
    rows, manifest = written(tmp_path, [shown], nothing_redacted=True)
    assert rows == [] and left_out(manifest) == {"redacted": 1}


def test_redacted_speech_without_times_keeps_the_whole_recording_in() -> None:
    segments = [Segment("I am [PERSON]", "utterance"), utterance("what he said", 1, 3)]
    found = cuts(segments)
    assert found.clips == []
    assert found.left_out == {"redacted": 1, "beside redacted speech": 1}


@pytest.mark.parametrize("policy", ["redact", "mask", "pseudonymize"])
@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("anna@example.is", "EMAIL"), ("+354 555 1234", "PHONE"), ("192.0.2.17", "IP"),
        ("4111 1111 1111 1111", "PAYMENT_CARD"), ("user:secret", "URL_CREDENTIALS"),
        ("Anna", "PERSON"), ("2a00:1450:4009::7", "IP"),
    ],
)  # fmt: skip
def test_every_replacement_is_recognized(text: str, label: str, policy: str) -> None:
    said = f"It is {text}."
    assert not holds_surrogate(said)
    spans = [(6, 6 + len(text), label)]
    assert holds_surrogate(transforms.Redact(policy=policy).apply(said, spans))


# The dataset.


def test_datasets_sees_sound_and_splits(tmp_path: Path) -> None:
    import datasets

    data = write_wav(tmp_path / "hearing.wav", noise(9))
    names = ["Anna", "Bo", "Cleo", "Dag", "Eva", "Finn", "Gro", "Hal"]
    documents = [
        recording(data, [utterance("some words of mine", 1, 3, speaker=name)], id=f"{i:032x}")
        for i, name in enumerate(names)
    ]
    table = documents_to_table(documents)
    fit = transforms.SplitBySpeaker(test=0.4, validation=0.2, seed="b")
    table = fit.combine([fit.sketch([table])])(table)
    writer = writers.ClipWriter(str(tmp_path / "out"), recordings=str(tmp_path))
    manifest = writer.commit([writer.write(SHARD, [table])])
    expected: dict[str, list[str]] = {}
    for name, split in zip(names, table["split"].to_pylist(), strict=True):
        expected.setdefault(split, []).append(name)
    assert len(expected) == 3 and manifest.counts["rows"] == 8
    loaded = datasets.load_dataset(str(tmp_path / "out"), cache_dir=str(tmp_path / "cache"))
    assert {split: part["speaker"][:] for split, part in loaded.items()} == expected
    assert loaded["train"].features["audio"] == datasets.Audio(sampling_rate=RATE)
    row = loaded["test"].cast_column("audio", datasets.Audio(decode=False))[0]
    assert decoded(row["audio"]["bytes"]).shape == (1, round(row["duration_s"] * RATE))
    plain = datasets.load_dataset(
        "parquet", data_files=str(tmp_path / "out/data/test-*.parquet"),
        cache_dir=str(tmp_path / "cache2"),
    )  # fmt: skip
    assert plain["train"].features == loaded["test"].features


def test_writing_twice_gives_the_same_and_small_parts_are_one_file(tmp_path: Path) -> None:
    data = write_wav(tmp_path / "hearing.wav", noise(9))
    document = recording(data, [utterance("some words of mine", 1, 3)])
    writer = writers.ClipWriter(str(tmp_path / "out"), recordings=str(tmp_path))
    shards = [Shard(i, (FileSpan(f"part {i}"),)) for i in range(3)]
    table = documents_to_table([document])
    receipts = [writer.write(shard, [table]) for shard in shards]
    assert receipts == [writer.write(shard, [table]) for shard in shards]
    manifest = writer.commit(receipts)
    (entry,) = manifest.files
    assert entry.path == "data/train-00000-of-00001.parquet" and entry.rows == 3
    said = json.loads((tmp_path / "out" / "manifest.json").read_text())["counts"]
    assert said == {"documents": 3, "recordings": 3, "rows": 3, "utterances": 3,
                    "utterances in clips": 3}  # fmt: skip
    file = pq.ParquetFile(tmp_path / "out" / entry.path)
    assert b'"_type": "Audio"' in file.schema_arrow.metadata[b"huggingface"]
    column = file.metadata.row_group(0).column(1)
    assert (column.path_in_schema, column.compression) == ("audio.bytes", "UNCOMPRESSED")


def test_documents_without_sound_are_counted_and_make_no_clips(tmp_path: Path) -> None:
    documents = [Document("b" * 32, "court", "text", [Segment("A letter.")])]
    rows, manifest = written(tmp_path, documents)
    assert rows == [] and manifest.documents_out == 1
    assert manifest.counts == {"documents": 1, "rows": 0}


@pytest.mark.parametrize(
    "options",
    [
        {"min_seconds": -1}, {"max_seconds": 0.5}, {"max_seconds": 601}, {"min_confidence": 2},
        {"padding_seconds": float("nan")}, {"leave_out_flags": "loop"},
    ],
)  # fmt: skip
def test_impossible_options_are_refused(options: dict[str, Any]) -> None:
    with pytest.raises(InvalidParameter):
        writers.ClipWriter("out", **options)


@pytest.mark.parametrize("name", ["train-1", "", "a/b", "../x"])
def test_impossible_splits_are_refused(name: str) -> None:
    with pytest.raises(ConfigurationError, match="no name of a split"):
        writers.ClipWriter("out", split=name)


def test_a_run_ends_with_a_dataset_of_clips(tmp_path: Path) -> None:
    deposit = tmp_path / "deposit"
    deposit.mkdir()
    data = write_wav(deposit / "hearing.wav", noise(9))
    document = recording(data, [utterance("some words of mine", 1, 3, speaker="Anna")])

    pq.write_table(documents_to_table([document]), tmp_path / "transcripts.parquet")
    reader = dp.readers.ParquetReader(str(tmp_path / "transcripts.parquet"))
    pipeline = dp.Pipeline(
        reader,
        [transforms.SplitBySpeaker(test=0.0)],
        writers.ClipWriter(str(tmp_path / "out"), recordings=str(deposit)),
    )
    release = dp.run(pipeline)
    assert release.manifest.documents_out == 1
    assert release.dataset.num_rows == release.manifest.counts["rows"]


def test_a_recipe_finds_the_recordings_in_the_deposit(tmp_path: Path) -> None:
    recipe = "reader: ParquetReader\nwriter: {ClipWriter: {min_seconds: 0.5}}\n"
    pipeline = dp.Pipeline.from_yaml(recipe, deposit="tapes", out=str(tmp_path / "out"))
    expected = writers.ClipWriter(str(tmp_path / "out"), recordings="tapes", min_seconds=0.5)
    assert pipeline.writer == expected
    assert "tapes" not in pipeline.to_yaml(locations=False)


def test_splits_of_a_release_are_never_mixed(tmp_path: Path) -> None:
    data = write_wav(tmp_path / "hearing.wav", noise(9))
    names = ["Anna", "Bo", "Cleo", "Dag", "Eva", "Finn"]
    documents = [
        recording(data, [utterance("some words of mine", 1, 3, speaker=name)], id=f"{i:032x}")
        for i, name in enumerate(names)
    ]
    pq.write_table(documents_to_table(documents), tmp_path / "transcripts.parquet")
    pipeline = dp.Pipeline(
        dp.readers.ParquetReader(str(tmp_path / "transcripts.parquet")),
        [transforms.SplitBySpeaker(test=0.5)],
        writers.ClipWriter(str(tmp_path / "out"), recordings=str(tmp_path)),
    )
    found = dp.run(pipeline).dataset
    assert sorted(found) == ["test", "train"]
    assert sorted(found["train"]["speaker"][:] + found["test"]["speaker"][:]) == names


@pytest.mark.parametrize("packed", [False, True])
def test_a_deposit_behind_a_url(tmp_path: Path, packed: bool) -> None:
    import fsspec

    sound = noise(5)
    data = write_wav(tmp_path / "hearing.wav", sound)
    system = fsspec.filesystem("memory")
    root = f"/clips-{packed}"
    place = {"uri": "box/a.zip", "member": "x.wav"} if packed else {"uri": "box/x.wav"}
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("x.wav", data)
    system.pipe(f"{root}/{place['uri']}", content.getvalue() if packed else data)
    document = recording(data, [utterance("two words", 1, 3)], provenance=place)
    writer = writers.ClipWriter(
        str(tmp_path / "out"), recordings=f"memory:/{root}", padding_seconds=0.0
    )
    manifest = writer.commit([writer.write(SHARD, [documents_to_table([document])])])
    (row,) = pq.read_table(tmp_path / "out" / manifest.files[0].path).to_pylist()
    assert np.array_equal(decoded(row["audio"]["bytes"]), sound[:, RATE : 3 * RATE])


def test_workers_write_the_same_bytes(tmp_path: Path) -> None:
    deposit, transcripts = tmp_path / "deposit", tmp_path / "transcripts"
    deposit.mkdir()
    transcripts.mkdir()
    for i in range(4):
        data = write_wav(deposit / f"{i}.wav", noise(6, seed=i))
        document = recording(
            data, [utterance("some words of mine", 1, 3, speaker=f"Person {i}a")],
            id=f"{i:032x}", provenance={"uri": f"{i}.wav"},
        )  # fmt: skip
        pq.write_table(documents_to_table([document]), transcripts / f"{i}.parquet")
    found = []
    for workers in (1, 2):
        pipeline = dp.Pipeline(
            dp.readers.ParquetReader(str(transcripts), shard_bytes=1000),
            [transforms.SplitBySpeaker(test=0.5)],
            writers.ClipWriter(str(tmp_path / f"out{workers}"), recordings=str(deposit)),
        )
        found.append(dp.run(pipeline, workers=workers).manifest)
    assert found[0] == found[1]
    assert found[0].counts["rows"] == 4 and len(found[0].files) == 2


def test_a_run_stops_at_a_recording_that_changed(tmp_path: Path) -> None:
    data = write_wav(tmp_path / "hearing.wav", noise(6))
    document = recording(data, [utterance("two words", 1, 3)])
    pq.write_table(documents_to_table([document]), tmp_path / "transcripts.parquet")
    (tmp_path / "hearing.wav").write_bytes(data[:-2])
    pipeline = dp.Pipeline(
        dp.readers.ParquetReader(str(tmp_path / "transcripts.parquet")),
        (),
        writers.ClipWriter(str(tmp_path / "out"), recordings=str(tmp_path)),
    )
    with pytest.raises(DocumentError, match="put back the file that was read"):
        dp.run(pipeline)
    assert not (tmp_path / "out" / "manifest.json").exists()


@pytest.mark.slow
def test_clips_of_real_speech_say_what_their_text_says(
    real_data: Path, whisper_base: Path, tmp_path: Path
) -> None:
    """Transcribed, cut, and every clip transcribed once more by itself."""
    whisper = pytest.importorskip("faster_whisper")
    recognizer = whisper.WhisperModel(str(whisper_base), compute_type="int8", cpu_threads=1)
    folder, documents = real_data / "audio", []
    for i, name in enumerate(("lhotse_2412-153948-0000.flac", "jfk.flac", "ss_0880.wav")):
        heard = recognizer.transcribe(str(folder / name), language="en")[0]
        segments = [utterance(s.text.strip(), s.start, s.end, language="en") for s in heard]
        document = recording(
            (folder / name).read_bytes(), segments, id=f"{i:032x}", provenance={"uri": name}
        )
        documents.append(document)
    writer = writers.ClipWriter(str(tmp_path / "out"), recordings=str(folder))
    manifest = writer.commit([writer.write(SHARD, [documents_to_table(documents)])])
    rows = pq.read_table(tmp_path / "out" / manifest.files[0].path).to_pylist()
    assert len(rows) >= 3 and left_out(manifest) == {}
    for row in rows:
        sound = decoded(row["audio"]["bytes"])[0].astype(np.float32) / 32768
        again = " ".join(s.text for s in recognizer.transcribe(sound, language="en")[0])
        one, other = (re.findall(r"\w+", text.lower()) for text in (row["text"], again))
        assert difflib.SequenceMatcher(None, one, other).ratio() > 0.85, (row["text"], again)

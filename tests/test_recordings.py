"""Recordings: decoding, times, channels, what is damaged, and who reads what."""

from __future__ import annotations

import io
import json
import struct
import time
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

av = pytest.importorskip("av")

from datapartnerships import _apart  # noqa: E402
from datapartnerships._backends import av as backend  # noqa: E402
from datapartnerships._process import emit  # noqa: E402
from datapartnerships.errors import DocumentError, InvalidParameter  # noqa: E402
from datapartnerships.readers import (  # noqa: E402
    AudioReader,
    FolderReader,
    Ocr,
    VideoReader,
)
from datapartnerships.readers._source import from_bytes  # noqa: E402
from datapartnerships.readers.sniff import media_type  # noqa: E402

HZ = 48_000


def tone(seconds: float, hertz: float = 440.0, rate: int = HZ) -> np.ndarray:
    return (0.3 * np.sin(2 * np.pi * hertz * np.arange(int(seconds * rate)) / rate)).astype("f4")


def speech_like(seconds: float, seed: int, rate: int = HZ) -> np.ndarray:
    """Noise in syllables: loud for a while, then nothing, never twice at the same time."""
    made = np.random.default_rng(seed)
    loud = np.repeat(made.random(int(seconds * 4) + 1) < 0.5, rate // 4)[: int(seconds * rate)]
    return (made.standard_normal(len(loud)) * 0.1 * loud).astype("f4")


def encoded(
    container: str,
    codec: str,
    sound: np.ndarray,
    *,
    rate: int = HZ,
    layout: str = "mono",
    form: str = "",
    starts: float = 0.0,
    skip: tuple[float, float] | None = None,
    video: bool = False,
    tags: dict[str, str] | None = None,
    sounds: int = 1,
    options: dict[str, str] | None = None,
    chapters: list[Any] | None = None,
) -> bytes:
    """A recording of `sound` (channels x samples); without the part `skip`, times kept."""
    sound = np.atleast_2d(sound)
    sink = io.BytesIO()
    with av.open(sink, "w", container, options=options or {}) as out:
        out.metadata.update(tags or {})
        out.set_chapters(chapters or [])
        streams = []
        for _ in range(sounds):
            stream = out.add_stream(codec, rate=rate)
            stream.layout = layout
            if codec == "wmav2":
                stream.bit_rate = 128_000
            if form:
                stream.format = form
            streams.append(stream)
        if video:
            name = {"webm": "libvpx", "flv": "flv"}.get(container, "mpeg4")
            pictures = out.add_stream(name, rate=5)
            pictures.width, pictures.height, pictures.pix_fmt = 64, 48, "yuv420p"
            pictures.gop_size = 5
            for number in range(int(sound.shape[1] / rate * 5)):
                shade = np.full((48, 64, 3), 40 + 60 * (number // 10 % 3), np.uint8)
                frame = av.VideoFrame.from_ndarray(shade, "rgb24")
                frame.pts, frame.time_base = number, Fraction(1, 5)
                out.mux(pictures.encode(frame))
            out.mux(pictures.encode(None))
        for stream in streams:
            size = stream.codec_context.frame_size or 1024
            size = size if size > 1 else 1024
            fit = av.AudioResampler(stream.format.name, layout, rate)
            for at in range(0, sound.shape[1], size):
                if skip and skip[0] <= at / rate < skip[1]:
                    continue
                part = np.ascontiguousarray(sound[:, at : at + size].T).reshape(1, -1)
                frame = av.AudioFrame.from_ndarray(part, "flt", layout)
                frame.sample_rate = rate
                for fitted in fit.resample(frame):
                    fitted.pts, fitted.time_base = at + int(starts * rate), Fraction(1, rate)
                    out.mux(stream.encode(fitted))
            out.mux(stream.encode(None))
    return sink.getvalue()


def heard(data: bytes, **options: Any) -> tuple[np.ndarray, Any]:
    with backend.Recording(io.BytesIO(data), **options) as recording:
        blocks = list(recording.blocks())
        assert all(block.dtype == np.float32 for block in blocks)
        return np.concatenate(blocks, axis=1), recording


def rows(reader: Any) -> list[dict[str, Any]]:
    found = [row for shard in reader.shards() for t in reader.read(shard) for row in t.to_pylist()]
    for row in found:
        row["metadata"] = {item["key"]: item["value"] for item in row["metadata"]}
    return found


def folder(path: Path) -> FolderReader:
    """What is here is not about recognition: for that, and its model, see test_speech.py."""
    return FolderReader(path, readers=(AudioReader(asr=None), VideoReader(asr=None)))


# Container, encoder, rate, what sniffing is to find.
SOUND = [
    ("wav", "pcm_s16le", HZ, "audio/wav"),
    ("wav", "pcm_f32le", HZ, "audio/wav"),
    ("wav", "pcm_mulaw", 8000, "audio/wav"),
    ("wav", "pcm_alaw", 8000, "audio/wav"),
    ("wav", "pcm_u8", 8000, "audio/wav"),
    ("wav", "pcm_s24le", 192_000, "audio/wav"),
    ("w64", "pcm_s16le", HZ, "audio/x-w64"),
    ("au", "pcm_s16be", HZ, "audio/basic"),
    ("aiff", "pcm_s16be", HZ, "audio/aiff"),
    ("caf", "pcm_s16le", HZ, "audio/x-caf"),
    ("flac", "flac", HZ, "audio/flac"),
    ("mp3", "libmp3lame", HZ, "audio/mpeg"),
    ("mp3", "libmp3lame", 22_050, "audio/mpeg"),
    ("adts", "aac", HZ, "audio/aac"),
    ("ipod", "aac", HZ, "audio/mp4"),
    ("ipod", "alac", HZ, "audio/mp4"),
    ("mp4", "aac", HZ, "audio/mp4"),
    ("mov", "aac", HZ, "audio/quicktime"),
    ("3gp", "aac", HZ, "audio/3gpp"),
    ("ogg", "libopus", HZ, "audio/ogg"),
    ("ogg", "flac", HZ, "audio/ogg"),
    ("webm", "libopus", HZ, "audio/webm"),
    ("matroska", "aac", HZ, "audio/matroska"),
    ("asf", "wmav2", HZ, "audio/x-ms-wma"),
    ("amr", "libopencore_amrnb", 8000, "audio/AMR"),
    ("wv", "wavpack", HZ, "audio/x-wavpack"),
    ("tta", "tta", HZ, "audio/x-tta"),
]
VIDEO = [
    ("mp4", "aac", "video/mp4"),
    ("mov", "aac", "video/quicktime"),
    ("matroska", "aac", "video/matroska"),
    ("webm", "libopus", "video/webm"),
    ("avi", "libmp3lame", "video/vnd.avi"),
    ("mpegts", "aac", "video/mp2t"),
    ("asf", "wmav2", "video/x-ms-wmv"),
    ("flv", "aac", "video/x-flv"),
]


@pytest.mark.parametrize(("container", "codec", "rate", "kind"), SOUND)
def test_sound_of_every_format_comes_out_as_it_went_in(
    container: str, codec: str, rate: int, kind: str
) -> None:
    data = encoded(container, codec, tone(2.5, rate=rate), rate=rate)
    found, recording = heard(data)
    assert found.shape[0] == 1
    assert found.shape[1] / 16_000 == pytest.approx(2.5, abs=0.12)
    middle = found[0, 8000:24_000]
    assert np.abs(np.fft.rfft(middle)).argmax() == pytest.approx(440, abs=1)
    assert np.sqrt(np.mean(middle**2)) == pytest.approx(0.3 / 2**0.5, rel=0.2)
    assert recording.losses.damaged_packets == 0 and recording.losses.gaps_s == 0
    assert media_type(from_bytes("d", "a", data)) == kind
    assert kind in AudioReader.media_types


@pytest.mark.parametrize(("container", "codec", "kind"), VIDEO)
def test_sound_of_videos(container: str, codec: str, kind: str) -> None:
    data = encoded(container, codec, tone(3.0), video=True)
    found, recording = heard(data)
    assert found.shape[1] / 16_000 == pytest.approx(3.0, abs=0.15)
    assert np.abs(np.fft.rfft(found[0, 16_000:32_000])).argmax() == pytest.approx(440, abs=1)
    assert recording.facts.video.width == 64 and recording.losses.cut_off_s == 0
    assert media_type(from_bytes("d", "a", data)) == kind
    assert kind in VideoReader.media_types


def test_times_are_those_of_the_recording() -> None:
    """Missing sound does not shift what is behind it; sound that begins late, begins late."""
    sound = np.concatenate([tone(2), tone(1, 880), tone(2)])
    for container, codec in (("matroska", "aac"), ("mp4", "aac"), ("matroska", "flac")):
        found, recording = heard(encoded(container, codec, sound, skip=(1.0, 2.0)))
        assert recording.losses.gaps_s == pytest.approx(1.0, abs=0.08)
        assert found.shape[1] / 16_000 == pytest.approx(5.0, abs=0.1)
        assert np.abs(found[0, 17_600:30_400]).max() < 0.05
        high = np.abs(np.fft.rfft(found[0, 32_800:47_200], 16_000))
        assert high.argmax() == pytest.approx(880, abs=2)
    late, recording = heard(encoded("matroska", "aac", tone(2), starts=1.5, video=True))
    assert np.abs(late[0, :23_000]).max() < 0.01 < np.abs(late[0, 25_000:27_000]).max()
    assert recording.losses.gaps_s == 0


def test_blocks_are_cut_alike_and_long_sound_is_held_in_pieces() -> None:
    data = encoded("flac", "flac", np.concatenate([tone(40), speech_like(35, 3)]), rate=HZ)
    with backend.Recording(io.BytesIO(data)) as recording:
        sizes = [block.shape for block in recording.blocks()]
    assert sizes == [(1, 480_000), (1, 480_000), (1, 240_000)]


def test_two_parties_are_kept_apart_and_one_room_is_not() -> None:
    first, second = speech_like(20, 1), speech_like(20, 2)
    cases = {
        "parties": (np.stack([first, second]), 2),
        "one signal": (np.stack([first, first]), 1),
        "one room": (np.stack([first + 0.5 * second, 0.6 * first + second]), 1),
        "silence": (np.zeros((2, HZ * 5), "f4"), 1),
    }
    for name, (sound, channels) in cases.items():
        data = encoded("flac", "flac", sound, layout="stereo")
        found, recording = heard(data)
        assert (found.shape[0], recording.channels) == (channels, channels), name
        assert heard(data, channels="apart")[0].shape[0] == 2
        assert heard(data, channels="mix")[0].shape[0] == 1
    parties = heard(encoded("flac", "flac", cases["parties"][0], layout="stereo"))[0]
    left = heard(encoded("flac", "flac", first))[0]
    assert np.abs(parties[0] - left[0]).max() < 1e-3
    upside_down = encoded("flac", "flac", np.stack([first, -first]), layout="stereo")
    assert np.abs(heard(upside_down)[0]).max() > 0.2


def test_parties_of_a_long_recording_are_found_by_listening_here_and_there() -> None:
    sound = np.zeros((2, 8000 * 200), "f4")
    sound[0], sound[1] = speech_like(200, 4, 8000), speech_like(200, 5, 8000)
    for container, codec in (("flac", "flac"), ("mp3", "libmp3lame"), ("ogg", "libopus")):
        data = encoded(container, codec, sound, rate=8000, layout="stereo")
        assert heard(data)[1].channels == 2, container


@pytest.mark.parametrize(("layout", "count"), [("5.1", 6), ("7.1", 8)])
def test_more_than_two_channels_are_mixed(layout: str, count: int) -> None:
    sound = np.zeros((count, HZ), "f4")
    sound[2] = tone(1)  # the center, where people speak
    found, recording = heard(encoded("flac", "flac", sound, layout=layout))
    assert found.shape[0] == 1 and recording.facts.channels == count
    assert np.abs(found).max() == pytest.approx(0.15, abs=0.01)


def wave(data: bytes, bits: int, channels: int, rate: int, code: int = 1, size: int = -1) -> bytes:
    """A WAV file by hand: header as told, whatever the data are."""
    step = bits // 8 * channels
    head = struct.pack("<HHIIHH", code, channels, rate, rate * step, step, bits)
    size = len(data) if size < 0 else size
    body = b"WAVEfmt " + struct.pack("<I", len(head)) + head + b"data" + struct.pack("<I", size)
    return b"RIFF" + struct.pack("<I", min(len(body) + size, 0xFFFFFFFF)) + body + data


def test_channels_without_names_and_numbers_that_are_none() -> None:
    eight = np.repeat(tone(1, rate=96_000)[:, None], 8, axis=1)
    ints = (eight * (1 << 23)).astype("<i4")
    packed = ints.view(np.uint8).reshape(-1, 4)[:, :3].tobytes()
    found, recording = heard(wave(packed, 24, 8, 96_000))
    assert recording.facts.channels == 8
    assert np.abs(found).max() == pytest.approx(0.3, abs=0.01)
    odd = tone(1, rate=16_000)
    odd[100], odd[200], odd[300], odd[400] = np.nan, np.inf, -np.inf, 3e38
    found, _ = heard(wave(odd.tobytes(), 32, 1, 16_000, code=3))
    assert np.isfinite(found).all() and np.abs(found).max() == 1.0
    assert np.abs(found[0, 8000:] - odd[8000:]).max() < 1e-3


def test_a_header_that_promises_too_much(tmp_path: Path) -> None:
    short = (tone(2, rate=8000) * 32767).astype("<i2").tobytes()
    (tmp_path / "a.wav").write_bytes(wave(short, 16, 1, 8000, size=8000 * 2 * 3600 * 30))
    [row] = rows(AudioReader(tmp_path, asr=None))
    assert row["drop_reason"] is None
    assert row["metadata"]["duration_s"] == "2"
    # FFmpeg itself takes the size of the file where the header promises more.
    assert float(row["metadata"].get("cut_off_s", 107_998)) == 107_998


def test_damaged_inside_and_cut_off() -> None:
    whole = encoded("matroska", "flac", tone(20))
    found, recording = heard(whole[: len(whole) // 2])
    assert 5 < found.shape[1] / 16_000 < 15
    assert recording.losses.cut_off_s == pytest.approx(20 - found.shape[1] / 16_000, abs=0.1)
    broken = bytearray(encoded("mp4", "aac", speech_like(20, 6)))
    at = len(broken) // 3
    broken[at : at + len(broken) // 10] = b"\x5a" * (len(broken) // 10)
    found, recording = heard(bytes(broken))
    assert found.shape[1] / 16_000 == pytest.approx(20, abs=0.2)
    assert recording.losses.damaged_packets or recording.losses.gaps_s


def patched(data: bytes, old: bytes, new: bytes) -> bytes:
    assert old in data
    return data.replace(old, new)


def test_what_cannot_be_read_says_why(tmp_path: Path) -> None:
    m4a = encoded("ipod", "aac", tone(1))
    moov = m4a.index(b"moov") - 4
    key = {"encryption_key": "76" * 16, "encryption_kid": "a7" * 16}
    locked = encoded("mp4", "aac", tone(1), options={"encryption_scheme": "cenc-aes-ctr", **key})
    wma = encoded("asf", "wmav2", tone(1))
    drm = bytes.fromhex("fbb3112223bdd211b4b700a0c955fc6e")
    cases: dict[str, tuple[bytes, str]] = {
        "locked.mp4": (locked, "encrypted (the sound is protected"),
        "locked.wma": (wma[:600] + drm + wma[600:], "encrypted (the sound is protected by"),
        "protected.m4a": (
            patched(m4a, b"mp4a\0\0\0\0\0\0\0\1", b"drms\0\0\0\0\0\0\0\1"),
            "encrypted (the",
        ),
        "cut.m4a": (m4a[:moov], "damaged recording (its index (moov) is missing"),
        "text.wav": (b"RIFF\0\0\0\0WAVE and then nothing of the kind", "damaged recording"),
        "head.flac": (b"fLaC", "damaged recording"),
        "none.wav": (wave(b"", 16, 1, 8000), "no sound (a stream of pcm_s16le"),
        "garbage.mp3": (b"ID3\x03" + bytes(range(256)) * 40, "damaged recording"),
    }
    for name, (data, _) in cases.items():
        (tmp_path / name).write_bytes(data)
    found = {row["provenance"]["uri"]: row["drop_reason"] for row in rows(folder(tmp_path))}
    for name, (_, reason) in cases.items():
        assert found[name].startswith(f"AudioReader: {reason}"), found[name]


def test_silence_for_days_is_refused_or_read_in_bounded_time(tmp_path: Path) -> None:
    silent = encoded("flac", "flac", np.zeros(8000 * 600, "f4"), rate=8000)
    assert len(silent) < 200_000
    (tmp_path / "a.flac").write_bytes(silent)
    [row] = rows(AudioReader(tmp_path, asr=None, max_hours=0.1))
    assert row["drop_reason"].startswith("AudioReader: recording is too long (more than 0.1 hours")
    [row] = rows(AudioReader(tmp_path, asr=None))
    assert row["drop_reason"] is None and row["metadata"]["silent"] == "1"


def test_metadata_and_tags(tmp_path: Path) -> None:
    tags = {"title": "Fundur í þorpinu", "artist": "Útvarpið", "date": "1987-03-02"}
    loud = np.clip(tone(4) * 10, -1, 1)
    (tmp_path / "a.flac").write_bytes(encoded("flac", "flac", loud, tags=tags))
    (tmp_path / "b.mkv").write_bytes(encoded("matroska", "aac", tone(2), sounds=2, video=True))
    audio, video = rows(folder(tmp_path))
    assert (audio["kind"], video["kind"]) == ("audio", "video")
    assert {key: audio["metadata"][key] for key in tags} == tags
    assert audio["metadata"]["codec"] == "flac" and audio["metadata"]["sample_rate"] == "48000"
    assert float(audio["metadata"]["clipped"]) > 0.5
    assert audio["provenance"]["size"] == (tmp_path / "a.flac").stat().st_size
    assert video["metadata"]["other_sound"] == "aac"
    assert (video["metadata"]["width"], video["metadata"]["frame_rate"]) == ("64", "5")


def test_chapters(tmp_path: Path) -> None:
    step = Fraction(1, 1000)
    told = [
        {"id": 1, "start": 0, "end": 1500, "time_base": step, "metadata": {"title": "Opnun"}},
        {"id": 2, "start": 1500, "end": 3000, "time_base": step, "metadata": {"title": "Vitnið"}},
    ]
    (tmp_path / "a.mka").write_bytes(encoded("matroska", "aac", tone(3), chapters=told))
    (tmp_path / "b.mp3").write_bytes(encoded("mp3", "libmp3lame", tone(3), chapters=told))
    for row in rows(AudioReader(tmp_path, asr=None)):
        assert json.loads(row["metadata"]["chapters"]) == [[0, 1.5, "Opnun"], [1.5, 3, "Vitnið"]]


def test_two_broadcasts_one_behind_the_other() -> None:
    """Time stamps begin anew with the second: its sound is kept, and comes after the first."""
    one = encoded("mpegts", "aac", tone(2), video=True)
    found, recording = heard(one + encoded("mpegts", "aac", tone(2, 880), video=True))
    assert found.shape[1] / 16_000 == pytest.approx(4, abs=0.3)
    assert recording.losses.gaps_s < 0.3
    assert np.abs(np.fft.rfft(found[0, 40_000:56_000])).argmax() == pytest.approx(880, abs=2)


def test_what_is_written_on_a_frame(tmp_path: Path) -> None:
    pytest.importorskip("rapidocr")
    from PIL import Image, ImageDraw, ImageFont

    image = Image.new("RGB", (640, 360), "white")
    ImageDraw.Draw(image).text((60, 140), "HARBOR COUNCIL", "black", ImageFont.load_default(56))
    with av.open(str(tmp_path / "a.mp4"), "w") as out:
        pictures = out.add_stream("mpeg4", rate=5)
        pictures.width, pictures.height, pictures.pix_fmt = 640, 360, "yuv420p"
        pictures.bit_rate = 2_000_000
        for _ in range(5):
            out.mux(pictures.encode(av.VideoFrame.from_image(image)))
        out.mux(pictures.encode(None))
    [row] = rows(VideoReader(tmp_path, asr=None, frames=1, ocr=Ocr()))
    [frame] = row["segments"]
    assert frame["text"] == "HARBOR COUNCIL" and frame["start_s"] == 0.0
    assert frame["confidence"] > 0.8 and frame["origin"].endswith("a frame of a video")


def test_a_recording_in_an_archive(tmp_path: Path) -> None:
    import zipfile

    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("tape.ogg", encoded("ogg", "libopus", tone(2)))
    [row] = rows(folder(tmp_path))
    assert row["drop_reason"] is None and row["provenance"]["reader"] == "AudioReader"
    assert float(row["metadata"]["duration_s"]) == pytest.approx(2, abs=0.05)


def test_frames_with_their_time(tmp_path: Path) -> None:
    (tmp_path / "a.mp4").write_bytes(encoded("mp4", "aac", tone(8), video=True))
    [row] = rows(VideoReader(tmp_path, asr=None))
    assert [s["kind"] for s in row["segments"]] == ["sound"]
    [row] = rows(VideoReader(tmp_path, asr=None, frames=0.5))
    # The shade changes every other second; a key frame every second is not a new picture.
    assert [(s["kind"], s["start_s"]) for s in row["segments"] if s["kind"] != "sound"] == [
        ("frame", 0.0), ("frame", 2.0), ("frame", 4.0), ("frame", 6.0),
    ]  # fmt: skip
    [row] = rows(VideoReader(tmp_path, asr=None, frames=5.0))
    assert [s["start_s"] for s in row["segments"] if s["kind"] == "frame"] == [0.0, 5.0]


def test_a_video_without_sound(tmp_path: Path) -> None:
    (tmp_path / "a.mp4").write_bytes(encoded("mp4", "aac", tone(2), sounds=0, video=True))
    [row] = rows(folder(tmp_path))
    assert row["drop_reason"].startswith("VideoReader: no sound (mpeg4 pictures")
    [row] = rows(VideoReader(tmp_path, asr=None, frames=1))
    assert row["drop_reason"] is None and len(row["segments"]) == 1


@pytest.mark.parametrize("field", [{"channels": "left"}, {"max_hours": 0}])
def test_wrong_parameters(field: dict[str, Any]) -> None:
    with pytest.raises(InvalidParameter):
        AudioReader(**field)


def test_wrong_parameters_of_videos() -> None:
    with pytest.raises(InvalidParameter, match="frames"):
        VideoReader(frames=-1)
    with pytest.raises(InvalidParameter, match="ocr"):
        VideoReader(ocr="en")  # type: ignore[arg-type]
    assert VideoReader(ocr=Ocr()).ocr == Ocr()


def test_flac_of_a_clip_is_the_same_every_time_and_says_nothing() -> None:
    sound = tone(1.0, rate=16_000)
    data = backend.encode_flac(sound)
    assert data == backend.encode_flac(sound) and data[:4] == b"fLaC"
    found, recording = heard(data)
    assert np.abs(found[0] - sound).max() < 1 / 32_000
    assert recording.facts.tags == {} and recording.facts.sample_rate == 16_000


# Damage --------------------------------------------------------------------------------------

FUZZED = [*((c, k, r) for c, k, r, _ in SOUND if r != 192_000), *((c, k, HZ) for c, k, _ in VIDEO)]


@pytest.mark.parametrize(("container", "codec", "rate"), FUZZED)
def test_damage_is_an_answer_or_a_reason(container: str, codec: str, rate: int) -> None:
    is_video = (container, codec) in {(c, k) for c, k, _ in VIDEO} and rate == HZ
    data = encoded(container, codec, tone(1.5, rate=rate), rate=rate, video=is_video)
    made = np.random.default_rng(len(data))
    for turn in range(12):
        broken = bytearray(data)
        if turn % 3 == 0:
            del broken[int(made.integers(1, len(data))) :]
        else:
            # In the header more often than the sound has it.
            far = len(data) if turn % 2 else min(len(data), 400)
            for at in made.integers(0, far, 1 + turn):
                broken[at] ^= 1 << int(made.integers(8))

        assert "/" in media_type(from_bytes("d", "a", bytes(broken)))

        def listen(damaged: bytes) -> int:
            with backend.Recording(io.BytesIO(damaged), max_seconds=600) as recording:
                return sum(b.shape[1] for b in recording.blocks()) if recording.facts.codec else 0

        try:
            # Apart: a crash in native code is to be a reason too.
            size = _apart.stream(listen, bytes(broken), on_event=print, max_seconds=30.0)
        except DocumentError as error:
            assert error.reason in {
                "damaged recording", "recording is too long", "no decoder for the sound",
            }, error  # fmt: skip
        else:
            assert size <= 600 * 16_000


# The stream from the process apart -----------------------------------------------------------


def _count(most: int, rest: float) -> int:
    for number in range(most):
        emit(number)
        time.sleep(rest)
    return most


def _listened(most: int, rest: float, on_event: Callable[[Any], None], seconds: float) -> Any:
    return _apart.stream(_count, most, rest, on_event=on_event, max_seconds=seconds)


def test_events_come_one_by_one_and_a_busy_caller_is_no_hang(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    seen: list[tuple[int, float]] = []

    def busy(number: int) -> None:
        seen.append((number, time.monotonic()))
        if number == 0:
            time.sleep(4.0)  # longer than the limit

    assert _listened(3, 0.2, busy, 3.0) == 3
    assert [number for number, _ in seen] == [0, 1, 2]
    with pytest.raises(DocumentError, match="parser took too long"):
        _listened(1, 5.0, seen.append, 0.5)


def test_a_child_that_waits_for_a_busy_caller_is_not_ended_by_its_own_alarm() -> None:
    """Its pipe is full, so it waits in `emit`: past the limit and the grace behind it."""
    seen = []

    def busy(data: bytes) -> None:
        seen.append(len(data))
        if len(seen) == 1:
            time.sleep(6.5)

    def flood() -> None:
        for _ in range(4):
            emit(b"x" * (1 << 20))

    _apart.stream(flood, on_event=busy, max_seconds=1.0)
    assert seen == [1 << 20] * 4


def test_what_the_caller_raises_ends_the_stream() -> None:
    def refuse(_: int) -> None:
        raise DocumentError("enough")

    with pytest.raises(DocumentError, match="enough"):
        _listened(1000, 0.01, refuse, 5.0)
    assert _listened(2, 0.0, lambda _: None, 5.0) == 2


# Real files ----------------------------------------------------------------------------------


def test_real_recordings(real_data: Path) -> None:
    found = {row["provenance"]["uri"]: row for row in rows(folder(real_data / "audio"))}
    hearing = found["court_oral_argument_1.mp3"]["metadata"]
    assert hearing["duration_s"] == "60.047" and hearing["channels_heard"] == "1"
    assert found["big_buck_bunny_small.mp4"]["metadata"]["layout"] == "5.1"
    sources = {"jfk.flac": "audio", "jfk_video.mp4": "video", "jfk_video.webm": "video"}
    for name, kind in sources.items():
        assert found[name]["kind"] == kind and found[name]["drop_reason"] is None
        assert float(found[name]["metadata"]["duration_s"]) == pytest.approx(11.0, abs=0.01)
        assert float(found[name]["metadata"]["rms"]) == pytest.approx(0.142, abs=0.001)


def test_a_model_that_is_not_there_is_not_looked_for_on_the_hub(tmp_path: Path) -> None:
    from datapartnerships._backends._model import located

    (tmp_path / "base").mkdir()
    assert located(str(tmp_path / "base")) == str(tmp_path / "base")
    assert located("large-v3") == "large-v3" and located("owner/name") == "owner/name"
    for path in (str(tmp_path / "bsae"), "./bsae", "models/whisper/bsae"):
        with pytest.raises(FileNotFoundError, match=r"there is no folder .*bsae"):
            located(path)


def test_a_recording_read_alone_says_what_it_is(tmp_path: Path) -> None:
    import wave

    with wave.open(str(tmp_path / "tone.wav"), "wb") as file:
        file.setparams((1, 2, HZ, 0, "NONE", ""))
        file.writeframes((tone(2.0) * 32767).astype("<i2").tobytes())
    reader = AudioReader(str(tmp_path), asr=None)
    (row,) = (row for table in reader.read(reader.shards()[0]) for row in table.to_pylist())
    assert row["provenance"]["media_type"] == "audio/wav" and row["drop_reason"] is None


@pytest.mark.parametrize("languages", [["isl"], ["Icelandic"], "is", ["IS"], [1]])
def test_languages_are_codes_of_two_letters(languages: Any) -> None:
    from datapartnerships.readers import Asr

    with pytest.raises(InvalidParameter, match="ISO 639-1"):
        Asr(languages=languages)
    assert Asr(languages=("is", "haw")).languages == ("is", "haw")

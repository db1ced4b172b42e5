"""Recordings made here, with a word in every place where something can hide."""

from __future__ import annotations

import io
import struct
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np
from hiding_places import Words, picture, xmp


def _samples(seconds: float = 1.0) -> np.ndarray[Any, Any]:
    t = np.arange(int(16_000 * seconds)) / 16_000
    return (9000 * np.sin(t * 2000) * np.sin(t * 7)).astype(np.int16)


def wav(words: Words) -> bytes:
    def chunk(name: bytes, body: bytes) -> bytes:
        return name + struct.pack("<I", len(body)) + body + bytes(len(body) & 1)

    info = b"INFO" + chunk(b"IART", words.raw() + b"\0")
    body = b"WAVE" + chunk(b"fmt ", struct.pack("<HHIIHH", 1, 1, 16_000, 32_000, 2, 16))
    body += chunk(b"LIST", info) + chunk(b"bext", words.raw().ljust(602, b"\0"))
    body += chunk(b"data", _samples().tobytes()) + chunk(
        b"id3 ", b"ID3\3\0\0\0\0\0\0" + words.raw()
    )
    body += chunk(b"iXML", words.raw()) + chunk(b"_PMX", xmp(words))
    return b"RIFF" + struct.pack("<I", len(body)) + body + words.raw()


def recording(
    words: Words,
    kind: str,
    codec: str,
    *,
    video: str = "",
    rate: int = 16_000,
    chapters: bool = True,
    attachment: bool = False,
) -> bytes:
    """What FFmpeg's libraries write, with tags, chapters and an attachment."""
    import av

    out = io.BytesIO()
    with av.open(out, "w", kind, options={"movflags": "use_metadata_tags"}) as target:
        names = ("title", "artist", "comment", "location", "com.apple.quicktime.author")
        for name in names if kind != "ogg" else ():
            target.metadata[name] = words()
        if chapters:
            base = Fraction(1, 1000)
            target.set_chapters([
                {"id": 1, "start": 0, "end": 500, "time_base": base,
                 "metadata": {"title": words()}},
            ])  # fmt: skip
        sound: Any = target.add_stream(codec, rate=rate)
        sound.layout = "mono"
        if kind not in ("flac", "mp3"):
            boxes = kind in ("mp4", "ipod")
            sound.metadata["handler_name" if boxes else "title"] = words()
        pictures: Any = None
        if video:
            pictures = target.add_stream(video, rate=10)
            pictures.width, pictures.height, pictures.pix_fmt = 64, 48, "yuv420p"
        if attachment:
            target.add_attachment(words(), "text/plain", words.raw())
        target.start_encoding()
        if pictures is not None:
            for number in range(10):
                frame = av.VideoFrame.from_image(picture(size=(64, 48)).rotate(number * 9))
                target.mux(pictures.encode(frame))
            target.mux(pictures.encode(None))
        resampler = av.AudioResampler(format=sound.format, layout="mono", rate=rate)
        frame = av.AudioFrame.from_ndarray(_samples().reshape(1, -1), "s16", "mono")
        frame.sample_rate, frame.pts = 16_000, 0
        fifo = av.AudioFifo()
        for part in [*resampler.resample(frame), *resampler.resample(None)]:
            part.pts = None
            fifo.write(part)
        size = sound.codec_context.frame_size or 4096
        at = 0
        while fifo.samples:
            part = fifo.read(min(size, fifo.samples))
            part.pts, part.time_base = at, Fraction(1, rate)
            at += part.samples
            target.mux(sound.encode(part))
        target.mux(sound.encode(None))
    return out.getvalue()


def flac(words: Words) -> bytes:
    data = recording(words, "flac", "flac", chapters=False)

    def block(kind: int, body: bytes) -> bytes:
        return bytes([kind]) + len(body).to_bytes(3, "big") + body

    inner = io.BytesIO()
    picture().save(inner, "JPEG", comment=words.raw())
    cover = struct.pack(">II", 3, 10) + b"image/jpeg" + struct.pack(">I", 9) + words.raw()
    cover += struct.pack(">5I", 48, 32, 24, 0, len(inner.getvalue())) + inner.getvalue()
    more = block(2, b"priv" + words.raw()) + block(6, cover) + block(1, words.raw().ljust(64))
    tag = b"TAG" + words.raw().ljust(125, b"\0")
    id3 = b"ID3\3\0\0\0\0\0\x09" + words.raw()
    return id3 + data[:42] + more + data[42:] + words.raw() + tag


def mp3(words: Words) -> bytes:
    data = recording(words, "mp3", "mp3", chapters=False)
    start = 10 + sum((data[6 + n] & 0x7F) << 7 * (3 - n) for n in range(4))
    at = max(data.find(b"Info", start), data.find(b"Xing", start)) + 4
    flags = struct.unpack_from(">I", data, at)[0]
    at += 4 + 4 * (flags & 1) + 4 * (flags >> 1 & 1) + 100 * (flags >> 2 & 1) + 4 * (flags >> 3 & 1)
    data = data[: at + 4] + words.raw()[:5] + data[at + 9 :]
    words.planted.pop()
    inner = io.BytesIO()
    picture().save(inner, "JPEG", comment=words.raw())
    body = b"\0image/jpeg\0\x03\0" + inner.getvalue()
    apic = b"APIC" + struct.pack(">IH", len(body), 0) + body
    size = bytes(len(apic) >> 7 * (3 - n) & 0x7F for n in range(4))
    ape = b"APETAGEX" + struct.pack("<4I", 2000, 50, 1, 0) + bytes(8) + words.raw()
    lyrics = b"LYRICSBEGIN" + words.raw() + b"LYRICS200"
    return (
        b"ID3\3\0\0" + size + apic + data + ape + lyrics
        + b"TAG" + words.raw().ljust(125, b"\0")
    )  # fmt: skip


def _with_boxes(data: bytes, words: Words) -> bytes:
    """Behind the last box: one of a program, one that is free."""
    return (
        data
        + struct.pack(">I4s16s", 33, b"uuid", b"0123456789abcdef") + words.raw()
        + struct.pack(">I4s", 17, b"free") + words.raw()
    )  # fmt: skip


def m4a(words: Words) -> bytes:
    return _with_boxes(recording(words, "ipod", "aac"), words)


def mp4(words: Words) -> bytes:
    return _with_boxes(recording(words, "mp4", "aac", video="libx264"), words)


def ogg(words: Words) -> bytes:
    return recording(words, "ogg", "libopus", rate=48_000)


def mkv(words: Words) -> bytes:
    return recording(words, "matroska", "flac", video="libx264", attachment=True)


def webm(words: Words) -> bytes:
    return recording(words, "webm", "libopus", video="libvpx-vp9", rate=48_000)


RECORDINGS: dict[str, Callable[[Words], bytes]] = {
    "audio/wav": wav,
    "audio/flac": flac,
    "audio/mpeg": mp3,
    "audio/mp4": m4a,
    "audio/ogg": ogg,
    "video/mp4": mp4,
    "video/matroska": mkv,
    "video/webm": webm,
}

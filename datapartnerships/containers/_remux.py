"""Recordings written anew from their packets: nothing is decoded, nothing but tracks is copied."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from itertools import zip_longest
from typing import Any

from datapartnerships import _apart
from datapartnerships.containers._boxes import boxes
from datapartnerships.errors import DocumentError

# What each kind of file is written as.
_MUXERS: Mapping[str, str] = {
    "audio/mp4": "ipod",
    "audio/ogg": "ogg",
    "video/matroska": "matroska",
    "video/mp4": "mp4",
    "video/ogg": "ogg",
    "video/quicktime": "mov",
    "video/webm": "webm",
}
# Units that carry messages beside the picture: SEI, AV1 metadata.
_MESSAGES = {"h264": "6", "hevc": "39-40", "vvc": "23-24", "av1": "5"}
# Codecs whose packets are known to hold a picture or a sound, and no text.
_CODECS = {
    "aac", "ac3", "alac", "amrnb", "amrwb", "av1", "eac3", "flac", "h264", "hevc", "mjpeg", "mp2",
    "mp3", "mpeg4", "opus", "pcm_alaw", "pcm_f32le", "pcm_mulaw", "pcm_s16be", "pcm_s16le",
    "pcm_s24le", "pcm_u8", "speex", "theora", "vorbis", "vp8", "vp9",
}  # fmt: skip
_ALIVE_PACKETS = 1000
_PIECE = 1 << 20
# What is a fact of a file and no text: kinds, lengths. What FFmpeg writes where nothing is given.
_FACTS = ("major_brand", "minor_version", "compatible_brands", "duration", "vendor_id")
_WRITTEN = ("und", "VideoHandler", "SoundHandler")


def scrub(data: bytes, media_type: str, removed: set[str]) -> bytes:
    """Its tracks of sound and picture without tags, chapters, covers, attachments, other tracks."""
    from datapartnerships._backends import av as backend

    av = backend.av
    with backend.opened(io.BytesIO(data)) as source:
        tracks = [stream for stream in source.streams if _is_kept(av, stream)]
        _tell(source, tracks, removed)
        if not tracks:
            raise DocumentError("damaged recording", "no sound and no picture")
        sink = io.BytesIO()
        options = {"fflags": "+bitexact"}
        inside = _media_boxes(data, media_type)
        with av.open(sink, "w", _MUXERS[media_type], options=options) as target:
            pairs = {stream.index: _track(stream, target) for stream in tracks}
            for count, packet in enumerate(source.demux(tracks)):
                if count % _ALIVE_PACKETS == 0:
                    _apart.alive()
                if packet.dts is None and not packet.size:
                    continue
                backend.check_open(packet)
                if inside is not None and not _is_inside(packet, inside):
                    raise DocumentError("damaged recording", "its index points to no sound")
                stream, messages = pairs[packet.stream.index]
                for part in messages.filter(packet) if messages else (packet,):
                    part.stream = stream
                    target.mux(part)
            for stream, messages in pairs.values():
                for part in messages.filter(None) if messages else ():
                    part.stream = stream
                    target.mux(part)
    return sink.getvalue()


def _media_boxes(data: bytes, media_type: str) -> list[tuple[int, int]] | None:
    """Where packets can lie in MP4 and MOV; a wrong index makes sound of tags."""
    if media_type not in ("audio/mp4", "video/mp4", "video/quicktime"):
        return None
    return [(item.start, item.end) for item in boxes(data) if item.name == b"mdat"]


def _is_inside(packet: Any, places: list[tuple[int, int]]) -> bool:
    end = packet.pos + packet.size
    return packet.pos is not None and any(a <= packet.pos and end <= b for a, b in places)


def _is_kept(av: Any, stream: Any) -> bool:
    cover = av.stream.Disposition.attached_pic | av.stream.Disposition.timed_thumbnails
    return stream.type in ("audio", "video") and not stream.disposition & cover


def _track(stream: Any, target: Any) -> tuple[Any, Any]:
    name = stream.codec_context.name if stream.codec_context else ""
    codec = stream.codec_context.codec.canonical_name if name else ""
    if codec not in _CODECS and name not in _CODECS:
        raise DocumentError("no scrubber for this format", f"a track of {codec or 'unknown make'}")
    made = target.add_stream_from_template(stream, opaque=True)
    made.metadata.clear()
    units = _MESSAGES.get(codec)
    if units is None:
        return made, None
    from av.bitstream import BitStreamFilterContext

    return made, BitStreamFilterContext(f"filter_units=remove_types={units}", stream, made)


def _tell(source: Any, tracks: list[Any], removed: set[str]) -> None:
    """What there was besides the tracks."""
    told = [source.metadata, *(stream.metadata for stream in tracks)]
    if any(not _is_own(name.lower(), value) for given in told for name, value in given.items()):
        removed.add("tags")
    if source.chapters():
        removed.add("chapters")
    for stream in source.streams:
        if stream not in tracks:
            names = {"video": "cover picture", "subtitle": "subtitles", "attachment": "attachment"}
            removed.add(names.get(stream.type, "other tracks"))


def _is_own(name: str, value: str) -> bool:
    """Whether FFmpeg says it of any file, or writes it into one by itself."""
    return name in _FACTS or value in _WRITTEN or (name == "encoder" and value == "Lavf")


def left(data: bytes) -> list[str]:
    """What a second look still finds besides tracks, in what was written."""
    from datapartnerships._backends import av as backend

    found = set[str]()
    with backend.opened(io.BytesIO(data)) as source:
        _tell(source, list(source.streams), found)
        if not all(stream.type in ("audio", "video") for stream in source.streams):
            found.add("other tracks")
    return sorted(found)


def decodes(flac: bytes) -> bool:
    """Whether all of a short FLAC file can be decoded."""
    from datapartnerships._backends import av as backend

    try:
        with backend.av.open(io.BytesIO(flac), format="flac") as container:
            return sum(1 for _ in container.decode(audio=0)) > 0
    except (backend.av.error.FFmpegError, ValueError):
        return False


def same(old: bytes, new: bytes, media_type: str) -> bool:
    """Whether both sound the same, sample by sample; of a video, whether no packet is lost."""
    read = _samples if media_type.startswith("audio/") else _packets
    return all(a == b for a, b in zip_longest(read(old), read(new)))


def _samples(data: bytes) -> Iterator[bytes]:
    """Pieces of one size, as decoders cut frames as they like."""
    from datapartnerships._backends import av as backend

    held = bytearray()
    with backend.opened(io.BytesIO(data)) as container:
        for number, packet in enumerate(container.demux(audio=0)):
            if number % _ALIVE_PACKETS == 0:
                _apart.alive()
            try:
                frames = packet.decode()
            except backend.av.error.InvalidDataError:
                continue
            for frame in frames:
                held += frame.to_ndarray().tobytes("F")
                while len(held) >= _PIECE:
                    yield bytes(held[:_PIECE])
                    del held[:_PIECE]
    yield bytes(held)


def _packets(data: bytes) -> Iterator[tuple[str, Any, Any, bool]]:
    """Kind, track, order and whether it stands alone, of each packet; by track."""
    from datapartnerships._backends import av as backend

    found: dict[int, list[bool]] = {}
    with backend.opened(io.BytesIO(data)) as container:
        kept = [s for s in container.streams if _is_kept(backend.av, s)]
        kinds = [stream.type for stream in kept]
        for packet in container.demux(kept):
            if packet.size:
                found.setdefault(kept.index(packet.stream), []).append(packet.is_keyframe)
    for track, keys in sorted(found.items()):
        yield kinds[track], track, len(keys), keys[0]

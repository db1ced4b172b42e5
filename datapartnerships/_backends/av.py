"""Recordings by PyAV: what is in the file, its sound as 16 kHz blocks, frames of its pictures.

PyAV brings FFmpeg's libraries with it; no program has to be installed. Only the file itself is
read: formats that name other files (playlists) and protocols of the network are shut off.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import suppress
from typing import Any, BinaryIO

import numpy as np

from datapartnerships._backends._recording import (
    BLOCK,
    RATE,
    Array,
    Channels,
    Facts,
    Losses,
    Picture,
    Video,
    chapters,
    lacks_index,
    mixer,
    protected,
    scrubbed_flac,
    sides,
    tags,
)
from datapartnerships.errors import DocumentError, extra

with extra("audio", needed_by="AudioReader"):
    import av as av
    import av.error

# FFmpeg's names of the formats that may be read. Not here: those that open other files.
_FORMATS = (
    "aac,ac3,adts,aiff,alaw,amr,amrnb,amrwb,ape,asf,au,avi,caf,dss,dts,eac3,flac,flv,gsm,"
    "loas,m4a,matroska,mov,mp3,mp4,mpc,mpc8,mpeg,mpegts,mpegvideo,mulaw,mxf,nistsphere,ogg,"
    "oma,rm,rpl,tta,voc,w64,wav,webm,wv"
)
_OPTIONS = {"format_whitelist": _FORMATS, "protocol_whitelist": "none"}
# Formats whose header says how long the sound is; of others FFmpeg estimates it.
_SURE = ("wav", "w64", "flac", "mov", "matroska", "avi", "aiff", "caf", "asf", "au")
# Time stamps are rounded, and clocks of cameras drift: seconds that are no gap.
_TOLERANCE_S = 0.1
# What steps back by more begins anew: a recording behind a recording.
_OVERLAP_S = 1.0
# A gap of more, in a file that does not say how long it is, is a wrong time stamp.
_GAP_S = 3600.0
# Times that reading on is tried where the container itself is damaged.
_TRIES = 50
# Where it is listened to before, to tell one signal on two channels from two: places, seconds.
_PLACES, _PLACE_S = 12, 5.0
# Widest picture that is handed on: pixels.
_WIDEST = 1920
# Encrypted sound in MP4: the names of its sample entries (ISO/IEC 23001-7, and before it).
_PROTECTED = ("enca", "drms", "drmi")


class Recording:
    """A recording that is read from front to back, once.

    Args:
        place: a path, or a stream that can seek.
        channels: ``apart`` keeps two channels apart, ``mix`` makes them one (one of them, where
            the other is the same upside down), ``auto`` keeps apart what is heard on one side
            only.
        max_seconds: of sound; more is a `DocumentError`.

    Raises:
        DocumentError: nothing in it can be read.
    """

    def __init__(
        self,
        place: str | BinaryIO,
        *,
        channels: Channels = "auto",
        max_seconds: float = float("inf"),
    ) -> None:
        self._own = open(place, "rb") if isinstance(place, str) else None
        self._file: Any = self._own or place
        self._max_seconds = max_seconds
        self._sides: tuple[bool, bool] = (channels == "apart", False)
        self.losses = Losses()
        try:
            self._container = opened(self._file)
            self._sound = _sound(self._container)
            self.facts = _facts(self._container, self._sound)
            two = self._sound is not None and self.facts.channels == 2
            if two and channels != "apart":
                apart, opposite = self._listened()
                self._sides = (apart and channels == "auto", opposite)
                self._container.close()
                self._container = opened(self._file)
                self._sound = _sound(self._container)
        except BaseException:
            self.close()
            raise
        self.channels = 2 if two and self._sides[0] else 1

    def __enter__(self) -> Recording:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        if container := getattr(self, "_container", None):
            container.close()
        if self._own:
            self._own.close()

    def blocks(self) -> Iterator[Array]:
        """The sound: float32 of `channels` x samples, 16 kHz, -1 to 1, `BLOCK` samples each.

        Sample 0 is second 0 of the recording, whatever is missing in it: gaps are filled with
        zeros. `losses` counts them. The last block is shorter.
        """
        waiting: list[Array] = []
        size = 0
        for piece in self._pieces():
            waiting.append(piece)
            size += piece.shape[1]
            if size >= BLOCK:
                whole = np.concatenate(waiting, axis=1)
                end = size - size % BLOCK
                yield from np.split(whole[:, :end], end // BLOCK, axis=1)
                waiting, size = [whole[:, end:]], size - end
        if size:
            yield np.concatenate(waiting, axis=1)

    def _pieces(self) -> Iterator[Array]:
        """The sound at 16 kHz as it comes, cleaned, gaps filled."""
        made, resampler, form = 0, None, None
        for frame, gap, clock in self._timed():
            now = (
                frame.sample_rate,
                frame.format.name,
                frame.layout.name,
                frame.layout.nb_channels,
            )
            if resampler is None or now != form or gap:
                tail = self._resampled(resampler, None)
                made += sum(piece.shape[1] for piece in tail)
                yield from tail
                missing = round(clock * RATE) - made
                self._check_length(made + missing)
                while missing > 0:
                    piece = np.zeros((self.channels, min(missing, BLOCK)), np.float32)
                    made += piece.shape[1]
                    missing -= piece.shape[1]
                    yield piece
                form = now
                # Interleaved: PyAV 18 reads past the planes of eight channels and more.
                resampler = av.AudioResampler("flt", frame.layout, RATE)
            frame.pts = None
            for piece in self._resampled(resampler, frame):
                made += piece.shape[1]
                yield piece
            self._check_length(made)
        tail = self._resampled(resampler, None)
        self.losses.decoded_s = (made + sum(piece.shape[1] for piece in tail)) / RATE
        yield from tail
        promised = self.facts.promised_s or 0.0
        if promised - self.losses.decoded_s > max(1.0, promised / 100):
            self.losses.cut_off_s = promised - self.losses.decoded_s

    def _check_length(self, samples: int) -> None:
        if samples > self._max_seconds * RATE:
            limit = f"more than {self._max_seconds / 3600:g} hours of sound: max_hours"
            raise DocumentError("recording is too long", limit)

    def _resampled(self, resampler: Any, frame: Any) -> list[Array]:
        if resampler is None:
            return []
        try:
            frames = resampler.resample(frame)
        except (av.error.FFmpegError, ValueError):
            self.losses.damaged_packets += 1
            return []
        found = []
        for part in frames:
            names = [channel.name for channel in part.layout.channels]
            each = part.to_ndarray().reshape(-1, len(names))
            sound = mixer(names, self.channels, self._sides[1]) @ each.T
            # Sound that was stored as numbers may have any value, or none.
            np.nan_to_num(sound, copy=False, nan=0.0, posinf=1.0, neginf=-1.0)
            found.append(np.clip(sound, -1.0, 1.0, out=sound))
        return found

    def _timed(self) -> Iterator[tuple[Any, float, float]]:
        """Frames of sound, seconds that are missing before each, and the second it begins at."""
        zero = (self._container.start_time or 0) / av.time_base
        last = self.facts.promised_s
        clock = 0.0
        for number, frame in enumerate(self._frames()):
            start = clock if frame.time is None else frame.time - zero
            gap = start - clock
            late = last is not None and start > last + _OVERLAP_S
            if late or gap < -_OVERLAP_S or (last is None and gap > _GAP_S):
                zero += gap
                gap = 0.0
            elif gap < -_TOLERANCE_S and number:
                continue
            elif gap <= _TOLERANCE_S:
                gap = 0.0
            elif number:
                self.losses.gaps_s += gap
            clock += gap
            yield frame, gap, clock
            clock += frame.samples / frame.sample_rate

    def _frames(self) -> Iterator[Any]:
        """What can be decoded; packets that cannot are counted."""
        for packet in self._packets():
            try:
                frames = packet.decode()
            except (av.error.FFmpegError, ValueError):
                check_open(packet)
                self.losses.damaged_packets += 1
                continue
            yield from (frame for frame in frames if frame.samples and frame.sample_rate)

    def _packets(self) -> Iterator[Any]:
        for _ in range(_TRIES):
            try:
                yield from self._container.demux(self._sound)
                return
            except (av.error.FFmpegError, ValueError):
                self.losses.damaged_packets += 1

    def _listened(self) -> tuple[bool, bool]:
        """Whether the two channels are two things, and whether one is the other upside down."""
        length = self.facts.duration_s or 0.0
        begin = (self._container.start_time or 0) / av.time_base
        short = length <= _PLACES * _PLACE_S
        heard = []
        for number in range(1 if short else _PLACES):
            with suppress(av.error.FFmpegError, ValueError):
                if number:
                    second = begin + length * number / _PLACES
                    self._container.seek(int(second * av.time_base))
                found = self._short(_PLACES * _PLACE_S if short else _PLACE_S)
                if found.size:
                    heard.append(found)
        return sides(heard)

    def _short(self, seconds: float) -> Array:
        resampler = av.AudioResampler("fltp", "stereo", RATE)
        pieces, size = [np.zeros((2, 0), np.float32)], 0
        for packet in self._container.demux(self._sound):
            for frame in packet.decode():
                frame.pts = None
                for part in resampler.resample(frame):
                    pieces.append(np.clip(np.nan_to_num(part.to_ndarray()), -1.0, 1.0))
                    size += part.samples
            if size >= seconds * RATE:
                break
        return np.concatenate(pieces, axis=1)


def key_frames(place: str | BinaryIO, every_s: float) -> Iterator[Picture]:
    """Key frames of a video, `every_s` seconds apart or more; none that looks like the last one.

    Key frames are where the encoder began anew, often because the picture changed.
    """
    with Recording(place, channels="apart") as recording:
        container = recording._container
        stream = _pictures(container)
        if stream is None or stream.codec_context is None:
            return
        stream.codec_context.skip_frame = "NONKEY"
        zero = (container.start_time or 0) / av.time_base
        last_s, last = -every_s, np.zeros(0)
        for frame in _pictures_of(container, stream):
            second = frame.time - zero if frame.time is not None else last_s + every_s
            if second - last_s < every_s:
                continue
            small = frame.reformat(32, 32, "gray").to_ndarray().astype(np.int16)
            # Unlike the last where a hundredth of it differs by more than the noise of a codec.
            if last.size and np.mean(np.abs(small - last) > 16) < 0.01:
                continue
            last_s, last = second, small
            share = min(1.0, _WIDEST / frame.width)
            size = (max(2, int(frame.width * share)), max(2, int(frame.height * share)))
            yield Picture(round(second, 3), frame.reformat(*size, "rgb24").to_ndarray())


def _pictures_of(container: Any, stream: Any) -> Iterator[Any]:
    for _ in range(_TRIES):
        try:
            for packet in container.demux(stream):
                with suppress(av.error.FFmpegError, ValueError):
                    yield from packet.decode()
            return
        except (av.error.FFmpegError, ValueError):
            continue


def encode_flac(samples: Array, rate: int = RATE) -> bytes:
    """Mono sound, float32 of -1 to 1, as a FLAC file of 16 bits: the sound, and nothing besides."""
    # A sample that was 16 bits is a number of 1/32768 and comes back as it was.
    whole = np.clip(np.rint(samples * 32768.0), -32768, 32767).astype(np.int16)
    sink = io.BytesIO()
    with av.open(sink, "w", "flac") as container:
        stream: Any = container.add_stream("flac", rate=rate)
        stream.layout, stream.format = "mono", "s16"
        frame = av.AudioFrame.from_ndarray(whole.reshape(1, -1), "s16", "mono")
        frame.sample_rate, frame.pts = rate, 0
        container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return scrubbed_flac(sink.getvalue())


def opened(file: Any) -> Any:
    """The container in `file`; `DocumentError` where it cannot be read."""
    if protected(file):
        raise DocumentError("encrypted", "the sound is protected by its seller (Windows Media DRM)")
    file.seek(0)
    try:
        return av.open(file, options=_OPTIONS, metadata_errors="replace")
    except (av.error.FFmpegError, ValueError) as error:
        log = getattr(error, "log", None)
        said = (log[2].strip() if log else "") or getattr(error, "strerror", "") or str(error)
        if "moov" in said or lacks_index(file):
            said = "its index (moov) is missing: it was cut off, or never closed"
        raise DocumentError("damaged recording", said) from error


def check_open(packet: Any) -> None:
    """What is encrypted cannot be decoded; it is not damaged."""
    has = getattr(packet, "has_sidedata", None)
    if has is not None and has("encryption_info"):
        raise DocumentError("encrypted", "the sound is protected (DRM, common encryption)")


def _is_default(stream: Any) -> bool:
    return bool(stream.disposition & av.stream.Disposition.default)


def _sound(container: Any) -> Any:
    """The stream of sound: the one that is marked as default, else the first."""
    streams = list(container.streams.audio)
    found = next(filter(_is_default, streams), streams[0] if streams else None)
    if found is None:
        return None
    context = found.codec_context
    name = str(getattr(context, "codec_tag", ""))
    if name in _PROTECTED:
        raise DocumentError("encrypted", f"the sound is protected by its seller (DRM: {name})")
    if context is None or (not context.sample_rate and context.codec is None):
        raise DocumentError("no decoder for the sound", f"codec {name or 'unknown'}")
    return found


def _pictures(container: Any) -> Any:
    """The stream of moving pictures; a picture of the cover is none."""
    cover = av.stream.Disposition.attached_pic
    return next((s for s in container.streams.video if not s.disposition & cover), None)


def _facts(container: Any, sound: Any) -> Facts:
    moving = _pictures(container)
    video = None
    if moving is not None and (context := moving.codec_context) is not None:
        rate = moving.average_rate
        video = Video(context.name, context.width, context.height, float(rate) if rate else None)
    duration = container.duration / av.time_base if container.duration else None
    name = container.format.name
    facts = Facts(
        container=name,
        duration_s=duration,
        bit_rate=container.bit_rate or None,
        tags=tags(container.metadata, sound.metadata if sound else {}),
        chapters=chapters(container.chapters()),
        video=video,
        other_sound=tuple(map(_told, (s for s in container.streams.audio if s is not sound))),
    )
    if sound is not None:
        context = sound.codec_context
        facts.codec, facts.sample_rate = context.codec.canonical_name, context.sample_rate
        facts.channels, facts.layout = context.channels, context.layout.name
        facts.language = sound.language if sound.language not in (None, "und") else None
        if name.startswith(_SURE) and sound.duration:
            facts.promised_s = float(sound.duration * sound.time_base)
        elif name.startswith(_SURE) and video is None:
            facts.promised_s = duration
    return facts


def _told(stream: Any) -> str:
    context = stream.codec_context
    name = context.name if context is not None else "unknown codec"
    words = [name, stream.language or "", stream.metadata.get("title", "")]
    return " ".join(word for word in words if word and word != "und")

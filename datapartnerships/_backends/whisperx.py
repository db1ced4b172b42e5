"""Whisper models, aligners and diarization through whisperX. Its only importer."""

from __future__ import annotations

import contextlib
import functools
import io
import logging
import os
import warnings
from importlib.metadata import version as _version
from typing import Any

import numpy as np

from datapartnerships._backends._model import located
from datapartnerships._backends._whisper import Whisper
from datapartnerships.errors import ConfigurationError, extra

# pyannote, which whisperX brings, tells its makers of each use unless it is told not to.
os.environ.setdefault("PYANNOTE_METRICS_ENABLED", "false")

Samples = np.ndarray[Any, np.dtype[np.float32]]
RATE = 16_000

with extra("audio", needed_by="speech recognition by whisperX"), warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import whisperx.asr
    from faster_whisper.tokenizer import Tokenizer

# What they are about to load is no news to anybody.
for _name in ("whisperx", "lightning.pytorch"):
    logging.getLogger(_name).setLevel(logging.ERROR)


def version() -> str:
    return f"whisperx {_version('whisperx')}"


def load(model: str, *, device: str, compute_type: str, threads: int) -> Whisper:
    """A model by its name on the Hub, the name of a size, or a path. See `faster_whisper.load`."""
    loaded = whisperx.asr.WhisperModel(
        located(model),
        device=device,
        compute_type=compute_type,
        cpu_threads=1,
        num_workers=threads,
    )
    return Whisper(loaded, Tokenizer, version())


class _OneSentence:
    """In place of NLTK's splitter, whose data whisperX would download: it is given one piece."""

    def span_tokenize(self, text: str) -> list[tuple[int, int]]:
        return [(0, len(text))]


@functools.lru_cache(maxsize=8)
def aligner(language: str, model: str) -> Aligner | ConfigurationError:
    """The wav2vec2 model for a language, or why there is none."""
    with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
        warnings.simplefilter("ignore")
        import whisperx.alignment

        whisperx.alignment.nltk_load = lambda _: _OneSentence()
        try:
            loaded = whisperx.alignment.load_align_model(language, _device(), model_name=model)
        except Exception as error:
            # whisperX says that it found nothing; what it met before says why.
            return ConfigurationError(_why(error.__context__ or error))
    return Aligner(*loaded)


class Aligner:
    """Says when each character of a text is heard."""

    def __init__(self, model: Any, about: dict[str, Any]) -> None:
        self._model, self._about = model.eval(), about
        self._letters: frozenset[str] = frozenset(about["dictionary"])

    def knows(self, character: str) -> bool:
        """Whether it has learned how it sounds."""
        return character.lower() in self._letters

    def __call__(self, text: str, samples: Samples) -> list[tuple[float, float] | None]:
        """Start and end of each character, in seconds of `samples`; None where it has none.

        Spaces have none. Characters that the model does not know are placed between the others.

        Raises:
            ValueError: there are fewer answers of the model than characters.
        """
        import torch

        # One stretch a thread: and the same to the bit, however many there are.
        torch.set_num_threads(1)
        segment = {"start": 0.0, "end": len(samples) / RATE, "text": text}
        found = whisperx.alignment.align(
            [segment], self._model, self._about, samples, _device(), return_char_alignments=True
        )
        placed = [char for segment in found["segments"] for char in segment["chars"]]
        if len(placed) != len(text):
            raise ValueError("more characters than sounds")
        return [(char["start"], char["end"]) if "start" in char else None for char in placed]


def _device() -> str:
    import torch

    return "cuda" if torch.cuda.is_available() else "cpu"


def _why(error: BaseException) -> str:
    return f"{type(error).__name__}: {' '.join(str(error).split())[:200]}"


@functools.lru_cache(maxsize=1)
def diarizer(model: str) -> Any:
    """A pyannote pipeline by its path or its name on the Hub, or why there is none."""
    if os.path.isabs(model) and not os.path.exists(model):
        return ConfigurationError("there is no such file or folder")
    told = io.StringIO()
    with warnings.catch_warnings(), contextlib.redirect_stdout(told):
        warnings.simplefilter("ignore")
        try:
            from whisperx.diarize import DiarizationPipeline

            token = os.environ.get("HF_TOKEN")
            return DiarizationPipeline(model_name=model, token=token, device=_device())
        except Exception as error:
            # pyannote prints why it has nothing, and goes on without.
            said = " ".join(told.getvalue().split())[:200]
            return ConfigurationError(f"{_why(error)}{f' ({said})' if said else ''}")


def diarize(samples: Samples, *, model: str) -> list[tuple[float, float, str]]:
    """Who speaks when: (start, end, speaker), seconds of `samples`."""
    pipeline = diarizer(model)
    if isinstance(pipeline, Exception):
        raise pipeline
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = pipeline(samples)
    return [(float(x.start), float(x.end), str(x.speaker)) for x in found.itertuples()]

"""Whisper models, aligners and diarization through whisperX. Its only importer."""

from __future__ import annotations

import functools
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


@functools.lru_cache(maxsize=4)
def _aligner(language: str, model: str, device: str) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import whisperx.alignment

        try:
            return whisperx.alignment.load_align_model(language, device, model_name=model)
        except Exception as error:
            raise ConfigurationError(
                f"The aligner {model!r} cannot be loaded ({type(error).__name__}: "
                f"{str(error)[:200]}). Give the path of a wav2vec2 model for {language!r}, or "
                "leave Asr(aligner=...) out: words are placed without one."
            ) from error


def align(
    text: str, samples: Samples, *, language: str, model: str, device: str
) -> list[tuple[str, float, float, float]]:
    """Words of `text` as (text, start, end, confidence), seconds of `samples`.

    Words that the aligner has no letters for (numbers) have no times and are left out.
    """
    import whisperx.alignment

    loaded, about = _aligner(language, model, device)
    segment = {"start": 0.0, "end": len(samples) / RATE, "text": text}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = whisperx.alignment.align([segment], loaded, about, samples, device)
    return [
        (word["word"], word["start"], word["end"], word.get("score", 0.0))
        for word in found["word_segments"]
        if "start" in word
    ]


@functools.lru_cache(maxsize=1)
def _diarizer(model: str, device: str) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from whisperx.diarize import DiarizationPipeline

        try:
            return DiarizationPipeline(
                model_name=model, token=os.environ.get("HF_TOKEN"), device=device
            )
        except Exception as error:
            raise ConfigurationError(
                f"The diarizer {model!r} cannot be loaded ({type(error).__name__}: "
                f"{str(error)[:200]}). Give the path of a pyannote pipeline, or a name on the Hub "
                "whose terms you have accepted, with HF_TOKEN set."
            ) from error


def diarize(samples: Samples, *, model: str, device: str) -> list[tuple[float, float, str]]:
    """Who speaks when: (start, end, speaker), seconds of `samples`."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = _diarizer(model, device)(samples)
    return [(row.start, row.end, str(row.speaker)) for row in found.itertuples()]

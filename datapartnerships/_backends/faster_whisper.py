"""Whisper models through faster-whisper, without torch. Its only importer."""

from __future__ import annotations

from importlib.metadata import version as _version

from datapartnerships._backends._model import located
from datapartnerships._backends._whisper import Whisper
from datapartnerships.errors import extra

with extra("audio-light", needed_by="speech recognition by faster-whisper"):
    import faster_whisper
    from faster_whisper.tokenizer import Tokenizer


def version() -> str:
    return f"faster-whisper {_version('faster-whisper')}"


def load(model: str, *, device: str, compute_type: str, threads: int) -> Whisper:
    """A model by its name on the Hub, the name of a size, or a path.

    `threads` texts are decoded side by side, each by one thread: so the same text comes of the
    same sound on any machine of one kind.
    """
    loaded = faster_whisper.WhisperModel(
        located(model),
        device=device,
        compute_type=compute_type,
        cpu_threads=1,
        num_workers=threads,
    )
    return Whisper(loaded, Tokenizer, version())

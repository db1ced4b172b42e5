"""Diarization by a pyannote pipeline, which wants all of a recording at once."""

from __future__ import annotations

import tempfile
from typing import TYPE_CHECKING, Any

import numpy as np

from datapartnerships.errors import DocumentError
from datapartnerships.speech._stretches import RATE
from datapartnerships.speech._values import SENKO, Asr

if TYPE_CHECKING:
    from datapartnerships.speech._speakers import Turn

# The clustering of pyannote compares every piece with every other: its memory grows with the
# square of the length (about 1 GB at 3 hours, 10 at 10).
MOST_HOURS = 3.0


def check_diarizer(asr: Asr) -> None:
    """Before anything is decoded: whether there is what `asr` asks for.

    Raises:
        MissingExtra: a package is missing.
        DocumentError: the pipeline cannot be loaded.
    """
    if asr.diarizer == SENKO:
        from datapartnerships._backends import senko  # noqa: F401
    elif asr.diarizer:
        from datapartnerships._backends import whisperx

        found = whisperx.diarizer(asr.diarizer)
        if isinstance(found, Exception):
            detail = (
                f"{asr.diarizer}: {found}; give Asr(diarizer=...) the folder of a pyannote "
                "pipeline, or a name on the Hub whose terms you have accepted with HF_TOKEN set, "
                "or 'senko', which needs neither"
            )
            raise DocumentError("diarizer cannot be loaded", detail)


class Whole:
    """The sound of one recording, kept on disk while it passes by and mapped from there."""

    def __init__(self, model: str) -> None:
        self._model = model
        self._file = tempfile.TemporaryFile()
        self.samples = 0

    def add(self, samples: Any) -> None:
        """The next block: float32, 16 kHz."""
        self.samples += len(samples)
        if self.samples <= MOST_HOURS * 3600 * RATE:
            self._file.write(np.ascontiguousarray(samples, np.float32).tobytes())

    def turns(self) -> tuple[list[Turn], str]:
        """Who speaks when; or why that is not known. The sound is gone after it."""
        from datapartnerships._backends import whisperx

        hours = self.samples / RATE / 3600
        with self._file:
            if hours > MOST_HOURS:
                long = f"{hours:.1f} hours are more than {MOST_HOURS:g}"
                return [], f"not run: {long}, which pyannote needs too much memory for"
            if not self.samples:
                return [], ""
            self._file.flush()
            # Copied where it is written to, which is nowhere: memory holds what is looked at.
            sound = np.memmap(self._file, np.float32, "c")
            try:
                return whisperx.diarize(sound, model=self._model), ""
            except Exception as error:
                why = " ".join(str(error).split())[:200]
                return [], f"failed: {type(error).__name__}: {why}"

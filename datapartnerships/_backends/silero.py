"""How likely somebody speaks, by the Silero model inside faster-whisper's wheel.

It runs on onnxruntime, one thread, and without loading faster-whisper, its engine or its models:
the process that takes untrusted files apart needs no more of it.
"""

from __future__ import annotations

import functools
import os
from importlib.util import find_spec
from typing import Any

import numpy as np

from datapartnerships.errors import MissingExtra, extra

with extra("audio", needed_by="the detection of speech"):
    import onnxruntime

Samples = np.ndarray[Any, np.dtype[np.float32]]

RATE = 16_000
# Samples of one answer, and of what lies before it that the model is shown again.
FRAME, _CONTEXT = 512, 64
_MODEL = "silero_vad_v6.onnx"


@functools.cache
def _session() -> Any:
    spec = find_spec("faster_whisper")
    folders = spec.submodule_search_locations if spec else None
    path = os.path.join(folders[0], "assets", _MODEL) if folders else ""
    if not os.path.exists(path):
        raise MissingExtra(
            f"The detection of speech needs {_MODEL}, which faster-whisper 1.2 has inside: "
            "pip install 'datapartnerships[audio]'"
        )
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.enable_cpu_mem_arena = False
    options.log_severity_level = 4
    return onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])


class SpeechProbability:
    """Of a stream of sound at 16 kHz: a probability for each 32 ms of it.

    The answers are the same however the stream is cut into blocks.
    """

    def __init__(self) -> None:
        self._session = _session()
        self._state = [np.zeros((1, 1, 128), np.float32) for _ in range(2)]
        self._context = np.zeros((1, _CONTEXT), np.float32)
        self._left = np.zeros(0, np.float32)

    def feed(self, samples: Samples) -> Samples:
        """Probabilities of the frames that are whole by now; what is left waits."""
        sound = np.concatenate([self._left, samples])
        whole = len(sound) - len(sound) % FRAME
        self._left = sound[whole:]
        return self._run(sound[:whole].reshape(-1, FRAME))

    def end(self) -> Samples:
        """Of the last frame, filled up with silence; empty where all frames were whole."""
        if not len(self._left):
            return np.zeros(0, np.float32)
        return self.feed(np.zeros(FRAME - len(self._left), np.float32))

    def _run(self, frames: Samples) -> Samples:
        if not len(frames):
            return np.zeros(0, np.float32)
        tails = np.concatenate([self._context, frames[:, -_CONTEXT:]])
        self._context = tails[-1:]
        given = {"input": np.concatenate([tails[:-1], frames], axis=1)}
        found, *self._state = self._session.run(
            None, {**given, "h": self._state[0], "c": self._state[1]}
        )
        answer: Samples = np.asarray(found, np.float32).reshape(-1)
        return answer

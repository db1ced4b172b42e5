"""What decides, beside the recipe, which bytes come out."""

from __future__ import annotations

import contextlib
from importlib.metadata import PackageNotFoundError, version

_RECORDED = ("datapartnerships", "pyarrow", "datasets", "ftfy", "phonenumbers", "unstructured",
             "pypdfium2", "rapidocr", "tesserocr", "av", "onnxruntime", "ctranslate2",
             "faster-whisper", "whisperx")  # fmt: skip


def versions() -> dict[str, str]:
    """Of what is installed, by name."""
    found = {}
    for name in _RECORDED:
        with contextlib.suppress(PackageNotFoundError):
            found[name] = version(name)
    return found

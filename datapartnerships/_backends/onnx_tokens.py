"""Token classification by ONNX models. The only importer of tokenizers."""

from __future__ import annotations

import json
import os
from collections import defaultdict
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from datapartnerships.errors import ConfigurationError, extra

with extra("onnx", needed_by="OnnxTokenClassifier"):
    import onnxruntime
    from tokenizers import Tokenizer

# Tokens of the windows that are computed together.
BATCH_TOKENS = 1024
# These count positions from behind the one of padding.
_OFFSET = {"roberta", "xlm-roberta", "camembert", "xlm-roberta-xl"}
_KNOWN_INPUTS = {"input_ids", "attention_mask", "token_type_ids"}


class Tokens(NamedTuple):
    """Of one text: its probabilities (tokens x classes), and where each token and its word is."""

    probabilities: npt.NDArray[np.float32]
    offsets: Sequence[tuple[int, int]]
    words: Sequence[int | None]


def find(place: str, file: str) -> str:
    """The ONNX file of a model below a folder, beside or below config.json and tokenizer.json."""
    found = sorted(str(path.relative_to(place)) for path in Path(place).rglob("*.onnx"))
    if file:
        found = [path for path in found if path == file or path.endswith(f"/{file}")]
    if len(found) != 1:
        there = f"there are {', '.join(found)}: name one as `file`" if found else "there is none"
        what = repr(file) if file else "one ONNX file"
        raise ConfigurationError(f"OnnxTokenClassifier: expected {what} in {place}; {there}.")
    return os.path.join(place, found[0])


class Model:
    """A tokenizer, a network and the names of its classes."""

    def __init__(self, path: str) -> None:
        home = _home(Path(path))
        config = json.loads((home / "config.json").read_text("utf-8"))
        names = config.get("id2label") or {}
        self.classes = [str(names[key]) for key in sorted(names, key=int)]
        self._tokenizer = Tokenizer.from_file(str(home / "tokenizer.json"))
        self._tokenizer.no_truncation()
        self._tokenizer.no_padding()
        offset = 1 + (config.get("pad_token_id") or 0)
        limit = int(config.get("max_position_embeddings") or 512)
        self._limit = limit - (offset if config.get("model_type") in _OFFSET else 0)
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.log_severity_level = 3
        have = onnxruntime.get_available_providers()
        wanted = ("CUDAExecutionProvider", "CPUExecutionProvider")
        providers = [name for name in wanted if name in have]
        self._session = onnxruntime.InferenceSession(path, options, providers=providers)
        self._inputs = {item.name for item in self._session.get_inputs()}
        if unknown := self._inputs - _KNOWN_INPUTS:
            raise ConfigurationError(
                f"{path} is no token classifier: it asks for {', '.join(sorted(unknown))}."
            )
        # Such steps take their scale from all that is computed together: then nothing is.
        self._alone = b"DynamicQuantize" in Path(path).read_bytes()

    def too_long(self, text: str) -> bool:
        """Whether the network has no room for it."""
        return len(self._tokenizer.encode(text).ids) > self._limit

    def classify(self, texts: Sequence[str]) -> Iterator[tuple[int, Tokens]]:
        """Index and answer for each, in any order; those of one length are computed together."""
        encoded = [self._tokenizer.encode(text) for text in texts]
        lengths: dict[int, list[int]] = defaultdict(list)
        for number, item in enumerate(encoded):
            lengths[len(item.ids)].append(number)
        for length, numbers in sorted(lengths.items()):
            step = 1 if self._alone else max(1, BATCH_TOKENS // max(length, 1))
            for at in range(0, len(numbers), step):
                some = numbers[at : at + step]
                answers = self._run([encoded[number].ids for number in some])
                for number, answer in zip(some, answers, strict=True):
                    item = encoded[number]
                    yield number, Tokens(answer, item.offsets, item.word_ids)

    def _run(self, ids: list[list[int]]) -> npt.NDArray[np.float32]:
        matrix = np.array(ids, np.int64)
        every = {
            "input_ids": matrix,
            "attention_mask": np.ones_like(matrix),
            "token_type_ids": np.zeros_like(matrix),
        }
        logits = self._session.run(None, {name: every[name] for name in self._inputs})[0]
        powers = np.exp(logits - logits.max(-1, keepdims=True))
        if powers.shape[-1] != len(self.classes):
            raise ConfigurationError(
                f"The model gives {powers.shape[-1]} classes, and its config.json names "
                f"{len(self.classes)} (id2label)."
            )
        found: npt.NDArray[np.float32] = powers / powers.sum(-1, keepdims=True)
        return found


def _home(path: Path) -> Path:
    for folder in (path.parent, path.parent.parent):
        if (folder / "config.json").exists() and (folder / "tokenizer.json").exists():
            return folder
    raise ConfigurationError(f"There is no config.json with tokenizer.json beside or above {path}.")


@cache
def load(path: str) -> Model:
    """Once a process."""
    return Model(path)

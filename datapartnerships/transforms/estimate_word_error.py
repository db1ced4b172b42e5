"""How many words of a recording's transcript are wrong, where nobody has typed it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from datapartnerships.errors import InvalidParameter
from datapartnerships.kernels._transcription_words import Words
from datapartnerships.kernels.segments import flat, parents, set_column, whole
from datapartnerships.kernels.word_error import LANGUAGES, MODELS, estimate

_COLUMNS = ("wer_estimate", "wer_low", "wer_high")


@dataclass(frozen=True, kw_only=True)
class EstimateWordError:
    """Add `wer_estimate`, `wer_low` and `wer_high`: shares of the words, at most 1.

    From the confidence of the utterances, their pace, their flags (what is flagged ``loop``,
    ``silence`` or ``rate`` counts as wrong) and, where the metadata has ``agreement``, how far a
    second decode agreed (`kernels.word_error.agreement`, 0 to 1, mean over the words). On new
    recordings about three in four single stretches of speech are between the bounds.

    All three are null where nothing is known: no utterance with a confidence and times, or less
    than `min_share` of the words recognized by a model and in a language that the estimate was
    calibrated on (`benchmarks/word_error.py`).

    Attributes:
        models: names of models, as they stand before the colon of `Segment.origin` ("asr
            faster-whisper 1.2.1 base: ...").
        languages: of the utterances, ISO 639-1.
        min_share: of the spoken letters.
    """

    models: tuple[str, ...] = MODELS
    languages: tuple[str, ...] = LANGUAGES
    min_share: float = 0.8

    version: ClassVar[int] = 1
    requires = frozenset({"segments", "metadata"})
    provides = frozenset(_COLUMNS)

    def __post_init__(self) -> None:
        for name in ("models", "languages"):
            value = getattr(self, name)
            if not isinstance(value, list | tuple):
                raise InvalidParameter(self, name, "a list", value)
            object.__setattr__(self, name, tuple(value))
        if not 0 < self.min_share <= 1:
            raise InvalidParameter(self, "min_share", "a number > 0 and <= 1", self.min_share)

    def __call__(self, batch: pa.Table) -> pa.Table:
        offsets, structs = flat(batch)
        row = parents(offsets)
        utterance = np.asarray(pc.fill_null(pc.equal(structs.field("kind"), "utterance"), False))
        letters = Words(structs.field("text")).letters * utterance
        seconds = _numbers(structs, "end_s") - _numbers(structs, "start_s")
        confidence = _numbers(structs, "confidence")
        name = pc.extract_regex(
            pc.fill_null(structs.field("origin"), ""), r"^asr [^:]*?(?P<model>[^ :/]+)(?::|$)"
        )
        model = pc.struct_field(name, "model")
        known = (
            (letters > 0)
            & (seconds > 0)
            & ~np.isnan(confidence)
            & _among(model, self.models)
            & _among(structs.field("language"), self.languages)
        )
        rate = np.divide(letters, seconds, out=np.full(len(letters), np.nan), where=known)
        agreed = _agreement(batch)[row]
        values = [np.zeros(len(row)) for _ in _COLUMNS]
        for two in (False, True):
            at = np.flatnonzero(known & (~np.isnan(agreed) == two))
            some = estimate(confidence[at], rate[at], agreed[at] if two else None)
            for column, part in zip(values, some, strict=True):
                column[at] = part
        wrong = _flagged(structs)
        total = np.bincount(row, weights=letters, minlength=batch.num_rows)
        heard = np.bincount(row, weights=letters * known, minlength=batch.num_rows)
        told = (heard > 0) & (heard >= self.min_share * total)
        out = batch
        for name_, column in zip(_COLUMNS, values, strict=True):
            column[wrong] = 1.0
            sums = np.bincount(row, weights=column * letters * known, minlength=batch.num_rows)
            share = np.divide(sums, heard, out=np.zeros(len(sums)), where=heard > 0)
            out = set_column(out, name_, pa.array(share, pa.float64(), mask=~told))
        return out


def _numbers(structs: pa.StructArray, name: str) -> Any:
    return np.asarray(pc.fill_null(structs.field(name).cast(pa.float64()), float("nan")))


def _among(values: pa.Array, names: tuple[str, ...]) -> Any:
    return np.asarray(pc.fill_null(pc.is_in(values, pa.array(names, pa.string())), False))


def _flagged(structs: pa.StructArray) -> Any:
    marks = structs.field("flags")
    hit = np.zeros(len(structs), bool)
    owner = np.asarray(pc.list_parent_indices(marks))
    hit[owner[_among(marks.flatten(), ("loop", "silence", "rate"))]] = True
    return hit


def _agreement(batch: pa.Table) -> Any:
    """Of each row, from its metadata; NaN where it has none, or none that is a share."""
    pairs = whole(batch["metadata"])
    out = np.full(batch.num_rows, np.nan)
    owner = np.asarray(pc.list_parent_indices(pairs))
    items = pairs.flatten()
    for i in np.flatnonzero(_among(items.field("key"), ("agreement",))):
        try:
            value = float(items.field("value")[int(i)].as_py())
        except (TypeError, ValueError):
            continue
        out[owner[i]] = value if 0 <= value <= 1 else np.nan
    return out

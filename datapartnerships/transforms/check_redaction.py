"""A second look: other detectors go over what is left after `Redact`."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, ClassVar

import numpy as np
import pyarrow as pa

from datapartnerships.errors import InvalidParameter, PipelineError, UnknownName
from datapartnerships.kernels.segments import flat, parents, reject, set_column
from datapartnerships.kernels.surrogates import is_surrogate
from datapartnerships.protocols import Detector
from datapartnerships.transforms.detect_pii import DetectPii

REMAINING = pa.list_(pa.struct([("label", pa.string()), ("spans", pa.int32())]))

# `[EMAIL]`, and what is left of a masked value: never more than four characters after the stars.
_PLACEHOLDER = re.compile(
    r"\[[A-Z][A-Z0-9_]*\]|\S?\*\*\*(?:@\*\*\*|\w{0,4})|[\da-f]{1,4}[.:]\*\*\*"
)
# A detector may cut a part out of a surrogate: what it is written together with is looked at.
_TOGETHER = (re.compile(r"[\w@.:+*/-]+"), re.compile(r"\+?\d[\d ./-]{8,30}\d"))
_WIDE = 80
# Another detector may take the surrogate of one label for another one.
_KINDS = ("EMAIL", "PHONE", "IP", "PAYMENT_CARD", "URL_CREDENTIALS", "USERNAME", "IBAN", "PERSON")


@dataclass(frozen=True)
class CheckRedaction:
    """Look once more, after `Redact`, and reject documents in which something is still found.

    It should have other detectors than those that the redaction went by: the same ones find
    nothing. Placeholders, masks and surrogates are left alone. Whatever a detector fails on, or a
    language in which a required label is not looked for, is rejected as in `DetectPii`.

    Adds `remaining`: how many spans of each label are left.

    Attributes:
        detectors: what to look for.
        reject_above: a document is rejected if more spans of one label are left; None counts only.
        reject_for: the labels that decide this; all that the detectors give if there are none. A
            label that `Redact` keeps, or only makes coarser (a date to its year), is left out here.
        require: labels that must not go unlooked for, in any language.
    """

    detectors: tuple[Detector, ...]
    reject_above: int | None = field(default=0, kw_only=True)
    reject_for: tuple[str, ...] = field(default=(), kw_only=True)
    require: tuple[str, ...] = field(default=(), kw_only=True)

    version: ClassVar[int] = 1
    requires = frozenset({"segments", "metadata", "spans"})
    provides = frozenset({"remaining", "drop_reason"})
    # A row that this rejects is kept without its text.
    withholds_text = True

    def __post_init__(self) -> None:
        looks = DetectPii(self.detectors, require=self.require)
        object.__setattr__(self, "detectors", looks.detectors)
        object.__setattr__(self, "require", looks.require)
        above: Any = self.reject_above
        if above is not None and (type(above) is not int or above < 0):
            raise InvalidParameter(self, "reject_above", "an int >= 0, or None", above)
        given: Any = self.reject_for
        if isinstance(given, str) or not isinstance(given, Iterable):
            raise InvalidParameter(self, "reject_for", "a list of labels, such as ['EMAIL']", given)
        object.__setattr__(self, "reject_for", tuple(given))
        for label in self.reject_for:
            if label not in looks.labels:
                raise UnknownName("label", label, looks.labels, where="CheckRedaction.reject_for")

    def __call__(self, batch: pa.Table) -> pa.Table:
        if len(flat(batch, "spans")[1]):
            raise PipelineError(
                "CheckRedaction looks at what is left after Redact, and there are spans that "
                "nobody redacted: put Redact before it."
            )
        looked = DetectPii(self.detectors, require=self.require)(batch)
        batch = set_column(batch, "drop_reason", looked["drop_reason"])
        left = [Counter(labels) for labels in _left(looked)]
        counts = [[{"label": x, "spans": n} for x, n in sorted(found.items())] for found in left]
        batch = set_column(batch, "remaining", pa.array(counts, REMAINING))
        if self.reject_above is None:
            return batch
        most = self.reject_above
        for label in sorted({label for found in left for label in found}):
            if not self.reject_for or label in self.reject_for:
                over = pa.array([found[label] > most for found in left])
                batch = reject(batch, over, f"check redaction: {label} is still there")
        return batch


def _left(batch: pa.Table) -> list[list[str]]:
    """Per document, the labels of the spans that are no stand-in; each place counts once."""
    offsets, spans = flat(batch, "spans")
    left: list[list[str]] = [[] for _ in range(batch.num_rows)]
    rows = parents(offsets)
    bases = {name: np.asarray(flat(batch, name)[0]) for name in ("segments", "metadata")}
    texts = {"metadata": flat(batch, "metadata")[1].field("value")}
    texts |= {name: flat(batch)[1].field(name) for name in ("text", "speaker", "ref")}
    reach: dict[tuple[int, str, int, str], int] = {}
    # A long text is taken out of its column once, not for every span in it.
    shown, text = (-1, "", -1), ""
    for row, span in zip(rows.tolist(), spans.to_pylist(), strict=True):
        where, segment, label = span["field"], span["segment"], span["label"]
        place = (row, where, segment, label)
        if span["start"] < reach.get(place, 0):
            continue
        if shown != (row, where, segment):
            base = bases["metadata" if where == "metadata" else "segments"][row]
            shown, text = (row, where, segment), texts[where][int(base) + segment].as_py()
        if not _stands_in(text, span["start"], span["end"], label):
            left[row].append(label)
            reach[place] = span["end"]
    return left


def _stands_in(text: str, start: int, end: int, label: str) -> bool:
    """Whether what was found is, or is a part of, what `Redact` put there; all of it must be."""
    low = max(0, start - _WIDE)
    around, start, end = text[low : end + _WIDE], start - low, end - low

    def wholes(form: re.Pattern[str]) -> list[str]:
        found = form.finditer(around)
        return [piece[0] for piece in found if piece.start() <= start and end <= piece.end()]

    if wholes(_PLACEHOLDER):
        return True
    pieces = [around[start:end], *(x.strip(".:/-") for form in _TOGETHER for x in wholes(form))]
    return any(is_surrogate(piece, kind) for piece in pieces for kind in (label, *_KINDS))

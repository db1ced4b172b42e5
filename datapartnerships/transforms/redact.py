"""Apply a policy to what detectors found."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from datapartnerships._secrets import key_id, pseudonym_key
from datapartnerships.errors import InvalidParameter
from datapartnerships.kernels import surrogates
from datapartnerships.kernels.segments import (
    flat,
    lists,
    parents,
    set_column,
    set_lists,
    whole,
    with_field,
)
from datapartnerships.kernels.strings import put
from datapartnerships.schema import SPAN

POLICIES = ("redact", "mask", "pseudonymize", "keep")

Spans = list[tuple[int, int, str]]


@dataclass(frozen=True, kw_only=True)
class Redact:
    """Replace every span: by its label, a mask, or a surrogate; then empty `spans`.

    The digest of the source (`provenance.sha256`) of a document with spans is taken out: a short
    secret could be found again by trying all until it fits.

    The union of all spans is replaced: where spans overlap, one replacement stands for them,
    named after the longest; spans that only touch stay apart.

    Attributes:
        policy: ``redact`` (``[EMAIL]``), ``mask`` (``j***@***``), ``pseudonymize`` (a surrogate
            that is the same for the same value under the same key, in any process and order) or
            ``keep``.
        by_label: policies for single labels, as pairs or a mapping.
    """

    policy: str = "redact"
    by_label: tuple[tuple[str, str], ...] = ()

    version: ClassVar[int] = 1
    requires = frozenset({"segments", "metadata", "spans"})
    provides = frozenset({"segments", "metadata", "spans", "provenance"})
    # A row that this rejects is kept without its text.
    withholds_text = True

    def __post_init__(self) -> None:
        pairs = self.by_label
        if isinstance(pairs, Mapping):
            pairs = tuple(sorted(pairs.items()))
        object.__setattr__(self, "by_label", tuple((label, name) for label, name in pairs))
        for place, value in (("", self.policy), *self.by_label):
            if value not in POLICIES:
                rule = f"one of {', '.join(POLICIES)}" + (f" for {place!r}" if place else "")
                raise InvalidParameter(self, "by_label" if place else "policy", rule, value)

    @property
    def named_labels(self) -> frozenset[str]:
        """The labels that have a policy of their own."""
        return frozenset(label for label, _ in self.by_label)

    @property
    def secret_id(self) -> str | None:
        """Which key this will use: part of what makes two runs the same."""
        used = {self.policy, *(name for _, name in self.by_label)}
        return key_id() if "pseudonymize" in used else None

    def __call__(self, batch: pa.Table) -> pa.Table:
        offsets, spans = flat(batch, "spans")
        if not len(spans):
            return batch
        rows = parents(offsets)
        columns = {name: spans.field(name).to_pylist() for name in ("field", "label")}
        segment = spans.field("segment").to_numpy()
        start, end = spans.field("start").to_numpy(), spans.field("end").to_numpy()
        places: dict[str, dict[int, Spans]] = {}
        bases = {
            "metadata": np.asarray(flat(batch, "metadata")[0]),
            "segments": np.asarray(flat(batch)[0]),
        }
        for i, (field, label) in enumerate(zip(columns["field"], columns["label"], strict=True)):
            edges = bases["metadata" if field == "metadata" else "segments"]
            base = edges[rows[i]]
            if not 0 <= segment[i] < edges[rows[i] + 1] - base:
                raise ValueError(f"a span points to {field} {segment[i]}, which is not there")
            spot = places.setdefault(field, {}).setdefault(int(base + segment[i]), [])
            spot.append((int(start[i]), int(end[i]), label))
        for field, spots in places.items():
            column, name = ("metadata", "value") if field == "metadata" else ("segments", field)
            edges, structs = flat(batch, column)
            texts = structs.field(name)
            changed = {i: self.apply(texts[i].as_py(), found) for i, found in spots.items()}
            structs = with_field(structs, name, put(texts, changed))
            batch = set_lists(batch, column, lists(edges, structs))
        batch = set_column(batch, "provenance", _without_digests(batch, set(rows.tolist())))
        return set_column(batch, "spans", _no_spans(batch.num_rows))

    def apply(self, text: str, spans: Spans) -> str:
        """`text` with every span of it replaced."""
        out: list[str] = []
        at = 0
        if any(not 0 <= start <= end <= len(text) for start, end, _ in spans):
            raise ValueError("a span reaches past its text: the text changed after detection")
        # Kept ones leave first: a longer span that is kept must not swallow one that is not.
        wanted = [span for span in spans if self._policy(span[2]) != "keep"]
        for start, end, label in union(wanted):
            out += [text[at:start], self._replacement(text[start:end], label)]
            at = end
        return "".join([*out, text[at:]])

    def _policy(self, label: str) -> str:
        return dict(self.by_label).get(label, self.policy)

    def _replacement(self, value: str, label: str) -> str:
        policy = self._policy(label)
        if policy == "mask":
            return surrogates.mask(value, label)
        if policy == "pseudonymize":
            return surrogates.pseudonymize(value, label, pseudonym_key())
        return surrogates.redact(label)


def union(spans: Spans) -> Spans:
    """Disjoint spans that cover what `spans` cover; overlapping ones become one."""
    merged: list[list[Any]] = []
    for start, end, label in sorted(spans, key=lambda span: (span[0], -span[1], span[2])):
        if merged and start < merged[-1][1]:
            last = merged[-1]
            if end - start > last[3]:
                last[2], last[3] = label, end - start
            last[1] = max(last[1], end)
        else:
            merged.append([start, end, label, end - start])
    return [(start, end, label) for start, end, label, _ in merged]


def _without_digests(batch: pa.Table, rows: set[int]) -> pa.Array:
    """The digest of what a document was read from tells a short secret in it to whoever tries all.

    A line that says all but a phone number has its number back after as many tries as there are
    phone numbers; so documents in which something was found keep the place, and no digest.
    """
    provenance = whole(batch["provenance"])
    hit = pa.array([i in rows for i in range(batch.num_rows)])
    digests = pc.if_else(hit, pa.scalar(None, pa.string()), provenance.field("sha256"))
    return with_field(provenance, "sha256", digests)


def _no_spans(rows: int) -> pa.Array:
    return lists(pa.array(np.zeros(rows + 1, np.int32)), pa.array([], SPAN))

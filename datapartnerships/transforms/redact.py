"""Apply a policy to what detectors found."""

from __future__ import annotations

import functools
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, cast

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from datapartnerships import registry
from datapartnerships._secrets import key_id, pseudonym_key
from datapartnerships.errors import DataPartnershipsError, InvalidParameter, PipelineError
from datapartnerships.kernels import surrogates
from datapartnerships.kernels.generalize import generalize
from datapartnerships.kernels.segments import (
    append_entries,
    flat,
    lists,
    metadata_values,
    parents,
    set_column,
    set_lists,
    whole,
    with_field,
)
from datapartnerships.kernels.strings import put
from datapartnerships.schema import REDACTION, SPAN
from datapartnerships.transforms._nominatives import LANGUAGES, nominative

# The strictest first: of spans that overlap, it is the one that holds for all of them.
POLICIES = ("redact", "pseudonymize", "generalize", "mask", "keep")
SCOPES = ("document", "case", "corpus")

Spans = list[tuple[int, int, str]]
# Where the replacement of a span stands, and by which policy it was made.
Placed = tuple[int, int, str]


@dataclass(frozen=True, kw_only=True)
class Redact:
    """Replace every span: by its label, a mask, a surrogate, or less of it; then empty `spans`.

    The digest of the source (`provenance.sha256`) of a document with spans is taken out: a short
    secret could be found again by trying all until it fits.

    The union of all spans is replaced: where spans overlap, one replacement stands for them,
    named after the longest and made by the strictest of their policies; where they are of
    several labels, nothing of the original is kept. Spans that only touch stay apart.

    Each span has an entry in the column `redactions` (`schema.REDACTION`): where it was and is,
    what it was, who found it, what was done, and a keyed fingerprint; never its text. A run writes
    this column to ``audit/`` and not to the dataset.

    Attributes:
        policy: ``redact`` (``[EMAIL]``), ``mask`` (``j***@***``), ``pseudonymize`` (a surrogate
            that is the same for the same value under the same key, in any process and order),
            ``generalize`` (a date to its year, an age to ten years, a postal code to its first
            part, an IP address to its network; anything else as ``redact``) or ``keep``.
        by_label: policies for single labels, as pairs or a mapping.
        scope: how far a surrogate stays the same: ``corpus``, which is everything under one key;
            ``case``, the documents that have what `case` names in common; or ``document``.
        case: a key of the metadata, as ``metadata.docket``, or a column of strings; a document
            without one is a case of its own.
        audit: whether to add `redactions`. Without it and without ``pseudonymize``, no key is
            needed.
    """

    policy: str = "redact"
    by_label: tuple[tuple[str, str], ...] = ()
    scope: str = "corpus"
    case: str = ""
    audit: bool = True

    version: ClassVar[int] = 2
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
        if self.scope not in SCOPES:
            raise InvalidParameter(self, "scope", f"one of {', '.join(SCOPES)}", self.scope)
        if (self.scope == "case") != bool(self.case):
            rule = "a name such as 'metadata.docket' with scope='case', and none otherwise"
            raise InvalidParameter(self, "case", rule, self.case)

    @property
    def requires(self) -> frozenset[str]:
        of_case = {"metadata" if self.case.startswith("metadata.") else self.case} - {""}
        return frozenset({"id", "segments", "metadata", "spans", *of_case})

    @property
    def provides(self) -> frozenset[str]:
        changed = {"segments", "metadata", "spans", "provenance"}
        return frozenset(changed | {"redactions"} if self.audit else changed)

    @property
    def named_labels(self) -> frozenset[str]:
        """The labels that have a policy of their own."""
        return frozenset(label for label, _ in self.by_label)

    @property
    def secret_id(self) -> str | None:
        """Which key this will use: part of what makes two runs the same."""
        used = {self.policy, *(name for _, name in self.by_label)}
        return key_id() if self.audit or "pseudonymize" in used else None

    def __call__(self, batch: pa.Table) -> pa.Table:
        offsets, spans = flat(batch, "spans")
        if not len(spans):
            return self._with_audit(batch, np.empty(0, np.int64), pa.array([], REDACTION))
        rows = parents(offsets)
        spots = _spots(batch, rows, spans)
        keys = self._keys(batch, set(rows.tolist()))
        spoken = _languages(batch)
        values = [""] * len(spans)
        placed: list[Placed] = [(0, 0, "")] * len(spans)
        for field, places in spots.items():
            column, name = ("metadata", "value") if field == "metadata" else ("segments", field)
            edges, structs = flat(batch, column)
            texts, changed = structs.field(name), {}
            for place, found in places.items():
                text = texts[place].as_py()
                row = int(rows[found[0][0]])
                key, language = keys.get(row, b""), spoken[row]
                each = [(start, end, label) for _, start, end, label in found]
                changed[place], news = self._replaced(text, each, key, language)
                for (i, start, end, _), new in zip(found, news, strict=True):
                    values[i], placed[i] = text[start:end], new
            structs = with_field(structs, name, put(texts, changed))
            batch = set_lists(batch, column, lists(edges, structs))
        batch = set_column(batch, "provenance", _without_digests(batch, set(rows.tolist())))
        batch = set_column(batch, "spans", _no_spans(batch.num_rows))
        return self._with_audit(batch, rows, _entries(spans, values, placed))

    def _with_audit(self, batch: pa.Table, rows: Any, entries: pa.Array) -> pa.Table:
        return append_entries(batch, "redactions", rows, entries) if self.audit else batch

    def apply(self, text: str, spans: Spans, language: str = "") -> str:
        """`text` (in a language: ISO 639-1) with every span of it replaced, as in a corpus."""
        return self._replaced(text, spans, self._key() or b"", language)[0]

    def _replaced(
        self, text: str, spans: Spans, key: bytes, language: str = ""
    ) -> tuple[str, list[Placed]]:
        """The text with its spans replaced, and where the replacement of each of them is."""
        out: list[str] = []
        at = size = 0
        if any(not 0 <= start <= end <= len(text) for start, end, _ in spans):
            raise ValueError("a span reaches past its text: the text changed after detection")
        policies = [self._policy(label) for _, _, label in spans]
        # Kept ones leave first: a longer span that is kept must not swallow one that is not.
        wanted = [s for s, policy in zip(spans, policies, strict=True) if policy != "keep"]
        edges: list[tuple[int, int, int, int, str]] = [(-1, -1, -1, -1, "")]
        for start, end, label, labels in _merged(wanted):
            policy = self._policy(label)
            if len(labels) > 1:
                policy = min((self._policy(each) for each in labels), key=POLICIES.index)
                policy = "redact" if policy in ("generalize", "mask") else policy
            new, policy = _replacement(text[start:end], label, policy, key, language)
            out += [text[at:start], new]
            size += start - at + len(new)
            edges.append((start, end, size - len(new), size, policy))
            at = end
        news = []
        for (start, end, _), policy in zip(spans, policies, strict=True):
            first = edges[bisect_right(edges, start, key=lambda edge: edge[0]) - 1]
            last = edges[bisect_right(edges, max(start, end - 1), key=lambda edge: edge[0]) - 1]
            new_start = first[2] if start < first[1] else start - first[1] + first[3]
            new_end = last[3] if end <= last[1] else end - last[1] + last[3]
            news.append((new_start, new_end, policy if policy == "keep" else first[4]))
        return "".join([*out, text[at:]]), news

    def _policy(self, label: str) -> str:
        return dict(self.by_label).get(label, self.policy)

    def _key(self) -> bytes | None:
        used = {self.policy, *(name for _, name in self.by_label)}
        return pseudonym_key() if "pseudonymize" in used else None

    def _keys(self, batch: pa.Table, rows: set[int]) -> dict[int, bytes]:
        """Of each of these rows, the key for surrogates; none where none are made."""
        key = self._key()
        if key is None:
            return {}
        if self.scope == "corpus":
            return dict.fromkeys(rows, key)
        order = pa.array(sorted(rows))
        names = [f"document\0{name}" for name in batch["id"].take(order).to_pylist()]
        if self.scope == "case":
            cases = self._cases(batch).take(order).to_pylist()
            names = [
                name if case is None else f"case\0{case}"
                for case, name in zip(cases, names, strict=True)
            ]
        return {
            row: surrogates.scoped(key, name)
            for row, name in zip(order.to_pylist(), names, strict=True)
        }

    def _cases(self, batch: pa.Table) -> pa.Array:
        if self.case.startswith("metadata."):
            return metadata_values(batch, self.case.removeprefix("metadata."))
        kind = batch.schema.field(self.case).type
        if not (pa.types.is_string(kind) or pa.types.is_large_string(kind)):
            raise PipelineError(f"Redact(case={self.case!r}): the column is {kind}, not strings.")
        return whole(batch[self.case])


def union(spans: Spans) -> Spans:
    """Disjoint spans that cover what `spans` cover; overlapping ones become one."""
    return [(start, end, label) for start, end, label, _ in _merged(spans)]


def _merged(spans: Spans) -> list[tuple[int, int, str, set[str]]]:
    """These, and the labels of all that became one."""
    merged: list[list[Any]] = []
    for start, end, label in sorted(spans, key=lambda span: (span[0], -span[1], span[2])):
        if merged and start < merged[-1][1]:
            last = merged[-1]
            if end - start > last[4]:
                last[2], last[4] = label, end - start
            last[1] = max(last[1], end)
            last[3].add(label)
        else:
            merged.append([start, end, label, {label}, end - start])
    return [(start, end, label, labels) for start, end, label, labels, _ in merged]


def _languages(batch: pa.Table) -> list[str]:
    """Of each document, the first part of its tag; empty where nobody said."""
    if "language" not in batch.column_names:
        return [""] * batch.num_rows
    tags = pc.replace_substring_regex(pc.fill_null(whole(batch["language"]), ""), "[-_].*", "")
    return cast("list[str]", tags.to_pylist())


def _replacement(value: str, label: str, policy: str, key: bytes, language: str) -> tuple[str, str]:
    """What stands for a value, and the policy by which: where nothing general can be said of it,
    it is redacted."""
    if policy == "mask":
        return surrogates.mask(value, label), policy
    if policy == "pseudonymize":
        if label == "PERSON" and language in LANGUAGES:
            value = nominative(value, language)
        return surrogates.pseudonymize(value, label, key), policy
    general = generalize(value, label) if policy == "generalize" else None
    return (surrogates.redact(label), "redact") if general is None else (general, policy)


def _spots(
    batch: pa.Table, rows: np.ndarray[Any, Any], spans: pa.StructArray
) -> dict[str, dict[int, list[tuple[int, int, int, str]]]]:
    """By field and place in its flat column: number, start, end and label of each span."""
    bases = {name: np.asarray(flat(batch, name)[0]) for name in ("metadata", "segments")}
    columns = [
        spans.field(name).to_pylist() for name in ("field", "segment", "start", "end", "label")
    ]
    spots: dict[str, dict[int, list[tuple[int, int, int, str]]]] = {}
    for i, (field, segment, start, end, label) in enumerate(zip(*columns, strict=True)):
        edges = bases["metadata" if field == "metadata" else "segments"]
        base = edges[rows[i]]
        if not 0 <= segment < edges[rows[i] + 1] - base:
            raise ValueError(f"a span points to {field} {segment}, which is not there")
        places = spots.setdefault(field, {})
        places.setdefault(int(base + segment), []).append((i, start, end, label))
    return spots


def _entries(
    spans: pa.StructArray, values: Sequence[str], placed: Sequence[Placed]
) -> pa.StructArray:
    key = pseudonym_key()
    labels, detectors = (spans.field(name).to_pylist() for name in ("label", "detector"))
    starts, ends, policies = zip(*placed, strict=True)
    columns = {
        **{name: spans.field(name) for name in ("field", "segment", "start", "end", "label")},
        **{name: spans.field(name) for name in ("score", "detector")},
        "new_start": starts,
        "new_end": ends,
        "version": [_version_of(name) for name in detectors],
        "policy": policies,
        "fingerprint": [
            surrogates.fingerprint(value, label, key)
            for value, label in zip(values, labels, strict=True)
        ],
    }
    arrays = [
        columns[item.name]
        if isinstance(columns[item.name], pa.Array)
        else pa.array(columns[item.name], item.type)
        for item in REDACTION
    ]
    return pa.StructArray.from_arrays(arrays, fields=list(REDACTION))


@functools.cache
def _version_of(detector: str) -> str | None:
    """The version of a detector that the registry knows by this name."""
    try:
        found = registry.load("detectors", detector)
    except DataPartnershipsError:
        return None
    version = getattr(found, "version", None)
    return None if version is None else str(version)


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

"""What becomes of what a document has from others."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import pyarrow as pa

from datapartnerships.errors import InvalidParameter, UnknownName
from datapartnerships.kernels.segments import reject, set_column, whole
from datapartnerships.schema import BASES
from datapartnerships.transforms._spans import spans_with_rows, with_spans

# Of `detectors.ThirdParty`.
LABELS = ("COPYRIGHT", "LICENSE", "BYLINE", "QUOTATION", "REPRINT")
DECISIONS = ("redact", "keep", "reject")
THIRD_PARTY = pa.list_(
    pa.struct([("label", pa.string()), ("decision", pa.string()), ("count", pa.int32())])
)


@dataclass(frozen=True, kw_only=True)
class DecideThirdParty:
    """Decide on each span of `ThirdParty`: redact it, keep it, or reject the document.

    Put it between `DetectPii` with ``ThirdParty`` and `Redact`. Spans to redact are left for it,
    spans to keep are taken out, so that the text stays as it is. Other spans are not touched.

    `third_party` says of each document which labels there were, what was decided, and how many.

    Attributes:
        policy: ``redact``, ``keep`` or ``reject``, for labels that `by_label` does not name.
        by_label: decisions for single labels, as pairs or a mapping.
        vouched: bases of rights (`rights.basis`), any of ``statute``, ``contract``, ``declared``
            and ``inferred``: in documents with these rights all is kept, as who gave them the right
            gave it for what is in them, too.
    """

    policy: str = "redact"
    by_label: tuple[tuple[str, str], ...] = ()
    vouched: tuple[str, ...] = ()

    version: ClassVar[int] = 1
    acts_on_spans: ClassVar[bool] = True
    requires = frozenset({"segments", "metadata", "spans", "rights", "drop_reason"})
    provides = frozenset({"spans", "drop_reason", "third_party"})

    def __post_init__(self) -> None:
        pairs: Any = self.by_label
        if isinstance(pairs, Mapping):
            pairs = tuple(sorted(pairs.items()))
        object.__setattr__(self, "by_label", tuple((label, name) for label, name in pairs))
        object.__setattr__(self, "vouched", tuple(self.vouched))
        for label, name in (("", self.policy), *self.by_label):
            if label and label not in LABELS:
                raise UnknownName("label", label, LABELS, where="DecideThirdParty.by_label")
            if name not in DECISIONS:
                field = "by_label" if label else "policy"
                raise InvalidParameter(self, field, f"one of {', '.join(DECISIONS)}", name)
        for basis in self.vouched:
            if basis not in BASES:
                raise UnknownName("basis", basis, BASES, where="DecideThirdParty.vouched")

    @property
    def named_labels(self) -> frozenset[str]:
        """The labels that a detection before it must be able to give."""
        return frozenset(label for label, _ in self.by_label)

    def __call__(self, batch: pa.Table) -> pa.Table:
        spans = spans_with_rows(batch)
        bases = whole(batch["rights"]).field("basis").to_pylist()
        told: list[Counter[tuple[str, str]]] = [Counter() for _ in bases]
        stays = np.ones(spans.num_rows, np.bool_)
        named = dict(self.by_label)
        labels, rows = spans["label"].to_pylist(), spans["row"].to_pylist()
        for i, (label, row) in enumerate(zip(labels, rows, strict=True)):
            if label in LABELS:
                vouched = bases[row] in self.vouched
                decision = "keep" if vouched else named.get(label, self.policy)
                told[row][label, decision] += 1
                stays[i] = decision != "keep"
        lists = [
            [{"label": a, "decision": b, "count": n} for (a, b), n in sorted(each.items())]
            for each in told
        ]
        batch = set_column(batch, "third_party", pa.array(lists, THIRD_PARTY))
        if not stays.all():
            batch = with_spans(batch, [spans.filter(pa.array(stays))])
        first = [next((a for a, b in sorted(t) if b == "reject"), None) for t in told]
        reasons = pa.array(
            [None if a is None else f"DecideThirdParty: {a.lower()}" for a in first], pa.string()
        )
        return reject(batch, reasons.is_valid(), reasons)

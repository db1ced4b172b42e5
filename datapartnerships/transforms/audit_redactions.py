"""PDFs in which text survives under what looks redacted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from datapartnerships.errors import InvalidParameter, UnknownName
from datapartnerships.kernels.redactions import ERROR_KEY, KEY, KINDS, Finding, loads
from datapartnerships.kernels.segments import flat, parents, reject, set_column, set_lists, whole

REDACTION = pa.struct(
    [
        ("kind", pa.string()),
        ("page", pa.int32()),
        ("bbox", pa.list_(pa.float32())),
        ("characters", pa.int32()),
        ("alarm", pa.bool_()),
    ]
)
_STEP = "AuditRedactions"


@dataclass(frozen=True, kw_only=True)
class AuditRedactions:
    """Reject PDFs in which text survives under what looks redacted: adds `failed_redactions`.

    The pages are looked at where they are read: by ``FolderReader(..., audit_redactions=True)`` or
    ``PdfReader(..., audit_redactions=True)``. A PDF that was not looked at, or could not be, is
    rejected; other documents pass, with null. The drop reason names the first kind and its page,
    never the text; of a rejected document nothing but its place in the deposit is kept.

    `failed_redactions` lists what was found: kind, page (from 1), box (shares of the page), letters
    and digits that survive, and whether it is an alarm. The kinds:

    - Under something: ``rectangle`` (filled, of any opaque color), ``polygon``, ``line`` (a thick
      one, a scribble), ``shading``, ``image`` (of one color, an image mask, a black place of a
      scan), ``block_characters``, ``annotation`` (highlight, square, free text, stamp, ink and
      others that are opaque).
    - ``unapplied_redaction``: marked for redaction and never applied.
    - ``same_color``: in the color of its ground, or transparent.
    - ``invisible_text``: invisible where the page is black, as the recognized text of a redacted
      scan is, or where there is no picture that it could be the text of.
    - ``outside_page``, ``clipped``, ``hidden_layer``: not on the part of the page that is shown.
    - ``covered_scan``: a box laid over a scan, whose picture is whole.
    - ``earlier_revision``: words that were saved, and taken out when it was saved again.
    - ``metadata`` (properties and XMP), ``bookmark``, ``form_field``, ``script``, ``comment``,
      ``alternative_text``: they repeat a word that is hidden on a page; or, in a document with
      redactions, they have names or numbers that no page shows.
    - ``thumbnail``: a small picture of a page without its bars.
    - ``attachment``: a file inside, which no page shows.

    Notes and no alarms are: text which no dark box hides and the document shows elsewhere, authors
    that no page shows, and attached data (XML, JSON, CSV) of documents without redactions.

    What it cannot find: docs/how-to/audit-pdfs.md.

    Attributes:
        reject: reject documents with an alarm; false only adds the column. A PDF that was not
            audited is rejected all the same.
        notes: reject documents with notes, too.
        ignore: kinds that reject nothing; they stay in the column.
    """

    reject: bool = True
    notes: bool = False
    ignore: tuple[str, ...] = ()

    version: ClassVar[int] = 1
    requires = frozenset({"metadata", "provenance", "drop_reason"})
    provides = frozenset({"failed_redactions", "metadata", "drop_reason"})
    # What was hidden may stand in the text that was read.
    withholds_text = True

    def __post_init__(self) -> None:
        for name in ("reject", "notes"):
            if not isinstance(getattr(self, name), bool):
                raise InvalidParameter(self, name, "true or false", getattr(self, name))
        if not isinstance(self.ignore, list | tuple):
            raise InvalidParameter(self, "ignore", "a list of kinds", self.ignore)
        for kind in self.ignore:
            if kind not in KINDS:
                raise UnknownName("kind", str(kind), KINDS, where="ignore of AuditRedactions")
        object.__setattr__(self, "ignore", tuple(self.ignore))

    def __call__(self, batch: pa.Table) -> pa.Table:
        found = {row: loads(text) for row, text in _told(batch, KEY).items()}
        failed = _told(batch, ERROR_KEY)
        reasons: list[str | None] = [None] * batch.num_rows
        for row in np.flatnonzero(_is_pdf(batch)).tolist():
            if row in failed:
                reasons[row] = f"{_STEP}: could not be audited ({failed[row]})"
            elif row not in found:
                reasons[row] = f"{_STEP}: was not audited (read it with audit_redactions=True)"
        for row, findings in found.items():
            if reasons[row] is None and self.reject:
                reasons[row] = self._reason(findings)
        column = [
            [_plain(item) for item in found[row]] if row in found else None
            for row in range(batch.num_rows)
        ]
        batch = set_column(batch, "failed_redactions", pa.array(column, pa.list_(REDACTION)))
        batch = _without(batch, KEY, ERROR_KEY)
        given = pa.array(reasons, pa.string())
        return reject(batch, pc.is_valid(given), given)

    def _reason(self, findings: list[Finding]) -> str | None:
        told = (item for item in findings if item.kind not in self.ignore)
        bad = [item for item in told if item.alarm or self.notes]
        if not bad:
            return None
        first = bad[0]
        # Not in brackets: what is in them is withheld with the text.
        page = "" if first.page is None else f" on page {first.page}"
        return f"{_STEP}: {first.kind}{page} ({len(bad)} found)"


def _plain(item: Finding) -> dict[str, Any]:
    return item.plain(with_text=False)


def _is_pdf(batch: pa.Table) -> Any:
    """What is one by its content, or where nobody looked by its name."""
    place = whole(batch["provenance"])
    name = pc.coalesce(place.field("member"), place.field("uri"))
    kind = pc.match_substring(place.field("media_type"), "pdf")
    told = pc.coalesce(kind, pc.match_substring_regex(name, r"(?i)\.pdf$"))
    read = pc.equal(place.field("reader"), "PdfReader")
    return np.asarray(pc.fill_null(told, False)) | np.asarray(pc.fill_null(read, False))


def _told(batch: pa.Table, key: str) -> dict[int, str]:
    """What the metadata says under this key, by row."""
    offsets, items = flat(batch, "metadata")
    some = np.flatnonzero(np.asarray(pc.fill_null(pc.equal(items.field("key"), key), False)))
    rows = parents(offsets)[some].tolist()
    values = items.field("value").take(pa.array(some)).to_pylist()
    return dict(zip(rows, values, strict=True))


def _without(batch: pa.Table, *keys: str) -> pa.Table:
    """The batch without these items of metadata."""
    offsets, items = flat(batch, "metadata")
    keep = pc.invert(pc.fill_null(pc.is_in(items.field("key"), pa.array(keys)), False))
    kept = np.asarray(keep)
    if kept.all():
        return batch
    before = np.concatenate([[0], np.cumsum(kept)]).astype(np.int32)
    lists = pa.ListArray.from_arrays(pa.array(before[np.asarray(offsets)]), items.filter(keep))
    return set_lists(batch, "metadata", lists)

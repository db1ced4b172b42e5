"""An audit of PDFs by themselves: a folder in, a table of what survives out."""

from __future__ import annotations

import html
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa

from datapartnerships.kernels.redactions import KEY, KINDS, Finding, loads
from datapartnerships.readers._audit import RedactionReader
from datapartnerships.readers._source import Limits
from datapartnerships.schema import metadata_dict
from datapartnerships.tally import uri_of

TABLE = pa.schema(
    [
        ("file", pa.string()),
        ("page", pa.int32()),
        ("bbox", pa.list_(pa.float32())),
        ("kind", pa.string()),
        ("characters", pa.int32()),
        ("alarm", pa.bool_()),
    ]
)
_SHOWN = 200


def audit_redactions(
    path: str | os.PathLike[str],
    *,
    show_text: bool = False,
    passwords: Sequence[str] = (),
    limits: Limits | None = None,
) -> RedactionAudit:
    """Find text that survives under what looks redacted, and hidden data, in PDFs.

    Each file is looked at in a process apart, with a limit of time and memory. One that cannot be
    audited is named with the reason: it is not a clean one. What is found, and what is not:
    `AuditRedactions`, and docs/how-to/audit-pdfs.md.

    Args:
        path: a PDF, a folder of them (those within are found by their suffix), or an fsspec URL.
        show_text: keep what survives. The answer is then as secret as the files are.
        passwords: tried in turn on files that are encrypted.
        limits: what one file may cost.
    """
    reader = RedactionReader(
        os.fspath(path), show_text=show_text, passwords=tuple(passwords), limits=limits or Limits()
    )
    found: dict[str, tuple[Finding, ...]] = {}
    unread: dict[str, str] = {}
    for shard in reader.shards():
        for batch in reader.read(shard):
            for row in batch.select(["provenance", "metadata", "drop_reason"]).to_pylist():
                name = uri_of(row["provenance"])
                if row["drop_reason"] is not None:
                    unread[name] = row["drop_reason"].partition(": ")[2]
                else:
                    found[name] = tuple(loads(metadata_dict(row["metadata"])[KEY]))
    return RedactionAudit(found, unread, show_text)


@dataclass(frozen=True)
class RedactionAudit:
    """What `audit_redactions` gives: a table in a notebook, text elsewhere.

    Attributes:
        files: what was found in each file that was audited.
        unread: files that could not be audited, and why.
        shows_text: it holds what survives.
    """

    files: dict[str, tuple[Finding, ...]] = field(repr=False)
    unread: dict[str, str] = field(default_factory=dict, repr=False)
    shows_text: bool = False

    def _rows(self) -> Iterator[tuple[str, Finding]]:
        for name, findings in self.files.items():
            for item in findings:
                yield name, item

    @property
    def alarms(self) -> int:
        """How many places are alarms; the others are notes."""
        return sum(item.alarm for _, item in self._rows())

    @property
    def table(self) -> pa.Table:
        """A row for each place: file, page (from 1), bbox (shares of the page), kind, characters
        (letters and digits that survive) and alarm; with `text` where that was asked for."""
        rows = [{"file": name, **item.plain(with_text=True)} for name, item in self._rows()]
        schema = TABLE.append(pa.field("text", pa.string())) if self.shows_text else TABLE
        return pa.Table.from_pylist(rows, schema=schema)

    def text(self, *, notes: bool = True) -> str:
        """For a terminal; `notes` with what is no alarm."""
        lines = [self._summary()]
        for name, item in self._rows():
            if item.alarm or notes:
                lines.append(f"{name}  {'ALARM' if item.alarm else 'note'}  {self._said(item)}")
        lines += [f"{name}  NOT AUDITED  {why}" for name, why in self.unread.items()]
        return "\n".join(lines)

    def __repr__(self) -> str:
        return self.text()

    def _summary(self) -> str:
        bad = sum(any(item.alarm for item in found) for found in self.files.values())
        return (
            f"{_counted(len(self.files), 'PDF')} audited: {_counted(self.alarms, 'alarm')} "
            f"in {bad} of them. "
            f"{len(self.unread)} could not be audited."
        )

    def _said(self, item: Finding) -> str:
        parts = [KINDS[item.kind]]
        if item.page is not None:
            parts.append(f"page {item.page}")
        if item.bbox is not None:
            parts.append("at " + " ".join(f"{edge:.2f}" for edge in item.bbox))
        if item.characters is not None:
            parts.append(f"{item.characters} characters")
        if self.shows_text and item.text:
            parts.append(repr(" ".join(item.text.split())[:_SHOWN]))
        return ", ".join(parts)

    def _repr_html_(self) -> str:
        head = "".join(f"<th>{name}</th>" for name in self._heads)
        body = "".join(
            "<tr>" + "".join(f"<td>{html.escape(cell)}</td>" for cell in row) + "</tr>"
            for row in self._cells()
        )
        return (
            f"<p>{html.escape(self._summary())}</p><table style='text-align:left'>"
            f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
        )

    @property
    def _heads(self) -> tuple[str, ...]:
        plain = ("file", "", "what", "page", "left", "top", "right", "bottom", "characters")
        return (*plain, "text") if self.shows_text else plain

    def _cells(self) -> Iterator[Sequence[str]]:
        for name, item in self._rows():
            edges = [f"{edge:.2f}" for edge in item.bbox] if item.bbox else [""] * 4
            row: list[Any] = [name, "alarm" if item.alarm else "note", KINDS[item.kind]]
            row += ["" if item.page is None else str(item.page), *edges]
            row.append("" if item.characters is None else str(item.characters))
            yield [*row, " ".join(item.text.split())[:_SHOWN]] if self.shows_text else row
        for name, why in self.unread.items():
            yield [name, "not audited", why, *[""] * (len(self._heads) - 3)]


def _counted(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'' if count == 1 else 's'}"

"""The first documents of a pipeline, before and after: text in a terminal, HTML in a notebook."""

from __future__ import annotations

import html
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from datapartnerships.tally import uri_of

SHOWN = 400


@dataclass(frozen=True, slots=True)
class Row:
    """One document: as it was read, and as it came out or was rejected."""

    before: Mapping[str, Any]
    after: Mapping[str, Any]

    @property
    def drop_reason(self) -> str | None:
        reason: str | None = self.after.get("drop_reason")
        return reason

    @property
    def uri(self) -> str:
        return uri_of(self.before["provenance"])

    def text(self, which: str) -> str:
        row = self.before if which == "before" else self.after
        return "\n\n".join(item["text"] for item in row["segments"] if item["text"])


@dataclass(frozen=True, slots=True)
class Preview:
    """What `Pipeline.preview` gives: rows in the order they were read."""

    rows: tuple[Row, ...]

    def __len__(self) -> int:
        return len(self.rows)

    def __repr__(self) -> str:
        parts = []
        for row in self.rows:
            same = row.text("before") == row.text("after")
            before, after = _both(row)
            if row.drop_reason:
                parts.append(f"{row.uri}\n  rejected  {row.drop_reason}")
            elif same:
                parts.append(f"{row.uri}\n  unchanged {before}")
            else:
                parts.append(f"{row.uri}\n  before    {before}\n  after     {after}")
        return "\n".join(parts) or "No documents."

    def _repr_html_(self) -> str:
        rows = "".join(
            f"<tr><td><code>{html.escape(row.uri)}</code></td>"
            f"<td style='white-space:pre-wrap'>{html.escape(_both(row)[0])}</td>"
            f"<td style='white-space:pre-wrap'>{_after(row)}</td></tr>"
            for row in self.rows
        )
        return (
            "<table style='text-align:left;vertical-align:top'><thead><tr><th>document</th>"
            f"<th>before</th><th>after</th></tr></thead><tbody>{rows}</tbody></table>"
        )


def _after(row: Row) -> str:
    if row.drop_reason:
        return f"<b>rejected</b>: {html.escape(row.drop_reason)}"
    return html.escape(_both(row)[1])


def _both(row: Row) -> tuple[str, str]:
    """The texts before and after; of long ones what is around the first difference."""
    before, after = row.text("before"), row.text("after")
    pairs = enumerate(zip(before, after, strict=False))
    start = next((i for i, (old, new) in pairs if old != new), min(len(before), len(after)))
    start = start - SHOWN // 4 if before != after and start > SHOWN // 2 else 0
    return _short(before, start), _short(after, start)


def _short(text: str, start: int) -> str:
    end = start + SHOWN
    return ("…" if start else "") + text[start:end] + ("…" if len(text) > end else "")

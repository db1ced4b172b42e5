"""Long texts as tools for pretraining read them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import pyarrow as pa

from datapartnerships.writers._lines import LinesWriter, Unfit


@dataclass(frozen=True)
class TextWriter(LinesWriter):
    """One document a line: ``{"id": ..., "text": ..., "source": ..., "license": ...}``.

    `text` and `id` are where most tools look for them. `license` is the SPDX expression of the
    document, or null where nobody knows it.
    Documents without text are left out.

    Beside ``data/`` lies ``rights/``, Parquet: for each line, in the same order, its `id` and all
    that is known of the document but its text. `Manifest.counts` has the documents, the lines
    (`rows`), and those left out by reason.

    Attributes:
        compression: ``gzip`` or None.
        otherwise: of a document that makes no line: ``leave out``, or ``error``.
    """

    version: ClassVar[int] = 1
    reads: ClassVar[tuple[str, ...]] = ("id", "text", "source", "rights")

    def kind(self) -> pa.Schema:
        return pa.schema([(name, pa.string()) for name in ("id", "text", "source", "license")])

    def line(self, row: dict[str, Any]) -> dict[str, Any]:
        if not row["text"].strip():
            raise Unfit("no text")
        license = (row["rights"] or {}).get("license")
        return {
            "id": row["id"], "text": row["text"], "source": row["source"], "license": license
        }  # fmt: skip

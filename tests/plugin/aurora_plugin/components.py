"""Written as a third party would, from the documentation alone."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from datapartnerships.errors import DocumentError
from datapartnerships.kernels.segments import flat_text, with_text
from datapartnerships.readers import FileReader, Source
from datapartnerships.schema import SPANS, Document, Segment


@dataclass(frozen=True, kw_only=True)
class SagaReader(FileReader):
    """Files of chapters, each under a line that begins with ``%%``.

    Attributes:
        kind: kind of the documents.
    """

    kind: str = "text"

    media_types = frozenset({"text/x-saga"})
    suffixes = (".saga",)

    def parse(self, source: Source) -> Iterator[Document]:
        data = source.read(self.limits)
        text = data.decode()
        if not text.startswith("%%"):
            raise DocumentError("not a saga", "expected a line that begins with %%")
        segments = []
        for chapter in text.split("%%")[1:]:
            title, _, body = chapter.partition("\n")
            segments.append(Segment(body.strip(), ref=title.strip()))
        yield source.document(self, segments, kind=self.kind, data=data)


@dataclass(frozen=True, kw_only=True)
class Lowercase:
    """Small letters only."""

    requires = frozenset({"segments"})
    provides = frozenset({"segments"})

    def __call__(self, batch: pa.Table) -> pa.Table:
        return with_text(batch, pc.utf8_lower(flat_text(batch)))


@dataclass(frozen=True, kw_only=True)
class Dockets:
    """Docket numbers such as 2021/0417."""

    labels = frozenset({"DOCKET"})

    def covers(self, language: str) -> dict[str, str]:
        return dict.fromkeys(self.labels, "form")

    def __call__(self, texts: pa.Array) -> pa.Table:
        rows = [
            (i, match.start(), match.end(), "DOCKET", 0.9, "Dockets")
            for i, text in enumerate(texts.to_pylist())
            for match in re.finditer(r"\b\d{4}/\d{4}\b", text or "")
        ]
        columns = list(zip(*rows, strict=True)) or [[] for _ in SPANS]
        arrays = [pa.array(c, item.type) for c, item in zip(columns, SPANS, strict=True)]
        return pa.table(arrays, schema=SPANS)

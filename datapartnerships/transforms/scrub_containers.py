"""Reject documents whose file cannot travel without what hides in it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import pyarrow as pa

from datapartnerships._deposit import Deposit
from datapartnerships.config import location
from datapartnerships.errors import ConfigurationError, DocumentError, InvalidParameter
from datapartnerships.kernels.segments import reasons, set_column
from datapartnerships.schema import DOCUMENT_KINDS, MEDIA


@dataclass(frozen=True, kw_only=True)
class ScrubContainers:
    """Scrub the file of every document as `FileWriter` will, and reject those where it fails.

    Nothing is written: the file of each document is opened once more in the deposit, and scrubbed
    in a process apart. `media` then says what would travel: its digest and type; the path it had
    there is taken out. `scrubbed` lists the kinds of what was taken out, such as ``EXIF`` or
    ``tracked changes``, never what it said; null where no file travels.

    It sees neither watermarks nor faces, voices, or what is written in a picture, and does not
    redact: what a page shows, the file goes on showing.

    Attributes:
        deposit: the folder that the deposit lies in, or an fsspec URL of it.
        kinds: documents of these kinds have a file that travels; others lose their `media`.
    """

    deposit: str = location("")
    kinds: tuple[str, ...] = ("audio", "document", "image", "video")

    version: ClassVar[int] = 1
    requires = frozenset({"kind", "media", "provenance", "drop_reason"})
    provides = frozenset({"media", "drop_reason", "scrubbed"})

    def __post_init__(self) -> None:
        given: Any = self.kinds
        if isinstance(given, str) or not set(given) <= set(DOCUMENT_KINDS):
            rule = f"a list of kinds: {', '.join(DOCUMENT_KINDS)}"
            raise InvalidParameter(self, "kinds", rule, given)
        object.__setattr__(self, "kinds", tuple(given))

    def __call__(self, batch: pa.Table) -> pa.Table:
        if batch.num_rows and not self.deposit:
            raise ConfigurationError(
                "ScrubContainers needs the files again: ScrubContainers(deposit=...) is the folder "
                "of the deposit, the same as the path of the reader."
            )
        drops = reasons(batch).to_pylist()
        media: list[dict[str, Any] | None] = []
        kinds: list[list[str] | None] = []
        rows = batch.select(["kind", "media", "provenance"]).to_pylist()
        for number, row in enumerate(rows):
            media.append(None)
            kinds.append(None)
            if drops[number] is not None or row["kind"] not in self.kinds:
                continue
            try:
                media[-1], kinds[-1] = self._scrubbed(row)
            except DocumentError as error:
                drops[number] = f"scrub containers: {error.reason}"
        batch = set_column(batch, "media", pa.array(media, MEDIA))
        batch = set_column(batch, "scrubbed", pa.array(kinds, pa.list_(pa.string())))
        return set_column(batch, "drop_reason", pa.array(drops, pa.string()))

    def _scrubbed(self, row: Mapping[str, Any]) -> tuple[dict[str, Any], list[str]]:
        from datapartnerships.containers import scrub_apart

        with Deposit(self.deposit).place(row["provenance"]) as place:
            done = scrub_apart(place)
        old = row["media"] or {}
        new = {
            "sha256": hashlib.sha256(done.data).hexdigest(),
            "media_type": done.media_type,
            "fingerprint": old.get("fingerprint"),
        }
        return new, list(done.removed)

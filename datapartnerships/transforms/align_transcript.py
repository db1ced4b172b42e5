"""Transcripts that people wrote, joined to their recordings."""

from __future__ import annotations

import os
from dataclasses import dataclass, is_dataclass
from typing import Any, ClassVar

import pyarrow as pa
import pyarrow.compute as pc

from datapartnerships.errors import DocumentError, InvalidParameter
from datapartnerships.kernels.segments import reasons, set_column, whole
from datapartnerships.kernels.transcript import Joined, is_heard, join
from datapartnerships.protocols import Reader
from datapartnerships.schema import metadata_dict
from datapartnerships.transforms._transcripts import Folder, Transcript

_OURS = "transcript"


@dataclass(frozen=True)
class AlignTranscript:
    """Give a recording the words of its transcript, with the times at which they were heard.

    The transcript lies in a folder, at the recording's path with another suffix, or anywhere below
    under the same name; any reader of files may read it. It need not be verbatim: headings, notes
    and paragraphs that nobody said are kept without times (flag ``not heard``), speech that nobody
    wrote down stays as it was recognized (flag ``not in transcript``), and what was said elsewhere
    than it is written has the flag ``out of order``. `confidence` says for every segment how far it
    agrees with the sound. A recording without a transcript passes unchanged.

    The metadata say what was found: `transcript` (its path), `transcript_sha256`,
    `transcript_agreement` (share of its words that were heard), `transcript_coverage` (share of
    the words heard that it has); where it has times of its own, `transcript_offset_s` (seconds to
    add to them) and `transcript_drift` (first to be multiplied by it, where clocks or frame rates
    differ); and `transcript_error` where it could not be used.

    Attributes:
        transcripts: folder or fsspec URL.
        min_agreement: share of the words of either side that must be found in the other; below,
            the recording keeps its recognized text, and `transcript_error` says so.
        required: reject recordings that were not joined to a transcript.
        reader: what reads the transcripts; `FolderReader` where it is None.
    """

    transcripts: str
    min_agreement: float = 0.3
    required: bool = False
    reader: Reader | None = None

    version: ClassVar[int] = 1
    requires = frozenset({"kind", "segments", "metadata", "provenance", "drop_reason"})
    provides = frozenset({"segments", "metadata", "drop_reason"})
    # Segments are others than before, with places of their own.
    makes_segments = True

    def __post_init__(self) -> None:
        given: Any = self.transcripts
        if not isinstance(given, str | os.PathLike) or not os.fspath(given):
            raise InvalidParameter(self, "transcripts", "a folder, or an fsspec URL of one", given)
        object.__setattr__(self, "transcripts", os.fspath(given))
        share: Any = self.min_agreement
        if isinstance(share, bool) or not isinstance(share, int | float) or not 0 <= share <= 1:
            raise InvalidParameter(self, "min_agreement", "a number from 0 to 1", share)
        reader: Any = self.reader
        if reader is not None and not (is_dataclass(reader) and hasattr(reader, "path")):
            raise InvalidParameter(self, "reader", "None or a reader of files", reader)

    def __call__(self, batch: pa.Table) -> pa.Table:
        kinds = pc.is_in(whole(batch["kind"]), pa.array(["audio", "video"]))
        rows = pc.indices_nonzero(pc.and_(kinds, pc.is_null(reasons(batch)))).to_pylist()
        if not rows:
            return batch
        folder = Folder(self.transcripts, self.reader)
        changed: dict[str, dict[int, Any]] = {"segments": {}, "metadata": {}, "drop_reason": {}}
        for row in rows:
            found, joined, error = self._join(folder, batch.slice(row, 1))
            if found or error:
                metadata = metadata_dict(batch["metadata"][row].as_py())
                metadata = {k: v for k, v in metadata.items() if not k.startswith(_OURS)}
                metadata |= _said(found, joined, error)
                changed["metadata"][row] = [{"key": k, "value": v} for k, v in metadata.items()]
            if joined and not _unfit(joined, self.min_agreement):
                changed["segments"][row] = joined.segments
            elif self.required:
                reason = str(error) if error else "no transcript"
                changed["drop_reason"][row] = f"{type(self).__name__}: {reason}"
        for name, values in changed.items():
            if values:
                batch = set_column(batch, name, _put(batch[name], values))
        return batch

    def _join(
        self, folder: Folder, row: pa.Table
    ) -> tuple[Transcript | None, Joined | None, DocumentError | None]:
        """The transcript of one recording, the two joined, and what is wrong with it."""
        found = joined = None
        try:
            name = folder.find(_place(row["provenance"][0].as_py() or {}))
            if name is None:
                return None, None, None
            found = folder.read(name)
            recording = row["segments"][0].as_py() or []
            if not any(is_heard(segment) for segment in recording):
                raise DocumentError("nothing to align with", "the recording has no timed speech")
            joined = join(found.segments, recording, found.path)
            if _unfit(joined, self.min_agreement):
                detail = f"{joined.agreement:.0%} of its words were heard, min_agreement is "
                raise DocumentError(
                    "transcript does not fit", f"{detail}{self.min_agreement:.0%}: {name}"
                )
        except DocumentError as error:
            return found, joined, error
        return found, joined, None


def _unfit(joined: Joined, least: float) -> bool:
    """A transcript of a part fits, and so does one of which the recording is a part."""
    return max(joined.agreement, joined.coverage) < least


def _place(provenance: dict[str, Any]) -> str:
    """The path of a recording; inside an archive, that of the member."""
    member = provenance.get("member")
    return str(member).rsplit("!", 1)[-1] if member else str(provenance.get("uri") or "")


def _said(
    found: Transcript | None, joined: Joined | None, error: DocumentError | None
) -> dict[str, str]:
    said: dict[str, str] = {}
    if found:
        said["transcript"] = found.path
        if found.sha256:
            said["transcript_sha256"] = found.sha256
        if found.note:
            said["transcript_error"] = found.note
    if joined:
        said["transcript_agreement"] = f"{joined.agreement:.3f}"
        said["transcript_coverage"] = f"{joined.coverage:.3f}"
        if joined.clock:
            said["transcript_offset_s"] = f"{joined.clock[0]:.2f}"
            if joined.clock[1] != 1:
                said["transcript_drift"] = f"{joined.clock[1]:.5f}"
    if error:
        said["transcript_error"] = str(error)
    return said


def _put(column: pa.ChunkedArray, values: dict[int, Any]) -> pa.Array:
    """The column with the values of some rows replaced."""
    column = whole(column)
    parts, at = [], 0
    for row in sorted(values):
        parts += [column.slice(at, row - at), pa.array([values[row]], column.type)]
        at = row + 1
    return pa.concat_arrays([*parts, column.slice(at)])

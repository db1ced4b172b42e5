"""Documents that were withdrawn from a release, and came back with a deposit."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import ClassVar

import pyarrow as pa
import pyarrow.compute as pc

from datapartnerships._given_files import content_id, stamp
from datapartnerships.config import location
from datapartnerships.errors import InvalidParameter
from datapartnerships.kernels.segments import reject
from datapartnerships.tombstones import SKETCHES, TOMBSTONES, Withdrawn

_STEP = "RejectWithdrawn"


@dataclass(frozen=True, kw_only=True)
class RejectWithdrawn:
    """Reject what a takedown has withdrawn, so that a later release is not stopped by its gate.

    A document is rejected that has the id of a tombstone, or its text, or a text nearly like it:
    a Jaccard similarity of .8 of runs of five words, as `Deduplicate` has it, where `path` is the
    folder of sketches that `takedown` keeps for the partner. A TOMBSTONES.jsonl alone finds ids and
    equal texts. Texts were sketched as they were released: put it behind `Redact`. What has less
    than 12 words is found by its id only.

    Attributes:
        path: the folder, or a TOMBSTONES.jsonl; a path or fsspec URL, read when it is needed. What
            is in it is part of the fingerprint of a run.
    """

    path: str = location()

    version: ClassVar[int] = 1
    requires = frozenset({"id", "segments", "drop_reason"})
    provides = frozenset({"drop_reason"})

    def __post_init__(self) -> None:
        if not isinstance(self.path, str) or not self.path:
            raise InvalidParameter(self, "path", "a folder or a TOMBSTONES.jsonl", self.path)

    @property
    def content_id(self) -> str:
        """A digest of what is in the files."""
        return content_id(self._files)

    @property
    def _files(self) -> tuple[str, ...]:
        if self.path.endswith(".jsonl"):
            return (self.path,)
        import fsspec

        system, root = fsspec.core.url_to_fs(self.path)
        folder = self.path.rstrip("/")
        sketches = system.exists(f"{root.rstrip('/')}/{SKETCHES}")
        return (f"{folder}/{TOMBSTONES}", *([f"{folder}/{SKETCHES}"] if sketches else []))

    def __call__(self, batch: pa.Table) -> pa.Table:
        withdrawn = _opened(self.path, tuple(map(stamp, self._files)))
        why = withdrawn.matches(batch)
        near = pc.binary_join_element_wise(
            f"{_STEP}: near duplicate of one withdrawn (of ",
            pc.replace_substring(why, "near ", ""),
            ")",
            "",
        )
        same = pc.is_in(why, pa.array(["id", "text"]))
        return reject(batch, pc.is_valid(why), pc.if_else(same, f"{_STEP}: withdrawn", near))


@lru_cache(maxsize=4)
def _opened(path: str, _: tuple[str, ...]) -> Withdrawn:
    return Withdrawn.open(path)

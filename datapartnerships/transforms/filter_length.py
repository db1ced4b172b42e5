"""Documents too short or too long to be of use."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import pyarrow as pa
import pyarrow.compute as pc

from datapartnerships.errors import InvalidParameter
from datapartnerships.kernels.segments import characters, reject


@dataclass(frozen=True, kw_only=True)
class FilterLength:
    """Reject documents by their number of characters (code points, all segments together).

    Attributes:
        min_characters: fewer than this is rejected.
        max_characters: more than this is rejected; None for no limit.
    """

    min_characters: int = 1
    max_characters: int | None = None

    version: ClassVar[int] = 1
    requires = frozenset({"segments", "drop_reason"})
    provides = frozenset({"drop_reason"})

    def __post_init__(self) -> None:
        least, most = self.min_characters, self.max_characters
        if not isinstance(least, int) or least < 0:
            raise InvalidParameter(self, "min_characters", "an int >= 0", least)
        if most is not None and (not isinstance(most, int) or most < least):
            raise InvalidParameter(self, "max_characters", "None or an int >= min_characters", most)

    def __call__(self, batch: pa.Table) -> pa.Table:
        length = characters(batch)
        name = type(self).__name__
        out = reject(
            batch,
            pc.less(length, self.min_characters),
            f"{name}: fewer than {self.min_characters} characters",
        )
        if self.max_characters is not None:
            out = reject(
                out,
                pc.greater(length, self.max_characters),
                f"{name}: more than {self.max_characters} characters",
            )
        return out

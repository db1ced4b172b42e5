"""Where two texts differ, for a report that makes no object of a hundred million characters."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from datapartnerships.kernels.words import Bytes, buffers

_STRETCH = 1 << 20


def utf8(texts: pa.Array, index: int) -> Bytes:
    """The bytes of one of `texts`; none where it is null, or not there."""
    data, _ = buffers(texts.slice(index, 1))  # a scalar would be a copy
    return data


def difference(a: Bytes, b: Bytes) -> int:
    """Where the first character begins that is not the same in both."""
    at = both = min(len(a), len(b))
    for low in range(0, both, _STRETCH):
        stretch = slice(low, min(low + _STRETCH, both))
        if len(hit := np.flatnonzero(a[stretch] != b[stretch])):
            at = low + int(hit[0])
            break
    longer = a if len(a) > len(b) else b
    while 0 < at < len(longer) and longer[at] & 0xC0 == 0x80:
        at -= 1
    return at


def around(data: Bytes, at: int, width: int) -> tuple[str, str]:
    """Up to `width` characters before a place, and as many after it."""
    # Of at most four bytes each; what a cut leaves of one is left out.
    left = data[max(0, at - 4 * width) : at].tobytes().decode("utf-8", "ignore")
    right = data[at : at + 4 * width].tobytes().decode("utf-8", "ignore")
    return left[-width:], right[:width]

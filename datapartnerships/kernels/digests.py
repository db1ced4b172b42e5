"""Digests of texts, white space aside: the same for texts that only differ in it."""

from __future__ import annotations

import hashlib
import itertools
from typing import Any

import numpy as np
import pyarrow as pa

from datapartnerships.kernels._compiled import compiled
from datapartnerships.kernels.words import PIECE_BYTES, Bytes, buffers, pieces

# Below "!" are the space and the control characters; in UTF-8 never part of a letter.
_LAST = 0x20


def digests(texts: pa.Array, *, ignore_whitespace: bool = True) -> list[bytes | None]:
    """BLAKE2b of each text, 16 bytes; None where there is nothing in it."""
    found: list[bytes | None] = []
    loop = compiled(_squeeze) if ignore_whitespace else None
    for _, piece in pieces(texts, PIECE_BYTES):
        data, edges = buffers(piece)
        alone = len(piece) == 1  # and it may be huge
        if loop is not None and not alone:
            data, edges = loop(data, edges)
        squeeze = ignore_whitespace and (loop is None or alone)
        cuts = edges.tolist()
        found += [_digest(data[at:end], squeeze) for at, end in itertools.pairwise(cuts)]
    return found


def _digest(data: Bytes, squeeze: bool) -> bytes | None:
    digest, there = hashlib.blake2b(digest_size=16), False
    for at in range(0, len(data), PIECE_BYTES):
        part = data[at : at + PIECE_BYTES]
        if squeeze:
            part = part[part > _LAST]
        digest.update(part.data)
        there = there or len(part) > 0
    return digest.digest() if there else None


def _squeeze(data: Any, edges: Any) -> Any:
    out = np.empty(len(data), np.uint8)
    begins = np.zeros(len(edges), np.int64)
    count = np.uint64(0)
    for text in range(len(edges) - 1):
        for at in range(np.uint64(edges[text]), np.uint64(edges[text + 1])):
            # Written without asking: what the processor cannot foretell costs it.
            out[count] = data[at]
            count += np.uint64(data[at] > _LAST)
        begins[text + 1] = np.int64(count)
    return out, begins

"""Texts that are nearly the same as one of a small set that is held in memory."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from datapartnerships.kernels.minhash import Keys, banding, signatures, similarity

# Pairs compared at once: 64 MB of signatures.
_PAIRS = 1 << 18


class Near:
    """Sketches of texts, to which others are compared (`kernels.minhash`; what is missed, too).

    A text with less than `least` words is compared to none: "Thank you." is everybody's.

    Attributes:
        keys: (texts, bands).
        signatures: (texts, 128).
    """

    def __init__(
        self,
        keys: Keys,
        signed: npt.NDArray[np.uint8],
        *,
        threshold: float = 0.8,
        shingle: int = 5,
    ) -> None:
        self._bands, self._shingle = banding(threshold), shingle
        self.keys, self.signatures = keys, signed
        # The same signature once: a thousand copies of one text are one comparison.
        rows = np.ascontiguousarray(signed).view(f"V{signed.shape[1]}").reshape(-1)
        _, self._held = np.unique(rows, return_index=True)
        self._sorted = []
        for band in range(self._bands.bands):
            column = keys[self._held, band]
            order = np.argsort(column, kind="stable")
            self._sorted.append((column[order], self._held[order]))

    @classmethod
    def of(
        cls, texts: pa.Array | pa.ChunkedArray, *, threshold: float = 0.8, shingle: int = 5
    ) -> Near:
        """Of texts, with a row for each."""
        pieces = texts.chunks if isinstance(texts, pa.ChunkedArray) else [texts]
        empty = pa.array([], pa.string())
        made = [signatures(piece, shingle, banding(threshold)) for piece in pieces or [empty]]
        signed, keys = (np.concatenate([one[i] for one in made]) for i in (0, 1))
        return cls(keys, signed, threshold=threshold, shingle=shingle)

    def best(self, texts: pa.Array) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float64]]:
        """Of each text the held one that is most like it, -1 if none is, and how alike they are."""
        found = np.full(len(texts), -1, np.int64)
        alike = np.zeros(len(texts))
        if not len(self._held) or not len(texts):
            return found, alike
        signed, keys, there = signatures(texts, self._shingle, self._bands)
        for band, (column, held) in enumerate(self._sorted):
            low = np.searchsorted(column, keys[:, band], "left")
            many = np.where(there, np.searchsorted(column, keys[:, band], "right") - low, 0)
            rows = np.flatnonzero(many)
            for part in _parts(rows, many[rows]):
                one = np.repeat(part, many[part])
                steps = np.arange(len(one)) - np.repeat(
                    np.cumsum(many[part]) - many[part], many[part]
                )
                other = held[low[one] + steps]
                score = similarity(signed[one], self.signatures[other])
                # The best of each text last, so that it is what stays.
                order = np.lexsort((-other, score))
                one, other, score = one[order], other[order], score[order]
                better = (score >= self._bands.accept) & (score > alike[one])
                found[one[better]], alike[one[better]] = other[better], score[better]
        return found, alike


def _parts(rows: Any, many: Any) -> list[Any]:
    """`rows` in pieces of about `_PAIRS` pairs."""
    if not len(rows):
        return []
    return np.split(rows, np.flatnonzero(np.diff(np.cumsum(many) // _PAIRS)) + 1)

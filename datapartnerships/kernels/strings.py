"""Changing few of many strings: find them with one fast pass, touch only those."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc


def change_where(
    texts: pa.Array, mask: pa.Array, change: Callable[[pa.Array], pa.Array]
) -> pa.Array:
    """Apply `change` to the elements where `mask` is true; the very same array if none is."""
    if not pc.any(mask, min_count=0).as_py():
        return texts
    mask = pc.fill_null(mask, False)
    return pc.replace_with_mask(texts, mask, change(texts.filter(mask)).cast(texts.type))


def replace_regex(texts: pa.Array, pattern: str, replacement: str) -> pa.Array:
    """RE2 replacement. Looking first costs an eighth of replacing (see benchmarks)."""
    return change_where(
        texts,
        pc.match_substring_regex(texts, pattern),
        lambda hit: pc.replace_substring_regex(hit, pattern, replacement),
    )


def put(texts: pa.Array, changed: Mapping[int, str]) -> pa.Array:
    """Replace the elements at the indices of `changed`."""
    if not changed:
        return texts
    order = sorted(changed)
    mask = np.zeros(len(texts), bool)
    mask[order] = True
    values = pa.array([changed[index] for index in order], texts.type)
    return pc.replace_with_mask(texts, pa.array(mask), values)


# What small letters leave apart: of Unicode's case folding, the letters of living alphabets.
_FOLDED = {"ς": "σ", "ß": "ss"}


def folded(texts: pa.Array) -> pa.Array:
    """Texts without letter case; they may be of other lengths."""
    lower = pc.utf8_lower(texts)
    for letter, other in _FOLDED.items():
        lower = change_where(
            lower,
            pc.match_substring(lower, letter),
            partial(pc.replace_substring, pattern=letter, replacement=other),
        )
    return lower

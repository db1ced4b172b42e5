"""How alike texts are: signatures of the sets of their shingles, straight from Arrow's bytes.

A shingle is a run of words (`kernels.words`, in small letters). Two texts are as alike as their
sets of shingles: what both have, divided by what any has (Jaccard). A signature has 256 cells. In
each stands the shingle of the text whose hash is least there, so two texts agree in a cell with
just that probability. Cells are filled as in Dahlgaard, Knudsen and Thorup, "Fast similarity
sketching" (FOCS 2017, section 2): every shingle is thrown into one cell, and what stays empty is
filled in further rounds, which never overwrite. A long text takes one hash a shingle, not 256, and
a short one has no empty cells.

Kept are 4 bits of each cell (Li and König, "b-bit minwise hashing", WWW 2010) to compare two texts,
and a hash of some cells, a key, for each band: texts that share a key are compared.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from datapartnerships.kernels._compiled import compiled
from datapartnerships.kernels.words import (
    _STEP,
    PIECE_BYTES,
    Bytes,
    Edges,
    Hashes,
    _hashes,
    _mixed,
    buffers,
    pieces,
    words,
)

CELLS = 256
BITS = 4
SIGNATURE_BYTES = CELLS * BITS // 8
# Rounds in which a shingle may fall into any cell; then it is made to fall into each empty one.
ROUNDS = 32
# Of pairs exactly as alike as asked for, at most this share is missed by the bands, and by the
# comparison of signatures.
MISSED = 0.01
_DEVIATIONS = 2.326  # of a normal distribution, above which 1 - MISSED lies
# No pair less alike than this is to be removed, whatever the threshold: one in 10,000 that are
# just as alike passes for more, and far fewer of those below.
LEAST = 0.5
_SURE = 3.719  # deviations, above which one in 10,000 lies
_MOST_BANDS = 20
# More shingles than this that leave a cell empty are mostly repetitions.
_MANY = 4096
_BLOCK = 1024
# Bytes of text signed at once: smaller ones than others take, for less memory.
_PIECE = 1 << 20

# What undoes a multiplication by _STEP.
_BACK = pow(_STEP, -1, 1 << 64)

Keys = npt.NDArray[np.uint32]


class Banding(NamedTuple):
    """Which cells are hashed together, for a threshold.

    Attributes:
        bands: keys of a text.
        rows: cells of a key.
        accept: agreement of two signatures, as `similarity` gives it, from which they are alike:
            99 of 100 pairs at the threshold have it, where that is .7 or more. Below, it is what
            keeps out those that are less alike than `LEAST`.
    """

    bands: int
    rows: int
    accept: float


def banding(threshold: float) -> Banding:
    """The longest bands of which one agrees in 99 of 100 pairs that are just as alike as this.

    A pair of similarity s shares one of b keys of r cells with probability 1 - (1 - s^r)^b. Long
    bands bring together few texts that are not alike. No more than 20 are kept, of all 256 cells.
    """
    for rows in range(CELLS, 0, -1):
        bands = math.ceil(math.log(MISSED) / math.log1p(-(threshold**rows)))
        if bands <= _MOST_BANDS and bands * rows <= CELLS:
            break
    accept = max(threshold - _DEVIATIONS * _deviation(threshold), LEAST + _SURE * _deviation(LEAST))
    return Banding(bands, rows, accept)


def _deviation(alike: float) -> float:
    """Standard deviation of `similarity` for two texts that are so much alike."""
    chance = 2.0**-BITS
    agree = alike + (1 - alike) * chance
    return math.sqrt(agree * (1 - agree) / CELLS) / (1 - chance)


def signatures(texts: pa.Array, size: int, bands: Banding) -> tuple[Bytes, Keys, Any]:
    """Of each text (texts, 128) bytes, (texts, bands) keys, and whether there is anything in it.

    A text of fewer words than a shingle is one shingle; one without words is what it is made of,
    white space aside.
    """
    found = np.zeros((len(texts), SIGNATURE_BYTES), np.uint8)
    keys = np.zeros((len(texts), bands.bands), np.uint32)
    there = np.zeros(len(texts), bool)
    for at, piece in pieces(texts, _PIECE):
        for first, shingles, edges in _shingled(piece, size):
            part = slice(at + first, at + first + len(edges) - 1)
            found[part], keys[part] = _signed(shingles, edges, bands)
            there[part] = np.diff(edges) > 0
    return found, keys, there


def similarity(one: Bytes, other: Bytes) -> npt.NDArray[np.float64]:
    """Estimated Jaccard similarity of the rows of two arrays (n, 128) of signatures.

    The share of cells that agree, less those that agree by chance; for texts that have nothing in
    common it is about 0, and may be below. Its standard deviation is .03 at most.
    """
    differ = np.ascontiguousarray(one).view(np.uint64) ^ np.ascontiguousarray(other).view(np.uint64)
    differ |= differ >> np.uint64(2)
    differ |= differ >> np.uint64(1)
    differ &= np.uint64(0x1111111111111111)
    # Bits counted by adding up, since numpy before 2.0 has no function for it.
    differ = (differ + (differ >> np.uint64(4))) & np.uint64(0x0F0F0F0F0F0F0F0F)
    with np.errstate(over="ignore"):
        differ = (differ * np.uint64(0x0101010101010101)) >> np.uint64(56)
    share = 1 - differ.sum(axis=1, dtype=np.int64) / CELLS
    chance = 2.0**-BITS
    alike: npt.NDArray[np.float64] = (share - chance) / (1 - chance)
    return alike


def hashes(texts: pa.Array) -> Hashes:
    """A uint64 of the bytes of each text; 0 for nothing."""
    out = np.zeros(len(texts), np.uint64)
    for at, piece in pieces(texts, _PIECE):
        data, edges = buffers(piece)
        starts, ends = edges[:-1], edges[1:]
        full = np.flatnonzero(ends > starts)
        out[at + full] = _hashes(data, starts[full], ends[full])
    return out


# ----------------------------------------------------------------------------- shingles


def shingles(texts: pa.Array, size: int) -> tuple[Hashes, Edges]:
    """A hash of every shingle, with repetitions, and where those of each text begin (texts + 1)."""
    found = words(pc.utf8_lower(texts))
    counts = np.diff(found.edges)
    # As many shingles as words, less those that would go on into the next text.
    kept = np.where(counts >= size, counts - size + 1, np.minimum(counts, 1))
    loop = compiled(_shingle_loop)
    edges = np.concatenate([[0], np.cumsum(kept)])
    if loop is not None:
        return loop(found.hashes, found.edges, edges, size), edges
    index = np.arange(int(edges[-1])) + np.repeat(found.edges[:-1] - edges[:-1], kept)
    ends = np.repeat(found.edges[1:], kept)
    total = np.zeros(len(index), np.uint64)
    padded = np.concatenate([found.hashes, np.zeros(size, np.uint64)])
    with np.errstate(over="ignore"):
        for place in range(size):
            word = padded[index + place] * _weight(place)
            total += np.where(index + place < ends, word, np.uint64(0))
    return total, edges


def _weight(place: int) -> np.uint64:
    """Odd, another one for each place: powers, so that no two pairs of places weigh the same."""
    return np.uint64(pow(_STEP, place + 1, 1 << 64))


def _shingle_loop(hashes: Any, edges: Any, kept: Any, size: Any) -> Any:
    out = np.empty(kept[-1], np.uint64)
    last = np.uint64(1)
    for _ in range(size):
        last *= np.uint64(_STEP)
    for text in range(len(edges) - 1):
        first, begin, end = edges[text], kept[text], kept[text + 1]
        if begin == end:
            continue
        total = np.uint64(0)
        weight = np.uint64(_STEP)
        for at in range(first, min(first + size, edges[text + 1])):
            total += hashes[at] * weight
            weight *= np.uint64(_STEP)
        out[begin] = total
        # The next one without its first word, each of the others a place further, and a last one.
        gone, more, made = hashes[first:], hashes[first + size :], out[begin + 1 : end]
        for number in range(len(made)):
            total = total * np.uint64(_BACK) - gone[number] + more[number] * last
            made[number] = total
    return out


def _shingled(texts: pa.Array, size: int) -> Iterator[tuple[int, Hashes, Edges]]:
    """Shingles of a piece, the index of its first text before them."""
    if texts.nbytes > 2 * PIECE_BYTES and len(texts) == 1:
        found = _of_huge(texts, size)
        yield 0, found, np.array([0, len(found)])
        return
    found, edges = shingles(texts, size)
    bare = np.flatnonzero(np.diff(edges) == 0)
    if len(bare):
        found, edges = _with_wordless(texts, bare, found, edges)
    yield 0, found, edges


def _with_wordless(
    texts: pa.Array, bare: npt.NDArray[np.int64], found: Hashes, edges: Edges
) -> tuple[Hashes, Edges]:
    """Texts of signs alone get one shingle: what they are made of."""
    bare = bare[pc.match_substring_regex(texts.take(pa.array(bare)), r"\S")
                .fill_null(False).to_numpy(zero_copy_only=False)]  # fmt: skip
    extra = [_digest(texts[int(row)].as_buffer()) for row in bare]
    grown = edges.copy()
    np.add.at(grown, bare + 1, 1)
    grown[1:] = edges[1:] + np.cumsum(grown[1:] - edges[1:])
    return np.insert(found, edges[bare], np.array(extra, np.uint64)), grown


def _digest(text: Any) -> int:
    codes = np.frombuffer(text, np.uint8)
    digest = hashlib.blake2b(digest_size=8)
    for at in range(0, len(codes), PIECE_BYTES):
        part = codes[at : at + PIECE_BYTES]
        # Below "!" are the space and the control characters; in UTF-8 never a part of a letter.
        digest.update(part[part > 0x20].data)
    return int.from_bytes(digest.digest(), "little")


def _of_huge(texts: pa.Array, size: int) -> Hashes:
    """Enough shingles of one huge text to sign it: the least of each cell, or all of them.

    It is gone through by parts, each with the last words of the part before.
    """
    data, _ = buffers(texts)
    least = np.full(CELLS, np.iinfo(np.uint64).max)
    chosen = np.zeros(CELLS, np.uint64)
    distinct = np.empty(0, np.uint64)
    last = np.empty(0, np.uint64)
    for start, stop in _parts(data):
        part = pa.array([data[start:stop].tobytes().decode("utf-8", "replace")])
        ahead = words(pc.utf8_lower(part)).hashes
        hashed = np.concatenate([last, ahead])
        last = hashed[-(size - 1) :] if size > 1 else hashed[:0]
        if len(hashed) < size:
            continue
        found = np.zeros(len(hashed) - size + 1, np.uint64)
        with np.errstate(over="ignore"):
            for place in range(size):
                found += hashed[place : len(found) + place] * _weight(place)
            mixed = _mixed(found)
        order = np.argsort(mixed)
        cells, first = np.unique(mixed[order] >> np.uint64(56), return_index=True)
        firsts = order[first]
        better = mixed[firsts] < least[cells]
        least[cells[better]] = mixed[firsts[better]]
        chosen[cells[better]] = found[firsts[better]]
        if (least == np.iinfo(np.uint64).max).any():
            distinct = np.union1d(distinct, found)
    if (least == np.iinfo(np.uint64).max).any():
        if len(distinct):
            return distinct
        if len(last):
            with np.errstate(over="ignore"):
                weights = np.array([_weight(place) for place in range(len(last))])
                return np.array([(last * weights).sum()], np.uint64)
        return np.array([_digest(data)] if (data > 0x20).any() else [], np.uint64)
    return chosen


def _parts(data: Bytes) -> Iterator[tuple[int, int]]:
    """Cuts of about PIECE_BYTES, after white space, or else between letters."""
    start = 0
    while start < len(data):
        stop = min(start + PIECE_BYTES, len(data))
        if stop < len(data):
            tail = data[stop - min(4096, stop - start - 1) : stop]
            spaces = np.flatnonzero(tail <= 0x20)
            if len(spaces):
                stop -= len(tail) - 1 - int(spaces[-1])
            while (data[stop] & 0xC0) == 0x80:
                stop -= 1
        yield start, stop
        start = stop


# --------------------------------------------------------------------------- signatures


def _signed(found: Hashes, edges: Edges, bands: Banding) -> tuple[Bytes, Keys]:
    loop = compiled(_loop, _mixed)
    sign = _by_blocks if loop is None else loop
    signed, keys, poor = sign(found, edges, bands.bands, bands.rows, _MANY)
    for row in np.flatnonzero(poor):
        own = np.unique(found[edges[row] : edges[row + 1]])
        signed[row], keys[row], _ = (
            part[0]
            for part in sign(own, np.array([0, len(own)]), bands.bands, bands.rows, len(own))
        )
    return signed, keys


def _by_blocks(
    found: Hashes, edges: Edges, bands: int, rows: int, many: int
) -> tuple[Bytes, Keys, Any]:
    texts = len(edges) - 1
    signed = np.zeros((texts, SIGNATURE_BYTES), np.uint8)
    keys = np.zeros((texts, bands), np.uint32)
    poor = np.zeros(texts, bool)
    weights = np.array([_weight(place) for place in range(rows)])
    for at in range(0, texts, _BLOCK):
        part = slice(at, min(at + _BLOCK, texts))
        inner = edges[at : part.stop + 1]
        least, poor[part] = _least(found[inner[0] : inner[-1]], inner - inner[0], many)
        nibbles = (least & np.uint64(15)).astype(np.uint8)
        signed[part] = nibbles[:, ::2] | nibbles[:, 1::2] << 4
        groups = least[:, : bands * rows].reshape(len(least), bands, rows)
        with np.errstate(over="ignore"):
            sums = (groups * weights).sum(axis=2, dtype=np.uint64)
            keys[part] = _mixed(sums) >> np.uint64(32)
        nothing = np.flatnonzero(np.diff(inner) == 0) + at
        signed[nothing], keys[nothing] = 0, 0
    return signed, keys, poor


def _least(found: Hashes, edges: Edges, many: int) -> tuple[Hashes, Any]:
    """The cells of each text (texts, 256), and which texts are left undone."""
    counts = np.diff(edges)
    least = np.full((len(counts), CELLS), np.iinfo(np.uint64).max)
    flat = least.reshape(-1)
    owner = np.repeat(np.arange(len(counts)), counts)
    poor = np.zeros(len(counts), bool)
    left = found
    with np.errstate(over="ignore"):
        for turn in range(ROUNDS):
            value = _mixed(left + np.uint64(turn * _STEP & 0xFFFFFFFFFFFFFFFF))
            cell = owner * CELLS + (value >> np.uint64(56)).astype(np.int64)
            if turn:
                empty = flat[cell] == np.iinfo(np.uint64).max
                np.minimum.at(flat, cell[empty], value[empty])
            else:
                np.minimum.at(flat, cell, value)
            open_ = (least == np.iinfo(np.uint64).max).any(axis=1)
            if not turn:
                poor = open_ & (counts > many)
                open_ &= ~poor
            going = open_[owner]
            left, owner = left[going], owner[going]
            if not len(left):
                break
        text, cell = np.nonzero((least == np.iinfo(np.uint64).max) & ~poor[:, None])
        full = counts[text] > 0
        text, cell = text[full], cell[full]
        for at in range(0, len(text), 1 << 16):
            some, places = text[at : at + (1 << 16)], cell[at : at + (1 << 16)]
            own = counts[some]
            heads = np.concatenate([[0], np.cumsum(own)])
            index = np.arange(int(heads[-1])) + np.repeat(edges[some] - heads[:-1], own)
            salt = (places + ROUNDS).astype(np.uint64) * np.uint64(_STEP)
            value = _mixed(found[index] + np.repeat(salt, own))
            least[some, places] = np.minimum.reduceat(value, heads[:-1])
    return least, poor


def _loop(found: Any, edges: Any, bands: Any, rows: Any, many: Any) -> Any:
    """One text after another, its cells in the processor's nearest memory."""
    texts = len(edges) - 1
    signed = np.zeros((texts, SIGNATURE_BYTES), np.uint8)
    keys = np.zeros((texts, bands), np.uint32)
    poor = np.zeros(texts, np.bool_)
    least = np.empty(CELLS, np.uint64)
    most = np.uint64(0xFFFFFFFFFFFFFFFF)
    limit = np.empty(CELLS, np.uint64)  # what a cell takes is below: nothing, once it is filled
    for text in range(texts):
        start, stop = edges[text], edges[text + 1]
        if start == stop:
            continue
        limit[:] = most
        for turn in range(ROUNDS):
            salt = np.uint64(turn) * np.uint64(_STEP)
            for at in range(start, stop):
                value = _mixed(found[at] + salt)
                cell = value >> np.uint64(56)
                limit[cell] = min(limit[cell], value)
            missing = 0
            for cell in range(CELLS):
                if limit[cell] == most:
                    missing += 1
                elif limit[cell]:
                    least[cell] = limit[cell]
                    limit[cell] = 0
            if missing == 0:
                break
            if turn == 0 and stop - start > many:
                poor[text] = True
                break
        if poor[text]:
            continue
        for empty in range(CELLS):
            if limit[empty] == most:
                salt = np.uint64(empty + ROUNDS) * np.uint64(_STEP)
                least[empty] = _mixed(found[start] + salt)
                for at in range(start + 1, stop):
                    least[empty] = min(least[empty], _mixed(found[at] + salt))
        for pair in range(SIGNATURE_BYTES):
            low = least[2 * pair] & np.uint64(15)
            high = least[2 * pair + 1] & np.uint64(15)
            signed[text, pair] = low | high << np.uint64(4)
        for band in range(bands):
            total = np.uint64(0)
            weight = np.uint64(_STEP)
            for row in range(rows):
                total += least[band * rows + row] * weight
                weight *= np.uint64(_STEP)
            keys[text, band] = _mixed(total) >> np.uint64(32)
    return signed, keys, poor

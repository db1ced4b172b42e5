"""How `IdentifyLanguage` comes to its columns: what windows of text say, added up."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from datapartnerships.kernels import scripts
from datapartnerships.kernels.language import (
    Evidence,
    Windows,
    cut,
    evidence,
    posterior,
    windows,
)
from datapartnerships.kernels.language_tags import NO_LANGUAGE, RARE, TAGS, UNKNOWN
from datapartnerships.kernels.ngrams import scores
from datapartnerships.kernels.strings import change_where
from datapartnerships.kernels.words import buffers

SHARES = pa.list_(pa.struct([("language", pa.string()), ("share", pa.float32())]))

# Windows scored at once.
_TOGETHER = 2048
# A language that is less likely than this, the rest of the document considered, is given a second
# opinion, which makes its own so many times as likely. By benchmarks/language.py, on single
# sentences.
_SURE, _SECOND = 0.8, 3.0
# Of less than this there is hardly ever one.
_SECOND_BYTES = 20
# Texts with any other character may not be in composed form (NFC). These are: Latin, Greek,
# Cyrillic, Arabic, Kana, Han, Hangul, punctuation, signs of money, arrows and boxes, pictures.
_DECOMPOSED = (
    r"[^\x00-\x{2ff}\x{386}\x{388}-\x{482}\x{48a}-\x{52f}\x{60c}\x{61b}-\x{64a}\x{2010}-\x{205e}"
    r"\x{20a0}-\x{20bf}\x{2190}-\x{2328}\x{2500}-\x{2ad0}\x{3001}-\x{3029}\x{3041}-\x{3096}"
    r"\x{30a1}-\x{30fc}\x{4e00}-\x{9fff}\x{ac00}-\x{d7a3}\x{fe0e}\x{fe0f}\x{ff01}-\x{ff9d}"
    r"\x{1f300}-\x{1faff}]"
)
# Windows of the fast mode, and the least number of them: its library is surer of long ones.
_FAST = (384, 3)
# What the fast mode leaves over is rounding up to here: its shares are whole percents.
_REST = 0.02
# How many times as likely an expected language is beforehand, and a rare one.
_EXPECTED, _RARE = 10.0, 0.1


class _Classes(NamedTuple):
    """Of the model, then of the second opinion alone, then ``und``.

    Attributes:
        tags: of each class.
        prior: of each class; adds up to 1.
        twins: pairs of classes of the model that are one language in two scripts.
    """

    tags: tuple[str, ...]
    prior: Any
    twins: tuple[tuple[int, int], ...]


@lru_cache(maxsize=8)
def _classes(expected: tuple[str, ...]) -> _Classes:
    from datapartnerships._backends.py3langid import model

    own = model().classes
    tags = (*own, *sorted(TAGS.difference(own)), UNKNOWN)
    first = [tags.index(tag) for tag in tags]
    prior = np.array([_RARE if tag in RARE or i >= len(own) else 1.0 for i, tag in enumerate(tags)])
    prior *= [_EXPECTED if tag in expected else 1.0 for tag in tags]
    twins = tuple((first[i], i) for i in range(len(own)) if first[i] != i)
    prior[[dupe for _, dupe in twins] + [len(tags) - 1]] = 0
    return _Classes(tags, prior / prior.sum(), twins)


def accurate(
    texts: pa.Array, owners: Any, rows: int, expected: tuple[str, ...], min_score: float
) -> dict[str, pa.Array]:
    """The columns of `rows` documents, and the language of each segment.

    Args:
        texts: of the segments.
        owners: for each segment its document.
    """
    classes = _classes(expected)
    every = windows(texts)
    letters = np.zeros((rows, len(scripts.CODES)), np.int64)
    kept, found = [np.empty(0, np.int64)], []
    for first in range(0, len(every.texts), _TOGETHER):
        some = Windows(*(column[first : first + _TOGETHER] for column in every))
        units = cut(texts, some)
        documents = owners[some.texts]
        start = documents[0]
        counts, of_units = scripts.scripts(units, documents - start, documents[-1] - start + 1)
        letters[start : documents[-1] + 1] += counts
        lettered = np.flatnonzero(of_units)
        kept.append(first + lettered)
        if len(lettered) < len(units):
            units = units.take(pa.array(lettered))
        found.append(_evidence(units, classes))
    parts = Windows(*(column[np.concatenate(kept)] for column in every))
    segments, documents = parts.texts, owners[parts.texts]
    sizes = pc.fill_null(pc.utf8_length(texts), 0).to_numpy(zero_copy_only=False)
    weights = sizes[segments] / np.bincount(segments, minlength=1)[segments]
    if found:
        known = Evidence(*(np.concatenate(column) for column in zip(*found, strict=True)))
        tags, chances = _decided(known, classes, documents, weights, texts, parts)
        unsure = (chances < min_score) | (tags == classes.tags.index(NO_LANGUAGE))
        tags = np.where(unsure, len(classes.tags) - 1, tags)
        chances = np.where(unsure, 0, chances)
    else:
        tags, chances = np.empty(0, np.int64), np.empty(0)
    of_segment = _shares(segments, tags, weights)
    own = np.full(len(texts), -1)
    own[of_segment.groups[::-1]] = of_segment.tags[::-1]  # the heaviest is written last
    return {
        "segments": _named(own, classes.tags),
        **_columns(_shares(documents, tags, weights, chances), rows, classes.tags),
        "script": pa.array(scripts.dominant(letters), pa.string()),
    }


def _evidence(units: pa.Array, classes: _Classes) -> Evidence:
    from datapartnerships._backends.py3langid import model

    decomposed = pc.match_substring_regex(units, _DECOMPOSED)
    texts = change_where(units, decomposed, lambda some: pc.utf8_normalize(some, "NFC"))
    texts = change_where(texts, pc.utf8_is_upper(texts), pc.utf8_lower)
    found = scores(model(), texts)
    for one, other in classes.twins:
        found[:, one] = np.maximum(found[:, one], found[:, other])
        found[:, other] = np.iinfo(found.dtype).min
    sizes = pc.binary_length(texts).to_numpy(zero_copy_only=False)
    return evidence(found, sizes, classes.prior)


def _decided(
    known: Evidence,
    classes: _Classes,
    documents: Any,
    weights: Any,
    texts: pa.Array,
    parts: Windows,
) -> tuple[Any, Any]:
    """For each window of `parts` the likeliest language, and how likely it is.

    Those that are in doubt are given a second opinion, and then their documents are thought over.
    """
    tags, chances = _likeliest(known, classes, documents, weights)
    asked = np.flatnonzero((chances < _SURE) & (parts.ends - parts.starts >= _SECOND_BYTES))
    if _with_opinions(known, classes, asked, cut(texts, Windows(*(c[asked] for c in parts)))):
        again = np.flatnonzero(np.isin(documents, documents[asked]))
        some = Evidence(known.classes[again], known.likelihoods[again], known.rest[again])
        _, place = np.unique(documents[again], return_inverse=True)
        tags[again], chances[again] = _likeliest(some, classes, place, weights[again])
    return tags, chances


def _likeliest(known: Evidence, classes: _Classes, documents: Any, weights: Any) -> tuple[Any, Any]:
    among, likely = posterior(known, classes.prior, documents, weights)
    best = likely.argmax(axis=1)[:, None]
    return (
        np.take_along_axis(among, best, 1)[:, 0],
        np.take_along_axis(likely, best, 1)[:, 0],
    )


def _with_opinions(known: Evidence, classes: _Classes, units: Any, texts: pa.Array) -> bool:
    """Put second opinions into what is known of `units`; whether there was any."""
    from datapartnerships._backends.pycld2 import opinion

    said = texts.dictionary_encode()
    places = {tag: i for i, tag in reversed(list(enumerate(classes.tags)))}
    opinions = [opinion(text) for text in said.dictionary.to_pylist()]
    tags = np.array(
        [
            places.get(found.languages[0][0], -1) if found.reliable and found.languages else -1
            for found in opinions
        ],
        np.int64,
    )[said.indices.to_numpy()]
    units, tags = units[tags >= 0], tags[tags >= 0]
    there = known.classes[units] == tags[:, None]
    known.likelihoods[units] *= np.where(there, _SECOND, 1)
    new = ~there.any(axis=1)  # in the place of the least likely one
    known.classes[units[new], -1] = tags[new]
    known.likelihoods[units[new], -1] = known.rest[units[new]] * _SECOND
    return len(units) > 0


class _Shares(NamedTuple):
    """Sums for each group and tag, by group and then the greatest first."""

    groups: Any
    tags: Any
    weights: Any
    chances: Any


def _shares(groups: Any, tags: Any, weights: Any, chances: Any = None) -> _Shares:
    size = int(tags.max(initial=0)) + 1
    keys, place = np.unique(groups * size + tags, return_inverse=True)
    sums = np.bincount(place, weights, len(keys))
    means = np.bincount(place, weights * (0 if chances is None else chances), len(keys)) / sums
    order = np.lexsort((keys % size, -sums, keys // size))
    return _Shares(*(column[order] for column in (keys // size, keys % size, sums, means)))


def _columns(shares: _Shares, rows: int, names: tuple[str, ...]) -> dict[str, pa.Array]:
    counts = np.bincount(shares.groups, minlength=rows)
    edges = np.concatenate([[0], np.cumsum(counts)])
    whole = np.bincount(shares.groups, shares.weights, rows)[shares.groups]
    tags = _named(shares.tags, names)
    pairs = pa.StructArray.from_arrays(
        [tags, pa.array((shares.weights / whole).astype(np.float32))],
        fields=list(SHARES.value_type),
    )
    first = pa.array(np.where(counts > 0, edges[:-1], 0), mask=counts == 0)
    return {
        "language": tags.take(first),
        "language_score": pa.array(shares.chances.astype(np.float32)).take(first),
        "languages": pa.ListArray.from_arrays(pa.array(edges.astype(np.int32)), pairs),
    }


def _named(tags: Any, names: tuple[str, ...]) -> pa.Array:
    """Null where it is less than 0."""
    places = pa.array(np.maximum(tags, 0), mask=tags < 0)
    return pa.array(names, pa.string()).take(places)


def fast(texts: pa.Array, owners: Any, rows: int, min_score: float) -> dict[str, pa.Array]:
    """The columns of `rows` documents, by their text as a whole."""
    from datapartnerships._backends.pycld2 import opinion

    data, edges = buffers(texts)
    bounds = edges[np.searchsorted(owners, np.arange(rows + 1))]
    held = [None, pa.py_buffer(bounds), pa.py_buffer(data)]
    documents = pa.Array.from_buffers(pa.large_string(), rows, held)
    parts = windows(documents, *_FAST)
    units = cut(documents, parts)
    letters, _ = scripts.scripts(units, parts.texts, rows)
    joined: list[list[str]] = [[] for _ in range(rows)]
    for row, unit in zip(parts.texts.tolist(), units.to_pylist(), strict=True):
        joined[row].append(unit)
    tags, scored, languages = [], [], []
    for row, count in enumerate(letters.sum(axis=1).tolist()):
        known = dict(opinion(" ".join(joined[row])).languages) if count else {}
        if max(known.values(), default=0) < min_score:
            known = {}
        left = 1 - sum(known.values())
        if count and left > _REST:
            known[UNKNOWN] = left
        ranked = sorted(known.items(), key=lambda item: -item[1])
        languages.append([{"language": tag, "share": share} for tag, share in ranked])
        tags.append(ranked[0][0] if ranked else None)
        scored.append((0.0 if tags[-1] == UNKNOWN else ranked[0][1]) if ranked else None)
    return {
        "language": pa.array(tags, pa.string()),
        "language_score": pa.array(scored, pa.float32()),
        "languages": pa.array(languages, SHARES),
        "script": pa.array(scripts.dominant(letters), pa.string()),
    }

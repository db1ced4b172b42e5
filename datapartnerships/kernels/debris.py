"""Lines that an engine read where there is no text, or none that stands upright.

Stains, stamps, pictures, handwriting and turned pages come out as lines of a certain shape: symbols
that stand alone or before letters, letters with symbols, figures and capitals inside, single
consonants. Nothing is looked up, and one odd line alone is not enough: a long line needs several
sorts of odd tokens, short ones go by runs. Figures, brackets, cells, initials, enumerated
lines, and scripts other than Latin, Greek and Cyrillic are evidence of nothing.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from datapartnerships.kernels.strings import replace_regex

Flags = npt.NDArray[np.bool_]
Integers = npt.NDArray[np.int64]

# What engines put for a character that they cannot make out, and what is left of it.
_PLACEHOLDERS = (
    (r"(^|\s)[\x{25A1}\x{FFFD}]*(?:\x{FFFD}|\x{25A1}{2})[\x{25A1}\x{FFFD}]*(?:[ \t]+|$)", r"\1"),
    (r"[\x{25A1}\x{FFFD}]*(?:\x{FFFD}|\x{25A1}{2})[\x{25A1}\x{FFFD}]*", ""),
    (r"(\pL)\x{25A1}(\pL)", r"\1\2"),
)

# A line of soup has so many odd tokens, of so many sorts, and so large a share of them.
MIN_HARD, MIN_SORTS, MIN_SHARE = 2, 2, 0.3
# A fragment is no longer; a run has so many, and among them so many different odd ones.
FRAGMENT, MIN_RUN, RUN_ODD, RUN_SHARE = 12, 5, 2, 0.2

_EDGE = r"[^\pL\pM]"
_WORD = r"(?:\p{Lu}?[\p{Ll}\pM]{3,}|\p{Lu}{4,})"
_TWO_WORDS = rf"(?:^|{_EDGE}){_WORD}{_EDGE}(?:.*{_EDGE})?{_WORD}(?:$|{_EDGE})"
# Most lines have two of them in plain letters, which is found a hundred times faster.
_TWO_PLAIN = r"(?:^|[ (])[A-Z]?[a-z]{3,}[ ,.].*[ (][A-Z]?[a-z]{3,}(?:[ ,.:;]|$)"
_OTHER_SCRIPT = r"[^\PL\p{Latin}\p{Greek}\p{Cyrillic}]"
# Markup, code and paths; with these, figures, cells and formulas.
_CODE = (
    r"^[^~‘“”«»°¬¥©®]*[{};]\s*$|[=<>]{2}|[-=]>|\w\(|://|@|_\w|\w_|\$\w|--|\w=|=\w|</|&[a-z]+;|\|.*\||\*\*|\t|\\"
    r"|\pL[+/]\pL|\w\.\w+\.\w|\w:\w|\p{Ll}\.\p{Ll}|\w<\w"
)
# The answers to a test are letters behind letters.
_ENUMERATED = r"^\(?[\pL\d]{1,2}(?:\)|\.\s*\S)"
_KEPT = _CODE + rf"|{_ENUMERATED}" + r"|\d\d|\d[.,]\d|[\w)\]] [-+*/=<>^×·] [\w(\[-]|#\w|\]"

# Tokens, between two spaces each. Marks inside a word, what only engines write.
_MARK = r"[~^\\|*•;<>{}\[¥“”«»„%]"
_SORTS = {
    "mark inside": rf" [^ ]*\pL{_MARK}\pL[^ ]* ",
    "bad beginning": r" (?:[,;:)\]}~>»”’\\=^¥©®][.,;:)\]}~*>»”’\\/=+^¥©®]*\pL[^ ]*"
    r"|[‘„«]\pL{1,3}[.,;:]?|[“'\"]\pL{1,2}[.,;:]?) ",
    "bad end": r" (?:\pL{1,3}[\[({«„‘“~*^\\¥©®°<+]+|\pL+[\[({«„]|\pL{1,2}[\"”»]) ",
    "stray": r" (?:[\pP\pS]*[~^\\¥¢©®¦¬´`‘’“”«»°][\pP\pS]*|[,.;:]+[-–—_*\"'/]+[,.]*"
    r"|[_*\"'/#][,.;:_]+|[-–—_]+[,;:*>]+|[*=+#<]+[>.,;]+) ",
    "figure inside": r" [^ ]*\pL[0-9]+\p{Ll}[^ ]* | [^ \pL]*[0-9]\p{Ll}{2,}[^ ]* ",
    "capital inside": r" [^ ]*(?:\p{Ll}\p{Lu}|\p{Lu}{2,}\p{Ll}{2,})[^ ]* ",
    "single": r" [bcdfghjlmnpqrtxBCDFGHJKLMNPQRTWXZþðÞÐ] ",
}
# The first of them are of no use in code, the others are.
_HARD = 4
# Letters without a vowel: too short a proof by itself.
_BARE = r" \p{Lu}?[bcdfghjklmnpqrstvwxzþð]{1,3}[.,;:)]? "
_TOKEN = r" [^ ]+ "


def doubtful(texts: pa.Array) -> pa.Array:
    """The texts without what stands for characters that were not made out.

    U+FFFD everywhere; a white square (U+25A1) between letters or at another one. A square
    by itself, or on one side of a word, is a box to tick or a sign of logic.
    """
    for expression, left in _PLACEHOLDERS:
        texts = replace_regex(texts, expression, left)
    return texts


def debris(lines: pa.Array, rows: Integers) -> Flags:
    """The lines that are no text, of the lines of `cuts.cut`; `rows`: the document of each."""
    bare = pc.utf8_trim_whitespace(lines)
    full = np.asarray(pc.binary_length(bare)) > 0
    misread = r"(?:\p{Ll}\p{Lu}|\pL[0-9~^|\\*:;<>{}+!“”«»]+\pL)"
    some = full & (~_is(bare, _TWO_PLAIN) | _is(bare, rf"{misread}.*{misread}"))
    left = np.flatnonzero(some)
    few = bare.take(pa.array(left))
    worded = _is(few, _TWO_WORDS) & ~_is(few, rf"{misread}.*{misread}")
    some[left] = ~worded & ~_is(few, _OTHER_SCRIPT)
    out = np.zeros(len(lines), bool)
    at = np.flatnonzero(some)
    if not len(at):
        return out
    bare = bare.take(pa.array(at))
    padded = pc.replace_substring_regex(bare, r"\s+|^|$", "  ")
    sorts = np.stack([_count(padded, expression) for expression in _SORTS.values()])
    tokens = _count(padded, _TOKEN)
    odd, kinds = sorts.sum(axis=0), (sorts > 0).sum(axis=0)
    hard = sorts[:_HARD].sum(axis=0)
    plain, prose = ~_is(bare, _KEPT), ~_is(bare, _CODE)
    short = np.asarray(pc.utf8_length(bare)) <= FRAGMENT
    wordless = ~_is(bare, rf"(?:^|{_EDGE}){_WORD}(?:$|{_EDGE})")
    soup = (
        (hard >= MIN_HARD + ~wordless) & (kinds >= MIN_SORTS) & (odd >= MIN_SHARE * tokens) & prose
    )
    out[at] = soup

    # Runs of fragments, blank lines aside.
    fragment = short & wordless & plain
    weight = np.minimum(hard + 0.5 * _count(padded, _BARE), 1.0) * fragment
    bridge = full.copy()  # a short word between two fragments stays, and parts them not
    bridge[at] &= ~(short & plain)
    number = np.cumsum(bridge)
    piece = np.zeros(len(lines), bool)
    piece[at] = fragment | soup
    score = np.zeros(len(lines))
    score[at] = np.maximum(weight, soup)
    chosen = np.flatnonzero(piece)
    if not len(chosen):
        return out
    new = (np.diff(number[chosen]) > 0) | (np.diff(rows[chosen]) > 0)
    run = np.cumsum(np.append(0, new))
    size = np.bincount(run)
    odds = np.bincount(run, score[chosen] >= 1)
    good = (size >= MIN_RUN) & (odds >= RUN_ODD)
    good &= np.bincount(run, score[chosen]) >= RUN_SHARE * size
    out[chosen[good[run]]] = True
    return out


def _is(lines: pa.Array, expression: str) -> Flags:
    return np.asarray(pc.match_substring_regex(lines, expression))


def _count(lines: pa.Array, expression: str) -> Integers:
    return np.asarray(pc.count_substring_regex(lines, expression)).astype(np.int64)

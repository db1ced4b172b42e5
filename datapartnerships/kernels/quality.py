"""Measures of documents that filters of training text go by, a column each.

Gopher's quality and repetition rules (Rae et al. 2021, section A.1.1 and table A1), FineWeb's
(Penedo et al. 2024, section 3.6), C4's (Raffel et al. 2020, section 2.2), and signs that somebody
meant to say something (`kernels.passages`). What each is for, and what is counted otherwise than
in the papers so that the rules hold in every script, is in docs/explanation/quality.md.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from datapartnerships.kernels.line_sums import Rules, line_sums
from datapartnerships.kernels.lines import ENDS, lines, span_hashes
from datapartnerships.kernels.passages import Floats, share, sums
from datapartnerships.kernels.repetition import DUPLICATE, TOP, repeats
from datapartnerships.kernels.signs import Signs, find_signs
from datapartnerships.kernels.word_sums import stop_word_lists, word_sums
from datapartnerships.kernels.words import Edges, Words, buffers, pieces, words

Flags = npt.NDArray[np.bool_]

MEASURES = (
    "characters", "words", "mean_word_length", "hash_ratio", "ellipsis_ratio", "bullet_lines",
    "ellipsis_lines", "lettered_words", "stop_words", "duplicate_paragraphs",
    "duplicate_paragraph_characters", "duplicate_lines", "duplicate_line_characters",
    *(f"top_{n}_gram" for n in TOP), *(f"duplicate_{n}_grams" for n in DUPLICATE),
    "line_ends", "short_lines", "repeated_line_characters", "newline_ratio",
    "lorem_ipsum", "curly_bracket", "sentences",
    "prose_share", "dialogue_share", "long_form_characters", "template_share",
)  # fmt: skip


# Bytes of text measured at once: words take up to 40 times as much in numpy.
_PIECE = 1 << 20

PUBLISHED_STOP_WORDS = ("the", "be", "to", "of", "and", "that", "have", "with")


class Settings(NamedTuple):
    """What the measures hang on.

    Attributes:
        as_published: count as the papers and the code around them do, letter by letter; without
            it, what presupposes spaces between words and the Latin script is counted by script.
        line_ends: characters that end a line as a sentence, for `line_ends`.
        short_line: characters of a short line.
        long_paragraph: characters of prose in a paragraph that counts as long-form.
        min_line_words: words of a line that C4 keeps.
        max_line_word: letters of a word in it.
        stop_words: for all documents; None for those of each document's language.
    """

    as_published: bool = False
    line_ends: str = ENDS
    short_line: int = 30
    long_paragraph: int = 300
    min_line_words: int = 3
    max_line_word: int = 1000
    stop_words: tuple[str, ...] | None = None


def tokens(documents: Sequence[Sequence[str]]) -> Words:
    """Words that another tokenizer found, document by document, as `measures` takes them."""
    flat = pa.array([token for document in documents for token in document], pa.string())
    data, edges = buffers(flat)
    counts = [len(document) for document in documents]
    return Words(
        np.concatenate([[0], np.cumsum(counts)]).astype(np.int64),
        edges[:-1],
        edges[1:],
        np.asarray(pc.utf8_length(flat)).astype(np.int32),
        # By Python, as the published rules do: RE2's tables may be of a newer Unicode.
        np.array([any(map(str.isalpha, token)) for row in documents for token in row], bool),
        span_hashes(data, edges[:-1], edges[1:]),
    )


def measures(
    texts: pa.Array, languages: pa.Array | None = None, settings: Settings | None = None
) -> dict[str, Floats]:
    """The `MEASURES` of each text, float64; not a number where one cannot be told.

    Args:
        texts: string.
        languages: of the texts, ISO 639-1; null where it is unknown.
    """
    settings = settings or Settings()
    parts = [
        of_words(part, words(part), settings=settings,
                 languages=None if languages is None else languages.slice(first, len(part)))
        for first, part in pieces(texts, _PIECE)
    ]  # fmt: skip
    return {
        name: np.concatenate([part[name] for part in parts]) if parts else np.zeros(0)
        for name in MEASURES
    }


def of_words(
    texts: pa.Array,
    found: Words,
    *,
    settings: Settings,
    languages: pa.Array | None = None,
    counted: Flags | None = None,
    sentences: Any = None,
) -> dict[str, Floats]:
    """`measures`, from words that are found already: by `words`, or by `tokens` of others.

    Args:
        counted: the words that make up the number of words and their mean length; all without it.
        sentences: of each line as `str.splitlines` cuts; counted here without it.
    """
    signs = find_signs(texts)
    out: dict[str, Floats] = {}
    doubled = _of_words(out, texts, found, signs, settings, languages, counted)
    # Of a long text words are what takes most memory: each column goes when it is of no more use.
    found = found._replace(starts=found.starts[:0].copy(), ends=found.ends[:0].copy())
    runs, all_words = repeats(found, doubled), np.diff(found.edges)
    del found
    by_newline = lines(texts)
    by_break = lines(texts, every_break=True) if signs.breaks else by_newline
    # What C4 keeps ends a sentence, even where a citation ("home.[1]") hides that.
    if sentences is not None:
        by_break = by_break._replace(sentences=sentences)
    rules = Rules(*settings[:6], least=int(sentences is None))
    held = line_sums(texts, by_newline, by_break, rules, signs.places)
    # `str.splitlines` gives no empty line after the last line end.
    rows = np.diff(by_break.edges) - (by_break.characters[by_break.edges[1:] - 1] == 0)
    breaks = np.diff(by_newline.edges) - 1
    out["characters"] = held.characters.astype(np.float64)
    for column, n in enumerate(TOP):
        out[f"top_{n}_gram"] = share(runs.top[:, column], held.characters)
    for column, n in enumerate(DUPLICATE):
        out[f"duplicate_{n}_grams"] = share(runs.duplicate[:, column], held.characters)
    words = all_words if settings.as_published else out["words"]
    for name, part, total in (
        ("bullet_lines", held.bullets, rows),
        ("ellipsis_lines", held.dotted, rows),
        ("duplicate_paragraphs", held.paragraphs_again, held.paragraphs),
        ("duplicate_paragraph_characters", held.paragraph_characters, held.characters),
        ("duplicate_lines", held.lines_again, held.lines),
        ("duplicate_line_characters", held.line_characters, held.characters),
        ("repeated_line_characters", held.visible, held.characters - breaks),
        ("line_ends", held.ended, held.full),
        ("short_lines", held.short, held.full),
        ("newline_ratio", breaks, words),
        ("prose_share", held.said, held.own),
        ("dialogue_share", held.spoken, held.own),
        ("template_share", held.template, held.own),
    ):
        out[name] = share(part, total)
    for name, number in (
        ("lorem_ipsum", held.lorem),
        ("curly_bracket", held.bracket),
        ("sentences", held.sentences),
        ("long_form_characters", held.long),
    ):
        out[name] = number.astype(np.float64)
    return out


def _of_words(
    out: dict[str, Floats],
    texts: pa.Array,
    found: Words,
    signs: Signs,
    settings: Settings,
    languages: pa.Array | None,
    counted: Flags | None,
) -> Flags | None:
    """Gopher's quality; gives the documents in which most words are letters of their own."""
    number: Any
    total = np.diff(found.edges)
    spoken = _spoken(len(texts), languages, settings)
    held = word_sums(texts, found, spoken, stop_word_lists(settings.stop_words))
    size, letters, letter_size = held.characters, held.alone, held.alone_characters
    lettered: Any = held.lettered
    doubled = None
    if counted is not None:
        number = sums(counted, found.edges)
        length = share(sums(np.where(counted, found.characters, 0), found.edges), number)
        weight = total.astype(np.float64)
    elif settings.as_published:
        number, length, weight = total, share(size, total), total
    else:
        spaced = total - letters
        length = np.where(spaced >= letters / 2, share(size - letter_size, spaced), np.nan)
        length = length + share(signs.unwritten, total)
        number = weight = spaced + letters / 2
        lettered = lettered - letters / 2
        doubled = letters > spaced
    out["words"] = np.asarray(number, np.float64)
    out["mean_word_length"] = length
    out["hash_ratio"] = share(signs.hashes, weight)
    out["ellipsis_ratio"] = share(signs.ellipses, weight)
    out["lettered_words"] = share(lettered, weight)
    there = np.unpackbits(held.stop_words.view(np.uint8).reshape(-1, 8), axis=1).sum(axis=1)
    out["stop_words"] = np.where(spoken > 0, there.astype(np.float64), np.nan)
    return doubled


def _spoken(documents: int, languages: pa.Array | None, settings: Settings) -> Edges:
    """The code of the list of stop words of each document; 0 without one."""
    if settings.stop_words is not None:
        return np.ones(documents, np.int64)
    if languages is None:
        return np.zeros(documents, np.int64)
    codes = stop_word_lists(None).codes
    held = languages.dictionary_encode()
    known = [
        codes.get(re.sub("[-_].*", "", name).lower(), 0) for name in held.dictionary.to_pylist()
    ]
    found: Edges = np.array([*known, 0])[np.asarray(held.indices.fill_null(len(known)))]
    return found

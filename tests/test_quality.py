"""Measures of quality: as defined, the same on both paths, and linear in whatever comes."""

from __future__ import annotations

import re
from collections import Counter

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from datapartnerships.kernels import _compiled, c4
from datapartnerships.kernels.lines import ENDS, lines
from datapartnerships.kernels.passages import shapes
from datapartnerships.kernels.quality import (
    MEASURES,
    PUBLISHED_STOP_WORDS,
    Settings,
    measures,
    of_words,
    tokens,
)
from datapartnerships.kernels.repetition import DUPLICATE, TOP, earlier, repeats
from datapartnerships.kernels.words import Words, words

PATHS = ["numpy", *(["compiled"] if _compiled.available() else [])]
PUBLISHED = Settings(as_published=True, stop_words=PUBLISHED_STOP_WORDS)


@pytest.fixture(params=PATHS)
def path(request, monkeypatch):
    monkeypatch.setenv("DATAPARTNERSHIPS_COMPILED", "1" if request.param == "compiled" else "0")


def one(text: str, language: str | None = "en", **changes) -> dict[str, float]:
    languages = pa.array([language], pa.string())
    found = measures(pa.array([text]), languages, Settings(**changes))
    assert list(found) == sorted(found, key=MEASURES.index) or set(found) == set(MEASURES)
    return {name: float(column[0]) for name, column in found.items()}


# ------------------------------------------------------------------- by hand, word for word


def by_hand(text: str, cut: list[str]) -> dict[str, float]:
    """The published rules in plain Python, one text at a time, from its words."""

    def doubled(items):
        seen, count, size = set(), 0, 0
        for item in items:
            count, size = (count + 1, size + len(item)) if item in seen else (count, size)
            seen.add(item)
        return count, size

    found: dict[str, float] = {"characters": len(text), "words": len(cut)}
    if cut:
        found["mean_word_length"] = sum(map(len, cut)) / len(cut)
        found["hash_ratio"] = text.count("#") / len(cut)
        found["ellipsis_ratio"] = (text.count("...") + text.count("…")) / len(cut)
        found["lettered_words"] = sum(any(c.isalpha() for c in w) for w in cut) / len(cut)
        found["newline_ratio"] = text.count("\n") / len(cut)
    found["stop_words"] = len(set(PUBLISHED_STOP_WORDS) & set(cut))
    rows = text.splitlines()
    if rows:
        found["bullet_lines"] = sum(r.lstrip().startswith(("•", "-")) for r in rows) / len(rows)
        found["ellipsis_lines"] = sum(r.rstrip().endswith(("...", "…")) for r in rows) / len(rows)
    if text:
        parts = re.split(r"\n{2,}", text.strip())
        count, size = doubled(parts)
        found["duplicate_paragraphs"] = count / len(parts)
        found["duplicate_paragraph_characters"] = size / len(text)
        parts = re.split(r"\n+", text)
        count, size = doubled(parts)
        found["duplicate_lines"] = count / len(parts)
        found["duplicate_line_characters"] = size / len(text)
        for n in TOP:
            runs = Counter(" ".join(cut[i : i + n]) for i in range(len(cut) - n + 1))
            best = runs.most_common(1)
            found[f"top_{n}_gram"] = len(best[0][0]) * best[0][1] / len(text) if best else 0
        for n in DUPLICATE:
            seen, size, at = set(), 0, 0
            while at + n <= len(cut):
                run = tuple(cut[at : at + n])
                if run in seen:
                    size, at = size + sum(map(len, run)), at + n
                else:
                    seen.add(run)
                    at += 1
            found[f"duplicate_{n}_grams"] = size / len(text)
    rows = [row for row in text.split("\n") if row.strip()]
    if rows:
        found["line_ends"] = sum(row.endswith(tuple(ENDS)) for row in rows) / len(rows)
        found["short_lines"] = sum(len(row) <= 30 for row in rows) / len(rows)
    if text.replace("\n", ""):
        size = doubled(rows)[1]
        found["repeated_line_characters"] = size / len(text.replace("\n", ""))
    return found


WORDS = st.sampled_from(
    ["a", "be", "the", "Sjór", "12", "of", "x.", "漢字", "#", "...", "…", "-", "•"]
)
SPACES = st.sampled_from([" ", " ", " ", "\n", "\n\n", ". ", "\r\n", "\u2028", "\x85", " \n", "\t"])
TEXTS = st.one_of(
    st.lists(st.tuples(WORDS, SPACES), max_size=60).map(lambda p: "".join(map("".join, p))),
    st.text(st.sampled_from("ab .\n\r!\"'…。漢é-•12\u2028"), max_size=40),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=20),
)


@settings(deadline=None, max_examples=300)
@example(["\U00011f02 a\u0301 5\u00aa"], PATHS[0])  # a letter since Unicode 15
@given(st.lists(TEXTS, max_size=4), st.sampled_from(PATHS))
def test_as_the_published_rules_word_for_word(texts, path):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DATAPARTNERSHIPS_COMPILED", "1" if path == "compiled" else "0")
        cut = [text.split() for text in texts]
        found = of_words(pa.array(texts, pa.string()), tokens(cut), settings=PUBLISHED)
    for index, text in enumerate(texts):
        for name, value in by_hand(text, cut[index]).items():
            assert found[name][index] == value, (name, text)


@pytest.mark.skipif(len(PATHS) < 2, reason="numba is not installed: there is one path")
@settings(deadline=None, max_examples=200)
@given(st.lists(TEXTS, max_size=5))
@example(["\x000", " \x00"])
def test_both_paths_agree(texts):
    column = pa.array(texts, pa.string())
    languages = pa.array(["en", "zh", "is", None, "xx"][: len(texts)], pa.string())
    found = []
    for value in "01":
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("DATAPARTNERSHIPS_COMPILED", value)
            found.append(
                (measures(column, languages), lines(column), lines(column, every_break=True))
            )
    for name in MEASURES:
        np.testing.assert_array_equal(found[0][0][name], found[1][0][name], name)
    for mine, other in zip(found[0][1:], found[1][1:], strict=True):
        for name in mine._fields:
            np.testing.assert_array_equal(getattr(mine, name), getattr(other, name), name)


@settings(deadline=None, max_examples=200)
@given(TEXTS)
def test_lines_as_python_cuts(text):
    data = text.encode()
    for every, expected in ((False, text.split("\n")), (True, (text + "\n").splitlines())):
        if every and (not text or text[-1] == "\r"):
            continue  # the "\n" put there would join the "\r"
        found = lines(pa.array([text]), every_break=every)
        cut = [data[a:b].decode() for a, b in zip(found.starts, found.ends, strict=True)]
        assert cut == expected
        assert found.characters.tolist() == [len(row) for row in expected]
        assert found.pieces.tolist() == [len(row.split()) for row in expected]
        assert found.last.tolist() == [ord(row[-1]) if row else 0 for row in expected]
        shown = [row.strip() for row in expected]
        assert found.first.tolist() == [ord(row[0]) if row else 0 for row in shown]
        assert found.visible.tolist() == [ord(row[-1]) if row else 0 for row in shown]
        assert found.dots.tolist() == [row.endswith("...") for row in shown]


# ---------------------------------------------------------------------------- one by one


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("One. Two! Three?", 3),
        ("He paid 3.50 for it, e.g. here. Done", 1),
        ('"Go." She went. "Why?"', 3),
        ("Wait... what? No", 1),
        ("Wait… What", 1),
        ("今日は。明日も！終", 2),
        ("यह है। वह भी।", 2),
        ("no end", 0),
    ],
)
def test_sentences(path, text, count):
    assert lines(pa.array([text])).sentences.tolist() == [count]


def test_shapes_leave_digits_out(path):
    texts = pa.array(["Page 1 of 20\nPage 13 of 20\nPage of\nno digit", "7", ""])
    found = shapes(texts, lines(texts)).tolist()
    assert found[0] == found[1] and len(set(found[:4])) == 3
    assert found[4] == found[5]


def test_letters_without_spaces_are_half_a_word(path):
    text = "我们今天在河边看见了一只白色的鸟。" * 5
    found = one(text, "zh")
    assert found["words"] == 80 / 2 and np.isnan(found["mean_word_length"])
    assert found["lettered_words"] == 1 and found["stop_words"] >= 2
    assert one(text, "zh", as_published=True)["words"] == 80
    # A run of two words is one of four letters, without spaces.
    again = one("天地玄黄" * 10 + "宇宙洪荒", "zh")
    assert again["top_2_gram"] == 4 * 10 / 44


def test_syllables_of_hangul_are_letters(path):
    assert one("우리 집 앞 강", "ko")["mean_word_length"] == 5 / 4 + 1.5 * 5 / 4
    assert one("우리 집 앞 강", "ko", as_published=True)["mean_word_length"] == 5 / 4


def test_stop_words_by_language(path):
    text = "Og þetta er ekki SATT sem hann sagði"
    assert one(text, "is")["stop_words"] == 6
    assert one(text, "is-IS")["stop_words"] == 6
    assert one(text, "fr")["stop_words"] == 0
    assert np.isnan(one(text, None)["stop_words"])
    assert np.isnan(one(text, "th")["stop_words"])
    assert one(text, "fr", stop_words=("sem", "er", "the"))["stop_words"] == 2
    assert np.isnan(measures(pa.array([text]))["stop_words"][0])


SENTENCE = "The boat lay on the shore all winter, and nobody asked whose it was."


def test_signs_of_intention():
    menu = "Home\nAbout us\nContact"
    found = one(f"{SENTENCE}\n{menu}")
    assert found["prose_share"] == len(SENTENCE) / (len(SENTENCE) + 19)
    assert one(menu)["prose_share"] == 0
    wrapped = SENTENCE.replace(", and", ",\nand").replace("whose", "\nwhose")
    assert one(wrapped.replace(" \n", "\n"))["prose_share"] < 1  # a short line does not run on
    wrapped = f"{SENTENCE[:-1]} or where\nit had come from."
    assert one(wrapped)["prose_share"] == 1
    said = f"“{SENTENCE}”"
    assert one(f"{said}\n{SENTENCE}")["dialogue_share"] == len(said) / (len(said) + len(SENTENCE))
    long = "\n".join([SENTENCE + str(n) + "." for n in range(10)])
    short = f"{SENTENCE}\n\n" * 2
    assert one(f"{short}{long}")["long_form_characters"] == len(long.replace("\n", ""))
    found = one(f"Call 12 at 3\nCall 99 at 4\n{SENTENCE}")
    assert found["template_share"] == 24 / (24 + len(SENTENCE))


@pytest.mark.parametrize(
    ("line", "kept"),
    [
        ("A plain sentence stands here.", True),
        ("It has no end", False),
        ("Two words.", False),
        ("And so it went on...", False),
        ("This page needs JavaScript to be read.", False),
        ("Read our privacy policy for more.", False),
        ("He left in 1911.[12]", True),
        ("He left in 1911 [12].", True),
        ("x" * 1001 + " is too long a word.", False),
        ("今天我们去河边看鸟。", True),
        ("यह एक वाक्य है।", True),
    ],
)
def test_lines_that_c4_keeps(path, line, kept):
    texts = pa.array([line])
    found = lines(texts, every_break=True)
    assert c4.kept(texts, found).lines.tolist() == [kept]


def test_what_c4_gives_a_text_up_for():
    ends = "A plain sentence stands here.\n"
    assert one(ends + "Now comes lorem ipsum again.")["lorem_ipsum"] == 1
    assert one(ends + "Here is a { in the text.")["curly_bracket"] == 1
    assert one(ends + "code {")["curly_bracket"] == 0  # the line is not kept anyway
    both = one("Here is a { in the text.\nNow comes lorem ipsum again.")
    assert (both["curly_bracket"], both["lorem_ipsum"]) == (1, 0)
    assert one(ends * 3)["sentences"] == 3


def test_nothing_at_all(path):
    for text in ("", " \n\n ", "\u2028"):
        found = one(text)
        assert found["words"] == 0 and np.isnan(found["line_ends"])
    assert all(len(column) == 0 for column in measures(pa.array([], pa.string())).values())
    assert measures(pa.array([None, "a b"]))["characters"].tolist() == [0, 3]


def test_slices_and_cuts_change_nothing(path):
    texts = pa.array([f"{SENTENCE} {n}\n" * (n % 7) for n in range(40)])
    languages = pa.array(["en"] * 40)
    whole = measures(texts, languages)
    part = measures(texts.slice(11, 9), languages.slice(11, 9))
    for name in MEASURES:
        np.testing.assert_array_equal(part[name], whole[name][11:20])


# --------------------------------------------------------------------- bounded, whatever comes


def _words(hashes) -> Words:
    count = len(hashes)
    zeros = np.zeros(count, np.int64)
    ones = np.ones(count, np.int32)
    edges = np.array([0, count], np.int64)
    return Words(edges, zeros, zeros, ones, ones.astype(bool), np.asarray(hashes, np.uint64))


@pytest.mark.skipif(len(PATHS) < 2, reason="only tables take steps, and they are compiled")
@pytest.mark.parametrize("kind", ["one word", "all different", "planned", "period"])
def test_steps_grow_with_the_words(kind, monkeypatch):
    monkeypatch.setenv("DATAPARTNERSHIPS_COMPILED", "1")
    count = 200_000
    hashes = {
        "one word": np.zeros(count),
        "all different": np.arange(count),
        # Words whose hashes share their lower 40 bits.
        "planned": np.arange(count, dtype=np.uint64) << np.uint64(40),
        "period": np.arange(count) % 11,
    }[kind]
    for doubled in (None, np.array([True])):
        found = repeats(_words(hashes), doubled)
        assert found.steps < 9 * 3 * count


def test_one_word_for_ever(path):
    found = one("no " * 300_000)
    assert found["top_2_gram"] == pytest.approx(5 * 299_999 / 900_000)
    assert found["duplicate_10_grams"] == pytest.approx(2 / 3, abs=0.001)
    assert found["words"] == 300_000


def test_one_word_without_end(path):
    found = one("æ" * 2_000_000)
    assert (found["words"], found["mean_word_length"]) == (1, 2_000_000)


def test_all_lines_alike(path):
    found = one(f"{SENTENCE}\n" * 20_000)
    assert found["duplicate_lines"] == pytest.approx(1, abs=0.001)
    assert found["template_share"] == 1


def test_many_empty_documents(path):
    assert len(measures(pa.array([""] * 200_000))["words"]) == 200_000


def test_earlier():
    seen, count = earlier(np.array([5, 5, 7, 5], np.uint64), np.array([0, 0, 0, 1]))
    assert seen.tolist() == [False, True, False, False] and count.tolist() == [2, 2, 1, 1]
    assert len(earlier(np.zeros(0, np.uint64), np.zeros(0, np.int64))[0]) == 0


def test_words_of_others_are_words_of_ours_where_they_agree(path):
    text = "The sea was calm and the sea was grey"
    mine, theirs = words(pa.array([text])), tokens([text.split()])
    assert mine.hashes.tolist() == theirs.hashes.tolist()
    assert mine.characters.tolist() == theirs.characters.tolist()

"""Words: what is one, the same on both paths, and hashed as its bytes."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from datapartnerships.kernels import _compiled
from datapartnerships.kernels.words import buffers, pieces, words

PATHS = ["numpy", *(["compiled"] if _compiled.available() else [])]


@pytest.fixture(params=PATHS)
def path(request, monkeypatch):
    monkeypatch.setenv("DATAPARTNERSHIPS_COMPILED", "1" if request.param == "compiled" else "0")


def split(*texts: str | None) -> list[list[str]]:
    column = pa.array(texts, pa.string())
    data = buffers(column)[0].tobytes()
    found = words(column)
    spelled = [data[a:b].decode() for a, b in zip(found.starts, found.ends, strict=True)]
    assert [len(word) for word in spelled] == found.characters.tolist()
    return [spelled[a:b] for a, b in zip(found.edges[:-1], found.edges[1:], strict=True)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("One two,three.", ["One", "two", "three"]),
        ("don’t can't l'été rock 'n' roll", ["don’t", "can't", "l'été", "rock", "n", "roll"]),
        ("col·legi 3.14 1,000 3. v2.0 a.b", ["col·legi", "3.14", "1,000", "3", "v2.0", "a", "b"]),
        ("kennitala 120174-3399", ["kennitala", "120174", "3399"]),
        ("Þjóðfélag ægir", ["Þjóðfélag", "ægir"]),
        ("e\u0301te\u0301 \u0301x", ["e\u0301te\u0301", "x"]),
        ("我们 ABC漢字12", ["我", "们", "ABC", "漢", "字", "12"]),
        ("ที่นี่ ok", ["ที่", "นี่", "ok"]),
        ("ひらカナ", ["ひ", "ら", "カ", "ナ"]),
        ("한국어 العربية می‌خواهم हिन्दी", ["한국어", "العربية", "می‌خواهم", "हिन्दी"]),
        ("snake_case -- ... €5 😀", ["snake", "case", "5"]),
        ("", []),
        ("a''b 'a' a'", ["a", "b", "a", "a"]),
    ],
)
def test_words(path, text, expected):
    assert split(text) == [expected]


def test_edges_nulls_and_slices(path):
    texts = pa.array(["x y", None, "", "z"], pa.string())
    assert split("x y", None, "", "z") == [["x", "y"], [], [], ["z"]]
    assert words(texts.slice(2)).hashes.tolist() == words(texts).hashes.tolist()[2:]
    assert words(texts.slice(0, 0)).edges.tolist() == [0]
    assert words(texts.cast(pa.large_string())).starts.tolist() == words(texts).starts.tolist()


def test_no_word_reaches_over_the_end_of_a_text(path):
    assert split("don", "'t", "漢", "\u0301a", "1", ".5") == [
        ["don"], ["t"], ["漢"], ["a"], ["1"], ["5"],
    ]  # fmt: skip


def test_lettered(path):
    found = words(pa.array(["a1 23 漢 5ª"]))
    assert found.lettered.tolist() == [True, False, True, True]


def test_equal_words_have_equal_hashes_and_others_do_not(path):
    texts = [f"{word} {word}" for word in ("a", "sjö", "abcdefgh", "abcdefghi", "x" * 1000)]
    found = words(pa.array(texts)).hashes.reshape(-1, 2)
    assert (found[:, 0] == found[:, 1]).all()
    swapped = [
        "abcdefgh12345678",
        "12345678abcdefgh",
        "a",
        "aa",
        "aaa",
        "b" * 8,
        "b" * 16,
        "b" * 24,
    ]
    assert len(set(words(pa.array(swapped)).hashes.tolist())) == len(swapped)


def test_many_hashes_do_not_meet(path):
    numbers = pa.array([" ".join(f"w{i}" for i in range(200_000))])
    assert len(np.unique(words(numbers).hashes)) == 200_000


@pytest.mark.skipif(len(PATHS) < 2, reason="numba is not installed: there is one path")
@settings(deadline=None, max_examples=300)
@given(
    st.lists(
        st.one_of(
            st.text(st.sampled_from("ab1漢ที่'’.,·-_ \u0301\u200dé\n"), max_size=30),
            st.text(max_size=20),
        ),
        max_size=6,
    )
)
def test_both_paths_agree(texts):
    column = pa.array(texts, pa.string())
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DATAPARTNERSHIPS_COMPILED", "0")
        columns = words(column)
        patch.setenv("DATAPARTNERSHIPS_COMPILED", "1")
        loop = words(column)
    for mine, other in zip(columns, loop, strict=True):
        np.testing.assert_array_equal(mine, other)


def test_pieces_are_the_texts_in_order():
    texts = pa.array(["aa", "b" * 50, None, "", "cc"])
    parts = list(pieces(texts, 10))
    assert pa.concat_arrays([part for _, part in parts]).to_pylist() == texts.to_pylist()
    assert [first for first, _ in parts] == [0, 1, 2]
    assert list(pieces(texts.slice(0, 0))) == []

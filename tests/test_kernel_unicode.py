"""fix_text equals ftfy.fix_text, for every value."""

from __future__ import annotations

import html
import json
import os
import random
import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import ftfy
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from ftfy import badness
from hypothesis import given, settings
from hypothesis import strategies as st

from datapartnerships.kernels import unicode
from datapartnerships.kernels._unicode_scan import BAD, automaton, scan
from datapartnerships.kernels._unicode_tables import Search, re2_tokens, tables
from datapartnerships.kernels.segments import flat_text
from datapartnerships.kernels.unicode import fix_text
from datapartnerships.schema import Document, Segment, documents_to_table
from datapartnerships.transforms import RepairUnicode

NASTY = [
    "",
    "\n",
    "plain ASCII, nothing to do\n",
    "âœ” No problems",
    "&macr;\\_(ã\x83\x84)_/&macr;",
    "Broken text&hellip; it&#x2019;s ﬂubberiﬁc!",
    "ＬＯＵＤ　ＮＯＩＳＥＳ",
    "“here’s a test” ‚not‘ „these‟ ʼnor",
    "ŉ Ǆ ǆ Ĳ ﬅ",
    "&amp; before <b>\n&amp; after",
    "&amp; <b> on one line",
    "first &amp;\n<p>\nthen &amp;\n",
    "＜ &amp; ＆amp;",
    "＜ ＆amp;",
    "＜\n＆amp;",
    "&am\x00p; &amp;amp;lt; &#x80; &#13; &#xD800; &NTILDE; &notreal;",
    "a\r\nb\rc\u2028d\u2029e\x85f\n",
    "\r\ufeff\n \r\u2028 \r",
    "\x1b[36;44mblue\x1b[0m \x1b\x00[0m \x1b［0m \x1b[",
    "\ufeffBOM \x00NUL \x7fDEL \u206a \ufffc",
    "e\u0301 é\u0323 a\u0323\u0302 \u212b \u0958 \u0344 \u1fef",
    "ｶﾞ ｱ ﾊﾟ ﾡ ￡",
    "\u1112\u1161\u11ab \ud55c \uac00\u11a8",
    "ที่ผู้ บְּרֵאשִׁית مُحَمَّدٌ क\u093c न\u093c",
    "voilÃ le travail, sÃ³ Ã la mode, l’Ã©tÃ©",
    "â€œlossy quotesâ€\ufffd and â€™",
    "Ã\x83Â© twice, Ã© once, œ” and œ’x é”x é’—",
    "a\r\nÃ b",
    "Ã at the start\nÂ after a line",
    "РџСЂРёРІРµС‚ РјРёСЂ",
    "вЂ” β€™ ā€ √± ≈° ‚Äô",
    "\x93C1 quotes\x94 \x8d \x85",
    "😀 👨\u200d👩\u200d👧 🔎\ufe0e",
    "í\xa0½í¸\x8d À\x80",
]

TROUBLE = (
    *(
        "Ã",
        "Â",
        "â",
        "€",
        "™",
        "œ",
        "Œ",
        "\x80",
        "\x85",
        "\x93",
        "\xa0",
        "\xad",
        "©",
        "´",
        "ð",
        "Ÿ",
    ),
    *("‘", "’", "“", "”", "‚", "„", "ʼ", "«", "»", "–", "…", "\ufffd", "\x1a", "?", "í", "½", "¸"),
    *(
        "&",
        "&amp;",
        "&lt;",
        "amp;",
        "＆amp;",
        "&#x80;",
        "&#39;",
        ";",
        "<",
        "＜",
        "＆",
        "#",
        "a",
        "z",
        "Z",
        "0",
        " ",
    ),
    *(
        "\n",
        "\r",
        "\r\n",
        "\u2028",
        "\u2029",
        "\x0c",
        "\x00",
        "\x1b",
        "\x1b[3m",
        "[",
        "m",
        "\ufeff",
    ),
    *("\u0301", "\u0323", "\u0338", "é", "e", "\u212b", "\u0958", "\u093c", "\u3099", "ｶ", "ﾞ"),
    *("\u1112", "\u1161", "\u11ab", "\uac00", "ﬁ", "ŉ", "Ǆ", "Ａ", "　", "￣", "\u200b", "\u200d"),
    *("В", "Ђ", "°", "×", "²", "à", "√", "†", "│", "Ω", "β", "ā", "中", "😀", "\u0e35", "\u0e48"),
)
TEXT = st.lists(st.sampled_from(TROUBLE) | st.characters(codec="utf-8"), max_size=30).map("".join)


def agree(texts: Sequence[str | None], kind: pa.DataType | None = None) -> None:
    array = pa.array(texts, kind or pa.string())
    for uncurl in (True, False):
        fixed = fix_text(array, uncurl_quotes=uncurl)
        fixed.validate(full=True)
        assert fixed.type == array.type
        expected = [
            text if text is None else ftfy.fix_text(text, uncurl_quotes=uncurl) for text in texts
        ]
        assert fixed.to_pylist() == expected
        assert (fixed is array) == (expected == list(texts))


@pytest.mark.parametrize("text", NASTY)
def test_one(text: str) -> None:
    agree([text])


@pytest.mark.parametrize("kind", [pa.string(), pa.large_string()], ids=str)
def test_together(kind: pa.DataType) -> None:
    agree([*NASTY, None, "\n".join(NASTY), "\r\n".join(reversed(NASTY)), None], kind)


def test_every_character_of_the_tables() -> None:
    every = pa.array([chr(code) for code in range(0x30000) if not 0xD800 <= code < 0xE000])
    found = pc.match_substring_regex(every, tables().suspicious.pattern)
    characters = every.filter(found).to_pylist() + every.to_pylist()[::31]
    agree(characters)
    agree([f"é{character}\u0323x" for character in characters[::3]])


@settings(max_examples=60, deadline=None)
@given(st.lists(st.none() | TEXT, max_size=30))
def test_random(texts: list[str | None]) -> None:
    agree(texts)


@settings(max_examples=200, deadline=None)
@given(TEXT, st.booleans())
def test_masks_miss_nothing(text: str, uncurl: bool) -> None:
    table = tables(uncurl)

    def matches(wanted: Search) -> bool:
        return bool(pc.match_substring_regex(pa.array([text]), wanted.pattern)[0].as_py())

    if badness.is_bad(text):
        assert matches(table.bad)
    if ftfy.fix_text(text, uncurl_quotes=uncurl) != text:
        assert matches(table.suspicious)
    if not unicodedata.is_normalized("NFC", text):
        assert matches(table.beyond_characters)


def _both_ways(texts: pa.Array, uncurl: bool) -> None:
    table = tables(uncurl)
    assert table.automaton is not None
    searches = {k: v for k, v in vars(table).items() if isinstance(v, Search)}
    assert len(searches) == 8
    for name, wanted in searches.items():
        expected = pc.match_substring_regex(texts, wanted.pattern).fill_null(False)
        found = scan(texts, wanted.signs, table.automaton)
        if found is None:
            pytest.skip("numba is not installed, or turned off")
        other = np.flatnonzero(found != expected.to_numpy(zero_copy_only=False))
        assert not len(other), (name, texts.take(pa.array(other[:3])).to_pylist())


@settings(max_examples=300, deadline=None)
@given(st.lists(st.none() | TEXT, min_size=1, max_size=30), st.booleans())
def test_the_compiled_pass_finds_what_re2_finds(texts: list[str | None], uncurl: bool) -> None:
    _both_ways(pa.array(texts, pa.string()), uncurl)


def test_the_compiled_pass_finds_every_sequence_and_character() -> None:
    rng = random.Random(3)
    tokens = " ".join(re2_tokens(badness.BADNESS_RE.pattern)).replace("?", "").split(" | ")
    every = [chr(code) for code in range(0x30000) if not 0xD800 <= code < 0xE000]
    letters = "".join(every[:0x2600])
    texts = list(every)
    for sequence in tokens:
        pools = [re.findall(token, letters) or [token] for token in _classes(sequence)]
        for _ in range(300):
            held = [rng.choice(pool) for pool in pools]
            if rng.random() < 0.3:
                held[rng.randrange(len(held))] = rng.choice(letters)
            inside = "".join(held)
            texts.append(rng.choice(("", "word ", "aÃ", "é", "中", "a\n")) + inside + "tail end")
    for before in ("&#", "&", "a < b &", "&amp", "&amp&amp", "\u0301", "&;", "& x&#"):
        for size in (0, 1, 2, 23, 24, 25, 40):
            texts += [before + "x" * size + ";", before + "9" * size, before + "Z" * size + ";<"]
    for uncurl in (True, False):
        _both_ways(pa.array(texts), uncurl)


def _classes(sequence: str) -> list[str]:
    return re.findall(r"\[\^?\]?(?:\\.|[^\]])*\]|\S", sequence)


def test_other_expressions_are_left_to_re2() -> None:
    for tokens in (list("(ab)"), list("ab+"), ["[a-z]", "\\.", "|", "é"], ["é"] * 200):
        assert automaton(tokens, {}, "abcé") is None
    assert automaton(["é", "?", "a"], {}, "abcé") is None  # "a" alone is ASCII
    found = automaton(["a", "é", "?", "ü"], {}, "abcéü")
    assert found is not None
    texts = ["aü", "aéü", "a ü", "aéé", "xxxxxxxxaü", ""]
    expected = [True, True, False, False, True, False]
    seen = scan(pa.array(texts), BAD, found)
    assert seen is None or seen.tolist() == expected


def test_straight_quotes_match_nothing_new() -> None:
    table = tables()
    assert set("‘’‛“”‟„ʼ") <= {chr(code) for code in table.final.nonzero()[0]}
    pattern = table.suspicious.pattern
    assert not pc.match_substring_regex(pa.array(["'\""]), pattern)[0].as_py()


def test_curly_quotes_stay_where_they_are_to() -> None:
    texts = pa.array(["„Já,“ sagði hún – ‚nei‘ and “it’s”.", "l’Ã©tÃ© ﬁnal"])
    assert fix_text(texts.slice(0, 1), uncurl_quotes=False).equals(texts.slice(0, 1))
    assert fix_text(texts, uncurl_quotes=False)[1].as_py() == "l’été final"
    assert fix_text(texts)[1].as_py() == "l'été final"
    assert RepairUnicode() != RepairUnicode(uncurl_quotes=False)
    batch = documents_to_table([Document("0", "s", segments=[Segment("“Ã©”")])])
    assert flat_text(RepairUnicode(uncurl_quotes=False)(batch)).to_pylist() == ["“é”"]
    assert flat_text(RepairUnicode()(batch)).to_pylist() == ['"é"']


def test_random_mojibake_of_random_text() -> None:
    rng = random.Random(7)
    encodings = ["latin-1", "sloppy-windows-1252", "sloppy-windows-1251", "macroman", "cp437"]
    texts = []
    for _ in range(1500):
        text = "".join(rng.choices(TROUBLE, k=rng.randrange(1, 25)))
        for _ in range(rng.randrange(1, 3)):
            text = text.encode().decode(rng.choice(encodings), "replace")
        texts.append(text)
    agree(texts)


def test_clean_is_the_same_object() -> None:
    array = pa.array(["clean", None, "", "æøå ðþ\n中文", "<b>&amp;</b>"])
    chunked = pa.chunked_array([array, array])
    assert fix_text(array) is array
    assert fix_text(chunked) is chunked
    assert fix_text(array.slice(0, 0)).equals(array.slice(0, 0))


def test_chunked() -> None:
    chunked = pa.chunked_array([pa.array(["a", None]), pa.array(["’b"])])
    assert fix_text(chunked).equals(pa.chunked_array([pa.array(["a", None]), pa.array(["'b"])]))
    empty = pa.chunked_array([], pa.string())
    assert fix_text(empty) is empty


@pytest.mark.parametrize("texts", [[], [None], [None, None], ["’", None]])
@pytest.mark.parametrize("kind", [pa.string(), pa.large_string()], ids=str)
def test_few(texts: list[str | None], kind: pa.DataType) -> None:
    agree(texts, kind)


def test_slices_with_offsets() -> None:
    texts = ["’a", None, *NASTY, None, "clean"]
    array = pa.array(texts)
    expected = fix_text(array).to_pylist()
    for start in range(len(texts)):
        part = array.slice(start, 9)
        assert fix_text(part).to_pylist() == expected[start : start + 9]


def test_bytes_under_a_null_do_not_matter() -> None:
    data = pa.array(["Ã©", "’"]).buffers()
    array = pa.Array.from_buffers(pa.string(), 2, [pa.py_buffer(b"\x02"), *data[1:]])
    assert fix_text(array).to_pylist() == [None, "'"]


def test_return_and_newline_in_neighboring_documents() -> None:
    agree(["a\r", "\nb", "c\r\n", "", "\n"])


def test_segments_longer_than_ftfy_takes() -> None:
    """ftfy cuts lines of more than a million characters, even inside ``\\r\\n`` or ``é``."""
    long = "x" * 999_999
    agree([long + "\r\ny’", long + "e\u0301", long + "&amp;’<", long + "yÂ ’", "Ã©\n" + long + "’"])


def test_slices_by_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unicode, "_SLICE_BYTES", 40)
    agree([*NASTY, None, *NASTY])
    monkeypatch.setattr(unicode, "_SCAN_BYTES", 3)
    agree(NASTY)


def test_other_types_are_refused() -> None:
    with pytest.raises(TypeError, match="Got int64"):
        fix_text(pa.array([1]))


def test_unknown_syntax_in_the_expression_is_an_error() -> None:
    with pytest.raises(NotImplementedError, match=r"has \\d"):
        list(re2_tokens(r"[a-z] \d"))


def _documents() -> Iterator[str]:
    root = Path(__file__).resolve().parent.parent
    folder = root / os.environ.get("DATAPARTNERSHIPS_REAL_DATA", "../shared/data")
    path = folder / "text" / "corpus.jsonl.zst"
    if not path.is_file():
        pytest.skip(f"no {path}; set DATAPARTNERSHIPS_REAL_DATA to the folder of real data")
    with pa.input_stream(str(path), compression="zstd") as stream:
        lines = stream.read().splitlines()
    for line in lines[::101]:
        yield json.loads(line)["text"][:4000]


def _bytes_lost(text: str) -> str:
    rng = random.Random(len(text))
    data = bytearray(text.encode())
    for _ in range(len(data) // 150 + 1):
        data[rng.randrange(len(data))] = rng.randrange(256)
    return data.decode(errors="replace")


CORRUPTIONS: dict[str, Callable[[str], str]] = {
    "none": lambda text: text,
    "latin-1": lambda text: text.encode().decode("latin-1"),
    "windows-1252": lambda text: text.encode().decode("cp1252", "replace"),
    "twice": lambda text: text.encode().decode("latin-1").encode().decode("sloppy-windows-1252"),
    "html": html.escape,
    "bytes": _bytes_lost,
    "decomposed": lambda text: unicodedata.normalize("NFD", text).replace("\n", "\r\n"),
}


@pytest.mark.parametrize("corruption", CORRUPTIONS)
def test_real_documents(corruption: str) -> None:
    documents = [text for text in _documents() if text]
    agree([CORRUPTIONS[corruption](text) for text in documents])

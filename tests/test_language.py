"""Languages and scripts: told, told apart, mixed, not known; the same on both paths."""

from __future__ import annotations

import json
import random
import sys
import unicodedata

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import datapartnerships as dp
from datapartnerships import readers
from datapartnerships import transforms as t
from datapartnerships.errors import InvalidParameter, PipelineError, UnknownName
from datapartnerships.kernels import _compiled, language, ngrams, scripts
from datapartnerships.kernels._categories import categories
from datapartnerships.kernels.language_tags import NO_LANGUAGE, TAGS
from datapartnerships.schema import Document, Segment, documents_to_table
from datapartnerships.transforms import _language

pytest.importorskip("py3langid")
pytest.importorskip("pycld2")

MODES = ["accurate", "fast"]
PATHS = ["numpy", *(["compiled"] if _compiled.available() else [])]

# Written for these tests.
SENTENCES = {
    "is": "Þau gengu niður að höfninni og sáu hvernig bátarnir vögguðu í kvöldsólinni.",
    "fo": "Tey gingu oman á keiina og sóu, hvussu bátarnir vaggaðu í kvøldsólini.",
    "da": "De gik ned til havnen og så, hvordan bådene gyngede, mens solen gik ned bag bakkerne.",
    "nb": "De gikk ned til havnen og så hvordan båtene gynget mens solen gikk ned bak åsene.",
    "nn": "Dei gjekk ned til hamna og såg korleis båtane gynga medan sola gjekk ned bak åsane.",
    "sv": "De gick ner till hamnen och såg hur båtarna gungade medan solen gick ner bakom bergen.",
    "en": "They walked down to the harbor and watched how the boats rocked in the evening sun.",
    "de": "Sie gingen zum Hafen hinunter und sahen, wie die Boote in der Abendsonne schaukelten.",
    "fr": "Ils sont descendus au port et ont regardé les bateaux qui se balançaient au soleil.",
    "ru": "Они спустились в гавань и смотрели, как лодки качаются в лучах вечернего солнца.",
    "el": "Κατέβηκαν στο λιμάνι και κοίταζαν τις βάρκες που λικνίζονταν στον βραδινό ήλιο.",
    "ja": "彼らは港まで歩いて行き、夕日の中で揺れている小さな船をながめていました。",
    "ko": "그들은 항구로 내려가서 저녁 햇살 속에서 흔들리는 작은 배들을 바라보았다.",
    "he": "הם ירדו אל הנמל והביטו בסירות הקטנות המתנדנדות באור השמש של הערב.",
}


@pytest.fixture(params=PATHS)
def path(request, monkeypatch):
    monkeypatch.setenv("DATAPARTNERSHIPS_COMPILED", "1" if request.param == "compiled" else "0")


def table(*documents: str | list[str]) -> pa.Table:
    rows = [
        Document(str(i), "x", segments=[Segment(x) for x in ([d] if isinstance(d, str) else d)])
        for i, d in enumerate(documents)
    ]
    return documents_to_table(rows)


def languages(*documents: str | list[str], **options: object) -> list[str | None]:
    return t.IdentifyLanguage(**options)(table(*documents))["language"].to_pylist()  # type: ignore[arg-type]


def of_segments(*texts: str, **options: object) -> list[str | None]:
    out = t.IdentifyLanguage(**options)(table(list(texts)))  # type: ignore[arg-type]
    return [segment["language"] for segment in out["segments"][0].as_py()]


@pytest.mark.parametrize("mode", MODES)
def test_languages_are_told_and_the_nordic_ones_told_apart(path, mode):
    assert languages(*SENTENCES.values(), mode=mode) == list(SENTENCES)


def test_capitals_and_decomposed_letters(path):
    assert languages(SENTENCES["is"].upper(), SENTENCES["ru"].upper()) == ["is", "ru"]
    assert languages(unicodedata.normalize("NFD", SENTENCES["fr"])) == ["fr"]


@pytest.mark.parametrize("mode", MODES)
def test_no_language_is_said_to_be_none(mode):
    rng = random.Random(3)
    words = ["".join(rng.choices("abcdefghijklmnopqrstuvwxyz", k=6)) for _ in range(30)]
    code = "ZXhhbXBsZSBvZiBiYXNlNjQgdGV4dCB0aGF0IGlzIG5vdCBhIGxhbmd1YWdlIGF0IGFsbCE="
    assert languages(" ".join(words), code, mode=mode) == ["und", "und"]
    out = t.IdentifyLanguage(mode=mode)(table(" ".join(words)))
    assert out["language_score"].to_pylist() == [0]
    assert out["languages"].to_pylist() == [[{"language": "und", "share": 1}]]


@pytest.mark.parametrize("mode", MODES)
def test_what_has_no_letters_has_no_language(mode):
    out = t.IdentifyLanguage(mode=mode)(table("", "12 345,60 %", "* * *", [], ["", "7"]))
    for name in ("language", "language_score", "script"):
        assert out[name].null_count == 5
    assert out["languages"].to_pylist() == [[]] * 5
    assert {s["language"] for row in out["segments"].to_pylist() for s in row} == {None}
    assert t.IdentifyLanguage(mode=mode)(table()).num_rows == 0


def test_a_mixed_document(path):
    texts = [SENTENCES["is"], SENTENCES["en"], SENTENCES["is"], "1999", "Anna Jónsdóttir"]
    out = t.IdentifyLanguage()(table(texts)).to_pylist()[0]
    assert [s["language"] for s in out["segments"]] == ["is", "en", "is", None, "is"]
    assert [item["language"] for item in out["languages"]] == ["is", "en"]
    assert sum(item["share"] for item in out["languages"]) == pytest.approx(1)
    sizes = [len(text) for text in texts]
    expected = sizes[1] / (sum(sizes) - 4)
    assert out["languages"][1]["share"] == pytest.approx(expected, abs=1e-6)
    assert out["language"] == "is" and out["language_score"] > 0.9


def test_what_is_around_a_short_segment_decides(path):
    text = "Hatta er gott."
    assert languages(text) != ["fo"]
    assert of_segments(SENTENCES["fo"], text, SENTENCES["fo"]) == ["fo"] * 3
    assert of_segments(SENTENCES["da"], SENTENCES["en"], SENTENCES["da"])[1] == "en"


def test_the_middle_of_a_long_text_is_seen():
    is_, en = SENTENCES["is"] * 300, SENTENCES["en"] * 300
    out = t.IdentifyLanguage()(table(is_ + en + is_)).to_pylist()[0]
    assert [item["language"] for item in out["languages"]] == ["is", "en"]
    assert 0.2 < out["languages"][1]["share"] < 0.45
    fast = t.IdentifyLanguage(mode="fast")(table(is_ + en + is_)).to_pylist()[0]
    assert [item["language"] for item in fast["languages"]][:2] == ["is", "en"]


def test_what_the_source_states_stays():
    segment = Segment(SENTENCES["en"], language="is")
    batch = documents_to_table([Document("1", "x", segments=[segment, Segment(SENTENCES["en"])])])
    kept = t.IdentifyLanguage()(batch).to_pylist()[0]
    assert [s["language"] for s in kept["segments"]] == ["is", "en"]
    assert kept["language"] == "en"  # of what the text says
    over = t.IdentifyLanguage(overwrite=True)(batch).to_pylist()[0]
    assert [s["language"] for s in over["segments"]] == ["en", "en"]
    fast = t.IdentifyLanguage(mode="fast")(batch)
    assert fast["segments"].equals(batch["segments"])


def test_expected_languages_weigh_more_and_others_are_still_found():
    text = "Han kan komme i morgen."
    assert languages(text, expected=("da",)) == ["da"]
    assert languages(text, expected=("nb",)) == ["nb"]
    assert languages(SENTENCES["ru"], SENTENCES["sv"], expected=("is",)) == ["ru", "sv"]


def test_the_score_that_is_asked_for():
    text = "Han kan komme i morgen."
    score = t.IdentifyLanguage()(table(text))["language_score"][0].as_py()
    assert 0.25 <= score < 0.9
    assert languages(text, min_score=0.95) == ["und"]


def test_tags_are_those_of_the_libraries():
    from datapartnerships._backends.py3langid import model
    from datapartnerships._backends.pycld2 import tags

    assert (set(model().classes) - {NO_LANGUAGE}) | tags() == TAGS


def test_wrong_parameters():
    with pytest.raises(UnknownName, match="Did you mean"):
        t.FilterLanguage(keep=("iss",))
    with pytest.raises(UnknownName, match="expected of IdentifyLanguage"):
        t.IdentifyLanguage(expected=("english",))
    with pytest.raises(InvalidParameter, match="Nynorsk"):
        t.FilterLanguage(keep=("no",))
    for wrong in ("is", ()):
        with pytest.raises(InvalidParameter):
            t.FilterLanguage(keep=wrong)
    with pytest.raises(InvalidParameter, match="fast"):
        t.IdentifyLanguage(mode="quick")
    with pytest.raises(InvalidParameter, match="0 to 1"):
        t.IdentifyLanguage(min_score=2)
    assert t.IdentifyLanguage(expected=["is"]) == t.IdentifyLanguage(expected=("is",))


def test_filter():
    rows = table(SENTENCES["is"], SENTENCES["en"], "123", "xkq zzv qqp wvx kkz", SENTENCES["is"])
    found = t.IdentifyLanguage()(rows)
    first = pa.array(["A: gone", None, None, None, None])
    found = found.set_column(found.schema.get_field_index("drop_reason"), "drop_reason", first)
    reasons = t.FilterLanguage(keep=("is",))(found)["drop_reason"].to_pylist()
    assert reasons == [
        "A: gone",
        "FilterLanguage: language en",
        "FilterLanguage: no text",
        "FilterLanguage: language und",
        None,
    ]
    kept = t.FilterLanguage(keep=("en", "und"), min_score=1.0)(found)["drop_reason"].to_pylist()
    assert kept[1] == "FilterLanguage: score below 1.0"
    assert kept[3] is None


def test_a_filter_without_languages_is_refused(deposit):
    with pytest.raises(PipelineError, match="IdentifyLanguage"):
        dp.Pipeline(
            reader=readers.TextReader(str(deposit)),
            transforms=[t.FilterLanguage(keep=("is",)), t.IdentifyLanguage()],
        )


# ---------------------------------------------------------------------------- kernels


texts_of_all_kinds = st.lists(
    st.one_of(st.none(), st.text(max_size=300), st.sampled_from(sorted(SENTENCES.values()))),
    max_size=20,
)


@pytest.mark.skipif(len(PATHS) < 2, reason="numba is not installed")
@given(texts_of_all_kinds)
@settings(max_examples=60, deadline=None)
def test_both_paths_are_alike(texts):
    from datapartnerships._backends.py3langid import model

    column = pa.array(texts, pa.string())
    found = []
    for value in ("0", "1"):
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("DATAPARTNERSHIPS_COMPILED", value)
            scores = ngrams.scores(model(), column)
            sizes = np.array([len((text or "").encode()) for text in texts], np.int64)
            prior = np.linspace(1, 2, scores.shape[1]) / (1.5 * scores.shape[1])
            known = language.evidence(scores, sizes, prior)
            found.append((scores, *known, *counted(column)))
    for one, other in zip(*found, strict=True):
        assert (one == other).all()


def test_evidence_is_of_the_tempered_likelihoods(path):
    """As the formula has it, in full precision."""
    rng = np.random.default_rng(1)
    scores = rng.integers(-40 * ngrams.STEPS, 0, (50, 30)).astype(np.int32)
    scores[0] = -5  # all alike
    sizes, prior = rng.integers(0, 300, 50), np.full(30, 1 / 30)
    found = language.evidence(scores, sizes, prior, k=4)
    tempered = scores / ngrams.STEPS / np.sqrt(np.maximum(sizes, 1))[:, None]
    every = np.exp(tempered - tempered.max(axis=1, keepdims=True))
    order = np.argsort(-tempered, axis=1, kind="stable")
    assert (found.classes == order[:, :4]).all()
    best = np.take_along_axis(every, order, 1)
    assert found.likelihoods == pytest.approx(best[:, :4], rel=0.005, abs=1e-6)
    assert found.rest == pytest.approx(best[:, 4:].mean(axis=1), rel=0.005, abs=1e-6)


def counted(texts: pa.Array) -> tuple[np.ndarray, np.ndarray]:
    """Letters by text and script, and by text."""
    return scripts.scripts(texts, np.arange(len(texts)), len(texts))


def test_letters_are_counted_by_group(path):
    texts = pa.array(["abc", "12", "дом", None, "x"])
    by_group, of_texts = scripts.scripts(texts, np.array([0, 0, 1, 1, 1]), 3)
    assert of_texts.tolist() == [3, 0, 3, 0, 1]
    latin, cyrillic = scripts.CODES.index("Latn"), scripts.CODES.index("Cyrl")
    assert by_group[:, [latin, cyrillic]].tolist() == [[3, 0], [1, 3], [0, 0]]
    assert by_group.sum() == 7


def test_scores_are_those_of_the_library(path):
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    from datapartnerships._backends.py3langid import model

    own = LanguageIdentifier.from_model_file(MODEL_FILE)
    texts = [*SENTENCES.values(), "a house", "the the the the"]
    found = ngrams.scores(model(), pa.array(texts)) / ngrams.STEPS
    for text, row in zip(texts, found, strict=True):
        expected = own._raw_score(text.encode())
        # Logs of counts are whole steps here, so the sums are 0.3 % apart, of all classes alike.
        own_part, expected_part = row - model().priors, expected - model().priors
        assert own_part == pytest.approx(expected_part, rel=0.004)
        assert row.argmax() == expected.argmax()


def test_a_text_that_is_too_long_is_refused():
    from datapartnerships._backends.py3langid import model

    with pytest.raises(ValueError, match="3100 bytes"):
        ngrams.scores(model(), pa.array(["a" * 3101]))
    # Normalized, one of these characters takes three times its bytes.
    assert t.IdentifyLanguage()(table("\U0001d160" * 900 + "abc")).num_rows == 1


@given(st.lists(st.one_of(st.none(), st.text(max_size=40)), max_size=6), st.integers(1, 90))
@settings(max_examples=60, deadline=None)
def test_windows_are_whole_characters_of_their_text(texts, times):
    column = pa.array([None if x is None else x * times for x in texts], pa.string())
    parts = language.windows(column)
    cut = language.cut(column, parts)
    cut.validate(full=True)
    for text, part in zip(parts.texts.tolist(), cut.to_pylist(), strict=True):
        assert part in column[text].as_py()
        assert len(part.encode()) <= language.WINDOW * language.LEAST
    for i, text in enumerate(column.to_pylist()):
        own = [part for owner, part in zip(parts.texts, cut.to_pylist(), strict=True) if owner == i]
        if text and len(text.encode()) <= language.WINDOW * language.LEAST:
            assert own == [text]
        elif text:
            assert language.LEAST <= len(own) <= language.MOST
            assert text.startswith(own[0]) and text.endswith(own[-1])
        else:
            assert not own


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Halló", "Latn"), ("Привет", "Cyrl"), ("Γειά", "Grek"), ("שלום", "Hebr"),
        ("مرحبا", "Arab"),
        ("नमस्ते", "Deva"), ("你好", "Hani"), ("ひらがな漢字", "Jpan"), ("カタカナ", "Jpan"),
        ("ﾊﾝｶｸ", "Jpan"), ("한국어", "Kore"), ("ᚠᚢᚦ", "Runr"), ("สวัสดี", "Thai"), ("ᏣᎳᎩ", "Cher"),
        ("𐍀𐌰𐌽", "Goth"), ("ＦＵＬＬ", "Latn"), ("abc абвгд", "Cyrl"), ("123 ...", None), ("", None),
        ("漢字漢字漢字漢字漢字漢字の", "Hani"), ("ⵜⴰⵎ", "Tfng"), ("ꆈꌠ", "Yiii"), ("ªº", "Zyyy"),
    ],
)  # fmt: skip
def test_scripts(path, text, code):
    assert scripts.dominant(counted(pa.array([text]))[0]) == [code]


def test_letters_of_a_block_are_alike():
    for first, stop in scripts._ALIKE:
        names = (unicodedata.name(chr(c), "") for c in range(first, stop) if chr(c).isalpha())
        assert {scripts._script(name) for name in names} == {int(scripts._table()[first])}


def test_texts_that_are_not_looked_at_are_composed():
    """What `_DECOMPOSED` leaves out neither changes in NFC nor combines with what is before it."""
    codes = [code for code in range(0x110000) if not 0xD800 <= code < 0xE000]
    every = pa.array([chr(code) for code in codes])
    outside = pc.match_substring_regex(every, _language._DECOMPOSED)
    left = every.filter(pc.invert(outside)).to_pylist()
    assert len(left) > 30_000
    pairs = (unicodedata.decomposition(chr(code)).split() for code in codes)
    second = {chr(int(pair[1], 16)) for pair in pairs if len(pair) == 2 and pair[0][0] != "<"}
    for character in left:
        assert unicodedata.is_normalized("NFC", character)
        assert not unicodedata.combining(character) and character not in second


def test_categories():
    found = categories().tobytes().decode("ascii")
    assert found == "".join(unicodedata.category(chr(c))[0] for c in range(sys.maxunicode + 1))


def test_every_script_of_unicode():
    """A text of letters of each script is of that script; and nothing breaks."""
    by_script: dict[str, str] = {}
    table_ = scripts._table()
    for code in np.flatnonzero(table_ != 255).tolist():
        name = scripts.CODES[table_[code]]
        by_script[name] = by_script.get(name, "") + chr(code)
    assert len(by_script) > 130
    made = list(by_script.values())
    for mode in MODES:
        out = t.IdentifyLanguage(mode=mode)(table(*made))
        assert out["script"].null_count == 0
    short = [text[:300] for text in made]
    found = scripts.dominant(counted(pa.array(short))[0])
    as_said = {"Hira": "Jpan", "Kana": "Jpan"}
    assert found == [as_said.get(name, name) for name in by_script]


@pytest.mark.parametrize("mode", MODES)
def test_control_and_unassigned_characters(mode):
    text = SENTENCES["de"]
    codes = [*range(32), *range(0x7F, 0xA0), 0xFFFD, 0xFFFE, 0xFFFF, 0xE000, 0x1FFFE, 0x10FFFF]
    broken = [chr(code) + text + chr(code) for code in codes]
    assert languages(*broken, mode=mode) == ["de"] * len(codes)


@pytest.mark.parametrize("mode", MODES)
def test_a_document_of_100_megabytes_is_sampled(mode):
    text = SENTENCES["sv"] * (100_000_000 // len(SENTENCES["sv"].encode()))
    column = pa.array([text])
    assert len(language.windows(column).texts) == language.MOST
    assert languages(text, mode=mode) == ["sv"]


def test_very_many_short_segments():
    out = t.IdentifyLanguage()(table(["hús", "1", "og", ""] * 5000))
    assert {s["language"] for s in out["segments"][0].as_py()} == {"is", None}
    assert out["language"].to_pylist() == ["is"]


def test_real_sentences(real_data):
    file = real_data / "language" / "sentences.jsonl"
    if not file.exists():
        pytest.skip(f"{file} is absent")
    rows = [json.loads(line) for line in file.read_text().splitlines()]
    found = languages(*(row["text"] for row in rows))
    for kind, least in (("doc", 0.99), ("sent", 0.96)):
        right = [
            a == row["lang"] for a, row in zip(found, rows, strict=True) if row["kind"] == kind
        ]
        assert np.mean(right) >= least

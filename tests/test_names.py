"""Names of persons without a model: what is found, what is not, and that it is so everywhere."""

from __future__ import annotations

import re
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from names_icelandic import OTHERS, SENTENCES

from datapartnerships import detectors as d
from datapartnerships.detectors import _name_forms, _name_words
from datapartnerships.detectors.names import LANGUAGES
from datapartnerships.errors import DataPartnershipsError
from datapartnerships.kernels import _compiled

EN = d.Names(languages=("en",))


def names(text: str, *languages: str, min_score: float = 0.3) -> list[str]:
    finder = d.Names(languages=languages or ("en",), min_score=min_score)
    return [text[s["start"] : s["end"]] for s in finder(pa.array([text])).to_pylist()]


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        ("en", "Before the Court stood Mr Krzylek and Judge Obwexer.", ["Krzylek", "Obwexer"]),
        ("en", "He was represented by Ms T.R. Vandel, a lawyer.", ["T.R. Vandel"]),
        ("en", "The applicant, O.P., lives there.", ["O.P."]),
        ("en", "Name: Quill Terbosch", ["Quill Terbosch"]),
        ("en", "Wumbar Oglesk, Advocate, was heard.", ["Wumbar Oglesk"]),
        ("en", "Lalor s/o Brendan Kew was absent.", ["Lalor", "Brendan Kew"]),
        ("en", "I went there with my cousin Wumbar.", ["Wumbar"]),
        ("en", "Wumbar whispered that it was late.", ["Wumbar"]),
        ("en", "What is your surname? Oglesk", ["Oglesk"]),
        ("en", "Take care,\nWumbar", ["Wumbar"]),
        ("de", "Die Klage der Frau Dr. Lindqvist wurde abgewiesen.", ["Lindqvist"]),
        ("de", "Mit freundlichen Grüßen\nSabine Obermoser", ["Sabine Obermoser"]),
        ("fr", "Le juge a entendu Mme Delphine Carrouges.", ["Delphine Carrouges"]),
        ("es", "Apellidos: De la Fuente Orbaneja.", ["De la Fuente Orbaneja"]),
        ("es", "El informe lo firma la Dra. Zuñeda.", ["Zuñeda"]),
        ("it", "La sig.ra Brambati ha parlato.", ["Brambati"]),
        ("pt", "O senhor Vasconcelos saiu cedo.", ["Vasconcelos"]),
        ("nl", "Volgens mevrouw van den Broekhuis was het laat.", ["van den Broekhuis"]),
        ("da", "Det sagde fru Kirkegaard i går.", ["Kirkegaard"]),
        ("sv", "Vittnet Lindholm hördes igen.", ["Lindholm"]),
        ("nb", "Vitnet Haugsrud forklarte seg.", ["Haugsrud"]),
        ("fi", "Asiaa hoitaa herra Koskimaa yksin.", ["Koskimaa"]),
        ("pl", "Pełnomocnikiem był pan Jana Wroński.", ["Jana Wroński"]),
        ("cs", "Svědek Vondráček vypověděl pravdu.", ["Vondráček"]),
        ("is", "Vitnið Hallmundur mætti ekki.", ["Hallmundur"]),
        ("is", "Þetta er frænka mín og vinkona, Ólöfína.", ["Ólöfína"]),
        ("de", "Meine Freundin Wumbara kommt.", ["Wumbara"]),
        ("fr", "Bises, Wumbarine", ["Wumbarine"]),
    ],
)
def test_words_around_a_name_tell_it(language: str, text: str, expected: list[str]) -> None:
    assert names(text, language) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # A surname that begins a sentence, before a verb; and alone, where it says nothing.
        ("Lindqvist had left the house.", ["Lindqvist"]),
        ("Lindqvist", []),
        ("See you there.\n\nBest,\n\nWumbara", ["Wumbara"]),
        ("It was the best Wumbara of all.", []),
        # Beside a name in a list: one that is a word too, after another one; one in no list.
        ("They were Lindqvist, Rose, Faith and Torres.", ["Lindqvist", "Rose", "Faith", "Torres"]),
        ("Present: Wumbar, Lindqvist and others.", ["Wumbar", "Lindqvist"]),
        ("It was Wumbar, not a name.", []),
        # Words that are months too, with what is no word.
        ("Ask for Jan Wumbarek there.", ["Jan Wumbarek"]),
        # Where nothing has capital letters.
        ("hello my name is wumbar oglesk and i live here", ["wumbar oglesk"]),
        ("well his name is on the list", []),
    ],
)
def test_what_stands_beside_tells(text: str, expected: list[str]) -> None:
    assert names(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("We met Margaret Oyelaran there.", ["Margaret Oyelaran"]),
        ("It was signed by S.P. Jain and C.V.Nagesh.", ["S.P. Jain", "C.V.Nagesh"]),
        ("See Nagesh, C.V., on this.", ["Nagesh", "C.V."]),
        ("We saw Conor O'Brien and Kees van der Berg.", ["Conor O'Brien", "Kees van der Berg"]),
        ("We asked Ian MacDonald and Rosa de la Cruz.", ["Ian MacDonald", "Rosa de la Cruz"]),
        ("REPORT BY RAMESH KUMAR", ["RAMESH KUMAR"]),
        ("It is Ramesh Kumar's house, and Helen’s too.", ["Ramesh Kumar", "Helen"]),
        ("We heard Ivan Petrovich and Anna Sergeevna.", ["Ivan Petrovich", "Anna Sergeevna"]),
        ("It belongs to Jean-Pierre Lacroix.", ["Jean-Pierre Lacroix"]),
        ("They chose Brown, Oliver and Weber.", ["Brown", "Oliver", "Weber"]),
    ],
)  # fmt: skip
def test_the_form_of_a_name_tells_it(text: str, expected: list[str]) -> None:
    assert names(text) == expected


def test_a_name_goes_on_after_the_end_of_a_long_line_only() -> None:
    wrapped = "The letter was written many years later by Margaret\nOyelaran, who lived there."
    assert names(wrapped) == ["Margaret\nOyelaran"]
    assert names("Present:\nMargaret\nOliver\n") == ["Margaret", "Oliver"]


@pytest.mark.parametrize(
    "text",
    [
        "The Supreme Court of India heard the State of Gujarat on Monday, 4 May.",
        "In January the Ministry and the University of Birmingham agreed.",
        "Morrison Holdings Ltd and Jackson Bank plc merged.",
        "They walked from Madison Avenue to Victoria Street.",
        "However, This Section Shall Apply. Nothing Else Will.",
        "I will. Will you? May I? I can.",
        "The English, the French and the Turkish Governments did not reply.",
        "Article 5. The Convention. Part V. Section A.",
        "",
        "...",
        "Wumbar",
    ],
)
def test_what_is_capitalized_and_no_name_is_left_alone(text: str) -> None:
    assert names(text) == []


def test_nouns_of_german_are_no_surnames() -> None:
    text = "Auf Grund der Wahl ist der Wert im Register der Zelle das Feld und der Stamm."
    assert names(text, "de") == []


def test_text_without_any_capital_letter_is_searched_by_lists_and_cues() -> None:
    text = "so i said to margaret oliver that mr krzylek had seen anna b taylor in the park"
    assert names(text) == ["margaret oliver", "krzylek", "anna b taylor"]
    assert names("the judge remanded the captain and the mayor stayed the order") == []
    assert names("the will of the people may grow in the summer", "en") == []


def _marked(sentence: str) -> tuple[str, set[int]]:
    text, inside = "", set[int]()
    for index, part in enumerate(re.split(r"[\[\]]", sentence)):
        if index % 2:
            inside |= {len(text) + i for i, sign in enumerate(part) if sign.isalnum()}
        text += part
    return text, inside


def test_icelandic_names_are_found_in_all_cases() -> None:
    names_of = lost = 0
    finder = d.Names(languages=("is",))
    for sentence in SENTENCES:
        text, inside = _marked(sentence)
        spans = finder(pa.array([text])).to_pylist()
        names_of += len(inside)
        lost += len(inside - {i for s in spans for i in range(s["start"], s["end"])})
    assert lost <= 0.02 * names_of
    assert not finder(pa.array(OTHERS)).num_rows


def test_given_names_are_inflected() -> None:
    def forms(language: str, name: str) -> set[str]:
        return set(_name_forms.inflected(language, [name]))

    assert {"önnu"} <= forms("is", "anna")
    assert {"guðmund", "guðmundi", "guðmundar"} <= forms("is", "guðmundur")
    assert {"birni", "bjarnar"} <= forms("is", "björn")
    assert {"marka", "markowi", "markiem"} <= forms("pl", "marek")
    assert {"zdeňka", "zdeňkovi"} <= forms("cs", "zdeňek")
    assert {"pekan", "pekalla", "pekalta"} & forms("fi", "peka")
    assert forms("en", "anna") == set()


def test_scores_say_how_sure_it_is() -> None:
    text = "Mr Krzylek met Margaret Oyelaran, then Helen."
    assert names(text) == ["Krzylek", "Margaret Oyelaran", "Helen"]
    assert names(text, min_score=0.6) == ["Krzylek", "Margaret Oyelaran"]
    assert names(text, min_score=0.9) == ["Krzylek"]


@pytest.mark.parametrize(
    ("arguments", "part"),
    [
        ({"languages": ("xx",)}, "'xx'"),
        ({"languages": ("eng",)}, "'en'"),
        ({"languages": ()}, "at least one"),
        ({"languages": "en"}, "tuple"),
        ({"languages": ("en",), "min_score": 0.1}, "0.3"),
    ],
)
def test_what_it_cannot_serve_is_an_error(arguments: dict, part: str) -> None:
    with pytest.raises(DataPartnershipsError, match=re.escape(part)):
        d.Names(**arguments)


def test_it_says_what_it_covers() -> None:
    two = d.Names(languages=["en", "is"])
    assert set(two.covers("is")) == {"PERSON"}
    assert two.covers("de") == {}
    for table in (_name_words.TITLES, _name_words.ROLES, _name_words.FIELDS, _name_words.AFTER):
        assert tuple(sorted(table)) == LANGUAGES


def test_offsets_are_characters_of_each_text_also_in_slices() -> None:
    texts = pa.array(
        ["Þöð 👩 — Mr Krzylek", None, "", "x", "é Mr Krzylek", "Dr. Q. Zañartu-Ñíguez"]
    )
    for array in (texts, texts.cast(pa.large_string()), texts.slice(3)):
        for span in EN(array).to_pylist():
            found = array[span["text"]].as_py()[span["start"] : span["end"]]
            assert found in {"Krzylek", "Q. Zañartu-Ñíguez"}
        assert EN(array).num_rows == (2 if len(array) == 3 else 3)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.lists(
            st.sampled_from(
                ["Mr", "Dr.", "Anna", "Brown", "J.", "K", ",", "\n", "and", "van der", "Court",
                 "Ltd", "Wumbar", "'s", "(", ".", ":", "Name", "s/o", "@", "O'Brien", "é", "2nd",
                 "’", "\u200d"]
            ),
            max_size=12,
        ).map(" ".join),
        max_size=5,
    )
)  # fmt: skip
def test_it_finds_alike_alone_and_with_others(texts: list[str]) -> None:
    at_once = EN(pa.array(texts, pa.string())).to_pylist()
    alone = [
        {**span, "text": i}
        for i, text in enumerate(texts)
        for span in EN(pa.array([text])).to_pylist()
    ]
    assert at_once == alone
    ends: dict[int, int] = {}
    for span in at_once:
        assert ends.get(span["text"], 0) <= span["start"] < span["end"] <= len(texts[span["text"]])
        ends[span["text"]] = span["end"]


def test_what_follows_in_another_text_says_nothing() -> None:
    for texts in (
        ["Anna Brown.K", ".x"],
        ["EVA A", "Bee"],
        ["with anna", "brown came"],
        ["Mr", "Kew"],
    ):
        alone = [s for one in texts for s in EN(pa.array([one])).to_pylist()]
        together = EN(pa.array(texts)).to_pylist()
        assert [(s["start"], s["end"]) for s in together] == [(s["start"], s["end"]) for s in alone]
        assert all(s["end"] <= len(texts[s["text"]]) for s in together)


@settings(max_examples=50, deadline=None)
@given(st.lists(st.text(max_size=60), max_size=4))
def test_any_text_is_taken(texts: list[str]) -> None:
    EN(pa.array([text.encode("utf-8", "ignore").decode() for text in texts], pa.string()))


def test_without_compiled_kernels_it_finds_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    texts = pa.array([_marked(sentence)[0] for sentence in SENTENCES])
    finder = d.Names(languages=("is", "en"))
    expected = finder(texts).to_pylist()
    monkeypatch.setattr(_compiled, "available", lambda: False)
    assert finder(texts).to_pylist() == expected


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.sampled_from(
            ["Mr ", "to ", "Anna", "Wumbar", "J", ". ", ",", " and ", " ", " " * 70, "\n", "-", "@",
             "according to ", "x" * 39, "Ólafsdóttir", "Petrova", "Person", "'s ", "’s ", "S's",
             "12",
             " van ", " de la ", "II", "Best,\n", " said", "who was born", "Md. ", "王", "\r\n\n"]
        ),
        max_size=14,
    ).map("".join),
    st.booleans(),
)  # fmt: skip
def test_one_compiled_pass_reads_what_columns_do(text: str, small: bool) -> None:
    texts = pa.array([text.lower() if small else text, text])
    plain = pytest.MonkeyPatch()
    found = EN(texts).to_pylist()
    with plain.context() as without:
        without.setattr(_compiled, "available", lambda: False)
        assert EN(texts).to_pylist() == found


@pytest.mark.parametrize("unit", ["A", "Anna", "J.", "ab-", "'s", "é", "Anna-"])
def test_a_long_text_without_a_space_is_taken(unit: str) -> None:
    text = unit * (2_000_000 // len(unit)) + " Mr Krzylek"
    spans = EN(pa.array([text])).to_pylist()
    assert text[spans[-1]["start"] : spans[-1]["end"]].endswith("Krzylek")


@pytest.mark.parametrize(
    ("name", "most_leaked", "most_taken"),
    [
        ("echr12_a", 2, 1),
        ("inlegal_a", 10, 8),
        ("meddocan_dev", 3, 3),
        ("presidio_synth_v2", 12, 3),
    ],
)
def test_labelled_texts(real_data: Path, name: str, most_leaked: float, most_taken: float) -> None:
    import sys

    sys.path.insert(0, str(Path(__file__).parents[1] / "benchmarks"))
    try:
        from _pii_names import LANGUAGE, documents, measure
    finally:
        sys.path.pop(0)
    folder = real_data / "pii"
    if not folder.is_dir():
        pytest.skip(f"no labelled texts at {folder}")
    found = measure(name, documents(folder, name), d.Names(languages=(LANGUAGE.get(name, "en"),)))
    assert found.leaked <= most_leaked
    assert found.taken <= most_taken

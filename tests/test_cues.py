"""What stands behind cues, in texts made here."""

from __future__ import annotations

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from datapartnerships.config import to_plain
from datapartnerships.detectors import Cues, _cues
from datapartnerships.detectors.cues import LANGUAGES, generic_cues
from datapartnerships.errors import DataPartnershipsError


def found(text: str, detector: Cues | None = None) -> list[tuple[str, str]]:
    spans = (detector or Cues())(pa.array([text])).to_pylist()
    return [(text[span["start"] : span["end"]], span["label"]) for span in spans]


@pytest.mark.parametrize(
    ("text", "value", "label"),
    [
        ("Medical record number: 77-1234.", "77-1234", "RECORD_ID"),
        ("MRN 4471920 was opened", "4471920", "RECORD_ID"),
        ("his case no. 19/2040, which", "19/2040", "RECORD_ID"),
        ("Case number is AB-1203-77.", "AB-1203-77", "RECORD_ID"),
        ("Mál nr. 114/2031 var þingfest", "114/2031", "RECORD_ID"),
        ("kt. 310190-9999 er röng", "310190-9999", "NATIONAL_ID"),
        ("Kennitala: 3101909999", "3101909999", "NATIONAL_ID"),
        ("Aktenzeichen: 12 C 345/31", "12 C 345/31", "RECORD_ID"),
        ("Fallnummer 8812345 (alt)", "8812345", "RECORD_ID"),
        ("dossier n° 55-1209", "55-1209", "RECORD_ID"),
        ("Nº de expediente: 8812/31", "8812/31", "RECORD_ID"),
        ("n.º de colegiado 28 28 55510.", "28 28 55510", "RECORD_ID"),
        ("Cartella clinica n. 991234", "991234", "RECORD_ID"),
        ("Processo n.º 1234/31.5TBXYZ", "1234/31.5TBXYZ", "RECORD_ID"),
        ("Patiëntnummer: 0098123", "0098123", "RECORD_ID"),
        ("Journalnr. 4512-31", "4512-31", "RECORD_ID"),
        ("Diarienr: 2031-1234", "2031-1234", "RECORD_ID"),
        ("Pasientnummer 551234", "551234", "RECORD_ID"),
        ("Sygn. akt: II C 112/31", "II C 112/31", "RECORD_ID"),
        ("Passport No. XK1209987,", "XK1209987", "PASSPORT"),
        ("My driver's license number is F1299-8812", "F1299-8812", "DRIVING_LICENSE"),
        ("Geburtsdatum: 12.03.1971", "12.03.1971", "BIRTH_DATE"),
        ("fecha de nacimiento: 12 de marzo de 1971.", "12 de marzo de 1971", "BIRTH_DATE"),
        ("Born on 3 March 1971 in", "3 March 1971", "BIRTH_DATE"),
        ("Fæðingardagur: 3. mars 1971", "3. mars 1971", "BIRTH_DATE"),
        ("Patient: Anna Brimdal Hall.", "Anna Brimdal Hall", "PERSON"),
        ("Apellidos: De la Torre Brim.\nNHC", "De la Torre Brim", "PERSON"),
        ("Nafn: Halla J. Brimdal\nHeimili", "Halla J. Brimdal", "PERSON"),
        ("Name: Brimdal, Anna", "Brimdal, Anna", "PERSON"),
        ("Médico: Ana Brim Vik  NºCol: 11 11 22334.", "Ana Brim Vik", "PERSON"),
        ("Arzt: Dr. Jonas Halldal, Bonn", "Dr. Jonas Halldal", "PERSON"),
        ("Heimilisfang: Hafnargata 99, 999 Vík\nSími", "Hafnargata 99, 999 Vík", "ADDRESS"),
        ("Patient ID:\n  88-1234\nWard", "88-1234", "RECORD_ID"),
        ("**MRN:** 4471920", "4471920", "RECORD_ID"),
        ("| Kt. | 310190-9999 |", "310190-9999", "NATIONAL_ID"),
        ("NHC: nhc-7712345.", "nhc-7712345", "RECORD_ID"),
    ],
)  # fmt: skip
def test_general_cues(text: str, value: str, label: str) -> None:
    assert (value, label) in found(text)


def test_what_is_no_identifier() -> None:
    for text in (
        "The case number of infections rose in 2031.", "In case 12 people came, call.",
        "The patient came at 12.", "Patient: unknown", "the report of 2031 said 12 things",
        "Paciente: Se trata de un hombre", "Version number 1.2", "table_name: Anna",
        "The order of 1931", "Historia: Varón de 65 años", "born in Vík", "geb. in Bonn",
    ):  # fmt: skip
        assert found(text) == [], text


def test_several_numbers_behind_one_cue() -> None:
    text = "Applications nos. 19670/07, 20667/07 and 22043/07 were joined"
    detector = Cues(cues=(("applications nos.", "RECORD_ID"),))
    assert [value for value, _ in found(text, detector)] == ["19670/07", "20667/07", "22043/07"]


def test_the_words_of_a_partner() -> None:
    detector = Cues(
        cues=(("docket no.", "RECORD_ID"), ("innlögn", "RECORD_ID"), ("sent to", "PERSON"),
              ("ward", "LOCATION", "line"), ("token", "SECRET", r"[A-F]{4}")),
        generic=False,
    )  # fmt: skip
    assert found("DOCKET  NO. 5", detector) == [("5", "RECORD_ID")]
    assert found("Innlögn 7b var", detector) == [("7b", "RECORD_ID")]
    assert found("It was sent to Anna Brimdal today", detector) == [("Anna Brimdal", "PERSON")]
    assert found("Ward: the third floor, left.\nNext", detector)[0][0] == "the third floor, left"
    assert found("token ABCD", detector) == [("ABCD", "SECRET")]
    assert found("token 1234", detector) == []
    assert found("MRN: 4471920", detector) == []
    assert detector.labels == {"RECORD_ID", "PERSON", "LOCATION", "SECRET"}


def test_it_is_a_value_that_yaml_can_hold() -> None:
    listed = Cues(cues=[["docket no.", "RECORD_ID"]])  # type: ignore[arg-type]
    assert listed == Cues(cues=(("docket no.", "RECORD_ID"),))
    assert hash(listed) == hash(Cues(cues=(("docket no.", "RECORD_ID"),)))
    assert "docket no." in str(to_plain(listed))


def test_what_it_cannot_serve_is_an_error() -> None:
    for wrong in (
        ("word",),
        ("word", "small"),
        ("word", "ID", "(["),
        "word",
        ("", "ID"),
        (1, "ID"),
    ):
        with pytest.raises(DataPartnershipsError):
            Cues(cues=(wrong,))  # type: ignore[arg-type]
    with pytest.raises(DataPartnershipsError):
        Cues(generic=False)


def test_it_says_for_which_languages_it_has_words() -> None:
    for language in LANGUAGES:
        assert "general" in Cues().covers(language)["RECORD_ID"]
    assert Cues().covers("fi") == {}
    assert Cues(cues=(("x:", "RECORD_ID"),)).covers("fi") == {"RECORD_ID": "cues of your own"}


def test_other_digits_and_what_is_not_seen() -> None:
    assert found("MRN: ٤٤٧١٩٢٠") == [("٤٤٧١٩٢٠", "RECORD_ID")]
    assert found("MRN: 4471\u200b920,") == [("4471\u200b920", "RECORD_ID")]
    assert found("MRN:\u00a04471920") == [("4471920", "RECORD_ID")]


def test_a_cue_in_one_text_does_not_reach_into_the_next() -> None:
    assert Cues()(pa.array(["MRN:", "4471920", "see MRN", "4471920"])).num_rows == 0


def test_long_texts_take_linear_work(monkeypatch: pytest.MonkeyPatch) -> None:
    looked: list[int] = []
    inner = _cues.Endings.before

    def counted(self: _cues.Endings, text: str) -> object:
        looked.append(len(text))
        return inner(self, text)

    monkeypatch.setattr(_cues.Endings, "before", counted)
    works = []
    for size in (20_000, 40_000):
        looked.clear()
        for unit in ("no.1", "MRN:", "Anna ", "12 ", "MRN: 1 ", "A-"):
            Cues(cues=(("mrn", "RECORD_ID"),))(pa.array([unit * (size // len(unit))]))
        works.append(sum(looked))
    assert works[1] <= 2.2 * works[0]


@given(st.text("MRNno.:# 0123kt-/AnaéBrim,\n\u00a0\u200b٣|", max_size=100))
def test_spans_lie_in_the_text(text: str) -> None:
    for span in Cues(cues=(("kt", "NATIONAL_ID"), ("an", "PERSON")))(pa.array([text])).to_pylist():
        assert 0 <= span["start"] < span["end"] <= len(text)


def test_every_general_cue_leads_to_its_value() -> None:
    lost = []
    for cue in generic_cues().cues.values():
        value = {"number": "4471920", "name": "Anna Brimdal", "date": "12.03.1971",
                 "line": "Hafnargata 99", "word": "anna71"}[cue.form]  # fmt: skip
        sign = "" if cue.word.endswith(":") else ":"
        if value not in [x for x, _ in found(f"{cue.word}{sign} {value}")]:
            lost.append(cue.word)
    assert lost == []


def test_numbers_of_cases_as_courts_write_them() -> None:
    text = "an application (no. 12345/03) and applications (nos. 14/03 and 17/03), case no. 5"
    spans = Cues()(pa.array([text])).to_pylist()
    found = [text[span["start"] : span["end"]] for span in spans]
    assert found == ["12345/03", "14/03", "17/03"]

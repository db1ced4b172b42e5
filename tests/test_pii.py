"""Find and redact in one call: what the pipeline's own parts give."""

from __future__ import annotations

import warnings
from pathlib import Path

import pyarrow as pa
import pytest

import datapartnerships as dp
from datapartnerships import detectors as d
from datapartnerships import readers
from datapartnerships import transforms as t
from datapartnerships.errors import ConfigurationError, CoverageWarning, DataPartnershipsError
from datapartnerships.schema import Document, Segment, documents_to_table

TEXTS = [
    "Anna Brimdal (anna@example.is, kt. 010130-2989) lives at 12 Harbor Street. Brimdal left.",
    None,
    "Nothing here.",
]


def test_spans_of_each_text() -> None:
    found = dp.find_pii(TEXTS, language="en")
    assert [len(some) > 0 for some in found] == [True, False, False]
    labels = {TEXTS[0][x.start : x.end]: x.label for x in found[0]}  # type: ignore[index]
    assert labels["anna@example.is"] == "EMAIL"
    assert labels["010130-2989"] == "NATIONAL_ID"
    assert labels["12 Harbor Street"] == "ADDRESS"
    assert labels["Anna Brimdal"] == "PERSON"
    assert dp.find_pii(pa.array(TEXTS), language="en") == found
    assert dp.find_pii([]) == []


def test_they_are_those_of_the_pipeline() -> None:
    table = documents_to_table([Document("0", "", segments=[Segment(TEXTS[0] or "")])])
    spans = t.DetectPii(dp.detectors_for("en"))(table)["spans"][0].as_py()
    mine = dp.find_pii(TEXTS[:1], dp.detectors_for("en"))[0]
    assert [(s["start"], s["end"], s["label"]) for s in spans] == [x[:3] for x in mine]


def test_redacted_texts() -> None:
    first, empty, plain = dp.redact(TEXTS, language="en")
    assert first == "[PERSON] ([EMAIL], kt. [NATIONAL_ID]) lives at [ADDRESS]. [PERSON] left."
    assert (empty, plain) == ("", "Nothing here.")
    key = "a key of this test"
    one, two = (dp.redact(TEXTS, "pseudonymize", language="en", key=key) for _ in range(2))
    assert one == two and "Brimdal" not in one[0] and "example.org" in one[0]
    kept = dp.redact(TEXTS, language="en", by_label={"EMAIL": "keep"})[0]
    assert "anna@example.is" in kept


def test_words_of_ones_own() -> None:
    text = "docket no. HH-77 of the harbor"
    assert dp.redact([text], cues={"docket no.": "RECORD_ID"}) == [
        "docket no. [RECORD_ID] of the harbor"
    ]
    assert dp.redact(["Sími 467 3395"], locales=["IS"]) == ["Sími [PHONE]"]


def test_a_language_without_names_is_said() -> None:
    with pytest.warns(CoverageWarning, match="'sw'"):
        assert dp.redact(["Andika kwa anna@example.is"], language="sw") == ["Andika kwa [EMAIL]"]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        dp.redact(["x"], language="sw", detectors=[d.Contacts()])


def test_a_failing_detector_is_an_error_without_the_text() -> None:
    class Broken(d.Contacts):
        def __call__(self, texts: pa.Array) -> pa.Table:
            if len(texts):
                raise ValueError(f"cannot take {texts[0]}")
            return super().__call__(texts)

    with pytest.raises(DataPartnershipsError, match=r"Text 0: .*failed with ValueError") as error:
        dp.find_pii(["anna@example.is"], [Broken()])
    assert "anna" not in str(error.value)


def test_what_is_given_wrongly() -> None:
    with pytest.raises(DataPartnershipsError, match="a list of strings") as error:
        dp.find_pii("anna@example.is")
    assert "anna" not in str(error.value)
    with pytest.raises(DataPartnershipsError, match="left out where detectors are given"):
        dp.find_pii(["x"], [d.Contacts()], cues={"kt.": "NATIONAL_ID"})


def test_a_deposit_says_whom_and_what_to_look_for(tmp_path: Path) -> None:
    deposit = tmp_path / "deposit.yaml"
    deposit.write_text(
        "name: box\norganization: The Box\ntrack: open\nrights: {license: CC0-1.0, basis: declared,"
        " holder: The Box, evidence: note}\npeople: lists/people.csv\ncues: ./cues.csv\n"
    )
    (tmp_path / "lists").mkdir()
    (tmp_path / "lists" / "people.csv").write_text("name\nOrla Quillmarsh\n")
    (tmp_path / "cues.csv").write_text("# ours\nstall no.,RECORD_ID\n\nberth,LOCATION,line\n")
    text = "Orla Quillmarsh had stall no. 7714.\nBerth: the long quay"
    (tmp_path / "letter.txt").write_text(text)
    found = dp.detectors_for("en", deposit=tmp_path)
    spans = dp.find_pii([text], found, language="en")[0]
    assert {(text[x.start : x.end], x.label) for x in spans} >= {
        ("Orla Quillmarsh", "PERSON"),
        ("7714", "RECORD_ID"),
        ("the long quay", "LOCATION"),
    }
    # The lists are no documents: nobody's names are published with the letters.
    reader = readers.FolderReader(str(tmp_path))
    assert [span.path for shard in reader.shards() for span in shard.files] == ["letter.txt"]
    (tmp_path / "cues.csv").write_text("stall no.\n")
    with pytest.raises(ConfigurationError, match=r"cues\.csv: expected lines of a word"):
        dp.detectors_for("en", deposit=tmp_path)
    (tmp_path / "cues.csv").unlink()
    with pytest.raises(ConfigurationError, match=r"no file .*cues\.csv"):
        dp.detectors_for("en", deposit=str(deposit))

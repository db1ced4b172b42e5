"""The second look: what is left after `Redact`, and what does not leave."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import pyarrow as pa
import pytest

import datapartnerships as dp
from datapartnerships import detectors as d
from datapartnerships import readers, writers
from datapartnerships import transforms as t
from datapartnerships.errors import DataPartnershipsError, FailureWarning, PipelineError, extra
from datapartnerships.kernels import surrogates
from datapartnerships.schema import SPANS, Document, Segment, documents_to_table
from datapartnerships.transforms.redact import POLICIES

KEY = b"a key for tests, not a secret"
VALUES = {
    "EMAIL": "anna.jonsdottir@example.com",
    "PHONE": "+354 467 3395",
    "IP": "8.8.4.4",
    "PAYMENT_CARD": "4111 1111 1111 1111",
    "URL_CREDENTIALS": "anna:leyndarmal",
}


@dataclass(frozen=True, kw_only=True)
class Loose:
    """Every run of characters with a digit or an @ in it is found, as one label or another."""

    labels: ClassVar[frozenset[str]] = frozenset({"RECORD_ID", "EMAIL", "PHONE"})
    pattern: str = r"[\w@.:+-]*[\d@][\w@.:+-]*"
    label: str = "RECORD_ID"

    def covers(self, _language: str) -> Mapping[str, str]:
        return {self.label: "form"}

    def __call__(self, texts: pa.Array) -> pa.Table:
        import re

        rows = [
            (i, *found.span(), self.label, 1.0, "Loose")
            for i, text in enumerate(texts.to_pylist())
            for found in re.finditer(self.pattern, text or "")
        ]
        columns = list(zip(*rows, strict=True)) or [[]] * len(SPANS)
        arrays = [pa.array(c, f.type) for c, f in zip(columns, SPANS, strict=True)]
        return pa.Table.from_arrays(arrays, schema=SPANS)


@dataclass(frozen=True, kw_only=True)
class Broken:
    """A detector that needs what is not installed, for every text with an x in it."""

    labels: ClassVar[frozenset[str]] = frozenset({"PERSON"})

    def covers(self, _language: str) -> Mapping[str, str]:
        return {"PERSON": "a model"}

    def __call__(self, texts: pa.Array) -> pa.Table:
        if any("x" in (text or "") for text in texts.to_pylist()):
            with extra("no-such-extra", needed_by="Broken"):
                import no_such_library  # noqa: F401
        return SPANS.empty_table()


def batch(*texts: str, **fields: Any) -> pa.Table:
    return documents_to_table(
        Document(str(i), "s", segments=[Segment(text)], **fields) for i, text in enumerate(texts)
    )


def left(table: pa.Table) -> list[dict[str, int]]:
    return [{x["label"]: x["spans"] for x in row} for row in table["remaining"].to_pylist()]


def test_what_is_left_is_counted_and_rejected() -> None:
    table = batch("Call [PHONE].", "Call +354 467 3395 or anna@example.com, bert@example.com.")
    step = t.CheckRedaction([d.Contacts(regions=("IS",))])
    assert left(step(table)) == [{}, {"EMAIL": 2, "PHONE": 1}]
    assert step(table)["drop_reason"].to_pylist() == [
        None, "check redaction: EMAIL is still there",
    ]  # fmt: skip
    assert step(table)["spans"].to_pylist() == [[], []]
    counts = t.CheckRedaction([d.Contacts()], reject_above=None)(table)
    assert counts["drop_reason"].null_count == 2 and left(counts)[1]["EMAIL"] == 2
    two = t.CheckRedaction([d.Contacts()], reject_above=1, reject_for=["PHONE"])(table)
    assert two["drop_reason"].null_count == 2
    one = t.CheckRedaction([d.Contacts()], reject_for=["PHONE"])(table)
    assert one["drop_reason"][1].as_py() == "check redaction: PHONE is still there"


def test_speakers_and_metadata_are_looked_at() -> None:
    table = documents_to_table(
        [Document("a", "s", segments=[Segment("Hi.", speaker="anna@example.com")]),
         Document("b", "s", segments=[Segment("Hi.")], metadata={"x": "", "to": "b@example.com"})]
    )  # fmt: skip
    assert left(t.CheckRedaction([d.Contacts()])(table)) == [{"EMAIL": 1}, {"EMAIL": 1}]


# What `generalize` leaves is a part of the original: it counts as found.
@pytest.mark.parametrize("policy", [x for x in POLICIES if x not in ("keep", "generalize")])
@pytest.mark.parametrize("looks", [d.Contacts(), Loose(), Loose(label="PHONE"),
                                   Loose(pattern=r"\d[\d.-]*\d", label="PHONE")])  # fmt: skip
def test_what_redact_puts_there_is_left_alone(
    policy: str, looks: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATAPARTNERSHIPS_KEY", KEY.decode())
    text = "; then ".join(VALUES.values()) + "."
    spans = [(text.index(v), text.index(v) + len(v), label) for label, v in VALUES.items()]
    assert left(t.CheckRedaction([looks])(batch(text)))[0]
    redacted = t.Redact(policy=policy).apply(text, spans)
    assert left(t.CheckRedaction([looks])(batch(redacted))) == [{}], redacted


def test_what_stands_beside_a_stand_in_is_seen() -> None:
    surrogate = surrogates.pseudonymize("anna@example.com", "EMAIL", KEY)
    for text in (
        "[EMAIL],anna@example.com",
        f"{surrogate},anna@example.com",
        f"anna@example.com {surrogate}",
        "a***@***anna@example.com",
    ):
        assert left(t.CheckRedaction([d.Contacts()])(batch(text))) == [{"EMAIL": 1}], text
    # A span that holds more than the stand-in is no stand-in.
    wide = Loose(pattern=r"\[EMAIL\] Anna 7")
    assert left(t.CheckRedaction([wide])(batch("[EMAIL] Anna 7"))) == [{"RECORD_ID": 1}]


def test_it_stands_behind_redact() -> None:
    found = t.DetectPii([d.Contacts()])(batch("anna@example.com"))
    with pytest.raises(PipelineError, match="put Redact before it"):
        t.CheckRedaction([d.Contacts()])(found)


def test_a_language_that_nobody_looks_at_does_not_leave() -> None:
    @dataclass(frozen=True, kw_only=True)
    class Icelandic(Loose):
        languages: ClassVar[frozenset[str]] = frozenset({"is"})

        def covers(self, language: str) -> Mapping[str, str]:
            return {"RECORD_ID": "form"} if language == "is" else {}

    table = batch("Nothing.", "Ekkert.").append_column("language", pa.array(["fo", "is"]))
    step = t.CheckRedaction([Icelandic()], require=["RECORD_ID"])
    assert step(table)["drop_reason"].to_pylist() == [
        "detect pii: nothing looks for RECORD_ID in fo", None,
    ]  # fmt: skip


def test_a_document_on_which_a_detector_fails_or_is_missing_does_not_leave(tmp_path: Any) -> None:
    (tmp_path / "in").mkdir()
    for name, text in (("a", "Nothing here."), ("b", "An x, and a secret."), ("c", "Nor here.")):
        (tmp_path / "in" / f"{name}.txt").write_text(text)
    for where, steps in (
        ("first", [t.DetectPii([Broken()]), t.Redact()]),
        ("second", [t.DetectPii([d.Contacts()]), t.Redact(), t.CheckRedaction([Broken()])]),
    ):
        out = str(tmp_path / where)
        reader, writer = readers.FolderReader(str(tmp_path / "in")), writers.ParquetWriter(out)
        with pytest.warns(FailureWarning, match="failed with MissingExtra on 1 of 3 documents"):
            release = dp.run(dp.Pipeline(reader, steps, writer))
        assert sorted(release.dataset["text"][:]) == ["Nor here.", "Nothing here."]
        (gone,) = release.rejected.to_list()
        assert "failed with MissingExtra" in gone["drop_reason"]
        assert "secret" not in str(gone)


def test_what_the_second_look_finds_is_not_in_the_report_either(tmp_path: Any) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.txt").write_text("Spaces\u00a0here, and record 77-1234-X of the court.")
    steps = [t.NormalizeWhitespace(), t.DetectPii([d.Contacts()]), t.Redact()]
    reader = readers.FolderReader(str(tmp_path / "in"))
    for looks, shown in (([], True), ([t.CheckRedaction([Loose()])], False)):
        out = tmp_path / f"out-{shown}"
        dp.run(dp.Pipeline(reader, [*steps, *looks], writers.ParquetWriter(str(out))))
        assert ("77-1234-X" in (out / "report.html").read_text()) is shown


@pytest.mark.parametrize(
    ("options", "message"),
    [({"reject_above": -1}, "int >= 0"), ({"reject_above": True}, "int >= 0"),
     ({"reject_for": "EMAIL"}, "a list of labels"),
     ({"reject_for": ["EMIAL"]}, "Did you mean 'EMAIL'"),
     ({"require": ["EMIAL"]}, "Did you mean 'EMAIL'")],
)  # fmt: skip
def test_what_it_cannot_be(options: Any, message: str) -> None:
    with pytest.raises(DataPartnershipsError, match=message):
        t.CheckRedaction([d.Contacts()], **options)
    with pytest.raises(DataPartnershipsError, match="a list of detectors"):
        t.CheckRedaction([])

"""Redaction: policies, scope, union of spans, and the audit beside the data."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

import datapartnerships as dp
from datapartnerships import detectors as d
from datapartnerships import readers, writers
from datapartnerships import transforms as t
from datapartnerships.errors import InvalidParameter
from datapartnerships.kernels.generalize import generalize
from datapartnerships.kernels.segments import concat
from datapartnerships.schema import DOCUMENT, Document, Segment, documents_to_table
from datapartnerships.transforms.redact import union

EN = "\u2013"  # between the ends of a band of years


@pytest.mark.parametrize(
    ("label", "text", "expected"),
    [
        ("DATE", "8 June 2001", "2001"),
        ("DATE", "June 8th, 2001", "2001"),
        ("BIRTH_DATE", "08.06.2001", "2001"),
        ("DATE", "2001-06-08T10:00:00Z", "2001"),
        ("DATE", "8. júní 2001", "2001"),
        ("DATE", "8 de junio de 2001", "2001"),
        ("DATE", "2001年6月8日", "2001"),
        ("DATE", "٨ يونيو ٢٠٠١", "٢٠٠١"),
        ("DATE", "20010608", "2001"),
        ("DATE", "08\u200b.06.\u200e2001", "2001"),
        ("DATE", "8/6/01", None),  # of which century
        ("DATE", "June 8", None),
        ("DATE", "1999-2001", None),
        ("DATE", "12101210", None),  # to be read in two ways
        ("DATE", "08.06.2001 555 0142", None),
        ("AGE", "53 años", f"50{EN}59 años"),
        ("AGE", "53-year-old", f"50{EN}59-year-old"),
        ("AGE", "aged 7", f"aged 0{EN}9"),
        ("AGE", "५३ वर्ष", f"५०{EN}५९ वर्ष"),
        ("AGE", "94 ára", "90+ ára"),
        ("AGE", "18 months", None),
        ("AGE", "53 anna", None),
        ("AGE", "Anna 53", None),
        ("AGE", "fifty-three", None),
        ("AGE", "530", None),
        ("POSTAL_CODE", "SW1A 1AA", "SW1A ***"),
        ("POSTAL_CODE", "SW1A1AA", "SW1A ***"),
        ("POSTAL_CODE", "1000-205", "1000-***"),
        ("POSTAL_CODE", "28046", "28***"),
        ("POSTAL_CODE", "12345-6789", "12***"),
        ("POSTAL_CODE", "D-10115", "D-10***"),
        ("POSTAL_CODE", "12 Main Street", None),
        ("IP", "192.0.2.17", "192.0.2.0/24"),
        ("IP", "::ffff:192.0.2.17", "192.0.2.0/24"),
        ("IP", "2001:db8:1:2::3", "2001:db8:1::/48"),
        ("IP", "somewhere", None),
        ("ADDRESS", "12 Main Street, Hull", None),
        ("PERSON", "Anna", None),
        ("AMOUNT", "2001", None),
    ],
)
def test_generalize(label: str, text: str, expected: str | None) -> None:
    assert generalize(text, label) == expected
    done = t.Redact(policy="generalize").apply(f"<{text}>", [(1, 1 + len(text), label)])
    assert done == f"<{expected or f'[{label}]'}>"


@given(st.sampled_from(["DATE", "AGE", "POSTAL_CODE", "IP"]), st.text(max_size=40))
def test_no_name_is_left_by_what_is_general(label: str, text: str) -> None:
    found = generalize(text + "Halla", label)
    assert found is None or "Halla" not in found


def batch(*documents: tuple[dict[str, str], list[str]]) -> pa.Table:
    return documents_to_table(
        Document(str(i), "s", segments=[Segment(text) for text in texts], metadata=metadata,
                 provenance={"uri": f"{i}.txt", "sha256": "00"})
        for i, (metadata, texts) in enumerate(documents)
    )  # fmt: skip


def marked(table: pa.Table, *spans: tuple[int, str, int, int, int, str]) -> pa.Table:
    """The batch with spans: of a document, a field, a segment, from, to, with a label."""
    rows: list[list[dict[str, Any]]] = [[] for _ in range(table.num_rows)]
    for row, field, segment, start, end, label in spans:
        rows[row].append(
            {"field": field, "segment": segment, "start": start, "end": end, "label": label,
             "score": 0.5, "detector": "Contacts"}
        )  # fmt: skip
    column = pa.array(rows, DOCUMENT.field("spans").type)
    return table.set_column(table.schema.get_field_index("spans"), "spans", column)


def texts(table: pa.Table) -> list[str]:
    return [s["text"] for row in table["segments"].to_pylist() for s in row]


def test_adjacent_addresses_stay_apart() -> None:
    said = "anna@example.is,jon@example.isbo@example.is"
    spans = [(0, 15, "EMAIL"), (16, 30, "EMAIL"), (30, 43, "EMAIL")]
    assert [said[a:b] for a, b, _ in spans][1:] == ["jon@example.is", "bo@example.is"]
    assert t.Redact().apply(said, spans) == "[EMAIL],[EMAIL][EMAIL]"
    found = t.DetectPii([d.Contacts()])(batch(({}, ["anna@a.is jon@a.is, bo@a.is"])))
    assert texts(t.Redact()(found)) == ["[EMAIL] [EMAIL], [EMAIL]"]


def test_where_labels_conflict_nothing_of_the_original_is_kept() -> None:
    said = "Anna born 8 June 2001 in Hull"
    both = [(0, 21, "PERSON"), (10, 21, "DATE")]
    general = t.Redact(policy="generalize")
    assert general.apply(said, [(0, 21, "DATE"), (10, 13, "LOCATION")]) == "[DATE] in Hull"
    assert general.apply(said, both[1:]) == "Anna born 2001 in Hull"
    # The strictest policy of those that overlap.
    mixed = t.Redact(policy="mask", by_label={"DATE": "redact", "PERSON": "pseudonymize"})
    assert mixed.apply(said, both) == "[PERSON] in Hull"
    masked = t.Redact(policy="mask")
    assert masked.apply(said, both) == "[PERSON] in Hull"
    assert masked.apply(said, both[:1]) == "A*** in Hull"
    # A name with a number in it is no name: all of it goes.
    out = t.Redact(policy="pseudonymize").apply(said, both)
    assert out.startswith("PERSON-") and out.endswith(" in Hull") and "2001" not in out


_SPAN = st.tuples(st.integers(0, 30), st.integers(1, 9), st.sampled_from("ABC"))


@given(st.lists(_SPAN, max_size=12))
def test_every_span_is_covered_and_the_rest_is_there(drawn: list[tuple[int, int, str]]) -> None:
    said = "".join(chr(0x4E00 + i) for i in range(40))
    spans = [(start, start + size, label) for start, size, label in drawn]
    wanted = [s for s in spans if s[2] != "C"]
    inside = {i for start, end, _ in wanted for i in range(start, end)}
    redact = t.Redact(by_label={"C": "keep"})
    out, placed = redact._replaced(said, spans, b"")
    assert [c for c in out if c >= "\u4e00"] == [c for i, c in enumerate(said) if i not in inside]
    assert out.count("[") == len(union(wanted))
    for (start, end, label), (new_start, new_end, policy) in zip(spans, placed, strict=True):
        assert 0 <= new_start <= new_end <= len(out)
        if label == "C":
            assert policy == "keep"
            kept = [c for i, c in enumerate(said[start:end], start) if i not in inside]
            assert [c for c in out[new_start:new_end] if c >= "\u4e00"] == kept
        else:
            assert policy == "redact" and out[new_start:new_end] in ("[A]", "[B]")


def test_spans_at_the_borders_of_segments() -> None:
    table = batch(({"from": "Anna"}, ["Anna", "", "to Jón", "x"]))
    table = marked(
        table, (0, "text", 0, 0, 4, "PERSON"), (0, "text", 2, 3, 6, "PERSON"),
        (0, "text", 3, 0, 1, "PERSON"), (0, "metadata", 0, 0, 4, "PERSON"),
    )  # fmt: skip
    out = t.Redact()(table)
    assert texts(out) == ["[PERSON]", "", "to [PERSON]", "[PERSON]"]
    assert out["metadata"].to_pylist()[0][0]["value"] == "[PERSON]"
    with pytest.raises(ValueError, match="text 4, which is not there"):
        t.Redact()(marked(table, (0, "text", 4, 0, 1, "PERSON")))


# How far a surrogate is the same.


def people(policy: dict[str, Any]) -> list[str]:
    said = "Anna Jónsdóttir"
    table = batch(
        ({"docket": "7"}, [said, said]), ({"docket": "7"}, [said]), ({"docket": "8"}, [said]),
        ({}, [said]), ({}, [said]),
    )  # fmt: skip
    spans = [(0, "text", 1, 0, 15, "PERSON")]
    spans += [(row, "text", 0, 0, 15, "PERSON") for row in range(5)]
    table = marked(table, *spans)
    whole = t.Redact(policy="pseudonymize", **policy)(table)
    cut = [t.Redact(policy="pseudonymize", **policy)(table.slice(i, 1)) for i in range(5)]
    assert concat(cut).to_pylist() == whole.to_pylist()
    return texts(whole)


def test_scope() -> None:
    assert len(set(people({}))) == 1
    first, second, *others = people({"scope": "document"})
    assert first == second and len({first, *others}) == 5
    a, b, c, *others = people({"scope": "case", "case": "metadata.docket"})
    assert a == b == c and len({a, *others}) == 4
    assert people({"scope": "case", "case": "source"})[0] == people(
        {"scope": "case", "case": "source"})[5]  # fmt: skip


def test_scope_is_checked_where_it_is_written() -> None:
    with pytest.raises(InvalidParameter, match="one of document, case, corpus"):
        t.Redact(scope="thread")
    for given_ in ({"scope": "case"}, {"case": "metadata.docket"}):
        with pytest.raises(InvalidParameter, match=r"such as 'metadata\.docket' with scope='case'"):
            t.Redact(**given_)  # type: ignore[arg-type]
    assert "docket" in t.Redact(scope="case", case="docket").requires
    with pytest.raises(InvalidParameter, match="generalize"):
        t.Redact(policy="anonymise")


# The audit.


def test_the_audit_says_what_was_done_and_holds_no_text() -> None:
    said = "Anna (anna@example.is), born 8 June 2001, docket 77."
    table = batch(({}, ["nothing"]), ({"from": "anna@example.is"}, [said]))
    table = marked(
        table, (1, "metadata", 0, 0, 15, "EMAIL"), (1, "text", 0, 0, 4, "PERSON"),
        (1, "text", 0, 6, 21, "EMAIL"), (1, "text", 0, 29, 40, "DATE"),
        (1, "text", 0, 42, 51, "RECORD_ID"),
    )  # fmt: skip
    step = t.Redact(by_label={"DATE": "generalize", "RECORD_ID": "keep", "PERSON": "generalize"})
    out = step(table)
    [line] = texts(out)[1:]
    assert line == "[PERSON] ([EMAIL]), born 2001, docket 77."
    none, rows = out["redactions"].to_pylist()
    assert none == []
    assert [(r["field"], line[r["new_start"] : r["new_end"]], r["policy"]) for r in rows[1:]] == [
        ("text", "[PERSON]", "redact"), ("text", "[EMAIL]", "redact"),
        ("text", "2001", "generalize"), ("text", "docket 77", "keep"),
    ]  # fmt: skip
    assert [said[r["start"] : r["end"]] for r in rows[1:]] == [
        "Anna", "anna@example.is", "8 June 2001", "docket 77",
    ]  # fmt: skip
    assert rows[0]["fingerprint"] == rows[2]["fingerprint"] and len(rows[0]["fingerprint"]) == 32
    assert {r["detector"] for r in rows} == {"Contacts"}
    assert {r["version"] for r in rows} == {str(d.Contacts.version)}
    assert not any(word in str(rows) for word in ("Anna", "anna", "June", "77"))
    # Of a second redaction, its entries come after those that were there.
    again = step(marked(out, (0, "text", 0, 0, 7, "PERSON")))["redactions"].to_pylist()
    assert len(again[0]) == 1 and again[1] == rows
    assert "redactions" not in t.Redact(audit=False)(table).column_names
    assert t.Redact(audit=False).secret_id is None
    assert t.Redact(audit=False, policy="pseudonymize").secret_id is not None


def deposit(folder: Path, cut: int) -> Path:
    """Sixty letters that name five people in many ways, in files of `cut` lines."""
    people = ["anna@example.is", "bo@example.is", "+354 555 0142", "192.0.2.17"]
    rows = [
        {"text": f"Letter {i} of {people[i % 4]}, answered by {people[(i + 1) % 4]}.",
         "docket": str(i % 3)} for i in range(60)
    ]  # fmt: skip
    folder.mkdir()
    for at in range(0, 60, cut):
        lines = [json.dumps(row) for row in rows[at : at + cut]]
        (folder / f"{at:02d}.jsonl").write_text("\n".join(lines) + "\n")
    return folder


def run(source: Path, out: Path, workers: int, **policy: Any) -> dp.Release:
    steps = [
        t.DetectPii([d.Contacts(regions=("IS",))]),
        t.Redact(policy="pseudonymize", **policy),
        t.Deduplicate(),
    ]
    pipeline = dp.Pipeline(
        readers.FolderReader(str(source)), steps, writers.ParquetWriter(str(out))
    )
    return dp.run(pipeline, workers=workers, key="a key of this test")


@pytest.mark.parametrize(
    "policy", [{}, {"scope": "case", "case": "metadata.docket"}], ids=["corpus", "case"]
)
def test_one_person_has_one_surrogate_in_any_process_cut_and_run(
    tmp_path: Path, policy: dict[str, str]
) -> None:
    found = []
    for workers, cut in ((1, 60), (1, 7), (2, 7), (2, 1)):
        source = deposit(tmp_path / f"in-{workers}-{cut}", cut)
        release = run(source, tmp_path / f"out-{workers}-{cut}", workers, **policy)
        found.append(sorted(release.dataset["text"]))
    assert all(texts == found[0] for texts in found)
    assert len(found[0]) == 60 and not any("example.is" in text for text in found[0])


def test_a_run_writes_the_audit_beside_the_data(tmp_path: Path) -> None:
    source = deposit(tmp_path / "in", 7)
    one, two = (run(source, tmp_path / f"out-{n}", n) for n in (1, 2))
    assert one.manifest.audit_files == two.manifest.audit_files
    assert one.manifest.to_json() == two.manifest.to_json()
    [entry] = one.manifest.audit_files
    assert entry.path == "audit/audit-00000-of-00001.parquet"
    rows = pq.read_table(tmp_path / "out-1" / entry.path).to_pylist()
    assert len(rows) == entry.rows == 120
    documents = {row["id"]: row["segments"] for row in one.dataset}
    for row in rows:
        text = documents[row["id"]][row["segment"]]["text"]
        new = text[row["new_start"] : row["new_end"]]
        assert row["policy"] == "pseudonymize"
        assert (row["label"] == "EMAIL") == new.endswith(".example.org")
    assert len({row["fingerprint"] for row in rows}) == 4
    assert "redactions" not in one.dataset.column_names
    # A run without anything to replace takes away what an earlier one left.
    plain = dp.Pipeline(
        readers.FolderReader(str(source)), [], writers.ParquetWriter(str(tmp_path / "out-1"))
    )
    assert dp.run(plain, replace=True).manifest.audit_files == ()
    assert not (tmp_path / "out-1" / "audit").exists()


def test_a_writer_alone_leaves_the_audit_out(tmp_path: Path) -> None:
    from datapartnerships.schema import Shard

    table = t.Redact()(marked(batch(({}, ["Anna"])), (0, "text", 0, 0, 4, "PERSON")))
    for writer in (
        writers.ParquetWriter(str(tmp_path / "a")), writers.ChunkWriter(str(tmp_path / "b"))
    ):  # fmt: skip
        manifest = writer.commit([writer.write(Shard(0, ()), [table])])
        names = pq.read_schema(Path(writer.path) / manifest.files[0].path).names
        assert "redactions" not in names and "text" in names


def test_many_spans_cost_no_more_than_their_number() -> None:
    """Thousands of overlapping spans in one text are one pass over it."""
    said = "a" * 20_000
    rng = random.Random(3)
    spans = [(s, s + 40, "A") for s in (rng.randrange(19_000) for _ in range(20_000))]
    out, placed = t.Redact()._replaced(said, spans, b"")
    assert len(placed) == 20_000 and len(out) < 20_000


@pytest.mark.parametrize(
    ("language", "forms"),
    [
        ("is", ["Jón", "Jóni", "Jóns"]),
        ("is", ["Anna Jónsdóttir", "Önnu Jónsdóttir"]),
        ("is", ["Sigurður", "Sigurði", "Sigurðar"]),
        ("cs", ["Petr Novák", "Petrovi Novákovi"]),
        ("cs", ["Jana Dvořáková", "Janou Dvořákovou"]),
        ("pl", ["Tomasz Kowalski", "Tomaszowi Kowalskiemu", "Tomasza Kowalskiego"]),
        ("fi", ["Mikko Virtanen", "Mikko Virtasen", "Mikko Virtaselle"]),
    ],
)
def test_a_person_in_other_cases_has_one_surrogate(language: str, forms: list[str]) -> None:
    redact = t.Redact(policy="pseudonymize")
    spans = [[(0, len(form), "PERSON")] for form in forms]
    each = zip(forms, spans, strict=True)
    assert len({redact.apply(form, span, language) for form, span in each}) == 1
    # Where nobody says which language it is, each form stands for itself.
    each = zip(forms, spans, strict=True)
    assert len({redact.apply(form, span) for form, span in each}) == len(forms)


@pytest.mark.parametrize(
    ("language", "one", "other"),
    [
        ("cs", "Petr", "Petra"),  # a woman, or Petr in the genitive
        ("cs", "Jan", "Jana"),
        ("is", "Jón", "Jóna"),
        ("is", "Ari", "Arinbjörn"),
        ("fi", "Mari", "Marin"),
        ("en", "Anna", "Anne"),
    ],
)
def test_what_may_be_somebody_else_is(language: str, one: str, other: str) -> None:
    redact = t.Redact(policy="pseudonymize")
    spans = [[(0, len(name), "PERSON")] for name in (one, other)]
    assert redact.apply(one, spans[0], language) != redact.apply(other, spans[1], language)


def test_the_language_of_a_document_says_whose_cases_they_are() -> None:
    texts = ["Bréf til Önnu", "Anna fer", "Önnu"]
    table = documents_to_table(
        Document(str(i), "", segments=[Segment(text)]) for i, text in enumerate(texts)
    )
    table = table.append_column("language", pa.array(["is", "is", None]))
    detect = t.DetectPii([d.KnownPeople(people=("Anna", "Önnu"))])
    redacted = t.Redact(policy="pseudonymize")(detect(table))
    said = [row[0]["text"] for row in redacted["segments"].to_pylist()]
    assert said[0].split()[-1] == said[1].split()[0]
    assert said[2] != said[1].split()[0]

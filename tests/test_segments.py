"""The promise of segments: whatever is done to the text, every piece still knows its place."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import datapartnerships as dp
from datapartnerships import detectors as d
from datapartnerships import transforms as t
from datapartnerships.apply import apply
from datapartnerships.errors import PipelineError
from datapartnerships.kernels.segments import finished, flat, flat_text, with_flags, with_text
from datapartnerships.protocols import Fit
from datapartnerships.schema import DOCUMENT, Document, Segment, documents_to_table

PLACE = ("kind", "page", "bbox", "start_s", "end_s", "created", "confidence", "origin")

_alphabet = st.characters(codec="utf-8", exclude_categories=("Cs",))
_text = st.one_of(
    st.text(_alphabet, max_size=60),
    st.sampled_from(
        ["", "plain", "cafÃ© “quoted”", "a  b \n\n\n\n\n c ", "x@example.is and 192.0.2.1",
         "NUL \x00 here", "ﬁne", "call +354 555 1234", "&lt;tag&gt;", "\u200b"]
    ),
)  # fmt: skip


@st.composite
def _documents(draw: st.DrawFn) -> list[Document]:
    out = []
    for i in range(draw(st.integers(0, 6))):
        segments = [
            draw(
                st.builds(
                    Segment,
                    text=_text,
                    kind=st.sampled_from(["page", "paragraph", "turn", "utterance"]),
                    page=st.just(j + 1),
                    start_s=st.one_of(st.none(), st.just(j * 1.5)),
                    end_s=st.one_of(st.none(), st.just(j * 1.5 + 1)),
                    speaker=st.one_of(st.none(), st.sampled_from(["anna", "b@example.is"])),
                    ref=st.just(f"message {j}"),
                )
            )
            for j in range(draw(st.integers(0, 5)))
        ]
        out.append(Document(f"{i:032x}", "s", "document", segments, provenance={"uri": f"{i}"}))
    return out


@dp.text
def reverse(text: str) -> str:
    return text[::-1]


_steps = st.lists(
    st.sampled_from(
        [
            (t.RepairUnicode(),),
            (t.NormalizeWhitespace(),),
            (t.RemoveControlCharacters(),),
            (t.FilterLength(min_characters=3),),
            (t.Deduplicate(),),
            (t.DetectPii([d.Contacts()]), t.Redact()),
            (t.DetectPii([d.Contacts(find=("EMAIL",))]), t.Redact(policy="pseudonymize")),
            (t.DetectPii([d.Contacts()]), t.Redact(policy="mask")),
            (reverse,),
        ]
    ),
    max_size=6,
)


def _places(table: pa.Table) -> dict[str, list[tuple[str, ...]]]:
    return {
        row["id"]: [tuple(str(segment[name]) for name in PLACE) for segment in row["segments"]]
        for row in table.to_pylist()
    }


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(_documents(), _steps)
def test_every_segment_keeps_its_place_through_any_chain(
    documents: list[Document], chain: list[tuple]
) -> None:
    before = documents_to_table(documents)
    kept, gone = before, []
    texts = {row["id"]: [s["text"] for s in row["segments"]] for row in before.to_pylist()}
    touched: set[tuple[str, int]] = set()
    for step in [step for group in chain for step in group]:
        transform = step.combine([step.sketch([kept])]) if isinstance(step, Fit) else step
        kept, rejected = apply((transform,), kept)
        gone.append(rejected)
        for row in kept.to_pylist():
            for i, segment in enumerate(row["segments"]):
                if segment["text"] != texts[row["id"]][i]:
                    touched.add((row["id"], i))
    assert kept.num_rows + sum(table.num_rows for table in gone) == before.num_rows
    source, result = _places(before), _places(kept)
    originals = {row["id"]: row["segments"] for row in before.to_pylist()}
    for row in kept.to_pylist():
        assert result[row["id"]] == source[row["id"]], "a segment lost its place"
        for i, segment in enumerate(row["segments"]):
            if (row["id"], i) not in touched:
                assert segment["text"].encode() == originals[row["id"]][i]["text"].encode()
    written = finished(kept)
    for row in written.to_pylist():
        assert row["text"] == "\n\n".join(s["text"] for s in row["segments"] if s["text"])


def test_text_transforms_work_on_slices_and_chunks() -> None:
    from datapartnerships.testing import sample_batch

    batch = sample_batch()
    chunked = pa.concat_tables([batch.slice(0, 3), batch.slice(3, 9), batch.slice(12)])
    for transform in (t.RepairUnicode(), t.NormalizeWhitespace(), t.RemoveControlCharacters()):
        assert transform(chunked).to_pylist() == transform(batch).to_pylist()
        assert transform(batch.slice(4, 5)).to_pylist() == transform(batch).slice(4, 5).to_pylist()


def test_messages_are_for_conversations_only() -> None:
    chat = Document(
        "a", "s", "conversation", [Segment("Hæ", "turn", "user"), Segment("Já", "turn")]
    )
    page = Document("b", "s", "document", [Segment("Text", "page", page=1)])
    table = finished(documents_to_table([chat, page]))
    assert table["messages"].to_pylist() == [
        [{"role": "user", "content": "Hæ"}, {"role": "user", "content": "Já"}],
        None,
    ]
    assert len(flat(table)[1]) == 3


def test_a_turn_of_which_nothing_is_left_is_no_message() -> None:
    turns = [Segment("Hæ", "turn", "a"), Segment("", "turn", "b"), Segment("Já", "turn", "b")]
    table = finished(documents_to_table([Document("a", "s", "conversation", turns)]))
    assert [m["content"] for m in table["messages"][0].as_py()] == ["Hæ", "Já"]
    assert table["text"][0].as_py() == "Hæ\n\nJá"


def test_redaction_covers_speakers_references_and_metadata() -> None:
    document = Document(
        "a", "s", "conversation",
        [Segment("Write to anna@example.is now.", "turn", "anna@example.is", ref="<1@example.is>")],
        metadata={"from": "Anna <anna@example.is>", "subject": "Hello"},
    )  # fmt: skip
    steps = (t.DetectPii([d.Contacts(find=("EMAIL",))]), t.Redact(policy="pseudonymize"))
    kept, _ = apply(steps, documents_to_table([document]))
    row = kept.to_pylist()[0]
    assert "example.is" not in str(row)
    speaker = row["segments"][0]["speaker"]
    assert speaker in row["segments"][0]["text"] and speaker in row["metadata"][0]["value"]
    assert row["spans"] == []


def test_overlapping_spans_become_one_and_touching_ones_stay_apart() -> None:
    redact = t.Redact()
    assert redact.apply("abcdefgh", [(0, 4, "A"), (2, 8, "B")]) == "[B]"
    assert redact.apply("abcdefgh", [(0, 4, "A"), (4, 8, "A")]) == "[A][A]"
    assert redact.apply("abcdefgh", [(0, 8, "A"), (2, 3, "B")]) == "[A]"
    keep = t.Redact(by_label={"A": "keep"})
    assert keep.apply("abcdefgh", [(0, 8, "A"), (2, 3, "B")]) == "ab[B]defgh"


def test_words_go_where_the_text_is_changed() -> None:
    from datapartnerships.kernels.segments import flat_text, with_text

    word = {"start": 0, "end": 5, "start_s": 0.5, "end_s": 0.9, "confidence": 0.5}
    kept = Segment("Hello there", kind="utterance", words=[word], language="en", flags=["rate"])
    changed = Segment("Secret word", kind="utterance", words=[word])
    batch = documents_to_table([Document("1", "d", segments=[kept, changed, Segment("plain")])])
    texts = pa.array(["Hello there", "[NAME] word", "plain"])
    found = with_text(batch, texts)["segments"].to_pylist()[0]
    assert flat_text(with_text(batch, texts)).to_pylist() == texts.to_pylist()
    assert found[0]["words"] == [word]
    assert (found[0]["language"], found[0]["flags"]) == ("en", ["rate"])
    assert found[1]["words"] is None
    assert found[2]["words"] is None


def _with_large_texts(table: pa.Table) -> pa.Table:
    fields = [
        item.with_type(pa.large_string()) if item.name == "text" else item
        for item in table.schema.field("segments").type.value_type
    ]
    place = table.schema.get_field_index("segments")
    column = table["segments"].cast(pa.list_(pa.struct(fields)))
    return table.set_column(place, "segments", column)


@pytest.mark.parametrize(
    "step",
    [t.FilterQuality(), t.Deduplicate(threshold=0.8), t.RemoveLoops(), t.EstimateQuality(),
     t.NormalizeWhitespace()],
    ids=lambda step: type(step).__name__,
)  # fmt: skip
def test_texts_may_be_large_strings_and_stay_them(step: Any) -> None:
    table = documents_to_table(
        Document(
            str(n), "s", segments=[Segment("Thank  you very much. " * 50), Segment("So  be it.")]
        )
        for n in range(3)
    )
    large = _with_large_texts(table)
    given = step.combine([step.sketch([table])]) if isinstance(step, Fit) else step
    taught = step.combine([step.sketch([large])]) if isinstance(step, Fit) else step
    out = taught(large)
    assert out.schema.field("segments").type == large.schema.field("segments").type
    assert out.to_pylist() == given(table).to_pylist()


@pytest.mark.parametrize("step", [t.RepairUnicode(), t.NormalizeWhitespace()])
def test_a_text_with_spans_is_not_rewritten(step: Any) -> None:
    texts = ["cafÃ©\n\n\n\n\n and more: a.person@example.com", "clean"]
    table = documents_to_table([Document(str(i), "s", segments=[Segment(text)]) for i, text in
                                enumerate(texts)])  # fmt: skip
    found = t.DetectPii([d.Contacts(find=("EMAIL",))])(table)
    with pytest.raises(PipelineError, match="before the detection, or after Redact"):
        step(found)
    # A row without spans may change beside one that has some and stays as it is.
    other = t.DetectPii([d.Contacts(find=("EMAIL",))])(
        documents_to_table(
            [
                Document("0", "s", segments=[Segment("a.person@example.com")]),
                Document("1", "s", segments=[Segment("cafÃ©\n\n\n\n\n here"), Segment("")]),
            ]
        )
    )
    assert step(other)["spans"].equals(other["spans"])
    assert step(other)["segments"] != other["segments"]
    assert step(t.Redact()(found))["id"].equals(table["id"])
    with_nulls = with_text(found, flat_text(found))
    assert with_nulls.equals(found)


def test_segments_of_an_older_version_have_no_flags() -> None:
    table = documents_to_table([Document("0", "s", segments=[Segment("one"), Segment("two")])])
    offsets, structs = flat(table)
    fields = [item for item in structs.type if item.name != "flags"]
    older = pa.StructArray.from_arrays([structs.field(f.name) for f in fields], fields=fields)
    old = table.set_column(3, "segments", pa.ListArray.from_arrays(offsets, older))
    with pytest.raises(PipelineError, match=r"no field 'flags'.*ParquetReader"):
        with_flags(old, {1: ["loop"]})
    # What the error says to do.
    mended = old.set_column(
        old.schema.get_field_index("segments"), "segments",
        old["segments"].cast(DOCUMENT.field("segments").type),
    )  # fmt: skip
    flags = flat(with_flags(mended, {1: ["loop"]}))[1].field("flags").to_pylist()
    assert flags == [None, ["loop"]]


def test_what_is_no_table_of_documents_is_answered() -> None:
    """As `datasets.map` gives it, over a dataset of texts or without the format."""
    step = t.FilterLength(min_characters=1)
    with pytest.raises(PipelineError, match="no column 'segments'"):
        step(pa.table({"text": ["The weir."]}))
    with pytest.raises(PipelineError, match="got a list for a column: ask for Arrow batches"):
        step({"segments": [[{"text": "The weir."}]]})  # type: ignore[arg-type]

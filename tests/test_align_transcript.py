"""A transcript that was written by hand, joined to its recording."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import datapartnerships as dp
from datapartnerships import readers, transforms
from datapartnerships.kernels.speakers import with_speakers
from datapartnerships.kernels.transcript import fit_clock, join
from datapartnerships.schema import Document, Segment, documents_to_table, metadata_dict

# What was said in a council, with the second at which each utterance begins.
HEARD = [
    (3.0, "um good evening everybody and welcome to the council of Brimdal"),
    (9.0, "the first matter tonight is the old bridge over the river"),
    (15.0, "I mean the bridge it was built in nineteen twelve and it is not safe"),
    (24.0, "the engineer has looked at the pillars and two of them are cracked"),
    (40.0, "we cannot close it before the winter ferry starts in November"),
    (47.0, "then let us vote on the repair as the harbor master proposed"),
    (60.0, "thank you all and good night"),
]
WRITTEN = """MINUTES OF THE COUNCIL

CHAIR: Good evening, everybody, and welcome to the Council of Brimdal. The first matter tonight is
the old bridge over the river.

MS. LUND: The bridge was built in 1912, and it is not safe. The engineer has looked at the pillars,
and two of them are cracked.

(Applause)

CHAIR: Then let us vote on the repair, as the harbour master proposed.
"""


def utterance(start: float, text: str, each: float = 0.4) -> Segment:
    words, at = [], 0
    for number, word in enumerate(text.split()):
        words.append({"start": at, "end": at + len(word), "start_s": start + number * each,
                      "end_s": start + (number + 1) * each, "confidence": 0.9})  # fmt: skip
        at += len(word) + 1
    return Segment(
        text, kind="utterance", start_s=start, end_s=words[-1]["end_s"], words=words,
        origin="asr model 1", language="en", confidence=0.8,
    )  # fmt: skip


def recording(path: str = "2024/council.mp3", *, member: str | None = None) -> Document:
    segments = [utterance(start, text) for start, text in HEARD]
    segments.insert(4, Segment("", kind="sound", ref="applause", start_s=30.0, end_s=36.0))
    return Document(
        path, "deposit", kind="audio", segments=segments,
        provenance={"uri": path, "member": member}, metadata={"title": "Council"},
    )  # fmt: skip


def run(
    folder: Path, *documents: Document, **options: Any
) -> list[tuple[list[dict[str, Any]], dict[str, str], str | None]]:
    batch = documents_to_table(documents or [recording()])
    out = transforms.AlignTranscript(str(folder), **options)(batch)
    assert out.schema.equals(batch.schema)
    return [
        (row["segments"], metadata_dict(row["metadata"]), row["drop_reason"])
        for row in out.to_pylist()
    ]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "2024").mkdir()
    (tmp_path / "2024" / "council.txt").write_text(WRITTEN)
    return tmp_path


def test_text_and_speaker_are_written_and_times_are_heard(folder: Path) -> None:
    [(segments, metadata, reason)] = run(folder)
    assert reason is None
    assert [(s["kind"], s["speaker"], s["start_s"], s["flags"]) for s in segments] == [
        ("utterance", None, None, ["not heard"]),
        ("turn", "CHAIR", pytest.approx(3.4), None),
        ("turn", "MS. LUND", pytest.approx(15.8), None),
        ("utterance", None, None, ["not heard"]),
        ("sound", None, 30.0, None),
        ("utterance", None, 40.0, ["not in transcript"]),
        ("turn", "CHAIR", 47.0, None),
        ("utterance", None, 60.0, ["not in transcript"]),
    ]
    chair, lund = segments[1], segments[2]
    assert chair["text"].startswith("Good evening, everybody,")
    assert chair["end_s"] == pytest.approx(9.0 + 11 * 0.4)
    assert chair["confidence"] == 1.0 and chair["language"] == "en"
    assert chair["origin"] == "transcript 2024/council.txt, times from asr model 1"
    # The year is in figures: its place is known, that it agrees only half.
    year = lund["words"][5]
    assert lund["text"][year["start"] : year["end"]] == "1912"
    assert (year["start_s"], year["confidence"]) == (pytest.approx(18.2), 0.5)
    assert segments[5]["origin"] == "asr model 1" and segments[5]["confidence"] is not None
    assert metadata["title"] == "Council" and metadata["transcript"] == "2024/council.txt"
    assert len(metadata["transcript_sha256"]) == 64
    assert float(metadata["transcript_agreement"]) == pytest.approx(0.93, abs=0.03)
    assert float(metadata["transcript_coverage"]) == pytest.approx(0.7, abs=0.05)
    assert "transcript_offset_s" not in metadata and "transcript_error" not in metadata


def test_words_stand_where_their_text_is(folder: Path) -> None:
    [(segments, _, _)] = run(folder)
    for segment in segments:
        for word in segment["words"] or ():
            part = segment["text"][word["start"] : word["end"]]
            assert part and part == part.strip(" .,")
            assert segment["start_s"] <= word["start_s"] <= word["end_s"] <= segment["end_s"]


def test_a_batch_is_joined_row_by_row(folder: Path) -> None:
    text = Document("b", "deposit", segments=[Segment("Other text.")], provenance={"uri": "b.txt"})
    alone = recording("nothing-written.mp3")
    rejected = recording()
    rejected.drop_reason = "AudioReader: no speech"
    found = run(folder, text, recording(), alone, rejected, recording("2024/council.mp4"))
    before = documents_to_table([text, alone, rejected])["segments"].to_pylist()
    assert [found[0][0], found[2][0], found[3][0]] == before
    assert found[2][1] == {"title": "Council"}, "no transcript: unchanged"
    assert found[1] == found[4] == run(folder)[0]


def test_the_nearest_file_is_taken_and_two_alike_are_an_error(folder: Path) -> None:
    (folder / "2024" / "council.json").write_text("{}")  # no transcript
    (folder / "other").mkdir()
    (folder / "other" / "council.en.md").write_text("Not this one.")
    assert run(folder)[0][1]["transcript"] == "2024/council.txt"
    elsewhere = run(folder, recording("tapes/council.wav"))[0]
    assert elsewhere[1]["transcript"] == "2024/council.txt", "the name without a language"
    inside = run(folder, recording("tapes.zip", member="2024/council.wav"))[0]
    assert inside[1]["transcript"] == "2024/council.txt"
    (folder / "2024" / "council.md").write_text("Another.")
    [(segments, metadata, reason)] = run(folder)
    assert metadata["transcript_error"] == (
        "several transcripts (2024/council.md and 2024/council.txt: leave one of them)"
    )
    assert reason is None and segments == _unchanged()


def _unchanged() -> list[dict[str, Any]]:
    return list(documents_to_table([recording()])["segments"][0].as_py())


def test_a_transcript_of_another_recording_is_refused(folder: Path) -> None:
    (folder / "2024" / "council.txt").write_text(
        "Whales swim into our fjord each spring.\n\n"
        "Nobody counts them, but children wave from boats.\n\n"
        "Some stay until summer; most leave when herring do, north along Greenland's icy coast."
    )
    [(segments, metadata, reason)] = run(folder)
    assert segments == _unchanged() and reason is None
    assert metadata["transcript_error"].startswith("transcript does not fit (")
    assert float(metadata["transcript_agreement"]) < 0.3
    [(_, _, reason)] = run(folder, required=True)
    assert reason and reason.startswith("AlignTranscript: transcript does not fit (")
    [(segments, _, _)] = run(folder, min_agreement=0)
    assert segments != _unchanged()


def test_what_cannot_be_used_is_said(folder: Path) -> None:
    file = folder / "2024" / "council.txt"
    file.write_bytes(b"")
    [(segments, metadata, _)] = run(folder)
    assert segments == _unchanged()
    assert metadata["transcript_error"].startswith("transcript cannot be read (2024/council.txt: ")
    file.write_text(WRITTEN)
    silent = recording()
    silent.segments = [Segment("No times here.", kind="utterance")]
    [(_, metadata, reason)] = run(folder, silent, required=True)
    assert metadata["transcript_error"].startswith("nothing to align with")
    assert reason and reason.startswith("AlignTranscript: nothing to align with")
    [(_, _, reason)] = run(folder, recording("none.mp3"), required=True)
    assert reason == "AlignTranscript: no transcript"
    with pytest.raises(dp.errors.ConfigurationError, match="There is no folder"):
        run(folder / "absent")


def test_several_documents_in_one_file_are_not_chosen_from(tmp_path: Path) -> None:
    (tmp_path / "council.txt").write_text('{"text": "One."}\n{"text": "Two."}\n')
    [(_, metadata, _)] = run(tmp_path)
    assert metadata["transcript_error"] == (
        "transcript is several documents (council.txt holds 2: one is expected)"
    )


def test_parameters_are_checked() -> None:
    for options in ({"transcripts": ""}, {"min_agreement": 2}, {"reader": "TextReader"}):
        with pytest.raises(dp.errors.InvalidParameter):
            transforms.AlignTranscript(**{"transcripts": "x", **options})
    recipe = dp.Pipeline(
        readers.FolderReader("in"),
        [transforms.AlignTranscript("t", reader=readers.FolderReader(source="t"))],
    )
    assert dp.Pipeline.from_yaml(recipe.to_yaml()) == recipe


def test_remote_folders(folder: Path) -> None:
    import fsspec

    system = fsspec.filesystem("memory")
    system.pipe("/minutes/2024/council.txt", WRITTEN.encode())
    batch = documents_to_table([recording()])
    remote = transforms.AlignTranscript("memory://minutes")(batch)
    assert remote.equals(transforms.AlignTranscript(str(folder))(batch))


def rows(*segments: Segment) -> list[dict[str, Any]]:
    document = Document("x", "s", kind="audio", segments=list(segments))
    return list(documents_to_table([document])["segments"][0].as_py())


@pytest.mark.parametrize(("offset", "rate"), [(0.0, 1.0), (7.5, 1.0), (-2.0, 25 / 23.976)])
def test_clocks_of_subtitles_are_set(offset: float, rate: float) -> None:
    said = [(start * 30, text) for start, text in HEARD]
    heard = rows(*(utterance(start, text) for start, text in said))
    own = [*said, (1900.0, "[wind]")]
    times = [((start - offset) / rate, text) for start, text in own]
    written = rows(*(Segment(text, "utterance", start_s=at, end_s=at + 3) for at, text in times))
    joined = join(written, heard, "a.srt")
    assert joined.clock is not None
    assert joined.clock == (pytest.approx(offset, abs=0.5), pytest.approx(rate, abs=1e-3))
    assert [s["start_s"] for s in joined.segments[:7]] == [s["start_s"] for s in heard]
    # Nobody said it: it has the time that the subtitles give it, set as the others are.
    assert joined.segments[7]["flags"] == ["not heard"]
    assert joined.segments[7]["start_s"] == pytest.approx(1900, abs=0.6)
    assert "times of its own" in joined.segments[7]["origin"]


def test_times_of_another_recording_set_no_clock() -> None:
    assert fit_clock([(1, 50), (2, 10), (3, 90), (4, 20), (5, 70)]) is None
    assert fit_clock([(1, 3), (2, 4)]) is None
    # One in four is wrong.
    pairs = [(float(n), n + 5.0 if n % 4 else n + 60.0) for n in range(100)]
    assert fit_clock(pairs) == (5.0, 1.0)


def test_a_paragraph_in_another_place_is_marked() -> None:
    heard = rows(*(utterance(start, text) for start, text in HEARD))
    order = [0, 1, 4, 2, 3, 5, 6]
    written = rows(*(Segment(HEARD[n][1], kind="turn", speaker="A") for n in order))
    found = join(written, heard, "a.txt").segments
    assert [s["text"] for s in found] == [HEARD[n][1] for n in order], "in the order of the text"
    assert [s["start_s"] for s in found] == [HEARD[n][0] for n in order]
    assert [s["flags"] for s in found].count(["out of order"]) == 1


def test_what_is_left_out_inside_a_turn_stays_as_it_was_heard() -> None:
    text = "the road is open and yesterday I met your uncle at the market by the way so drive on"
    written = rows(Segment("The road is open, so drive on.", kind="turn", speaker="A"))
    turn, rest = join(written, rows(utterance(10.0, text)), "a.txt").segments
    assert (turn["start_s"], turn["end_s"]) == (10.0, pytest.approx(10 + 19 * 0.4))
    assert rest["text"] == "and yesterday I met your uncle at the market by the way"
    assert rest["flags"] == ["not in transcript"] and rest["start_s"] == pytest.approx(11.6)
    first = rest["words"][0]
    assert rest["text"][first["start"] : first["end"]] == "and"


def test_a_word_far_from_its_turn_is_none_of_it() -> None:
    turn = "Harbour dues rise in spring, and nobody on the pier was asked about them."
    noise = "tonight we sing of whales and of ships until our candles are all burned down"
    rest = "dues rise in spring and nobody on the pier was asked about them"
    heard = [utterance(10.0, "harbour"), utterance(11.0, noise), utterance(30.0, rest)]
    [first] = [s for s in join(rows(Segment(turn, "turn")), rows(*heard), "a.txt").segments
               if s["kind"] == "turn"]  # fmt: skip
    assert first["start_s"] == 30.0
    # The same pause, and nobody else's words in it.
    [first] = [s for s in join(rows(Segment(turn, "turn")), rows(*heard[::2]), "a.txt").segments
               if s["kind"] == "turn"]  # fmt: skip
    assert first["start_s"] == 10.0


def test_without_word_times_words_are_placed_by_their_length() -> None:
    heard = rows(Segment("one two three four", kind="utterance", start_s=10.0, end_s=19.0))
    written = rows(Segment("One two.", kind="turn"), Segment("Three four!", kind="turn"))
    one, two = join(written, heard, "a.txt").segments
    assert (one["start_s"], one["end_s"]) == (10.0, pytest.approx(13.5, abs=0.1))
    assert (two["start_s"], two["end_s"]) == (pytest.approx(14.0, abs=0.1), 19.0)


def test_names_before_a_colon_are_speakers() -> None:
    def names(*texts: str) -> list[tuple[str | None, str]]:
        return [(s["speaker"], s["text"]) for s in with_speakers(rows(*map(Segment, texts)))]

    assert names("MR. BERG: Yes.\nDr Lind (Oslo): No.\nDr Lind (Oslo): Why?", "So it is.") == [
        ("MR. BERG", "Yes."), ("Dr Lind (Oslo)", "No."), ("Dr Lind (Oslo)", "Why?"),
        (None, "So it is."),
    ]  # fmt: skip
    kept = ["Note: see below.", "It was 10:30 then.", "Heading\nand more"]
    assert names(*kept) == [(None, text) for text in kept]
    assert names("Opening.\nCHAIR: Sit down.") == [(None, "Opening."), ("CHAIR", "Sit down.")]


def test_nothing_is_lost_of_either_side() -> None:
    heard = rows(*(utterance(start, text) for start, text in HEARD))
    assert join([], heard, "a.txt").agreement == 0
    made = join([], heard, "a.txt").segments
    assert [s["text"] for s in made] == [text for _, text in HEARD]
    assert {tuple(s["flags"]) for s in made} == {("not in transcript",)}
    alone = join(rows(Segment("Only written.")), [], "a.txt")
    assert [s["text"] for s in alone.segments] == ["Only written."] and alone.coverage == 0


_text = st.lists(
    st.sampled_from(["the", "bridge", "is", "old,", "(cough)", "28", "橋は", "CHAIR:", "no"]),
    max_size=12,
).map(" ".join)
_second = st.one_of(st.none(), st.floats(-5, 500), st.just(float("nan")))
_word = st.fixed_dictionaries(
    {
        "start": st.integers(0, 30),
        "end": st.integers(0, 40),
        "start_s": _second,
        "end_s": _second,
        "confidence": st.none(),
    }
)
_segment = st.builds(
    Segment,
    text=_text,
    kind=st.sampled_from(["utterance", "turn", "paragraph", "sound"]),
    speaker=st.one_of(st.none(), st.just("A")),
    start_s=_second,
    end_s=_second,
    words=st.one_of(st.none(), st.lists(_word, max_size=4)),
)


@settings(max_examples=150, deadline=None)
@given(st.lists(_segment, max_size=6), st.lists(_segment, max_size=6))
def test_whatever_the_two_are_nothing_is_lost(one: list[Segment], other: list[Segment]) -> None:
    written, heard = rows(*one), rows(*other)
    joined = join(written, heard, "a.txt")
    assert 0 <= joined.agreement <= 1 and 0 <= joined.coverage <= 1
    ours = [s for s in joined.segments if (s["origin"] or "").startswith("transcript")]
    assert [s["text"] for s in ours] == [s["text"] for s in with_speakers(written)]
    others = [
        s["text"] for s in joined.segments if not (s["origin"] or "").startswith("transcript")
    ]
    for segment in heard:
        if segment["kind"] in ("sound", "paragraph"):
            assert segment["text"] in others
    assert all(any(text in (s["text"] or "") for s in heard) for text in others)
    documents_to_table([Document("x", "s", segments=[Segment(**s) for s in joined.segments])])

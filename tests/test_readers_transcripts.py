"""Transcripts: tiers, lines of NIST, JSON of recognizers, and texts that are or are not one."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from datapartnerships import readers
from datapartnerships.errors import DocumentError
from datapartnerships.kernels.segments import join_messages
from datapartnerships.readers import sniff
from datapartnerships.readers._base import FileReader
from datapartnerships.readers._script import turns_of
from datapartnerships.readers._source import from_bytes
from datapartnerships.schema import Document, Segment, documents_to_table


def read(reader: FileReader, name: str, text: str | bytes) -> list[Document]:
    data = text if isinstance(text, bytes) else text.encode()
    found = list(reader.parse(from_bytes("deposit", name, data)))
    assert all(isinstance(item, Document) for item in found)
    return found  # type: ignore[return-value]


def heard(segment: Segment) -> list[tuple[str, float, float | None]]:
    return [(segment.text[w["start"] : w["end"]], w["start_s"], w["end_s"])
            for w in segment.words or ()]  # fmt: skip


# TextGrid -------------------------------------------------------------------------------------

Marks = list[tuple[float, float, str]]


def textgrid(tiers: dict[str, Marks], *, short: bool = False) -> str:
    """A TextGrid of interval tiers; a name in capitals is one of points."""
    end = max((m[1] for marks in tiers.values() for m in marks), default=1.0)
    if short:
        rows = ['File type = "ooTextFile"', '"TextGrid"', "", "0", f"{end}", "<exists>"]
        rows.append(str(len(tiers)))
        for name, marks in tiers.items():
            rows += ['"IntervalTier"', f'"{name}"', "0", f"{end}", str(len(marks))]
            for a, b, text in marks:
                rows += [f"{a}", f"{b}", '"' + text.replace('"', '""') + '"']
        return "\n".join(rows) + "\n"
    rows = ['File type = "ooTextFile"', 'Object class = "TextGrid"', "", "xmin = 0 ",
            f"xmax = {end} ", "tiers? <exists> ", f"size = {len(tiers)} ", "item []: "]  # fmt: skip
    for number, (name, marks) in enumerate(tiers.items(), 1):
        points = name.isupper()
        kind, what = ("TextTier", "points") if points else ("IntervalTier", "intervals")
        rows += [f"    item [{number}]:", f'        class = "{kind}" ', f'        name = "{name}" ',
                 "        xmin = 0 ", f"        xmax = {end} ",
                 f"        {what}: size = {len(marks)} "]  # fmt: skip
        for i, (a, b, text) in enumerate(marks, 1):
            quoted = text.replace('"', '""')
            rows += [f"        {what} [{i}]:"]
            if points:
                rows += [f"            number = {a} ", f'            mark = "{quoted}" ']
            else:
                rows += [f"            xmin = {a} ", f"            xmax = {b} ",
                         f'            text = "{quoted}" ']  # fmt: skip
    return "\n".join(rows) + "\n"


GRID = {
    "Anna": [(0.0, 1.2, 'Hún sagði "já", strax'), (1.2, 2.0, ""), (2.0, 3.5, "og fór heim")],
    "Jón": [(0.5, 1.5, "Jæja þá"), (1.5, 3.5, "")],
    "Anna - words": [(0.0, 0.4, "hún"), (0.4, 0.8, "sagði"), (0.8, 1.0, "já"), (1.0, 1.2, "strax"),
                     (1.2, 2.0, ""), (2.0, 2.4, "og"), (2.4, 3.0, "fór"), (3.0, 3.5, "heim")],
    "Anna - phones": [(0.0, 0.2, "h"), (0.2, 0.4, "u")],
    "BELL": [(1.0, 1.0, "ding")],
}  # fmt: skip


def test_a_tier_is_a_speaker_and_words_are_not_said_twice() -> None:
    (document,) = read(readers.TextGridReader(), "a.TextGrid", textgrid(GRID))
    assert document.kind == "conversation"
    assert [(s.speaker, s.start_s, s.end_s, s.text) for s in document.segments] == [
        ("Anna", 0.0, 1.2, 'Hún sagði "já", strax'),
        ("Jón", 0.5, 1.5, "Jæja þá"),
        ("Anna", 2.0, 3.5, "og fór heim"),
    ]
    assert heard(document.segments[0]) == [
        ("Hún", 0.0, 0.4), ("sagði", 0.4, 0.8), ("já", 0.8, 1.0), ("strax", 1.0, 1.2),
    ]  # fmt: skip
    assert document.metadata["tiers_left_out"] == "BELL (1), Anna - phones (2)"


def test_words_alone_become_utterances_at_pauses() -> None:
    grid = {"words": GRID["Anna - words"], "phones": GRID["Anna - phones"]}
    (document,) = read(readers.TextGridReader(), "a.TextGrid", textgrid(grid))
    assert [(s.start_s, s.end_s, s.text) for s in document.segments] == [
        (0.0, 1.2, "hún sagði já strax"),
        (2.0, 3.5, "og fór heim"),
    ]


def test_tiers_can_be_named() -> None:
    reader = readers.TextGridReader(tiers=("Jón",))
    (document,) = read(reader, "a.TextGrid", textgrid(GRID))
    assert [s.text for s in document.segments] == ["Jæja þá"]
    assert "Anna (2)" in document.metadata["tiers_left_out"]


_label = st.lists(
    st.text(st.characters(categories=["L", "N", "P"], exclude_characters="()[]（）"), min_size=1,
            max_size=9), min_size=2, max_size=5,
).map(" ".join)  # fmt: skip


@settings(max_examples=80, deadline=None)
@given(
    labels=st.lists(st.tuples(st.integers(1, 9000), _label), min_size=1, max_size=9),
    short=st.booleans(),
    encoding=st.sampled_from(["utf-8", "utf-16", "utf-16-be"]),
)
def test_textgrids_written_and_read_again(
    labels: list[tuple[int, str]], short: bool, encoding: str
) -> None:
    marks, at = [], 0
    for length, text in labels:
        marks.append((at / 1000, (at + length) / 1000, text))
        at += length
    raw = textgrid({"Anna": marks}, short=short).encode(encoding)
    raw = b"\xfe\xff" + raw if encoding == "utf-16-be" else raw
    (document,) = read(readers.TextGridReader(), "a.TextGrid", raw)
    assert [(s.start_s, s.end_s, s.text) for s in document.segments] == marks


@settings(max_examples=100, deadline=None)
@given(data=st.data())
def test_damaged_textgrids_are_read_as_far_as_they_go(data: st.DataObject) -> None:
    raw = bytearray(textgrid(GRID).encode())
    for _ in range(data.draw(st.integers(0, 5))):
        raw[data.draw(st.integers(60, len(raw) - 1))] ^= 1 << data.draw(st.integers(0, 6))
    cut = bytes(raw[: data.draw(st.integers(60, len(raw)))])
    try:
        read(readers.TextGridReader(), "a.TextGrid", cut)
    except DocumentError as error:
        assert str(error)


def test_a_textgrid_that_is_cut_off_says_so() -> None:
    text = textgrid(GRID)
    (document,) = read(readers.TextGridReader(), "a.TextGrid", text[: text.index("og fór heim")])
    assert [s.text for s in document.segments] == ['Hún sagði "já", strax']
    assert document.metadata["damage"] == "cut off or wrong after 2 labels"


# ELAN -----------------------------------------------------------------------------------------


def eaf(tiers: str, slots: str) -> str:
    times = "".join(
        f'<TIME_SLOT TIME_SLOT_ID="{name}"' + (f' TIME_VALUE="{value}"' if value else "") + "/>"
        for name, _, value in (item.partition("=") for item in slots.split())
    )
    return (
        '<?xml version="1.0"?><ANNOTATION_DOCUMENT AUTHOR="x"><HEADER TIME_UNITS="milliseconds">'
        '<MEDIA_DESCRIPTOR MEDIA_URL="file:///C:/a/talk.wav"/></HEADER>'
        f"<TIME_ORDER>{times}</TIME_ORDER>{tiers}"
        '<LANGUAGE LANG_ID="isl" LANG_LABEL="Icelandic"/></ANNOTATION_DOCUMENT>'
    )


def tier(name: str, notes: str, parent: str = "", who: str = "") -> str:
    """A tier; `notes` are lines ``id from to text``, or ``id above text`` where it has a parent."""
    rows = []
    for line in notes.splitlines():
        if parent and not line.split()[1].startswith("t"):
            key, above, text = line.split(None, 2)
            tag, places = "REF_ANNOTATION", f'ANNOTATION_REF="{above}"'
        else:
            key, a, b, text = line.split(None, 3)
            tag, places = "ALIGNABLE_ANNOTATION", f'TIME_SLOT_REF1="{a}" TIME_SLOT_REF2="{b}"'
        rows.append(
            f'<ANNOTATION><{tag} ANNOTATION_ID="{key}" {places}>'
            f"<ANNOTATION_VALUE>{text}</ANNOTATION_VALUE></{tag}></ANNOTATION>"
        )
    said = (f' PARENT_REF="{parent}"' if parent else "") + (f' PARTICIPANT="{who}"' if who else "")
    return f'<TIER TIER_ID="{name}" LANG_REF="isl"{said}>{"".join(rows)}</TIER>'


def test_elan_reads_one_tier_of_each_speaker() -> None:
    text = eaf(
        tier("ref@A", "a1 t1 t4 A.001", who="Anna")
        + tier("tx@A", "a2 a1 Góðan daginn, vinur.", "ref@A", "Anna")
        + tier("ft@A", "a3 a2 Good day to you.", "tx@A", "Anna")
        + tier("word@A", "a4 t1 t2 Góðan\na5 t2 t3 daginn\na6 t3 t4 vinur", "tx@A", "Anna")
        + tier("ref@B", "b1 t5 t6 B.001", who="Jón")
        + tier("tx@B", "b2 b1 Sæl og blessuð!", "ref@B", "Jón"),
        "t1=0 t2 t3 t4=3000 t5=2500 t6=4000",
    )
    (document,) = read(readers.ElanReader(), "a.eaf", text)
    assert [(s.speaker, s.start_s, s.end_s, s.text, s.language) for s in document.segments] == [
        ("Anna", 0.0, 3.0, "Góðan daginn, vinur.", "is"),
        ("Jón", 2.5, 4.0, "Sæl og blessuð!", "is"),
    ]
    assert heard(document.segments[0]) == [
        ("Góðan", 0.0, 1.0), ("daginn", 1.0, 2.0), ("vinur", 2.0, 3.0),
    ]  # fmt: skip
    assert document.metadata["media"] == "talk.wav"
    assert document.metadata["tiers_left_out"] == "ref@A (1), ft@A (1), ref@B (1)"


def test_elan_times_between_others_are_put_in_and_flagged() -> None:
    text = eaf(
        tier("Anna", "a1 t1 t2 Fyrst þetta\na2 t2 t3 og svo hitt\na3 t4 t5 en þetta ekki"),
        "t1=1000 t2 t3=3000 t4 t5",
    )
    (document,) = read(readers.ElanReader(), "a.eaf", text)
    assert [(s.start_s, s.end_s, s.flags) for s in document.segments] == [
        (1.0, 2.0, ["interpolated"]),
        (2.0, 3.0, ["interpolated"]),
        (None, None, None),
    ]


def test_elan_annotations_that_refer_in_a_circle_end() -> None:
    text = eaf(tier("x", "a b já já\nb a nei nei", "y"), "t1=0")
    (document,) = read(readers.ElanReader(), "a.eaf", text)
    assert [s.start_s for s in document.segments] == [None, None]


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_damaged_elan_files(data: st.DataObject) -> None:
    raw = bytearray(eaf(tier("Anna", "a1 t1 t2 Fyrst þetta"), "t1=0 t2=900").encode())
    for _ in range(data.draw(st.integers(1, 4))):
        raw[data.draw(st.integers(0, len(raw) - 1))] ^= 1 << data.draw(st.integers(0, 6))
    try:
        read(readers.ElanReader(), "a.eaf", bytes(raw))
    except DocumentError as error:
        assert str(error)


# STM and CTM ----------------------------------------------------------------------------------


def test_stm() -> None:
    text = (
        ";; a comment\none A anna 0.0 2.5 <o,f0,female> góðan dag\n"
        "one A gap 2.5 3 <o,,> ignore_time_segment_in_scoring\ntwo 1 jón 3 1 bless\nbad line\n"
    )
    one, two = read(readers.StmReader(), "a.stm", text)
    assert [(s.speaker, s.start_s, s.end_s, s.text) for s in one.segments] == [
        ("anna", 0.0, 2.5, "góðan dag")
    ]
    assert (two.segments[0].end_s, two.segments[0].flags) == (None, ["reversed"])
    assert one.metadata["lines"] == "4"
    assert one.metadata["lines_rejected"] == one.metadata["lines_ignored_in_scoring"] == "1"
    assert one.id != two.id


def test_ctm() -> None:
    text = (
        "one A 0.0 0.5 góðan 0.9\none A 0.5 0.4 dag 0.7\none A * * <ALT_BEGIN>\n"
        "one A 2.0 0.4 bless 0.8\none A * * <ALT>\none A 2.0 0.4 less\none A * * <ALT_END>\nx\n"
    )
    (document,) = read(readers.CtmReader(), "a.ctm", text)
    first, second = document.segments
    assert (first.text, first.start_s, first.end_s) == ("góðan dag", 0.0, 0.9)
    assert first.confidence == pytest.approx(0.8)
    assert heard(first) == [("góðan", 0.0, 0.5), ("dag", 0.5, 0.9)]
    assert second.text == "bless"
    assert document.metadata["lines"] == "8"
    assert document.metadata["lines_of_alternatives"] == "4"
    assert document.metadata["lines_rejected"] == "1"


# JSON of recognizers --------------------------------------------------------------------------


def asr(value: object) -> Document:
    (document,) = read(readers.AsrJsonReader(), "a.json", json.dumps(value))
    return document


def test_whisper() -> None:
    words = [{"word": " Góðan", "start": 0.0, "end": 0.5, "probability": 0.9},
             {"word": " dag.", "start": 0.6, "end": 1.0, "probability": 0.5}]  # fmt: skip
    document = asr({
        "text": " Góðan dag. Bless.",
        "segments": [
            {"start": 0.0, "end": 1.0, "text": " Góðan dag.", "avg_logprob": -0.1, "words": words},
            {"start": 2.0, "end": 1.5, "text": " Bless.", "speaker": "SPEAKER_01"},
            {"start": 3.0, "end": 3.5, "text": " "},
        ],
        "language": "is",
    })  # fmt: skip
    first, second = document.segments
    assert heard(first) == [("Góðan", 0.0, 0.5), ("dag.", 0.6, 1.0)]
    assert first.confidence == pytest.approx(0.905, abs=0.001)
    assert (second.speaker, second.end_s, second.flags) == ("SPEAKER_01", None, ["reversed"])
    assert {s.language for s in document.segments} == {"is"}
    assert document.metadata["utterances"] == "3"
    assert document.metadata["utterances_without_text"] == "1"


def test_services() -> None:
    def word(text: str, start: str, end: str, who: str) -> dict[str, object]:
        best = [{"confidence": "0.9", "content": text}]
        return {"type": "pronunciation", "start_time": start, "end_time": end,
                "speaker_label": who, "alternatives": best}  # fmt: skip

    stop = {"type": "punctuation", "alternatives": [{"content": "."}]}
    items = [word("Hi", "0.1", "0.5", "spk_0"), stop, word("Yes", "0.6", "0.9", "spk_1"), stop]
    amazon = asr({"results": {"language_code": "en-US", "items": items}})
    assert [(s.speaker, s.text, s.start_s) for s in amazon.segments] == [
        ("spk_0", "Hi.", 0.1), ("spk_1", "Yes.", 0.6),
    ]  # fmt: skip
    assert amazon.kind == "conversation"
    said = [{"word": "hi", "punctuated_word": "Hi.", "start": 0.1, "end": 0.4, "confidence": 0.9}]
    deepgram = asr({"results": {"channels": [{"alternatives": [{"transcript": "Hi.",
                                                                "words": said}]}]}})  # fmt: skip
    assert [(s.text, s.end_s) for s in deepgram.segments] == [("Hi.", 0.4)]
    turn = {"speaker": "A", "text": "Hi.", "start": 100, "end": 400, "confidence": 0.9,
            "words": [{"text": "Hi.", "start": 100, "end": 400, "confidence": 0.9}]}  # fmt: skip
    assembly = asr({"audio_url": "x", "language_code": "en_us", "utterances": [turn]})
    assert [(s.speaker, s.start_s, s.language) for s in assembly.segments] == [("A", 0.1, "en")]
    cpp = asr({"result": {"language": "is"}, "transcription": [
        {"offsets": {"from": 0, "to": 1500}, "text": " Hæ."}]})  # fmt: skip
    assert [(s.text, s.end_s, s.language) for s in cpp.segments] == [("Hæ.", 1.5, "is")]


@pytest.mark.parametrize("text", ["{}", "[1]", '{"segments": [1]}', '{"results": {"items": []}}'])
def test_other_json_is_rejected_as_before(text: str) -> None:
    with pytest.raises(DocumentError, match="JSON without a mapping"):
        read(readers.AsrJsonReader(), "a.json", text)


def test_json_that_is_cut_off_or_too_deep() -> None:
    for text in ('{"segments": [{"start": 0', "[" * 100_000):
        with pytest.raises(DocumentError, match="invalid JSON"):
            read(readers.AsrJsonReader(), "a.json", text)


# Plain transcripts ----------------------------------------------------------------------------

HEARING = """City council, 3 May

THE CHAIR: Good evening, everybody. We begin with the
minutes of the last meeting.

MS. OLSEN: I move that we accept them.

(Applause)

THE CHAIR: Is there a second?

MR. DIAZ: Second.
(Laughter.)
I mean it.

THE CHAIR: So moved.
"""
DEPOSITION = "\n".join(
    f"{number:2d}   {line}"
    for number, line in enumerate(
        [
            "Q.  Where were you on that night?",
            "A.  I was at home, with my wife and my two",
            "children, and we had dinner.",
            "Q.  And then?",
            "A.  Then I slept.",
            "MR. SMITH:  Objection. Asked and answered.",
            "Q.  You may answer.",
            "A.  I slept until the",
            "morning came.",
            "Q.  Alone?",
            "A.  No.",
            "Q.  Thank you.",
        ],
        1,
    )
)
INTERVIEW = """[00:00:03] Anna: Hvað segir þú gott í dag?
[00:00:07] Jón Þór: Allt ágætt, takk. En þú?
[00:00:09] Anna: Bara fínt.
[00:01:10] Jón Þór: Gott að heyra það.
"""
MEETING = """Anna Jónsdóttir  0:03
Hvað segir þú gott í dag?

Jón  0:07
Allt ágætt, takk. En þú?

Anna Jónsdóttir  0:09
Bara fínt.

Jón  1:10
Gott að heyra það.
"""
JAPANESE = "".join(f"田中：これは{n}番目の文です。\n佐藤：はい、そうですね。\n" for n in range(4))


def test_turns_and_notes() -> None:
    (document,) = read(readers.TranscriptReader(), "a.txt", HEARING)
    assert document.kind == "conversation"
    assert [(s.kind, s.speaker, s.ref) for s in document.segments] == [
        ("paragraph", None, None),
        ("turn", "THE CHAIR", "line 3"),
        ("turn", "MS. OLSEN", "line 6"),
        ("sound", None, "applause"),
        ("turn", "THE CHAIR", "line 10"),
        ("turn", "MR. DIAZ", "line 12"),
        ("sound", None, "laughter"),
        ("turn", "MR. DIAZ", "line 12"),
        ("turn", "THE CHAIR", "line 16"),
    ]


def test_sounds_are_no_messages() -> None:
    (document,) = read(readers.TranscriptReader(), "a.txt", HEARING)
    (other,) = read(readers.TranscriptReader(), "b.txt", INTERVIEW)
    (prose,) = read(readers.TranscriptReader(), "c.txt", NOVEL)
    table = documents_to_table([prose, document, prose, other])
    for rows in (table, table.slice(1)):
        *_, first, none, second = join_messages(rows).to_pylist()
        assert none is None
        assert [m["role"] for m in first] == [
            "user", "THE CHAIR", "MS. OLSEN", "THE CHAIR", "MR. DIAZ", "MR. DIAZ", "THE CHAIR",
        ]  # fmt: skip
        assert len(second) == 4


def test_depositions_lose_the_numbers_of_lines() -> None:
    (document,) = read(readers.TranscriptReader(), "a.txt", DEPOSITION)
    said = [(s.speaker, s.text) for s in document.segments]
    assert said[1] == ("A", "I was at home, with my wife and my two\nchildren, and we had dinner.")
    assert said[4][0] == "MR. SMITH"
    assert len(said) == 10


@pytest.mark.parametrize("text", [INTERVIEW, MEETING])
def test_times_of_turns(text: str) -> None:
    (document,) = read(readers.TranscriptReader(), "a.txt", text)
    assert [(s.kind, s.start_s, s.end_s) for s in document.segments] == [
        ("utterance", start, None) for start in (3.0, 7.0, 9.0, 70.0)
    ]
    assert document.segments[0].text == "Hvað segir þú gott í dag?"


@pytest.mark.parametrize("text", [HEARING, DEPOSITION, INTERVIEW, MEETING, JAPANESE])
def test_transcripts_are_known_by_their_content(text: str) -> None:
    source = from_bytes("deposit", "a.txt", text.encode())
    assert sniff.media_type(source) == "text/x-transcript"


NOVEL = """"Where have you been?" said Mary: she had waited all night.

He thought: now or never. "At sea," he said. "Where else?"

Mary looked at him: he was wet, and he was old. "Sit down," she said.

He sat. There were two things to say: that he was sorry, and that he was not.
"""
NOT_TRANSCRIPTS = {
    "novel": NOVEL,
    "letter": "From: Anna\nTo: Jón\nDate: 3 May\nRe: The house\n\nDear Jón,\n\nIt is sold.\n",
    "form": "Name: Jón\nAddress: Main Street 3\nPhone: 555 1234\nCity: Bergen\nCountry: Norway\n",
    "records": "".join(
        f"Title: Book {n}\nAuthor: Writer {n}.\nYear: {n}.\nPublisher: House {n}.\n"
        for n in range(5)
    ),
    "catalogue": "".join(
        f"Maker: Smith and Sons of London {n}.\nMaterial: Oak and brass.\nCondition: It is good.\n"
        for n in range(6)
    ),
    "contents": "".join(f"Chapter {n}: The {n}th day ..... {n * 7}\n" for n in range(1, 12)),
    "log": "INFO: The server starts.\nERROR: It cannot be reached.\nINFO: It starts again.\n"
    "WARNING: The disk is full.\nINFO: It stops.\nERROR: Nothing works.\n",
    "timed log": "".join(f"[00:00:{n:02}] INFO: Job {n} was done.\n" for n in range(20)),
    "recipe": "Serves: 4\nTime: 30 minutes\n\nIngredients: flour, milk.\n\nMethod: Stir it all.\n",
    "glossary": "Anchor: a heavy thing.\nBoat: a small ship.\nCrew: all on board.\nDeck: a floor.\n"
    "Engine: what drives it.\nFlag: a cloth.\n",
    "minutes": "Agenda: the roof.\nDecision: It will be repaired.\nAction: Jón calls the roofer.\n"
    "Agenda: the garden.\nDecision: It stays.\nAction: none.\n",
    "two languages": "English: The dog runs.\nIcelandic: Hundurinn hleypur.\n"
    "English: The cat sleeps.\nIcelandic: Kötturinn sefur.\nEnglish: It rains.\n"
    "Icelandic: Það rignir.\n",
    "settings": "".join(f"Key{n}: value {n}\nOther{n}: more\n" for n in range(9)),
    "addresses": "Anna: 555 1234\nJón: 555 9876\nAnna: 555 3333\nJón: 555 8888\nAnna: 5\nJón: 6\n",
    "verses": "Genesis 1:1 In the beginning.\nGenesis 1:2 And the earth.\nGenesis 1:3 And light.\n",
    "timetable": "".join(f"{n}:15 Harbor\n{n}:45 Station\n" for n in range(6, 20)),
    "quotes in prose": "The judge was brief. THE COURT: Denied. That was all, and so we left the\n"
    "room. Nobody had anything to say. The clerk noted it: case closed.\n\n"
    + "It rained on the way home, and it went on raining for a week. " * 20,
    "questions": "1. What is it? 2. Why: because. 3. Where?\nNote: answer all.\nNote: use ink.\n",
    "code": "def f(x):\n    return x\nclass A:\n    pass\nif x:\n    y()\nelse:\n    z()\n",
    "article": "Summary: It is long.\n\n" + "A paragraph of prose that says nothing.\n\n" * 9,
    "poem": "Sól: þú ert heit.\n\nHaf: þú ert kalt.\n\nJörð: þú ert stór.\n",
}  # fmt: skip


@pytest.mark.parametrize("name", NOT_TRANSCRIPTS)
def test_other_texts_stay_texts(name: str) -> None:
    text = NOT_TRANSCRIPTS[name]
    source = from_bytes("deposit", "a.txt", text.encode())
    assert sniff.media_type(source) in ("text/plain", "message/rfc822")
    (document,) = readers.TranscriptReader().parse(source)
    assert isinstance(document, Document)
    assert document.provenance["reader"] == "TextReader"
    assert document.kind == "text"


def test_markdown_and_tables_are_what_their_names_say() -> None:
    for suffix, kind in ((".md", "text/markdown"), (".csv", "text/csv")):
        source = from_bytes("deposit", f"a{suffix}", HEARING.encode())
        assert sniff.media_type(source) == kind


@settings(max_examples=60, deadline=None)
@given(text=st.text(max_size=400))
def test_any_text_can_be_asked(text: str) -> None:
    found = turns_of(text)
    if found is not None:
        turns, head = found
        kept = "".join("".join(head).split()) + "".join("".join(t.text.split()) for t in turns)
        assert len(kept) <= len("".join(text.split()))


def test_real_texts_are_no_transcripts(real_data: Path) -> None:
    files = sorted((real_data / "documents").rglob("*.txt"))
    if not files:
        pytest.skip(f"no text files under {real_data}{os.sep}documents")
    for file in files:
        source = from_bytes("deposit", file.name, file.read_bytes())
        assert sniff.media_type(source) == "text/plain", file

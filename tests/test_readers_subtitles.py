"""Subtitles: every format, what is half right in them, and that every cue is accounted for."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from datapartnerships import readers
from datapartnerships.errors import DocumentError
from datapartnerships.readers import sniff
from datapartnerships.readers._source import from_bytes
from datapartnerships.readers._subtitles import seconds
from datapartnerships.schema import Document, Segment


def read(text: str | bytes, name: str = "a.srt") -> Document:
    data = text if isinstance(text, bytes) else text.encode()
    (document,) = readers.SubtitleReader().parse(from_bytes("deposit", name, data))
    assert isinstance(document, Document)
    return document


def times(document: Document) -> list[tuple[float | None, float | None, str]]:
    return [(s.start_s, s.end_s, s.text) for s in document.segments]


def heard(segment: Segment) -> list[tuple[str, float, float | None]]:
    return [(segment.text[w["start"] : w["end"]], w["start_s"], w["end_s"])
            for w in segment.words or ()]  # fmt: skip


def add_up(document: Document) -> None:
    """cues = segments - split + merged + without text."""
    count = {k: int(v) for k, v in document.metadata.items() if k.startswith("cues")}
    assert count["cues"] == (
        len(document.segments)
        - count.get("cues_split", 0)
        + count["cues_merged"]
        + count["cues_without_text"]
    )


SRT = """1
00:00:01,000 --> 00:00:02,500
<i>Góðan daginn</i>,
kæru hlustendur.

2
00:00:03,000 --> 00:00:04,000
{\\an8}Salt &amp; pipar

3
00:00:05,000 --> 00:00:06,000
"""


def test_a_cue_is_an_utterance_with_its_times() -> None:
    document = read(SRT)
    assert document.kind == "text"
    assert times(document) == [
        (1.0, 2.5, "Góðan daginn, kæru hlustendur."),
        (3.0, 4.0, "Salt & pipar"),
    ]
    first = document.segments[0]
    assert (first.kind, first.origin) == ("utterance", "subtitles srt")
    assert document.metadata["cues_without_text"] == "1"
    add_up(document)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "cp1252", "cp1250"])
def test_encodings_and_line_ends(encoding: str) -> None:
    lines = {
        "cp1250": "Zażółć gęślą jaźń, powiedział cicho źródłem świętości i poszedł do łóżka.",
    }
    line = lines.get(encoding, "Það var þá sem hún ákvað að fara heim, því að úti rigndi mjög.")
    text = "".join(
        f"{n}\r\n00:00:{n:02},000 --> 00:00:{n:02},900\r\n{line}\r\n\r\n" for n in range(1, 9)
    )
    document = read(text.encode(encoding))
    assert [s.text for s in document.segments] == [line] * 8


def test_half_right_files_lose_nothing() -> None:
    document = read(
        "7\n00:00:01.000 -> 00:00:02,5 X1:10 X2:20\nFirst\n"  # no blank line, one dash
        "7\n0:00:03,000-->0:00:04,000\nSecond\n\nafter a blank line\n\n"
        "44\n\n130:00:01,000 --> 130:00:02,000\n42\n\n"  # a blank line after the number
        "00:00:09,000 --> 00:00:10,000\nno number\n\n"
        "9\n00:00:11,000 --> 00:0"
    )
    assert times(document) == [
        (1.0, 2.5, "First"),
        (3.0, 4.0, "Second after a blank line"),
        (468001.0, 468002.0, "42"),
        (9.0, 10.0, "no number"),
    ]
    assert document.segments[3].flags == ["order"]
    add_up(document)


def test_times_that_cannot_be_are_left_out_and_flagged() -> None:
    document = read(
        "1\n00:00:05,000 --> 00:00:04,000\nBackwards\n\n"
        "2\n-00:00:05,000 --> 00:00:04,000\nNegative\n\n"
        "3\n00:75:05,000 --> 01:16:00,000\nOdd\n\n"
        "4\n01:20:00,000 --> 01:20:09,000\nLong\n\n"
        "5\n01:20:05,000 --> 01:20:10,000\nOver it\n\n"
    )
    assert [(s.start_s, s.end_s, s.flags) for s in document.segments] == [
        (5.0, None, ["reversed"]),
        (None, None, ["negative"]),
        (None, 4560.0, ["time"]),
        (4800.0, 4809.0, None),
        (4805.0, 4810.0, ["overlap"]),
    ]
    assert document.metadata["times_left_out"] == "3"
    assert document.segments[1].kind == "turn"


def test_who_speaks() -> None:
    document = read(
        "1\n00:00:01,000 --> 00:00:02,000\n- Hver er þar?\n- Bara ég.\n\n"
        "2\n00:00:03,000 --> 00:00:04,000\nMAYOR: We begin.\n\n"
        "3\n00:00:05,000 --> 00:00:06,000\n>> YES, LET US. >> CLERK: ROLL CALL.\n\n"
        "4\n00:00:07,000 --> 00:00:08,000\nHE SAID: GO HOME.\n\n"
        "5\n00:00:09,000 --> 00:00:10,000\nIt is late: ten o'clock - or so.\n\n"
    )
    assert [(s.speaker, s.text) for s in document.segments] == [
        (None, "Hver er þar?"),
        (None, "Bara ég."),
        ("MAYOR", "We begin."),
        (None, "YES, LET US."),
        ("CLERK", "ROLL CALL."),
        (None, "HE SAID: GO HOME."),
        (None, "It is late: ten o'clock - or so."),
    ]
    assert [s.flags for s in document.segments][:4] == [["new_speaker"], ["new_speaker"], None,
                                                        ["new_speaker"]]  # fmt: skip
    assert document.kind == "conversation"
    add_up(document)


def test_names_in_mixed_case_are_names_when_they_come_again() -> None:
    lines = ["Anna: Hvað segirðu?", "Jón: Allt fínt.", "Anna: Gott.", "og svo", "Jón: Já."]
    text = "".join(
        f"{n}\n00:00:{n:02},000 --> 00:00:{n:02},900\n{line}\n\n" for n, line in enumerate(lines, 1)
    )
    assert [s.speaker for s in read(text).segments] == ["Anna", "Jón", "Anna", None, "Jón"]
    once = "1\n00:00:01,000 --> 00:00:02,000\nParis: eine Stadt.\n\n"
    assert read(once).segments[0].speaker is None


def test_sounds_and_songs() -> None:
    said = ["(MUSIC PLAYING)", "[Applause]", "♪", "♪ Sofðu, unga ástin mín ♪", "[DOOR SLAMS]",
            "(whispering)", "[inaudible]", "(Lófatak)"]  # fmt: skip
    text = "".join(
        f"{n}\n00:00:{n:02},000 --> 00:00:{n:02},900\n{line}\n\n" for n, line in enumerate(said, 1)
    )
    assert [(s.kind, s.ref, s.flags) for s in read(text).segments] == [
        ("sound", "music", None),
        ("sound", "applause", None),
        ("sound", "music", None),
        ("utterance", None, ["music"]),
        ("sound", None, None),
        ("utterance", None, None),
        ("utterance", None, ["inaudible"]),
        ("sound", "applause", None),
    ]


VTT = """WEBVTT - Þáttur um hafið
Kind: captions
Language: is-IS
X-TIMESTAMP-MAP=LOCAL:00:00:00.000,MPEGTS:900000

NOTE
00:00 --> this is no cue

STYLE
::cue(b) { color: red }

opening
00:01.000 --> 00:03.000 align:start position:0%
<v.loud Anna Jóns>Hafið er <c.blue>blátt</c></v>
<v Jón>Og djúpt &lt;mjög&gt;

00:00:03.000 --> 00:00:04.000
<lang en>It is deep</lang>
"""


def test_webvtt() -> None:
    document = read(VTT, "a.vtt")
    assert [(s.speaker, s.text, s.language, s.ref) for s in document.segments] == [
        ("Anna Jóns", "Hafið er blátt", "is", "opening"),
        ("Jón", "Og djúpt <mjög>", "is", "opening"),
        (None, "It is deep", "en", None),
    ]
    assert document.metadata["timestamp_map"] == "LOCAL:00:00:00.000,MPEGTS:900000"
    assert document.metadata["notes"] == "1"
    assert document.metadata["cues"] == "2"
    assert document.metadata["text_before_first_cue"] == "Þáttur um hafið"
    add_up(document)


def test_readings_of_signs_and_voices_without_a_name() -> None:
    document = read(
        "WEBVTT\n\n00:01.000 --> 00:02.000\n<v -><ruby>漢<rt>kan</rt></ruby>です\n", "a.vtt"
    )
    assert [(s.speaker, s.text) for s in document.segments] == [(None, "漢(kan)です")]


def test_captions_that_repeat_the_line_before_are_merged() -> None:
    lines = ["þá fór hún", "niður að sjó", "og beið þar", "eftir bátnum"]
    cues = ["WEBVTT\n"]
    for n, line in enumerate(lines):
        first, *rest = line.split()
        inner = first + "".join(
            f"<00:00:{2 * n:02}.{k}00><c> {word}</c>" for k, word in enumerate(rest, 3)
        )
        above = lines[n - 1] if n else " "
        cues += [f"00:00:{2 * n:02}.000 --> 00:00:{2 * n + 1:02}.990\n{above}\n{inner}\n"]
        cues += [f"00:00:{2 * n + 1:02}.990 --> 00:00:{2 * n + 2:02}.000\n{line}\n \n"]
    document = read("\n".join(cues), "auto.vtt")
    assert [s.text for s in document.segments] == lines
    assert heard(document.segments[0])[:2] == [("þá", 0.0, 0.3), ("fór", 0.3, 0.4)]
    assert heard(document.segments[3]) == [("eftir", 6.0, 6.3), ("bátnum", 6.3, 7.99)]
    assert document.metadata["cues_merged"] == "4"
    add_up(document)


def test_captions_that_grow_word_by_word_are_merged() -> None:
    shown = ["GOOD", "GOOD EVENING", "GOOD EVENING FROM", "GOOD EVENING FROM\nTHE HARBOR",
             "THE HARBOR\nWHERE IT RAINS"]  # fmt: skip
    text = "".join(
        f"{n}\n00:00:{n:02},000 --> 00:00:{n + 1:02},000\n{lines}\n\n"
        for n, lines in enumerate(shown, 1)
    )
    document = read(text)
    assert " ".join(s.text for s in document.segments) == (
        "GOOD EVENING FROM THE HARBOR WHERE IT RAINS"
    )
    assert document.segments[0].start_s == 1.0
    add_up(document)


def test_what_is_really_said_twice_stays() -> None:
    text = "".join(
        f"{n}\n00:00:{n:02},000 --> 00:00:{n + 1:02},000\n{line}\n\n"
        for n, line in enumerate(["No.", "No.", "No, no.", "La la la", "La la la", "Stop"], 1)
    )
    assert len(read(text).segments) == 6


TTML = """<?xml version="1.0" encoding="UTF-8"?>
<tt xmlns="http://www.w3.org/ns/ttml" xmlns:ttm="http://www.w3.org/ns/ttml#metadata"
 xmlns:ttp="http://www.w3.org/ns/ttml#parameter" xml:lang="is" ttp:frameRate="25"
 ttp:tickRate="10000000"><head><metadata><ttm:title>Hafið</ttm:title>
<ttm:agent xml:id="a"><ttm:name type="full">Anna</ttm:name></ttm:agent></metadata></head>
<body begin="10s"><div begin="00:00:01:00">
<p begin="0.5s" dur="2s" ttm:agent="a">Góðan<br/>dag, <span begin="1s">vinur</span></p>
<p begin="30000000t" end="40000000t" xml:lang="de">Guten   Tag</p>
<p begin="00:00:05:12" end="00:00:06"><span>Tólf</span> rammar</p>
<p><span begin="7s" end="8s">Inni</span></p></div>
<div timeContainer="seq"><p dur="1s">eitt</p><p dur="2s">tvö</p></div></body></tt>"""


def test_ttml_times_count_from_what_is_around_them() -> None:
    document = read(TTML, "a.ttml")
    assert times(document) == [
        (10.0, 11.0, "eitt"),
        (11.0, 13.0, "tvö"),
        (11.5, 13.5, "Góðan dag, vinur"),
        (14.0, 15.0, "Guten Tag"),
        (16.48, 17.0, "Tólf rammar"),
        (18.0, 19.0, "Inni"),
    ]
    segment = document.segments[2]
    assert (segment.speaker, segment.language) == ("Anna", "is")
    assert heard(segment) == [("vinur", 12.5, 13.5)]
    assert document.segments[3].language == "de"
    assert document.metadata["title"] == "Hafið"


def test_other_formats() -> None:
    ass = (
        "[Script Info]\nTitle: T\n\n[Events]\n"
        "Format: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text\n"
        "Dialogue: 0,0:00:05.00,0:00:06.00,D,Ann,0,0,0,,{\\pos(1,2)}Then, with a\\Ncomma\n"
        "Dialogue: 0,0:00:01.00,0:00:02.50,D,Bo,0,0,0,,First\nComment: 0,0,0,D,,0,0,0,,x\n"
    )
    assert times(read(ass, "a.ass")) == [(1.0, 2.5, "First"), (5.0, 6.0, "Then, with a comma")]
    sub = "{1}{1}25.0\n{25}{50}Hæ|heimur\n{75}{100}{y:i}Bless\n"
    assert times(read(sub, "a.sub")) == [(1.0, 2.0, "Hæ heimur"), (3.0, 4.0, "Bless")]
    without_rate = read("{25}{50}Hæ\n{75}{100}Bless\n{110}{120}x", "a.sub")
    assert without_rate.segments[0].start_s is None
    assert "left out" in without_rate.metadata["times"]
    lrc = "[ti:Vögguvísa]\n[00:01.50]Eitt\n[00:03.00][00:09.00]Tvö\n"
    assert times(read(lrc, "a.lrc")) == [
        (1.5, None, "Eitt"),
        (3.0, None, "Tvö"),
        (9.0, None, "Tvö"),
    ]
    sbv = "0:00:01.000,0:00:02.000\nHæ\nheimur\n\n0:00:02.500,0:00:04.000\nBless\n"
    assert times(read(sbv, "a.sbv")) == [(1.0, 2.0, "Hæ heimur"), (2.5, 4.0, "Bless")]


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        (SRT, "application/x-subrip"),
        ("\ufeff" + SRT.replace("\n", "\r\n"), "application/x-subrip"),
        (VTT, "text/vtt"),
        (TTML, "application/ttml+xml"),
        ("WEBVTTX is no header\n\nA text.", "text/plain"),
        (
            "A text on subtitles.\n\nThey look so:\n\n1\n00:00:01,000 --> 00:00:02,000\n",
            "text/plain",
        ),
        ("[1:2] is a verse.\n[1:3] is another.", "text/plain"),
        ("a --> b\nb --> c\n", "text/plain"),
    ],
)
def test_content_says_what_it_is_whatever_its_name(text: str, kind: str) -> None:
    # Markup that is named .txt is a text that shows markup.
    name = "unnamed" if text is TTML else "unnamed.txt"
    assert sniff.media_type(from_bytes("deposit", name, text.encode())) == kind


def test_a_folder_sends_them_to_their_reader(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(SRT)
    (tmp_path / "b.xml").write_text(TTML)
    (tmp_path / "c.srt").write_text("There are no times in this.")
    reader = readers.FolderReader(str(tmp_path))
    rows = [row for shard in reader.shards() for t in reader.read(shard) for row in t.to_pylist()]
    assert [row["provenance"]["reader"] for row in rows] == ["SubtitleReader"] * 3
    assert "no subtitles found" in rows[2]["drop_reason"]
    assert rows[0]["segments"][0]["start_s"] == 1.0


def test_a_cue_of_a_megabyte_and_ten_thousand_without_text() -> None:
    long = "orð " * 250_000
    document = read(f"1\n00:00:01,000 --> 00:00:02,000\n{long}\n\n")
    assert len(document.segments[0].text) == len(long) - 1
    empty = "1\n00:00:01,000 --> 00:00:02,000\n<i></i>\n\n" * 10_000
    with pytest.raises(DocumentError, match="10000 cues without text"):
        read(empty)


# Round trips and damage -----------------------------------------------------------------------

_words = st.text(st.characters(categories=["Lu", "Ll", "Lo", "Nd"]), min_size=1, max_size=8)
# A cue that is only a number cannot be told from the number of a cue.
_lines = st.lists(_words, min_size=2, max_size=6).map(" ".join).filter(lambda s: not s.isdigit())
_cues = st.lists(
    st.tuples(st.integers(0, 400_000_000), st.integers(0, 90_000), _lines), min_size=1, max_size=12
)


def _clock(thousandths: int, point: str) -> str:
    whole, rest = divmod(thousandths, 1000)
    return f"{whole // 3600:02}:{whole // 60 % 60:02}:{whole % 60:02}{point}{rest:03}"


@settings(max_examples=60, deadline=None)
@given(cues=_cues, vtt=st.booleans(), crlf=st.booleans())
def test_written_and_read_again(cues: list[tuple[int, int, str]], vtt: bool, crlf: bool) -> None:
    point = "." if vtt else ","
    parts = ["WEBVTT\n"] if vtt else []
    for number, (start, length, text) in enumerate(cues, 1):
        head = "" if vtt else f"{number}\n"
        parts.append(f"{head}{_clock(start, point)} --> {_clock(start + length, point)}\n{text}\n")
    data = "\n".join(parts)
    document = read(data.replace("\n", "\r\n") if crlf else data, "a.vtt" if vtt else "a.srt")
    add_up(document)
    if document.metadata["cues_merged"] == "0":
        assert times(document) == [(a / 1000, (a + n) / 1000, text) for a, n, text in cues]


@settings(max_examples=80, deadline=None)
@given(start=st.integers(0, 10**10))
def test_clocks(start: int) -> None:
    assert seconds(_clock(start, ",")) == pytest.approx(start / 1000, abs=1e-6)


@settings(max_examples=150, deadline=None)
@given(data=st.data(), sample=st.sampled_from([SRT, VTT, TTML]))
def test_damage_is_read_or_refused_in_words(data: st.DataObject, sample: str) -> None:
    raw = bytearray(sample.encode())
    for _ in range(data.draw(st.integers(1, 6))):
        raw[data.draw(st.integers(0, len(raw) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    cut = bytes(raw[: data.draw(st.integers(0, len(raw)))])
    name = {SRT: "a.srt", VTT: "a.vtt", TTML: "a.ttml"}[sample]
    try:
        add_up(read(cut, name))
    except DocumentError as error:
        assert str(error)

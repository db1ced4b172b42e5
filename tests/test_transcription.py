"""Errors of transcription: what is found, and above all what is not."""

from __future__ import annotations

import runpy
import time
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from datapartnerships.errors import InvalidParameter
from datapartnerships.kernels.segments import concat
from datapartnerships.kernels.transcription import Utterances, faults, find, lost
from datapartnerships.kernels.word_error import agreement, estimate
from datapartnerships.schema import Document, Segment, documents_to_table
from datapartnerships.transforms import DropFlagged, EstimateWordError, FlagTranscription

# Not by its folder on the path: a module there has the name of one of Python's own.
MEANT = runpy.run_path(str(Path(__file__).parent.parent / "benchmarks" / "_repetition.py"))["MEANT"]

GOOD = "The harbor master wrote down every ship that came in before the storm."


@pytest.mark.parametrize(("kind", "seconds", "text"), MEANT)
def test_repetition_that_is_meant_is_no_fault(kind: str, seconds: float, text: str) -> None:
    assert faults(text, seconds, seconds, confidence=0.8, no_speech=0.05) == ()
    assert faults(text) == ()


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("and then we went " * 30, 10),
        (GOOD + " " + "in the end " * 12 + GOOD, 25),
        ("þessi " * 60, 9),
        ("hún sagði að " * 8, 4),
        ("Klingel-" * 25, 3),
        ("A" * 200, 3),
        ("ん" * 112, 3),
        ("上に " * 60 + "本を読みました。", 16),
        ("我们来看看" * 20, 30),
        ("ขอบคุณ" * 30, 20),
        ("." * 60, 5),
        (". . . " * 40, 28),
        ("he said it to her, he said it to him, " * 6, 8),
    ],
)
def test_loops_are_found(text: str, seconds: float) -> None:
    assert "loop" in faults(text, seconds, seconds, confidence=0.85)


@pytest.mark.parametrize(
    "word",
    ["siðððððððð", "og það var þvíðiðiðiðiðiðiðiðiðiði", "nŐ" * 20, "Hastetetetetetetetetetet vel",
     "A" * 30, "нет" + "аров" * 8, "Kor" * 14, "Ko\u0301" * 20],
)  # fmt: skip
def test_letters_over_and_over_in_a_word_are_found_at_any_pace(word: str) -> None:
    for text in (word, f"{GOOD} {word}", f"{word}. {GOOD}"):
        assert "loop" in faults(text), text
        assert "loop" in faults(text, 30.0, 30.0)
    apart = " ".join(word.split()[-1][:6])
    assert faults(f"{GOOD} {apart}") == ()


def test_a_loop_that_changes_as_it_goes() -> None:
    text = (
        "they came to the river, then to the river and the boat, they came to the boat, then to "
        "the river and the boat, they came to the river, then to the boat, they came to the river "
        "and the boat, then to the boat"
    )
    assert "loop" in faults(text, 9.0, 9.0, confidence=0.5)
    assert faults(text, 9.0, 9.0, confidence=0.9) == ()
    assert faults(text, 16.0, 16.0, confidence=0.5) == ()


@settings(deadline=None)
@given(st.lists(st.text("aðnő ,-0", max_size=40), max_size=6))
def test_a_loop_in_a_word_is_that_of_its_text_alone(texts: list[str]) -> None:
    together = find(Utterances.of(texts, document=list(range(len(texts)))))
    alone = [(i, *item[1:]) for i, t in enumerate(texts) for item in find(Utterances.of([t]))]
    assert together == alone


@settings(deadline=None, max_examples=30)
@given(
    st.integers(0, 30), st.integers(60, 90), st.sampled_from(["so it is", "já", "na und", "対し"])
)
def test_a_loop_is_found_wherever_it_stands(before: int, copies: int, unit: str) -> None:
    text = " ".join([*GOOD.split() * (before // 13 + 1)][:before] + [unit] * copies)
    assert "loop" in faults(text, 20.0, 20.0)


def test_no_text_hangs() -> None:
    worst = (
        "well then " * 100_000,
        "a" * 1_000_000,
        "ab " * 300_000,
        "あ" * 300_000,
        "ab a " * 200_000,
    )
    started = time.process_time()
    for text in worst:
        assert "loop" in faults(text, 60.0)
    rng = np.random.default_rng(1)
    faults("".join(map(chr, rng.integers(97, 100, 1_000_000))), 60.0)
    assert time.process_time() - started < 60  # a hang, not a speed


def test_a_phrase_of_captions_is_a_fault_only_where_nobody_speaks() -> None:
    for text in ("Thanks for watching!", "Takk fyrir að horfa.", "Vielen Dank fürs Zuschauen."):
        assert faults(text, 1.8, 1.8, confidence=0.9, no_speech=0.02) == ()
        assert "silence" in faults(text, 1.8, 0.0, confidence=0.9)
        assert "silence" in faults(text, 29.0, 0.0, confidence=0.5, no_speech=0.9)
    assert "silence" in faults("Subtitles by the Amara.org community", 2.5, confidence=0.4)
    assert faults(GOOD, 5.0, 5.0, confidence=0.3, no_speech=0.7) == ()  # a voice was heard


def test_a_voice_that_the_detector_does_not_hear() -> None:
    """Much reverberation: little speech is heard, and the text is sure and of ordinary pace."""
    assert faults(GOOD, 5.0, 0.3, confidence=0.85) == ()


def test_rates_are_of_letters_whatever_the_language() -> None:
    long_words = "Hæstaréttarmálaflutningsmaðurinn Vaðlaheiðarvegavinnuverkfærageymsla"
    assert faults(long_words, 5.0, 5.0) == ()
    assert faults(long_words, 0.8, 0.8) == ("rate",)
    assert faults("これはとても長い文章ですが普通の速さです", 4.0, 4.0) == ()
    assert faults("これはとても長い文章ですが普通の速さです", 0.7, 0.7) == ("rate",)
    assert faults(GOOD[:30], 20.0, 20.0) == ("rate",)
    assert faults("", 4.0, 3.0) == ("lost",)


def test_another_language_than_the_rest() -> None:
    icelandic = "Það er ekki hægt að segja að hún hafi verið þar þegar þeir komu heim til okkar."
    english = (
        "This is what they said to us when we asked them about it, and that was all there was."
    )
    many = Utterances.of([icelandic] * 3 + [icelandic[::1] + " Já."] * 4 + [english])
    assert [(i, flag) for i, flag, _ in find(many) if flag == "language"] == [(7, "language")]
    half = Utterances.of([icelandic, english] * 5)
    assert not [flag for _, flag, _ in find(half) if flag == "language"], "two languages"
    assert faults(english, language="is") == ("language",)
    assert faults("Это совсем другой язык", language="en") == ("language",)
    assert faults("Microsoft Windows", language="ja") == ()
    assert faults("Nå er det ikke mer å si om den saken, og han var der.", language="da") == ()


def test_the_same_utterance_again_and_again() -> None:
    def flags(text: str, length: float, **columns: object) -> list[int]:
        start = [i * length for i in range(12)]
        many = Utterances.of(
            [GOOD, *[text] * 10, GOOD + " Twice."],
            start_s=start,
            end_s=[s + length for s in start],
            **columns,
        )
        return [i for i, flag, _ in find(many) if flag == "loop"]

    assert flags("We will come back to that.", 2.0) == list(range(2, 11))
    assert flags("Aye.", 2.0, speaker=[None, *"abcdefghij", None]) == []


def test_speech_without_text() -> None:
    assert lost([(0, 10), (12, 20)], [(0, 5), (12.2, 19.8)]) == [(5.5, 10)]
    assert lost([(0, 30)], []) == [(0, 30)]
    assert lost([(0, 4)], [(0.3, 3.8)]) == []
    assert lost([], [(0, 3)]) == []


def _batch() -> pa.Table:
    def utterance(i: int, text: str, **more: object) -> Segment:
        times = {"start_s": i * 6.0, "end_s": i * 6.0 + 5.5, "confidence": 0.9, "language": "en"}
        origin = "asr faster-whisper 1.2.1 base: spoken"
        return Segment(text, kind="utterance", origin=origin, **{**times, **more})  # type: ignore[arg-type]

    music = Segment("", kind="sound", ref="music", start_s=18.0, end_s=30.0)
    bad = [utterance(0, GOOD), utterance(1, "once again " * 40), utterance(2, GOOD,
    flags=["noted"]),
           utterance(3, "Thank you."), music]  # fmt: skip
    good = [utterance(i, GOOD.replace("ship", name)) for i, name in enumerate(("boat", "raft"))]
    page = [Segment("again " * 200, kind="paragraph")]
    return documents_to_table(
        [
            Document("a", "s", "audio", bad),
            Document("b", "s", "audio", good),
            Document("c", "s", "text", page),
            Document("d", "s", "audio", []),
        ]
    )


def test_flags_stand_in_the_segments_with_their_reasons() -> None:
    out = FlagTranscription()(_batch())
    flags = [segment["flags"] for segment in out["segments"][0].as_py()]
    assert flags == [None, ["loop", "rate"], ["noted"], ["silence"], None]
    assert all(not s["flags"] for row in out["segments"].to_pylist()[1:] for s in row)
    faulty = out["transcription_faults"].to_pylist()
    assert [(f["segment"], f["flag"]) for f in faulty[0]] == [
        (1, "loop"),
        (1, "rate"),
        (3, "silence"),
    ]
    assert "40 times in a row" in faulty[0][0]["reason"]
    assert faulty[1:] == [[], [], []]
    assert out["drop_reason"].null_count == 4
    assert FlagTranscription()(out).equals(out)
    parts = concat([FlagTranscription()(_batch().slice(i, 1)) for i in range(4)])
    assert parts.to_pylist() == out.to_pylist()


def test_rejecting_by_share() -> None:
    some = FlagTranscription(reject=("loop",), max_share=0.2)(_batch())
    assert some["drop_reason"].to_pylist() == [
        "FlagTranscription: too many errors of transcription", None, None, None,
    ]  # fmt: skip
    assert (
        FlagTranscription(reject=("loop",), max_share=0.3)(_batch())["drop_reason"].null_count == 4
    )
    for fields in (
        {"reject": ("lop",)},
        {"max_share": 1.0},
        {"loop_copies": (3,)},
        {"word_copies": (24, 18)},
        {"languages": "en"},
    ):
        with pytest.raises(InvalidParameter):
            FlagTranscription(**fields)


def test_dropping_takes_the_words_and_leaves_the_place() -> None:
    batch = FlagTranscription()(_batch())
    out = DropFlagged(flags=("loop",))(batch)
    before, after = batch["segments"][0].as_py(), out["segments"][0].as_py()
    assert after[1] == {**before[1], "text": ""}
    assert [s for i, s in enumerate(after) if i != 1] == [s for i, s in enumerate(before) if i != 1]
    with pytest.raises(InvalidParameter):
        DropFlagged(flags=("nothing",))


def test_agreement() -> None:
    assert agreement("The ship came in.", "the ship came in") == 1
    assert agreement("the ship came in", "the sheep came") == pytest.approx(0.5)
    assert agreement("", "") == 1
    assert agreement("", "word") == 0
    assert agreement("船が来た", "船が着た") == pytest.approx(0.75)


def test_an_estimate_rises_with_doubt_and_keeps_its_bounds() -> None:
    confidence = np.linspace(0.99, 0.1, 40)
    rate = np.full(40, 12.0)
    for agreed in (None, np.linspace(1, 0, 40)):
        mean, low, high = estimate(confidence, rate, agreed)
        assert (np.diff(mean) >= 0).all()
        assert (low <= mean).all() and (mean <= high).all()
        assert low.min() >= 0 and high.max() <= 1


def test_word_error_of_documents_and_where_nothing_is_known() -> None:
    out = EstimateWordError()(FlagTranscription()(_batch()))
    bad, good, text, empty = out.select(["wer_estimate", "wer_low", "wer_high"]).to_pylist()
    assert bad["wer_estimate"] > 0.6 > 0.2 > good["wer_estimate"]
    assert good["wer_low"] <= good["wer_estimate"] <= good["wer_high"] < 0.4
    assert set(text.values()) == set(empty.values()) == {None}
    for other in (EstimateWordError(models=("large-v3",)), EstimateWordError(languages=("is",))):
        assert other(_batch())["wer_estimate"].null_count == 4


def test_a_second_decode_counts() -> None:
    def estimated(value: str) -> float:
        segment = Segment(GOOD, kind="utterance", start_s=0.0, end_s=5.0, confidence=0.7,
                          language="en", origin="asr whisperx 3.8.6 base: spoken")  # fmt: skip
        document = Document("a", "s", "audio", [segment], metadata={"agreement": value})
        return float(EstimateWordError()(documents_to_table([document]))["wer_estimate"][0].as_py())

    assert estimated("1.0") < estimated("0.5")
    assert estimated("no number") == estimated("7")

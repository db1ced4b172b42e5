"""From sound to utterances, without an engine: stretches, second looks, sentences, values."""

from __future__ import annotations

import string
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

pytest.importorskip("onnxruntime")

import datapartnerships as dp
from datapartnerships import config, readers
from datapartnerships._backends import silero
from datapartnerships.errors import InvalidParameter
from datapartnerships.speech import (
    MODEL_VARIABLE,
    RATE,
    Asr,
    Heard,
    Stretch,
    Stretches,
    Word,
)
from datapartnerships.speech import _again as looks
from datapartnerships.speech._speakers import Only
from datapartnerships.speech._stretches import FRAME
from datapartnerships.speech._utterances import utterances

SECOND = FRAME / RATE
JFK = "audio/jfk.flac"


# Stretches -----------------------------------------------------------------------------------


class Loudness(silero.SpeechProbability):
    """How loud a frame is, for the probability of speech: so tests say where somebody speaks."""

    def _run(self, frames: Any) -> Any:
        return np.abs(frames).mean(axis=1).astype(np.float32) if len(frames) else frames[:, 0]


@pytest.fixture
def loudness(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(silero, "SpeechProbability", Loudness)


def sound_of(odds: list[float], rest: int = 0) -> np.ndarray:
    """A frame of sound for each of the odds, no two samples alike; then `rest` samples."""
    level = np.repeat(np.asarray(odds, np.float64), FRAME)
    level = np.append(level, np.full(rest, odds[-1] if odds else 0.0))
    return (level + np.arange(len(level)) % 9973 * 1e-7).astype(np.float32)


def cut(sound: np.ndarray, blocks: list[int] | None = None, **options: Any) -> list[Stretch]:
    """All stretches of `sound`, fed in blocks of these lengths, the rest in one."""

    def parts() -> Iterator[np.ndarray]:
        at = 0
        for size in blocks or []:
            yield sound[at : at + size]
            at += size
        yield sound[at:]

    stretches = Stretches(**options)
    found = [stretch for part in parts() for stretch in stretches.feed(part)]
    return found + list(stretches.end())


def same(one: list[Stretch], other: list[Stretch]) -> bool:
    return len(one) == len(other) and all(
        (a.start_s, a.speech, a.channel) == (b.start_s, b.speech, b.channel)
        and np.array_equal(a.samples, b.samples)
        for a, b in zip(one, other, strict=True)
    )


def holds(found: list[Stretch], sound: np.ndarray, odds: list[float], longest: float) -> None:
    """What is true of the stretches of any recording."""
    ended = 0.0
    for stretch in found:
        first = round(stretch.start_s * RATE)
        assert np.array_equal(stretch.samples, sound[first : first + len(stretch.samples)])
        assert stretch.start_s > ended - 1e-6 and len(stretch.samples)
        before = 32 if stretch.start_s == 0 else 8
        assert stretch.seconds <= longest + (before + 10.01) * SECOND
        ended = stretch.end_s
        at = stretch.start_s
        for start, end in stretch.speech:
            assert at - 1e-6 < start < end < stretch.end_s + SECOND + 1e-6
            at = end
    said = np.zeros(len(odds), bool)
    for stretch in found:
        for start, end in stretch.speech:
            said[round(start / SECOND) : round(end / SECOND)] = True
    loud = np.asarray(odds) >= 0.5
    for frame in range(2, len(odds)):
        if loud[frame - 2 : frame + 1].all():
            assert said[frame - 2 : frame + 1].any(), f"speech at {frame * SECOND} s is lost"


RUNS = st.lists(
    st.tuples(st.sampled_from([0.0, 0.2, 0.4, 0.6, 0.95]), st.integers(1, 140)), max_size=14
)


@settings(deadline=None, max_examples=40)
@given(RUNS, st.lists(st.integers(0, 40_000), max_size=8), st.integers(0, FRAME - 1))
def test_stretches_are_the_same_whatever_the_blocks(
    runs: list[tuple[float, int]], blocks: list[int], rest: int
) -> None:
    odds = [value for value, frames in runs for _ in range(frames)]
    sound = sound_of(odds, rest)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(silero, "SpeechProbability", Loudness)
        whole = cut(sound, max_seconds=6.0)
        assert same(whole, cut(sound, blocks, max_seconds=6.0))
        assert same(whole, cut(sound, [FRAME // 2] * 20, max_seconds=6.0))
    holds(whole, sound, odds, 6.0)


@pytest.mark.usefixtures("loudness")
def test_speech_from_the_first_sample_to_the_last() -> None:
    odds = [0.9] * 100
    sound = sound_of(odds, 100)
    (stretch,) = cut(sound)
    assert stretch.start_s == 0.0 and np.array_equal(stretch.samples, sound)
    assert stretch.speech == ((0.0, 101 * SECOND),)


@pytest.mark.usefixtures("loudness")
def test_the_first_second_is_kept_with_the_speech_that_begins_in_it() -> None:
    (early,) = cut(sound_of([0.0] * 32 + [0.9] * 60))
    (late,) = cut(sound_of([0.0] * 33 + [0.9] * 60))
    assert early.start_s == 0 and early.speech[0][0] == pytest.approx(32 * SECOND)
    assert late.start_s == pytest.approx(25 * SECOND)


@pytest.mark.usefixtures("loudness")
def test_pauses_part_stretches_and_clicks_are_none() -> None:
    odds = [0.0] * 50 + [0.9] * 2 + [0.0] * 100  # a click
    odds += [0.9] * 60 + [0.0] * 30 + [0.9] * 60  # a breath inside
    odds += [0.0] * 180 + [0.9] * 60 + [0.0] * 100  # 5.8 s of nothing before it
    first, second = cut(sound_of(odds))
    assert [round(end - start, 3) for start, end in first.speech] == [1.92, 1.92]
    assert len(second.speech) == 1
    assert first.start_s == pytest.approx(152 * SECOND - 8 * SECOND)
    assert first.speech_s == pytest.approx(120 * SECOND)
    assert not first.alone and not second.alone


@pytest.mark.usefixtures("loudness")
def test_a_clip_has_a_window_of_its_own_length() -> None:
    from datapartnerships.speech._pool import window_s

    words = [0.0] * 20 + [0.9] * 60 + [0.0] * 20
    (clip,) = cut(sound_of(words))
    assert clip.alone and window_s(clip) == 12.8
    first, second = cut(sound_of(words + [0.0] * 200 + words))
    assert not first.alone and not second.alone and window_s(first) == 16
    (longer,) = cut(sound_of([0.9] * 430))
    assert longer.alone and window_s(longer) == 16


@pytest.mark.usefixtures("loudness")
def test_ten_minutes_without_a_pause_are_cut_where_speech_is_least_likely() -> None:
    odds = np.random.default_rng(5).uniform(0.9, 1.0, 600 * RATE // FRAME)
    odds[500::500] = 0.5  # every 16 s: the place to cut, where it is in reach
    sound = sound_of(odds.tolist())
    found = cut(sound, [RATE * 30] * 20)
    holds(found, sound, odds.tolist(), 20.0)
    assert np.array_equal(np.concatenate([stretch.samples for stretch in found]), sound)
    assert all(10 <= stretch.seconds <= 20 for stretch in found[:-1])
    assert [round(s.end_s / SECOND / 500) for s in found[:-1]] == list(range(1, len(found)))
    assert all((s.end_s / SECOND + 4) % 500 < 8 for s in found[:-1])


def test_silence_noise_and_nothing_are_no_speech() -> None:
    noise = np.random.default_rng(1).standard_normal(RATE * 20).astype(np.float32) * 0.05
    for sound in (np.zeros(RATE * 20, np.float32), noise, np.zeros(0, np.float32)):
        assert cut(sound, [5000, 0, 1]) == []


def test_real_speech(real_data: Path) -> None:
    av = pytest.importorskip("datapartnerships._backends.av")
    with av.Recording(str(real_data / JFK), channels="mix") as recording:
        sound = np.concatenate([block[0] for block in recording.blocks()])
    whole = cut(sound)
    assert same(whole, cut(sound, [7, 16_001, 3, 48_000]))
    # "And so my fellow Americans, ask not ...": within the first second, to the last half.
    assert 0.2 < whole[0].speech[0][0] < 0.6 and 10.2 < whole[-1].speech[-1][1] < 11
    # Cut at the first and last sound of it, all of it is still found.
    low, high = (round(x * RATE) for x in (whole[0].speech[0][0], whole[-1].speech[-1][1]))
    cropped = cut(sound[low:high])
    assert cropped[0].start_s == 0.0
    assert cropped[-1].end_s == pytest.approx((high - low) / RATE, abs=0.2)


# The value -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "given",
    [
        {"engine": "whisper"}, {"compute_type": "int4"}, {"model": None}, {"languages": "en"},
        {"languages": ["English"]}, {"languages": ["EN"]}, {"max_seconds": 4}, {"max_seconds": 30},
        {"beam_size": 0}, {"beam_size": 1.5}, {"aligner": {"en": "x"}, "engine": "faster-whisper"},
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_value_is_said(given: dict[str, Any]) -> None:
    name = "engine" if "aligner" in given else next(iter(given))
    with pytest.raises(InvalidParameter, match=name):
        Asr(**given)


def test_a_value_takes_paths_and_lists(tmp_path: Path) -> None:
    asr = Asr(model=tmp_path, languages=["en", "is"])  # type: ignore[arg-type]
    assert asr.model == str(tmp_path) and asr.languages == ("en", "is")
    assert hash(asr) == hash(Asr(model=str(tmp_path), languages=("en", "is")))


def test_the_environment_names_the_model_and_a_recipe_keeps_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert Asr().model == ""
    plain = config.to_plain(readers.FolderReader("in"))
    assert plain == {"FolderReader": {"path": "in"}}
    monkeypatch.setenv(MODEL_VARIABLE, "/models/base")
    assert Asr().model == "/models/base"
    # A recipe that says nothing follows the environment; one that was written says what it was.
    assert config.from_plain(plain, kind="readers").asr.model == "/models/base"
    for reader in (readers.FolderReader("in"), readers.AudioReader("in")):
        recipe = dp.Pipeline(reader, ()).to_yaml()
        assert "asr:\n" in recipe and "model: /models/base" in recipe
        monkeypatch.setenv(MODEL_VARIABLE, "/models/other")
        assert dp.Pipeline.from_yaml(recipe).reader == reader
        monkeypatch.delenv(MODEL_VARIABLE)
        assert dp.Pipeline.from_yaml(recipe).reader == reader
        monkeypatch.setenv(MODEL_VARIABLE, "/models/base")


@pytest.mark.parametrize(
    "asr",
    [
        Asr(model="base"), Asr(model="base", languages=("is", "da"), words=False, max_seconds=12.5),
        Asr(engine="faster-whisper", retry=False), None,
    ],
)  # fmt: skip
def test_goes_through_yaml(asr: Asr | None) -> None:
    pipeline = dp.Pipeline(readers.VideoReader("in", asr=asr), ())
    again = dp.Pipeline.from_yaml(pipeline.to_yaml())
    assert again == pipeline and again.fingerprint == pipeline.fingerprint


def test_the_fingerprint_follows_what_is_recognized_with_what() -> None:
    one = {readers.FolderReader("in", asr=asr): asr for asr in (
        Asr(), Asr(model="base"), Asr(model="small"), Asr(model="base", languages=("is",)),
        Asr(model="base", retry=False), Asr(model="base", words=False),
    )}  # fmt: skip
    assert len({config.fingerprint(reader) for reader in one}) == len(one) == 6


def test_a_recipe_names_what_it_does_not_know() -> None:
    with pytest.raises(dp.errors.ConfigurationError, match="Did you mean 'model'"):
        dp.Pipeline.from_yaml("reader: {AudioReader: {asr: {modle: base}}}")
    with pytest.raises(dp.errors.ConfigurationError, match="a mapping"):
        dp.Pipeline.from_yaml("reader: {AudioReader: {asr: base}}")


# Second looks --------------------------------------------------------------------------------


def placed(text: str, start: float = 0.0, each: float = 0.4, **more: Any) -> Heard:
    """`text` as heard, a word every `each` seconds."""
    words = [
        Word(f" {word}", round(start + i * each, 3), round(start + (i + 1) * each, 3), 0.9)
        for i, word in enumerate(text.split())
    ]
    return Heard(text, "en", more.pop("confidence", 0.9), more.pop("no_speech", 0.01), words)


def test_holes_are_speech_without_words() -> None:
    words = placed("the boat came in").words  # to 1.6 s
    assert looks.holes(words, [(0.0, 1.7)]) == []
    assert looks.holes(words, [(0.0, 1.7), (4.0, 7.0)]) == [(4.0, 7.0)]
    assert looks.holes(words, [(0.0, 1.7), (4.0, 5.4)]) == []  # shorter than what counts
    assert looks.holes([], [(1.0, 3.0), (5.0, 5.5)]) == [(1.0, 3.0)]
    # A word that is said to last for ten seconds hides nothing: it is somewhere at either end.
    (low, high) = looks.holes([Word(" sea", 0.0, 10.0, 0.9)], [(0.0, 10.0)])[0]
    assert 0.5 < low < 1.5 and 8.5 < high < 9.5


def test_what_needs_another_look() -> None:
    speech = [(0.0, 4.0)]
    good = placed("the boat came in at noon and nobody stood there")
    assert looks.flags(good, speech) == () and not looks.needed(good, speech)
    assert looks.needed(good, [(0.0, 4.0), (5.0, 8.0)])
    unsure = placed("the boat came in at noon and nobody stood there", confidence=0.3)
    assert not looks.needed(unsure, speech)
    loop = placed("and the boat " * 30, each=0.05)
    assert "loop" in looks.flags(loop, speech) and looks.needed(loop, speech)
    assert looks.badness(loop, speech) > looks.badness(unsure, speech) > looks.badness(good, speech)
    hurried = placed("nobody stood at the pier when the first boat of the year came in " * 4)
    assert "rate" in looks.flags(hurried, [(0.0, 2.0)])


def test_what_is_heard_twice() -> None:
    speech = ((0.1, 4.0),)
    clip = Stretch(0.0, np.linspace(0.1, 0.2, 4 * RATE, dtype=np.float32), speech, alone=True)
    text = "the boat came in at noon"
    assert looks.unsure(placed(text, confidence=0.55), clip)
    assert not looks.unsure(placed(text, confidence=0.45), clip)
    assert not looks.unsure(placed(text, confidence=0.6), clip)
    assert not looks.unsure(placed(text, confidence=0.55), replace(clip, alone=False))
    ghost, quiet = placed("Thank you.", confidence=0.55, no_speech=0.95), replace(clip, speech=())
    assert looks.flags(ghost, ()) == ("silence",) and not looks.unsure(ghost, quiet)
    behind = looks.later(clip)
    before = round(-behind.start_s * RATE)
    assert before > 0 and not behind.samples[:before].any()
    assert np.array_equal(behind.samples[before:], clip.samples)
    assert behind.samples.dtype == np.float32 and behind.end_s == pytest.approx(clip.end_s)


def test_the_likelier_text_is_kept_but_not_for_lost_speech() -> None:
    speech = [(0.0, 2.0)]
    old = replace(placed("the boat came in at noon", confidence=0.5), tokens=7)
    assert looks.likelier(replace(old, confidence=0.6), old, speech)
    assert not looks.likelier(old, old, speech)
    # Longer, each token likelier, the whole not.
    assert not looks.likelier(replace(old, confidence=0.55, tokens=9), old, speech)
    lost = replace(placed("the", confidence=0.9), tokens=2)
    assert looks.holes(lost.words, speech) and not looks.likelier(lost, old, speech)
    assert looks.likelier(lost, replace(old, words=[]), speech)


def test_text_on_silence_is_taken_out_and_the_rest_is_kept() -> None:
    ghost = placed("Thank you.", confidence=0.2, no_speech=0.9)
    judged = looks.judged(ghost, [(0.0, 0.1)])
    assert judged.flags == ["silence"] and judged.text == "" and judged.words == []
    good = looks.judged(placed("the boat came in at noon"), [(0.0, 2.4)])
    assert good.flags == [] and good.text


# Utterances ----------------------------------------------------------------------------------


def said(heard: Heard, speech: list[tuple[float, float]], speaker: str | None = None) -> list[Any]:
    return utterances(heard, speech, origin="asr", who=Only(speaker), words=True)


def texts(text: str, **options: Any) -> list[str]:
    heard = placed(text, **options)
    return [u.text for u in said(heard, [(0.0, heard.words[-1].end_s)])]


def test_sentences() -> None:
    assert texts("The boat came. Nobody stood there! Who knew?") == [
        "The boat came.", "Nobody stood there!", "Who knew?",
    ]  # fmt: skip
    assert texts("We asked Mr. Berg and J. R. Olsen of the U.S. Navy.") == [
        "We asked Mr. Berg and J. R. Olsen of the U.S. Navy."
    ]
    assert texts("Am 3. Mai fuhr das Boot.") == ["Am 3. Mai fuhr das Boot."]
    assert texts("It cost 3.5 crowns... or so. Yes.") == ["It cost 3.5 crowns... or so.", "Yes."]
    assert texts("Who wants it? You. Not me. Go on.") == [
        "Who wants it?",
        "You.",
        "Not me.",
        "Go on.",
    ]
    assert texts("Fundur hófst kl. 9 hjá Dr. Bergi.") == ["Fundur hófst kl. 9 hjá Dr. Bergi."]
    assert texts('He said "never." Then he left.') == ['He said "never."', "Then he left."]


def test_a_pause_parts_utterances() -> None:
    first, second = placed("and so they", 0.0), placed("came home", 2.4)
    heard = Heard("and so they came home", "en", 0.9, 0.0, first.words + second.words)
    one, two = said(heard, [(0.0, 1.2), (2.4, 3.2)], speaker="channel 2")
    assert (one.text, one.start_s, one.end_s) == ("and so they", 0.0, 1.2)
    assert (two.text, two.start_s, two.end_s) == ("came home", 2.4, 3.2)
    assert {one.speaker, two.speaker} == {"channel 2"} and one.language == "en"


def test_marks_belong_to_their_word() -> None:
    words = [Word(*w, 0.9) for w in ((" Nei", 0.0, 0.4), (",", 0.4, 3.0), (" takk", 3.0, 3.4))]
    words.append(Word(".", 3.4, 3.4, 0.2))
    (found,) = said(Heard("Nei, takk.", "is", 0.9, 0.0, words), [(0.0, 3.4)])[:1]
    # The mark takes the pause behind it, and not the word.
    assert found.text == "Nei," and found.end_s == 0.4


def test_a_writing_without_spaces() -> None:
    words = [Word(w, i * 0.5, i * 0.5 + 0.5, 0.9) for i, w in enumerate(
        ["船", "が", "来", "まし", "た", "。", "誰", "も", "い", "ない", "。"]
    )]  # fmt: skip
    heard = Heard("".join(word.text for word in words), "ja", 0.9, 0.0, words)
    one, two = said(heard, [(0.0, 5.5)])
    assert (one.text, two.text) == ("船が来ました。", "誰もいない。")
    assert [one.text[w["start"] : w["end"]] for w in one.words] == [
        "船", "が", "来", "まし", "た。",
    ]  # fmt: skip


def test_lost_speech_is_an_empty_utterance_with_its_place() -> None:
    heard = placed("the boat came in")
    found = said(heard, [(0.0, 1.6), (5.0, 9.0)])
    assert [(u.text, u.start_s, u.end_s, u.flags) for u in found] == [
        ("the boat came in", 0.0, 1.6, None),
        ("", 5.0, 9.0, ["lost"]),
    ]
    (nothing,) = said(Heard("", "en", 0.4, 0.0), [(2.0, 4.0)])
    assert (nothing.text, nothing.flags, nothing.language) == ("", ["lost"], None)


WORDS = st.lists(
    st.tuples(
        st.text(string.ascii_letters + "éþß0123456789船が'", min_size=1, max_size=7),
        st.sampled_from(["", "", "", ".", ",", "?", "...", "。"]),
        st.sampled_from([0.0, 0.1, 0.3, 1.0, 2.5]),
        st.sampled_from([0.0, 0.0, 0.04, 0.6, 1.4]),
        st.booleans(),
    ),
    min_size=1,
    max_size=30,
)


@settings(deadline=None, max_examples=100)
@given(WORDS, st.booleans())
def test_words_point_at_the_text_and_times_only_grow(
    given: list[tuple[str, str, float, float, bool]], spaced: bool
) -> None:
    words, speech, at = [], [], 0.0
    for text, mark, length, pause, own in given:
        words.append(Word((" " if spaced else "") + text, at, at + length, 0.8))
        if length:
            speech.append((at, at + length))
        at += length
        if mark:
            words.append(Word(mark, at, at + pause, 0.5))
        at += pause if not own else 0.0
    heard = Heard("".join(word.text for word in words).strip(), "en", 0.8, 0.0, words)
    found = [u for u in said(heard, speech) if u.text]
    squeezed = "".join("".join(u.text for u in found).split())
    assert squeezed == "".join(heard.text.split())
    last = 0.0
    for utterance in found:
        assert utterance.start_s >= last - 1e-6 and utterance.end_s >= utterance.start_s
        assert utterance.end_s <= at + 1e-3 + max(g[3] for g in given)
        pieces = [utterance.text[w["start"] : w["end"]] for w in utterance.words]
        assert all(piece and piece == piece.strip() for piece in pieces)
        assert "".join(pieces) == "".join(utterance.text.split())
        for word in utterance.words:
            assert last - 1e-6 <= word["start_s"] <= word["end_s"]
            last = word["end_s"]
        assert utterance.text == utterance.text.strip()

"""Errors of transcription: what a recognizer said that was not said, and what it left out.

`find` looks at many utterances at once, `faults` at one, `lost` at a whole recording. A flag is a
single word: ``loop``, ``silence``, ``rate``, ``language``, ``lost``; its reason is in numbers. How
much was spoken is counted in spoken letters: letters and digits without spaces, so that languages
of long words are like others, and weighted by script (`_function_words.BLOCKS`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from datapartnerships.kernels._caption_phrases import ANSWERS, CREDITS, PARTINGS
from datapartnerships.kernels._loops import Floats, Ints, repeated_share, repeats
from datapartnerships.kernels._transcription_words import Words, foreign

FLAGS = ("loop", "silence", "rate", "language", "lost")
FAULTS = pa.schema([("segment", pa.int32()), ("flag", pa.string()), ("reason", pa.string())])
Found = list[tuple[int, str, str]]


@dataclass(frozen=True, kw_only=True)
class Limits:
    """From where on something is a fault. Figures of `benchmarks/transcription_errors.py`.

    Attributes:
        loop_letters, loop_copies: a unit of up to so many spoken letters may stand so many times in
            a row; one more number for the longest units. High for short ones: roll calls, dictated
            digits and laughter have runs of a dozen.
        answers_rate, answers: units of up to five letters in an utterance of fewer letters a second
            than this are answers, counts or votes with pauses between them, and a loop only from so
            many on (roll calls are read at two or three; loops fill their window).
        word_copies: within one word a unit of one letter, of two, and of three to six may stand so
            many times at its beginning, where laughter and songs are, and half as often further in;
            a letter that nobody can draw out (`STOPS`) a third as often. The most in the 22
            languages of the corpus is 21 for a letter (x, a blank to be filled in), 4 for two.
        max_rate: spoken letters a second of speech. Ordinary speech has 4.3 to 9.1 syllables a
            second over 17 languages (Coupe, Oh, Dediu and Pellegrino 2019), about 2.5 letters each.
        hurried_rate: from here on half the copies are a loop.
        min_rate, min_rate_seconds: fewer letters a second than this, over at least so much speech.
        max_speech_share: at most this share of an utterance is speech where nobody speaks.
        no_speech, min_confidence: Whisper's own thresholds (0.6, and -1 as a log probability).
        lowest_confidence, mumbled_rate: below both, nobody speaks, whatever a detector of voices
        says. language_words: words from which on the small words of a language are counted.
        language_share: of a recording that is one language, before another one is a fault.
        lost_seconds: a stretch of speech without text, from this length on.
    """

    loop_letters: tuple[int, ...] = (2, 5, 9, 15, 29)
    loop_copies: tuple[int, ...] = (30, 16, 9, 7, 5, 4)
    answers_rate: float = 6.0
    answers: int = 40
    word_copies: tuple[int, int, int] = (24, 18, 12)
    max_rate: float = 28.0
    hurried_rate: float = 22.0
    min_rate: float = 2.0
    min_rate_seconds: float = 4.0
    max_speech_share: float = 0.1
    no_speech: float = 0.6
    min_confidence: float = 0.37
    lowest_confidence: float = 0.2
    mumbled_rate: float = 5.0
    language_words: int = 8
    language_share: float = 0.8
    lost_seconds: float = 1.5


LIMITS = Limits()
# Letters of sounds that end at once, laughter in any language (k) left out.
STOPS = np.array([ord(letter) for letter in "bcdgpqtðþбгдптβγδπτ"])


@dataclass(frozen=True)
class Utterances:
    """Columns of utterances, documents in turn; NaN is unknown.

    Attributes:
        document: the row of each utterance, rising.
        speech_seconds: seconds of speech in it, by whatever heard them.
        confidence: mean probability of its tokens, 0 to 1.
        no_speech: probability that there is no speech, by the recognizer.
        speaker, language: strings, null for unknown.
    """

    texts: pa.Array
    document: Ints
    start_s: Floats
    end_s: Floats
    speech_seconds: Floats
    confidence: Floats
    no_speech: Floats
    speaker: pa.Array
    language: pa.Array

    @classmethod
    def of(cls, texts: Sequence[str | None], **columns: Any) -> Utterances:
        """From Python lists; a column that is not given is unknown, the document is one."""
        size = len(texts)

        def numbers(name: str) -> Floats:
            values = columns.get(name) or [None] * size
            return np.array([np.nan if v is None else v for v in values], float)

        def strings(name: str) -> pa.Array:
            return pa.array(columns.get(name) or [None] * size, pa.string())

        return cls(
            pa.array(texts, pa.string()),
            np.array(columns.get("document") or [0] * size, np.int64),
            numbers("start_s"),
            numbers("end_s"),
            numbers("speech_seconds"),
            numbers("confidence"),
            numbers("no_speech"),
            strings("speaker"),
            strings("language"),
        )


def faults(
    text: str,
    seconds: float | None = None,
    speech_seconds: float | None = None,
    *,
    confidence: float | None = None,
    no_speech: float | None = None,
    language: str | None = None,
    limits: Limits = LIMITS,
) -> tuple[str, ...]:
    """The flags of one stretch of sound and what a recognizer made of it.

    Args:
        seconds: length of the stretch; None where it is not known.
        speech_seconds: seconds of speech in it.
        confidence: mean probability of the tokens (exp of Whisper's ``avg_logprob``).
        no_speech: Whisper's ``no_speech_prob``.
        language: that was asked for, or found before.
    """
    one = Utterances.of(
        [text],
        start_s=[0.0],
        end_s=[seconds],
        speech_seconds=[speech_seconds],
        confidence=[confidence],
        no_speech=[no_speech],
        language=[language],
    )
    asked = (language,) if language else ()
    found = {flag for _, flag, _ in find(one, limits=limits, asked=asked)}
    return tuple(flag for flag in FLAGS if flag in found)


def find(many: Utterances, *, limits: Limits = LIMITS, asked: Sequence[str] = ()) -> Found:
    """(utterance, flag, reason) of all utterances, each flag once an utterance, in order.

    Linear in the characters. What is found in a document depends on that document alone.

    Args:
        asked: languages that may be spoken, ISO 639-1; none for those of the recording itself.
    """
    words = Words(many.texts)
    seconds = many.end_s - many.start_s
    seconds = np.where(seconds > 0, seconds, np.nan)
    share = np.clip(many.speech_seconds / seconds, 0, 1)
    # Without a detector of voices all of it may be speech; where one hears little, and a recognizer
    # is sure of a text of ordinary pace, the detector is wrong (much reverberation does it).
    with np.errstate(divide="ignore", invalid="ignore"):
        pace = words.letters / seconds
    sure = (many.confidence >= 0.6) & (pace >= 5) & (pace <= limits.hurried_rate)
    deaf = np.isnan(many.speech_seconds) | ((share < 0.3) & sure)
    speech = np.where(deaf, seconds, many.speech_seconds)
    found: dict[tuple[int, str], str] = {}
    _loops(words, speech, many.confidence, limits, found)
    _loops_in_words(words, limits, found)
    _repeated_utterances(many, words, seconds, limits, found)
    _silence(many, words, seconds, share, limits, found)
    _rates(many, words, speech, limits, found)
    for index, reason in foreign(many, words, limits, asked):
        found[index, "language"] = reason
    order = sorted(found, key=lambda key: (key[0], FLAGS.index(key[1])))
    return [(index, flag, found[index, flag]) for index, flag in order]


def lost(
    speech: Sequence[tuple[float, float]],
    utterances: Sequence[tuple[float, float]],
    *,
    limits: Limits = LIMITS,
    slack_s: float = 0.5,
) -> list[tuple[float, float]]:
    """Stretches of speech of which nobody wrote anything down.

    Args:
        speech: (start, end) in seconds, as a detector of voices heard it.
        utterances: (start, end) of the utterances that have a text.
        slack_s: an utterance covers so much before and behind it: its times are not exact.
    """
    covered = sorted((start - slack_s, end + slack_s) for start, end in utterances)
    out, at = [], 0
    for start, end in sorted(speech):
        place = start
        while at < len(covered) and covered[at][1] <= place:
            at += 1
        k = at
        while k < len(covered) and covered[k][0] < end:
            if covered[k][0] - place >= limits.lost_seconds:
                out.append((place, covered[k][0]))
            place = max(place, covered[k][1])
            k += 1
        if end - place >= limits.lost_seconds:
            out.append((place, end))
    return out


def _loops(
    words: Words, speech: Floats, confidence: Floats, limits: Limits, found: dict[Any, str]
) -> None:
    with np.errstate(divide="ignore", invalid="ignore"):
        rate = words.letters / speech
    for tokens, parent, weight, longest in (
        (words.characters, words.character_text, words.character_weight, 40),
        (words.tokens, words.token_text, words.token_weight, 24),
    ):
        start, _, _, unit, copies = repeats(tokens, parent, weight, longest)
        text = parent[start]
        step = np.searchsorted(np.array(limits.loop_letters), np.floor(unit))
        needed = np.array(limits.loop_copies, float)[step]
        short = (unit >= 1) & (unit <= 5)
        slow = short & (rate[text] < limits.answers_rate)
        needed = np.where(slow, np.maximum(limits.answers, needed), needed)
        needed = np.where(short & np.isnan(rate[text]), 1.5 * needed, needed)
        needed = np.where(rate[text] > limits.hurried_rate, np.maximum(3, needed / 2), needed)
        for i in np.flatnonzero((copies >= needed) & (unit > 0)):
            found.setdefault(
                (int(text[i]), "loop"),
                f"{unit[i]:.0f} letters {copies[i]:.0f} times in a row (limit {needed[i]:.0f})",
            )
    # Marks alone, over and over.
    for i in np.flatnonzero(words.marks >= 24):
        found.setdefault((int(i), "loop"), f"{words.marks[i]:.0f} marks in a row (limit 24)")
    # Loops that change a little as they go: what is said again, at a pace nobody speaks at; or most
    # of it again, quicker than is usual, and the recognizer unsure.
    count = np.bincount(words.token_text, minlength=len(rate))
    again = repeated_share(words.tokens, words.token_text, 3, len(rate))
    unlikely = (again >= 0.4) & (rate > limits.hurried_rate)
    unlikely |= (again >= 0.5) & (rate > 16) & (confidence < 0.6)
    for i in np.flatnonzero((count >= 20) & unlikely):
        found.setdefault(
            (int(i), "loop"),
            f"{again[i]:.0%} of it said before, {rate[i]:.0f} letters a second of speech",
        )


def _loops_in_words(words: Words, limits: Limits, found: dict[Any, str]) -> None:
    """Letters over and over in one word, as no language writes it, whatever the pace."""
    word, letters = words.character_word, words.characters
    start, _, period, _, copies = repeats(letters, word, words.character_weight, 6)
    before = start - np.searchsorted(word, word[start])
    needed = np.array(limits.word_copies, float)[np.minimum(period, 3) - 1]
    one = period == 1
    needed[one & np.isin(letters[start], STOPS)] /= 3
    needed[~one & (before > 2)] /= 2
    for i in np.flatnonzero(copies >= needed):
        found.setdefault(
            (int(words.character_text[start[i]]), "loop"),
            f"{period[i]} letters {copies[i]:.0f} times in one word (limit {needed[i]:.0f})",
        )


def _repeated_utterances(
    many: Utterances, words: Words, seconds: Floats, limits: Limits, found: dict[Any, str]
) -> None:
    """The same utterance, or the same few in turn, again and again."""
    codes = words.text_codes
    start, stop, period, unit, copies = repeats(codes, many.document, words.letters, 4)
    # Strictly: speakers known and several are people who answer, not a loop.
    speakers = np.asarray(many.speaker.dictionary_encode().indices.fill_null(-1))
    for first, last, step, letters, times in zip(start, stop, period, unit, copies, strict=True):
        if letters <= 0 or len(set(speakers[first:last].tolist())) > 1 or times < 4:
            continue
        gaps = many.start_s[first + step : last] - many.start_s[first : last - step]
        gaps = gaps[1:]  # the first may have been said
        regular = bool(len(gaps) and np.ptp(gaps) < 0.05 * max(float(gaps.mean()), 0.1))
        pace = words.letters[first:last] / seconds[first:last]
        natural = bool(np.all((pace > 5) & (pace < limits.hurried_rate)))
        if letters <= 9:
            hit = regular or times >= 30
        else:
            hit = regular or not natural or times >= 8
        if hit:
            for i in range(int(first + step), int(last)):
                found.setdefault(
                    (i, "loop"),
                    f"the same {step} utterances {times:.0f} times in a row"
                    if step > 1
                    else f"the same utterance {times:.0f} times in a row",
                )


def _silence(
    many: Utterances, words: Words, seconds: Floats, share: Floats, limits: Limits,
    found: dict[Any, str],
) -> None:  # fmt: skip
    confidence, no_speech = many.confidence, many.no_speech
    with np.errstate(divide="ignore", invalid="ignore"):
        rate = words.letters / seconds  # of the whole stretch
    said = words.letters > 0
    # Comparisons with NaN, the unknown, are false: what is not known speaks for nothing.
    quiet = share <= limits.max_speech_share
    doubted = (confidence < 0.6) | (no_speech >= 0.5) | (rate < 3) | np.isnan(confidence)
    unheard = ~(share >= 0.5)
    whisper = (no_speech >= limits.no_speech) & (confidence < limits.min_confidence) & unheard
    mumbled = (confidence < limits.lowest_confidence) & (rate < limits.mumbled_rate)
    credit = _holds(words.plain, CREDITS)
    parting = np.asarray(pc.is_in(words.plain, pa.array(PARTINGS)))
    answer = np.asarray(pc.is_in(words.plain, pa.array(ANSWERS)))
    half = share < 0.5
    credit &= half | (no_speech >= 0.5) | (confidence < 0.5) | (rate < 6) | (rate > limits.max_rate)
    parting &= half | (no_speech >= 0.5) | (confidence < 0.4) | (rate < 4)
    answer &= (share < 0.3) | (no_speech >= 0.8) | ((rate < 1.5) & (seconds >= 3))
    phrase = credit | parting | answer
    for i in np.flatnonzero(said & ((quiet & doubted) | whisper | mumbled | phrase)):
        known = (
            ("", "a phrase of captions", phrase[i]),
            ("speech share ", f"{share[i]:.2f}", not np.isnan(share[i])),
            ("no-speech probability ", f"{no_speech[i]:.2f}", not np.isnan(no_speech[i])),
            ("confidence ", f"{confidence[i]:.2f}", not np.isnan(confidence[i])),
            ("letters a second ", f"{rate[i]:.1f}", not np.isnan(rate[i])),
        )
        found[int(i), "silence"] = ", ".join(a + b for a, b, there in known if there)


def _rates(
    many: Utterances, words: Words, speech: Floats, limits: Limits, found: dict[Any, str]
) -> None:
    # Times are cut to tenths of a second and voices found late: short stretches get the benefit.
    with np.errstate(divide="ignore", invalid="ignore"):
        fast = words.letters / (speech + 0.3)
        # A digit is a word or nearly so when it is spoken.
        slow = (words.letters + 4 * words.digits) / speech
    heard = ~np.isnan(many.speech_seconds)
    empty = (words.letters == 0) & heard & (speech >= limits.lost_seconds)
    many_letters = (fast > limits.max_rate) & (words.letters >= 10)
    few = (slow < limits.min_rate) & (speech >= limits.min_rate_seconds) & (words.letters > 0)
    for i in np.flatnonzero(many_letters):
        found[int(i), "rate"] = (
            f"{fast[i]:.0f} letters a second of speech (limit {limits.max_rate:.0f})"
        )
    for i in np.flatnonzero(few):
        found[int(i), "rate"] = (
            f"{slow[i]:.1f} letters a second of speech (at least {limits.min_rate:.1f})"
        )
    for i in np.flatnonzero(empty):
        found[int(i), "lost"] = f"{speech[i]:.1f} s of speech without a word"


def _holds(texts: pa.Array, phrases: Sequence[str]) -> Any:
    hit = np.zeros(len(texts), bool)
    # Furniture is short: nothing is looked for in long texts.
    short = np.asarray(pc.less(pc.utf8_length(texts), 120))
    some = texts.filter(pa.array(short))
    inside = np.zeros(len(some), bool)
    for phrase in phrases:
        inside |= np.asarray(pc.match_substring(some, phrase))
    hit[short] = inside
    return hit

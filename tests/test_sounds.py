"""The scan of sounds and the acoustic fingerprint, on sounds that are made here."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from datapartnerships import transforms
from datapartnerships.errors import InvalidParameter
from datapartnerships.kernels.sound_print import STEP_S, SoundPrint, keys, longest, matches, words
from datapartnerships.kernels.sounds import Region, SoundScan, sound_segments
from datapartnerships.schema import Document, Segment, documents_to_table

RATE = 16000


def babble(seed: int, seconds: float) -> Any:
    """Noise whose color changes like that of syllables: no two seeds alike."""
    rng = np.random.default_rng(seed)
    parts, have = [], 0
    while have < seconds * RATE:
        size = int(rng.uniform(0.08, 0.3) * RATE)
        spectrum = np.fft.rfft(rng.standard_normal(size))
        f = np.fft.rfftfreq(size, 1 / RATE)
        for _ in range(3):
            spectrum *= 0.05 + np.exp(-(((f - rng.uniform(200, 3200)) / 400) ** 2))
        part = np.fft.irfft(spectrum, size)
        parts.append(part / np.abs(part).max() * rng.uniform(0.05, 0.5))
        have += size
    return np.concatenate(parts)[: int(seconds * RATE)].astype(np.float32)


def chords(seconds: float) -> Any:
    t = np.arange(int(seconds * RATE)) / RATE
    sound = np.zeros(len(t))
    for bar in range(int(seconds) + 1):
        here = (t >= bar) & (t < bar + 1)
        for note in (0, 4, 7, 12):
            f = 220 * 2 ** ((note + (0, 5, 7, 5)[bar % 4]) / 12)
            for k in (1, 2, 3):
                sound[here] += np.sin(2 * np.pi * k * f * t[here]) / k**2
    return (0.05 * sound).astype(np.float32)


def scan(sound: Any, cuts: list[int] | None = None) -> list[Region]:
    one = SoundScan()
    for part in np.split(sound, sorted(cuts or [])):
        one.feed(part)
    return one.end()


def fingerprint(sound: Any, cuts: list[int] | None = None) -> bytes:
    one = SoundPrint()
    for part in np.split(sound, sorted(cuts or [])):
        one.feed(part)
    return one.end()


MIXED = np.concatenate([babble(1, 9), np.zeros(4 * RATE, np.float32), chords(12.3)])


@settings(max_examples=6, deadline=None)
@given(st.lists(st.integers(0, len(MIXED)), max_size=30))
def test_cuts_of_the_stream_change_nothing(cuts: list[int]) -> None:
    assert scan(MIXED, cuts) == scan(MIXED)
    assert fingerprint(MIXED, cuts) == fingerprint(MIXED)


def test_silence_and_music_have_their_places() -> None:
    regions = scan(MIXED)
    [silence] = [r for r in regions if r.label == "silence"]
    assert (silence.start_s, silence.end_s) == pytest.approx((9, 13), abs=0.15)
    [music] = [r for r in regions if r.label == "music"]
    assert music.start_s == pytest.approx(13, abs=2) and music.end_s == pytest.approx(25.3, abs=0.5)
    for one, other in itertools.pairwise(regions):
        assert one.end_s <= other.start_s


def test_loudness_does_not_count() -> None:
    labels = [[(r.label, r.start_s) for r in scan(MIXED * gain)] for gain in (1, 0.05)]
    assert labels[0] == labels[1]


def test_a_tone_and_noise() -> None:
    t = np.arange(10 * RATE) / RATE
    assert [r.label for r in scan(0.3 * np.sin(2 * np.pi * 1000 * t).astype(np.float32))] == [
        "tone"
    ]
    noise = np.random.default_rng(0).standard_normal(10 * RATE).astype(np.float32)
    assert [r.label for r in scan(0.1 * noise)] == ["noise"]


@pytest.mark.parametrize("length", [0, 1, 500, 3300, RATE, RATE * 8 + 1023])
def test_any_length(length: int) -> None:
    sound = babble(3, 10)[:length]
    assert all(r.end_s <= length / RATE for r in scan(sound))
    assert len(words(fingerprint(sound))) <= max(0, length / RATE / STEP_S)


def test_silence_alone_and_what_is_no_number() -> None:
    [region] = scan(np.zeros(5 * RATE, np.float32))
    assert (region.label, region.start_s, region.end_s) == ("silence", 0, 5)
    broken = babble(4, 12)
    broken[::7] = np.nan
    broken[5::11] = np.inf
    scan(broken)
    assert len(words(fingerprint(broken))) > 20
    assert not words(fingerprint(np.zeros(60 * RATE, np.float32))).any()


def test_regions_become_segments() -> None:
    rows = sound_segments([Region(1.004, 9.5, "music", 0.81, True), Region(10, 12, "silence", 1.0)])
    assert rows[0] == Segment(
        "", "sound", start_s=1.0, end_s=9.5, ref="music", confidence=0.81, flags=["speech"]
    )
    assert rows[1].flags is None and rows[1].ref == "silence"


LONG = babble(11, 180)


def test_a_noisy_part_is_found_in_its_place() -> None:
    part = LONG[61 * RATE + 1234 : 101 * RATE] * 0.3
    part += 0.01 * np.random.default_rng(2).standard_normal(len(part)).astype(np.float32)
    found = matches(fingerprint(part), fingerprint(LONG))
    assert found[0].start_b - found[0].start_a == pytest.approx(61.08, abs=0.33)
    assert found[0].seconds > 34 and found[0].similarity > 0.75


def test_other_sound_is_no_match() -> None:
    prints = [fingerprint(babble(seed, 90)) for seed in range(5)]
    assert not [m for i, a in enumerate(prints) for b in prints[:i] for m in matches(a, b)]
    assert len(prints[0]) * 8 / 90 < 51


def test_silence_and_a_tone_match_nothing() -> None:
    quiet = fingerprint(np.zeros(90 * RATE, np.float32))
    assert matches(quiet, quiet) == []
    assert len(keys(quiet)[0]) == 0


def test_bytes_of_another_kind() -> None:
    with pytest.raises(ValueError, match="no fingerprint of this version"):
        words(b"abcdefgh")


def batch(**sounds: Any) -> pa.Table:
    return documents_to_table(
        Document(name, "radio", "audio", media={"fingerprint": sound and fingerprint(sound[0])})
        for name, sound in sounds.items()
    )


def test_copies_are_marked_and_programs_with_one_jingle_are_not() -> None:
    jingle = babble(50, 25)
    one = np.concatenate([jingle, babble(51, 60)])
    other = np.concatenate([babble(52, 70), jingle])
    table = batch(
        b_whole=[LONG],
        a_copy=[LONG[: 150 * RATE] * 0.2],
        c_part=[LONG[70 * RATE : 120 * RATE]],
        one=[one],
        other=[other],
        none=None,
        short=[LONG[: 12 * RATE]],
    )
    fit = transforms.DeduplicateRecordings()
    kept = fit.combine([fit.sketch([table])])
    assert kept == fit.combine([fit.sketch([table[4:]]), fit.sketch([table[2:4], table[:2]])])
    out = kept(table)
    reason = "DeduplicateRecordings: same recording (of b_whole)"
    assert dict(zip(table["id"].to_pylist(), out["drop_reason"].to_pylist(), strict=True)) == {
        "b_whole": None,
        "a_copy": reason,
        "c_part": reason,
        "one": None,
        "other": None,
        "none": None,
        "short": None,
    }


def test_of_copies_the_one_with_the_strictest_rights_stays() -> None:
    table = batch(whole=[LONG], other=[0.5 * LONG[:-RATE]])
    rows = table.to_pylist()
    rows[1]["rights"] = {"license": "CC-BY-4.0", "basis": "contract", "track": "private"}
    table = pa.Table.from_pylist(rows, table.schema)
    fit = transforms.DeduplicateRecordings()
    out = fit.combine([fit.sketch([table])])(table)
    reason = "DeduplicateRecordings: same recording (of other)"
    assert out["drop_reason"].to_pylist() == [reason, None]


@pytest.mark.parametrize("seconds", [10.0, 10.1, 10.9, 11.0, 20.0])
def test_the_shortest_copy_is_as_long_as_the_recording(seconds: float) -> None:
    """And not as what the fingerprint covers of it, which is up to two seconds less."""
    sound = babble(1, seconds)
    assert seconds <= longest(fingerprint(sound)) <= seconds + 0.33
    both = batch(first=[sound], second=[0.5 * sound])
    for least, copies in ((10.0, 1), (seconds + 1, 0)):
        fit = transforms.DeduplicateRecordings(min_seconds=least)
        done = fit.combine([fit.sketch([both])])(both)
        assert done["drop_reason"].null_count == 2 - copies
    assert longest(fingerprint(sound[:1000])) == 0.0


def _made(seed: int, seconds: float) -> Any:
    rng = np.random.default_rng(seed)
    return rng.integers(1, 1 << 16, int(seconds / STEP_S), dtype=np.uint16)


def _copied(found: Any, seed: int, wrong: float) -> Any:
    flips = np.random.default_rng(seed).random((len(found), 16)) < wrong
    return found ^ (flips * (1 << np.arange(16))).sum(axis=1).astype(np.uint16)


def _doubled(pairs: dict[str, tuple[Any, Any]]) -> dict[str, str]:
    rows = {f"{name}-{n}": found for name, both in pairs.items() for n, found in enumerate(both)}
    prints = [b"dpF1" + found.astype("<u2").tobytes() for found in rows.values()]
    loose = pa.array([0] * len(rows), pa.int8())
    table = pa.table(
        {"id": list(rows), "fingerprint": pa.array(prints, pa.binary()), "loose": loose}
    )
    found = transforms.DeduplicateRecordings().combine([table]).duplicates
    return {row["id"]: row["of"] for row in found.to_pylist()}


def test_minutes_with_wrong_bits_are_found() -> None:
    pairs = {}
    for seed in range(30):
        one = _made(seed, 90)
        pairs[f"{seed:02}"] = (one, _copied(one, seed, 0.16)[20:-20])
    found = _doubled(pairs)
    assert all(one[:2] == other[:2] for one, other in found.items())
    assert len(found) >= 27


def test_a_sample_of_the_keys_is_the_same_of_both_copies(monkeypatch: pytest.MonkeyPatch) -> None:
    pairs = {}
    for seed in range(6):
        one = _made(seed, 1800)
        pairs[f"{seed:02}"] = (one, _copied(one, seed, 0.12)[20:])
    module = "datapartnerships.transforms.deduplicate_recordings"
    monkeypatch.setattr(f"{module}._MOST_SHORT", 0)
    monkeypatch.setattr(f"{module}._MOST_KEYS", 25_000)  # of 67,000: a third is kept
    assert _doubled(pairs) == {f"{n:02}-1": f"{n:02}-0" for n in range(6)}


def test_a_recording_that_was_rejected_keeps_no_place() -> None:
    table = batch(whole=[LONG], copy=[LONG[: 150 * RATE]])
    table = table.set_column(
        table.schema.get_field_index("drop_reason"), "drop_reason", pa.array(["x: y", None])
    )
    fit = transforms.DeduplicateRecordings()
    assert fit.combine([fit.sketch([table])])(table)["drop_reason"].to_pylist() == ["x: y", None]


@pytest.mark.parametrize("options", [{"threshold": 0.0}, {"threshold": 1.1}, {"min_seconds": 2}])
def test_options_that_make_no_sense(options: dict[str, Any]) -> None:
    with pytest.raises(InvalidParameter):
        transforms.DeduplicateRecordings(**options)

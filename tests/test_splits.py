"""Splits: what belongs together stays together, on any machine and however it is cut."""

from __future__ import annotations

import random

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from datapartnerships import transforms
from datapartnerships.errors import InvalidParameter
from datapartnerships.kernels.splits import Shares, joined
from datapartnerships.schema import Document, Segment, documents_to_table


def talk(speakers: list[str | None], index: int, source: str = "court") -> Document:
    segments = [Segment("Some words.", "utterance", speaker=name) for name in speakers]
    return Document(f"{index:032x}", source, "audio", segments)


def splits(documents: list[Document], size: int = 1000, **options: object) -> list[str]:
    fit = transforms.SplitBySpeaker(**options)  # type: ignore[arg-type]
    table = documents_to_table(documents)
    cuts = [table.slice(i, size) for i in range(0, table.num_rows, size)]
    step = fit.combine([fit.sketch([part]) for part in cuts])
    found = pa.concat_tables([step(part) for part in cuts])["split"].to_pylist()
    assert set(found) <= {"train", "validation", "test"}
    return found


@settings(max_examples=100, deadline=None)
@given(
    st.lists(
        st.lists(st.sampled_from([None, *"ABCDEFGHIJKLMNOPQRST"]), max_size=4),
        min_size=1,
        max_size=30,
    ),
    st.integers(1, 7),
    st.randoms(use_true_random=False),
)
def test_no_speaker_is_in_two_splits(
    talks: list[list[str | None]], size: int, numbers: random.Random
) -> None:
    # Single letters are numbered voices by default; here they are names.
    talks = [[name and f"Mr {name}" for name in names] for names in talks]
    documents = [talk(names, i) for i, names in enumerate(talks)]
    found = splits(documents, test=0.3, validation=0.3)
    where: dict[str, set[str]] = {}
    for names, split in zip(talks, found, strict=True):
        for name in names:
            if name:
                where.setdefault(name, set()).add(split)
    assert all(len(places) == 1 for places in where.values())
    assert splits(documents, size, test=0.3, validation=0.3) == found
    order = list(range(len(talks)))
    numbers.shuffle(order)
    again = splits([documents[i] for i in order], size, test=0.3, validation=0.3)
    assert again == [found[i] for i in order]


def test_names_are_told_apart_as_people_write_them() -> None:
    documents = [
        talk([name], i) for i, name in enumerate(["Anna Lind", " anna  LIND ", "Anna Lund"])
    ]
    different = 0
    for seed in "abcdefghijkl":
        one, other, third = splits(documents, test=0.5, seed=seed)
        assert one == other
        different += one != third
    assert different
    elsewhere = [talk(["Anna Lind"], 1), talk(["Anna Lind"], 2, "another deposit")]
    assert any(len(set(splits(elsewhere, test=0.5, seed=s))) == 2 for s in "abcdefghijkl")


@pytest.mark.parametrize("name", ["SPEAKER_00", "channel 1", "Speaker 2", "S1", "A", "1", "", None])
def test_numbered_voices_are_others_in_every_recording(name: str | None) -> None:
    found = splits([talk([name], i) for i in range(60)], test=0.5)
    assert set(found) == {"train", "test"}
    assert splits([talk([name, "Judge Holm"], i) for i in range(60)], test=0.5) in (
        ["train"] * 60, ["test"] * 60,
    )  # fmt: skip


def test_what_counts_as_numbered_is_a_choice() -> None:
    documents = [talk(["S1"], i) for i in range(40)]
    assert len(set(splits(documents, test=0.5))) == 2
    assert len(set(splits(documents, test=0.5, numbered=""))) == 1


def test_shares_are_met_about() -> None:
    found = splits([talk([f"Speaker No {i}x"], i) for i in range(2000)], test=0.2, validation=0.1)
    # Five standard deviations of a binomial distribution.
    assert abs(found.count("test") / 2000 - 0.2) < 5 * (0.2 * 0.8 / 2000) ** 0.5
    assert abs(found.count("validation") / 2000 - 0.1) < 5 * (0.1 * 0.9 / 2000) ** 0.5
    assert set(splits([talk(["Jo"], i) for i in range(9)], test=1.0)) == {"test"}
    assert set(splits([talk([None], i) for i in range(9)], test=0.0)) == {"train"}


def test_a_group_has_the_same_split_everywhere_and_always() -> None:
    """Written down, so that a change of the hash is noticed: published splits depend on it."""
    assert [Shares(0.5).of(f"group {i}") for i in range(8)] == EXPECTED


EXPECTED = ["train", "train", "test", "test", "test", "train", "test", "test"]


@given(st.lists(st.lists(st.sampled_from("abcdefghij"), max_size=4)))
def test_joined_is_the_same_in_any_order(sets: list[list[str]]) -> None:
    found = joined(sets)
    assert found == joined(reversed([list(reversed(members)) for members in sets]))
    for members in sets:
        assert len({found[name] for name in members}) <= 1
    for name, group in found.items():
        assert group <= name and found[group] == group


def test_a_speaker_whom_the_first_pass_did_not_see_has_a_split() -> None:
    fit = transforms.SplitBySpeaker(test=0.5)
    step = fit.combine([])
    table = documents_to_table([talk(["Nobody Knows"], 1), talk(["Nobody Knows"], 2)])
    assert len(set(step(table)["split"].to_pylist())) == 1


@pytest.mark.parametrize(
    "options",
    [
        {"test": -0.1}, {"test": "0.1"}, {"test": 2}, {"test": 0.6, "validation": 0.6},
        {"numbered": "("},
    ],
)  # fmt: skip
def test_impossible_shares_are_refused(options: dict[str, object]) -> None:
    with pytest.raises(InvalidParameter):
        transforms.SplitBySpeaker(**options)  # type: ignore[arg-type]

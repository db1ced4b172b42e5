"""What the speed of detectors rests on: bytes looked at once, and never many at a time."""

from __future__ import annotations

import gc
import random

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from datapartnerships import detectors as d
from datapartnerships.detectors import _scan
from datapartnerships.detectors._scan import Column
from datapartnerships.kernels import _compiled

FORMS = (d.Contacts(), d.NationalIds(), d.Financial(), d.Secrets(), d.Dates(years=True),
         d.Addresses(), d.Cues(cues=(("ward no", "RECORD_ID"), ("né", "PERSON"))),
         d.Names(languages=("en", "de", "is")), d.ThirdParty())  # fmt: skip
PARTS = (
    "may ", "March ", "Calle ", "via ", "Hauptstraße ", "12 ", "5, ", "2001", "2001-06-08", "-",
    "/", ". ", ": ", "é", "\u00a0", "\u200b", "“", "ſ", "İ", "K", "\n", "Anna ", "Mr. ", "VON ",
    "ára ", "years old", "aged ", "lives  in ", "Berlin ", "password: ", "token=", "010130-2989",
    "GB82 WEST 1234 5698 7654 32", "+354 467 3395", "467 3395", "4111 1111 1111 1111", "1.2.3.4",
    "jon@example.is ", "kt. ", "no. ", "record no. ", "QQ 12 34 56 C", "0.123456", "1234567.8",
    "AKIA2E0A8F3B244C9986", "Jónsdóttir ", "Brown's ", "the ", "number is ", "日本", "٣",
    "née à Lyon ", "(c) 2001 ", "Reuters", "ward no 7b",
)  # fmt: skip
some_texts = st.lists(st.lists(st.sampled_from(PARTS), max_size=12).map("".join), max_size=6)


@settings(max_examples=25)
@given(some_texts)
def test_compiled_kernels_find_what_the_others_find(texts: list[str]) -> None:
    array = pa.array(texts, pa.string())
    plain = pytest.MonkeyPatch()
    for detector in FORMS:
        found = detector(array).to_pylist()
        with plain.context() as without:
            without.setenv("DATAPARTNERSHIPS_COMPILED", "0")
            assert not _compiled.available()
            assert detector(array).to_pylist() == found, type(detector).__name__


@settings(max_examples=25)
@given(some_texts, st.integers(0, 3))
def test_detectors_before_it_change_nothing(texts: list[str], skipped: int) -> None:
    array = pa.array(["5 May 2001", *texts], pa.string()).slice(min(skipped, 1))
    together = [detector(array).to_pylist() for detector in FORMS]
    alone = [detector(pa.array(array.to_pylist(), pa.string())).to_pylist() for detector in FORMS]
    assert together == alone


def test_a_column_is_kept_while_its_texts_live() -> None:
    texts = pa.array(["Call 467 3395", None])
    column = Column.of(texts)
    assert Column.of(texts) is column
    others = [pa.array(["Call 467 3395", None]) for _ in range(2)]
    assert Column.of(others[0]) is not column
    # A batch, and the windows of it that are read again; of three, the first is made anew.
    assert Column.of(texts) is column
    assert Column.of(others[1]) is not column
    other = Column.of(texts)
    assert other is not column and Column.of(texts) is other
    del texts, others
    gc.collect()
    assert not _scan._last.__dict__["column"]


def test_blocks_without_a_change_are_shared() -> None:
    long = "a" * 120
    column = Column(pa.array(["a" * _scan.BLOCK_BYTES, f"{long} 467\n3395"]))
    shared = [a is b for a, b in zip(column.blocks, column.unwrapped().blocks, strict=True)]
    assert shared == [True, False]
    plain = Column(pa.array(["sími 467 3395"]))
    assert plain.unwrapped() is plain


@given(st.lists(st.text("aé日\U0001f600 ", max_size=60), max_size=5), st.data())
def test_characters_before_a_byte(texts: list[str], data: st.DataObject) -> None:
    column = Column(pa.array(texts, pa.string()))
    whole = "".join(texts)
    at = data.draw(st.integers(0, len(whole)))
    place = len(whole[:at].encode())
    assert column.characters(np.array([place])).tolist() == [at]


# A hundred megabytes of these are for the hand: here it is what is read, not how long it takes.
_SIZE = 200_000
_random = random.Random(6)
DENSE = {
    "one letter": "a",
    "one figure": "1",
    "figures": "1 ",
    "signs": "12-",
    "address signs": "a.b@c:",
    "drawn": "".join(_random.choices("abcdefghijkmnopqrstuvwxyzABC0123456789+/", k=4096)),
}


@pytest.fixture
def windows(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The sizes of all windows that expressions are given."""
    seen: list[int] = []
    window = Column.window

    def counted(self: Column, begin: int, end: int) -> tuple[str, int]:
        seen.append(end - begin)
        return window(self, begin, end)

    monkeypatch.setattr(Column, "window", counted)
    return seen


@pytest.mark.parametrize("what", DENSE)
@pytest.mark.parametrize("detector", FORMS, ids=lambda detector: type(detector).__name__)
def test_text_without_a_gap(detector: d.Contacts, what: str, windows: list[int]) -> None:
    read = []
    for size in (_SIZE, 2 * _SIZE):
        windows.clear()
        detector(pa.array([(DENSE[what] * (size // len(DENSE[what]) + 1))[:size]]))
        read.append(sum(windows))
        assert max(windows, default=0) <= 2 * _scan.LONGEST_RUN
    assert read[1] <= 2.2 * read[0] + 4096

"""What every detector must do."""

from __future__ import annotations

import pyarrow as pa

from datapartnerships.kernels.segments import flat
from datapartnerships.protocols import Detector
from datapartnerships.schema import SPANS
from datapartnerships.testing._sample import sample_batch


def _texts() -> pa.Array:
    return flat(sample_batch())[1].field("text")


def gives_spans_that_lie_in_the_text(detector: Detector) -> None:
    texts = _texts()
    spans = detector(texts)
    assert spans.schema.equals(SPANS), f"columns must be {SPANS.names} with their types"
    for span in spans.to_pylist():
        assert 0 <= span["start"] < span["end"] <= len(texts[span["text"]].as_py() or "")
        assert span["label"] in detector.labels, f"{span['label']} is not among its labels"
        assert 0 <= span["score"] <= 1
        assert span["detector"]
    order = [(s["text"], s["start"]) for s in spans.to_pylist()]
    assert order == sorted(order), "spans are sorted by text and start"


def finds_alike_however_texts_are_batched(detector: Detector) -> None:
    texts = _texts()
    at_once = detector(texts).to_pylist()
    one_by_one = [
        {**span, "text": i}
        for i in range(len(texts))
        for span in detector(texts.slice(i, 1)).to_pylist()
    ]
    assert one_by_one == at_once


def takes_nulls_and_nothing(detector: Detector) -> None:
    for texts in (pa.array([], pa.string()), pa.array([None, ""], pa.string())):
        spans = detector(texts)
        assert spans.num_rows == 0
        assert spans.schema.equals(SPANS)


def says_what_it_covers(detector: Detector) -> None:
    known = getattr(detector, "languages", None)
    for language in ("en", "is", "und", "tlh"):
        covered = detector.covers(language)
        assert set(covered) <= detector.labels, f"{language}: {sorted(covered)} are not its labels"
        assert all(covered.values()), f"{language}: say how each label is found"
        if known is not None and language not in known:
            assert not covered, f"{language} is not among its languages"
    for language in known or ():
        assert detector.covers(language), f"{language} is among its languages, and nothing is found"


DETECTOR = [
    gives_spans_that_lie_in_the_text,
    finds_alike_however_texts_are_batched,
    takes_nulls_and_nothing,
    says_what_it_covers,
]

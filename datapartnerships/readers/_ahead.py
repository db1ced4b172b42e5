"""Reading some files ahead of their turn, where the run has places to spare."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from typing import BinaryIO, Generic, TypeVar

from datapartnerships import _apart, _spare
from datapartnerships.schema import FileSpan

T = TypeVar("T")

# Files that may be read and waiting for their turn, and the largest of them: bytes.
WINDOW = 64
MAX_BYTES = 64 << 20


def read_in_order(
    groups: Sequence[Sequence[FileSpan]],
    read: Callable[[Sequence[FileSpan]], Iterator[T]],
    apart: Callable[[str], bool],
) -> Iterator[T]:
    """What `read` gives for group after group of files, most of them of one.

    Files that are parsed in a process of their own (`apart` of their path) may be read before
    their turn by a further one, when the run has workers without a shard.
    """
    if _spare.current() is None:
        for group in groups:
            yield from read(group)
        return
    ahead = _Ahead(groups, read, apart)
    try:
        for place in range(len(groups)):
            yield from ahead.results(place)
    finally:
        ahead.close()


class _Ahead(Generic[T]):
    """Who reads which file: `results` in turn, and helpers whatever comes after."""

    def __init__(
        self,
        groups: Sequence[Sequence[FileSpan]],
        read: Callable[[Sequence[FileSpan]], Iterator[T]],
        apart: Callable[[str], bool],
    ) -> None:
        self._groups, self._read, self._apart = groups, read, apart
        self._lock = threading.Lock()
        self._taken: dict[int, Future[list[T]]] = {}
        self._turn = self._next = 0
        self._closed = False

    def results(self, turn: int) -> Iterator[T]:
        """What the file whose turn it is gives: read already, or read now."""
        with self._lock:
            self._turn = turn
            taken = self._taken.pop(turn, None)
        self._grow()
        if taken is None:
            yield from self._read(self._groups[turn])
            return
        # While another reads it, there is time for one of those that come after.
        while not taken.done() and (found := self._claim()):
            self._fulfil(*found)
        yield from taken.result()

    def _grow(self) -> None:
        while (found := self._claim()) and (place := _spare.take()):
            threading.Thread(target=self._serve, args=(place, *found), daemon=True).start()
        if found:
            self._return(found[0])

    def _claim(self) -> tuple[int, Future[list[T]]] | None:
        """The next file that is worth a process of its own, if one is near enough."""
        with self._lock:
            first = max(self._next, self._turn + 1)
            for at in range(first, min(self._turn + 1 + WINDOW, len(self._groups))):
                group = self._groups[at]
                if self._closed or at in self._taken:
                    continue
                if sum(s.extent for s in group) <= MAX_BYTES and self._apart(group[0].path):
                    self._next = at + 1
                    self._taken[at] = Future()
                    return at, self._taken[at]
        return None

    def _return(self, at: int) -> None:
        with self._lock:
            del self._taken[at]
            self._next = at

    def _serve(self, place: BinaryIO, at: int, answer: Future[list[T]]) -> None:
        try:
            self._fulfil(at, answer)
            while found := self._claim():
                self._fulfil(*found)
        finally:
            _apart.close()
            place.close()

    def _fulfil(self, at: int, answer: Future[list[T]]) -> None:
        try:
            answer.set_result(list(self._read(self._groups[at])))
        except BaseException as error:
            answer.set_exception(error)
            if not isinstance(error, Exception):
                raise

    def close(self) -> None:
        with self._lock:
            self._closed = True

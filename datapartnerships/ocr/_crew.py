"""The pages of a document, recognized in this process and in others where places are to spare."""

from __future__ import annotations

import contextlib
import queue
import threading
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future
from typing import Any, BinaryIO

from datapartnerships import _spare
from datapartnerships._process import Child, ChildDied, ChildFailed
from datapartnerships.errors import DocumentError
from datapartnerships.ocr._recognize import recognize
from datapartnerships.ocr._values import Ocr, Recognized

_Order = tuple[Any, "Future[Recognized]"]


def recognize_pages(
    pages: Iterable[tuple[int, Any]], ocr: Ocr | None = None
) -> Iterator[tuple[int, Recognized]]:
    """`recognize` for page after page, in their order.

    In a run of several workers, those that have no shard left take a part of the pages. Of the
    pictures, each process holds one, one more waits for each that helps, and one comes next.

    Args:
        pages: number and picture; taken one by one as they are needed.
        ocr: the engines and languages; `Ocr()` where not given.

    Raises:
        DocumentError: of the first page that has one, when its turn comes.
    """
    crew = _Crew(ocr or Ocr())
    waiting: deque[tuple[int, Future[Recognized]]] = deque()
    try:
        for number, picture, more in _with_next(pages):
            waiting.append((number, crew.recognize(picture, more)))
            while waiting and waiting[0][1].done():
                number, answer = waiting.popleft()
                yield number, answer.result()
        crew.finish()
        for number, answer in waiting:
            yield number, answer.result()
    finally:
        crew.close()


def _with_next(pages: Iterable[tuple[int, Any]]) -> Iterator[tuple[int, Any, bool]]:
    """Each page, and whether another comes after it."""
    before: tuple[int, Any] | None = None
    for page in pages:
        if before is not None:
            yield *before, True
        before = page
    if before is not None:
        yield *before, False


class _Crew:
    """This process, and those that help it."""

    def __init__(self, ocr: Ocr) -> None:
        self._ocr = ocr
        self._orders: queue.SimpleQueue[_Order | None] = queue.SimpleQueue()
        self._helpers: list[tuple[Child, BinaryIO]] = []

    def recognize(self, picture: Any, more: bool) -> Future[Recognized]:
        """By the next helper, or here when each of them has a page waiting."""
        if more and self._full and (place := _spare.take()):
            child = Child(quiet=True)
            self._helpers.append((child, place))
            threading.Thread(target=self._serve, args=(child,), daemon=True).start()
        answer: Future[Recognized] = Future()
        if self._full:
            self._here(picture, answer)
        else:
            self._orders.put((picture, answer))
        return answer

    @property
    def _full(self) -> bool:
        return self._orders.qsize() >= len(self._helpers)

    def finish(self) -> None:
        """There are no more pages: what waits for a helper is done here."""
        with contextlib.suppress(queue.Empty):
            while order := self._orders.get_nowait():
                self._here(*order)

    def _here(self, picture: Any, answer: Future[Recognized]) -> None:
        try:
            answer.set_result(recognize(picture, self._ocr))
        except Exception as error:
            answer.set_exception(error)

    def _serve(self, child: Child) -> None:
        while order := self._orders.get():
            picture, answer = order
            try:
                answer.set_result(child.call(recognize, picture, self._ocr))
            except ChildFailed as failure:
                answer.set_exception(failure.error)
            except ChildDied as death:
                # As it would be, had the page been recognized here.
                answer.set_exception(DocumentError("parser crashed", str(death)))
            except BaseException as error:
                answer.set_exception(error)

    def close(self) -> None:
        for child, place in self._helpers:
            self._orders.put(None)
            child.close()
            place.close()

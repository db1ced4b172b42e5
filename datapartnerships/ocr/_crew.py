"""The pages of a document, recognized in this process and in others where places are to spare."""

from __future__ import annotations

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
    pages: Iterable[tuple[int, Any]], ocr: Ocr, count: int
) -> Iterator[tuple[int, Recognized]]:
    """`recognize` for page after page, in their order.

    With a run of several workers, those that have no shard left take a part of the pages. Of the
    pictures, no more are held than one for each process and one more for each that helps.

    Args:
        pages: number and picture; taken one by one as they are needed.
        ocr: the engines and languages.
        count: of pages, as far as it is known: for few, no other process is worth its start.

    Raises:
        DocumentError: of the first page that has one, when its turn comes.
    """
    crew = _Crew(ocr)
    waiting: deque[tuple[int, Future[Recognized]]] = deque()
    try:
        for done, (number, picture) in enumerate(pages):
            crew.grow(count - done)
            waiting.append((number, crew.recognize(picture)))
            while waiting and waiting[0][1].done():
                number, answer = waiting.popleft()
                yield number, answer.result()
        for number, answer in waiting:
            yield number, answer.result()
    finally:
        crew.close()


class _Crew:
    """This process, and those that help it."""

    def __init__(self, ocr: Ocr) -> None:
        self._ocr = ocr
        self._orders: queue.SimpleQueue[_Order | None] = queue.SimpleQueue()
        self._helpers: list[tuple[Child, BinaryIO]] = []

    def grow(self, left: int) -> None:
        """Take the places that are to spare, as long as there are pages for them."""
        while left > 1 + len(self._helpers) and (place := _spare.take()):
            child = Child(quiet=True)
            self._helpers.append((child, place))
            threading.Thread(target=self._serve, args=(child,), daemon=True).start()

    def recognize(self, picture: Any) -> Future[Recognized]:
        """By the next helper, or here when all of them have a page waiting."""
        answer: Future[Recognized] = Future()
        if self._orders.qsize() < len(self._helpers):
            self._orders.put((picture, answer))
            return answer
        try:
            answer.set_result(recognize(picture, self._ocr))
        except Exception as error:
            answer.set_exception(error)
        return answer

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

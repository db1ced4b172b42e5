"""What goes wrong, on demand: by pattern and number, or at random from a seed."""

from __future__ import annotations

import random
import re
import threading
from collections.abc import Callable
from dataclasses import dataclass

# drop-before: the body is not read; drop-middle: half of it; drop-after: done, but no answer.
KINDS = ("429", "500", "503", "drop-before", "drop-middle", "drop-after", "slow")


class Dropped(Exception):
    """The connection goes, without an answer."""


@dataclass
class Fault:
    """`kind` for the next `times` requests whose ``METHOD /path`` fits `pattern`, after `skip`."""

    pattern: str
    kind: str
    times: int = 1
    skip: int = 0
    # Of a 429.
    retry_after: str | None = "0"


class Faults:
    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._planned: list[Fault] = []
        self._random: tuple[random.Random, float] | None = None
        self.hit: list[tuple[str, str]] = []
        # Called with (number of the request, stage before | middle | after).
        self.watch: Callable[[int, str], None] | None = None

    def add(self, pattern: str, kind: str, **more: object) -> None:
        assert kind in KINDS
        self._planned.append(Fault(pattern, kind, **more))  # type: ignore[arg-type]

    def at_random(self, seed: int, rate: float) -> None:
        """A share `rate` of all requests goes wrong."""
        self._random = (random.Random(seed), rate)

    def clear(self) -> None:
        self._planned, self._random, self.hit, self.watch = [], None, [], None

    def next(self, request: str) -> Fault | None:
        with self._lock:
            for fault in self._planned:
                if fault.times and re.search(fault.pattern, request):
                    if fault.skip:
                        fault.skip -= 1
                        continue
                    fault.times -= 1
                    self.hit.append((fault.kind, request))
                    return fault
            if self._random and self._random[0].random() < self._random[1]:
                fault = Fault("", self._random[0].choice(KINDS[:-1]))
                self.hit.append((fault.kind, request))
                return fault
        return None

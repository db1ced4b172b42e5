"""Which checks a component has to pass, and running them."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from datapartnerships.protocols import Detector, Fit, Reader, Transform, Writer
from datapartnerships.testing import _components, _detectors, _values, _writers


@dataclass(frozen=True)
class Check:
    """One promise, to be called. `str` of it names the component and the promise."""

    name: str
    run: Callable[[], None]

    def __call__(self) -> None:
        self.run()

    def __str__(self) -> str:
        return self.name


def checks(component: Any) -> list[Check]:
    """The checks for `component`, by what its methods say it is.

    Raises:
        TypeError: it fits none of the protocols.
    """
    functions: list[Callable[[Any], None]] = [*_values.CHECKS]
    if isinstance(component, Fit):
        functions += _components.FIT
    elif isinstance(component, Reader):
        functions += _components.READER
    elif isinstance(component, Writer):
        functions += _writers.WRITER
    elif isinstance(component, Transform):
        functions += _components.TRANSFORM
    elif isinstance(component, Detector):
        functions += _detectors.DETECTOR
    else:
        raise TypeError(f"{component!r} is no reader, transform, fit, detector or writer.")
    name = type(component).__name__
    return [
        Check(f"{name}: {function.__name__.replace('_', ' ')}",
              functools.partial(function, component))
        for function in functions
    ]  # fmt: skip


def check(component: Any) -> None:
    """Run all checks; the first broken promise is an `AssertionError`."""
    for item in checks(component):
        item()

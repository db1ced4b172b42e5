"""A component is a value."""

from __future__ import annotations

import copy
import dataclasses
import os
import pickle
import re
import subprocess
import sys
from typing import Any

import cloudpickle

from datapartnerships.config import fingerprint, from_plain, to_plain
from datapartnerships.errors import UnknownName
from datapartnerships.protocols import Detector, Fit, Reader, Transform, Writer

# Slow to import, or not installed everywhere: building a component must not need them.
HEAVY = ("datasets", "unstructured", "pypdfium2", "spacy", "torch", "whisperx",
         "av", "scrubadub", "phonenumbers", "ftfy", "lxml", "pandas", "numba", "ray")  # fmt: skip


def is_a_frozen_dataclass(component: Any) -> None:
    assert dataclasses.is_dataclass(component), "a component is a dataclass"
    cls: Any = type(component)
    assert cls.__dataclass_params__.frozen, "a component is frozen"


def equals_its_copy_and_hashes_alike(component: Any) -> None:
    other = copy.deepcopy(component)
    assert other == component, "a deep copy must be equal: the fields are the whole truth"
    assert hash(other) == hash(component), "equal values must hash alike"


def pickles(component: Any) -> None:
    assert pickle.loads(pickle.dumps(component)) == component
    assert pickle.loads(cloudpickle.dumps(component)) == component


def prints_without_an_address(component: Any) -> None:
    assert not re.search(r"0x[0-9a-f]{6,}", repr(component)), "repr shows where, not what"


def goes_to_plain_data_and_back(component: Any) -> None:
    kind = kind_of(component)
    again = from_plain(to_plain(component), kind=kind)
    assert again == component, "a configuration must give back the same component"
    assert fingerprint(again) == fingerprint(component)


def answers_an_unknown_parameter_by_name(component: Any) -> None:
    name = to_plain(component)
    name = name if isinstance(name, str) else next(iter(name))
    try:
        from_plain({name: {"no_such_parameter": 1}}, kind=kind_of(component))
    except UnknownName as error:
        assert "no_such_parameter" in str(error)
    else:
        raise AssertionError("an unknown parameter must be an error")


def is_built_without_its_backend(component: Any) -> None:
    """In a fresh interpreter, building the component imports nothing heavy."""
    # Only the import path of the class is needed there: unpickling builds it.
    code = (
        f"import sys, pickle; sys.path[:] = {sys.path!r}\n"
        f"component = pickle.loads({pickle.dumps(component)!r})\n"
        f"print([name for name in {HEAVY!r} if name in sys.modules])"
    )
    answer = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, env=os.environ
    )
    assert answer.returncode == 0, answer.stderr
    assert answer.stdout.strip() == "[]", f"building it imported {answer.stdout.strip()}"


def kind_of(component: Any) -> str:
    if isinstance(component, Reader):
        return "readers"
    if isinstance(component, Writer):
        return "writers"
    if isinstance(component, Fit | Transform):
        return "transforms"
    assert isinstance(component, Detector), f"{component!r} fits no protocol"
    return "detectors"


CHECKS = [
    is_a_frozen_dataclass,
    equals_its_copy_and_hashes_alike,
    pickles,
    prints_without_an_address,
    goes_to_plain_data_and_back,
    answers_an_unknown_parameter_by_name,
    is_built_without_its_backend,
]

"""What a function does, as a digest: edit it, or what it uses, and the digest is another."""

from __future__ import annotations

import hashlib
import inspect
import re
import sys
import uuid
from collections.abc import Callable
from types import CodeType, FunctionType, ModuleType
from typing import Any

from datapartnerships.errors import ConfigurationError


def function_name(function: Callable[..., Any]) -> str:
    """The import string of a function that other programs can import."""
    module, name = getattr(function, "__module__", None), getattr(function, "__qualname__", "<")
    if not module or module == "__main__" or "<" in name:
        raise ConfigurationError(
            f"{name} of {module} has no name that another program can import. Move it into a "
            "module to write this pipeline to YAML."
        )
    return f"{module}:{name}"


def function_digest(function: Callable[..., Any]) -> str:
    """A digest of the compiled code, its defaults, and the values and functions that it uses.

    What cannot be read (a function in C, an object without a stable representation) is named by its
    import string; where it has none, the digest is new every time, so that nothing stale is reused.
    """
    digest = hashlib.sha256()
    for part in _of(function, set()):
        digest.update(part.encode("utf-8", "surrogatepass") + b"\0")
    return f"{getattr(function, '__qualname__', 'function')}@{digest.hexdigest()[:24]}"


def _of(value: Any, seen: set[int]) -> list[str]:
    """Strings that say what `value` is; references go round in circles, hence `seen`."""
    if id(value) in seen:
        return ["seen"]
    if value is None or isinstance(value, str | bytes | int | float | complex | bool):
        return [type(value).__name__, repr(value)]
    if isinstance(value, re.Pattern):
        return ["pattern", repr(value.pattern), str(value.flags)]
    seen = seen | {id(value)}
    if isinstance(value, frozenset | set):
        return ["set", *sorted("".join(_of(item, seen)) for item in value)]
    if isinstance(value, tuple | list):
        return ["list", *(part for item in value for part in _of(item, seen))]
    if isinstance(value, dict):
        pairs = sorted(value.items(), key=lambda pair: repr(pair[0]))
        return ["dict", *(part for pair in pairs for item in pair for part in _of(item, seen))]
    if isinstance(value, CodeType):
        names = [value.co_name, *value.co_names, *value.co_varnames]
        return ["code", value.co_code.hex(), *names, *_of(value.co_consts, seen)]
    function = inspect.unwrap(value) if callable(value) else value
    if isinstance(function, FunctionType):
        return _of_function(function, seen)
    if isinstance(value, ModuleType):
        return ["module", value.__name__, str(getattr(value, "__version__", ""))]
    if isinstance(value, type) or callable(value):
        module, name = getattr(value, "__module__", None), getattr(value, "__qualname__", None)
        if module and name:
            return ["named", f"{module}:{name}"]
        if name:  # a method of a type in C, such as str.upper
            return ["named", name]
    text = repr(value)
    # An address in it would differ in every process.
    return ["value", text if " at 0x" not in text else uuid.uuid4().hex]


def _of_function(function: FunctionType, seen: set[int]) -> list[str]:
    if (function.__module__ or "").partition(".")[0] in sys.stdlib_module_names:
        return ["named", f"{function.__module__}:{function.__qualname__}"]
    parts = _of(function.__code__, seen)
    parts += _of([function.__defaults__, function.__kwdefaults__], seen)
    for cell in function.__closure__ or ():
        try:
            parts += _of(cell.cell_contents, seen)
        except ValueError:  # not filled yet
            parts.append("empty")
    for name in sorted(_names(function.__code__)):
        if name in function.__globals__:
            parts += [name, *_of(function.__globals__[name], seen)]
    return parts


def _names(code: CodeType) -> set[str]:
    """Global names that the code, and the functions inside it, may use."""
    inner = (constant for constant in code.co_consts if isinstance(constant, CodeType))
    return set(code.co_names).union(*map(_names, inner))

"""Plain data held against a JSON Schema."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from jsonschema import Draft202012Validator, FormatChecker


@dataclass(frozen=True)
class Problem:
    """What is wrong with one value.

    Attributes:
        path: keys and indices that lead to it.
        unknown: keys that may not be there; `known` are those that may.
        missing: keys that have to be there.
        message: what was expected, where it is about the value itself.
    """

    path: tuple[str | int, ...]
    message: str = ""
    unknown: tuple[str, ...] = ()
    known: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()


def problems(data: Any, schema: Mapping[str, Any]) -> Iterator[Problem]:
    """All of them, in the order of the data."""
    validator = Draft202012Validator(schema, format_checker=FormatChecker())
    found = sorted(validator.iter_errors(data), key=lambda error: [str(p) for p in error.path])
    for error in found:
        path, rule, value = tuple(error.absolute_path), error.validator_value, error.instance
        if error.validator == "additionalProperties":
            known = tuple(error.schema["properties"])
            unknown = tuple(str(key) for key in value if key not in known)
            yield Problem(path, unknown=unknown, known=known)
        elif error.validator == "required":
            yield Problem(path, missing=tuple(key for key in rule if key not in value))
        elif error.validator == "dependentRequired":
            needed = {key for name, keys in rule.items() if name in value for key in keys}
            yield Problem(path, missing=tuple(sorted(needed - set(value))))
        else:
            yield Problem(path, _expected(str(error.validator), rule, error.schema))


def _expected(kind: str, rule: Any, schema: Mapping[str, Any]) -> str:
    if kind == "enum":
        return f"one of {', '.join(map(str, rule))}"
    if kind == "type":
        return " or ".join(_TYPES[name] for name in ([rule] if isinstance(rule, str) else rule))
    if kind == "format" or "format" in schema:
        return "a day, as 2026-11-22"
    if kind == "minLength":
        return "some words"
    if kind == "minProperties":
        return "a path and what is different there"
    if kind in ("minimum", "maximum"):
        return f"a number, {'at least' if kind == 'minimum' else 'at most'} {rule:g}"
    told = f" ({schema['description'].rstrip('.')})" if "description" in schema else ""
    return f"what matches {rule}{told}" if kind == "pattern" else f"another value{told}"


_TYPES = {
    "object": "keys with values below",
    "array": "a list",
    "string": "a text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "null": "nothing",
}

"""Transforms from plain functions: `@text`, `@document` and `@batch`.

@dp.text
def drop_stamp(text: str) -> str:
    return text.replace("RECEIVED", "")

pipeline = dp.Pipeline(reader=..., transforms=[drop_stamp], writer=...)
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, overload

import pyarrow as pa

from datapartnerships.errors import ConfigurationError, InvalidParameter, UnknownName
from datapartnerships.kernels.segments import flat_text, set_column, with_text
from datapartnerships.kernels.strings import put
from datapartnerships.registry import import_string
from datapartnerships.schema import DOCUMENT

Types = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Reject:
    """What a `@document` function returns to reject the document, and why."""

    reason: str


@dataclass(frozen=True)
class _Function:
    """A function as a component. It is called by its own name in reports and errors."""

    function: Callable[..., Any]

    def __post_init__(self) -> None:
        object.__setattr__(self, "__doc__", self.function.__doc__)

    @property
    def name(self) -> str:
        return str(getattr(self.function, "__name__", type(self).__name__))

    @property
    def import_target(self) -> str | None:
        """The import string that gives this very component, if another program can import it."""
        target = f"{self.function.__module__}:{self.function.__qualname__}"
        if target.startswith("__main__") or "<" in target:
            return None
        try:
            return target if import_string(target) is self else None
        except (ImportError, ConfigurationError):
            return None

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.function.__module__}.{self.name})"

    def __reduce__(self) -> Any:
        if target := self.import_target:
            return import_string, (target,)
        return super().__reduce__()


@dataclass(frozen=True, repr=False)
class TextFunction(_Function):
    """A function of the text of one segment."""

    requires = frozenset({"segments"})
    provides = frozenset({"segments"})

    def __call__(self, batch: Any) -> Any:
        if isinstance(batch, str):
            return self.function(batch)
        texts = flat_text(batch)
        changed: dict[int, str] = {}
        for index, text in enumerate(texts.to_pylist()):
            if text is None:
                continue
            new = self.function(text)
            if not isinstance(new, str):
                raise TypeError(f"{self.name} must return a str, got {type(new).__name__}")
            if new != text:
                changed[index] = new
        return with_text(batch, put(texts, changed)) if changed else batch


@dataclass(frozen=True, repr=False)
class DocumentFunction(_Function):
    """A function of one document, as a dict of its columns.

    It returns a dict of the columns it changes (those named in `provides`), None to leave the
    document alone, or `Reject("why")`.
    """

    adds: Types = ()
    rewrites: frozenset[str] = frozenset()

    @property
    def requires(self) -> frozenset[str]:
        return self.rewrites | {"drop_reason"}

    @property
    def provides(self) -> frozenset[str]:
        return self.rewrites | {name for name, _ in self.adds} | {"drop_reason"}

    def __call__(self, batch: Any) -> Any:
        if not isinstance(batch, pa.Table):
            return self.function(batch)
        types = {name: pa.type_for_alias(alias) for name, alias in self.adds}
        types |= {name: batch.schema.field(name).type for name in self.rewrites}
        values: dict[str, list[Any]] = {name: [] for name in types}
        reasons: list[str | None] = []
        for row in batch.to_pylist():
            answer = self.function(row)
            changes, reason = self._answer(answer, row.get("drop_reason"))
            reasons.append(reason)
            for name, column in values.items():
                column.append(changes.get(name, row.get(name)))
        for name, column in values.items():
            batch = set_column(batch, name, pa.array(column, types[name]))
        return set_column(batch, "drop_reason", pa.array(reasons, pa.string()))

    def _answer(self, answer: Any, old: str | None) -> tuple[Mapping[str, Any], str | None]:
        if answer is None:
            return {}, old
        if isinstance(answer, Reject):
            return {}, old or f"{self.name}: {answer.reason}"
        if not isinstance(answer, Mapping):
            raise TypeError(
                f"{self.name} must return a dict, None or dp.Reject, got {type(answer).__name__}"
            )
        known = {*self.rewrites, *(name for name, _ in self.adds)}
        for name in answer:
            if name not in known:
                where = f"what {self.name} returned (@dp.document(provides=...) names them)"
                raise UnknownName("column", str(name), known, where=where)
        return answer, old


@dataclass(frozen=True, repr=False)
class BatchFunction(_Function):
    """A function of a whole batch: a `pyarrow.Table` in, the same rows in the same order out."""

    requires: frozenset[str] = frozenset({"segments"})
    provides: frozenset[str] = frozenset({"segments"})

    def __call__(self, batch: pa.Table) -> pa.Table:
        return self.function(batch)


def text(function: Callable[[str], str]) -> TextFunction:
    """Make a transform of a function of one segment's text. It gives the new text."""
    return TextFunction(function)


@overload
def document(function: Callable[[dict[str, Any]], Any]) -> DocumentFunction: ...
@overload
def document(
    *, provides: Iterable[str] | Mapping[str, str] = ...
) -> Callable[[Callable[[dict[str, Any]], Any]], DocumentFunction]: ...
def document(
    function: Callable[[dict[str, Any]], Any] | None = None,
    *,
    provides: Iterable[str] | Mapping[str, str] = (),
) -> Any:
    """Make a transform of a function of one document.

    Args:
        provides: columns it changes, by name; for new columns a mapping of the name to its
            Arrow type (``{"words": "int32"}``). Without any, the function can only reject.
    """
    if isinstance(provides, str):
        raise InvalidParameter("document", "provides", "a list of names or a mapping", provides)
    names = dict(provides) if isinstance(provides, Mapping) else dict.fromkeys(provides, "")
    unknown = [name for name, alias in names.items() if not alias and name not in DOCUMENT.names]
    if unknown:
        raise ConfigurationError(
            f"document: the new columns {unknown} need an Arrow type: provides={{name: type}}."
        )
    for name, alias in names.items():
        try:
            pa.type_for_alias(alias or "string")
        except ValueError as error:
            rule = f"a name of an Arrow type for {name!r}, such as 'int32' or 'string'"
            raise InvalidParameter("document", "provides", rule, alias) from error

    def wrap(inner: Callable[[dict[str, Any]], Any]) -> DocumentFunction:
        adds = tuple((name, alias) for name, alias in names.items() if alias)
        return DocumentFunction(inner, adds, frozenset(n for n, a in names.items() if not a))

    return wrap if function is None else wrap(function)


@overload
def batch(function: Callable[[pa.Table], pa.Table]) -> BatchFunction: ...
@overload
def batch(
    *, requires: Iterable[str] = ..., provides: Iterable[str] = ...
) -> Callable[[Callable[[pa.Table], pa.Table]], BatchFunction]: ...
def batch(
    function: Callable[[pa.Table], pa.Table] | None = None,
    *,
    requires: Iterable[str] = ("segments",),
    provides: Iterable[str] = ("segments",),
) -> Any:
    """Make a transform of a function of a batch, saying which columns it reads and changes."""

    def wrap(inner: Callable[[pa.Table], pa.Table]) -> BatchFunction:
        return BatchFunction(inner, frozenset(requires), frozenset(provides))

    return wrap if function is None else wrap(function)

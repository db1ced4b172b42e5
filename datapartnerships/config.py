"""A component to plain data and back, and the fingerprint of a configuration.

``{"FilterLength": {"min_characters": 20}}`` names a component and the fields that differ from
their defaults. A field whose dataclass metadata says ``location`` tells where things are, not
what is done: it is left out of the fingerprint, so a deposit may move.
"""

from __future__ import annotations

import dataclasses
import enum
import functools
import hashlib
import re
from collections.abc import Callable, Mapping
from typing import Any, cast

from datapartnerships import registry
from datapartnerships._code import function_digest, function_name
from datapartnerships._version import __version__
from datapartnerships.errors import ConfigurationError, UnknownName
from datapartnerships.schema import SCHEMA_VERSION, digest


def location(default: Any = dataclasses.MISSING) -> Any:
    """A dataclass field that says where, not what: left out of fingerprints."""
    if default is dataclasses.MISSING:
        return dataclasses.field(metadata={"location": True})
    return dataclasses.field(default=default, metadata={"location": True})


def from_environment(factory: Callable[[], Any]) -> Any:
    """A dataclass field whose default depends on the environment: a recipe says what it was."""
    return dataclasses.field(default_factory=factory, metadata={"environment": True})


def secret(default: Any) -> Any:
    """A dataclass field that is printed nowhere: not in a repr, a recipe or a fingerprint."""
    marks = {"location": True, "secret": True}
    return dataclasses.field(default=default, repr=False, metadata=marks)


@functools.cache
def _loader(days: bool) -> type:
    """YAML as 1.2 has it: only true and false are booleans, so NO is Norway."""
    import yaml

    class Loader(yaml.SafeLoader): ...

    left_out = {"tag:yaml.org,2002:bool", *([] if days else ["tag:yaml.org,2002:timestamp"])}
    Loader.yaml_implicit_resolvers = {
        first: [(tag, pattern) for tag, pattern in resolvers if tag not in left_out]
        for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }
    boolean = re.compile(r"^(?:true|True|TRUE|false|False|FALSE)$")
    Loader.add_implicit_resolver("tag:yaml.org,2002:bool", boolean, list("tTfF"))
    return Loader


def load_yaml(text: str, where: str = "the recipe", *, days: bool = True) -> Any:
    """The plain data of a YAML text, or a `ConfigurationError` that says where it is broken.

    Days are dates; with ``days=False`` they are strings, as they are written.
    """
    import yaml

    try:
        return yaml.load(text, _loader(days))
    except yaml.YAMLError as error:
        raise ConfigurationError(f"{where} is not YAML: {error}") from error


def is_component(value: object) -> bool:
    return dataclasses.is_dataclass(value) and not isinstance(value, type)


def to_plain(value: Any, *, fingerprint: bool = False) -> Any:
    """A component (or a value inside one) as strings, numbers, lists and dicts.

    With `fingerprint` every field is spelled out, defaults too, and locations are left out.
    """
    if not fingerprint and (target := getattr(value, "import_target", None)):
        return target
    if is_component(value):
        fields = {
            item.name: to_plain(getattr(value, item.name), fingerprint=fingerprint)
            for item in dataclasses.fields(value)
            if _shown(item, getattr(value, item.name), fingerprint)
        }
        if type(value).__name__ in _PLAIN_NAMES:
            return fields
        if fingerprint and (version := getattr(type(value), "version", None)) is not None:
            fields["version"] = version
        name = registry.name_of(type(value))
        return {name: fields} if fields or fingerprint else name
    if callable(value):
        return function_digest(value) if fingerprint else function_name(value)
    if isinstance(value, enum.Enum):
        return value.value
    if isinstance(value, Mapping):
        return {str(k): to_plain(v, fingerprint=fingerprint) for k, v in value.items()}
    if isinstance(value, frozenset | set):
        return sorted(to_plain(v, fingerprint=fingerprint) for v in value)
    if isinstance(value, tuple | list):
        return [to_plain(v, fingerprint=fingerprint) for v in value]
    if value is None or isinstance(value, str | int | float | bool):
        return value
    if fingerprint and hasattr(value, "to_batches"):
        return _table_digest(value)
    if hasattr(value, "to_pylist"):
        return to_plain(value.to_pylist(), fingerprint=fingerprint)
    raise ConfigurationError(
        f"{value!r} of type {type(value).__name__} cannot be written to a configuration: a field "
        "of a component holds strings, numbers, tuples of them, or other components."
    )


def _shown(item: dataclasses.Field[Any], value: Any, fingerprint: bool) -> bool:
    if item.metadata.get("secret"):
        return False
    if fingerprint:
        return not item.metadata.get("location")
    if item.default is not dataclasses.MISSING:
        return bool(value != item.default)
    if item.default_factory is dataclasses.MISSING:
        return True
    named = bool(to_plain(value)) if item.metadata.get("environment") else False
    return named or bool(value != item.default_factory())


def from_plain(data: Any, *, kind: str, where: str = "") -> Any:
    """Build the component that `data` describes: ``Name`` or ``{Name: {field: value}}``."""
    if isinstance(data, str):
        name, given = data, None
    elif isinstance(data, Mapping) and len(data) == 1:
        [(name, given)] = data.items()
    else:
        raise ConfigurationError(
            f"{where or kind}: expected a name, or one name with its fields below it. Got {data!r}."
        )
    if not isinstance(given, Mapping | None):
        raise ConfigurationError(
            f"{where or kind}: expected the fields of {name} by name, such as "
            f"{{{name}: {{field: value}}}}. Got {given!r}."
        )
    fields = dict(given or {})
    cls = registry.import_string(name) if ":" in name else registry.load(kind, name)
    if is_component(cls):
        return cls
    if not dataclasses.is_dataclass(cls):
        raise ConfigurationError(f"{name} is not a component: expected a frozen dataclass.")
    known = {item.name for item in dataclasses.fields(cls) if item.init}
    for given_name in fields:
        if given_name not in known:
            raise UnknownName("parameter", str(given_name), known, where=name)
    values = {key: _value(value, key, f"{name}.{key}") for key, value in fields.items()}
    try:
        return cast(Callable[..., Any], cls)(**values)
    except TypeError as error:
        raise ConfigurationError(f"{where or kind}: {name} cannot be built: {error}") from error


# Fields that hold components, and of what kind.
_NESTED = {"readers": "readers", "reader": "readers", "detectors": "detectors"}
# Fields that hold a plain dataclass, and where it is: it is written as a mapping, without its name.
_PLAIN = {
    "limits": "datapartnerships.readers._source:Limits",
    "ocr": "datapartnerships.ocr._values:Ocr",
    "asr": "datapartnerships.speech._values:Asr",
}
_PLAIN_NAMES = frozenset(target.partition(":")[2] for target in _PLAIN.values())


def _value(value: Any, key: str, where: str) -> Any:
    if key in _NESTED:
        kind = _NESTED[key]
        if isinstance(value, list):
            return tuple(from_plain(item, kind=kind, where=where) for item in value)
        return from_plain(value, kind=kind, where=where)
    if key == "function" and isinstance(value, str):
        return registry.import_string(value)
    if isinstance(value, list):
        return tuple(_value(item, "", where) for item in value)
    if key in _PLAIN and value is not None:
        return _plain_dataclass(value, _PLAIN[key], where)
    return value


def _plain_dataclass(value: Any, target: str, where: str) -> Any:
    cls = registry.import_string(target)
    if not isinstance(value, Mapping):
        raise ConfigurationError(f"{where}: expected a mapping. Got {value!r}.")
    known = {item.name for item in dataclasses.fields(cls)}
    for name in value:
        if name not in known:
            raise UnknownName("parameter", str(name), known, where=where)
    # A list in YAML is a tuple in a value.
    return cls(**{key: tuple(v) if isinstance(v, list) else v for key, v in value.items()})


def fingerprint(*components: Any) -> str:
    """64 hexadecimal digits that change when a component, a field or the schema changes."""
    plain = [to_plain(component, fingerprint=True) for component in components]
    return digest({"library": __version__, "schema": SCHEMA_VERSION, "components": plain})


def _table_digest(table: Any) -> str:
    """What an Arrow table inside a fitted transform holds."""
    import pyarrow as pa

    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table.combine_chunks())
    return hashlib.sha256(sink.getvalue()).hexdigest()

"""Pictures and sound in the columns, and how `datasets` is told of them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pyarrow as pa

from datapartnerships.release._data import Subset

_BYTES = {"bytes", "path"}


def kinds(schema: pa.Schema) -> dict[str, str]:
    """Of each column that holds files, ``audio``, ``image`` or ``file``, by column.

    The bytes are inside the rows (a struct of ``bytes`` and ``path``, a base name): the writers
    that make such columns scrub what they embed.
    """
    said = _said(schema)
    found = {}
    for item in schema:
        if pa.types.is_struct(item.type) and {field.name for field in item.type} == _BYTES:
            kind = str(said.get(item.name, {}).get("_type", "")).lower()
            found[item.name] = kind if kind in ("audio", "image") else "file"
    return dict(sorted(found.items()))


def _said(schema: pa.Schema) -> Mapping[str, Any]:
    """The features that the file itself carries."""
    raw = (schema.metadata or {}).get(b"huggingface")
    features = json.loads(raw)["info"].get("features") if raw else None
    return {k: v for k, v in (features or {}).items() if isinstance(v, dict)}


def features(subset: Subset) -> list[dict[str, Any]]:
    """The columns, as the YAML of a card says them."""
    import datasets

    found: list[dict[str, Any]] = datasets.Features.from_arrow_schema(subset.schema)._to_yaml_list()
    return found

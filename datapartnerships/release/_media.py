"""Pictures and sound in the columns, and how `datasets` is told of them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from datapartnerships.kernels.segments import whole
from datapartnerships.release._data import Subset, tables
from datapartnerships.writers._folder import Folder

_BYTES = {"bytes", "path"}
# Features of `datasets` that are such a struct below.
_FEATURES = ("audio", "image", "video")


def columns(folder: Folder, subsets: Sequence[Subset]) -> dict[str, str]:
    """Of each column that holds files, ``audio``, ``image`` or ``video``, if all of it is, else
    ``file``.

    The bytes are inside the rows (a struct of ``bytes`` and ``path``, a base name): the writers
    that make such columns scrub what they embed. What a column is says the Parquet file itself, or
    else the media type of each row.
    """
    found: dict[str, set[str]] = {}
    for subset in subsets:
        said = _said(subset.schema)
        for item in subset.schema:
            if pa.types.is_struct(item.type) and {field.name for field in item.type} == _BYTES:
                kind = str(said.get(item.name, {}).get("_type", "")).lower()
                kinds = found.setdefault(item.name, set())
                kinds |= {kind} if kind in _FEATURES else _families(folder, subset)
    return {
        name: next(iter(kinds)) if len(kinds) == 1 and kinds <= set(_FEATURES) else "file"
        for name, kinds in sorted(found.items())
    }


def _said(schema: pa.Schema) -> Mapping[str, Any]:
    """The features that the file itself carries."""
    raw = (schema.metadata or {}).get(b"huggingface")
    features = json.loads(raw)["info"].get("features") if raw else None
    return {k: v for k, v in (features or {}).items() if isinstance(v, dict)}


def _families(folder: Folder, subset: Subset) -> set[str]:
    """``image`` of ``image/png``, of every file that is in a row."""
    found: set[str] = set()
    for file in subset.files:
        for table in tables(folder, file.path, ("media",)):
            if table.num_columns:
                types = whole(table["media"]).field("media_type")
                found |= {
                    str(kind).split("/")[0] for kind in pc.unique(types.drop_null()).to_pylist()
                }
    return found


def features(subset: Subset, files: Mapping[str, str]) -> list[dict[str, Any]]:
    """The columns, as the YAML of a card says them."""
    import datasets

    found: list[dict[str, Any]] = datasets.Features.from_arrow_schema(subset.schema)._to_yaml_list()
    shown = {name: kind for name, kind in files.items() if kind in _FEATURES}
    plain = [item for item in found if "dtype" not in item and item["name"] in shown]
    for item in plain:
        name = item["name"]
        item.clear()
        item.update(name=name, dtype=shown[name])
    return found

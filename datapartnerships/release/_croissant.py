"""croissant.json: Croissant 1.1 with its RAI vocabulary.

https://docs.mlcommons.org/croissant/docs/croissant-spec-1.1.html and
https://docs.mlcommons.org/croissant/docs/croissant-rai-spec.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pyarrow as pa

from datapartnerships._report.words import count, counted
from datapartnerships.release._data import UNKNOWN, DataFile, Subset
from datapartnerships.release._facts import Facts
from datapartnerships.release._prose import audited, limits
from datapartnerships.release._rights import spdx_url

_PARQUET = "application/x-parquet"
# Names that the specification gives to its terms.
_CONTEXT: dict[str, Any] = {
    "@language": "en",
    "@vocab": "https://schema.org/",
    "arrayShape": "cr:arrayShape",
    "citeAs": "cr:citeAs",
    "column": "cr:column",
    "conformsTo": "dct:conformsTo",
    "containedIn": "cr:containedIn",
    "cr": "http://mlcommons.org/croissant/",
    "rai": "http://mlcommons.org/croissant/RAI/",
    "data": {"@id": "cr:data", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "dct": "http://purl.org/dc/terms/",
    "description": {"@container": "@language"},
    "equivalentProperty": "cr:equivalentProperty",
    "examples": {"@id": "cr:examples", "@type": "@json"},
    "extract": "cr:extract",
    "field": "cr:field",
    "fileProperty": "cr:fileProperty",
    "fileObject": "cr:fileObject",
    "fileSet": "cr:fileSet",
    "format": "cr:format",
    "includes": "cr:includes",
    "isArray": "cr:isArray",
    "isLiveDataset": "cr:isLiveDataset",
    "jsonPath": "cr:jsonPath",
    "key": "cr:key",
    "md5": "cr:md5",
    "name": {"@container": "@language"},
    "parentField": "cr:parentField",
    "path": "cr:path",
    "recordSet": "cr:recordSet",
    "references": "cr:references",
    "regex": "cr:regex",
    "repeated": "cr:repeated",
    "replace": "cr:replace",
    "samplingRate": "cr:samplingRate",
    "sc": "https://schema.org/",
    "separator": "cr:separator",
    "source": "cr:source",
    "subField": "cr:subField",
    "transform": "cr:transform",
}


def croissant(facts: Facts) -> dict[str, Any]:
    """The description, as JSON-LD. Columns of single values are fields; others are left to the
    Parquet files, which say what they are."""
    about = facts.about
    found: dict[str, Any] = {
        "@context": _CONTEXT,
        "@type": "sc:Dataset",
        "conformsTo": [
            "http://mlcommons.org/croissant/1.1",
            "http://mlcommons.org/croissant/RAI/1.0",
        ],
        "name": facts.name,
        "description": about.description or facts.title,
        "version": facts.version,
        "datePublished": facts.date,
        "keywords": sorted(set(facts.stats.kinds) - {UNKNOWN}),
        "citeAs": f"{about.organization or facts.title}: {facts.title}, version {facts.version}, "
        f"{facts.date[:4]}",
    }
    named = sorted(set(facts.stats.licenses) - {UNKNOWN})
    if named:
        urls = [spdx_url(name) or name for name in named]
        found["license"] = urls[0] if len(urls) == 1 else urls
    if about.organization:
        found["creator"] = {"@type": "sc:Organization", "name": about.organization}
    if about.contact.get("url"):
        found["url"] = about.contact["url"]
    found |= _rai(facts)
    found["distribution"] = [
        *(_file_set(subset) for subset in facts.subsets),
        *(_file(file) for subset in facts.subsets for file in subset.files),
    ]
    found["recordSet"] = [_records(subset, facts.files) for subset in facts.subsets]
    return found


def _rai(facts: Facts) -> dict[str, Any]:
    steps = "; ".join(
        f"{step.name}{f' ({step.settings})' if step.settings else ''}" for step in facts.steps
    )
    redacted = {label: sum(n.values()) for label, n in facts.redacted.items()}
    replaced = ", ".join(f"{label} {count(n)}" for label, n in sorted(redacted.items()))
    about = facts.about
    out = {
        "rai:dataCollection": f"Given by {about.organization or 'a partner'}; read from "
        f"{counted(facts.run.documents_in, 'document')}, of which {count(facts.rejected)} were "
        "rejected.",
        "rai:dataPreprocessingProtocol": steps or None,
        "rai:personalSensitiveInformation": (
            f"Found by detectors and replaced: {replaced}. " if replaced else "Nothing replaced. "
        )
        + audited(facts),
        "rai:dataLimitations": [line[2:] for line in limits(facts).splitlines()],
        "rai:dataUseCases": "; ".join(about.purposes) or None,
        "rai:dataReleaseMaintenancePlan": f"Requests to withdraw a document: {about.takedown}. "
        "TOMBSTONES.jsonl has the ids of what was withdrawn, CHANGELOG.md each version."
        if about.takedown
        else None,
    }
    return {key: value for key, value in out.items() if value is not None}


def _file_set(subset: Subset) -> dict[str, Any]:
    """The files of a subset, for those who read its records."""
    return {
        "@type": "cr:FileSet",
        "@id": f"files-{subset.name}",
        "name": f"files-{subset.name}",
        "description": f"The Parquet files of the subset {subset.name}.",
        "encodingFormat": _PARQUET,
        "includes": f"*data/{subset.name}/*.parquet",
    }


def _file(file: DataFile) -> dict[str, Any]:
    return {
        "@type": "cr:FileObject",
        "@id": file.path,
        "name": file.path,
        "contentUrl": file.path,
        "contentSize": f"{file.size} B",
        "encodingFormat": _PARQUET,
        "sha256": file.sha256,
    }


def _records(subset: Subset, media: Mapping[str, str]) -> dict[str, Any]:
    fields = [
        _field(subset, item, media)
        for item in subset.schema
        if item.name in media or _type(item.type)
    ]
    return {
        "@type": "cr:RecordSet",
        "@id": subset.name,
        "name": subset.name,
        "description": f"{counted(subset.rows, 'row')}: "
        + ", ".join(f"{split.name} {count(split.rows)}" for split in subset.splits),
        "field": fields,
    }


def _field(subset: Subset, item: pa.Field, media: Mapping[str, str]) -> dict[str, Any]:
    extract: dict[str, Any] = {"extract": {"column": item.name}}
    kinds = {"audio": "sc:AudioObject", "image": "sc:ImageObject"}
    if item.name in media:
        extract["transform"] = {"jsonPath": "bytes"}
    return {
        "@type": "cr:Field",
        "@id": f"{subset.name}/{item.name}",
        "name": f"{subset.name}/{item.name}",
        "dataType": kinds.get(media[item.name], "sc:Text")
        if item.name in media
        else _type(item.type),
        "source": {"fileSet": {"@id": f"files-{subset.name}"}, **extract},
    }


def _type(kind: pa.DataType) -> str:
    """Of a single value; empty for lists and structs."""
    if pa.types.is_string(kind) or pa.types.is_large_string(kind):
        return "sc:Text"
    if pa.types.is_boolean(kind):
        return "sc:Boolean"
    if pa.types.is_integer(kind):
        return "sc:Integer"
    return "sc:Float" if pa.types.is_floating(kind) else ""

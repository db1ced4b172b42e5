"""README.md of a release: the card that the Hub reads and people read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from datapartnerships._report.words import count, counted, duration, share, size
from datapartnerships.release import _media
from datapartnerships.release._data import UNKNOWN, Subset
from datapartnerships.release._facts import NOT_STATED, Facts
from datapartnerships.release._prose import (
    citation,
    columns,
    limits,
    not_in,
    recipe,
    redacted,
    remaining,
)
from datapartnerships.release._rights import hub_license, licenses

_SIZES = (
    (1_000, "n<1K"),
    (10_000, "1K<n<10K"),
    (100_000, "10K<n<100K"),
    (1_000_000, "100K<n<1M"),
    (10_000_000, "1M<n<10M"),
    (100_000_000, "10M<n<100M"),
    (1_000_000_000, "100M<n<1B"),
)


def card(facts: Facts) -> str:
    """YAML for the Hub, then prose."""
    import yaml

    head = yaml.safe_dump(front(facts), sort_keys=False, allow_unicode=True, width=100)
    return f"---\n{head}---\n\n{body(facts)}"


def front(facts: Facts) -> dict[str, Any]:
    """What the Hub reads: https://huggingface.co/docs/hub/datasets-cards."""
    found: dict[str, Any] = {"pretty_name": facts.title}
    if tags := language_tags(facts):
        found["language"] = tags
    found |= hub_license(facts.stats.licenses)
    found["size_categories"] = [size_category(facts.rows)]
    if tasks := _tasks(facts):
        found["task_categories"] = tasks
    found["tags"] = sorted({*facts.stats.kinds, "datapartnerships", "provenance"} - {UNKNOWN})
    if facts.terms:
        found["extra_gated_prompt"] = facts.terms
        found["extra_gated_fields"] = {
            "Name": "text",
            "Organization": "text",
            "Purpose": "text",
            "I agree to these terms": "checkbox",
        }
    found["configs"] = [_config(subset, facts) for subset in facts.subsets]
    found["dataset_info"] = [_info(subset, facts) for subset in facts.subsets]
    return found


def language_tags(facts: Facts) -> list[str]:
    """As they were measured; where nothing measured them, as the partner states them."""
    measured = [tag for tag in facts.stats.languages if tag not in (UNKNOWN, "und", "")]
    if facts.stats.has_language and measured:
        return sorted({tag.replace("_", "-").split("-")[0].lower() for tag in measured})
    return list(facts.about.languages)


def size_category(rows: int) -> str:
    return next((name for most, name in _SIZES if rows < most), "n>1B")


def _tasks(facts: Facts) -> list[str]:
    if "audio" in facts.files.values() and facts.stats.seconds:
        return ["automatic-speech-recognition"]
    return ["text-generation"] if facts.stats.characters else []


def _config(subset: Subset, facts: Facts) -> dict[str, Any]:
    files = [
        {"split": split.name, "path": f"data/{subset.name}/{split.name}-*.parquet"}
        for split in subset.splits
    ]
    first = {"default": True} if subset is facts.subsets[0] and subset.name != "default" else {}
    return {"config_name": subset.name, "data_files": files, **first}


def _info(subset: Subset, facts: Facts) -> dict[str, Any]:
    return {
        "config_name": subset.name,
        "features": _media.features(subset, facts.files),
        "splits": [
            {"name": split.name, "num_bytes": split.bytes, "num_examples": split.rows}
            for split in subset.splits
        ],
        "download_size": subset.size,
        "dataset_size": sum(split.bytes for split in subset.splits),
    }


def body(facts: Facts) -> str:
    parts = [
        f"# {facts.title}",
        facts.about.description,
        _glance(facts),
        "## Where it comes from",
        _origin(facts),
        "## What is in it",
        _contents(facts),
        "### Columns",
        columns(facts),
        "## How it was made",
        recipe(facts),
        "## What is not in it, and why",
        not_in(facts),
        "## What was replaced",
        redacted(facts),
        "## What may still be there",
        remaining(facts),
        "## Known limits",
        limits(facts),
        "## How to load it",
        _loading(facts),
        "## How to check it",
        _checking(facts),
        "## License",
        _licensing(facts),
        "## If something must come out",
        takedown(facts),
        "## How to cite it",
        citation(facts),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _glance(facts: Facts) -> str:
    stats = facts.stats
    rows = [
        ("Documents", count(stats.documents)),
        *([] if facts.plain else [("Rows", f"{count(stats.rows)}: parts of documents")]),
        ("Characters", count(stats.characters)),
        ("Words", count(stats.words)),
        *([("Sound", duration(stats.seconds))] if stats.seconds else []),
        ("Languages", ", ".join(language_tags(facts)) or NOT_STATED),
        ("Licenses", ", ".join(licenses(stats.licenses)) or NOT_STATED),
        ("Size on disk", size(facts.size)),
        ("Version", f"{facts.version} of {facts.date}"),
    ]
    return table(("", ""), rows)


def _origin(facts: Facts) -> str:
    about = facts.about
    lines = [
        f"Given by {about.organization}." if about.organization else "Who gave it is not stated.",
        f"From the period {about.period}, as the giver says." if about.period else "",
        "Permitted purposes, as the giver states them: " + "; ".join(about.purposes) + "."
        if about.purposes
        else "",
        f"Contact: {about.takedown}." if about.takedown else "",
    ]
    text = " ".join(line for line in lines if line)
    return (
        f"{text}\n\n`sources.jsonl` has a line for each document: the file it was read from, its "
        "size and digest, its license and who holds the rights."
    )


def _contents(facts: Facts) -> str:
    stats = facts.stats
    parts = []
    if len(facts.subsets) > 1 or len(facts.subsets[0].splits) > 1:
        parts.append(
            table(
                ("Subset", "Split", "Rows"),
                [
                    (f"`{subset.name}`", f"`{split.name}`", count(split.rows))
                    for subset in facts.subsets
                    for split in subset.splits
                ],
            )
        )
    parts.append(groups("Kind", stats.kinds))
    if stats.has_language:
        parts.append(groups("Language, as measured", stats.languages))
    parts.append(groups("License", stats.licenses))
    if stats.years:
        known = sum(stats.years.values())
        years = sorted(stats.years)
        parts.append(
            f"{count(known)} of {counted(stats.rows, 'row')} say of what year: {years[0]} to "
            f"{years[-1]}. stats.json has each."
        )
    return "\n\n".join(part for part in parts if part)


def groups(name: str, found: Mapping[str, Mapping[str, int]]) -> str:
    """A table of counts by group, the largest first."""
    if not found:
        return ""
    ordered = sorted(found.items(), key=lambda item: (-item[1]["rows"], item[0]))
    total = sum(n["rows"] for n in found.values())
    return table(
        (name, "Rows", "Share", "Characters"),
        [
            (key, count(n["rows"]), share(n["rows"], total), count(n["characters"]))
            for key, n in ordered
        ],
    )


def _loading(facts: Facts) -> str:
    first = facts.subsets[0]
    split = first.splits[0].name
    given = "" if len(facts.subsets) == 1 else f', "{first.name}"'
    return (
        "The path of this folder, or its name on the Hub:\n\n"
        "```python\n"
        "from datasets import load_dataset\n\n"
        f'dataset = load_dataset("path/to/folder"{given}, split="{split}")\n'
        "```\n\n"
        "It is plain Parquet; nothing else is needed to read it:\n\n"
        "```python\n"
        "import pyarrow.parquet as pq\n\n"
        f'table = pq.read_table("path/to/folder/{first.files[0].path}")\n'
        "```"
    )


def _checking(facts: Facts) -> str:
    return (
        "`MANIFEST.json` has the size and SHA-256 of every file, and what was checked before it "
        "left. `attestation.intoto.json` is a signed statement over all of them (in-toto, "
        "Ed25519).\n\n"
        "```sh\n"
        "pip install 'datapartnerships[release]'\n"
        "datapartnerships verify path/to/folder\n"
        "```\n\n"
        f"Recipe (its digest): `{facts.run.fingerprint}`. `pipeline.yaml` runs it again, for "
        "whoever has the deposit."
    )


def _licensing(facts: Facts) -> str:
    found = facts.stats.licenses
    if len(found) == 1 and UNKNOWN not in found:
        text = f"All of it: {next(iter(found))}."
    else:
        text = "Each row says its own license in `rights.license`; they are not all the same."
    if UNKNOWN in found:
        text = (
            f"Of {counted(found[UNKNOWN]['rows'], 'row')} nobody stated a license: they give no "
            "permission to anybody."
        )
    return f"{text} [LICENSES.md](LICENSES.md) says which, by whom and on what evidence."


def takedown(facts: Facts) -> str:
    """Whom to write to."""
    whom = facts.about.takedown or "whoever published this"
    return (
        f"If you are in it, or it is yours, and it should not be here: write to {whom}, and say "
        "which document it is (its `id`). What is withdrawn is not in the next version, and "
        "TOMBSTONES.jsonl there says that it was, without what it said. Whoever uses this dataset "
        "has to go over to the newest version, so that withdrawals reach them."
    )


def table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """A Markdown table."""
    names = [cell(name) for name in head]
    lines = [f"| {' | '.join(names)} |", f"|{'|'.join(['---'] * len(names))}|"]
    lines += [f"| {' | '.join(cell(value) for value in row)} |" for row in rows]
    return "\n".join(lines)


def cell(value: str) -> str:
    """What stands in a cell: a bar would end it."""
    return " ".join(str(value).split()).replace("|", "\\|")

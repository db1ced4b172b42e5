"""Every file of a release folder that is a text about it."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

from datapartnerships.release._card import card
from datapartnerships.release._croissant import croissant
from datapartnerships.release._datasheet import datasheet
from datapartnerships.release._facts import Facts
from datapartnerships.release._rights import citation_file, licenses_file, notice
from datapartnerships.release._summary import summary

CARD = "README.md"


def texts(facts: Facts) -> dict[str, str]:
    """By name; all but the change log, the tombstones and the sources."""
    found = {
        CARD: card(facts),
        "croissant.json": json.dumps(croissant(facts), indent=2, ensure_ascii=False) + "\n",
        "LICENSES.md": licenses_file(facts),
        "NOTICE": notice(facts),
        "CITATION.cff": citation_file(facts),
        "DATASHEET.md": datasheet(facts),
        "TRAINING_DATA_SUMMARY.md": summary(facts),
        "stats.json": json.dumps(numbers(facts), indent=2, ensure_ascii=False) + "\n",
    }
    if facts.recipe:
        found["pipeline.yaml"] = facts.recipe
    return found


def numbers(facts: Facts) -> dict[str, Any]:
    """All that was counted: in the data of this folder, and by the run that made it."""
    return {
        "data": facts.stats.to_dict(),
        "subsets": {
            subset.name: {
                split.name: {"rows": split.rows, "bytes": split.bytes, "files": len(split.files)}
                for split in subset.splits
            }
            for subset in facts.subsets
        },
        "run": dict(facts.counts),
        # Of a person who read a sample: no name, no place, no text.
        "audit": asdict(facts.audit) if facts.audit else None,
        "withdrawn": facts.withdrawn,
        "stated": facts.stated(),
    }

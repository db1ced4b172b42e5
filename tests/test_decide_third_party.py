"""Spans of what others have rights in: redacted, kept or a reason to reject, by rights."""

from __future__ import annotations

from pathlib import Path

import pytest
import release_sample as sample

from datapartnerships import transforms as t
from datapartnerships.errors import InvalidParameter, UnknownName

SPEECH = "and so it went on, through all the rooms of that long house, " * 6
TEXTS = {
    "own/a.txt": f"The clerk read it out: “{SPEECH}” Nobody spoke. Ask wren@netloft.example.",
    "own/b.txt": "Reprinted with permission of the harbor. The rest is ours, every word of it.",
    "own/c.txt": "© 1998 The Other Press. What is below that line is ours.",
    "bought/a.txt": "© 1997 The Other Press. It was bought, with all that is in it.",
}
YAML = """\
name: quotes
organization: The Loft
track: open
rights: {license: CC0-1.0, basis: declared}
overrides: [{path: bought/, license: CC-BY-4.0, basis: contract}]
"""
RECIPE = """\
reader: FolderReader
transforms:
  - AssignRights
  - DetectPii: {detectors: [Contacts, ThirdParty]}
  - DecideThirdParty: {by_label: {COPYRIGHT: redact, REPRINT: reject}, vouched: [contract]}
  - Redact
writer: ParquetWriter
"""


def test_each_is_decided_by_its_label_and_the_rights_of_its_document(tmp_path: Path) -> None:
    release = sample.run(sample.deposit(tmp_path / "in", TEXTS, YAML), tmp_path / "out", RECIPE)
    rows = {row["provenance"]["uri"]: row for row in release.dataset}
    assert release.manifest.rejected == {"DecideThirdParty: reprint": 1}
    assert "[QUOTATION]" in rows["own/a.txt"]["text"] and "[EMAIL]" in rows["own/a.txt"]["text"]
    assert rows["own/c.txt"]["text"].startswith("[COPYRIGHT]")
    assert rows["bought/a.txt"]["text"] == TEXTS["bought/a.txt"]
    assert rows["bought/a.txt"]["third_party"] == [
        {"label": "COPYRIGHT", "decision": "keep", "count": 1}
    ]
    assert rows["own/a.txt"]["third_party"][0]["decision"] == "redact"


def test_what_cannot_be_is_refused() -> None:
    with pytest.raises(InvalidParameter, match="redact, keep, reject"):
        t.DecideThirdParty(policy="mask")
    with pytest.raises(UnknownName, match="Did you mean 'QUOTATION'"):
        t.DecideThirdParty(by_label={"QUOTATIONS": "keep"})  # type: ignore[arg-type]
    with pytest.raises(UnknownName, match="Did you mean 'contract'"):
        t.DecideThirdParty(vouched=("contracts",))

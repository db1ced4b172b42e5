"""Whose it is and what may be done with it: LICENSES.md, NOTICE, CITATION.cff."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from datapartnerships._report.words import count
from datapartnerships.licenses import hub_id
from datapartnerships.release._data import UNKNOWN
from datapartnerships.release._facts import NOT_STATED, Facts

_SIMPLE = re.compile(r"[A-Za-z0-9][A-Za-z0-9.+-]*")


def hub_license(found: Iterable[str]) -> dict[str, str]:
    """`license` of a card, and what explains it where the Hub has no id for it."""
    names = sorted(found)
    if len(names) != 1:
        return {
            "license": "other",
            "license_name": "mixed-see-licenses-md",
            "license_link": "LICENSES.md",
        }
    known = hub_id(None if names[0] == UNKNOWN else names[0])
    if known != "other":
        return {"license": known}
    name = re.sub(r"[^a-z0-9.]+", "-", names[0].lower()).strip("-")
    return {"license": "other", "license_name": name, "license_link": "LICENSES.md"}


def licenses(found: Iterable[str]) -> list[str]:
    """SPDX expressions; last, in words, that there is none."""
    known = sorted(name for name in found if name != UNKNOWN)
    return [*known, *(["not stated for some rows"] if UNKNOWN in found and known else [])]


def spdx_url(license: str) -> str:
    """The page of one license at SPDX; empty for an agreement or an expression of several."""
    if _SIMPLE.fullmatch(license) and not license.startswith("LicenseRef-") and license != UNKNOWN:
        return f"https://spdx.org/licenses/{license}.html"
    return ""


def licenses_file(facts: Facts) -> str:
    """LICENSES.md."""
    from datapartnerships.release._card import table

    lines = [
        f"# Licenses of {facts.title} {facts.version}",
        "Every row says its own in `rights`. This is the sum of them; where rows differ, the row "
        "counts.",
    ]
    rows = []
    for key, rows_of in sorted(facts.stats.rights.items()):
        license, basis, holder, evidence, until, statement = key
        link = spdx_url(license)
        shown = f"[{license}]({link})" if link else license or statement or NOT_STATED
        rows.append((shown, count(rows_of), holder or NOT_STATED, basis or NOT_STATED,
                     evidence or NOT_STATED, until or "no end stated"))  # fmt: skip
    head = ("License (SPDX)", "Rows", "Holder", "Basis", "Evidence", "Valid until")
    lines.append(table(head, rows) if rows else "No row states any rights.")
    lines.append(
        "Basis: `statute` (the law says so), `contract`, `declared` (the giver says so), "
        "`inferred`, `unknown`. Where no license is stated, none is given; a page of "
        "rightsstatements.org says what is known of the rights, and permits nothing."
    )
    if len(facts.subsets) > 1:
        lines.append("The subsets are parted by license: " + ", ".join(
            f"`{subset.name}` ({count(subset.rows)})" for subset in facts.subsets
        ) + ".")  # fmt: skip
    lines.append(
        "The license of the data says nothing of rights that are not its holder's to give: of "
        "persons, of third parties who are quoted, of trade marks."
    )
    return "\n\n".join(lines) + "\n"


def notice(facts: Facts) -> str:
    """NOTICE: what has to be named by whoever passes it on."""
    holders = sorted({key[2] for key in facts.stats.rights if key[2]})
    names = sorted({key[0] for key in facts.stats.rights if key[0]})
    lines = [
        f"{facts.title} {facts.version} ({facts.date})",
        f"Given by {facts.about.organization}." if facts.about.organization else "",
        f"Rights: {'; '.join(holders)}." if holders else "Rights: holder not stated.",
        f"Licenses: {', '.join(names)}. See LICENSES.md." if names else "License: not stated.",
        "Changes: the documents were read, cleaned and redacted as README.md says; they are not "
        "the originals.",
    ]
    return "\n".join(line for line in lines if line) + "\n"


def citation_file(facts: Facts) -> str:
    """CITATION.cff, version 1.2.0 (https://citation-file-format.github.io)."""
    import yaml

    found: dict[str, Any] = {
        "cff-version": "1.2.0",
        "message": "If you use this dataset, please cite it as below.",
        "type": "dataset",
        "title": facts.title,
        "version": facts.version,
        "date-released": facts.date,
        "authors": [{"name": facts.about.organization or "Not stated"}],
    }
    if facts.about.description:
        found["abstract"] = facts.about.description
    named = [name for name in sorted(facts.stats.licenses) if spdx_url(name)]
    if named and len(named) == len(facts.stats.licenses):
        found["license"] = named[0] if len(named) == 1 else named
    if facts.about.contact.get("email"):
        found["contact"] = [
            {
                "name": facts.about.contact.get("name") or facts.about.organization,
                "email": facts.about.contact["email"],
            }
        ]
    found["identifiers"] = [
        {
            "type": "other",
            "value": f"sha256:{facts.run.fingerprint}",
            "description": "Digest of the recipe that made it.",
        }
    ]
    return yaml.safe_dump(found, sort_keys=False, allow_unicode=True, width=100)


def by_holder(rights: Mapping[tuple[str, ...], int]) -> dict[str, int]:
    """Rows by holder."""
    found: dict[str, int] = {}
    for key, rows in rights.items():
        found[key[2] or NOT_STATED] = found.get(key[2] or NOT_STATED, 0) + rows
    return found

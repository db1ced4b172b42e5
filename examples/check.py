"""Hold a release of the sample deposit against expected.yaml: what must be found, is it?"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

import datapartnerships as dp

HERE = Path(__file__).parent
# What this version of the library has; expectations that need more are not checked.
ABLE = frozenset({"contacts", "financial", "national_ids", "secrets", "names"})

Row = dict[str, Any]


def check(release: dp.Release, expected: Path = HERE / "expected.yaml") -> list[str]:
    """Problems, one sentence each; none when everything that must be found is found."""
    wanted = yaml.safe_load(expected.read_text(encoding="utf-8"))
    kept, rejected = _by_path(release.dataset), _by_path(release.rejected)
    return [
        *_check_counts(wanted, release),
        *_check_documents(wanted, kept),
        *_check_duplicates(wanted, kept, rejected),
        *_check_rejected(wanted, kept, rejected),
        *_check_forbidden(wanted, kept),
        *_check_surrogates(wanted, kept),
    ]


def _by_path(rows: Any) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = {}
    for row in rows:
        place = row["provenance"]
        member = re.sub(r"#[^#!]*$", "", place["member"] or "")
        path = f"{place['uri']}!{member}" if member else place["uri"]
        found.setdefault(path, []).append(row)
    return found


def _plain(text: str) -> str:
    return " ".join(unicodedata.normalize("NFC", text).split())


def _text(rows: list[Row]) -> str:
    return _plain(" ".join(s["text"] or "" for row in rows for s in row["segments"]))


def _strings(row: Row) -> Iterator[str]:
    """Every string of a row that a person wrote or is named in."""
    yield row["text"]
    for segment in row["segments"]:
        yield from (segment[name] or "" for name in ("text", "speaker", "ref"))
    for message in row["messages"] or ():
        yield from (message["role"] or "", message["content"] or "")
    for item in row["metadata"]:
        yield from (item["key"], item["value"] or "")


def _check_counts(wanted: Row, release: dp.Release) -> Iterator[str]:
    least = wanted["counts"]["min_documents_kept"]
    if release.manifest.documents_out < least:
        yield f"{release.manifest.documents_out} documents kept, at least {least} expected"
    if release.manifest.documents_in != (
        release.manifest.documents_out + sum(release.manifest.rejected.values())
    ):
        yield "documents in are not documents out plus rejected"


def _check_documents(wanted: Row, kept: dict[str, list[Row]]) -> Iterator[str]:
    for entry in wanted["documents"]:
        path, rows = entry["path"], kept.get(entry["path"], [])
        if len(rows) < entry.get("min_documents", 1):
            yield f"{path}: {len(rows)} documents, {entry['min_documents']} expected"
            continue
        text = _text(rows)
        for phrase in entry.get("contains", ()):
            if _plain(phrase) not in text:
                yield f"{path}: lacks {phrase!r}"
        for phrase in entry.get("lacks", ()):
            if _plain(phrase) in text:
                yield f"{path}: still has {phrase!r}"
        at = -1
        for phrase in entry.get("in_order", ()):
            at = text.find(_plain(phrase), at + 1)
            if at < 0:
                yield f"{path}: {phrase!r} does not come where it should"
                break
        segments = [segment for row in rows for segment in row["segments"]]
        if len(segments) < entry.get("min_segments", 0):
            yield f"{path}: {len(segments)} segments, {entry['min_segments']} expected"
        yield from _check_places(entry, segments)


def _check_places(entry: Row, segments: list[Row]) -> Iterator[str]:
    path = entry["path"]
    if "pages" in entry and sorted({s["page"] for s in segments}) != entry["pages"]:
        yield f"{path}: pages {sorted({s['page'] for s in segments})}, {entry['pages']} expected"
    if "speakers" in entry:
        speakers = {s["speaker"] for s in segments}
        if not set(entry["speakers"]) <= speakers:
            yield f"{path}: speakers {sorted(map(str, speakers))}"
    for item in entry.get("segments", ()):
        phrase = _plain(item["phrase"])
        found = [s for s in segments if phrase in _plain(s["text"] or "")]
        if not found:
            yield f"{path}: no segment has {item['phrase']!r}"
            continue
        ref = found[0]["ref"] or ""
        at = -1
        for part in item.get("ref_contains", ()):
            at = ref.find(part, at + 1)
            if at < 0:
                yield f"{path}: the place of {item['phrase']!r} is {ref!r}, without {part!r}"
                break
        if "page" in item and found[0]["page"] != item["page"]:
            yield f"{path}: {item['phrase']!r} is on page {found[0]['page']}, not {item['page']}"
        if "speaker" in item and found[0]["speaker"] != item["speaker"]:
            yield f"{path}: {item['phrase']!r} is said by {found[0]['speaker']}"


def _check_duplicates(
    wanted: Row, kept: dict[str, list[Row]], rejected: dict[str, list[Row]]
) -> Iterator[str]:
    for group in wanted["duplicates"]:
        phrase = _plain(group["contains"][0])
        kept_in = [m for m in group["members"] if phrase in _text(kept.get(m, []))]
        gone = [
            row for m in group["members"] for row in rejected.get(m, [])
            if _has_reason(row, group["reason_any"])
        ]  # fmt: skip
        if len(kept_in) != group["survivors"] or len(gone) < len(group["members"]) - 1:
            yield f"{group['members']}: kept {kept_in}, {len(gone)} rejected as duplicates"
        for phrase in group["contains"]:
            if not any(_plain(phrase) in _text(kept.get(m, [])) for m in kept_in):
                yield f"{group['members']}: lacks {phrase!r}"
    for group in wanted["near_duplicates"]:
        for member in group["members"]:
            if member not in kept:
                yield f"{member}: rejected, but it is only alike"


def _check_rejected(
    wanted: Row, kept: dict[str, list[Row]], rejected: dict[str, list[Row]]
) -> Iterator[str]:
    for entry in (*wanted["rejected"], *wanted["records_rejected"]):
        path, rows = entry["path"], rejected.get(entry["path"], [])
        if not any(_has_reason(row, entry["reason_any"]) for row in rows):
            reasons = [row["drop_reason"] for row in rows]
            yield f"{path}: reasons {reasons}, one of {entry['reason_any']} expected"
        if "byte" not in entry and path in kept:
            yield f"{path}: kept, but it must be rejected"
    for entry in wanted["either"]:
        if entry["path"] not in kept and entry["path"] not in rejected:
            yield f"{entry['path']}: vanished"
    for entry in wanted["ignored"]:
        path = entry["path"]
        if path in kept or (path in rejected and not entry["may_be_rejected"]):
            yield f"{path}: is no document"


def _has_reason(row: Row, words: list[str]) -> bool:
    return any(word.lower() in (row["drop_reason"] or "").lower() for word in words)


def _check_forbidden(wanted: Row, kept: dict[str, list[Row]]) -> Iterator[str]:
    forbidden = wanted["forbidden"]
    values = [entry["value"] for entry in forbidden["personal"] if entry["needs"] in ABLE]
    values += [*forbidden["boilerplate"], *forbidden["damage"]]
    folded = [(value, _plain(value).casefold()) for value in values]
    for path, rows in kept.items():
        raw = "\n".join(string for row in rows for string in _strings(row))
        text = _plain(raw).casefold()
        for value, plain in folded:
            if plain in text:
                yield f"{path}: still has {value!r}"
        for character in forbidden["control_characters"]:
            if character in raw:
                yield f"{path}: still has the character {character!r}"


def _check_surrogates(wanted: Row, kept: dict[str, list[Row]]) -> Iterator[str]:
    found: dict[str, set[str]] = {}
    for group in wanted["same_surrogate"]:
        for member in group["members"]:
            if member["path"] in kept:
                match = re.search(member["around"], _text(kept[member["path"]]))
                if not match:
                    yield f"{member['path']}: nothing stands at {member['around']!r}"
                else:
                    found.setdefault(group["person"], set()).add(match[1])
        if len(found.get(group["person"], ())) != 1:
            yield f"{group['person']}: surrogates {found.get(group['person'])}, one expected"
    different = [value for person in wanted["different_surrogates"] for value in found[person]]
    if len(set(different)) != len(different):
        yield f"people share a surrogate: {found}"

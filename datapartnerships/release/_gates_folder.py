"""Gates of what was written: is it what it says, all of it, and nothing else."""

from __future__ import annotations

import fnmatch
import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

import pyarrow.parquet as pq

from datapartnerships import licenses
from datapartnerships.config import load_yaml
from datapartnerships.release._manifest import GateResult
from datapartnerships.release.candidate import Candidate, NoEvidence
from datapartnerships.release.folder import sha256
from datapartnerships.schema import FileEntry
from datapartnerships.writers._folder import MANIFEST as RUN_MANIFEST
from datapartnerships.writers._folder import Folder

CARD, CROISSANT = "README.md", "croissant.json"
# What a release holds besides its data. Each is read by `secrets` and `local_paths`; rows in any
# other file would have no rights that anybody looks at.
_KNOWN = (
    r"README\.md|LICENSES\.md|NOTICE|CITATION\.cff|DATASHEET\.md|TRAINING_DATA_SUMMARY\.md"
    r"|CHANGELOG\.md|croissant\.json|sources\.jsonl|stats\.json|pipeline\.yaml|TOMBSTONES\.jsonl"
    r"|MANIFEST\.json|attestation\.intoto\.json|notices/[^/]+\.intoto\.json|\.gitattributes"
)


def run(candidate: Candidate) -> GateResult:
    """The run adds up, and its files are those that it wrote."""
    if candidate.run is None:
        return candidate.recorded("run", "the run was not given")
    manifest, folder = candidate.run.manifest, Folder(candidate.run.path)
    facts = {
        "fingerprint": manifest.fingerprint, "documents_in": manifest.documents_in,
        "documents_out": manifest.documents_out, "rejected": sum(manifest.rejected.values()),
    }  # fmt: skip
    wrong = [*_numbers(facts)]
    there = {**folder.sizes("data"), **folder.sizes("rights")}
    named = {entry.path: entry for entry in (*manifest.files, *manifest.sidecar_files)}
    wrong += [f"{n}: is there, and the run did not write it" for n in there.keys() - named.keys()]
    rows = 0
    for name, entry in named.items():
        wrong += _wrong(folder, entry, there)
        if name in there and name.endswith(".parquet"):
            with folder.system.open(folder.at(name), "rb") as stream:
                rows += int(pq.read_metadata(stream).num_rows)
    expected = manifest.counts.get("rows", manifest.documents_out)
    parquet = manifest.format == "parquet" or manifest.sidecar_files
    if not wrong and parquet and rows != expected:
        wrong.append(f"{rows:,} rows in the files, {expected:,} in the manifest")
    if folder.read_text(RUN_MANIFEST) != manifest.to_json():
        wrong.append(f"{RUN_MANIFEST}: has changed since it was opened")
    said = candidate.folder.manifest if candidate.folder else None
    if said is not None:
        if said.run != sha256(folder, RUN_MANIFEST):
            wrong.append("the release folder was made of another run")
        if said.fingerprint != manifest.fingerprint:
            wrong.append("the release folder says another recipe")
    return _result("run", wrong, "its numbers and files are as it said", facts)


def files(candidate: Candidate) -> GateResult:
    """All files are those of the manifest, and its numbers those of the data."""
    assert candidate.folder is not None
    manifest = candidate.folder.manifest
    facts = {
        "files": len(manifest.files), "documents_in": manifest.documents_in,
        "documents_out": manifest.documents_out, "rejected": sum(manifest.rejected.values()),
    }  # fmt: skip
    wrong = [*candidate.folder.problems(), *_numbers(facts)]
    if manifest.track != candidate.track:
        wrong.append(f"it is of the {manifest.track} track")
    wrong += [
        f"{name}: is no file of a release, so no gate looks into it"
        for name in sorted(candidate.root.sizes(""))
        if name not in (*candidate.data, *candidate.lines) and not re.fullmatch(_KNOWN, name)
    ]
    if candidate.intake is not None and manifest.deposit != candidate.intake.digest:
        wrong.append("deposit.yaml: is not the one that it was made with")
    rows = candidate.rows()
    for entry in manifest.files:
        if entry.path in rows and entry.rows != rows[entry.path]:
            wrong.append(f"{entry.path}: {rows[entry.path]:,} rows, {entry.rows:,} in the manifest")
    return _result("files", wrong, f"{len(manifest.files):,} files, as the manifest says", facts)


def _numbers(facts: Mapping[str, Any]) -> Iterator[str]:
    if facts["documents_in"] != facts["documents_out"] + facts["rejected"]:
        yield (
            f"{facts['documents_in']:,} documents in are not {facts['documents_out']:,} out + "
            f"{facts['rejected']:,} rejected"
        )


def _wrong(folder: Folder, entry: FileEntry, there: Mapping[str, int]) -> Iterator[str]:
    if entry.path not in there:
        yield f"{entry.path}: is not there"
    elif there[entry.path] != entry.size or sha256(folder, entry.path) != entry.sha256:
        yield f"{entry.path}: is not what the run wrote"


def attestation(candidate: Candidate) -> GateResult:
    """The folder is what somebody signed, and by the key that was asked for."""
    from datapartnerships.release.attestation import verify_release

    assert candidate.folder is not None
    found = verify_release(candidate.folder, candidate.signer)
    facts = {"key": found.key, "pinned": found.pinned, "files": found.files}
    good = f"signed by the key {found.key[:16]}"
    good += "" if found.pinned else "; nobody said which key it has to be"
    return _result("attestation", list(found.problems), good, facts)


def card(candidate: Candidate) -> GateResult:
    """The numbers of the card are those of the Parquet footers, its license is that of the rows."""
    head = _head(candidate)
    rows, sizes = candidate.rows(), candidate.root.sizes("")
    wrong, told = [], set[str]()
    splits = dict(_splits(head))
    if not splits:
        raise NoEvidence(f"{CARD} says no number of rows (dataset_info)")
    total = 0
    for (config, split), (patterns, examples) in sorted(splits.items()):
        held = [name for name in rows if any(fnmatch.fnmatchcase(name, p) for p in patterns)]
        told |= set(held)
        number = sum(rows[name] for name in held)
        total += number
        if not held:
            wrong.append(f"{config}/{split}: no file is of it")
        if number != examples:
            wrong.append(f"{config}/{split}: {examples} rows in the card, {number:,} in the files")
    wrong += [f"{name}: is of no split of the card" for name in sorted(rows.keys() - told)]
    for info in _infos(head):
        size = info.get("download_size")
        if size is not None and len(_infos(head)) == 1 and size != sum(sizes[n] for n in rows):
            wrong.append(f"download_size: {size}, {sum(sizes[n] for n in rows):,} in the files")
        wrong += _columns(candidate, info)
    wrong += _license(candidate, head)
    facts = {"rows": total, "splits": len(splits)}
    return _result(
        "card", wrong, f"{len(splits)} splits and {total:,} rows, as in the files", facts
    )


def _head(candidate: Candidate) -> Mapping[str, Any]:
    if not candidate.root.exists(CARD):
        raise NoEvidence(f"there is no {CARD}")
    parts = candidate.root.read_text(CARD).split("---\n", 2)
    head = load_yaml(parts[1], CARD) if len(parts) == 3 and not parts[0] else None
    if not isinstance(head, Mapping):
        raise NoEvidence(f"{CARD} does not begin with YAML")
    return head


def _infos(head: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    found = head.get("dataset_info") or []
    return [found] if isinstance(found, Mapping) else list(found)


def _splits(head: Mapping[str, Any]) -> Iterator[tuple[tuple[str, str], tuple[list[str], Any]]]:
    """Of each subset and split: the patterns of its files, and how many rows it is said to have."""
    patterns: dict[tuple[str, str], list[str]] = {}
    for config in head.get("configs") or ():
        for item in config["data_files"]:
            path = item["path"]
            key = (str(config["config_name"]), str(item["split"]))
            patterns[key] = [path] if isinstance(path, str) else list(path)
    for info in _infos(head):
        config = str(info.get("config_name", "default"))
        for split in info.get("splits") or ():
            key = (config, str(split["name"]))
            yield key, (patterns.pop(key, []), split["num_examples"])
    for key, held in patterns.items():
        yield key, (held, None)


def _columns(candidate: Candidate, info: Mapping[str, Any]) -> Iterator[str]:
    told = [str(item["name"]) for item in info.get("features") or ()]
    there = {name for schema in candidate.schemas for name in schema.names}
    if told and set(told) != there:
        differ = ", ".join(sorted(set(told) ^ there))
        yield f"columns that are in the card or in the files, and not in both: {differ}"


def _license(candidate: Candidate, head: Mapping[str, Any]) -> Iterator[str]:
    """The card names what the rows have; one license of all, or ``other``."""
    import pyarrow.compute as pc

    from datapartnerships.kernels.segments import whole

    held = set[str | None]()
    for table in candidate.batches(["rights"]):
        if table.num_columns:
            held |= set(pc.unique(whole(table["rights"]).field("license")).to_pylist())
    expected = {licenses.hub_id(one) for one in held}
    told = head.get("license")
    given = {str(item) for item in told} if isinstance(told, list) else {str(told)}
    if told is None:
        yield "it says no license"
    elif held and given != expected and not (len(held) > 1 and given == {"other"}):
        yield f"license: {', '.join(sorted(given))}, and the rows say {', '.join(sorted(expected))}"
    if given == {"other"} and not head.get("license_name"):
        yield "license: other, without a license_name"


def croissant(candidate: Candidate) -> GateResult:
    """croissant.json is valid, says a license, and names the files with their digests."""
    from datapartnerships._backends.croissant import problems

    if not candidate.root.exists(CROISSANT):
        raise NoEvidence(f"there is no {CROISSANT}")
    data = json.loads(candidate.root.read_text(CROISSANT))
    errors, warnings = problems(data)
    # The validator only warns of it.
    wrong = [*errors, *([] if data.get("license") else ["it says no license"])]
    told = {
        str(item.get("contentUrl", "")): item.get("sha256")
        for item in data.get("distribution", ())
        if item.get("sha256")
    }
    for url, digest in sorted(told.items()):
        if "://" not in url and digest != (
            sha256(candidate.root, url) if candidate.root.exists(url) else None
        ):
            wrong.append(f"{url}: not the file that it has the digest of")
    return _result("croissant", wrong, "valid", {"warnings": warnings, "digests": len(told)})


def _result(name: str, wrong: list[str], good: str, facts: Mapping[str, Any]) -> GateResult:
    if not wrong:
        return GateResult(name, True, good, facts)
    finding = "; ".join(wrong[:3]) + (f"; and {len(wrong) - 3:,} more" if len(wrong) > 3 else "")
    return GateResult(name, False, finding, {**facts, "problems": wrong[:20]})

"""Ways to spoil a release folder or a run, by somebody who may also cover it up."""

from __future__ import annotations

import base64
import dataclasses
import hashlib
import json
import random
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq

from datapartnerships.release._manifest import ATTESTATION, MANIFEST, ReleaseManifest
from datapartnerships.release.attestation import attest
from datapartnerships.schema import FileEntry, Manifest

# How far whoever does it goes to hide it: not at all; by making the manifest fit; by signing that
# with a key of theirs. `insider` signs with the key of the publisher.
COVERS = ("bare", "manifest", "resigned", "insider")
Rows = list[dict[str, Any]]


class Spoiled(NamedTuple):
    """What was done: a kind, and what has to be said of it where it is not covered up.

    Where there is a ``|`` in `named`, what is before it or what is behind.
    """

    kind: str
    named: str
    # Gates of which one has to be shut even if the publisher's own key signed it.
    gates: frozenset[str] = frozenset()


def files_of(folder: Path) -> list[str]:
    return sorted(str(p.relative_to(folder)) for p in folder.rglob("*") if p.is_file())


def state(folder: Path) -> dict[str, str]:
    return {n: hashlib.sha256((folder / n).read_bytes()).hexdigest() for n in files_of(folder)}


# --- files ------------------------------------------------------------------------------------


def _any(folder: Path, rng: random.Random, proof: bool = False) -> str:
    names = [n for n in files_of(folder) if proof or n not in (MANIFEST, ATTESTATION)]
    return rng.choice(names)


def delete_file(folder: Path, rng: random.Random) -> Spoiled:
    name = _any(folder, rng, proof=True)
    (folder / name).unlink()
    return Spoiled("delete a file", name)


def rename_file(folder: Path, rng: random.Random) -> Spoiled:
    name = _any(folder, rng, proof=True)
    path = folder / name
    path.rename(path.with_name(rng.choice(["x", "A-", "copy of "]) + path.name))
    return Spoiled("rename a file", name)


def add_file(folder: Path, rng: random.Random) -> Spoiled:
    name = rng.choice(["notes.txt", "data/extra.parquet", ".hidden", "a/b/c.bin", "deposit.yaml"])
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    source = next(iter(sorted((folder / "data").rglob("*.parquet"))))
    path.write_bytes(source.read_bytes() if name.endswith("parquet") else b"what was not there")
    return Spoiled("add a file", name)


def flip_a_byte(folder: Path, rng: random.Random) -> Spoiled:
    name = _any(folder, rng)
    data = bytearray((folder / name).read_bytes()) or bytearray(b"x")
    data[rng.randrange(len(data))] ^= 1 << rng.randrange(8)
    (folder / name).write_bytes(data)
    return Spoiled("flip a byte", name)


def cut_off(folder: Path, rng: random.Random) -> Spoiled:
    name = _any(folder, rng)
    data = (folder / name).read_bytes()
    (folder / name).write_bytes(data[: rng.randrange(len(data))] if data else b"\n")
    return Spoiled("cut a file off", name)


def swap_files(folder: Path, rng: random.Random) -> Spoiled:
    a, b = rng.sample([n for n in files_of(folder) if n not in (MANIFEST, ATTESTATION)], 2)
    first, second = (folder / a).read_bytes(), (folder / b).read_bytes()
    (folder / a).write_bytes(second)
    (folder / b).write_bytes(first)
    return Spoiled("swap two files", a)


# --- rows -------------------------------------------------------------------------------------


def rewrite(folder: Path, rng: random.Random, change: Callable[[Rows], Rows]) -> str:
    path = rng.choice(sorted((folder / "data").rglob("*.parquet")))
    table = pq.read_table(path)
    rows = change(table.to_pylist())
    pq.write_table(pa.Table.from_pylist(rows, table.schema), path)
    return str(path.relative_to(folder))


def delete_rows(folder: Path, rng: random.Random) -> Spoiled:
    name = rewrite(folder, rng, lambda rows: rng.sample(rows, rng.randrange(len(rows))))
    return Spoiled("filter rows", name)


def repeat_a_row(folder: Path, rng: random.Random) -> Spoiled:
    return Spoiled("repeat a row", rewrite(folder, rng, lambda rows: [*rows, rng.choice(rows)]))


def reorder_rows(folder: Path, rng: random.Random) -> Spoiled:
    return Spoiled("reorder rows", rewrite(folder, rng, lambda r: rng.sample(r, len(r))))


def merge_rows(folder: Path, rng: random.Random) -> Spoiled:
    def change(rows: Rows) -> Rows:
        a, b = rng.sample(range(len(rows)), 2)
        rows[a]["text"] += "\n\n" + rows[b]["text"]
        rows[a]["segments"] += rows[b]["segments"]
        return [row for i, row in enumerate(rows) if i != b]

    return Spoiled("merge two rows", rewrite(folder, rng, change))


def rename_ids(folder: Path, rng: random.Random) -> Spoiled:
    def change(rows: Rows) -> Rows:
        row = rng.choice(rows)
        if rng.random() < 0.5:
            row["id"] = f"{rng.getrandbits(128):032x}"
        else:
            row["provenance"]["uri"] = rng.choice(["tales/other.txt", "notes/x.txt", ""])
        return rows

    return Spoiled("rename a row", rewrite(folder, rng, change))


_LAWLESS: tuple[tuple[str, Any, frozenset[str]], ...] = (
    ("license", None, frozenset({"rights"})),
    ("license", "CC-BY-NC-ND-4.0", frozenset({"rights"})),
    ("license", "LicenseRef-Nobody", frozenset({"rights"})),
    ("license", "free for all", frozenset({"rights"})),
    ("basis", "unknown", frozenset({"rights"})),
    ("basis", None, frozenset({"rights"})),
    ("track", "private", frozenset({"rights", "private"})),
    ("track", None, frozenset({"rights", "private"})),
    ("valid_until", "2020-01-01", frozenset({"rights"})),
    ("embargo_until", "2099-01-01", frozenset({"embargo"})),
)


def take_a_right(folder: Path, rng: random.Random) -> Spoiled:
    """Rows that nobody may publish: even the publisher's own signature must not help."""
    field, value, gates = rng.choice(_LAWLESS)
    share = rng.choice([0.0, 0.3, 1.0])

    def change(rows: Rows) -> Rows:
        for number, row in enumerate(rows):
            if number == 0 or rng.random() < share:
                if rng.random() < 0.2 and field != "embargo_until":
                    row["rights"] = None
                else:
                    row["rights"][field] = value
        return rows

    return Spoiled(f"take a right: {field}", rewrite(folder, rng, change), gates | {"rights"})


def forge_a_right(folder: Path, rng: random.Random) -> Spoiled:
    """Rows that say another right than deposit.yaml does, which would be enough."""
    forged = {
        "license": "PDDL-1.0", "holder": "Somebody else", "evidence": "trust me",
        "basis": "statute", "valid_until": "2999-12-31",
    }  # fmt: skip
    field = rng.choice(sorted(forged))

    def change(rows: Rows) -> Rows:
        rng.choice(rows)["rights"][field] = forged[field]
        return rows

    return Spoiled(f"forge a right: {field}", rewrite(folder, rng, change), frozenset({"rights"}))


def leave_a_trace(folder: Path, rng: random.Random) -> Spoiled:
    """What a release must not hold, in a column or in a file."""
    value, gate = rng.choice(
        [
            ("/home/wren/nets/monday.txt", "local_paths"),
            ("file:///srv/loft/monday.txt", "local_paths"),
            ("password: Xk29-vvQp-77", "secrets"),
        ]
    )
    if rng.random() < 0.5:
        with open(folder / "README.md", "a", encoding="utf-8") as stream:
            stream.write(f"\nMade of {value}\n")
        return Spoiled(f"leave a trace: {gate}", "README.md", frozenset({gate}))

    def change(rows: Rows) -> Rows:
        rng.choice(rows)["metadata"] = [{"key": "note", "value": value}]
        return rows

    return Spoiled(f"leave a trace: {gate}", rewrite(folder, rng, change), frozenset({gate}))


def drop_a_column(folder: Path, rng: random.Random) -> Spoiled:
    path = rng.choice(sorted((folder / "data").rglob("*.parquet")))
    table = pq.read_table(path)
    name = rng.choice(["rights", "provenance", "id", "spans", "detectors_compared"])
    if rng.random() < 0.5:
        table = table.drop_columns([name])
    else:
        table = table.rename_columns([f"{x}_" if x == name else x for x in table.column_names])
    pq.write_table(table, path)
    gates = frozenset({"rights", "redaction", "residual", "card"})
    return Spoiled(f"take away a column: {name}", str(path.relative_to(folder)), gates)


# --- what is said of it -----------------------------------------------------------------------


def forge_the_card(folder: Path, rng: random.Random) -> Spoiled:
    path = folder / "README.md"
    text = path.read_text("utf-8")
    old = rng.choice(
        [r"num_examples: \d+", r"(?m)^license: .*$", r"path: .*parquet.*", r"num_bytes: \d+",
         r"split: \w+", r"name: rights\b", r"\A---\n"]
    )  # fmt: skip
    new = rng.choice(["num_examples: 999999", "license: mit", "path: data/none-*.parquet", "x: y"])
    path.write_text(re.sub(old, new, text, count=1), encoding="utf-8")
    return Spoiled("forge the card", "README.md")


def forge_the_manifest(folder: Path, rng: random.Random) -> Spoiled:
    path = folder / MANIFEST
    raw = json.loads(path.read_text("utf-8"))
    field = rng.choice(sorted(set(raw) - {"format", "previous"}))
    value = raw[field]
    if field == "files":
        entry = rng.choice(value)
        part = rng.choice(["path", "size", "sha256", "rows", "gone", "twice"])
        if part == "gone":
            value.remove(entry)
        elif part == "twice":
            value.append({**entry, "path": "data/none.parquet"})
        else:
            entry[part] = entry[part] + 1 if isinstance(entry[part], int) else f"{entry[part]}0"
    elif field == "gates":
        gate = rng.choice(value)
        if rng.random() < 0.5:
            value.remove(gate)
        else:
            gate["finding"], gate["passed"] = "all is well", not gate["passed"]
    elif field == "rejected":
        value["Somebody: a reason"] = 3
    elif isinstance(value, int):
        raw[field] = value + rng.choice([-1, 1])
    else:
        raw[field] = {"track": "private", "date": "2031-01-01"}.get(field, f"{value}x")
    path.write_text(json.dumps(raw, indent=2, sort_keys=True, ensure_ascii=False) + "\n", "utf-8")
    return Spoiled(f"forge the manifest: {field}", MANIFEST)


def waive_a_gate(folder: Path, rng: random.Random) -> Spoiled:
    path = folder / MANIFEST
    raw = json.loads(path.read_text("utf-8"))
    waiver = {"by": "Nobody", "date": "2026-11-22", "reason": "so", "gate": ""}
    gate = rng.choice(raw["gates"])
    gate["waiver"] = {**waiver, "gate": gate["name"]}
    path.write_text(json.dumps(raw, indent=2, sort_keys=True, ensure_ascii=False) + "\n", "utf-8")
    return Spoiled("forge a waiver", f"{gate['name']}|{MANIFEST}")


def forge_the_signature(folder: Path, rng: random.Random) -> Spoiled:
    path = folder / ATTESTATION
    envelope = json.loads(path.read_text("utf-8"))
    what = rng.choice(["payload", "sig", "none", "type"])
    if what == "payload":
        statement = json.loads(base64.b64decode(envelope["payload"]))
        statement["predicate"]["version"] = "9.9.9"
        envelope["payload"] = base64.b64encode(json.dumps(statement).encode()).decode()
    elif what == "sig":
        held = bytearray(base64.b64decode(envelope["signatures"][0]["sig"]))
        held[rng.randrange(len(held))] ^= 1
        envelope["signatures"][0]["sig"] = base64.b64encode(held).decode()
    elif what == "none":
        envelope["signatures"] = []
    else:
        envelope["payloadType"] = "text/plain"
    path.write_text(json.dumps(envelope, indent=2) + "\n", "utf-8")
    return Spoiled(f"forge the signature: {what}", ATTESTATION)


# Those that change what a release holds; whoever does one may try to cover it up.
OF_CONTENT = (
    delete_rows, repeat_a_row, reorder_rows, merge_rows, rename_ids, take_a_right, forge_a_right,
    leave_a_trace, drop_a_column, forge_the_card, flip_a_byte, cut_off, swap_files, delete_file,
    rename_file, add_file,
)  # fmt: skip
OF_PROOF = (forge_the_manifest, waive_a_gate, forge_the_signature)
LAWLESS = (take_a_right, leave_a_trace, drop_a_column)
OF_RUN = (
    delete_rows, repeat_a_row, reorder_rows, merge_rows, rename_ids, take_a_right, forge_a_right,
)  # fmt: skip


# --- covering it up ---------------------------------------------------------------------------


def _entries(folder: Path, names: Iterator[str]) -> tuple[FileEntry, ...]:
    found = []
    for name in names:
        data = (folder / name).read_bytes()
        rows = 0
        if name.endswith(".parquet"):
            try:
                rows = pq.read_metadata(folder / name).num_rows
            except pa.ArrowInvalid:
                rows = 0
        found.append(FileEntry(name, len(data), hashlib.sha256(data).hexdigest(), rows))
    return tuple(found)


def cover_folder(folder: Path, cover: str, keys: dict[str, bytes], *, card: bool = True) -> None:
    """Make the manifest and the card fit what is there, and sign it, as far as `cover` says."""
    path = folder / MANIFEST
    if cover == "bare" or not path.exists():
        return
    manifest = ReleaseManifest.from_json(path.read_text("utf-8"))
    names = (n for n in files_of(folder) if n not in (MANIFEST, ATTESTATION))
    entries = _entries(folder, names)
    rows = sum(entry.rows for entry in entries)
    manifest = dataclasses.replace(
        manifest, files=entries, documents_out=rows,
        documents_in=rows + sum(manifest.rejected.values()),
    )  # fmt: skip
    text = manifest.to_json()
    path.write_text(text, "utf-8")
    if card:
        _cover_card(folder, rows)
    if cover in keys:
        # The card is said last: its digest has to fit, too.
        names = (n for n in files_of(folder) if n not in (MANIFEST, ATTESTATION))
        text = dataclasses.replace(manifest, files=_entries(folder, names)).to_json()
        path.write_text(text, "utf-8")
        (folder / ATTESTATION).write_text(
            attest(ReleaseManifest.from_json(text), text, keys[cover]), "utf-8"
        )


def _cover_card(folder: Path, rows: int) -> None:
    card = folder / "README.md"
    if card.exists():
        text = card.read_bytes().decode("utf-8", "replace")
        card.write_text(re.sub(r"num_examples: \d+", f"num_examples: {rows}", text), "utf-8")


def cover_run(folder: Path) -> None:
    """Make the manifest of a run fit what is there."""
    path = folder / "manifest.json"
    manifest = Manifest.from_json(path.read_text("utf-8"))
    entries = _entries(folder, (entry.path for entry in manifest.files))
    rows = sum(entry.rows for entry in entries)
    path.write_text(
        dataclasses.replace(
            manifest, files=entries, documents_out=rows,
            documents_in=rows + sum(manifest.rejected.values()),
        ).to_json(),
        "utf-8",
    )  # fmt: skip


def copy(source: Path, target: Path) -> Path:
    shutil.rmtree(target, ignore_errors=True)
    shutil.copytree(source, target)
    return target

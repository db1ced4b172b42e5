"""Memory and rate of publishing, against `create_commit` of the plain client on the same files.

A release of sparse files (a mebibyte of noise each, then zeros) goes to a Hub on loopback that
believes digests and keeps holes as holes: what is measured is the client's side. Ours is measured
without the gates, to the commit, which is what the plain client does too, and to the end: every
file downloaded again and compared, the tag, and public. The Hub runs in this process, so its time
is not in the figures; CPU seconds count the client's process alone.
"""

from __future__ import annotations

import dataclasses
import json
import os
import subprocess
import sys
from pathlib import Path

from _common import ROOT, arguments, in_turn, machine, medians, ratio, report, scratch, versions

sys.path.insert(0, str(ROOT / "tests"))
from hub_releases import release
from hub_server import Hub

from datapartnerships.release._manifest import MANIFEST
from datapartnerships.release.folder import sha256
from datapartnerships.schema import FileEntry
from datapartnerships.writers._folder import Folder

MEASURED = """
import json, resource, sys, time
folder, repo, out = sys.argv[1:]
def used():
    own = resource.getrusage(resource.RUSAGE_SELF)
    return own.ru_utime + own.ru_stime, time.perf_counter(), own.ru_maxrss * 1024 / 1e6
{imports}
start = used()
{body}
def between(a, b):
    return dict(cpu_s=b[0] - a[0], wall_s=b[1] - a[1], peak_mb=b[2])
json.dump(dict(commit=between(start, committed), whole=between(start, used())), open(out, "w"))
"""
PLAIN = MEASURED.format(
    imports="from huggingface_hub import CommitOperationAdd, HfApi\nfrom pathlib import Path",
    body="""
api = HfApi()
api.create_repo(repo, repo_type="dataset", private=True)
files = sorted(p for p in Path(folder).rglob("*") if p.is_file())
adds = [CommitOperationAdd(str(p.relative_to(folder)), str(p)) for p in files]
api.create_commit(repo, adds, commit_message="all of it", repo_type="dataset")
committed = used()
""",
)
OURS = MEASURED.format(
    imports="""
import huggingface_hub
from datapartnerships.release._hub_client import Repository, Retry
from datapartnerships.release._publication import Publication
from datapartnerships.release.folder import ReleaseFolder
""",
    body="""
class Timed(Publication):
    def _main(self):
        global committed
        found = super()._main()
        committed = used()
        return found
repository = Repository(repo, token=None, endpoint=None, retry=Retry())
Timed(ReleaseFolder.open(folder), repository, None, "all of it", False).run()
""",
)


def main() -> None:
    given = arguments(
        __doc__ or "",
        gigabytes={"type": float, "default": 10.0},
        files={"type": int, "default": 20},
        runs={"type": int, "default": 3},
    )
    with scratch() as folder:
        size = _sparse(folder / "release", given.files, int(given.gigabytes * 1e9))
        with Hub(folder / "hub", trusts=True) as hub:
            runs = {
                name: [_flat(found) for found in every]
                for name, every in in_turn(
                    given.runs,
                    plain=lambda: _run(hub, folder, PLAIN),
                    ours=lambda: _run(hub, folder, OURS),
                ).items()
            }
    ours, plain = medians(runs["ours"]), medians(runs["plain"])
    result = {
        "benchmark": "publish",
        "reader": "",
        "bytes": size,
        "files": given.files,
        "runs": given.runs,
        "ours": ours,
        "peer": {"name": "create_commit", **plain},
        # Above 1: faster than the plain client.
        "rate of the commit, by CPU": ratio(runs, "plain", "ours", "commit_cpu_s"),
        "rate of the commit, by wall": ratio(runs, "plain", "ours", "commit_wall_s"),
        "peak_mb": max(run["whole_peak_mb"] for run in runs["ours"]),
        "versions": versions("huggingface_hub"),
        "machine": machine(),
    }
    report(result, given.json)
    if given.save:
        file = ROOT / "benchmarks" / "results" / "publish.json"
        file.write_text(json.dumps([result], indent=1) + "\n")


def _sparse(folder: Path, files: int, size: int) -> int:
    """A release folder of `files` sparse files of `size` bytes in all, and its manifest."""
    made = release(folder, shards=[[str(i)] for i in range(files)])
    entries = []
    for entry in made.manifest.files:
        path = folder / entry.path
        if path.suffix == ".parquet":
            path.write_bytes(os.urandom(1 << 20))
            os.truncate(path, size // files)
            digest = sha256(Folder(str(folder)), entry.path)
            entry = FileEntry(entry.path, size // files, digest, 1)
        entries.append(entry)
    manifest = dataclasses.replace(made.manifest, files=tuple(entries))
    (folder / MANIFEST).write_text(manifest.to_json())
    return sum(entry.size for entry in entries)


def _run(hub: Hub, folder: Path, code: str) -> dict[str, dict[str, float]]:
    hub.store.repos.clear()
    for blob in hub.store.folder.iterdir():
        blob.unlink()
    environment = {
        **os.environ,
        "HF_ENDPOINT": hub.url,
        "HF_TOKEN": hub.token,
        "HF_HOME": str(folder / "home"),
        "HF_HUB_DISABLE_XET": "1",
        "HF_HUB_DISABLE_PROGRESS_BARS": "1",
        "HF_HUB_DISABLE_TELEMETRY": "1",
        "PYTHONPATH": str(ROOT),
    }
    out = folder / "figures.json"
    command = [sys.executable, "-c", code, str(folder / "release"), "org/large", str(out)]
    subprocess.run(command, env=environment, check=True, cwd=ROOT)
    found: dict[str, dict[str, float]] = json.loads(out.read_text())
    return found


def _flat(found: dict[str, dict[str, float]]) -> dict[str, float]:
    return {f"{stage}_{key}": value for stage, part in found.items() for key, value in part.items()}


if __name__ == "__main__":
    main()

"""Taking documents out of a release: a new version without them, and proof of it."""

from __future__ import annotations

import contextlib
import os
import re
import tempfile
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from datapartnerships._report.words import counted
from datapartnerships.errors import ConfigurationError, OutputError
from datapartnerships.executors._result import Release
from datapartnerships.release import _data, _media, _stats
from datapartnerships.release._changes import CHANGELOG, changelog
from datapartnerships.release._facts import Facts
from datapartnerships.release._hub_client import Repository, Retry
from datapartnerships.release._hub_history import fetch, forget
from datapartnerships.release._manifest import MANIFEST, Waiver
from datapartnerships.release._publication import Published
from datapartnerships.release._texts import texts
from datapartnerships.release._withdraw import Found, Wanted, find, without
from datapartnerships.release.attestation import envelope, signer, signing_key, verify_release
from datapartnerships.release.folder import ReleaseFolder, sha256
from datapartnerships.release.hub import send
from datapartnerships.release.prepare import (
    _building,
    _check,
    _check_free,
    _check_later,
    _entries,
    _proved,
    _write,
    _write_sources,
)
from datapartnerships.tombstones import TOMBSTONES, Withdrawn, check_reason
from datapartnerships.writers._folder import Folder

PREDICATE = "urn:datapartnerships:takedown:1"
NOTICES = "notices"
# So many near-duplicates of each document that was asked for are worth a look.
_ALIKE = 10


@dataclass(frozen=True)
class Takedown:
    """What a takedown did.

    Attributes:
        folder: the new version; None where nothing answered, or it was only asked.
        documents: ids of what was withdrawn.
        why: how many documents answered to what (``named``, ``person``, ``near duplicate``, ...).
        rows: taken out, of each file that held some.
        missing: ids that were asked for and are not in the release.
        notice: the signed statement, for those who have a copy; empty without a new version.
        published: where the new version is on the Hub, if it was taken down there.
        remains: refs on the Hub that are not ours to delete (branches of others, pull requests): a
            person has to look at them.
    """

    folder: ReleaseFolder | None
    documents: tuple[str, ...]
    why: Mapping[str, int]
    rows: Mapping[str, int]
    missing: tuple[str, ...]
    notice: str = ""
    published: Published | None = None
    remains: tuple[str, ...] = ()

    def __str__(self) -> str:
        if not self.documents:
            text = "Nothing in the release answers to that."
        else:
            why = ", ".join(f"{name} {n:,}" for name, n in self.why.items())
            text = (
                f"{counted(len(self.documents), 'document')} ({why}) in "
                f"{counted(sum(self.rows.values()), 'row')} of {counted(len(self.rows), 'file')}"
            )
            text += (
                f" withdrawn: {self.folder.path}, version {self.folder.manifest.version}."
                if self.folder
                else " would be withdrawn."
            )
        alike = self.why.get("near duplicate", 0)
        if alike > _ALIKE * (sum(self.why.values()) - alike):
            text += (
                f" {alike:,} of them only resemble what was asked for, as a form letter does: look "
                "at some before they go, or ask with near=False."
            )
        if self.published:
            text += f" {self.published}; no version before it can be downloaded."
        if self.remains:
            text += f" Left, for a person to look at: {', '.join(self.remains)}."
        if self.missing:
            text += f" Not in the release: {', '.join(self.missing[:20])}."
        return text


def takedown(
    release: ReleaseFolder | str | os.PathLike[str],
    path: str | os.PathLike[str] | None = None,
    *,
    documents: Iterable[str] = (),
    person: Any = None,
    source: str | None = None,
    license: str | None = None,
    reason: str,
    version: str,
    date: str,
    near: bool = True,
    withdrawn: str | os.PathLike[str] | None = None,
    run: Release | str | os.PathLike[str] | None = None,
    pseudonym_key: str | bytes | None = None,
    key: bytes | str | os.PathLike[str] | None = None,
    public_key: bytes | str | os.PathLike[str] | None = None,
    waivers: Sequence[Waiver] = (),
    replace_folder: bool = False,
    token: str | None = None,
    endpoint: str | None = None,
    retry: Retry | None = None,
) -> Takedown:
    """Make a version of a release without some documents, and tombstones in their place.

    A document goes whole, with every row that is a part of it (chunks, clips, in any split and
    subset), and so do its near-duplicates. Only files that hold such rows are written anew; what
    the release says of itself is measured again. A tombstone says that a document was withdrawn,
    its id, a digest of its text, and one of six classes of reasons: nothing of its content. Gates
    stop every later release that has it, or nearly it, again (`transforms.RejectWithdrawn` leaves
    it out in time).

    With a repository of the Hub for `release`, its main is downloaded and looked at, the new
    version is published, and then what was before it is forgotten there: tags, commits, large
    files. Copies that others made are not reached: the notice is for them, and `check_pin`.

    Args:
        release: a release folder, or a dataset on the Hub (``org/name``).
        path: the folder of the new version; None only says what would be withdrawn.
        documents: ids. The id of a part means its whole document.
        person: name of a person, a mapping as `detectors.KnownPeople` takes it, or a list of
            either: every document whose text or metadata holds the name.
        source: name of a deposit.
        license: an SPDX expression, as it stands in the rows.
        reason: its class: one of ``tombstones.REASONS``.
        version: of the new release.
        date: ISO 8601 day of it.
        near: whether near-duplicates go, too.
        withdrawn: a folder that stays with the partner, for sketches of all that was ever
            withdrawn; without it near-duplicates of these documents are not known later.
        run: the run that made the release. Where names were replaced, `person` is looked for in
            its audit, by keyed fingerprints: as it was spelled there, in any letter case.
        pseudonym_key: the key of that run, by default as `run` takes it.
        key: the key that signs, as in `prepare`.
        public_key: whose signature `release` must have, as in `verify_release`; by default that of
            `key`. Much that its manifest says is believed, and signed again.
        waivers: of gates, besides those that the release has: with fewer documents an estimate may
            allow for more than before.
        replace_folder: whether a release that lies in `path` is lost to this one.
        token: of the Hub, as for `publish`; so are `endpoint` and `retry`.

    Raises
    ------
    ConfigurationError
        Nothing was asked for, or what was asked for cannot be.
    OutputError
        `release` is not what was signed, or `path` is not free.
    PublishError
        The Hub has no such release, or did not do what it was asked for. Calling again goes on.
    """
    wanted = Wanted(_ids(documents), _people(person), source, license, near)
    if not (wanted.documents or wanted.people or source or license):
        raise ConfigurationError("Name documents, a person, a source or a license to take down.")
    check_reason(reason)
    _check(version, date, "open", None)
    private_key = signing_key(key)
    if run is not None and not isinstance(run, Release):
        run = Release.open(os.fspath(run))
    with contextlib.ExitStack() as stack:
        before, repository, sha = release, None, ""
        if isinstance(before, str) and _on_hub(before):
            repository = Repository(before, token=token, endpoint=endpoint, retry=retry or Retry())
            place = stack.enter_context(tempfile.TemporaryDirectory(prefix="datapartnerships-"))
            before, sha = fetch(repository, Path(place))
        elif not isinstance(before, ReleaseFolder):
            before = ReleaseFolder.open(os.fspath(before))
        if public_key is None and path is not None:
            public_key = signer(private_key)
        if problems := verify_release(before, public_key).problems:
            raise OutputError(f"{before.path} is not what was signed: {problems[0]}.")
        found = find(Folder(before.path), _data_of(before), wanted, run=run, key=pseudonym_key)
        answer = Takedown(
            None, tuple(sorted(found.documents)), found.why, {}, tuple(sorted(found.missing))
        )
        last = before.manifest.version
        if repository and version == last and not found.documents and _made(before):
            # It was interrupted after the new version arrived.
            return answer if path is None else replace(answer, **_forgotten(repository, last, sha))
        _check_later("takedown", version, date, before)
        if found.documents and path is not None:
            target = Path(os.path.abspath(os.fspath(path)))
            ours = repository is not None and _follows(target, before, version)
            _check_free(target, replace_folder or ours)
            kept = os.fspath(withdrawn) if withdrawn else None
            marked = {"reason": reason, "version": version, "date": date}
            answer = _taken(before, target, answer, found, marked, kept, waivers, private_key)
        elif found.documents:
            answer = replace(answer, rows=_rows(before, found))
    if repository is None or answer.folder is None:
        return answer
    sent = send(answer.folder, repository, message=f"Release {version}, after a takedown")
    return replace(answer, **_forgotten(repository, version, sent.commit))


def _on_hub(name: str) -> bool:
    return bool(re.fullmatch(r"[\w.-]+/[\w.-]+", name)) and not Path(name).exists()


def _made(release: ReleaseFolder) -> bool:
    """Whether a takedown made this version: only then are those before it to be forgotten."""
    name = _notice_name(release.manifest.version)
    return any(entry.path == name for entry in release.manifest.files)


def _follows(target: Path, before: ReleaseFolder, version: str) -> bool:
    """Whether an interrupted call left it: what it makes again is the same."""
    if not (target / MANIFEST).exists():
        return False
    made = ReleaseFolder.open(str(target)).manifest
    return made.version == version and made.previous == sha256(Folder(before.path), MANIFEST)


def _notice_name(version: str) -> str:
    return f"{NOTICES}/takedown-{version}.intoto.json"


def _forgotten(repository: Repository, version: str, at: str) -> dict[str, Any]:
    sha, remains = forget(repository, f"v{version}", at)
    published = Published(repository.name, sha, f"v{version}", repository.url)
    return {"published": published, "remains": remains}


def _taken(
    before: ReleaseFolder,
    target: Path,
    answer: Takedown,
    found: Found,
    marked: dict[str, str],
    withdrawn: str | None,
    waivers: Sequence[Waiver],
    key: bytes,
) -> Takedown:
    """The new version, in `target`."""
    old = Folder(before.path)
    stones = Withdrawn.open(old.at(TOMBSTONES)) if old.exists(TOMBSTONES) else Withdrawn()
    stones = stones.with_documents(found.owners, found.texts, **marked)
    with _building(target) as root:
        rows, left = dict[str, int](), Counter[str]()
        for name in _data_of(before):
            counts = without(old, name, found.documents, root / name)
            left[_split_of(name)] += counts["rows"] - counts["withdrawn"]
            if counts["withdrawn"]:
                rows[name] = counts["withdrawn"]
            else:
                _data.bring(old, name, root / name)
        if not left.total():
            raise ConfigurationError(
                f"{before.path}: nothing would be left. Delete the dataset where it is published; "
                "there is no version of it to make."
            )
        for name in _data_of(before):
            if not left[_split_of(name)]:  # `datasets` loads nothing at all beside an empty split
                (root / name).unlink()
                with contextlib.suppress(OSError):  # something else is in it
                    (root / name).parent.rmdir()
        notice = _notice(before, replace(answer, rows=rows), marked, key)
        (root / NOTICES).mkdir()
        for entry in before.manifest.files:
            if entry.path.startswith(f"{NOTICES}/"):
                _data.bring(old, entry.path, root / entry.path)
        _write(root / _notice_name(marked["version"]), notice)
        # The sketches first: a tombstone without them would promise more than is kept.
        if withdrawn:
            _known(withdrawn).joined(stones).save(withdrawn)
        _write(root / TOMBSTONES, stones.to_jsonl())
        folder = _completed(root, target, before, marked["version"], marked["date"], waivers, key)
    return replace(answer, rows=rows, folder=folder, notice=notice)


def _ids(documents: Iterable[str]) -> frozenset[str]:
    if isinstance(documents, str):
        documents = (documents,)
    return frozenset(documents)


def _people(person: Any) -> tuple[Any, ...]:
    if person is None:
        return ()
    return (person,) if isinstance(person, str | Mapping) else tuple(person)


def _data_of(release: ReleaseFolder) -> list[str]:
    names = (entry.path for entry in release.manifest.files)
    return [name for name in names if name.endswith(".parquet")]


def _rows(release: ReleaseFolder, found: Found) -> dict[str, int]:
    """Of each file that holds some, the rows to take out."""
    names, folder = _data_of(release), Folder(release.path)
    counts = {name: without(folder, name, found.documents, None) for name in names}
    return {name: n["withdrawn"] for name, n in counts.items() if n["withdrawn"]}


def _split_of(name: str) -> str:
    """``data/default/train`` of a file of it."""
    folder, file = name.rsplit("/", 1)
    return f"{folder}/{file.split('-', 1)[0]}"


def _known(folder: str) -> Withdrawn:
    """What the partner has of earlier takedowns, of other releases, too: it is not published."""
    return Withdrawn.open(folder) if Folder(folder).exists(TOMBSTONES) else Withdrawn()


def _notice(before: ReleaseFolder, answer: Takedown, marked: Mapping[str, str], key: bytes) -> str:
    """What those are told who have a copy: in-toto, its subjects the files that held something."""
    digests = {entry.path: entry.sha256 for entry in before.manifest.files}
    said = {
        "name": before.manifest.name,
        "withdrawnFrom": before.manifest.version,
        **marked,
        "documents": list(answer.documents),
        "rows": dict(answer.rows),
    }
    return envelope(PREDICATE, {name: digests[name] for name in answer.rows}, said, key)


def _completed(
    root: Path,
    target: Path,
    before: ReleaseFolder,
    version: str,
    date: str,
    waivers: Sequence[Waiver],
    key: bytes,
) -> ReleaseFolder:
    """All that a release says of itself, measured in what is left of its data."""
    folder, manifest = Folder(str(root)), before.manifest
    subsets = _data.subsets(root)
    stones = (root / TOMBSTONES).read_text(encoding="utf-8").count("\n")
    given = {waiver.gate for waiver in waivers}
    had = [gate.waiver for gate in manifest.gates if gate.waiver and gate.name not in given]
    waivers = (*had, *waivers)
    facts = Facts.again(
        Folder(before.path),
        _stats.measure(folder, subsets),
        subsets,
        version=version,
        date=date,
        track=manifest.track,
        withdrawn=stones,
        files=_media.columns(folder, subsets),
        waivers=waivers,
    )
    for file, text in texts(facts).items():
        _write(root / file, text)
    _write_sources(root, facts)
    _write(root / CHANGELOG, changelog(facts, folder, before))
    proof = replace(
        manifest,
        version=version,
        date=date,
        files=_entries(root, facts),
        previous=sha256(Folder(before.path), MANIFEST),
    )
    return _proved(root, target, proof, key, waivers=waivers)

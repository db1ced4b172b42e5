"""The commands of the command line that are about releases."""

from __future__ import annotations

import argparse
from typing import Any

from datapartnerships.errors import ConfigurationError

_TRACKS = ("open", "private")
_ANSWERS = (
    "name", "organization", "contact-name", "contact-email", "description", "languages",
    "modalities", "size", "track", "license", "basis", "holder", "evidence", "agreement-from",
    "agreement-until",
)  # fmt: skip


def add_release(commands: Any) -> None:
    """Add them to the subparsers of the command line."""
    prepare = commands.add_parser(
        "prepare", help="make a release folder of what a run made, once the gates are open"
    )
    prepare.add_argument("run", metavar="RUN", help="the output folder of a run")
    prepare.add_argument("folder", metavar="FOLDER", help="the release folder to make")
    prepare.add_argument("--release", required=True, metavar="VERSION", help="such as 1.0.0")
    prepare.add_argument("--date", required=True, metavar="DAY", help="such as 2026-11-22")
    prepare.add_argument("--deposit", metavar="FILE.yaml", help="deposit.yaml, or its folder")
    prepare.add_argument("--name", help="of the dataset (that of the deposit)")
    prepare.add_argument("--track", default="open", choices=_TRACKS, help="default open")
    prepare.add_argument("--audit", metavar="FILE.json", help="a sheet that was read")
    prepare.add_argument("--previous", metavar="FOLDER", help="the release before this one")
    prepare.add_argument("--key", metavar="FILE.pem", help="signs it, instead of your own")
    prepare.add_argument("--subsets-by", choices=("license",), help="a subset for each")
    prepare.add_argument("--terms", default="", metavar="TEXT", help="to be agreed to by readers")
    prepare.add_argument(
        "--waive", nargs=4, action="append", default=[], metavar=("GATE", "BY", "DATE", "REASON"),
        help="somebody's word that a shut gate may be passed; it travels along",
    )  # fmt: skip
    prepare.add_argument("--replace", action="store_true", help="a release that is there is lost")
    prepare.set_defaults(command=_prepare)
    verify = commands.add_parser(
        "verify", help="hold a release folder against what was signed; names what changed"
    )
    verify.add_argument("folder", metavar="FOLDER", help="a release folder, or its fsspec URL")
    verify.add_argument(
        "--public-key", metavar="KEY", help="whose it must be: a PEM file, or its fingerprint"
    )
    verify.set_defaults(command=_verify)
    publish = commands.add_parser(
        "publish", help="publish a release folder on the Hub; again, to go on"
    )
    publish.add_argument("folder", metavar="FOLDER", help="a release folder")
    publish.add_argument("repo", metavar="ORG/NAME", help="the dataset on the Hub")
    publish.add_argument("--track", default="open", choices=_TRACKS, help="default open")
    publish.add_argument("--gated", choices=("auto", "manual"), help="its readers must ask")
    publish.add_argument("--message", metavar="TEXT", help="title of the commit")
    publish.add_argument("--date", metavar="DAY", help="day that the gates ask about (today)")
    publish.add_argument("--deposit", metavar="FILE.yaml", help="deposit.yaml, for the gates")
    publish.add_argument("--audit", metavar="FILE.json", help="a sheet that was read, likewise")
    publish.add_argument("--replace", action="store_true", help="what is there may be lost")
    publish.set_defaults(command=_publish)
    takedown = commands.add_parser(
        "takedown", help="make a version of a release without some documents"
    )
    takedown.add_argument("release", metavar="RELEASE", help="a release folder, or ORG/NAME")
    takedown.add_argument("--into", metavar="FOLDER", help="without it, only say what would go")
    takedown.add_argument("--document", action="append", default=[], metavar="ID")
    takedown.add_argument("--person", action="append", default=[], metavar="NAME")
    takedown.add_argument("--source", metavar="DEPOSIT")
    takedown.add_argument("--license", metavar="SPDX")
    takedown.add_argument("--reason", required=True, metavar="CLASS", help="consent, rights, ...")
    takedown.add_argument("--version", required=True, help="of the new release")
    takedown.add_argument("--date", required=True, metavar="DAY", help="of the new release")
    takedown.add_argument("--withdrawn", metavar="FOLDER", help="sketches; stays with you")
    takedown.add_argument("--run", metavar="FOLDER", help="the run, where names were replaced")
    takedown.add_argument("--public-key", metavar="KEY", help="whose signature RELEASE has")
    takedown.add_argument("--not-near", action="store_true", help="keep near-duplicates")
    takedown.set_defaults(command=_takedown)
    init = commands.add_parser(
        "init", help="ask what a folder is and what may be done with it; write its deposit.yaml"
    )
    init.add_argument("folder", metavar="FOLDER", help="the deposit")
    for name in _ANSWERS:
        init.add_argument(f"--{name}", metavar="ANSWER", help="instead of a question")
    init.add_argument("--yes", action="store_true", help="ask nothing: flags and defaults")
    init.add_argument("--replace", action="store_true", help="let a deposit.yaml be lost")
    init.set_defaults(command=_init)


def _prepare(given: argparse.Namespace) -> int:
    from datapartnerships.release._manifest import Waiver
    from datapartnerships.release.prepare import prepare

    fields = ("deposit", "name", "track", "audit", "previous", "key", "subsets_by", "terms")
    folder = prepare(
        given.run,
        given.folder,
        version=given.release,
        date=given.date,
        waivers=[Waiver(*words) for words in given.waive],
        replace=given.replace,
        **{name: getattr(given, name) for name in fields},
    )
    rows = sum(entry.rows for entry in folder.manifest.files)
    print(f"{folder.path}: {len(folder.manifest.files) + 2} files, {rows:,} rows, signed")
    return 0


def _verify(given: argparse.Namespace) -> int:
    from datapartnerships.release.attestation import verify_release

    found = verify_release(given.folder, given.public_key)
    print(found)
    return 0 if found.passed else 1


def _takedown(given: argparse.Namespace) -> int:
    from datapartnerships.release.takedown import takedown

    done = takedown(
        given.release,
        given.into,
        documents=given.document,
        person=given.person or None,
        source=given.source,
        license=given.license,
        reason=given.reason,
        version=given.version,
        date=given.date,
        near=not given.not_near,
        withdrawn=given.withdrawn,
        run=given.run,
        public_key=given.public_key,
    )
    print(done)
    return 0 if done.documents else 1


def _publish(given: argparse.Namespace) -> int:
    from datapartnerships.release.hub import publish

    evidence = {
        name: getattr(given, name)
        for name in ("date", "deposit", "audit")
        if getattr(given, name) is not None
    }
    print(
        publish(
            given.folder,
            given.repo,
            track=given.track,
            gated=given.gated,
            message=given.message,
            replace=given.replace,
            **evidence,
        )
    )
    return 0


def _init(given: argparse.Namespace) -> int:
    from datapartnerships.release import _init as init

    folder = init.check_folder(given.folder, given.replace)
    told = {name: getattr(given, name.replace("-", "_")) for name in _ANSWERS}
    found = init.answers(init.questions(folder), told, None if given.yes else _ask)
    print(init.write(folder, init.text_of(found), replace=given.replace))
    return 0


def _ask(words: str) -> str:
    try:
        return input(words)
    except EOFError:
        raise ConfigurationError(
            "There is nobody to answer. Give the answers as flags, and --yes for the rest."
        ) from None

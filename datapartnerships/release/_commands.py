"""The commands of the command line that are about releases."""

from __future__ import annotations

import argparse
from typing import Any


def add_release(commands: Any) -> None:
    """Add them to the subparsers of the command line."""
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
    tracks = ("open", "private")
    publish.add_argument("--track", default="open", choices=tracks, help="default open")
    publish.add_argument("--gated", choices=("auto", "manual"), help="its readers must ask")
    publish.add_argument("--message", metavar="TEXT", help="title of the commit")
    publish.add_argument("--date", metavar="DAY", help="day that the gates ask about (today)")
    publish.add_argument("--deposit", metavar="FILE.yaml", help="deposit.yaml, for the gates")
    publish.add_argument("--audit", metavar="FILE.json", help="a sheet that was read, likewise")
    publish.add_argument("--replace", action="store_true", help="what is there may be lost")
    publish.set_defaults(command=_publish)


def _verify(given: argparse.Namespace) -> int:
    from datapartnerships.release.attestation import verify_release

    found = verify_release(given.folder, given.public_key)
    print(found)
    return 0 if found.passed else 1


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

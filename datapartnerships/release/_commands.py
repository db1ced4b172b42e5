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


def _verify(given: argparse.Namespace) -> int:
    from datapartnerships.release.attestation import verify_release

    found = verify_release(given.folder, given.public_key)
    print(found)
    return 0 if found.passed else 1

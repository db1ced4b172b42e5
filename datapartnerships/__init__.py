"""Prepare what an organisation holds as a Hugging Face Dataset.

    import datapartnerships as dp
    from datapartnerships import detectors as d, readers, transforms as t, writers

Importing the package loads no other one; everything is loaded when it is first used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from datapartnerships._version import __version__

if TYPE_CHECKING:
    from datapartnerships.audit import RedactionAudit as RedactionAudit
    from datapartnerships.audit import audit_redactions as audit_redactions
    from datapartnerships.changes import undo_changes as undo_changes
    from datapartnerships.containers._scrub import scrub_file as scrub_file
    from datapartnerships.errors import DataPartnershipsError as DataPartnershipsError
    from datapartnerships.executors._result import Release as Release
    from datapartnerships.executors._run import run as run
    from datapartnerships.functions import Reject as Reject
    from datapartnerships.functions import batch as batch
    from datapartnerships.functions import document as document
    from datapartnerships.functions import text as text
    from datapartnerships.intake import Intake as Intake
    from datapartnerships.pii import PiiSpan as PiiSpan
    from datapartnerships.pii import detectors_for as detectors_for
    from datapartnerships.pii import find_pii as find_pii
    from datapartnerships.pii import redact as redact
    from datapartnerships.pipeline import Pipeline as Pipeline
    from datapartnerships.release._hub_client import Retry as Retry
    from datapartnerships.release._manifest import Waiver as Waiver
    from datapartnerships.release._publication import Published as Published
    from datapartnerships.release._vault_reader import VaultReader as VaultReader
    from datapartnerships.release._vault_reader import open_vault as open_vault
    from datapartnerships.release.access import AccessPolicy as AccessPolicy
    from datapartnerships.release.attestation import Verification as Verification
    from datapartnerships.release.attestation import verify_release as verify_release
    from datapartnerships.release.folder import OpenFolder as OpenFolder
    from datapartnerships.release.folder import PrivateFolder as PrivateFolder
    from datapartnerships.release.folder import ReleaseFolder as ReleaseFolder
    from datapartnerships.release.hub import publish as publish
    from datapartnerships.release.keys import KeyFile as KeyFile
    from datapartnerships.release.keys import Passphrase as Passphrase
    from datapartnerships.release.keys import make_identity as make_identity
    from datapartnerships.release.pin import Pin as Pin
    from datapartnerships.release.pin import check_pin as check_pin
    from datapartnerships.release.policy import ReleasePolicy as ReleasePolicy
    from datapartnerships.release.prepare import prepare as prepare
    from datapartnerships.release.takedown import Takedown as Takedown
    from datapartnerships.release.takedown import takedown as takedown
    from datapartnerships.release.vault import Vault as Vault
    from datapartnerships.report import Report as Report
    from datapartnerships.residual import Residual as Residual
    from datapartnerships.residual import estimate_residual as estimate_residual
    from datapartnerships.schema import Document as Document
    from datapartnerships.schema import Segment as Segment
    from datapartnerships.sheet import Audit as Audit
    from datapartnerships.sheet import audit_sheet as audit_sheet
    from datapartnerships.sheet import read_audit as read_audit

_PUBLIC = {
    "AccessPolicy": "release.access",
    "Audit": "sheet",
    "DataPartnershipsError": "errors",
    "Document": "schema",
    "Intake": "intake",
    "KeyFile": "release.keys",
    "OpenFolder": "release.folder",
    "Passphrase": "release.keys",
    "PiiSpan": "pii",
    "Pin": "release.pin",
    "Pipeline": "pipeline",
    "PrivateFolder": "release.folder",
    "Published": "release._publication",
    "RedactionAudit": "audit",
    "Reject": "functions",
    "Release": "executors._result",
    "ReleaseFolder": "release.folder",
    "ReleasePolicy": "release.policy",
    "Report": "report",
    "Residual": "residual",
    "Retry": "release._hub_client",
    "Segment": "schema",
    "Takedown": "release.takedown",
    "Vault": "release.vault",
    "VaultReader": "release._vault_reader",
    "Verification": "release.attestation",
    "Waiver": "release._manifest",
    "audit_redactions": "audit",
    "audit_sheet": "sheet",
    "batch": "functions",
    "check_pin": "release.pin",
    "detectors_for": "pii",
    "document": "functions",
    "estimate_residual": "residual",
    "find_pii": "pii",
    "make_identity": "release.keys",
    "open_vault": "release._vault_reader",
    "prepare": "release.prepare",
    "publish": "release.hub",
    "read_audit": "sheet",
    "redact": "pii",
    "run": "executors._run",
    "scrub_file": "containers",
    "takedown": "release.takedown",
    "text": "functions",
    "undo_changes": "changes",
    "verify_release": "release.attestation",
}
_MODULES = ("detectors", "executors", "readers", "testing", "transforms", "writers")

__all__ = [*_PUBLIC, "__version__"]


def __getattr__(name: str) -> Any:
    from importlib import import_module

    if name in _PUBLIC:
        return getattr(import_module(f"{__name__}.{_PUBLIC[name]}"), name)
    if name in _MODULES:
        return import_module(f"{__name__}.{name}")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted([*__all__, *_MODULES])

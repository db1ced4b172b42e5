"""A Croissant file, held against its standard by mlcroissant."""

from __future__ import annotations

import warnings
from typing import Any

from datapartnerships.errors import extra

with extra("release", needed_by="the gate croissant"):
    import mlcroissant


def problems(data: dict[str, Any]) -> tuple[list[str], list[str]]:
    """Errors and warnings; without either it is valid."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # of rdflib, which it calls
        try:
            issues = mlcroissant.Dataset(jsonld=data).metadata.ctx.issues
        except mlcroissant.ValidationError as error:
            return str(error).splitlines(), []
    return sorted(issues.errors), sorted(issues.warnings)

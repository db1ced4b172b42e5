"""A Croissant file, held against its standard by mlcroissant."""

from __future__ import annotations

from typing import Any

from datapartnerships.errors import extra

with extra("release", needed_by="the gate croissant"):
    import mlcroissant


def problems(data: dict[str, Any]) -> tuple[list[str], list[str]]:
    """Errors and warnings; without either it is valid."""
    try:
        issues = mlcroissant.Dataset(jsonld=data).metadata.ctx.issues
    except mlcroissant.ValidationError as error:
        return str(error).splitlines(), []
    return sorted(issues.errors), sorted(issues.warnings)

"""Where a model lies, for those that are given by path or by name."""

from __future__ import annotations

import os


def located(model: str) -> str:
    """`model` as it is, or its path. What is a path and no folder is not looked for on the Hub."""
    place = os.path.expanduser(model)
    if not os.path.isdir(place) and (place.startswith(("/", ".")) or place.count("/") > 1):
        raise FileNotFoundError(f"there is no folder {place}")
    return place if os.path.isdir(place) else model

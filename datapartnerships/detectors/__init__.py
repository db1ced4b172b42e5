"""Detectors: they find spans and change nothing. Each is loaded when it is first used."""

from __future__ import annotations

from typing import TYPE_CHECKING

from datapartnerships.registry import lazy

if TYPE_CHECKING:
    from datapartnerships.detectors.contacts import Contacts as Contacts
    from datapartnerships.detectors.known_people import KnownPeople as KnownPeople

__getattr__, __dir__ = lazy("detectors")

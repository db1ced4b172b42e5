"""Detectors: they find spans and change nothing. Each is loaded when it is first used."""

from __future__ import annotations

from typing import TYPE_CHECKING

from datapartnerships.registry import lazy

if TYPE_CHECKING:
    from datapartnerships.detectors.addresses import Addresses as Addresses
    from datapartnerships.detectors.contacts import Contacts as Contacts
    from datapartnerships.detectors.cues import Cues as Cues
    from datapartnerships.detectors.dates import Dates as Dates
    from datapartnerships.detectors.financial import Financial as Financial
    from datapartnerships.detectors.gliner_names import GlinerNames as GlinerNames
    from datapartnerships.detectors.known_people import KnownPeople as KnownPeople
    from datapartnerships.detectors.names import Names as Names
    from datapartnerships.detectors.national_ids import NationalIds as NationalIds
    from datapartnerships.detectors.onnx_token_classifier import (
        OnnxTokenClassifier as OnnxTokenClassifier,
    )
    from datapartnerships.detectors.presidio_pii import PresidioPii as PresidioPii
    from datapartnerships.detectors.scrubadub import Scrubadub as Scrubadub
    from datapartnerships.detectors.secrets import Secrets as Secrets
    from datapartnerships.detectors.spacy_names import SpacyNames as SpacyNames
    from datapartnerships.detectors.third_party import ThirdParty as ThirdParty

__getattr__, __dir__ = lazy("detectors")

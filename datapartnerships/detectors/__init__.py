"""Detectors: they find spans and change nothing. Each is loaded when it is first used."""

from __future__ import annotations

from typing import TYPE_CHECKING

from datapartnerships.registry import lazy

if TYPE_CHECKING:
    from datapartnerships.detectors.contacts import Contacts as Contacts
    from datapartnerships.detectors.gliner_names import GlinerNames as GlinerNames
    from datapartnerships.detectors.onnx_token_classifier import (
        OnnxTokenClassifier as OnnxTokenClassifier,
    )
    from datapartnerships.detectors.presidio_pii import PresidioPii as PresidioPii
    from datapartnerships.detectors.scrubadub import Scrubadub as Scrubadub
    from datapartnerships.detectors.spacy_names import SpacyNames as SpacyNames

__getattr__, __dir__ = lazy("detectors")

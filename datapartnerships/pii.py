"""Find and redact in a list of texts, in one call: the parts of a pipeline, and no second way."""

from __future__ import annotations

import csv
import os
import warnings
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from datapartnerships.errors import (
    ConfigurationError,
    CoverageWarning,
    InvalidParameter,
    PipelineError,
)
from datapartnerships.schema import reason_class

if TYPE_CHECKING:
    import pyarrow as pa

    from datapartnerships.intake import Intake
    from datapartnerships.protocols import Detector

Texts = Iterable[str | None]
Cue = tuple[str, ...]

# Countries in which a language is mostly spoken (ISO 3166-1): whose national formats of phone
# numbers are looked for, where nobody says which.
COUNTRIES: dict[str, tuple[str, ...]] = {
    "ca": ("ES", "AD"), "cs": ("CZ",), "da": ("DK", "GL", "FO"), "de": ("DE", "AT", "CH"),
    "el": ("GR", "CY"), "en": ("US", "GB", "IE", "CA", "AU", "NZ", "IN"), "es": ("ES", "MX"),
    "et": ("EE",), "fi": ("FI",), "fo": ("FO",), "fr": ("FR", "BE", "CH", "CA"), "ga": ("IE",),
    "he": ("IL",), "hr": ("HR",), "hu": ("HU",), "is": ("IS",), "it": ("IT", "CH"), "ja": ("JP",),
    "ko": ("KR",), "lt": ("LT",), "lv": ("LV",), "nb": ("NO",), "nl": ("NL", "BE"), "nn": ("NO",),
    "no": ("NO",), "pl": ("PL",), "pt": ("PT", "BR"), "ro": ("RO", "MD"), "ru": ("RU",),
    "sk": ("SK",), "sl": ("SI",), "sv": ("SE", "FI"), "tr": ("TR",), "uk": ("UA",), "zh": ("CN",),
}  # fmt: skip


class PiiSpan(NamedTuple):
    """What was found: characters `start` to `end` (exclusive) of a text, and what they are."""

    start: int
    end: int
    label: str
    score: float
    detector: str


def detectors_for(
    language: str | None = None,
    *,
    locales: Sequence[str] | None = None,
    cues: Mapping[str, str] | Iterable[Cue] | None = None,
    deposit: Intake | str | os.PathLike[str] | None = None,
) -> tuple[Detector, ...]:
    """The detectors that we recommend for texts in a language; none of them needs a model.

    Args:
        language: ISO 639-1 code; None for texts in any.
        locales: ISO 3166-1 codes of the countries whose phone numbers are looked for; those of the
            language, if they are not given. National identity numbers of all countries are.
        cues: your own words for what stands before an identifier, and its label, as
            ``{"docket no.": "RECORD_ID"}``, or as `Cues` takes them.
        deposit: deposit.yaml, or the folder that it is in. Its ``people`` are then looked for with
            `KnownPeople`, and its ``cues``, a table (CSV) of word, label and, if need be, form.

    Raises:
        ConfigurationError: what deposit.yaml names is not there, or is no table of cues.

    Names of persons are looked for where `Names` knows the language: ``covers(language)`` of each
    detector says what it finds.
    """
    from datapartnerships import detectors as d
    from datapartnerships.detectors.names import LANGUAGES

    regions = tuple(locales) if locales else COUNTRIES.get(language or "", ())
    own = tuple(cues.items()) if isinstance(cues, Mapping) else tuple(cues or ())
    people, more = _stated(deposit)
    known = tuple(LANGUAGES) if language is None else ((language,) if language in LANGUAGES else ())
    return (
        d.Contacts(regions=regions) if regions else d.Contacts(),
        d.NationalIds(),
        d.Financial(),
        d.Secrets(),
        d.Dates(),
        d.Addresses(),
        d.Cues(cues=(*own, *more)),
        *((d.Names(languages=known),) if known else ()),
        *((d.KnownPeople(path=people),) if people else ()),
    )


def _stated(
    deposit: Intake | str | os.PathLike[str] | None,
) -> tuple[str | None, tuple[tuple[str, ...], ...]]:
    """The file of people that a deposit.yaml names, and the cues in the one that it names."""
    if deposit is None:
        return None, ()
    import fsspec

    from datapartnerships._given_files import stamp
    from datapartnerships.intake import Intake

    intake = deposit if isinstance(deposit, Intake) else Intake.load(os.fspath(deposit))

    def beside(name: str | None) -> str | None:
        return None if name is None else os.path.join(os.path.dirname(intake.path), name)

    people, cues = beside(intake.people), beside(intake.cues)
    for name in (people, cues):
        if name is not None:
            stamp(name)  # an error where it is not there
    if cues is None:
        return people, ()
    with fsspec.open(cues, "rt", encoding="utf-8-sig", newline="") as stream:
        rows = [tuple(part.strip() for part in row if part.strip()) for row in csv.reader(stream)]
    found = tuple(row for row in rows if row and not row[0].startswith("#"))
    for row in found:
        if len(row) not in (2, 3):
            raise ConfigurationError(
                f"{cues}: expected lines of a word, its label and, if need be, its form, such as "
                f"'docket no.,RECORD_ID'. Got {len(row)} columns."
            )
    return people, found


def find_pii(
    texts: Texts,
    detectors: Sequence[Detector] | None = None,
    *,
    language: str | None = None,
    locales: Sequence[str] | None = None,
    cues: Mapping[str, str] | Iterable[Cue] | None = None,
) -> list[list[PiiSpan]]:
    """What detectors find in each text, by place.

    Args:
        texts: strings; None counts as empty.
        detectors: what to look with; `detectors_for` of the language if not given.
        language: ISO 639-1 code of the texts.
        locales: see `detectors_for`.
        cues: see `detectors_for`.

    Warns:
        CoverageWarning: nothing here finds names of persons in that language.

    Examples:
        >>> [(x.start, x.end, x.label) for x in find_pii(["Write to anna@example.is"])[0]]
        [(9, 24, 'EMAIL')]
    """
    table = _found(texts, detectors, language, locales, cues)
    return [
        [PiiSpan(s["start"], s["end"], s["label"], s["score"], s["detector"]) for s in spans]
        for spans in table["spans"].to_pylist()
    ]


def redact(
    texts: Texts,
    policy: str = "redact",
    *,
    detectors: Sequence[Detector] | None = None,
    language: str | None = None,
    locales: Sequence[str] | None = None,
    cues: Mapping[str, str] | Iterable[Cue] | None = None,
    by_label: Mapping[str, str] | None = None,
    key: str | bytes | None = None,
) -> list[str]:
    """The texts with what was found replaced; a name that was found once, everywhere in its text.

    Args:
        texts: as in `find_pii`, as are `detectors`, `language`, `locales` and `cues`.
        policy: of `Redact`, as is `by_label`.
        key: of the surrogates; see `run`.

    What no detector finds stays: read a sample before anything leaves.

    Examples:
        >>> redact(["Write to anna@example.is"])
        ['Write to [EMAIL]']
    """
    from datapartnerships._secrets import using
    from datapartnerships.apply import apply
    from datapartnerships.transforms import PropagateNames, Redact

    table = _found(texts, detectors, language, locales, cues)
    replaced = Redact(policy=policy, by_label=tuple((by_label or {}).items()), audit=False)
    with using(key):
        kept, failed = apply((PropagateNames(), replaced), table)
    _refuse(failed)
    return [segments[0]["text"] for segments in kept["segments"].to_pylist()]


def _found(
    texts: Texts,
    detectors: Sequence[Detector] | None,
    language: str | None,
    locales: Sequence[str] | None,
    cues: Mapping[str, str] | Iterable[Cue] | None,
) -> pa.Table:
    """The texts as documents, with spans."""
    import pyarrow as pa

    from datapartnerships.apply import apply
    from datapartnerships.schema import Document, Segment, documents_to_table
    from datapartnerships.transforms import DetectPii

    if isinstance(texts, str) or not isinstance(texts, Iterable):
        # Never the text itself in an error.
        raise InvalidParameter("find_pii", "texts", "a list of strings", type(texts).__name__)
    if detectors is not None and (locales or cues):
        what = "locales" if locales else "cues"
        raise InvalidParameter(
            "find_pii", what, "left out where detectors are given", locales or cues
        )
    chosen = tuple(detectors) if detectors is not None else None
    if chosen is None:
        chosen = detectors_for(language, locales=locales, cues=cues)
        if language and not any("PERSON" in c for c in _named(chosen, language)):
            warnings.warn(
                f"Nothing here finds names of persons in {language!r}. Give detectors=... with a "
                "model that does, or a list of known people.",
                CoverageWarning,
                stacklevel=3,
            )
    given = [str(text) if text is not None else "" for text in _plain(texts)]
    table = documents_to_table(
        Document(str(i), "", segments=[Segment(text)]) for i, text in enumerate(given)
    )
    if language:
        table = table.append_column("language", pa.repeat(pa.scalar(language), table.num_rows))
    kept, failed = apply((DetectPii(chosen),), table)
    _refuse(failed)
    return kept


def _refuse(failed: pa.Table) -> None:
    """An error for the first text that failed: its number and the reason, and nothing of it."""
    if failed.num_rows:
        reason = reason_class(failed["drop_reason"][0].as_py())
        raise PipelineError(f"Text {failed['id'][0].as_py()}: {reason}.")


def _named(detectors: Sequence[Detector], language: str) -> list[Mapping[str, str]]:
    """What those cover that look for names by more than the words of a form."""
    from datapartnerships.detectors import Cues

    return [x.covers(language) for x in detectors if not isinstance(x, Cues)]


def _plain(texts: Any) -> Any:
    return texts.to_pylist() if hasattr(texts, "to_pylist") else texts

"""Postal addresses: streets with a number, and postal codes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from datapartnerships.detectors._either import either
from datapartnerships.detectors._spans import as_table, settle_find, without_overlaps

if TYPE_CHECKING:
    from datapartnerships.detectors._literals import Literals
    from datapartnerships.detectors._scan import Block, Codes, Column, Hit, Mask, Positions

LABELS = ("ADDRESS", "POSTAL_CODE", "LOCATION")
_BEFORE, _AFTER = 80, 112

# What a street is called before its name, and behind it; what a street's name ends in, in languages
# that write it in one word. General vocabulary, written for this file.
_FIRST: dict[str, str] = {
    "ca": "carrer|avinguda|plaça|passeig|ronda|travessera",
    "de": "am|an der|auf der|im|zum|zur|alte|alter|unter den",
    "es": "calle|avenida|avda.|avda|av.|plaza|pza.|paseo|pº|camino|carretera|ctra.|ronda|travesía|"
    "glorieta|urbanización|urb.|c/|c/.",
    "fr": "rue|avenue|boulevard|bd|place|chemin|allée|impasse|quai|route de|cours|square",
    "it": "via|viale|piazza|corso|largo|vicolo|strada|piazzale",
    "pl": "ul.|ulica|al.|aleja|plac|pl.|os.",
    "pt": "rua|avenida|praça|travessa|largo|estrada|alameda|av.",
    "ro": "strada|str.|bulevardul|bd.|calea|aleea|piața",
    "ru": "ул.|улица|просп.|проспект|пер.|переулок|площадь|наб.",
    "tr": "",
}
_LAST: dict[str, str] = {
    "en": "street|st|st.|road|rd|rd.|avenue|ave|ave.|lane|ln|drive|dr|dr.|boulevard|blvd|blvd.|"
    "way|court|ct|place|pl|square|sq|terrace|close|crescent|grove|gardens|row|highway|hwy|"
    "parkway|pkwy|circle|trail|walk|hill|mews|loop|broadway",
    "tr": "caddesi|cad.|sokak|sok.|bulvarı",
    "hu": "utca|u.|út|tér|körút",
}
_ENDS: dict[str, str] = {
    "da": "vej|gade|allé|plads|stræde|vænge|boulevard",
    "de": "straße|strasse|str.|weg|gasse|platz|allee|ufer|ring|damm|berg|hof|graben",
    "fi": "katu|tie|kuja|polku|kaari|tori|puisto",
    "is": "gata|götu|vegur|vegi|stígur|stíg|braut|tún|túni|hagi|haga|melur|mel|bær|holt|holti|"
    "hlíð|teigur|teig|gerði|sund|sundi|byggð|torg|torgi|heimar|heimum|stræti|höfði|höfða",
    "nb": "veien|vegen|gata|gaten|gate|vei|veg|allé|plass|bakken|svingen|stien",
    "nl": "straat|laan|weg|plein|gracht|kade|dijk|singel|hof|steeg|dreef",
    "sv": "gatan|vägen|gränd|torget|stigen|allén|backen|plan|gården|kajen",
}
LANGUAGES = tuple(sorted({*_FIRST, *_LAST, *_ENDS}))

# What a line names an address by.
_CUES = (
    "address|home address|domicilio|dirección|adresse|anschrift|adresa|indirizzo|endereço|morada|"
    "adreça|heimilisfang|heimili|adress|bopæl|bosted|osoite|adres|lakcím|адрес"
)
# What stands before the place where somebody lives, works, was born or is held.
_LIVES = (
    "lives in|lived in|living in|resides in|residing in|resident in|born in|practising in|"
    "practicing in|domiciled in|detained in|detained at|detention in|imprisoned in|prison in|"
    "prison sentence in|vive en|vivía en|reside en|residente en|domiciliado en|"
    "domiciliada en|nacido en|nacida en|natural de|wohnhaft in|wohnt in|lebt in|geboren in|né à|"
    "née à|demeurant à|habite à|domicilié à|domiciliée à|residente a|nato a|nata a|residente em|"
    "nascido em|nascida em|búsettur í|búsett í|býr í|fæddur í|fædd í|bosatt i|bor i|född i|bosat i|"
    "født i|woonachtig te|wonende te|geboren te|zamieszkały w|zamieszkała w"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Addresses:
    """Finds postal addresses by what a street is called and the number beside it.

    ADDRESS: a street and its number, with floor or flat, postal code and town where they follow on
    the line (``Calle Mayor, 23, 1º D``, ``12 Main Street``, ``Hauptstraße 5, 10115 Berlin``,
    ``Laugavegi 12``), and what stands behind a word like ``Address:`` up to the end of its line.
    POSTAL_CODE: five figures, or a code of letters and figures (British, Canadian, Dutch), behind a
    word for it or before a town on the line of an address.

    LOCATION: a town, and a country behind it, where words such as "lives in" or "born in" stand
    before it. Any other place without a street and a number is not found: names of farms, towns and
    countries are for a model to find; neither is a post-office box, nor a street in small letters.

    Attributes:
        find: which labels to look for, any of `LABELS`.

    Scores: 0.9 behind a word for it, 0.7 for a street and its number.
    """

    find: tuple[str, ...] = LABELS

    # Part of every fingerprint: raise it when a change of the rules changes what is found.
    version = 2

    def __post_init__(self) -> None:
        settle_find(self, LABELS)

    @property
    def labels(self) -> frozenset[str]:
        """The labels it can give."""
        return frozenset(self.find)

    def covers(self, language: str) -> Mapping[str, str]:
        """How each label is found in texts of a language."""
        how = {
            "ADDRESS": "streets with a number" if language in LANGUAGES else "",
            "POSTAL_CODE": "words before it, form" if language in LANGUAGES else "",
            "LOCATION": "words before it" if language in _SPOKEN else "",
        }
        return {label: how[label] for label in self.find if how[label]}

    def __call__(self, texts: pa.Array) -> pa.Table:
        """Spans of a batch of texts, with the columns of `SPANS`, sorted by text and start."""
        from datapartnerships.detectors._scan import Column

        column = Column.of(texts)
        hits: list[Hit] = []
        for block in column.blocks:
            found = [*_worded(column, block), *_in_one_word(column, block)]
            if "LOCATION" in self.find:
                found += _lived_in(column, block)
            hits += without_overlaps(hit for hit in found if hit.label in self.find)
        return as_table(column, hits, "Addresses")


_NUMBER = r"(?:n[º°.]?\s?|nr\.?\s?|no\.?\s?|№\s?)?\d{1,5}(?:\s?[-/]\s?\d{1,4})?(?:\s?[A-Za-z]\b)?"
# Floor, door, flat: what follows the number.
_DOOR = (
    r"(?:,?\s{0,2}(?:(?:apt|apartment|flat|suite|ste|unit|piso|planta|puerta|esc|escalera|portal|"
    r"bajo|izq|izda|dcha|dcho|étage|appt|bât|int|scala|interno|andar|dto|esq|hæð|íbúð|lgh|leil|"
    r"whg|m)\b\.?\s{0,2}[\w-]{0,5}|\d{1,3}\s?[º°ª]\s?[A-Za-z]{0,4}|\d{1,3}\s?-?\s?[A-Z]{1,2}\b|"
    r"[A-Z]\b)){0,3}"
)
_CAPITAL = r"(?-i:[A-ZÀ-ÞŁ-ŽΑ-ΩА-Я])[\w'’-]{1,30}"
# Names begin with capitals, but for what joins them: `de la Paz`.
_JOINED = (
    r"(?:(?:de|del|dels|de\sla|de\slas|de\slos|des|du|la|las|los|le|les|el|dos|das|da|do|di|della|"
    r"dei|degli|delle|van|von|der|den|y|e|i)\s{1,2}|[dl]['’])"
)
_NAME = (
    rf"{_JOINED}{{0,3}}(?:{_CAPITAL}|\d{{1,2}}\s{_JOINED})[.]?"
    rf"(?:\s{{1,2}}{_JOINED}{{0,3}}{_CAPITAL}[.]?){{0,5}}"
)
_CODE = (
    r"(?:[A-Z]{1,2}-)?\d{3,5}(?:[\s-]\d{2,4})?|[A-Z]{1,2}\d[A-Z\d]?\s\d[A-Z]{2}|\d{4}\s?[A-Z]{2}"
)
_TOWN = rf"(?:,?\s{{1,2}}(?:{_CODE})(?!\d),?\s{{1,2}}{_CAPITAL}(?:\s{_CAPITAL}){{0,2}})?"


def _split(some: Iterable[str]) -> list[str]:
    return [word for words in some for word in words.split("|") if word]


@cache
def _words() -> tuple[Literals, frozenset[str], frozenset[str], tuple[re.Pattern[str], ...]]:
    """What to look for, which of it names an address or its code, and the forms of all."""
    from datapartnerships.detectors._literals import Literals

    strong = _split(some for language, some in _FIRST.items() if language != "de")
    last, cues = _split(_LAST.values()), _split([_CUES])
    codes = {"cp", "c.p.", "código postal", "codigo postal", "postcode", "zip", "zip code", "plz",
             "code postal", "cap", "póstnúmer", "postnummer", "postnr", "postal code"}  # fmt: skip
    forms = (
        # `Calle Mayor, 23`, `rue de la Paix 3`; `12, rue de la Paix`
        rf"(?<![\w])(?:\d{{1,4}}(?:\s?(?:bis|ter))?,?\s{{1,2}})?{either(strong)}\s{{0,2}}{_NAME}"
        rf"(?:,?\s{{1,2}}(?:{_NUMBER}|s/n){_DOOR})?{_TOWN}",
        # `12 Main Street, Apt. 4`
        rf"\d(?<![\w.,/$€£-]\d)\d{{0,4}}[A-Za-z]?,?\s{{1,2}}(?:(?-i:[A-Z]|\d+(?:st|nd|rd|th)\b)[\w.'’-]{{0,30}}"
        rf"\s{{1,2}}){{1,4}}{either(last)}(?!\w){_DOOR}{_TOWN}",
        # `Domicilio: ...`
        rf"(?<![\w-])(?<!MAC )(?<!mail )(?<!IP ){either(cues)}\s?:\s{{0,4}}"
        r"(?P<value>[^\n;]{4,100})",
        r"(?<!\w)(?:c\.?p\.?|c[oó]digo\spostal|post\s?code|zip(?:\scode)?|plz|code\spostal|cap|"
        r"póstnúmer|postnummer|postnr\.?|postal\scode)\s{0,2}[:.]?\s{0,3}"
        r"(?P<code>(?:[A-Z]{1,2}-)?\d{3,5}(?:-\d{4})?|[A-Z]{1,2}\d[A-Z\d]?\s\d[A-Z]{2}|"
        r"[A-Z]\d[A-Z]\s\d[A-Z]\d|\d{4}\s?[A-Z]{2})(?![\w-])",
    )
    compiled = tuple(re.compile(form, re.IGNORECASE) for form in forms)
    return Literals({*strong, *last, *cues, *codes}), frozenset(cues), frozenset(codes), compiled


def _worded(column: Column, block: Block) -> Iterator[Hit]:
    from datapartnerships.detectors._scan import near_figures

    literals, cues, codes, (first, last, cue, code) = _words()
    reached = -1
    for place in literals.find(column, block, near_figures(block, 60, 90)):
        if place.start < reached:
            continue
        at, begin, text = _window(column, place.start)
        streets = (code, first, last) if place.literal in codes else (first, last)
        for form in (cue,) if place.literal in cues else streets:
            hit = _hit(form, text, at, begin)
            if hit is not None:
                yield hit
                reached = hit.end
                break


def _hit(form: re.Pattern[str], text: str, at: int, begin: int) -> Hit | None:
    from datapartnerships.detectors._scan import Hit, byte_length

    line = text.rfind("\n", 0, at) + 1
    for found in form.finditer(text, max(line, at - 60), min(len(text), at + 100)):
        if found.start() > at:
            return None
        if found.end() <= at:
            continue
        groups = found.groupdict()
        name = next((x for x in ("value", "code") if groups.get(x)), None)
        if name is None and not any(c.isdigit() for c in found[0]) and "s/n" not in found[0]:
            return None
        value = found[name or 0].rstrip(" .,\t\r")
        if name == "value" and ("@" in value or not re.search(r"[^\W\d_]{2}", value)):
            return None
        start = begin + byte_length(text[: found.start(name or 0)])
        label = "POSTAL_CODE" if name == "code" else "ADDRESS"
        return Hit(start, start + byte_length(value), label, 0.9 if name else 0.7)
    return None


_SPOKEN = frozenset({"da", "de", "en", "es", "fr", "is", "it", "nb", "nl", "pl", "pt", "sv"})
_TOWNS = re.compile(
    rf"\s{{1,2}}(?:the\s)?(?P<value>{_CAPITAL}(?:\s{{1,2}}{_JOINED}{{0,2}}{_CAPITAL}){{0,3}}"
    rf"(?:,\s{_CAPITAL}(?:\s{_CAPITAL}){{0,2}})?)"
)


@cache
def _lives() -> Literals:
    from datapartnerships.detectors._literals import Literals

    return Literals(_LIVES.split("|"))


def _lived_in(column: Column, block: Block) -> Iterator[Hit]:
    from datapartnerships.detectors._scan import Hit, byte_length

    for place in _lives().find(column, block):
        at, begin, text = _window(column, place.end)
        found = _TOWNS.match(text, at)
        if found is not None:
            start = begin + byte_length(text[: found.start("value")])
            yield Hit(start, start + byte_length(found["value"]), "LOCATION", 0.7)


@cache
def _endings() -> tuple[Mask, tuple[str, ...], re.Pattern[str]]:
    ends = tuple(_split(_ENDS.values()))
    # `String 1` and `Partie 4` end like streets too: a short ending is behind a longer word.
    long, short = (either(x for x in ends if (len(x) > 4) == more) for more in (True, False))
    form = (
        r"(?<![\w-])(?!(?:Bundes|Land|Landes|Kreis|Staats)stra)(?-i:[^\W\d_a-zß-öø-ÿ])"
        rf"(?:[\w.'’-]{{1,30}}?{long}|[\w.'’-]{{3,30}}?{short})"
        rf"\s(?P<number>{_NUMBER})(?![\w.,:/]\d|\s?[%‰°]|\w){_DOOR}{_TOWN}"
    )
    tails = np.zeros(1 << 16, np.bool_)
    last = np.array([list(x.encode()[-3:]) for x in ends], np.uint8)
    tails[_tail(*last.T)] = True
    return tails, ends, re.compile(form, re.IGNORECASE)


def _tail(third: Codes, second: Codes, last: Codes) -> Positions:
    """Of the three last bytes of a word, a number below 65,536; of the third any case."""
    any_case = np.where(third > 127, 128, third | 0x20).astype(np.int64)
    x, y = second.astype(np.int64), last.astype(np.int64)
    place: Positions = ((any_case * 0x9E3B) ^ (x * 0x0101) ^ (y * 0x2F35)) & 0xFFFF
    return place


def _in_one_word(column: Column, block: Block) -> Iterator[Hit]:
    """`Hauptstraße 5`: a word that ends like a street's name, a space, a figure."""
    from datapartnerships.detectors._scan import Hit, byte_length

    tails, ends, form = _endings()
    places = _spaces_before_figures(block, tails)
    floors = np.maximum(column.bounds[column.text_of(places)], places - 48)
    for place, floor in zip(places.tolist(), floors.tolist(), strict=True):
        before, _ = column.window(floor, place)
        if not before[-12:].lower().endswith(ends):
            continue
        at, begin, text = _window(column, place)
        low = max(text.rfind("\n", 0, at) + 1, at - 40)
        for found in form.finditer(text, low):
            if found.start() <= at < found.end("number"):
                value = found[0].rstrip(" .,")
                start = begin + byte_length(text[: found.start()])
                yield Hit(start, start + byte_length(value), "ADDRESS", 0.7)
            if found.start() > at:
                break


def _spaces_before_figures(block: Block, tails: Mask) -> Positions:
    codes = block.codes
    places = block.digits[block.digits > 3] - 1
    places = places[codes[places] == 0x20]
    likely = tails[_tail(*(codes[places - back] for back in (3, 2, 1)))]
    found: Positions = places[likely] + block.begin
    return found


def _window(column: Column, place: int) -> tuple[int, int, str]:
    """Where a place (bytes) is in its window, where that begins, and its characters."""
    text_at = int(column.text_of(place))
    low = max(int(column.bounds[text_at]), place - _BEFORE)
    text, begin = column.window(low, min(int(column.bounds[text_at + 1]), place + _AFTER))
    plain = text.isascii()
    return place - begin if plain else len(str(column.raw[begin:place], "utf-8")), begin, text

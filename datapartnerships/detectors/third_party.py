"""What a document has from others: copyright notices, licenses, agencies, quotations, reprints."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from datapartnerships.detectors._spans import as_table, settle_find, without_overlaps
from datapartnerships.errors import InvalidParameter

if TYPE_CHECKING:
    from datapartnerships.detectors._literals import Literals
    from datapartnerships.detectors._scan import Block, Column, Hit, Positions

LABELS = ("COPYRIGHT", "LICENSE", "BYLINE", "QUOTATION", "REPRINT")

# Bytes looked at on either side of a word; a notice is within its line and within these.
_REACH = 240
# A quotation is looked for up to so many bytes.
_LONGEST = 20_000


@dataclass(frozen=True, slots=True, kw_only=True)
class ThirdParty:
    """Finds what others may have rights in, so that rights can be decided for each span.

    A span is a hint for whoever decides: what stands there in words. What is taken over without a
    word about it is not found.

    COPYRIGHT: a notice (``© 2019 Jane Doe``, ``All rights reserved``) up to the end of its line or
    sentence. A bare ``(c)`` needs a year: without one it is mostly an item of a list. LICENSE: a
    sentence that names a license, or its address. BYLINE: a news or picture agency where its text
    begins or a picture is credited. REPRINT: what says that a text was published elsewhere.
    QUOTATION: at least `min_quotation` characters between quotation marks that open and close.

    Attributes:
        find: which labels to look for, any of `LABELS`.
        min_quotation: characters of the shortest quotation.

    Scores: 0.9; 0.6 for quotations, as a closing mark may be of another quotation.
    """

    find: tuple[str, ...] = LABELS
    min_quotation: int = 300

    # Part of every fingerprint: raise it when a change of the rules changes what is found.
    version = 1

    def __post_init__(self) -> None:
        settle_find(self, LABELS)
        if not 1 <= self.min_quotation <= _LONGEST:
            rule = f"an int from 1 to {_LONGEST}"
            raise InvalidParameter(self, "min_quotation", rule, self.min_quotation)

    @property
    def labels(self) -> frozenset[str]:
        """The labels it can give."""
        return frozenset(self.find)

    def covers(self, language: str) -> Mapping[str, str]:
        """How each label is found in texts of a language."""
        worded = language in LANGUAGES
        how = {
            "COPYRIGHT": "sign and words" if worded else "sign and English words",
            "LICENSE": "names of licenses" + (", words" if worded else ""),
            "BYLINE": "names of agencies",
            "QUOTATION": "quotation marks",
            "REPRINT": "words" if worded else "",
        }
        return {label: how[label] for label in self.find if how[label]}

    def __call__(self, texts: pa.Array) -> pa.Table:
        """Spans of a batch of texts, with the columns of `SPANS`, sorted by text and start."""
        from datapartnerships.detectors._scan import Column

        column = Column.of(texts)
        hits: list[Hit] = []
        for block in column.blocks:
            found = list(_worded(column, block, self.labels))
            if "QUOTATION" in self.find:
                found += _quotations(column, block, self.min_quotation)
            hits += without_overlaps(found)
        return as_table(column, hits, "ThirdParty")


_RESERVED = {
    "ca": "tots els drets reservats|reservats tots els drets",
    "cs": "všechna práva vyhrazena",
    "da": "alle rettigheder forbeholdes|eftertryk forbudt",
    "de": "alle rechte vorbehalten|nachdruck verboten|urheberrechtlich geschützt",
    "en": "all rights reserved|copyright",
    "es": "todos los derechos reservados|reservados todos los derechos|derechos de autor",
    "fi": "kaikki oikeudet pidätetään",
    "fr": "tous droits réservés|tous droits de reproduction|droits d'auteur",
    "is": "öll réttindi áskilin|höfundarréttur",
    "it": "tutti i diritti riservati|riproduzione riservata|diritti d'autore",
    "nb": "alle rettigheter reservert|ettertrykk forbudt",
    "nl": "alle rechten voorbehouden|auteursrechtelijk beschermd",
    "pl": "wszelkie prawa zastrzeżone|prawa autorskie",
    "pt": "todos os direitos reservados|direitos autorais",
    "ru": "все права защищены|авторское право",
    "sv": "alla rättigheter förbehållna|med ensamrätt|eftertryck förbjudes",
}
_REPRINTED = {
    "ca": "publicat originalment|reproduït amb permís",
    "cs": "původně vyšlo|přetištěno se svolením",
    "da": "oprindeligt udgivet|først udgivet|gengivet med tilladelse",
    "de": "erstmals erschienen|zuerst erschienen|abdruck mit freundlicher genehmigung|"
    "nachdruck mit genehmigung",
    "en": "reprinted with permission|reproduced with permission|reprinted by permission|"
    "used by permission|originally published|first published|originally appeared|"
    "first appeared in|reprinted from|reproduced from|excerpted from|courtesy of",
    "es": "publicado originalmente|reproducido con permiso|reproducido con autorización",
    "fi": "julkaistu alun perin|julkaistu luvalla",
    "fr": "publié à l'origine|paru initialement|reproduit avec l'autorisation|"
    "reproduit avec l'aimable autorisation",
    "is": "birtist fyrst|birt með leyfi|endurbirt",
    "it": "pubblicato originariamente|riprodotto con permesso|per gentile concessione",
    "nb": "opprinnelig publisert|først publisert|gjengitt med tillatelse",
    "nl": "oorspronkelijk gepubliceerd|eerder verschenen in|overgenomen met toestemming",
    "pl": "pierwotnie opublikowano|przedruk za zgodą",
    "pt": "publicado originalmente|reproduzido com permissão|reproduzido com autorização",
    "ru": "впервые опубликовано|перепечатано с разрешения",
    "sv": "ursprungligen publicerad|först publicerad|återges med tillstånd",
}
LANGUAGES = tuple(sorted(_RESERVED))
_LICENSES = (
    "creative commons|cc by|cc-by|cc by-sa|cc by-nc|cc by-nd|cc by-nc-sa|cc by-nc-nd|cc0|"
    "creativecommons.org|public domain|gnu general public license|gnu gpl|gnu free documentation "
    "license|gfdl|apache license|mit license|bsd license|mozilla public license|open government "
    "licence|open data commons|odbl|spdx-license-identifier|licensed under|released under|"
    "licence ouverte|lizenziert unter|publicado bajo licencia|bajo una licencia|sous licence|"
    "distribuito con licenza|sob licença|lisensiert under|licensierad under|"
    "rightsstatements.org"
)
# As they are written: most are short, and words of some language in small letters.
_AGENCIES = (
    "Reuters|REUTERS|Associated Press|AP|Agence France-Presse|AFP|United Press International|UPI|"
    "Deutsche Presse-Agentur|dpa|picture alliance|Agencia EFE|EFE|Europa Press|ANSA|Ansa|"
    "Adnkronos|Lusa|LUSA|Agência Lusa|TASS|ITAR-TASS|Interfax|RIA Novosti|Xinhua|Kyodo|"
    "Jiji Press|Yonhap|Press Trust of India|PTI|Press Association|PA Media|Bloomberg News|"
    "Getty Images|Shutterstock|Alamy|Ritzau|NTB|TT Nyhetsbyrån|TT|STT|Lehtikuva|Scanpix|ANP|"
    "Belga|Keystone-SDA|APA|PAP|ČTK|MTI|Hina|HINA|Tanjug|Anadolu Agency|Canadian Press|AAP|EPA"
)

_CREDIT = (
    "photo|photograph|foto|picture|image|bild|mynd|ljósmynd|imagen|source|quelle|fuente|fonte|"
    "kilde|källa|heimild|crédit|credit"
)
_END = r"[^\n]{0,200}?(?=[.;](?:\s|$)|\n|$)"


@cache
def _words() -> tuple[Literals, dict[str, str], dict[str, re.Pattern[str]]]:
    from datapartnerships.detectors._literals import Literals

    labels: dict[str, str] = {"©": "COPYRIGHT", "(c)": "COPYRIGHT", "℗": "COPYRIGHT"}
    for some, label in ((_RESERVED, "COPYRIGHT"), (_REPRINTED, "REPRINT")):
        labels |= dict.fromkeys("|".join(some.values()).split("|"), label)
    for names, label in ((_LICENSES, "LICENSE"), (_AGENCIES, "BYLINE")):
        labels |= dict.fromkeys(names.split("|"), label)
    agency = "|".join(sorted(map(re.escape, _AGENCIES.split("|")), key=lambda name: -len(name)))
    year = r"(?:1[89]|20)\d\d"
    every = "|".join(_RESERVED.values()).split("|")
    reserved = "|".join(words for words in every if words != "copyright")
    forms = {
        # From the sign or word to the end of the sentence or line; a sign with a year or a name.
        "COPYRIGHT": rf"(?:(?<!\w)[©℗]\s{{0,2}}(?={year}|(?-i:[A-Z])|copyright)|"
        rf"\(c\)\s{{0,2}}(?=(?:copyright\s)?{year})|copyright\s{{1,3}}"
        rf"(?=©|\(c\)|{year}|by\s|notice|holder|protected)|(?:{reserved})){_END}",
        "REPRINT": rf"(?:{'|'.join(_REPRINTED.values())}){_END}",
        "LICENSE": rf"[^\n.;]{{0,160}}?(?:{_LICENSES.replace('.', r'[.]')}){_END}",
        # `LONDON (Reuters) -`, `Photo: Jane Doe/AFP`, `/AP/`, `(dpa)`, `MADRID, EFE.- `
        "BYLINE": rf"\((?-i:{agency})\)(?=\s?[-–—])|(?:(?<=\n)|^)[^\n]{{0,60}}?"
        rf"\((?-i:{agency})\)(?=\s|$)|(?:{_CREDIT})s?\s?[:/]\s{{0,2}}[^\n:]{{0,40}}?"
        rf"(?-i:{agency})(?!\w)|/\s?(?-i:{agency})(?:\s?/|(?=\s*(?:\n|$)))|"
        rf"(?:(?<=\n)|^)[^\n]{{0,60}}?(?<!\w)(?-i:{agency})\s?(?:[.]\s?[-–—]|[-–—]{{1,2}})\s",
    }  # fmt: skip
    expressions = {x: re.compile(form, re.IGNORECASE) for x, form in forms.items()}
    return Literals(labels), labels, expressions


def _worded(column: Column, block: Block, find: frozenset[str]) -> Iterator[Hit]:
    from datapartnerships.detectors._scan import Hit, byte_length

    literals, labels, expressions = _words()
    reached: dict[str, int] = {}
    for place in literals.find(column, block):
        label = labels[place.literal]
        if label not in find or place.start < reached.get(label, -1):
            continue
        text_at = int(column.text_of(place.start))
        low, high = int(column.bounds[text_at]), int(column.bounds[text_at + 1])
        text, begin = column.window(max(low, place.start - _REACH), min(high, place.end + _REACH))
        at = len(str(column.raw[begin : place.start], "utf-8"))
        found = _found(expressions[label], label, text, at)
        if found is not None:
            value = found[0].strip()
            start = begin + byte_length(text[: found.start() + found[0].index(value)])
            yield Hit(start, start + byte_length(value), label, 0.9)
            reached[label] = start + byte_length(value)


def _found(form: re.Pattern[str], label: str, text: str, at: int) -> re.Match[str] | None:
    """What holds the word at `at`: from there, from where its sentence, or its line begins."""
    if label in ("COPYRIGHT", "REPRINT"):
        return form.match(text, at)
    if label == "LICENSE":
        return form.match(text, max(at - 160, *(text.rfind(x, 0, at) + 1 for x in "\n.;")))
    line = max(text.rfind("\n", 0, at), 0)
    return next((x for x in form.finditer(text, line) if x.start() <= at < x.end()), None)


# What opens a quotation, and what closes it. Where » comes before «, it is the one that opens.
_MARKS = (("“", "”"), ("„", "“"), ("„", "”"), ("«", "»"), ("»", "«"), ("「", "」"), ("『", "』"))


def _quotations(column: Column, block: Block, least: int) -> Iterator[Hit]:
    """Between a mark that opens and the first that closes it, within one paragraph."""
    from datapartnerships.detectors._scan import Hit

    places = {mark: _places(block, mark) for mark in sorted({x for pair in _MARKS for x in pair})}
    lines = block.begin + np.flatnonzero(block.codes == 0x0A)
    ends_here = lines[1:][np.diff(lines) == 1]
    for opening, closing in _MARKS:
        opened, closed = places[opening], places[closing]
        if not len(opened) or not len(closed):
            continue
        after = np.searchsorted(closed, opened, side="right")
        inside = after < len(closed)
        starts, ends = opened[inside], closed[after[inside]] + len(closing.encode())
        # Of marks that open one after another, the last is the one that is closed.
        fits = np.append(starts, np.iinfo(np.int64).max)[1:] >= ends
        fits &= (ends - starts >= least) & (ends - starts <= _LONGEST)
        fits &= column.text_of(starts) == column.text_of(ends - 1)
        fits &= np.searchsorted(ends_here, starts) == np.searchsorted(ends_here, ends)
        for start, end in zip(starts[fits].tolist(), ends[fits].tolist(), strict=True):
            long_enough = len(str(column.raw[start:end], "utf-8")) >= least + 2
            if long_enough and _opens(column, start, opening):
                yield Hit(start, end, "QUOTATION", 0.6)


def _opens(column: Column, at: int, mark: str) -> bool:
    """Whether a mark stands where a quotation begins: after a blank, and before none."""
    floor = int(column.bounds[int(column.text_of(at))])
    before, _ = column.window(max(floor, at - 4), at)
    size = len(mark.encode())
    after, _ = column.window(at + size, at + size + 4)
    spaced = mark == "«" and after[:1] in "\u00a0\u202f "
    return not before[-1:].isalnum() and (spaced or not after[:1].isspace())


def _places(block: Block, mark: str) -> Positions:
    """Where a character stands, by its bytes."""
    codes, data = block.codes, mark.encode()
    found = np.flatnonzero(codes[: len(codes) - len(data) + 1] == data[0])
    for i, byte in enumerate(data[1:], 1):
        found = found[codes[found + i] == byte]
    places: Positions = found + block.begin
    return places

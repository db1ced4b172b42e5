"""Letters in six languages with planted names, addresses and numbers, misread as OCR does it.

All sentences and names are made up for this. What is planted comes in a usual or an odd form (a
name on no list, an address spelled out), and with or without a word before it that announces it.
Half of the letters are formal: in these both the usual form and the word are more frequent, so
that detectors by form and detectors by announcement are not quite independent. Letters are also
misread to very different degrees.
"""

from __future__ import annotations

import random
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import pyarrow as pa

from datapartnerships.schema import SPANS, Document, Segment

LANGUAGES = ("en", "de", "fr", "es", "is", "ru")
LABELS = ("EMAIL", "PHONE", "PERSON")
# Characters misread per character.
NOISE = {"clean": 0.0, "fair": 0.01, "poor": 0.04}

Truth = tuple[int, int, str]  # start and end in the text, label

_GIVEN = {
    "en": "Alice Bernard Clara Duncan Edith Francis Gillian Harold Imogen Jasper Lydia Martin Nora "
    "Oswald Phoebe Rupert",
    "de": "Anneliese Bruno Dagmar Erwin Frieda Gerhard Hedwig Ingolf Jutta Konrad Liesel Manfred "
    "Ottilie Reinhold Sieglinde Wolfgang",
    "fr": "Adèle Bastien Camille Denis Élise Fabrice Gisèle Hugues Irène Jérôme Lucie Maxime "
    "Noémie Olivier Solange Thierry",
    "es": "Alba Benito Consuelo Diego Elvira Fermín Gloria Hernán Inés Joaquín Lucía Mateo Nieves "
    "Óscar Pilar Ramiro",
    "is": "Auður Bjarni Dagný Einar Freyja Gísli Hulda Ingvar Jóna Kári Lilja Magnús Ólöf Páll "
    "Sunna Þórir",
    "ru": "Алла Борис Вера Глеб Дарья Егор Зоя Игорь Клара Лев Марина Никита Ольга Пётр "
    "Раиса Тимур",
}  # fmt: skip
_FAMILY = {
    "en": "Ashdown Birkett Collier Fenwick Harlow Marsden Pickering Stanhope",
    "de": "Achtermann Brückner Feldhaus Hagemann Lindner Öhlschläger Riedel Sommerfeld",
    "fr": "Aubertin Chevallier Delorme Fontenay Lacombe Marchand Renaudin Vasseur",
    "es": "Arrieta Cabrera Escudero Ibáñez Montero Quiroga Salcedo Valverde",
    "is": "Arnardóttir Bjarnason Einarsdóttir Gíslason Hallsdóttir Kárason Pálsdóttir Þórisson",
    "ru": "Абрамов Воронин Гусев Ершов Калинин Лосев Морозов Тихонов",
}
_TITLE = {
    "en": "Mr. Mrs. Dr. Judge",
    "de": "Herr Frau Dr. Richter",
    "fr": "M. Mme Dr Maître",
    "es": "D. Dña. Sr. Sra.",
    "is": "Hr. Frú Dr. Lögmaður",
    "ru": "г-н г-жа д-р судья",
}
_CUES = {
    "en": {"EMAIL": "e-mail", "PHONE": "phone"},
    "de": {"EMAIL": "E-Mail", "PHONE": "Telefon"},
    "fr": {"EMAIL": "courriel", "PHONE": "téléphone"},
    "es": {"EMAIL": "correo", "PHONE": "teléfono"},
    "is": {"EMAIL": "netfang", "PHONE": "sími"},
    "ru": {"EMAIL": "почта", "PHONE": "телефон"},
}
_CODE = {"en": "44", "de": "49", "fr": "33", "es": "34", "is": "354", "ru": "7"}
_FILLER = {
    "en": ("The council met in the old school and agreed on very little.",
           "Rain kept the boats in the harbour until the end of the week.",
           "The bill for the timber has still not been paid."),
    "de": ("Der Gemeinderat tagte in der alten Schule und einigte sich kaum.",
           "Wegen des Regens blieben die Boote bis zum Wochenende im Hafen.",
           "Die Rechnung für das Holz ist noch immer offen."),
    "fr": ("Le conseil s'est réuni dans la vieille école sans décider grand-chose.",
           "La pluie a retenu les barques au port toute la semaine.",
           "La facture du bois n'est toujours pas réglée."),
    "es": ("El concejo se reunió en la vieja escuela y acordó muy poco.",
           "La lluvia dejó las barcas en el puerto hasta el fin de semana.",
           "La factura de la madera sigue sin pagarse."),
    "is": ("Nefndin kom saman í gamla skólanum og varð sammála um fátt.",
           "Bátarnir lágu í höfn alla vikuna vegna rigningar.",
           "Reikningurinn fyrir timbrið er enn ógreiddur."),
    "ru": ("Совет собрался в старой школе и почти ни о чём не договорился.",
           "Из-за дождя лодки простояли в порту до конца недели.",
           "Счёт за лес до сих пор не оплачен."),
}  # fmt: skip
_CONFUSED = {
    "l": "1", "1": "l", "0": "O", "O": "0", "m": "rn", "e": "c", "c": "e", "a": "o", "i": "j",
    "S": "5", "5": "S", "8": "B", "@": "©", ".": ",", "+": "t", "h": "b", "n": "u", "u": "n",
    "о": "с", "и": "н", "н": "и", "е": "с", "т": "г", "ð": "d", "þ": "p", "é": "e", "ö": "o",
}  # fmt: skip


def misread(text: str, rate: float, pick: random.Random) -> str:
    """`text` with characters exchanged, lost, or parted by a space."""
    if not rate:
        return text
    out = []
    for character in text:
        if pick.random() >= rate:
            out.append(character)
        elif pick.random() < 0.75:
            out.append(_CONFUSED.get(character, pick.choice("~^·|")))
        elif pick.random() < 0.5:
            out.append(character + " ")
    return "".join(out)


def letter(language: str, rate: float, pick: random.Random) -> tuple[str, list[Truth]]:
    """One letter, and where what is planted in it lies."""
    formal = pick.random() < 0.5
    rate *= pick.choice((0.25, 0.75, 1.0, 2.0))
    text, truth = "", []
    for label in pick.choices(LABELS, k=pick.randint(2, 5)):
        text += misread(pick.choice(_FILLER[language]) + " ", rate, pick)
        odd = pick.random() < (0.10 if formal else 0.25)
        told = pick.random() < (0.80 if formal else 0.50)
        if told:
            text += misread(_announcement(label, language, pick), rate, pick)
        start = len(text)
        text += misread(_value(label, language, odd, pick), rate, pick)
        truth.append((start, len(text), label))
        text += ". "
    return text, truth


def _announcement(label: str, language: str, pick: random.Random) -> str:
    if label == "PERSON":
        return pick.choice(_TITLE[language].split()) + " "
    return _CUES[language][label] + ": "


def _value(label: str, language: str, odd: bool, pick: random.Random) -> str:
    if label == "PERSON":
        given = _GIVEN[language].split()
        # The last quarter of the given names is on no list.
        name = pick.choice(given[12:] if odd else given[:12])
        return f"{name} {pick.choice(_FAMILY[language].split())}"
    digits = "".join(pick.choices("0123456789", k=4))
    if label == "EMAIL":
        name = "".join(pick.choices("abcdefghiklmnoprstu", k=6)) + digits
        return f"{name}(a)example,org" if odd else f"{name}@example.org"
    area = {"en": "20 7946", "de": "30 2345", "fr": "1 2345", "es": "91 234", "is": "467",
            "ru": "495 123"}[language]  # fmt: skip
    number = f"{area} {digits}" if language in ("en", "de", "is", "fr") else f"{area} {digits[:3]}"
    number += pick.choice("123456789") * {"fr": 0, "es": 1, "ru": 1}.get(language, 0)
    return f"No{number.replace(' ', '/')}" if odd else f"+{_CODE[language]} {number}"


def document(number: int, text: str) -> Document:
    return Document(str(number), "planted", segments=[Segment(text)])


@dataclass(frozen=True, kw_only=True)
class Expressions:
    """Plain regular expressions, one a label: group 1 is what is found, or the whole."""

    name: str
    expressions: tuple[tuple[str, str], ...]
    labels: ClassVar[frozenset[str]] = frozenset(LABELS)

    def covers(self, _language: str) -> Mapping[str, str]:
        return {label: "expression" for label, _ in self.expressions}

    def __call__(self, texts: pa.Array) -> pa.Table:
        rows = sorted(
            (i, *found.span(found.re.groups), label, 1.0, self.name)
            for i, text in enumerate(texts.to_pylist())
            for label, expression in self.expressions
            for found in re.finditer(expression, text or "")
        )
        columns = list(zip(*rows, strict=True)) or [[]] * len(SPANS)
        arrays = [pa.array(c, f.type) for c, f in zip(columns, SPANS, strict=True)]
        return pa.Table.from_arrays(arrays, schema=SPANS)


def names_on_a_list(name: str, language: str, of: slice) -> Expressions:
    """Given names of a list, with the capitalized word that follows."""
    names = "|".join(_GIVEN[language].split()[of])
    return Expressions(
        name=name, expressions=(("PERSON", rf"\b(?:{names})\b(?: [^\W\d_a-z]\w+)?"),)
    )


def announced(language: str) -> Expressions:
    """What stands behind the words that announce it, whatever it looks like."""
    titles = "|".join(re.escape(title) for title in _TITLE[language].split())
    cues = _CUES[language]
    return Expressions(
        name="announced",
        expressions=(
            ("EMAIL", rf"{cues['EMAIL']}: (\S{{6,}}(?: \S{{1,8}}(?=\.))?)"),
            ("PHONE", rf"{cues['PHONE']}: (\S.{{5,18}}?\S)\. "),
            ("PERSON", rf"(?:{titles}) (\S{{2,}} \S{{2,}}?)(?=[.,]? )"),
        ),
    )


def other_forms(language: str) -> Expressions:
    """Forms once more, by expressions of its own: what Contacts misses this misses, too."""
    person = names_on_a_list("", language, slice(0, 16, 2)).expressions
    return Expressions(
        name="other_forms",
        expressions=(
            ("EMAIL", r"[\w.+-]+@[\w-]+\.\w{2,}"),
            ("PHONE", r"\+\d{1,3}(?: \d{1,4}){2,4}"),
            *person,
        ),
    )

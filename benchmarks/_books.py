"""Books, reports and newspapers of our own sentences, page by page, and what each line is."""

from __future__ import annotations

import random
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass, field

BODY, HEAD, NUMBER = "body", "running head", "page number"

WORDS = {
    "en": (
        [
            "The keeper of the lighthouse",
            "A neighbour from the valley",
            "My grandmother",
            "The clerk",
            "Nobody in the parish",
            "The youngest of the sailors",
            "Our schoolmaster",
            "The old surveyor",
        ],
        [
            "counted again",
            "had forgotten",
            "would not sell",
            "wrote down",
            "carried home",
            "described",
            "looked for",
            "remembered well",
        ],
        [
            "the boats that lay below the church",
            "every letter from the capital",
            "a chest of tools",
            "the names of the drowned",
            "the price of wool",
            "three barrels of salted herring",
            "the road across the moor",
            "what the bishop had promised",
        ],
        [
            "before the snow came",
            "in the spring of that year",
            "while the others slept",
            "because the harvest had failed",
            "and said nothing more of it",
            "as his father had done",
        ],
    ),
    "is": (
        [
            "Vitavörðurinn á nesinu",
            "Nágranni okkar úr dalnum",
            "Amma mín",
            "Sýsluskrifarinn",
            "Enginn í sókninni",
            "Yngsti hásetinn",
            "Barnakennarinn",
            "Gamli landmælingamaðurinn",
        ],
        [
            "taldi aftur",
            "hafði gleymt",
            "vildi ekki selja",
            "skrifaði niður",
            "bar heim",
            "lýsti vel",
            "leitaði að",
            "mundi eftir",
        ],
        [
            "bátunum sem lágu neðan við kirkjuna",
            "hverju bréfi að sunnan",
            "verkfærakistunni",
            "nöfnum hinna drukknuðu",
            "ullarverðinu",
            "þremur tunnum af saltsíld",
            "veginum yfir heiðina",
            "loforði biskupsins",
        ],
        [
            "áður en snjóaði",
            "vorið eftir",
            "meðan hinir sváfu",
            "því að grasið hafði brugðist",
            "og minntist ekki á það framar",
            "eins og faðir hans hafði gert",
        ],
    ),
    "de": (
        [
            "Der Wärter des Leuchtturms",
            "Ein Nachbar aus dem Tal",
            "Meine Großmutter",
            "Der Schreiber",
            "Niemand in der Gemeinde",
            "Der jüngste Matrose",
            "Unser Schulmeister",
            "Der alte Landmesser",
        ],
        [
            "zählte noch einmal",
            "vergaß beinahe",
            "verkaufte ungern",
            "notierte sich",
            "trug nach Hause",
            "beschrieb genau",
            "suchte lange",
            "kannte gut",
        ],
        [
            "die Boote unterhalb der Kirche",
            "jeden Brief aus der Hauptstadt",
            "eine Kiste mit Werkzeug",
            "die Namen der Ertrunkenen",
            "den Preis der Wolle",
            "drei Fässer mit gesalzenem Hering",
            "den Weg über das Moor",
            "das Versprechen des Bischofs",
        ],
        [
            "bevor der Schnee kam",
            "im Frühjahr jenes Jahres",
            "während die anderen schliefen",
            "weil die Ernte ausblieb",
            "und schwieg seither davon",
            "wie schon sein Vater",
        ],
    ),
}
TITLES = {
    "en": (
        "A HISTORY OF THE NORTHERN HARBOURS",
        [
            "The First Winter",
            "Of Fishing Rights",
            "The Bishop's Letter",
            "A Trial at the Assembly",
            "The Herring Years",
            "What Became of the Fleet",
            "The Bridge",
            "Taxes and Tithes",
        ],
    ),
    "is": (
        "SAGA NORÐURHAFNANNA",
        [
            "Fyrsti veturinn",
            "Um veiðiréttindi",
            "Bréf biskupsins",
            "Dómur á alþingi",
            "Síldarárin",
            "Afdrif flotans",
            "Brúin yfir ána",
            "Skattar og tíundir",
        ],
    ),
    "de": (
        "GESCHICHTE DER NÖRDLICHEN HÄFEN",
        [
            "Der erste Winter",
            "Von den Fischrechten",
            "Der Brief des Bischofs",
            "Ein Prozess am Thing",
            "Die Jahre des Herings",
            "Das Ende der Flotte",
            "Der Bau der Brücke",
            "Steuern und Zehnte",
        ],
    ),
}
PAPER = {
    "en": ("THE HARBOUR GAZETTE.", "{day} March 1884."),
    "is": ("HAFNARBLAÐIÐ.", "{day}. marz 1884."),
    "de": ("DER HAFENBOTE.", "Den {day}. März 1884."),
}
PAGE_OF = {"en": "Page {n} of {all}", "is": "bls. {n} af {all}", "de": "Seite {n} von {all}"}
CHAPTER = {"en": "CHAPTER {}", "is": "{}. KAFLI", "de": "{}. KAPITEL"}
LAYOUTS = ("novel", "footnotes", "newspaper", "report", "front matter", "boxes")
_CONFUSED = {
    "l": "1",
    "1": "l",
    "0": "O",
    "O": "0",
    "e": "c",
    "n": "u",
    "i": "í",
    "5": "S",
    "S": "5",
    "t": "f",
    "m": "rn",
    "h": "b",
    "E": "F",
    "R": "B",
    "8": "B",
    "a": "o",
}


@dataclass
class Leaf:
    """A page: its lines, each with what it is."""

    lines: list[tuple[str, str]] = field(default_factory=list)

    def add(self, text: str, kind: str = BODY) -> None:
        self.lines.append((text, kind))


def sentence(rng: random.Random, language: str) -> str:
    return " ".join(rng.choice(part) for part in WORDS[language]) + "."


def paragraphs(rng: random.Random, language: str, width: int) -> Iterator[list[str]]:
    """Paragraphs, hard-wrapped."""
    while True:
        text = " ".join(sentence(rng, language) for _ in range(rng.randint(2, 7)))
        yield textwrap.wrap(text, width)


def book(layout: str, language: str, pages: int, seed: int) -> list[Leaf]:
    rng = random.Random(f"{layout} {language} {seed}")
    title, chapters = TITLES[language]
    body = _Body(rng, language, 44 if layout == "newspaper" else 62)
    leaves: list[Leaf] = []
    chapter, left = 0, 0
    front = 7 if layout == "front matter" else 0
    first = rng.choice((1, 1, 5, 213))
    for index in range(pages):
        leaf = Leaf()
        opening = left <= 0 and layout != "newspaper"
        if opening:
            chapter, left = chapter + 1, rng.randint(6, 14)
        left -= 1
        name = chapters[(chapter - 1) % len(chapters)]
        number = str(index + first) if index >= front else _roman(index + 1)
        if front and index >= front:
            number = str(index - front + 1)
        rows = rng.randint(31, 35)
        missing = rng.random() < 0.04
        head, foot = _edges(layout, language, index, number, title, name, opening, pages)
        for text, kind in [] if missing else head:
            leaf.add(text, kind)
        if layout in ("newspaper", "novel") and head and not missing:
            leaf.add("")
        if opening:
            for text in ("", CHAPTER[language].format(chapter), "", name, ""):
                leaf.add(text)
        for text in body.take(rows - 4 * opening):
            leaf.add(text)
        if layout == "footnotes" and rng.random() < 0.6:
            for note in range(rng.randint(1, 3)):
                for text in textwrap.wrap(f"{note + 1}) {sentence(rng, language)}", 70):
                    leaf.add(text)
        for text, kind in [] if missing and layout != "report" else foot:
            leaf.add(text, kind)
        leaves.append(leaf)
    return leaves


class _Body:
    def __init__(self, rng: random.Random, language: str, width: int) -> None:
        self._source = paragraphs(rng, language, width)
        self._left: list[str] = []

    def take(self, count: int) -> list[str]:
        while len(self._left) < count:
            lines = next(self._source)
            self._left += ["    " + lines[0], *lines[1:]]
        taken, self._left = self._left[:count], self._left[count:]
        return taken


Lines = list[tuple[str, str]]


def _edges(
    layout: str,
    language: str,
    index: int,
    number: str,
    title: str,
    name: str,
    opening: bool,
    pages: int,
) -> tuple[Lines, Lines]:
    recto = index % 2 == 0
    if layout == "novel":
        if opening:
            return [], [(number, NUMBER)]
        return [(f"{name}          {number}" if recto else f"{number}          {title}", HEAD)], []
    if layout == "footnotes":
        return ([] if opening else [(name.upper() if recto else title, HEAD)]), [
            (f"- {number} -", NUMBER)
        ]
    if layout == "newspaper":
        paper, date = PAPER[language]
        day = 1 + index // 4
        if index % 4 == 0:
            return [], []
        text = f"{paper}   {date.format(day=day)}"
        return [(f"{number}   {text}" if recto else f"{text}   {number}", HEAD)], []
    if layout == "report":
        foot = PAGE_OF[language].format(n=index + 1, all=pages)
        return ([(title, HEAD), (name, HEAD)] if not opening else []), [(foot, NUMBER)]
    if layout == "front matter":
        return ([] if opening else [(number, NUMBER)]), []
    return ([] if opening else [((title if recto else name.upper()), HEAD)]), [(number, NUMBER)]


def _roman(value: int) -> str:
    text = ""
    for size, letters in ((10, "x"), (9, "ix"), (5, "v"), (4, "iv"), (1, "i")):
        text += letters * (value // size)
        value %= size
    return text


def misread(leaves: list[Leaf], rate: float, seed: int) -> list[Leaf]:
    """With so many of the characters read as others, as engines confuse them."""
    rng = random.Random(seed)

    def line(text: str) -> str:
        return "".join(_CONFUSED.get(c, c) if rng.random() < rate else c for c in text)

    return [Leaf([(line(text), kind) for text, kind in leaf.lines]) for leaf in leaves]

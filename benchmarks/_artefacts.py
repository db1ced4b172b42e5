"""Debris, contents, deposits with stamps, and mails, of our own sentences: what each line is.

Each maker gives lines with their kind. Kinds that begin with "own" are to stay, all others to go.
"""

from __future__ import annotations

import random
import textwrap
from collections.abc import Callable

from _books import TITLES, WORDS, sentence

Lines = list[tuple[str, str]]
LANGUAGES = tuple(WORDS)
# Engines put quotation marks, dashes and points for what they cannot make out, brackets seldom.
_SYMBOLS = "‘’“”«»~°_—-.,:;'\"|" * 6 + "^*•/\\=+<>{}[]()!"
_LETTERS = "aeiourstnlmdIlTtfjJVvAwUHrEOo"


def prose(rng: random.Random, language: str, sentences: int, width: int = 66) -> list[str]:
    text = " ".join(sentence(rng, language) for _ in range(sentences))
    return textwrap.wrap(text, width)


def names(rng: random.Random, language: str, count: int) -> list[str]:
    """Titles of parts, as a table of contents lists them."""
    parts = WORDS[language]
    made = {f"{rng.choice(parts[0])} {rng.choice(parts[3])}" for _ in range(4 * count)}
    return sorted(made, key=lambda _: rng.random())[:count]


# ------------------------------------------------------------------- debris


def stain(rng: random.Random, symbols: float) -> list[str]:
    """What an engine makes of a stain, a stamp or a picture: a run of short lines."""
    return [
        " ".join(_token(rng, symbols, 1, 3) for _ in range(rng.choice((1, 1, 1, 2))))
        for _ in range(rng.randint(6, 24))
    ]


def soup(rng: random.Random, symbols: float) -> list[str]:
    """What it makes of handwriting: a few lines of tokens of all lengths."""
    return [
        " ".join(_token(rng, symbols, 1, 7) for _ in range(rng.randint(5, 12)))
        for _ in range(rng.randint(1, 5))
    ]


def _token(rng: random.Random, symbols: float, least: int, most: int) -> str:
    return "".join(
        rng.choice(_SYMBOLS) if rng.random() < symbols else rng.choice(_LETTERS)
        for _ in range(rng.randint(least, most))
    )


def damaged(rng: random.Random, text: str, rate: float) -> str:
    """So many characters misread: as letters mostly, some as symbols."""
    return "".join(
        (rng.choice(_LETTERS) if rng.random() < 0.7 else rng.choice(_SYMBOLS))
        if c != " " and rng.random() < rate else c
        for c in text
    )  # fmt: skip


def _rows(rng: random.Random, _: str) -> list[str]:
    return [f"{year}   {rng.randint(10, 99)}   {rng.randint(100, 999)}"
            for year in range(1801, 1813)]  # fmt: skip


def _formulas(rng: random.Random, _: str) -> list[str]:
    letters = "abcxyznkp"
    return [f"{rng.choice(letters)} = {rng.choice(letters)}{rng.choice('²³')} {rng.choice('+-/')} "
            f"{rng.randint(2, 9)}{rng.choice(letters)}" for _ in range(8)]  # fmt: skip


def _initials(rng: random.Random, _: str) -> list[str]:
    return [f"{rng.choice('ABEGHJKÞ')}. {rng.choice('ABEGHJKÓ')}." for _ in range(8)]


def _answers(rng: random.Random, _: str) -> list[str]:
    return [f"{number}) {rng.choice('abcd')}" for number in range(1, 12)]


def _verse(rng: random.Random, language: str) -> list[str]:
    return [rng.choice(WORDS[language][3]).capitalize() + "," for _ in range(8)]


BESIDE: dict[str, Callable[[random.Random, str], list[str]]] = {
    "rows": _rows, "formulas": _formulas, "initials": _initials, "answers": _answers,
    "verse": _verse,
}  # fmt: skip


def page(rng: random.Random, language: str, symbols: float, rate: float) -> Lines:
    """Prose as it was read, with `rate` of it misread; a stain or a soup in it; things beside."""
    name = f"own, {rate:.0%} misread"
    shape = rng.choice((stain, soup))
    other = rng.choice(sorted(BESIDE))
    lines: Lines = [(damaged(rng, line, rate), name) for line in prose(rng, language, 5)]
    lines += [(line, f"{shape.__name__}, {symbols:.0%} symbols") for line in shape(rng, symbols)]
    lines += [(damaged(rng, line, rate), name) for line in prose(rng, language, 4)]
    return lines + [(line, f"own, {other}") for line in BESIDE[other](rng, language)]


# ------------------------------------------------------------------- contents

_HEADED = {"en": "Contents", "is": "Efnisyfirlit", "de": "Inhalt"}
_INDEXED = {"en": "Index", "is": "Atriðisorð", "de": "Register"}


def contents(rng: random.Random, language: str, how: str) -> Lines:
    """A table of contents or an index between prose."""
    many = rng.randint(6, 18)
    page = rng.randint(1, 9)
    table: Lines = [] if how == "gap" else [(_HEADED[language], how)]
    for name in names(rng, language, many):
        page += rng.randint(1, 25)
        if how == "dots":
            table.append((f"{name} {'.' * rng.randint(4, 40)} {page}", how))
        elif how == "dots misread":
            dots = "".join(rng.choice("....,· :") for _ in range(rng.randint(12, 40)))
            table.append((f"{name} {dots} {damaged(rng, str(page), 0.05)}", how))
        elif how == "gap":
            table.append((f"{name}{' ' * rng.randint(4, 20)}{page}", how))
        elif how == "two lines":
            table += [(f"{name}, {rng.choice(WORDS[language][1])}", how),
                      (f"{rng.choice(WORDS[language][2])} .......... {page}", how)]  # fmt: skip
        elif how == "numbered":
            table.append((f"{len(table)}. {name}  {page}", how))
        else:
            table.append((f"{name} {page}", how))
    return _between(rng, language, table)


def index(rng: random.Random, language: str, how: str) -> Lines:
    words = {word.strip(",.") for part in WORDS[language] for text in part for word in text.split()}
    entries = sorted(word for word in words if len(word) > 3)
    table: Lines = [(_INDEXED[language], "own, heading of an index")]
    chosen = rng.sample(entries, min(len(entries), rng.randint(14, 40)))
    for word in sorted(chosen, key=str.casefold):
        pages = sorted(rng.sample(range(1, 300), rng.randint(1, 4)))
        said = ", ".join(f"{n}–{n + 2}" if rng.random() < 0.2 else str(n) for n in pages)
        text = f"{word}, {said}"
        table.append((damaged(rng, text, 0.03) if how == "index misread" else text, how))
        if rng.random() < 0.15:
            table.append((f"  {rng.choice(WORDS[language][3])}, {pages[-1]}", how))
    return _between(rng, language, table)


def listed(rng: random.Random, language: str, how: str) -> Lines:
    """What looks like one: to stay."""
    name = f"own, {how}"
    table: Lines = []
    year = 1790
    for title in names(rng, language, 10):
        year += rng.randint(1, 4)
        table.append((
            {
                "prices": f"{title} ........ {rng.randint(2, 90)}",
                "years": f"{title} {year}",
                "catalogue": f"{title.split()[-1]}, {title}, {year}",
                "counts": f"{title}    {rng.randint(1, 40)}    {rng.randint(1, 40)}",
            }[how],
            name,
        ))  # fmt: skip
    return _between(rng, language, table)


def _between(rng: random.Random, language: str, table: Lines) -> Lines:
    before, after = (
        [(line, "own, prose") for line in prose(rng, language, rng.randint(4, 9))] for _ in "12"
    )
    return [*before, ("", ""), *table, ("", ""), *after]


# ------------------------------------------------------------------- deposits

_STAMPS = {
    "en": "Copied on {day}.{month}.1998 for reader {n} in the reading room of the county library",
    "is": "Afritað {day}.{month}.1998 fyrir lesanda {n} á lestrarsal sýslubókasafnsins",
    "de": "Kopiert am {day}.{month}.1998 für Leser {n} im Lesesaal der Kreisbibliothek",
}
_NOTICES = {
    "en": "No part of this copy may leave the house without the leave of its keeper",
    "is": "Enginn hluti þessa eintaks má fara úr húsi án leyfis varðveislumannsins",
    "de": "Kein Teil dieser Kopie darf das Haus ohne Erlaubnis des Verwalters verlassen",
}
_MENUS = {
    "en": ["Home", "Boats", "Weather", "About the harbour"],
    "is": ["Heim", "Bátar", "Veður", "Um höfnina"],
    "de": ["Start", "Boote", "Wetter", "Über den Hafen"],
}
_FORMULAS = {
    "en": ["Amen.", "Chapter {n}", "Yours faithfully,", "So it was resolved by the whole parish."],
    "is": ["Amen.", "{n}. kafli", "Virðingarfyllst,", "Svo var samþykkt af allri sókninni."],
    "de": ["Amen.", "Kapitel {n}", "Hochachtungsvoll,", "So beschloss es die ganze Gemeinde."],
}
SHARES = (1.0, 0.3, 0.12, 0.05)


def deposit(
    rng: random.Random, language: str, share: float, rate: float, count: int
) -> list[Lines]:
    """Documents of which a share has a stamp, a notice, or a menu; a third end in a formula."""
    out = []
    for number in range(count):
        text: Lines = [(line, "own") for line in prose(rng, language, rng.randint(12, 30))]
        numbers = {"day": number % 28 + 1, "month": number % 12 + 1, "n": rng.randint(1, 900)}
        if rng.random() < 0.33:
            formula = rng.choice(_FORMULAS[language]).format(**numbers)
            at = 0 if "{n}" in formula else len(text)
            text.insert(at, (formula, "own, formula"))
        if rng.random() < share:
            stamp = damaged(rng, _STAMPS[language].format(**numbers), rate)
            text.append((stamp, f"stamp, {rate:.0%} misread, {share:.0%} of documents"))
        if rng.random() < share:
            notice = damaged(rng, _NOTICES[language], rate)
            text.insert(0, (notice, f"notice, {rate:.0%} misread, {share:.0%} of documents"))
        if not rate and rng.random() < share:
            menu = [(line, f"menu, {share:.0%} of documents") for line in _MENUS[language]]
            text = [*menu, ("", ""), *text]
        out.append(text)
    return out


# ------------------------------------------------------------------- mails

_WROTE = {
    "en": "On {d} May 2021 at 10:0{h}, {who} <{mail}> wrote:",
    "is": "Þann {d}. maí 2021 kl. 10:0{h} skrifaði {who} <{mail}>:",
    "de": "Am {d}.05.2021 um 10:0{h} schrieb {who} <{mail}>:",
}
_ABOVE = {
    "en": "From: {who} <{mail}>\nSent: {d} May 2021 10:0{h}\nTo: Erla\nSubject: {title}",
    "is": "Frá: {who} <{mail}>\nSent: {d}. maí 2021 10:0{h}\nTil: Erla\nEfni: {title}",
    "de": "Von: {who} <{mail}>\nGesendet: {d}. Mai 2021 10:0{h}\nAn: Erla\nBetreff: {title}",
}
_DEVICE = {"en": "Sent from my telephone", "is": "Sent úr símanum mínum",
           "de": "Von meinem Telefon gesendet"}  # fmt: skip
_SECRET = {
    "en": "This message is confidential. If you are not its recipient, tell the sender and "
    "delete it, and keep no copy of it.",
    "is": "Þessi tölvupóstur er trúnaðarmál. Sé hann ekki ætlaður þér skaltu láta sendanda vita "
    "og eyða honum og engu afriti halda.",
    "de": "Diese Nachricht ist vertraulich. Wenn Sie nicht der Empfänger sind, unterrichten Sie "
    "den Absender und löschen Sie sie.",
}
_OWN = ("-- a list --", "From: the harbour, To: the mill", "> 5 barrels", "1) as before", "--")
REPLIES = ("marked", "unmarked", "headers", "original", "between", "none", "forwarded")
ENDS = ("none", "dashes", "dashes without a space", "name alone", "device", "disclaimer")


def mail(rng: random.Random, language: str, reply: str, end: str) -> Lines:
    who = rng.choice(("Anna Berg", "Jón Helgason", "Käthe Voss"))
    fields = {"who": who, "mail": "a.b@example.org", "d": rng.randint(1, 28),
              "h": rng.randint(0, 9), "title": TITLES[language][0]}  # fmt: skip
    own: Lines = [(line, "own") for line in prose(rng, language, rng.randint(1, 6))]
    if rng.random() < 0.2:
        own.insert(rng.randrange(len(own)), (rng.choice(_OWN[:2] + _OWN[3:]), "own, odd line"))
    theirs = prose(rng, language, rng.randint(1, 6))
    wrote = _WROTE[language].format(**fields)
    above = _ABOVE[language].format(**fields).split("\n")
    signed = _signed(rng, language, end, who)
    gone = [(line, reply) for line in theirs]
    marked = [(f"> {line}", reply) for line in theirs]
    blank: Lines = [("", "")]
    if reply == "marked":
        return own + signed + blank + [(wrote, reply), *marked]
    if reply == "unmarked":
        return own + signed + blank + [(wrote, reply), *blank, *gone]
    if reply == "headers":
        return own + signed + blank + [*((line, reply) for line in above), *blank, *gone]
    if reply == "original":
        return own + signed + blank + [("-----Original Message-----", reply), *gone]
    if reply == "between":
        return [(wrote, reply), *marked, *blank, *own, *blank, *marked, *own, *signed]
    if reply == "forwarded":
        return [(line, "own, forwarded") for line in [*above, "", *theirs]]
    return own + signed


def _signed(rng: random.Random, language: str, end: str, who: str) -> Lines:
    card = [who, TITLES[language][0], f"Tel. 555 0{rng.randint(100, 199)}", "www.example.org"]
    if end == "device":
        lines = ["", _DEVICE[language]]
    elif end == "disclaimer":
        lines = ["", *textwrap.wrap(_SECRET[language], 60)]
    elif end == "none":
        return []
    else:
        first = {"dashes": ["-- "], "dashes without a space": ["--"], "name alone": [""]}[end]
        lines = [*first, *card[: rng.randint(2, 4)]]
    return [(line, end if line else "") for line in lines]

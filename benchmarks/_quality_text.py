"""Prose that is known to be good, and junk, in every language of the corpus.

Good are novels and addresses by chapter; and of laws, help pages and product documentation, which
are half lists, tables and navigation, the paragraphs that are prose by plain rules that no filter
has: 150 bytes or more, a full stop (of any script) at the end, none that begins or ends with the
same 15 characters as another (help pages have forms that are filled in), and in the language: in
its script, or, in Latin script, without three of the words "the of to and is" (half of some
languages is not translated). Documents are of such paragraphs of neighboring pages, 3,000 bytes.
"""

# ruff: noqa: ARG001
from __future__ import annotations

import json
import random
import re

from _common import lines

BOOKS = ("fiction", "litbank", "sotu", "inaug")
PAGES = ("lohelp", "d365is", "pgdoc", "gesetze")
_END = re.compile(r"[.!?。！？।]$")
_ENGLISH = re.compile(r"\b(?:the|of|to|and|is)\b", re.IGNORECASE)
_LATIN = re.compile(r"[A-Za-z]")
_OTHER_SCRIPTS = ("el", "hi", "ja", "ko", "ru", "zh")


def known_good(path: str, most: int = 150, forms: bool = False) -> dict[str, list[str]]:
    """By language, at most so many documents of each; with `forms`, filled-in forms too."""
    good: dict[str, list[str]] = {}
    waiting: dict[str, dict[str, None]] = {}
    for row in (json.loads(line) for line in lines(path) if line):
        language, source = row["lang"], row["source"]
        if source.startswith(BOOKS):
            good.setdefault(language, []).extend(_chapters(row["text"]))
        elif source.startswith(PAGES):
            held = waiting.setdefault(language, {})
            for paragraph in _paragraphs(row["text"], language):
                ends = (paragraph[:15], paragraph[-15:])
                if forms or not any(
                    other[:15] == ends[0] or other[-15:] == ends[1] for other in held
                ):
                    held[paragraph] = None
            if sum(len(paragraph.encode()) for paragraph in held) > 3000:
                good.setdefault(language, []).append("\n\n".join(held))
                held.clear()
    generator = random.Random(0)
    return {
        language: generator.sample(texts, min(most, len(texts)))
        for language, texts in good.items()
        if len(texts) >= 10
    }


def _paragraphs(text: str, language: str) -> list[str]:
    found = [part.strip() for part in text.split("\n\n")]
    found = [part for part in found if len(part.encode()) >= 150 and _END.search(part)]
    if language in _OTHER_SCRIPTS:
        return [part for part in found if len(_LATIN.findall(part)) < len(part) / 4]
    if language != "en":
        found = [part for part in found if len(_ENGLISH.findall(part)) < 3]
    return found


def _chapters(text: str) -> list[str]:
    """Pieces of about 8,000 bytes, at blank lines."""
    found: list[str] = []
    held: list[str] = []
    size = 0
    for paragraph in re.split(r"\n\s*\n", text):
        held.append(paragraph)
        size += len(paragraph.encode())
        if size > 8000:
            found.append("\n\n".join(held))
            held, size = [], 0
    if size > 2000:
        found.append("\n\n".join(held))
    return found


def _noise(text: str, words: list[str], g: random.Random) -> str:
    """Keys of a keyboard of this script, struck at random."""
    letters = sorted({c for c in text if c.isalpha()})
    return ". ".join(
        " ".join("".join(g.choices(letters, k=g.randint(2, 12))) for _ in range(g.randint(5, 15)))
        for _ in range(30)
    )


def _lines(text: str, words: list[str], g: random.Random) -> str:
    """Four sentences of the text again and again, one a line."""
    some = [s.strip() for s in re.split(r"(?<=[.!?。！？।])\s*", text) if len(s.strip()) > 20][:4]
    return "\n".join((some or [text[:100]]) * 15)


def _loop(text: str, words: list[str], g: random.Random) -> str:
    """A model that cannot stop: some of the text, then six words of it for ever."""
    joint = "" if _unspaced(text) else " "
    start = g.randrange(max(1, len(words) - 12))
    return joint.join(words[:60]) + joint + (joint.join(words[start : start + 6]) + joint) * 60


def _table(text: str, words: list[str], g: random.Random) -> str:
    row = "\t".join
    head = [row(words[:5])]
    return "\n".join(head + [row(f"{g.uniform(0, 9999):.2f}" for _ in range(5)) for _ in range(60)])


def _menu(text: str, words: list[str], g: random.Random) -> str:
    joint = "" if _unspaced(text) else " "
    return "\n".join(
        joint.join(g.choices(words, k=g.randint(1, 3)))[:25].rstrip(".。") for _ in range(90)
    )


def _lorem(text: str, words: list[str], g: random.Random) -> str:
    latin = "dolor sit amet consectetur adipiscing elit sed do eiusmod tempor labore magna aliqua"
    sentences = [" ".join(g.sample(latin.split(), 9)).capitalize() + "." for _ in range(24)]
    return "Lorem ipsum dolor sit amet, consectetur adipiscing elit. " + " ".join(sentences)


def _symbols(text: str, words: list[str], g: random.Random) -> str:
    marks = "#$%&*+/<=>@\\^_|~¤§¬±×÷•■□◆○●★"
    return "\n".join(
        " ".join(
            g.choice(words) if g.random() < 0.15 else "".join(g.choices(marks, k=g.randint(1, 6)))
            for _ in range(12)
        )
        for _ in range(40)
    )


def _debris(text: str, words: list[str], g: random.Random) -> str:
    """What an engine makes of a halftone: letters and marks one by one."""
    letters = sorted({c for c in text if c.isalpha()})
    pool = letters[:8] + list("il1|.,;:'`-~/\\^*0") * 2
    return "\n".join(
        " ".join("".join(g.choices(pool, k=g.choice((1, 1, 1, 2, 3)))) for _ in range(14))
        for _ in range(40)
    )


def _program(text: str, words: list[str], g: random.Random) -> str:
    names = ["count", "total", "index", "value", "items", "result", "node", "buffer"]
    rows = []
    for number in range(25):
        a, b, c = g.sample(names, 3)
        rows += [
            f"def {a}_{number}({b}, {c}):",
            f"    if {b}[{number}] > {c}:",
            f"        return {a}({b}, {c} - {g.randint(1, 99)})",
            f"    {c} = [{b}.{a} for {b} in {c}]",
            "",
        ]
    return "\n".join(rows)


JUNK = {
    "keyboard noise": _noise,
    "repeated lines": _lines,
    "loop of words": _loop,
    "table of numbers": _table,
    "menu": _menu,
    "lorem ipsum": _lorem,
    "symbols": _symbols,
    "OCR debris": _debris,
    "program": _program,
}


def _unspaced(text: str) -> bool:
    return text.count(" ") < len(text) / 20


def junk(texts: list[str], language: str, each: int = 8) -> list[tuple[str, str]]:
    """Junk of every kind, made of these texts' own words and letters."""
    g = random.Random(language)
    found = []
    for name, make in JUNK.items():
        for _ in range(each):
            text = g.choice(texts)
            words = list(text) if _unspaced(text) else text.split()
            found.append((name, make(text, [word for word in words if word.strip()], g)))
    return found

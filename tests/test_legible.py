"""Telling text from the wrong characters of a font without a map."""

# ruff: noqa: E501
from __future__ import annotations

import json
import random
import string
from collections import defaultdict
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from datapartnerships.kernels.legible import illegible

PAGES = {
    "English": "The council met on the first Monday of the month and heard three letters about the "
    "harbor wall. Nobody had expected that the stones would be dearer than the ship that was to "
    "bring them. The clerk was asked to write once more, and the meeting closed at nine.",
    "Icelandic": "Hreppsnefndin kom saman fyrsta mánudag í mánuðinum og hlýddi á þrjú bréf um "
    "hafnargarðinn. Enginn hafði búist við því að grjótið yrði dýrara en skipið sem átti að flytja "
    "það. Skrifarinn var beðinn um að skrifa aftur og fundinum var slitið klukkan níu.",
    "German": "Der Gemeinderat trat am ersten Montag des Monats zusammen und hörte drei Briefe über "
    "die Hafenmauer. Niemand hatte erwartet, dass die Steine teurer sein würden als das Schiff, das "
    "sie bringen sollte. Der Schreiber wurde gebeten, noch einmal zu schreiben.",
    "Polish": "Rada gminy zebrała się w pierwszy poniedziałek miesiąca i wysłuchała trzech listów w "
    "sprawie muru portowego. Nikt nie spodziewał się, że kamienie będą droższe niż statek, który "
    "miał je przywieźć. Poproszono pisarza, aby napisał jeszcze raz, i o dziewiątej zamknięto.",
    "Finnish": "Kunnanvaltuusto kokoontui kuukauden ensimmäisenä maanantaina ja kuuli kolme kirjettä "
    "satamamuurista. Kukaan ei ollut odottanut, että kivet olisivat kalliimpia kuin laiva, jonka oli "
    "määrä tuoda ne. Kirjuria pyydettiin kirjoittamaan uudelleen, ja kokous päättyi yhdeksältä "
    "illalla, kun kaikki olivat jo väsyneitä ja tahtoivat kotiin.",
    "Turkish": "Belde meclisi ayın ilk pazartesi günü toplandı ve liman duvarı hakkında üç mektup "
    "dinledi. Taşların onları getirecek gemiden daha pahalı olacağını kimse beklemiyordu. Kâtipten "
    "bir kez daha yazması istendi ve toplantı saat dokuzda kapandı, herkes yorgundu.",
    "Greek": "Το συμβούλιο συνεδρίασε την πρώτη Δευτέρα του μήνα και άκουσε τρεις επιστολές για το "
    "τείχος του λιμανιού. Κανείς δεν περίμενε ότι οι πέτρες θα ήταν ακριβότερες από το πλοίο που θα "
    "τις έφερνε. Ζητήθηκε από τον γραμματέα να γράψει ξανά και η συνεδρίαση έκλεισε.",
    "Russian": "Совет собрался в первый понедельник месяца и выслушал три письма о портовой стене. "
    "Никто не ожидал, что камни окажутся дороже корабля, который должен был их привезти. Писаря "
    "попросили написать ещё раз, и собрание закрылось в девять часов вечера, когда стемнело.",
    "Hebrew": "המועצה התכנסה ביום שני הראשון של החודש ושמעה שלושה מכתבים על חומת הנמל. איש לא ציפה "
    "שהאבנים תהיינה יקרות מן הספינה שהייתה אמורה להביא אותן. הסופר התבקש לכתוב פעם נוספת והישיבה "
    "ננעלה בשעה תשע בערב כאשר כולם כבר היו עייפים ורצו ללכת הביתה אל משפחותיהם.",
    "Chinese": "镇议会在本月第一个星期一开会，听取了三封关于港口围墙的信。没有人料到石头会比运送石头的船还贵。"
    "书记员被要求再写一次，会议于九点结束。",
}


@pytest.mark.parametrize("language", PAGES)
def test_real_text_is_legible(language: str) -> None:
    assert illegible(PAGES[language]) is None


def test_figures_names_and_a_few_words_are_given_the_benefit_of_the_doubt() -> None:
    assert illegible("") is None
    assert illegible("No. 17-CV-0042 JFK/LMM") is None
    rows = "\n".join(f"{i} | {i * 31.5:,.2f} | {i * i} kr. | BCD-{i:04}" for i in range(200))
    assert illegible(rows) is None


def _shifted(text: str, by: int) -> str:
    return "".join(chr(ord(c) + by) if c.isalpha() and c.isascii() else c for c in text)


@pytest.mark.parametrize("language", ["English", "Icelandic", "German", "Polish", "Finnish"])
def test_a_font_with_the_wrong_map_is_not(language: str) -> None:
    for by in (-29, -3, 1, 29):
        assert illegible(_shifted(PAGES[language], by)), by


def test_characters_without_meaning_are_counted() -> None:
    found = illegible("".join(chr(0xF020 + i % 90) for i in range(300)))
    assert found == "100% of its characters have no meaning"
    assert illegible("(cid:72)(cid:68)" * 40)
    assert illegible(PAGES["English"] + "\ufffd" * 20) is None


@given(st.text(max_size=3000))
def test_any_text_gets_an_answer(text: str) -> None:
    assert illegible(text) is None or isinstance(illegible(text), str)


def test_pages_of_real_sentences(real_data: Path) -> None:
    """No page of twelve languages is called illegible; with the letters exchanged nearly all are."""
    by_language: dict[str, list[str]] = defaultdict(list)
    for line in (real_data / "language" / "sentences.jsonl").read_text("utf-8").splitlines():
        row = json.loads(line)
        by_language[row["lang"]].append(row["text"])
    chance = random.Random(7)
    exchanged = found = 0
    for sentences in by_language.values():
        for _ in range(8):
            page = " ".join(chance.choices(sentences, k=12))
            assert illegible(page) is None, page[:200]
            letters = list(string.ascii_lowercase)
            chance.shuffle(letters)
            table = str.maketrans(dict(zip(string.ascii_lowercase, letters, strict=True)))
            if sum(c.isascii() for c in page) > 0.8 * len(page):
                exchanged += 1
                found += illegible(page.casefold().translate(table)) is not None
    assert exchanged > 50
    assert found / exchanged > 0.8

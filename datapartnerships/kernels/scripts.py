"""The script that a text is written in, by the ISO 15924 code of most of its letters."""

from __future__ import annotations

import sys
import unicodedata
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from datapartnerships.kernels._categories import categories
from datapartnerships.kernels._compiled import compiled
from datapartnerships.kernels.words import buffers

# Where the name of a character does not begin with its script, or the code is not in this table,
# its letter counts for none. Names as in the Unicode Character Database, codes as in ISO 15924.
_WRITTEN = """
ADLAM:Adlm AHOM:Ahom ARABIC:Arab ARMENIAN:Armn AVESTAN:Avst BALINESE:Bali BAMUM:Bamu
BASSA_VAH:Bass BATAK:Batk BENGALI:Beng BHAIKSUKI:Bhks BOPOMOFO:Bopo BRAHMI:Brah BRAILLE:Brai
BUGINESE:Bugi BUHID:Buhd CANADIAN_SYLLABICS:Cans CARIAN:Cari CAUCASIAN_ALBANIAN:Aghb
CHAKMA:Cakm CHAM:Cham CHEROKEE:Cher CHORASMIAN:Chrs CJK:Hani COPTIC:Copt CUNEIFORM:Xsux
CYPRIOT:Cprt CYPRO-MINOAN:Cpmn CYRILLIC:Cyrl DESERET:Dsrt DEVANAGARI:Deva DIVES_AKURU:Diak
DOGRA:Dogr DUPLOYAN:Dupl EGYPTIAN:Egyp ELBASAN:Elba ELYMAIC:Elym ETHIOPIC:Ethi GEORGIAN:Geor
GLAGOLITIC:Glag GOTHIC:Goth GRANTHA:Gran GREEK:Grek GUJARATI:Gujr GUNJALA_GONDI:Gong
GURMUKHI:Guru HANGUL:Kore HANIFI_ROHINGYA:Rohg HANUNOO:Hano HATRAN:Hatr HEBREW:Hebr
HENTAIGANA:Hira HIRAGANA:Hira IMPERIAL_ARAMAIC:Armi INSCRIPTIONAL_PAHLAVI:Phli
INSCRIPTIONAL_PARTHIAN:Prti JAVANESE:Java KAITHI:Kthi KANNADA:Knda KATAKANA:Kana KAWI:Kawi
KAYAH_LI:Kali KHAROSHTHI:Khar KHITAN_SMALL:Kits KHMER:Khmr KHOJKI:Khoj KHUDAWADI:Sind LAO:Laoo
LATIN:Latn LEPCHA:Lepc LIMBU:Limb LINEAR_A:Lina LINEAR_B:Linb LISU:Lisu LYCIAN:Lyci LYDIAN:Lydi
MAHAJANI:Mahj MAKASAR:Maka MALAYALAM:Mlym MANDAIC:Mand MANICHAEAN:Mani MARCHEN:Marc
MASARAM_GONDI:Gonm MEDEFAIDRIN:Medf MEETEI_MAYEK:Mtei MENDE_KIKAKUI:Mend
MEROITIC_CURSIVE:Merc MEROITIC_HIEROGLYPHIC:Mero MIAO:Plrd MODI:Modi MONGOLIAN:Mong MRO:Mroo
MULTANI:Mult MYANMAR:Mymr NABATAEAN:Nbat NAG_MUNDARI:Nagm NANDINAGARI:Nand NEW_TAI_LUE:Talu
NEWA:Newa NKO:Nkoo NUSHU:Nshu NYIAKENG_PUACHUE_HMONG:Hmnp OGHAM:Ogam OL_CHIKI:Olck
OLD_HUNGARIAN:Hung OLD_ITALIC:Ital OLD_NORTH_ARABIAN:Narb OLD_PERMIC:Perm OLD_PERSIAN:Xpeo
OLD_SOGDIAN:Sogo OLD_SOUTH_ARABIAN:Sarb OLD_TURKIC:Orkh OLD_UYGHUR:Ougr ORIYA:Orya OSAGE:Osge
OSMANYA:Osma PAHAWH_HMONG:Hmng PALMYRENE:Palm PAU_CIN_HAU:Pauc PHAGS-PA:Phag PHOENICIAN:Phnx
PSALTER_PAHLAVI:Phlp REJANG:Rjng RUNIC:Runr SAMARITAN:Samr SAURASHTRA:Saur SHARADA:Shrd
SHAVIAN:Shaw SIDDHAM:Sidd SIGNWRITING:Sgnw SINHALA:Sinh SOGDIAN:Sogd SORA_SOMPENG:Sora
SOYOMBO:Soyo SUNDANESE:Sund SYLOTI_NAGRI:Sylo SYRIAC:Syrc TAGALOG:Tglg TAGBANWA:Tagb
TAI_LE:Tale TAI_THAM:Lana TAI_VIET:Tavt TAKRI:Takr TAMIL:Taml TANGSA:Tnsa TANGUT:Tang
TELUGU:Telu THAANA:Thaa THAI:Thai TIBETAN:Tibt TIFINAGH:Tfng TIRHUTA:Tirh TOTO:Toto
UGARITIC:Ugar VAI:Vaii VITHKUQI:Vith WANCHO:Wcho WARANG_CITI:Wara YEZIDI:Yezi YI:Yiii
ZANABAZAR_SQUARE:Zanb
"""
_CODES = {k.replace("_", " "): v for k, v in (item.split(":") for item in _WRITTEN.split())}
# Words with which names of several words begin.
_BEGUN = {name.split()[0] for name in _CODES if " " in name}

# The first is of letters without a script of their own. Japanese is written in three, Korean in one
# or two.
CODES = ("Zyyy", *sorted({*_CODES.values(), "Jpan"}))
_NO_LETTER = 255
_NUMBER = {code: number for number, code in enumerate(CODES)}

# In these blocks all letters are of the script of the first: syllables of Canada, Han, Yi, Hangul,
# Arabic as it is printed, cuneiform, hieroglyphs, Bamum, Tangut, letters of mathematics, Han. They
# are most of all letters, and to ask for each name takes a while.
_ALIKE = (
    (0x1401, 0x1680), (0x3400, 0x4DC0), (0x4E00, 0xA000), (0xA000, 0xA48D), (0xAC00, 0xD7A4),
    (0xFB50, 0xFEFD), (0x12000, 0x12544), (0x13000, 0x1342F), (0x14400, 0x14647),
    (0x16800, 0x16A39), (0x17000, 0x187F8), (0x18800, 0x18B00), (0x1D400, 0x1D7CC),
    (0x20000, 0x32400),
)  # fmt: skip


@cache
def _table() -> npt.NDArray[np.uint8]:
    """The script of every letter, by the Unicode of the running Python; read only.

    The names of characters begin with their script: Python has no other table of it.
    """
    table = np.full(sys.maxunicode + 1, _NO_LETTER, np.uint8)
    letters = np.flatnonzero(categories() == ord("L"))
    for first, stop in _ALIKE:
        some = letters[slice(*np.searchsorted(letters, (first, stop)))]
        table[some] = _script(unicodedata.name(chr(first), ""))
        letters = np.setdiff1d(letters, some, assume_unique=True)
    table[letters] = [_script(unicodedata.name(chr(code), "")) for code in letters.tolist()]
    table[0xFF21:0xFF3B] = table[0xFF41:0xFF5B] = _NUMBER["Latn"]
    table[0xFF66:0xFFA0] = _NUMBER["Kana"]
    table.flags.writeable = False
    return table


def _script(name: str) -> int:
    first, _, _ = name.partition(" ")
    if first not in _BEGUN:  # as nearly all
        return _NUMBER.get(_CODES.get(first, ""), 0)
    words = name.split(" ")
    for count in (3, 2, 1):
        if code := _CODES.get(" ".join(words[:count])):
            return _NUMBER[code]
    return 0


def scripts(
    texts: pa.Array, groups: Any, count: int
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """How many letters are of each script, `count` groups x `CODES`; and how many each text has.

    Args:
        groups: for each text its group, from 0.
    """
    data, edges = buffers(texts)
    table = _table()
    loop = compiled(_loop)
    if loop is not None:
        found: tuple[Any, Any] = loop(data, edges, table, np.asarray(groups), count, len(CODES))
        return found
    codes = np.frombuffer(
        data.tobytes().decode("utf-8", "surrogatepass").encode("utf-32-le"), "<u4"
    )
    before = np.concatenate([[0], np.cumsum((data & 0xC0) != 0x80)])
    owners = np.repeat(np.arange(len(edges) - 1), np.diff(before[edges]))
    kinds = table[codes]
    letters = kinds != _NO_LETTER
    of_texts = np.bincount(owners[letters], minlength=len(edges) - 1)
    keys = np.asarray(groups)[owners[letters]] * len(CODES) + kinds[letters]
    return np.bincount(keys, minlength=count * len(CODES)).reshape(-1, len(CODES)), of_texts


def dominant(counts: npt.NDArray[np.int64]) -> list[str | None]:
    """The code of the script with most letters in each row of `scripts`; None without letters.

    Han beside kana is Japanese (Jpan), beside Hangul Korean (Kore), unless they are but a few.
    """
    counts = counts.copy()
    kana = counts[:, _NUMBER["Hira"]] + counts[:, _NUMBER["Kana"]]
    hangul, han = counts[:, _NUMBER["Kore"]], counts[:, _NUMBER["Hani"]]
    japanese = (kana > hangul) & (kana * 10 >= han)
    counts[:, _NUMBER["Jpan"]] = np.where(japanese, kana + han, 0)
    counts[:, _NUMBER["Kore"]] += np.where(~japanese & (hangul * 2 >= han), han, 0)
    best, most = counts.argmax(axis=1), counts.max(axis=1)
    # A tie with what it is made of is the whole: kana alone are Japanese.
    best = np.where(counts[:, _NUMBER["Jpan"]] == most, _NUMBER["Jpan"], best)
    return [CODES[k] if n else None for k, n in zip(best.tolist(), most.tolist(), strict=True)]


def _loop(data: Any, edges: Any, table: Any, groups: Any, count: Any, codes: Any) -> Any:
    found = np.zeros((count, codes), np.int64)
    letters = np.zeros(len(edges) - 1, np.int64)
    for text in range(len(edges) - 1):
        row = found[groups[text]]
        at, stop = edges[text], edges[text + 1]
        while at < stop:
            byte = np.int64(data[at])
            if byte < 0x80:
                code, width = byte, 1
            elif byte < 0xE0:
                code, width = (byte & 0x1F) << 6 | (data[at + 1] & 0x3F), 2
            elif byte < 0xF0:
                code = (byte & 0x0F) << 12 | np.int64(data[at + 1] & 0x3F) << 6
                code, width = code | (data[at + 2] & 0x3F), 3
            else:
                code = (byte & 0x07) << 18 | np.int64(data[at + 1] & 0x3F) << 12
                code |= np.int64(data[at + 2] & 0x3F) << 6
                code, width = code | (data[at + 3] & 0x3F), 4
            script = table[code]
            if script != _NO_LETTER:
                row[script] += 1
                letters[text] += 1
            at += width
    return found, letters

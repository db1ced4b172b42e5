"""Invented names: of syllables, in the script of the original, and such that they show.

An invented word holds two syllables of `_MARKS`. No word of the material they were chosen by holds
them, written in any of these scripts: 88 MB of text in 22 languages, and the 60,000 words in the
names that the package Faker 40 (MIT) has for some 70 locales. So an invented name is told from
others (`is_invented`), and is nobody's as far as that material goes; that nobody on earth is
called so, nobody can promise.
"""

from __future__ import annotations

import functools
import re
import unicodedata
from collections.abc import Callable, Iterator

__all__ = ["invent", "is_invented", "words"]

Number = Callable[[str], int]

_CONSONANTS = "bdfgklmnprstvz"
_VOWELS = "aeiou"
_FINALS = ("n", "r", "l", "s", "m", "k", "t")
# Two syllables that stand behind the first one of every invented word.
_MARKS_TEXT = """
    vafo vafu vabu vezu veba vebi vebu vepu vifa vife vifo viba vibo vofe vofi vofu voba
    vobu vogi vufa vufe vufi vufu vuze vuzi vuzo vuba vubi vubo vupa vupe vupi vupu vuga
    vugi vugu favu fazo faba fabo fape fapi fapo fapu fevi fevu fezo feba febu fepa fepe
    fepi fepo fepu fiva fivu fiza fizo fizu fiba fibu fipe fipi fipo fipu fove fovo fovu
    foza fozo fozu fobi fogu fuvo fuvu fubi fubo fubu fupe zavu zevu zepo zepu zifa zife
    zifo zifu zibi zipe zipo zigu zofe zobi zobu zopu zoga zogu zuva zuvu zupi zupo zupu
    zugo bafe bevu bivi bivu bifa bifi bizu bofa bofe bofi buva buvo buvu bufi buze buzu
    pafi pafo pafu pevi pevo pevu pife pifo povu puve puvu pufe puze puzi puzu gafi givu
    gifa gife govu gofi gofu guva guvi guvo guvu gufi gufo guza
"""
_MARKS = _MARKS_TEXT.split()

# What stands for each of the consonants, for a vowel after one, and for a consonant at the end of a
# word where that is another sign.
_LETTERS: dict[str, tuple[str, str, dict[str, str]]] = {
    "LATIN": ("b d f g k l m n p r s t v z", "{}a {}e {}i {}o {}u", {}),
    "CYRILLIC": ("б д ф г к л м н п р с т в з", "{}а {}е {}и {}о {}у", {}),
    "GREEK": ("μπ ντ φ γκ κ λ μ ν π ρ σ τ β ζ", "{}α {}ε {}ι {}ο {}ου", {"s": "ς"}),
    "ARMENIAN": ("բ դ ֆ գ կ լ մ ն պ ր ս տ վ զ", "{}ա {}ե {}ի {}ո {}ու", {}),
    "GEORGIAN": ("ბ დ ფ გ კ ლ მ ნ პ რ ს ტ ვ ზ", "{}ა {}ე {}ი {}ო {}უ", {}),
    "ARABIC": ("ب د ف غ ك ل م ن پ ر س ت ڤ ز", "{}ا {}ي {}ي {}و {}وو", {}),
    "HEBREW": ("ב ד פ ג ק ל מ נ פ ר ס ט וו ז", "{}א {}י {}י {}ו {}ו", {"n": "ן", "m": "ם"}),
    "DEVANAGARI": ("ब द फ ग क ल म न प र स त व ज़", "{}ा {}े {}ि {}ो {}ु", {}),
    "BENGALI": ("ব দ ফ গ ক ল ম ন প র স ত ভ জ", "{}া {}ে {}ি {}ো {}ু", {}),
    "THAI": ("บ ด ฟ ก ค ล ม น ป ร ส ต ว ซ", "{}า เ{} {}ี โ{} {}ู", {}),
}
# A sign for each syllable: consonants down, vowels across.
_SYLLABLES: dict[str, tuple[str, dict[str, str]]] = {
    "KATAKANA": (
        "バ ベ ビ ボ ブ ダ デ ディ ド ドゥ ファ フェ フィ フォ フ ガ ゲ ギ ゴ グ カ ケ キ コ ク "
        "ラ レ リ ロ ル マ メ ミ モ ム ナ ネ ニ ノ ヌ パ ペ ピ ポ プ ラ レ リ ロ ル サ セ シ ソ ス "
        "タ テ ティ ト トゥ ヴァ ヴェ ヴィ ヴォ ヴ ザ ゼ ジ ゾ ズ",
        {"n": "ン", "r": "ル", "l": "ル", "s": "ス", "m": "ム", "k": "ク", "t": "ト"},
    ),
    "CJK": (
        "巴 贝 比 波 布 达 德 迪 多 杜 法 费 菲 佛 富 加 格 吉 戈 古 卡 克 基 科 库 拉 莱 利 洛 卢 "
        "马 梅 米 莫 穆 纳 内 尼 诺 努 帕 佩 皮 坡 普 拉 雷 里 罗 鲁 萨 塞 西 索 苏 塔 特 蒂 托 图 "
        "瓦 韦 维 沃 乌 扎 泽 齐 佐 祖",
        {"n": "恩", "r": "尔", "l": "尔", "s": "斯", "m": "姆", "k": "克", "t": "特"},
    ),
}
_HANGUL = (7, 2, 17, 0, 15, 5, 6, 2, 17, 5, 9, 16, 8, 12), (0, 5, 20, 8, 13)
_HANGUL_FINALS = {"": 0, "n": 4, "r": 8, "l": 8, "s": 19, "m": 16, "k": 1, "t": 7}
_SCRIPTS = (*_LETTERS, *_SYLLABLES, "HANGUL")
_CASED = frozenset({"LATIN", "CYRILLIC", "GREEK", "ARMENIAN"})

# Between the words of a name, and nothing that could identify anybody.
_BETWEEN = frozenset(" \t\n\r\u00a0\u2009\u202f.,;()\"'’-‐‑–·・&/")
_APOSTROPHES = "'’ʼ"

# Words that are no part of a name, wherever they stand beside one.
_TITLES_TEXT = """
    mr mrs ms mx miss dr prof professor sir madam mme mlle messrs monsieur madame
    mademoiselle herr frau fräulein hr fr frú herra fru señor señora señorita sr sra srta
    signor signora sig dott senhor senhora pan pani jr ii iii iv г-н г-жа гн гжа господин
    госпожа κύριος κυρία さん ちゃん くん श्री श्रीमती 先生 女士 小姐 様 氏 씨 님
"""
_TITLES = frozenset(_TITLES_TEXT.split())
# Of these, what is written to a name without a space.
_SUFFIXES = ("先生", "女士", "小姐", "様", "氏", "씨", "님")
# No part of a name in small letters, before or between names in capital ones.
_PARTICLES_TEXT = """
    a al af av and ben bin bint d da dal de del della den der des di do dos du e el et i la
    las le les lo los of og och the to und van vom von y z zu zum zur и та של
"""
_PARTICLES = frozenset(_PARTICLES_TEXT.split())
# What keeps a patronymic one, of the same gender and case, and a family name of one kind.
_PATRONYMICS = "dóttir dóttur dottir dottur datter dotter syni sonar son sen"
_FAMILIES = "ovich evich ovna evna ович евич овна евна ский ская ского ской енко ова ева ов ев"
_OF_FATHERS = frozenset(_PATRONYMICS.split())
_TAILS = tuple(f"{_PATRONYMICS} {_FAMILIES}".split())
_SHORTEST_BASE = 3
_SHORT = 5


def invent(name: str, number: Number) -> str | None:
    """`name` with an invented word for each of its words, as written: initials, case, order.

    ``number`` gives a large number for a text, always the same. One word has one invented word
    wherever it stands, so that parts of a name stay parts of it; one initial has one initial, that
    of the words which begin with it. Titles, particles, and the ends of patronymics stay.

    None where `name` holds what is no name: digits, other signs, a script that is not known here.
    """
    pieces = [*words(unicodedata.normalize("NFC", name))]
    between = "".join(text for text, is_word in pieces if not is_word)
    if not set(between) <= _BETWEEN:
        return None
    mixed = any(text[:1].isupper() for text, is_word in pieces if is_word)
    stays = [
        not is_word or text.casefold() in _TITLES or (mixed and text in _PARTICLES)
        for text, is_word in pieces
    ]
    if all(stays):  # a person of whom nothing is said but this
        stays = [not is_word for _, is_word in pieces]
    out = [
        text if stay else _word(text, number) for (text, _), stay in zip(pieces, stays, strict=True)
    ]
    if None in out or all(stays):
        return None
    return "".join(text for text in out if text)


def is_invented(name: str) -> bool:
    """Whether a word of `name` is of the form that `invent` gives."""
    return any(
        is_word
        and (script := _known(text[0])) is not None
        and _marks(script).search(text.casefold())
        for text, is_word in words(name)
    )


def words(name: str) -> Iterator[tuple[str, bool]]:
    """The words of `name` and what is between them, in order; what nobody sees is left out."""
    text, kind = "", ""
    for i, sign in enumerate(name):
        category = unicodedata.category(sign)
        if category == "Cf":
            continue
        if category[0] == "M" and text:
            now = kind
        elif category[0] == "L":
            now = _script(sign)
        elif sign in _APOSTROPHES and kind and name[i + 1 : i + 2].isalpha():
            now = kind
        else:
            now = ""
        if now != kind and text:
            yield text, kind != ""
            text = ""
        text, kind = text + sign, now
    if text:
        yield text, kind != ""


def _word(word: str, number: Number) -> str | None:
    script = _known(word[0])
    if script is None:
        return None
    if script in ("CJK", "HANGUL"):
        return _family_first(word, number, script)
    plain = _plain(word)
    if len(plain) == 1 and script in _CASED:
        return _cased(word, _written([], _initial(plain, number, script), script))
    tail = next((x for x in ("'s", "’s") if word.casefold().endswith(x)), "")
    base = word[: len(word) - len(tail)] if tail else word
    ending = "" if tail else _tail(base)
    if ending:
        base, tail = base[: -len(ending)], base[-len(ending) :]
        # Jónsdóttir is the daughter of Jón: his name, in the genitive.
        if ending.casefold() in _OF_FATHERS and len(base) > _SHORTEST_BASE and base[-1] in "sS":
            base, tail = base[:-1], base[-1] + tail
    syllables, final = _syllables(_plain(base), number, script, open_end=bool(ending))
    return _cased(base, _written(syllables, final, script)) + tail


def _family_first(word: str, number: Number, script: str) -> str:
    """A name of which the first sign is the family's, as a rule: it has its own two syllables."""
    tail = next((x for x in _SUFFIXES if word.endswith(x) and word != x), "")
    word = word[: len(word) - len(tail)]
    mark = _MARKS[number(f"name\0{word[0]}") % len(_MARKS)]
    drawn = number(f"rest\0{word[1:]}")
    rest = [_drawn(drawn >> 8 * i) for i in range(len(word[1:3]))]
    return _written([mark[:2], mark[2:], *rest], "", script) + tail


def _tail(word: str) -> str:
    folded = unicodedata.normalize("NFC", word).casefold()
    found = next((x for x in _TAILS if folded.endswith(x)), "")
    if len(folded) != len(word) or len(word) - len(found) < _SHORTEST_BASE:
        return ""
    return word[len(word) - len(found) :] if found else ""


def _plain(word: str) -> str:
    """Without case, accents of Latin, Greek and Cyrillic letters, and apostrophes."""
    text = unicodedata.normalize("NFKD", word).casefold()
    if _script(word[0]) in _CASED:
        text = "".join(c for c in text if not unicodedata.combining(c))
    text = "".join(c for c in text if c not in _APOSTROPHES)
    return unicodedata.normalize("NFKC", text)


def _initial(plain: str, number: Number, script: str) -> str:
    others = _others(plain[0], script)
    return others[number(f"initial\0{plain[0]}") % len(others)]


@functools.cache
def _others(letter: str, script: str) -> str:
    """The consonants that stand for a letter: all but that letter."""
    if script not in _CASED:
        return _CONSONANTS
    return "".join(c for c in _CONSONANTS if _written([], c, script) != letter)


def _syllables(plain: str, number: Number, script: str, *, open_end: bool) -> tuple[list[str], str]:
    """Syllables of two letters, and the consonant at the end of the word if there is one."""
    drawn = number(f"name\0{plain}")
    mark = _MARKS[(drawn >> 16) % len(_MARKS)]
    first = _initial(plain, number, script) + _VOWELS[drawn % 5]
    syllables = [first, mark[:2], mark[2:]]
    if len(plain) > _SHORT:
        syllables.append(_drawn(drawn >> 32))
    # Names in -a are of women in most languages that have such names.
    if plain[-1] in "aаα" and not open_end:
        return [*syllables, _drawn(drawn >> 48)[0] + "a"], ""
    return syllables, _FINALS[(drawn >> 64) % len(_FINALS)]


def _drawn(number: int) -> str:
    """Any syllable."""
    return _CONSONANTS[number // 5 % len(_CONSONANTS)] + _VOWELS[number % 5]


def _written(syllables: list[str], final: str, script: str) -> str:
    places = [(_CONSONANTS.index(s[0]), _VOWELS.index(s[1])) for s in syllables]
    if script == "HANGUL":
        heads, vowels = _HANGUL
        signs = [0xAC00 + (heads[c] * 21 + vowels[v]) * 28 for c, v in places]
        signs[-1] += _HANGUL_FINALS[final]
        return "".join(map(chr, signs))
    if script in _SYLLABLES:
        table, ends = _SYLLABLES[script]
        each = table.split()
        return "".join(each[c * 5 + v] for c, v in places) + ends.get(final, "")
    letters, forms, ends = _LETTERS[script]
    each, vowel = letters.split(), forms.split()
    text = "".join(vowel[v].format(each[c]) for c, v in places)
    return text + (ends.get(final, each[_CONSONANTS.index(final)]) if final else "")


def _cased(like: str, text: str) -> str:
    if like.isupper() and (len(like) > 1 or not text[1:]):
        return text.upper()
    return text.capitalize() if like[:1].isupper() else text


def _known(sign: str) -> str | None:
    """The script to write invented words in, for a letter of the original."""
    script = _script(sign)
    script = "KATAKANA" if script == "HIRAGANA" else script
    return script if script in _SCRIPTS else None


@functools.cache
def _script(sign: str) -> str:
    if sign == "ー":
        return "KATAKANA"
    if sign == "々":
        return "CJK"
    width = ("HALFWIDTH ", "FULLWIDTH ")
    name = unicodedata.name(sign, "")
    name = next((name.removeprefix(x) for x in width if name.startswith(x)), name)
    return name.partition(" ")[0] or "other"


@functools.cache
def _marks(script: str) -> re.Pattern[str]:
    """What shows that a word of a script is invented."""
    every = sorted({_written([mark[:2], mark[2:]], "", script) for mark in _MARKS})
    return re.compile("|".join(map(re.escape, every)))

"""Which legacy encoding a text is in, by the letters that languages really use.

Every encoding that could have written the bytes is scored: the letters it makes of them are
weighed by how common they are in each language, and by whether they stand where such letters
can (no capital inside a word, no two scripts in one, no sign between letters). Encodings that
give the same text are one candidate. Close calls are no calls.
"""

from __future__ import annotations

import functools
import math
import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Mapping

# Letters beyond ASCII, most frequent first. Letters that are common in several languages make
# no difference between encodings, so order matters little and membership much.
LETTERS: Mapping[str, str] = {
    "en": "é",
    "is": "ðáíþóæöúýé",
    "de": "üäößé",
    "fr": "éèàêçôîùâûœëïæüÿ",
    "es": "óíáéñúü",
    "pt": "ãçáéíóêõúâàôü",
    "it": "èàùòìéíóú",
    "nl": "ëéïöóüèáêä",
    "sv": "äåöéüà",
    "da": "æøåéäöü",
    "no": "åøæéòôóâ",
    "fi": "äöåéšž",
    "et": "äõüöšž",
    "hu": "áéöóőíüúű",
    "pl": "ęąłśóżćńź",
    "cs": "íáéěřžčýšůúňóďť",
    "sk": "áíčýéžšľťúôňäóďĺŕ",
    "sl": "čšžćđ",
    "hr": "čšžćđ",
    "ro": "ăîâşţșț",
    "tr": "ıüşğçöİâîû",
    "lt": "ėšžųįąčūę",
    "lv": "āīēšņūļģžčķ",
    "ca": "àéèóíòúçïü",
    "sq": "ëçé",
    "fo": "íáóúðøýæö",
    "ga": "áéíóú",
    "cy": "ŵŷâêîôûáéöï",
    "mt": "ħżġċàùòì",
    "ru": "оеаинтсрвлкмдпуяыьгзбчйхжшюцщэфёъ",
    "uk": "оанивіртесклумдпязьгбчхйїцжєшющфґ",
    "bg": "аеиотнрсвлкдпмзуяъгбчщжцйхшюфь",
    "sr": "аоиенрјстувдклмпзгбчцћљжњхшђфџ",
    "mk": "аоиентрвсклдпмугзјбчцшжфхќњѓљџѕ",
    "be": "аіенорслтўывкмпдзгяубцьчжйхёшюфэ",
    "el": "αοιετσνηυρπκμλςάίγέδόήχωφθύβώξζψϊϋΐΰ",
    "he": "יוהלארתמבשנדקפעחםגסטזצןכךףץ",
    "ar": "ايلنموترةبعدسفهكقحجأىشصطخذضإغءزثؤئظآ",
}
# Frequent words that are ASCII in any encoding: they say which language it is before its other
# letters are known, and few languages share them.
WORDS: Mapping[str, str] = {
    "en": "the of and to in that is for with was this are you be on",
    "is": "og er sem ekki til um var hann hefur fyrir frá en af eru eftir hann ef",
    "de": "der die und das nicht ist von mit den ein sie auf dem werden eine im",
    "fr": "le les des et la est que une dans pour qui sur pas vous du un en",
    "es": "el los de la que en las un por con para una se del no es",
    "pt": "o os de que do da em um para com uma dos as no na se",
    "it": "il di che la per una non sono del della con le dei gli nel si",
    "nl": "de het een van en dat niet zijn voor met op te worden deze wordt",
    "sv": "och att det som en av den med inte om har till eller kan ett",
    "da": "og at det som en af den med ikke der er til eller kan et de",
    "no": "og at det som en av den med ikke er til eller kan et jeg de",
    "fi": "ja on ei se joka ovat oli tai kun sen mutta kuin voi olla",
    "et": "ja on ei see et oli mis kui ning ka ta aga oma kes",
    "hu": "a az hogy nem egy meg vagy ez csak ha mint van volt amely",
    "pl": "i w na nie do jest to z od oraz przez jak lub po za dla",
    "cs": "a v se na je to z pro nebo jako jsou ale by po do ve",
    "sk": "a v sa na je to pre alebo ako ale by po do vo zo",
    "sl": "in je na da se za so ki pri ali ne kot tudi iz",
    "hr": "i je u na da se za su koji ili ne od kao iz",
    "ro": "de la si cu pe din nu este care un o pentru sau prin mai",
    "tr": "bir ve bu ile da de ne daha gibi olan kadar veya sonra var",
    "lt": "ir kad tai su yra bet kaip ar apie jo iki buvo nuo",
    "lv": "un ir ar par kas no bet vai lai uz kad tas nav",
    "ca": "el la de que els les per amb un una del en no es",
    "sq": "dhe me nga se i e tek por si nuk janar kjo ka",
    "fo": "og er at sum ein til av hann ikki men var tey hava",
    "ga": "agus an na ar go bhfuil le don ina sin mar nach",
    "cy": "yn y a yr ar i mae wedi gan sydd ei nid hyn",
    "mt": "li ta u il ma fil kien minn dan jew din biex",
}
# What one of those words adds, in nats, and the most that all together may add.
WORD_NATS, MOST_WORD_NATS = 0.7, 12.0
# Prior in nats: what partners hand over was mostly made with Windows, seldom with DOS or a Mac.
SINGLE: Mapping[str, float] = {
    "cp1252": 0, "cp1250": -1, "cp1251": -1, "cp1253": -1, "cp1254": -2, "cp1257": -2,
    "cp1255": -2, "cp1256": -2, "iso8859-15": -2, "iso8859-2": -1.5, "iso8859-5": -3,
    "iso8859-7": -2, "iso8859-9": -3, "iso8859-13": -3, "iso8859-4": -5, "iso8859-10": -5,
    "koi8-r": -2, "koi8-u": -2.5, "cp866": -2.5, "cp850": -3, "cp437": -3.5, "cp852": -3.5,
    "cp861": -3.5, "cp865": -4, "cp857": -4, "cp775": -4, "cp737": -4, "mac-roman": -3,
    "mac-iceland": -3.5, "mac-latin2": -4, "mac-cyrillic": -4, "mac-turkish": -4.5,
    "mac-greek": -4.5,
}  # fmt: skip
MULTI: Mapping[str, float] = {"cp932": -1, "euc_jp": -1.5, "gb18030": -1, "big5": -1.5, "cp949": -1}

# Encodings of other scripts are not what a text in Latin letters was written in.
_NOT_LATIN = frozenset({
    "cp1251", "cp1253", "cp1255", "cp1256", "iso8859-5", "iso8859-7", "koi8-r", "koi8-u",
    "cp866", "cp737", "mac-cyrillic", "mac-greek",
})  # fmt: skip
_WRONG_SCRIPT = -4.0

# Nats that the best must lead by (more where few files are in it), and the least it must explain
# a character with.
MARGIN, RARE_MARGIN = 3.0, 4.5
FLOOR = -6.5
SAMPLE_BYTES = 32 << 10

_SIGNS = frozenset("“”„‘’‚–—…«»‹›°§·•€£©®™½¼¾²³µ×±¿¡ªº\xa0\xad´")
_QUOTES = "’\xad·´"
_FOREIGN = frozenset("éèêëáàâäãåíìîïóòôöõøúùûüçñæß")
_P_SIGN, _P_ODD_SIGN, _P_FOREIGN, _P_OTHER = map(math.log, (0.02, 2e-4, 1.5e-3, 3e-5))
_P_SPACE, _P_BOX, _ALONE, _BETWEEN = map(math.log, (0.2, 3e-3, 0.2, 0.15))
_SIGN_IN_WORD, _CAPITAL_IN_WORD, _MIXED_SCRIPTS = map(math.log, (1e-4, 3e-3, 1e-4))
# What a character of ASCII costs: it counts where two-byte encodings swallow one.
_P_ASCII = -3.0
_ASCII = bytes(range(128))
_HIGH = re.compile(rb"[\x80-\xff]")
_HIGH_RUN = re.compile(rb"[\x80-\xff]+(?:[\x00-\x7f]{0,5}[\x80-\xff]+)*")
_BOX = range(0x2500, 0x25A1)


def detect(data: bytes) -> str | None:
    """The name of the encoding, or None when the evidence is thin or divided."""
    high = bytes(sorted(set(data) - set(_ASCII)))
    if not high:
        return "utf-8"
    sample = _sample(data)
    spoken = _word_evidence(data[:SAMPLE_BYTES])
    ranked = sorted(_scores(data, sample, high, spoken), key=lambda item: -item[0])
    if not ranked:
        return None
    score, text, name = ranked[0]
    rival = next((other for other, its, _ in ranked if its != text), -math.inf)
    count = len(sample.translate(None, _ASCII))
    explained = score - (len(sample) - count) * _P_ASCII - max(spoken.values())
    margin = MARGIN if name.startswith("cp125") or name in MULTI else RARE_MARGIN
    if score - rival < margin or explained < FLOOR * (count + 1):
        return None
    return name


def _sample(data: bytes) -> bytes:
    """Lines that have other than ASCII bytes: all of them, or as many as are enough."""
    lines, size, at = [], 0, 0
    # By what is sought and not by line: a pattern of whole lines takes the square of a long one.
    while size <= SAMPLE_BYTES and (found := _HIGH.search(data, at)):
        begin = data.rfind(b"\n", at, found.start()) + 1 or at
        at = data.find(b"\n", found.start()) + 1 or len(data)
        line = data[begin:at]
        lines.append(line if len(line) <= SAMPLE_BYTES else _windows(line))
        size += len(lines[-1])
    return b"".join(lines)


def _windows(line: bytes) -> bytes:
    parts, size, at = [], 0, 0
    while size <= SAMPLE_BYTES and (found := _HIGH_RUN.search(line, at)):
        parts.append(line[max(at, found.start() - 20) : found.end()])
        size += len(parts[-1])
        at = found.end()
    return b" ".join(parts)[:SAMPLE_BYTES]


def _scores(
    data: bytes, sample: bytes, high: bytes, spoken: Mapping[str, float]
) -> Iterator[tuple[float, str, str]]:
    """(nats, what tells texts apart, encoding) of every encoding that these bytes can be in."""
    ascii_bytes = len(sample) - len(sample.translate(None, _ASCII))
    padded = b" " + sample + b" "
    triples = Counter(zip(padded, padded[1:], padded[2:], strict=False))
    # The second time that a letter stands in one place says less than the first.
    contexts = {key: count**0.6 for key, count in triples.items() if key[1] > 127}
    for name, prior in SINGLE.items():
        table = _table(name)
        text = "".join(table[byte] or "\0" for byte in high)
        if "\0" not in text:
            if name in _NOT_LATIN and not any(_script(c) != "LATIN" for c in text if c.isalpha()):
                prior += _WRONG_SCRIPT
            yield prior + ascii_bytes * _P_ASCII + _single(contexts, table, spoken), text, name
    for name, prior in MULTI.items():
        try:
            data.decode(name)
        except UnicodeDecodeError:
            continue
        text_of_sample = sample.decode(name, "replace")
        yield prior + _multi(text_of_sample, name), text_of_sample, name


@functools.cache
def _table(name: str) -> tuple[str | None, ...]:
    """Byte to character; None for bytes that the encoding has no character for."""
    table: list[str | None] = []
    for byte in range(256):
        try:
            character = bytes([byte]).decode(name)
        except UnicodeDecodeError:
            table.append(None)
            continue
        control = 0x7F <= ord(character) < 0xA0 or 0xE000 <= ord(character) < 0xF900
        table.append(None if control else character)
    return tuple(table)


def _word_evidence(data: bytes) -> dict[str, float]:
    """Language to nats, by its frequent words among those that are ASCII."""
    # A word beside another letter is the rest of a word; \b on bytes takes only ASCII for letters.
    found = Counter(re.findall(rb"(?<![\w\x80-\xff])[a-z]{1,6}(?![\w\x80-\xff])", data.lower()))
    return {
        language: min(WORD_NATS * sum(found[word] for word in words), MOST_WORD_NATS)
        for language, words in _words().items()
    }


@functools.cache
def _words() -> dict[str, list[bytes]]:
    return {
        language: [word.encode() for word in words.split() if word.isascii()]
        for language, words in WORDS.items()
    }


@functools.cache
def _weights() -> dict[str, dict[str, float]]:
    """Language to letter to log probability: frequency falls about as one over rank, flattened."""
    weights = {}
    for language, letters in LETTERS.items():
        total = sum(1 / (rank + 4) for rank in range(len(letters)))
        weights[language] = {
            letter: math.log(0.95 / (rank + 4) / total) for rank, letter in enumerate(letters)
        }
    return weights


def _single(
    contexts: Mapping[tuple[int, int, int], float],
    table: tuple[str | None, ...],
    spoken: Mapping[str, float],
) -> float:
    """Log likelihood of the characters that `table` makes, in the language that fits best."""
    letters: dict[str, float] = {}
    fixed = 0.0
    for (before, byte, after), count in contexts.items():
        character = table[byte] or ""
        left, right = table[before] or " ", table[after] or " "
        if character.isalpha() and character not in "ªº":
            # The small letter of a Turkish capital İ is two characters.
            small = character.lower() if character != "İ" else character
            letters[small] = letters.get(small, 0.0) + count
            fixed += count * _position(left, character, right)
        else:
            fixed += count * _sign(left, character, right)
    best = -math.inf
    for language, weights in _weights().items():
        total = spoken.get(language, 0.0)
        for letter, count in letters.items():
            weight = weights.get(letter)
            if weight is None:
                weight = _P_FOREIGN if letter in _FOREIGN else _P_OTHER
            total += count * weight
        best = max(best, total)
    return fixed + best


def _position(left: str, letter: str, right: str) -> float:
    """What it costs that this letter stands between these two."""
    cost = 0.0
    small_among_capitals = letter.islower() and left.isupper() and right.isupper()
    if small_among_capitals or (letter.isupper() and left.islower()):
        cost += _CAPITAL_IN_WORD
    if not left.isalpha() and not right.isalpha():
        cost += _ALONE
    script = _script(letter)
    if any(other.isalpha() and _script(other) != script for other in (left, right)):
        cost += _MIXED_SCRIPTS
    return cost


def _sign(left: str, sign: str, right: str) -> float:
    """What it costs that a character that is no letter stands between these two."""
    if ord(sign) in _BOX:
        fits = all(ord(other) in _BOX or other.isspace() for other in (left, right))
        return _P_BOX if fits else _P_OTHER
    inside = left.isalpha() and right.isalpha()
    if sign == "\xa0":
        return _P_SPACE + (_BETWEEN if inside else 0.0)
    cost = _P_SIGN if sign in _SIGNS else _P_ODD_SIGN
    if inside and sign not in _QUOTES:
        cost += _SIGN_IN_WORD
    elif sign == "’" and not left.isalnum() and right.isalpha():
        cost += _BETWEEN
    if any(other > "\xa0" and not other.isalnum() and other != sign for other in (left, right)):
        cost += _BETWEEN
    return cost


@functools.cache
def _script(letter: str) -> str:
    if ord(letter) < 0x250:
        return "LATIN"
    return unicodedata.name(letter, "?").split(" ")[0]


def _multi(text: str, name: str) -> float:
    """Log likelihood of East Asian text, by classes of characters."""
    pairs = Counter(zip(text, text[1:] + " ", strict=True))
    others = sum(
        math.pow(count, 0.6) * _east_asian(character, name)
        for (character, _), count in pairs.items()
        if ord(character) > 127
    )
    return others + _P_ASCII * sum(character < "\x80" for character in text)


def _east_asian(character: str, name: str) -> float:
    code = ord(character)
    japanese, korean = name in ("cp932", "euc_jp"), name == "cp949"
    if 0x3041 <= code <= 0x30FF:
        return math.log(1 / 90) if japanese else math.log(1e-4)
    if 0xAC00 <= code <= 0xD7A3:
        return math.log(1 / 1500) if korean and _common(character, "euc_kr") else math.log(1e-5)
    if 0x3000 <= code <= 0x3020 or 0xFF01 <= code <= 0xFF5E or character in "“”‘’…—·":
        return math.log(0.01)
    if 0x4E00 <= code <= 0x9FFF:
        basis = {"gb18030": "gb2312", "big5": "big5"}.get(name, "euc_jp")
        common = not korean and _common(character, basis)
        return math.log(1 / 3000) if common else math.log(3e-6)
    return math.log(1e-6)


def _common(character: str, basis: str) -> bool:
    """Whether a national standard has it among its first few thousand characters."""
    try:
        lead = character.encode(basis)[0]
    except UnicodeEncodeError:
        return False
    low, high = {
        "gb2312": (0xB0, 0xD7), "big5": (0xA4, 0xC6), "euc_jp": (0xB0, 0xCF),
        "euc_kr": (0xB0, 0xC8),
    }[basis]  # fmt: skip
    return low <= lead <= high

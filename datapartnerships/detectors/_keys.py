"""Access keys, tokens, passwords and private keys: how they look, and what stands before them.

The forms are those that the providers publish, so that leaked keys can be looked for.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

import numpy as np

from datapartnerships.detectors import _scan
from datapartnerships.detectors._scan import Block, Column, Hit, Mask, Positions, byte_length
from datapartnerships.kernels._compiled import compiled

_W = r"[A-Za-z0-9_\-]"
# No letter or digit before: the middle of a longer string is none.
_KEY = re.compile(
    rf"""(?<![A-Za-z0-9])(?:
     (?:AKIA|ASIA|AROA|AIDA|ABIA|ACCA)[A-Z0-9]{{16}}(?![A-Za-z0-9])              # AWS
    |AIza{_W}{{35}}|GOCSPX-{_W}{{24,}}|ya29\.{_W}{{20,}}|1//0{_W}{{40,}}         # Google
    |(?:AccountKey|SharedAccessKey|[Ss]ig)=[A-Za-z0-9+/%]{{40,}}={{0,2}}         # Azure
    |{_W}{{3}}[0-9]Q~[A-Za-z0-9_.~\-]{{31,34}}                                   # Microsoft Entra
    |gh[pousr]_[A-Za-z0-9]{{36,}}|github_pat_\w{{60,}}                           # GitHub
    |gl(?:pat|dt|rt|cbt|ptt|ft|soat|imt|agent|oas)-{_W}{{20,}}                   # GitLab
    |xox[abceoprs](?:\.xox[a-z])?-[A-Za-z0-9\-]{{10,}}|xapp-[0-9]-[A-Za-z0-9\-]{{20,}}   # Slack
    |hooks\.slack\.com/(?:services|workflows)/[A-Za-z0-9/]{{20,}}
    |[rs]k_(?:live|test)_[A-Za-z0-9]{{16,}}|whsec_[A-Za-z0-9+/=]{{24,}}          # Stripe
    |sk-(?:ant|proj|svcacct|admin|or|lf)-{_W}{{20,}}|sk-[A-Za-z0-9]{{32,}}       # language models
    |hf_[A-Za-z0-9]{{30,}}|api_org_[A-Za-z0-9]{{30,}}|gsk_[A-Za-z0-9]{{40,}}|r8_[A-Za-z0-9]{{37}}
    |xai-[A-Za-z0-9]{{60,}}|pplx-[A-Za-z0-9]{{40,}}
    |npm_[A-Za-z0-9]{{36}}|pypi-{_W}{{50,}}|rubygems_[0-9a-f]{{48}}|dckr_pat_{_W}{{20,}}
    |(?:SK|AC)[0-9a-f]{{32}}(?![A-Za-z0-9])|SG\.{_W}{{16,}}\.{_W}{{16,}}         # Twilio, SendGrid
    |key-[0-9a-f]{{32}}(?![A-Za-z0-9])|[0-9a-f]{{32}}-us[0-9]{{1,2}}(?![A-Za-z0-9])      # Mail...
    |[0-9]{{8,10}}:AA{_W}{{33}}(?![A-Za-z0-9])                                   # Telegram
    |[MNO]{_W}{{23,27}}\.{_W}{{6}}\.{_W}{{27,40}}                                # Discord
    |discord(?:app)?\.com/api/webhooks/[0-9]{{17,20}}/{_W}{{60,}}
    |eyJ{_W}{{8,}}\.{_W}{{8,}}\.{_W}*                                            # JWT, RFC 7519
    |AGE-SECRET-KEY-1[0-9A-Za-z]{{58}}
    |shp(?:at|ca|pa|ss)_[0-9a-fA-F]{{32}}|sq0(?:atp|csp|idp)-{_W}{{22,}}         # Shopify, Square
    |do[opr]_v1_[0-9a-f]{{64}}|dapi[0-9a-f]{{32}}|hvs\.{_W}{{24,}}|sbp_[0-9a-f]{{40}}
    |AT(?:ATT3|CTT3|BB){_W}{{20,}}={{0,2}}|lin_api_[A-Za-z0-9]{{32,}}|ntn_[A-Za-z0-9]{{40,}}
    |PMAK-[0-9a-f]{{24}}-[0-9a-f]{{34}}|gl(?:sa|c)_[A-Za-z0-9_=+/]{{32,}}|sntry[su]_[A-Za-z0-9_=+/]{{40,}}
    |NRAK-[A-Z0-9]{{27}}|EAA[A-Za-z0-9]{{60,}}|LTAI[A-Za-z0-9]{{16,20}}(?![A-Za-z0-9])
    )""",
    re.VERBOSE,
)
_TOKEN = _scan.table_of(_scan.LETTERS + b"0123456789_-.:/+=~%")
_LEAST_TOKEN = 18
_PIECE, _OVERLAP = 4096, 600


def keys(column: Column, block: Block) -> Iterator[Hit]:
    """Keys whose form says whose they are, and what follows ``Bearer`` and ``Basic``."""
    first, past = _tokens(block)
    for begin, end in zip(first.tolist(), past.tolist(), strict=True):
        for piece in range(begin, end, _PIECE - _OVERLAP):
            text = str(column.raw[piece : min(end, piece + _PIECE)], "ascii")
            for match in _KEY.finditer(text):
                # In the form of a provider it is a key, whatever words are in it.
                if entropy(match[0]) >= _DRAWN and not _FILLED.search(match[0]):
                    yield Hit(piece + match.start(), piece + match.end(), "SECRET", 0.99)
        before = bytes(column.raw[max(0, begin - 7) : begin]).lower()
        if before.endswith((b"bearer ", b"basic ")):
            text = str(column.raw[begin : min(end, begin + _PIECE)], "ascii").rstrip(".:")
            if _is_drawn(text):
                yield Hit(begin, begin + len(text), "SECRET", 0.9)


def _tokens(block: Block) -> tuple[Positions, Positions]:
    """Begin and end of runs of characters of keys with a digit among them."""
    codes = block.codes
    loop = compiled(_loop)
    if loop is not None:
        cuts = np.append(block.cuts, len(codes))
        rows: Positions = loop(codes, cuts, block.digits, _TOKEN, _LEAST_TOKEN) + block.begin
        return rows[:, 0], rows[:, 1]
    breaks = np.flatnonzero(~_TOKEN[codes])
    long = np.flatnonzero(np.diff(breaks, prepend=-1, append=len(codes)) > _LEAST_TOKEN)
    first = np.append(-1, breaks)[long] + 1
    past = np.append(breaks, len(codes))[long]
    # Where one text meets the next.
    inner = [
        block.cuts[(block.cuts > x) & (block.cuts < y)] for x, y in _crossing(first, past, block)
    ]
    cuts = np.concatenate([first[:0], *inner])
    first, past = np.sort(np.append(first, cuts)), np.sort(np.append(past, cuts))
    digits = block.digits
    some = np.searchsorted(digits, past) > np.searchsorted(digits, first)
    some &= past - first >= _LEAST_TOKEN
    return first[some] + block.begin, past[some] + block.begin


def _loop(codes: Any, stops: Any, digits: Any, table: Any, least: Any) -> Any:
    """Rows of begin and end; compiled. Only the bytes around digits are read."""
    rows = np.empty((64, 2), np.int64)
    found, text, floor, past = 0, 0, np.int64(0), np.int64(0)
    for digit in digits:
        if digit < past:
            continue
        while stops[text] <= digit:
            floor = stops[text]
            text += 1
        first, past = digit, digit + 1
        while first > floor and table[codes[first - 1]]:
            first -= 1
        while past < stops[text] and table[codes[past]]:
            past += 1
        if past - first < least:
            continue
        if found == len(rows):
            more = np.empty((2 * found, 2), np.int64)
            more[:found] = rows
            rows = more
        rows[found, 0], rows[found, 1] = first, past
        found += 1
    return rows[:found]


def _crossing(first: Positions, past: Positions, block: Block) -> Iterator[tuple[int, int]]:
    some = np.searchsorted(block.cuts, past) > np.searchsorted(block.cuts, first, side="right")
    yield from zip(first[some].tolist(), past[some].tolist(), strict=True)


def _is_drawn(text: str) -> bool:
    """Whether it looks drawn by chance: not a row of one sign, nor an example in words."""
    return entropy(text) >= _DRAWN and not _EXAMPLE.search(text)


def entropy(text: str) -> float:
    """Bits a character, by how often each stands in the text (Shannon 1948)."""
    size = len(text)
    return -sum(n / size * math.log2(n / size) for n in Counter(text).values())


# Bits a character of what is drawn by chance, at least.
_DRAWN = 3.0
_FILLED = re.compile(r"xxxx|\*\*\*|\.\.\.|0{6}|<|\$\{|\{\{|%\(", re.IGNORECASE)
_EXAMPLE = re.compile(
    r"(?:xxxx|\*\*\*|\.\.\.|0{6}|1234567890|abcdefgh|your[_\-]|example(?!\.)|placeholder|changeme|<|\$\{|\{\{|%\()",
    re.IGNORECASE,
)

# Endings of what is assigned to: `DB_PASSWORD`, `api_key`, `Lykilorð`.
_PASSWORDS = (
    "password|passwd|passwort|kennwort|pass|pwd|passphrase|passcode|lykilorð|lykilorði|aðgangsorð|leyniorð"
    "|contraseña|clave|mot de passe|senha|palavra-passe|wachtwoord|lösenord|passord|adgangskode"
    "|kodeord|hasło|hasla|salasana|jelszó|heslo|parola|parool|parole|slaptažodis|пароль|κωδικός|şifre"
    "|密码|密碼|パスワード|비밀번호|contrasenya|pasahitza|lozinka|geslo|pin-númer"
)
_SECRETS = (
    "secret|secret_key|secretkey|api[_ -]?key|apikey|access[_ -]?key|auth[_ -]?token|token|auth"
    "|client[_ -]?secret|private[_ -]?key|encryption[_ -]?key|signing[_ -]?key|account[_ -]?key"
    "|credential|credentials|leyndarmál|api-lykill|aðgangslykill|schlüssel|clave api|clé api"
)
_ASSIGNED = re.compile(
    rf"(?:(?P<password>{_PASSWORDS})|(?<![^\W_])(?:\w*[_\-])?(?P<secret>{_SECRETS}))"
    rf"[\"'`*\]]{{0,3}}[ \t]{{0,4}}\Z",
    re.IGNORECASE,
)
# What each of these words ends in.
_LAST_PARTS = tuple(
    word.rpartition("[_ -]?")[2].casefold() for word in f"{_PASSWORDS}|{_SECRETS}".split("|")
)
_VALUE = re.compile(
    r"""[=>:]{0,2}[ \t\u00a0]{0,4}(?:
    (?P<quote>["'`])(?P<quoted>[^"'`\s]{6,200})(?P=quote)
    |(?P<plain>[^\s"'`<>,;()\[\]{}]{6,200}))""",
    re.VERBOSE,
)
_ENDINGS = np.zeros(1 << 16, np.bool_)


def _mark_endings() -> None:
    words = re.sub(r"\[_ -\]\?", "_", f"{_PASSWORDS}|{_SECRETS}").split("|")
    forms = {form for word in words for form in (word, word.upper(), word.title())}
    tails = np.array([list(form.encode()[-3:]) for form in forms], np.uint8)
    _ENDINGS[_place(*tails.T)] = True


def _place(first: _scan.Codes, second: _scan.Codes, third: _scan.Codes) -> Positions:
    """Of three bytes, a number below 65,536; ASCII letters of both cases alike."""
    x, y, z = (codes.astype(np.int64) | 0x20 for codes in (first, second, third))
    place: Positions = ((x * 0x9E3B) ^ (y * 0x0101) ^ (z * 0x2F35)) & 0xFFFF
    return place


_mark_endings()
_SKIPPED = _scan.table_of(b" \t\"'`*]")
_BEFORE_BYTES, _AFTER_BYTES = 48, 240


def assignments(column: Column, block: Block) -> Iterator[Hit]:
    """Values behind ``password:``, ``api_key = `` and the like."""
    codes = block.codes
    at = np.append(block.colons, np.flatnonzero(codes == 0x3D))
    at = at[at >= 4]
    last = at - 1
    for _ in range(3):
        skip = _SKIPPED[codes[last]] & (last > 3)
        last = last - skip
    some: Mask = _ENDINGS[_place(codes[last - 2], codes[last - 1], codes[last])]
    at = at[some] + block.begin
    texts = column.text_of(at)
    floors, ceilings = column.bounds[texts].tolist(), column.bounds[texts + 1].tolist()
    for sign, floor, ceiling in zip(at.tolist(), floors, ceilings, strict=True):
        before, _ = column.window(max(floor, sign - _BEFORE_BYTES), sign)
        name = before.rstrip(" \t").rstrip("\"'`*]").replace("İ", "i").casefold()
        cue = _ASSIGNED.search(before) if name.endswith(_LAST_PARTS) else None
        if cue is None:
            continue
        after, begin = column.window(sign + 1, min(ceiling, sign + _AFTER_BYTES))
        found = _value(after, cue["password"] is not None)
        if found is not None:
            start, end = found
            place = begin + byte_length(after[:start])
            yield Hit(place, place + byte_length(after[start:end]), "SECRET", 0.8)


_CODE = re.compile(
    r"[A-Za-z_][\w.]*(?:\.\w+)+\Z|[\w.]*[(\[{$]|https?:|[/~.]+\w|[a-z]+[-_][a-z\-_]+\Z"
)


def _value(after: str, password: bool) -> tuple[int, int] | None:
    match = _VALUE.match(after)
    if match is None:
        return None
    name = "quoted" if match["quoted"] else "plain"
    start, text = match.start(name), match[name]
    if name == "plain":
        text = text.rstrip(".:!?*|\\")
    if len(text) < (6 if password else 12) or _EXAMPLE.search(text) or _CODE.match(text):
        return None
    digits = sum(character.isdigit() for character in text)
    letters = sum(character.isalpha() for character in text)
    if not digits or digits + letters < len(text) / 2 or len(set(text)) < 5:
        return None
    if not letters and (not password or "." in text or "/" in text or "-" in text):
        return None
    if not password and entropy(text) < 3.0:
        return None
    return start, start + len(text)


_BEGIN = re.compile(rb"-----BEGIN ((?:[A-Z0-9]{1,12} ){0,4}PRIVATE KEY(?: BLOCK)?)-----")
_BLOCK_BYTES = 1 << 14
# Lines of a key whose end is missing: base64, headers of RFC 1421, and escaped line ends.
_BODY = re.compile(rb"(?:[A-Za-z0-9+/=\s\\,:\-]|\\n)*")


def private_keys(column: Column, block: Block) -> Iterator[Hit]:
    """Private keys in PEM (RFC 7468) and OpenPGP blocks, from the first to the last line."""
    raw = block.codes.tobytes()
    place = raw.find(b"-----BEGIN")
    while place >= 0:
        match = _BEGIN.match(raw, place)
        past = place + 1
        if match is not None:
            owner = int(column.text_of([block.begin + place])[0])
            limit = min(int(column.bounds[owner + 1]) - block.begin, place + _BLOCK_BYTES)
            end = raw.find(b"-----END " + match[1] + b"-----", match.end(), limit)
            if end >= 0:
                past = end + len(match[1]) + 14
            else:
                body = _BODY.match(raw, match.end(), limit)
                past = body.end() if body else match.end()
            yield Hit(block.begin + place, block.begin + past, "SECRET", 0.99)
        place = raw.find(b"-----BEGIN", past)


_URL_END = re.compile(r"[^\s<>\"'`{}|\\^\[\]()]{0,200}")
_URL = re.compile(
    r"[A-Za-z][A-Za-z0-9+.\-]{1,31}://[^\s/?#<>\"`(){}\[\]|\\]*:[^\s/?#<>\"`(){}\[\]|\\]+\Z"
)


def connection_strings(column: Column, block: Block) -> Iterator[Hit]:
    """``postgresql://user:password@host/base``, from the scheme to its end."""
    signs = _scan.at_signs(block)
    texts = column.text_of(signs)
    floors, ceilings = column.bounds[texts].tolist(), column.bounds[texts + 1].tolist()
    for at, floor, ceiling in zip(signs.tolist(), floors, ceilings, strict=True):
        before, begin = column.window(max(floor, at - 320), at)
        url = _URL.search(before, max(0, before.rfind("://") - 32)) if "://" in before else None
        if url is None:
            continue
        after, _ = column.window(at + 1, min(ceiling, at + 400))
        rest = _URL_END.match(after)
        host = rest[0].rstrip(".,;:!?") if rest else ""
        start = begin + byte_length(before[: url.start()])
        yield Hit(start, at + 1 + byte_length(host), "SECRET", 0.95)

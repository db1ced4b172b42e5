"""What stands in the place of a span: a label, a mask, or a surrogate that nobody has.

Surrogates are keyed and stateless: HMAC-SHA256 (RFC 2104) of label and normalized value. One
value has one surrogate in every process, order and run with one key, and no table of originals
exists anywhere. Whoever has the key can test a guess, so the key is as secret as the deposit.

Every surrogate lies where no real identifier can:

==================  ============================================================================
EMAIL               under ``example.org``, reserved by RFC 2606, section 3
PHONE               national number begins with 00000: in no numbering plan (libphonenumber 9)
IP                  240.0.0.0/4, "reserved for future addressing" (RFC 1112, section 4);
                    2001:db8::/32, for documentation (RFC 3849)
PAYMENT_CARD        begins with 999: national use (ISO/IEC 7812-1) of no country (ISO 3166-1);
                    wrong check digit
URL_CREDENTIALS     ``user-`` and six characters, ``:redacted``
USERNAME            ``user_`` and eight characters
PERSON              an invented name (`_surrogate_names`), in the script and order of the original;
                    one word of a name has one word in its place, wherever it stands
NATIONAL_ID,        the same grouping; no date where dates stand, and no check digit that any
TAX_ID              number we know would have (`_surrogate_ids`)
IBAN                the same country and grouping, check digits 00: never given (ISO 13616)
BANK_ACCOUNT,       the same grouping of letters and digits, ``XX`` for the first two
DRIVING_LICENSE,
LICENSE_PLATE,
PASSPORT, RECORD_ID
anything else       the label and eight characters, as is everything above that has no such form
==================  ============================================================================
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import ipaddress
import re
import unicodedata
from collections.abc import Callable
from functools import partial
from itertools import count

from datapartnerships.kernels._surrogate_ids import bank_number, national_number, shaped
from datapartnerships.kernels._surrogate_names import invent, is_invented
from datapartnerships.kernels.folding import fold

__all__ = [
    "fingerprint",
    "holds_surrogate",
    "is_surrogate",
    "mask",
    "pseudonymize",
    "redact",
    "scoped",
]

_DOMAIN = "example.org"
_STARS = "***"


def redact(label: str) -> str:
    """``[EMAIL]``."""
    return f"[{label}]"


def mask(text: str, label: str) -> str:
    """Stars, and as little of the original as lets a reader tell two of them apart.

    The first letter of an e-mail address, the last two digits of a phone number, the last four
    of a card, the first number of an IP address, the first character of anything else. How long
    the original was does not show.
    """
    digits = _digits(_EXTENSION.sub("", text) if label == "PHONE" else text)
    if label == "EMAIL":
        return f"{text[:1]}{_STARS}@{_STARS}"
    if label == "PHONE" and len(digits) > 4:
        return _STARS + digits[-2:]
    if label == "PAYMENT_CARD" and len(digits) > 8:
        return _STARS + digits[-4:]
    if label == "IP" and (first := re.match(r"[0-9A-Fa-f]{1,4}(?=([.:]))", text)):
        return f"{first[0]}{first[1]}{_STARS}"
    return text[:1] + _STARS


def pseudonymize(text: str, label: str, key: bytes) -> str:
    """The surrogate of `text` under `key`: always the same, and never `text` itself.

    Spellings of one value share it: letter case, composed and decomposed accents, ``(at)`` and
    ``@``, ``at`` and ``dot`` as they are read aloud, punycode, spaces in numbers, ``00`` and ``+``,
    forms of IPv6, digits and letters of other scripts that look alike, what nobody sees
    (`kernels.folding`). So do different values only by chance: one in 2**50 for e-mail addresses
    of one domain, 10**10 for phone numbers.

    Of names the words are the values: "Anna" is the same in "Anna Jónsdóttir", and so is the
    initial of "A. Jónsdóttir".

    Raises
    ------
    TypeError
        `key` is not bytes.
    ValueError
        `key` is empty: anyone could compute the surrogates of guesses.
    """
    if not isinstance(key, bytes):
        raise TypeError(f"key must be bytes. Got {type(key).__name__}.")
    if not key:
        raise ValueError("key must not be empty. Make one with: secrets.token_bytes(32).")
    make = _MAKERS.get(label, _word)
    plain = text if text.isascii() else fold(text).text
    for attempt in count():
        surrogate = make(plain, _Source(key, label, attempt))
        if surrogate != text:
            return surrogate
    raise AssertionError("unreachable")


def scoped(key: bytes, scope: str) -> bytes:
    """A key of its own for what is named by `scope`: of no two do the surrogates say anything."""
    return hmac.digest(key, f"scope\0{scope}".encode("utf-8", "surrogatepass"), hashlib.sha256)


def fingerprint(text: str, label: str, key: bytes) -> str:
    """32 hexadecimal digits by which whoever has the key finds a value again, and nobody else."""
    message = f"audit\0{label}\0{_folded(' '.join(text.split()))}".encode("utf-8", "surrogatepass")
    return hmac.digest(key, message, hashlib.sha256).hex()[:32]


def is_surrogate(text: str, label: str) -> bool:
    """Whether `text` is of the form that `pseudonymize` gives this label.

    A detector run over pseudonymized text finds addresses again; with this a second pass can
    leave them as they are.
    """
    if label == "IP":
        address = _address(text)
        return address is not None and any(
            address.version == network.version and address in network for network in _RESERVED
        )
    if label == "PAYMENT_CARD" and len(digits := _digits(text)) >= _CARD_DIGITS:
        return digits.startswith("999") and digits[-1] != _check_digit(digits[:-1])
    if label == "PERSON" and is_invented(text):
        return True
    form = _FORMS.get(label)
    if form is not None and form.fullmatch(text):
        return True
    return re.fullmatch(rf"{re.escape(label)}-[A-Z2-7]{{8}}", text) is not None


def holds_surrogate(text: str) -> bool:
    """Whether anything in `text` looks as if it stood in the place of something else.

    Labels in brackets, stars of a mask, invented names, and every form that `pseudonymize` gives to
    what `Contacts` finds, to users and to bank accounts. Other numbers, and what is left of a date
    or an age, look like any other. It errs on the side of yes: what a recognizer puts in brackets
    (``[MUSIC]``) is taken for a label too.
    """
    if _TRACE.search(text) is not None or is_invented(text):
        return True
    return any(
        is_surrogate(found[0].rstrip("."), label)
        for label, form in (("PAYMENT_CARD", _NUMBER), ("IP", _PLACE))
        for found in form.finditer(text)
    )


class _Source:
    """Characters and numbers that only the key, the label and a value determine."""

    __slots__ = ("_attempt", "_key", "label")

    def __init__(self, key: bytes, label: str, attempt: int) -> None:
        self._key = key
        self.label = label
        self._attempt = attempt

    def number(self, value: str, part: str = "") -> int:
        """256 bits. The parts are joined by NUL, which none but `value` can hold."""
        message = "\0".join([self.label, part, str(self._attempt), value])
        data = message.encode("utf-8", "surrogatepass")
        return int.from_bytes(hmac.digest(self._key, data, hashlib.sha256), "big")

    def characters(self, size: int, value: str, part: str = "") -> str:
        """`size` characters of base 32 (RFC 4648), 5 bits each."""
        whole = self.number(value, part).to_bytes(32, "big")
        return base64.b32encode(whole)[:size].decode("ascii")

    def digits(self, size: int, value: str) -> str:
        return f"{self.number(value) % 10**size:0{size}d}"


def _word(text: str, source: _Source) -> str:
    return f"{source.label}-{source.characters(8, _folded(' '.join(text.split())))}"


_AT = re.compile(r"\s*[(\[{<]\s*(?:at|ät|arroba|arobase|hjá)\s*[)\]}>]\s*")
_SAID_AT = re.compile(
    r"\s+(?:at|ät|arroba|arobase|hjá|chiocciola|małpa|zavináč|snabel.a|apenstaartje)\s+"
)
_SAID_SIGNS = tuple(
    (sign, re.compile(rf"\s+(?:{words})\s+"))
    for sign, words in (
        (".", "punt|kropka|tečka|piste"), ("_", "underscore"), ("-", "dash|hyphen|minus"),
        ("+", "plus"),
    )
)  # fmt: skip
_DOT = re.compile(
    r"\s*[(\[{<]\s*(?:dot|punkt|punktur|punto|ponto|point|\.)\s*[)\]}>]\s*"
    r"|\s+(?:dot|punkt|punktur|punto|ponto|point)\s+"
)


def _email(text: str, source: _Source) -> str:
    """Local part and domain apart: one local part, or one domain, stays recognizably one."""
    plain = _DOT.sub(".", _AT.sub("@", _folded(text).removeprefix("mailto:")))
    if "@" not in plain:
        plain = _SAID_AT.sub("@", plain, count=1)
        for sign, said in _SAID_SIGNS:
            plain = said.sub(sign, plain)
    local, _, domain = "".join(plain.split()).rpartition("@")
    name = source.characters(10, local, "local").lower()
    return f"{name}@{source.characters(6, _ascii_domain(domain), 'domain').lower()}.{_DOMAIN}"


def _ascii_domain(domain: str) -> str:
    try:
        return domain.rstrip(".").encode("idna").decode("ascii")
    except UnicodeError:
        return domain


# Country codes of one and two digits (ITU-T E.164, annex to Operational Bulletin); all other
# codes have three, and no code is the beginning of another.
_COUNTRY = re.compile(
    r"1|7|2[07]|3[0-469]|4[013-9]|5[1-8]|6[0-6]|8[1246]|9[0-58]|[2-9]\d\d", re.ASCII
)
# Codes of services, not of countries: of +800 any eight digits may be somebody's.
_GLOBAL = frozenset({"800", "808", "870", "878", "881", "882", "883", "888", "979"})
_EXTENSION = re.compile(r"(?:[;,]|ext|poste|durchwahl|int|x|#).*", re.IGNORECASE | re.DOTALL)


_NOWHERE = "00000"


def _phone(text: str, source: _Source) -> str:
    """``+354 00000-123-456-7890``: the country code, where one was written, and nobody's number.

    The hyphens keep it in one piece: of groups with spaces between, the first few might be read
    as a shorter number with others behind it.

    Fewer zeros would not do: Uruguay has numbers that begin with 0004, Japan and Korea with 000,
    and in Kenya 000 dials abroad.
    """
    plain = _EXTENSION.sub("", unicodedata.normalize("NFKC", text))
    digits = _digits(plain)
    if len(digits) < 3:
        return _word(text, source)
    if "+" in plain or digits.startswith("00"):
        # `+44 (0)20 ...`: the zero in brackets is dialed only inside the country.
        digits = _digits(re.sub(r"\(\s*0\s*\)", "", plain)).removeprefix("00")
        code = _COUNTRY.match(digits)
        prefix = f"+{code[0]} {_NOWHERE}" if code and code[0] not in _GLOBAL else _NOWHERE
        digits = "+" + digits
    else:
        prefix = _NOWHERE
    fresh = source.digits(10, digits)
    return f"{prefix}-{fresh[:3]}-{fresh[3:6]}-{fresh[6:]}"


_Address = ipaddress.IPv4Address | ipaddress.IPv6Address


def _address(text: str) -> _Address | None:
    try:
        address = ipaddress.ip_address(text.strip().strip("[]"))
    except ValueError:
        return None
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is not None:
        return address.ipv4_mapped
    return address


def _ip(text: str, source: _Source) -> str:
    address = _address(text)
    if address is None:
        return _word(text, source)
    number = source.number(address.exploded)
    if address.version == 6:
        return str(ipaddress.IPv6Address((0x20010DB8 << 96) | number % 2**96))
    # 240 to 254: 255.255.255.255 alone of the range is in use, as the broadcast address.
    return str(ipaddress.IPv4Address((240 << 24) + number % (15 << 24)))


_RESERVED = (ipaddress.ip_network("240.0.0.0/4"), ipaddress.ip_network("2001:db8::/32"))
_CARD_DIGITS = 12


def _card(text: str, source: _Source) -> str:
    digits = _digits(text)
    if len(digits) < _CARD_DIGITS:
        return _word(text, source)
    body = "999" + source.digits(len(digits) - 4, digits)
    # One to nine past the right check digit: never the right one.
    past = 1 + source.number(digits, "check") % 9
    fresh = iter(body + str((int(_check_digit(body)) + past) % 10))
    return "".join(next(fresh) if character.isdecimal() else character for character in text)


def _check_digit(body: str) -> str:
    """The digit that makes `body` pass the Luhn formula (ISO/IEC 7812-1, annex B)."""
    values = [int(digit) for digit in reversed(body)]
    doubled = sum(sum(divmod(2 * value, 10)) for value in values[::2])
    return str(-(doubled + sum(values[1::2])) % 10)


def _credentials(text: str, source: _Source) -> str:
    """By the user alone: a password that changed is still the same user's."""
    user = text.partition(":")[0]
    return f"user-{source.characters(6, unicodedata.normalize('NFC', user)).lower()}:redacted"


def _folded(text: str) -> str:
    """Compatibility forms, accents and case as one (Unicode, caseless matching D146)."""
    folded = unicodedata.normalize("NFKD", text).casefold()
    return unicodedata.normalize("NFKC", folded)


def _digits(text: str) -> str:
    return "".join(str(unicodedata.decimal(c)) for c in text if c.isdecimal())


def _username(text: str, source: _Source) -> str:
    sign = text[:1] if text[:1] in "@＠" else ""
    return f"{sign}user_{source.characters(8, _folded(text[len(sign) :])).lower()}"


def _made(
    make: Callable[[str, Callable[[str], int]], str | None], text: str, source: _Source
) -> str:
    """What `make` makes of it, or the label and eight characters where it is of another form."""
    return make(text, source.number) or _word(text, source)


_SHAPED = ("BANK_ACCOUNT", "DRIVING_LICENSE", "LICENSE_PLATE", "PASSPORT", "RECORD_ID")
_MAKERS: dict[str, Callable[[str, _Source], str]] = {
    "EMAIL": _email,
    "PHONE": _phone,
    "IP": _ip,
    "PAYMENT_CARD": _card,
    "URL_CREDENTIALS": _credentials,
    "USERNAME": _username,
    "PERSON": partial(_made, invent),
    "NATIONAL_ID": partial(_made, national_number),
    "TAX_ID": partial(_made, national_number),
    "IBAN": partial(_made, bank_number),
    **dict.fromkeys(_SHAPED, partial(_made, shaped)),
}
_FORMS = {
    "EMAIL": re.compile(rf"[a-z2-7]{{10}}@[a-z2-7]{{6}}\.{re.escape(_DOMAIN)}"),
    "PHONE": re.compile(r"(?:\+\d{1,3} )?00000-\d{3}-\d{3}-\d{4}", re.ASCII),
    "URL_CREDENTIALS": re.compile(r"user-[a-z2-7]{6}:redacted"),
    "USERNAME": re.compile(r"[@＠]?user_[a-z2-7]{8}"),
    "IBAN": re.compile(r"[\W_]*[A-Z][\W_]*[A-Z][\W_]*0[\W_]*0(?:[\W_]*[A-Z0-9]){8,}[\W_]*"),
    **{label: re.compile(r"[\W_]*X[\W_]*X(?:[\W_]*[^\W_]){4,}[\W_]*") for label in _SHAPED},
}
_TRACE = re.compile(
    r"\[[A-Z][A-Z0-9_]*\]|\*\*\*|\b[A-Z][A-Z0-9_]*-[A-Z2-7]{8}\b|"
    + r"\b[A-Z]{2}00(?: ?[A-Z0-9]){8,}|"
    + "|".join(_FORMS[label].pattern for label in ("EMAIL", "PHONE", "URL_CREDENTIALS", "USERNAME"))
)
_NUMBER = re.compile(r"\d[\d -]{10,}\d")
_PLACE = re.compile(r"[0-9A-Fa-f]{1,4}(?:[.:]+[0-9A-Fa-f]{1,4})+")

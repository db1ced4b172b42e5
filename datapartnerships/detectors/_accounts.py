"""Numbers of bank accounts: how they are written, checked, and announced."""

from __future__ import annotations

import re
from collections.abc import Iterator

import numpy as np

from datapartnerships.detectors import _forms, _ids, _scan
from datapartnerships.detectors._cards import passes_luhn
from datapartnerships.detectors._forms import Check, Kind, Rules
from datapartnerships.detectors._scan import Block, Column, Hit, byte_length

# ISO 13616: characters of an IBAN by country, from the registry of SWIFT.
_LENGTHS = """
AD24 AE23 AL28 AT20 AZ28 BA20 BE16 BG22 BH22 BI27 BR29 BY28 CH21 CR22 CY28 CZ24 DE22 DJ27 DK18
DO28 EE20 EG29 ES24 FI18 FK18 FO18 FR27 GB22 GE22 GI23 GL18 GR27 GT28 HN28 HR21 HU28 IE22 IL23
IQ23 IS26 IT27 JO30 KW30 KZ20 LB28 LC32 LI21 LT20 LU20 LV21 LY25 MC27 MD24 ME22 MK19 MN20 MR27
MT31 MU30 NI28 NL18 NO15 OM23 PK24 PL28 PS29 PT25 QA29 RO24 RS22 RU33 SA24 SC31 SD18 SE24 SI19
SK24 SM27 SO23 ST25 SV28 TL23 TN24 TR26 UA29 VA22 VG24 XK20 YE30
"""
LENGTHS = {entry[:2]: int(entry[2:]) for entry in _LENGTHS.split()}
_PAIRS = np.zeros(1 << 16, np.bool_)
_PAIRS[[int.from_bytes(country.encode(), "big") for country in LENGTHS]] = True
_LETTER = _scan.table_of(_scan.LETTERS)
_WORD = _scan.table_of(_scan.LETTERS + b"0123456789_", high=True)
# The longest, in groups of four with two signs between, and what follows.
_REACH_BYTES = 96
_SIGN = "[ \u00a0\u202f\u2009.\\-\u2010-\u2013/\0\n\t]"
_NEXT = re.compile(rf"{_SIGN}{{0,3}}([A-Za-z0-9])")


def ibans(column: Column, block: Block) -> Iterator[Hit]:
    """IBANs (ISO 13616) with any signs between their characters, in upper or lower case."""
    codes = block.codes
    at = block.digits
    at = at[(at >= 2) & (at < len(codes) - 1)]
    at = at[(codes[at + 1] - 48) < 10]
    spaced = (codes[at - 1] == 0x20) | (codes[at - 1] == 0x2D)
    at = at - spaced
    at = at[at >= 2]
    at = at[_LETTER[codes[at - 1]] & _LETTER[codes[at - 2]]]
    upper = codes[at - 2].astype(np.uint16) & 0xDF
    at = at[_PAIRS[(upper << 8) | (codes[at - 1] & 0xDF)]] - 2
    begins = _scan.among(at, block.cuts) | (at == 0)
    at = at[begins | ~_WORD[codes[np.maximum(at - 1, 0)]]] + block.begin
    ends = np.minimum(column.bounds[column.text_of(at) + 1], at + _REACH_BYTES)
    for begin, end in zip(at.tolist(), ends.tolist(), strict=True):
        text, _ = column.window(begin, end)
        size = _iban(text)
        if size:
            yield Hit(begin, begin + byte_length(text[:size]), "IBAN", 0.99)


def _iban(text: str) -> int:
    """Characters of the IBAN that `text` begins with; 0 where there is none."""
    wanted, place = LENGTHS[text[:2].upper()], 0
    found: list[str] = []
    while len(found) < wanted:
        match = _NEXT.match(text, place)
        if match is None:
            return 0
        found.append(match[1])
        place = match.end()
    if text[place : place + 1].isalnum() or text[place : place + 1] == "_":
        return 0
    number = "".join(found).upper()
    # In running text three small letters and digits are no account: "is 26 ...".
    if not number[2:4].isdigit() or (" " in text[2:3] and not text[:2].isupper()):
        return 0
    return place if passes_mod_97(number) else 0


def passes_mod_97(number: str) -> bool:
    """ISO/IEC 7064, MOD 97-10, with the first four characters moved to the end."""
    moved = number[4:] + number[:4]
    return int("".join(str(int(character, 36)) for character in moved)) % 97 == 1


_BIC_CUE = re.compile(r"(?:bic|swift)(?:[ /\-]*(?:bic|swift|code|kode|kóði))*[\s:.=#(]{1,4}", re.I)
_BIC = re.compile(r"[A-Z]{6}[A-Z2-9][A-NP-Z0-9](?:[A-Z0-9]{3})?(?![A-Za-z0-9])")


def bics(column: Column, block: Block) -> Iterator[Hit]:
    """Codes of banks (ISO 9362) behind the words BIC or SWIFT."""
    low = block.codes | 0x20
    for word in (b"bic", b"swi"):
        some = (low[:-2] == word[0]) & (low[1:-1] == word[1]) & (low[2:] == word[2])
        places = np.flatnonzero(some) + block.begin
        ends = np.minimum(column.bounds[column.text_of(places) + 1], places + 64)
        for begin, end in zip(places.tolist(), ends.tolist(), strict=True):
            text, _ = column.window(begin, end)
            cue = _BIC_CUE.match(text)
            code = cue and _BIC.match(text, cue.end())
            if code:
                at_code = begin + byte_length(text[: code.start()])
                yield Hit(at_code, at_code + len(code[0]), "BANK_ACCOUNT", 0.9)


def _any(number: str) -> bool:
    """A number without a check digit: not one digit over and over."""
    return len(set(number)) > 1


def _mod_11(number: str) -> bool:
    """Accounts of Norway: 11 digits, the last one a check digit (weights 2 to 7)."""
    weights = (5, 4, 3, 2, 7, 6, 5, 4, 3, 2, 1)
    return not sum(w * int(digit) for w, digit in zip(weights, number, strict=True)) % 11


def _nrb(number: str) -> bool:
    return passes_mod_97(f"PL{number}")


def _rib(number: str) -> bool:
    """France: bank, branch, account and key, MOD 97."""
    parts = (int(number[:5]), int(number[5:10]), int(number[10:21]))
    return 97 - (89 * parts[0] + 15 * parts[1] + 3 * parts[2]) % 97 == int(number[21:])


def _routing(number: str) -> bool:
    """A routing number of the American Bankers Association."""
    weights = (3, 7, 1) * 3
    total = sum(weight * int(digit) for weight, digit in zip(weights, number, strict=True))
    return total % 10 == 0 and number[:2] <= "80" and number != "000000000"


def _icelandic(number: str) -> bool:
    """Bank (0100 to 1199), ledger, number."""
    return "01" <= number[:2] <= "11" and int(number[6:]) > 0


_OWN: dict[str, Check] = {
    "any": _any, "mod 11": _mod_11, "nrb": _nrb, "rib": _rib, "routing": _routing,
    "icelandic": _icelandic, "luhn": passes_luhn,
}  # fmt: skip
_ACCOUNT = (
    "account no,account number,account nr,acct*,a c no,acc no,bank account,account,"
    "kontonummer*,kontonr,konto nr,konto,bankkonto*,kontonr*,rekeningn*,rekening,bankrekening*,"
    "reikningsn*,rkn,bankareikn*,cuenta,cuenta bancaria,"
    "número de cuenta,nº de cuenta,compte,compte bancaire,numéro de compte,n de compte,"
    "conto corrente,conto,c c,conta,conta bancária,conta corrente,numer konta,konta,rachunek*,"
    "nr rachunku,tilinumero*,tilinro,tilinr,číslo účtu,účet,bankszámlasz*,cont bancar,счет,р с"
)
_LENGTHS_OF_ANY = "|".join(str(size) for size in range(6, 18))
ACCOUNTS = (
    Kind("GB", "sort code and account", "any", "", "2-2-2|2 2 2", "sort code*,sortcode*"),
    Kind("US", "routing number", "routing", "", "9|4-5|4 4 1", "routing*,aba,rtn,transit"),
    Kind("IS", "account", "icelandic", "4-2-6", "4-2-5|4-2-4|4-2-3|4 2 6|12",
         "rkn,reikn*,banki,banka,bankareikn*,innlegg*,leggja inn,kt"),
    Kind("SE", "bankgiro", "luhn", "", "3-4|4-4|7|8", "bankgiro*,bg,bg nr"),
    Kind("SE", "plusgiro", "luhn", "", "1-1|2-1|3-1|4-1|5-1|6-1|7-1|2 2-1|2 2 2-1",
         "plusgiro*,pg,postgiro*"),
    Kind("NO", "account", "mod 11", "4.2.5", "11|4 2 5", "konto*,bankkonto*"),
    Kind("DK", "account", "any", "", "4 10|4-10|4 7|4-7|4 8|4-8|4 9|4-9|4 6|4-6",
         "reg nr,regnr,reg,konto*"),
    Kind("PL", "account", "nrb", "26|2 4 4 4 4 4 4", "", ""),
    Kind("FR", "RIB", "rib", "5 5 11 2", "23|5 5 10 2", "rib"),
    Kind("ES", "CCC", "es.ccc", "4 4 2 10|4-4-2-10", "20|4 4 4 4 4", "ccc,cuenta*"),
    Kind("NZ", "account", "nz.bankaccount", "2-4-7-2|2-4-7-3", "16|15|2 4 7 2|2 4 7 3", "account*"),
    Kind("AU", "BSB", "any", "", "3-3|3 3", "bsb*"),
    Kind("MX", "CLABE", "any", "", "18|3 3 11 1", "clabe*"),
    Kind("HU", "account", "any", "8-8-8", "8-8|24", "számla*,bankszámla*,számlaszám*"),
    Kind("", "account", "any", "",
         _LENGTHS_OF_ANY + "|4 4|4-4|3-3-3|3 3 4|4 4 4|4-4-4|2-4-6|6-4|4 4 2|4 6|5-5|3-6|4-6"
         "|6-2|5 5|3-7|8-2|10/4|6-10/4|2-10/4|6 2", _ACCOUNT),
)  # fmt: skip


def rules() -> Rules:
    """All of `ACCOUNTS`, as `_forms.numbers` wants them."""
    kinds = [kind._replace(label="BANK_ACCOUNT", near=kind.check == "any") for kind in ACCOUNTS]
    return _forms.rules(kinds, lambda name: _OWN.get(name) or _ids.from_stdnum(name))

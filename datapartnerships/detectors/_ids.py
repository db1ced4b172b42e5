"""Numbers that countries give to persons: how they are written, checked, and announced.

Checksums, dates and ranges are those of python-stdnum, with what it leaves out added here.
"""

from __future__ import annotations

import datetime as dt
import functools
import importlib
import re

from datapartnerships.detectors._forms import Check, Kind

# Shapes are parted by `|`, cues by commas; a cue that ends in `*` is the beginning of a word.
IDS = (
    Kind("IS", "kennitala", "kennitala", "6-4|10|6 4", "", "kt,kennit*,kennitöl*"),
    Kind("NO", "fødselsnummer", "no.fodselsnummer", "11|6 5|6-5", "",
         "fødselsn*,fnr,personn*,d nr"),
    Kind("DK", "CPR", "cpr_checked", "6-4", "6 4|10", "cpr*,personn*"),
    Kind("DK", "CPR", "dk.cpr", "", "6-4|6 4|10", "cpr*,personn*"),
    Kind("SE", "personnummer", "personnummer", "6-4|6+4|8-4|8+4", "10|12|6 4", "personn*,pnr"),
    Kind("SE", "samordningsnummer", "samordningsnummer", "8-4|8+4", "6-4|6+4|10|12",
       "personn*,pnr,samordningsn*"),
    Kind("FI", "henkilötunnus", "hetu", "6-4|6-3a|6+4|6+3a|6a4|6a3a", "",
       "hetu,henkilötunnu*,personbeteckning*"),
    Kind("GB", "National Insurance number", "nino", "aa6a|aa 6 a|aa 2 2 2 a|aa2 2 2a|aa-2-2-2-a",
       "aa6|aa 2 2 2", "nino,national insurance,ni no,ni number,ni nr"),
    Kind("GB", "NHS number", "gb.nhs", "", "3 3 4|3-3-4|10", "nhs*"),
    Kind("US", "social security number", "us.ssn", "3-2-4", "9|3 2 4|3.2.4",
       "ssn*,social security,soc sec,social sec"),
    Kind("US", "ITIN", "us.itin", "3-2-4", "9|3 2 4", "itin*,taxpayer*"),
    Kind("FR", "NIR", "nir", "15|13 2|1 2 2 2 3 3 2|1 2 2a 3 3 2|1 2 2 2 3 3-2|1-2-2-2-3-3-2", "",
       "nir,sécurité sociale,securite sociale,insee"),
    Kind("ES", "DNI", "es.dni", "8a|8-a|8 a|2.3.3-a|2.3.3 a|2.3.3a", "",
       "dni*,d n i,nif,documento nacional"),
    Kind("ES", "NIE", "es.nie", "a7a|a-7-a|a 7 a|a7-a|a.1.3.3-a", "", "nie,n i e,nif"),
    Kind("PL", "PESEL", "pesel", "11", "6 5", "pesel*"),
    Kind("BR", "CPF", "br.cpf", "3.3.3-2|9-2", "11|3 3 3 2|3.3.3.2", "cpf*"),
    Kind("IT", "codice fiscale", "it.codicefiscale",
       "aaaaaa2a2a3a|aaa aaa 2a2 a3a|aaaaaa 2a2 a3a", "",
       "codice fiscale,cod fisc,c f,cf"),
    Kind("NL", "BSN", "nl.bsn", "", "9|4.2.3|4 2 3|3 3 3|3.3.3|4-2-3",
       "bsn*,burgerservicen*,sofin*,sofi"),
    Kind("BE", "rijksregisternummer", "be.nn",
       "11|2.2.2-3.2|6-3.2|2.2.2-3-2|2 2 2 3 2|2.2.2.3.2|6-3-2",
       "", "rijksregister*,registre national,niss,insz*,rrn"),
    Kind("DE", "Steuer-ID", "de.idnr", "", "11|2 3 3 3",
       "steuer id*,steueridentifikations*,steuer identifikations*,steuern*,idnr,id nr,tin,stid*",
       "TAX_ID"),
    Kind("IE", "PPS number", "ie.pps", "", "7a|7aa|7 a|7 aa", "pps*,p p s"),
    Kind("PT", "NIF", "pt.nif", "", "9|3 3 3|3.3.3",
       "nif,contribuinte*,identificação fiscal,n i f", "TAX_ID"),
    Kind("PT", "cartão de cidadão", "pt.cc", "8 1 aa1|8-1-aa1|8 1aa1", "9aa1",
       "cartão de cidadão,cc"),
    Kind("GR", "AMKA", "gr.amka", "", "11|6 5", "amka,αμκα,α μ κ α"),
    Kind("RO", "CNP", "ro.cnp", "13", "", "cnp*,cod numeric"),
    Kind("EE", "isikukood", "ee.ik", "11", "", "isikukood*,ik"),
    Kind("LT", "asmens kodas", "ee.ik", "11", "", "asmens kod*,a k"),
    Kind("LV", "personas kods", "personas_kods", "6-5", "11|6 5", "personas kod*,p k"),
    Kind("CZ", "rodné číslo", "cz.rc", "", "6/4|6/3|10|9|6 4",
       "rodné číslo,rodne cislo,r č,rč,rodného čísla"),
    Kind("SK", "rodné číslo", "sk.rc", "", "6/4|6/3|10|9|6 4",
       "rodné číslo,rodne cislo,r č,rč,rodného čísla"),
    Kind("SI", "EMŠO", "si.emso", "13", "", "emšo,emso,jmbg,јмбг"),
    Kind("HR", "OIB", "hr.oib", "", "11", "oib,osobni identifikacijski"),
    Kind("BG", "EGN", "bg.egn", "", "10|6 4", "егн,egn,единен граждански"),
    Kind("TR", "T.C. kimlik", "tr.tckimlik", "", "11|3 3 3 2", "tc,t c,tckn,kimlik*"),
    Kind("IN", "Aadhaar", "in_.aadhaar", "", "4 4 4|4-4-4|12",
       "aadhaar,aadhar,adhaar,uid,uidai,आधार"),
    Kind("IN", "PAN", "pan", "aaaaa4a", "", "pan", "TAX_ID"),
    Kind("CA", "SIN", "ca.sin", "", "3 3 3|3-3-3|9", "sin,social insurance,nas,assurance sociale"),
    Kind("AU", "TFN", "au.tfn", "", "9|3 3 3|8|3-3-3", "tfn*,tax file", "TAX_ID"),
    Kind("NZ", "IRD", "nz.ird", "", "3-3-3|2-3-3|8|9|3 3 3|2 3 3", "ird,inland revenue", "TAX_ID"),
    Kind("KR", "RRN", "kr.rrn", "6-7", "13",
       "주민등록번호,주민번호,rrn,resident registration"),
    Kind("JP", "My Number", "jp.in_", "", "4 4 4|4-4-4|12",
         "マイナンバー,個人番号,my number,mynumber"),
    Kind("CN", "resident identity card", "ric", "18|17a", "", "身份证,身份證,公民身份"),
    Kind("IL", "teudat zehut", "il.idnr", "", "9|8-1", "תעודת זהות,ת ז,teudat zehut,מספר זהות,ת״ז"),
    Kind("MX", "CURP", "mx.curp", "aaaa6aaaaaa2|aaaa6aaaaaaa1", "", "curp"),
    Kind("CL", "RUT", "cl.rut", "2.3.3-1|1.3.3-1|2.3.3-a|1.3.3-a", "8-1|7-1|8-a|7-a|9|8a",
       "rut,r u t,run,cédula de identidad"),
    Kind("AR", "CUIL", "ar.cuit", "", "2-8-1|11|2 8 1", "cuil,cuit", "TAX_ID"),
    Kind("CH", "AHV-Nummer", "ch.ssn", "3.4.4.2|13", "", "ahv*,avs,navs*"),
    Kind("AT", "Sozialversicherungsnummer", "at.vnr", "", "4 6|10|4-6|4/6",
       "svnr,sv nr,sozialversicherungsn*,vsnr,versicherungsn*"),
    Kind("ZA", "ID number", "za.idnr", "13|6 4 2 1|6 4 3", "", "id number,id no"),
    Kind("UA", "RNTRC", "ua.rntrc", "", "10", "рнокпп,іпн,ідентифікаційний", "TAX_ID"),
    Kind("MY", "NRIC", "my.nric", "6-2-4", "12", "nric,mykad,kad pengenalan,ic no,no k p"),
    Kind("TH", "identity number", "th.pin", "1-4-5-2-1|1 4 5 2 1", "13",
       "บัตรประชาชน,ประจำตัวประชาชน"),
    Kind("ID", "NIK", "id.nik", "", "16", "nik,ktp"),
)  # fmt: skip

# What any country's number may be announced with. Folded, and with single spaces for what is no
# letter or digit: `I.D. No.` is `i d no`.
ANYWHERE = (
    "national id*,national identification,national identity,personal id*,personal number,"
    "identity card,identity number,id card,id number,id no,i d no,id nr,identification number,"
    "tax id*,tin,taxpayer*,social security,ausweisn*,personalausweis*,identifikationsn*,"
    "numéro d identité,carte d identité,numéro national,pièce d identité,documento de identidad,"
    "número de identidad,cédula*,carnet de identidad,carta d identità,documento d identità,"
    "bilhete de identidade,identidade,persoonsnummer,identiteitskaart*,id kort,legitimation*,"
    "numer dowodu,dowód osobisty,auðkenni*,skilríki*"
)

_NINO = re.compile(
    r"(?!BG|GB|KN|NK|NT|TN|ZZ)[ABCEGHJ-PRSTW-Z][ABCEGHJ-NPRSTW-Z][0-9]{6}[A-D]?", re.ASCII
)
_PAN = re.compile(r"[A-Z]{3}P[A-Z](?!0000)[0-9]{4}[A-Z]", re.ASCII)
# Sex; year; month (20 and above: unknown); department (two of Corsica); commune; order; key.
_NIR = re.compile(
    r"[1-478][0-9]{2}(?:0[1-9]|1[0-2]|[2-9][0-9])(?:[0-8][0-9]|9[0-9]|2[AB])[0-9]{8}", re.ASCII
)
_OLDEST = 115


@functools.cache
def from_stdnum(name: str) -> Check:
    """The check of a module of python-stdnum. What its tables do not foresee is no number."""
    valid: Check = importlib.import_module(f"stdnum.{name}").is_valid

    def check(number: str) -> bool:
        try:
            return valid(number)
        except (LookupError, ValueError, ArithmeticError, TypeError):
            return False

    return check


def _is_date(year: int, month: int, day: int) -> bool:
    """Whether somebody born on it may be alive today, or has died of late."""
    try:
        born = dt.date(year, month, day)
    except ValueError:
        return False
    today = dt.date.today()
    return born <= today and today.year - year <= _OLDEST


def _kennitala(number: str) -> bool:
    """Of a person: those of companies have 40 added to the day."""
    return number[0] < "4" and from_stdnum("is_.kennitala")(number)


def _company_kennitala(number: str) -> bool:
    return "4" <= number[0] <= "7" and from_stdnum("is_.kennitala")(number)


def _cpr_checked(number: str) -> bool:
    """With the checksum that all numbers had before 2007."""
    weights = (4, 3, 2, 7, 6, 5, 4, 3, 2, 1)
    total = sum(weight * int(digit) for weight, digit in zip(weights, number, strict=True))
    return total % 11 == 0 and from_stdnum("dk.cpr")(number)


def _personnummer(number: str, added: int = 0) -> bool:
    """Never of a company: these have 20 added to the month."""
    from stdnum import luhn

    short = number[-10:]
    day = int(short[4:6]) - added
    if not luhn.is_valid(short):
        return False
    century = [int(number[:2])] if len(number) == 12 else [19, 20, 18]
    return any(_is_date(c * 100 + int(short[:2]), int(short[2:4]), day) for c in century)


def _samordningsnummer(number: str) -> bool:
    """A coordination number has 60 added to the day."""
    return _personnummer(number, 60)


def _hetu(number: str) -> bool:
    """The sign between date and number is no part of the checksum: any will do."""
    return from_stdnum("fi.hetu")(number if len(number) == 11 else f"{number[:6]}-{number[6:]}")


def _nino(number: str) -> bool:
    return _NINO.fullmatch(number) is not None


def _pan(number: str) -> bool:
    """Of a person: the fourth letter is a P."""
    return _PAN.fullmatch(number) is not None


def _nir(number: str) -> bool:
    return _NIR.fullmatch(number) is not None and from_stdnum("fr.nir")(number)


def _pesel(number: str) -> bool:
    """Of somebody who may have been born: the month has 20 added after 1999, 80 before 1900."""
    year, month, day = (int(number[i : i + 2]) for i in (0, 2, 4))
    century = {0: 1900, 1: 2000, 4: 1800}.get(month // 20, 0)
    return _is_date(century + year, month % 20, day) and from_stdnum("pl.pesel")(number)


def _ric(number: str) -> bool:
    """Date of birth and checksum; not the place, of which python-stdnum's table lacks some."""
    from stdnum.iso7064 import mod_11_2

    if not number[:17].isdigit() or number[0] == "0":
        return False
    year, month, day = int(number[6:10]), int(number[10:12]), int(number[12:14])
    return _is_date(year, month, day) and bool(mod_11_2.is_valid(number))


def _personas_kods(number: str) -> bool:
    """Of a person: a date, or 32 since 2017; companies have numbers that begin with 4 or 5."""
    if number[:2] != "32":
        day, month, year = (int(number[i : i + 2]) for i in (0, 2, 4))
        if not _is_date((18, 19, 20)[min(int(number[6]), 2)] * 100 + year, month, day):
            return False
    return from_stdnum("lv.pvn")(number)


_OWN: dict[str, Check] = {
    "kennitala": _kennitala, "company kennitala": _company_kennitala, "cpr_checked": _cpr_checked,
    "personnummer": _personnummer, "samordningsnummer": _samordningsnummer,
    "hetu": _hetu, "nino": _nino, "pan": _pan, "nir": _nir,
    "pesel": _pesel, "ric": _ric, "personas_kods": _personas_kods,
}  # fmt: skip


def check_of(name: str) -> Check:
    """What tells whether a compact number (letters in upper case) is of a kind."""
    return _OWN.get(name) or from_stdnum(name)


def load() -> None:
    """Import every check, so that workers need not."""
    for kind in IDS:
        check_of(kind.check)


COUNTRIES = frozenset(kind.country for kind in IDS)
COMPANIES = Kind(
    "IS", "kennitala of a company", "company kennitala", "6-4|10|6 4", "", "kt,kennit*,kennitöl*"
)

"""What of a message its author did not write for it: quotations, signatures, disclaimers."""

from __future__ import annotations

import re

QUOTE, SIGNATURE, DISCLAIMER = "quoted reply", "signature", "disclaimer"

_QUOTED = re.compile(r"\s{0,3}>")
# "On ... wrote:", with a date, an address or a time before it, on up to three lines.
_WROTE = re.compile(
    r"(?:\b(?:wrote|writes|schrieb|skrifaði|skrev|a écrit|escribió|escreveu|ha scritto|schreef|"
    r"kirjoitti|napisał(?:\(?a\)?)?|napsal(?:\(a\)|a)?|írta|написала?|пишет|έγραψε|yazdı)\b.{0,60}|"
    r"写道|寫道|のメール|님이 작성|님이 씀)\s*[:：]\s*$",
    re.I,
)
_TIME, _ADDRESS = re.compile(r"\d:\d\d"), re.compile(r"\S@\S")
# A year alone is none: "In 1998 Rawls wrote:" is what an author writes.
_DATE = re.compile(
    r"\d:\d\d|\d[./-] ?\d{1,2}[./-]|"
    r"(?<!\d)\d{1,2}(?!\d).*(?<!\d)\d{4}(?!\d)|(?<!\d)\d{4}(?!\d).*(?<!\d)\d{1,2}(?!\d)"
)
_WRAPPED = 3
# Programs that quote without a mark put one of these above.
_ORIGINAL = re.compile(
    r"[-_\s]*(?:original message|ursprüngliche nachricht|message d'origine|mensaje original|"
    r"mensagem original|messaggio originale|oorspronkelijk bericht|oprindelig meddelelse|"
    r"opprinnelig melding|ursprungligt meddelande|alkuperäinen viesti|upprunaleg skilaboð|"
    r"wiadomość oryginalna|původní zpráva|исходное сообщение)[-_\s]*",
    re.I,
)
_FROM = re.compile(
    r"\*?(?:from|von|de|da|fra|från|frá|van|od|lähettäjä|feladó|от|από)\*?\s?: *\S", re.I
)
_SENT = re.compile(
    r"\*?(?:sent|date|gesendet|datum|envoyé|enviado|inviato|verzonden|sendt|skickat|dagsetning|"
    r"lähetetty|wysłano|odesláno|elküldve|отправлено|дата)\*?\s?: *\S",
    re.I,
)
_SUBJECT = re.compile(
    r"\*?(?:subject|betreff|objet|asunto|assunto|oggetto|onderwerp|emne|ämne|efni|aihe|temat|"
    r"předmět|tárgy|тема)\*?\s?: *\S",
    re.I,
)
_TO = re.compile(
    r"\*?(?:to|cc|an|à|para|a|aan|til|till|vastaanottaja|do|komu|címzett|кому)\*?\s?: *\S", re.I
)
_DEVICE = re.compile(
    r"(?:sent from|sent via|get outlook for|von meinem .{1,40} gesendet|gesendet von|"
    r"envoyé de(?:puis)?|enviado desde|enviado do|inviato da|verzonden van|sendt fra|skickat från|"
    r"sent úr|lähetetty|wysłan[eo] z|odesláno z|отправлено с|στάλθηκε από)\b.{0,60}",
    re.I,
)
_CUES = (
    r"confidential|privileged|vertraulich|confidentiel|confidencial|riservat|vertrouwelijk|"
    r"fortrolig|konfidentiell|luottamukselli|trúnað|poufn|důvěrn|bizalmas|конфиденциальн|εμπιστευτικ",
    r"e-?mail|message|nachricht|courriel|correo|mensaje|mensagem|messaggio|bericht|meddelel|"
    r"meddelande|viesti|póst|skilaboð|wiadomoś|zpráv|üzenet|сообщени|письмо|μήνυμα",
    r"recipient|addressee|sender|empfänger|absender|destinataire|expéditeur|destinatari|remitente|"
    r"remetente|mittente|geadresseerde|afzender|modtager|mottak|mottagar|avsänd|vastaanottaj|"
    r"viðtakand|sendand|adresat|nadawc|příjemc|odesílatel|címzett|получател|отправител|παραλήπτ",
)
_DISCLAIMER = [re.compile(cue, re.I) for cue in _CUES]
# A signature has no more lines, a device stands among the last lines; a disclaimer is a paragraph
# of so many characters.
_SIGNED, _LAST = 12, 3
_SHORTEST, _LONGEST = 80, 4000
# Below dashes without their space, which authors write too, so many and no entry of a list, nor a
# sentence: so many words on a line, and a period at the end.
_BELOW, _SPOKEN = 5, 7
_ENTRY = re.compile(r"\s*(?:[-*+•–]\s|\(?(?:\d{1,3}|[a-z])[.)]\s)")


def foreign(text: str) -> dict[int, str]:
    """The lines of a message, by number, that are not its own, and what they are."""
    lines = [line.rstrip("\r") for line in text.split("\n")]
    found: dict[int, str] = {}
    end = _unmarked(lines, found)
    for number in range(end):
        if _QUOTED.match(lines[number]):
            found[number] = QUOTE
            if number - 1 not in found:
                _attribution(lines, number, found)
    own = [n for n in range(end) if n not in found and lines[n].strip()]
    own = _disclaimers(lines, own, found)
    own = _signature(lines, own, found)
    for number in own[-_LAST:]:
        if _DEVICE.fullmatch(lines[number].strip()):
            found[number] = SIGNATURE
            own = [n for n in own if n != number]
    _disclaimers(lines, own, found)
    return found if any(line.strip() and n not in found for n, line in enumerate(lines)) else {}


def _unmarked(lines: list[str], found: dict[int, str]) -> int:
    """Where a quotation without marks begins that goes on to the end; all of it is put down."""
    written = False
    for number, line in enumerate(lines):
        begins = number
        if not line.strip():
            continue
        if written and (_ORIGINAL.fullmatch(line) or _begins(lines, number)):
            pass
        elif written and _WROTE.search(line) and not _marked_below(lines, number):
            begins = _first_of(lines, number)
            if begins < 0:
                continue
        else:
            written = written or bool(re.search(r"[^\W_]", line) and not _QUOTED.match(line))
            continue
        found.update(dict.fromkeys(range(begins, len(lines)), QUOTE))
        return begins
    return len(lines)


def _headers(lines: list[str], number: int) -> bool:
    """Whether a block of headers begins here: who sent it, and two others.

    Routes have a From, a To and a Date too: a message has an address, a subject or a time.
    """
    first = lines[number].strip()
    if not _FROM.match(first):
        return False
    below = [line.strip() for line in lines[number + 1 : number + 6]]
    others = [n for n in below if _SENT.match(n) or _SUBJECT.match(n) or _TO.match(n)]
    return len(others) >= 2 and (
        any(_ADDRESS.search(line) for line in [first, *others])
        or any(_SUBJECT.match(line) for line in others)
        or any(_SENT.match(line) and _TIME.search(line) for line in others)
    )


def _begins(lines: list[str], number: int) -> bool:
    """Whether a block of headers, or a rule above one, is here."""
    if not re.fullmatch(r"\s*[_-]{4,}\s*", lines[number]):
        return _headers(lines, number)
    below = [n for n in range(number + 1, min(number + 4, len(lines))) if lines[n].strip()]
    return bool(below) and _headers(lines, below[0])


def _marked_below(lines: list[str], number: int) -> bool:
    rest = (lines[n] for n in range(number + 1, len(lines)))
    below = next((line for line in rest if line.strip()), ">")
    return _QUOTED.match(below) is not None


def _first_of(lines: list[str], number: int) -> int:
    """Where the line that says who wrote begins; -1 where it says not when, and is no such line."""
    for first in range(number, max(number - _WRAPPED, -1), -1):
        if not lines[first].strip():
            break
        if _whole(lines, first) and _DATE.search(" ".join(lines[first : number + 1])):
            return first
    return number if _ADDRESS.search(lines[number]) and _whole(lines, number) else -1


def _whole(lines: list[str], number: int) -> bool:
    """Whether such a line begins here: behind a blank one, or with a capital or a figure."""
    if not number or not lines[number - 1].strip():
        return True
    start = lines[number].lstrip()[:1]
    return start.isupper() or start.isdigit()


def _attribution(lines: list[str], number: int, found: dict[int, str]) -> None:
    above = number - 1
    while above >= 0 and not lines[above].strip() and number - above <= 2:
        above -= 1
    if above < 0 or not _WROTE.search(lines[above]):
        return
    first = _first_of(lines, above)
    first = above if first < 0 else first
    found.update(dict.fromkeys(range(first, above + 1), QUOTE))


def _signature(lines: list[str], own: list[int], found: dict[int, str]) -> list[int]:
    """RFC 3676, section 4.3: two dashes and a space; many programs lose the space."""
    for index in range(max(len(own) - _SIGNED, 0), len(own)):
        below = own[index:]
        if not _dashes([lines[n] for n in below]):
            continue
        if not any(found.get(n) == QUOTE for n in range(below[0], below[-1])):
            found.update(dict.fromkeys(below, SIGNATURE))
            return own[:index]
    return own


def _dashes(lines: list[str]) -> bool:
    """Whether these begin with the dashes of a signature."""
    if lines[0] == "-- ":
        return True
    below = lines[1:]
    if lines[0] != "--" or len(below) > _BELOW or any(map(_ENTRY.match, below)):
        return False
    stops = bool(below) and below[-1].rstrip().endswith((".", "!", "?"))
    return not (stops and any(len(line.split()) >= _SPOKEN for line in below))


def _disclaimers(lines: list[str], own: list[int], found: dict[int, str]) -> list[int]:
    """The last paragraphs, as long as they speak of secrecy, of the message and of who reads it."""
    while own:
        first = len(own) - 1
        while first and own[first - 1] == own[first] - 1:
            first -= 1
        paragraph = " ".join(lines[n] for n in own[first:])
        if not first or not _SHORTEST <= len(paragraph) <= _LONGEST:
            break
        if not all(cue.search(paragraph) for cue in _DISCLAIMER):
            break
        found.update(dict.fromkeys(own[first:], DISCLAIMER))
        own = own[:first]
    return own

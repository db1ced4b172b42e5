"""E-mail addresses, credentials in URLs, and IP addresses, on windows around anchors."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator
from functools import cache

import numpy as np

from datapartnerships.detectors import _scan
from datapartnerships.detectors._literals import Literals
from datapartnerships.detectors._scan import Block, Column, Hit, byte_length

# RFC 5321, 4.5.3.1: a path is at most 256 octets. Labels of non-Latin scripts need more bytes.
_REACH_BYTES = 320
_MARKS = "\u0300-\u036f"  # decomposed accents, as in the file names of macOS and in many PDFs
# Scripts written without spaces, or with particles glued to foreign words: there, an address
# ends where the script changes. (Thai, Lao, Myanmar, Khmer, kana, Han, Hangul, wide forms.)
_UNSPACED = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\uff00-\uffef"
)

# Atoms of RFC 5322 and RFC 6532, less those that in prose and code are delimiters (= / ` | {}).
_LOCAL_BACKWARDS = re.compile(rf"[\w{_MARKS}.+\-'&%~!#$]+")
_DOMAIN = re.compile(rf"[\w{_MARKS}.\-]+")
_UNSPACED_LOCAL = re.compile(rf"^.*[{_UNSPACED}](?=[^{_UNSPACED}]+$)", re.DOTALL)
_LABEL = re.compile(rf"[^\W_][\w{_MARKS}\-]{{0,62}}(?<![\-_])")
_TOP = re.compile(
    rf"xn--[a-z0-9\-]{{2,59}}|[a-z]{{2,24}}(?=(?-i:[{_UNSPACED}\-_])|$)|(?:[^\W\d_]|[{_MARKS}]){{2,24}}$",
    re.IGNORECASE,
)
# `icon@2x.png` is a file. None of these is a top-level domain.
_FILE_TYPES = "bmp css gif htm html jpeg jpg js json pdf png svg tiff webp xhtml xml"
_FILES = frozenset(_FILE_TYPES.split())

_AT_WORD = r"(?:at|ät|arroba|arobase|hjá|AT|At)"
_DOT_WORD = r"(?:dot|punkt|punktur|punto|ponto|point|DOT|Dot)"
_BRACKETED_AT = re.compile(rf"[(\[{{] ?{_AT_WORD} ?[)\]}}]")
_BRACKETED_DOT = rf"[(\[{{] ?(?:{_DOT_WORD}|\.) ?[)\]}}]"
_DOT = rf"(?: ?{_BRACKETED_DOT} ?| {_DOT_WORD} |\.)"
_SPOKEN_LABEL = r"[^\W_][\w\-]{0,62}"
_SPOKEN_DOMAIN = re.compile(rf" ?{_SPOKEN_LABEL}(?:{_DOT}{_SPOKEN_LABEL}){{1,5}}")
_SPOKEN_LOCAL = re.compile(
    rf"(?<![\w+\-])[\w+\-]{{1,64}}(?:(?: ?{_BRACKETED_DOT} ?|\.)[\w+\-]{{1,64}}){{0,3}} ?$"
)
# As they are read aloud and recognized: no bracket, and spaces around each sign.
_SAID_DOTS = "dot punkt punktur punto ponto point punt kropka tečka piste"
_SAID_AT = "at|arroba|arobase|hjá|ät|chiocciola|małpa|zavináč|snabel-a|snabel a|apenstaartje"
_SAID_SIGN = "|".join([*_SAID_DOTS.split(), "underscore", "dash", "hyphen", "minus", "plus"])
_SAID_BEFORE = re.compile(
    rf"(?<![\w+\-])(?P<local>[\w+\-]{{1,64}}(?:(?: (?:{_SAID_SIGN}) |\.)[\w+\-]{{1,64}}){{0,4}})"
    rf" (?:{_SAID_AT}) (?P<domain>[^\W_][\w\-]{{1,62}})\Z",
    re.IGNORECASE,
)
_SAID_AFTER = re.compile(
    rf"(?:[^\W_][\w\-]{{0,62}} (?:{'|'.join(_SAID_DOTS.split())}) ){{0,3}}"
    r"(?P<top>[a-z]{2,12})(?!\w)",
    re.IGNORECASE,
)
_IN_USE = """
com org net edu gov info io eu int mil uk us ca au nz ie is de at ch fr be nl lu es pt it gr pl cz
sk hu ro bg dk se no fi ee lv lt ru ua tr in jp cn kr br mx ar cl co za
"""
_SAID_TOPS = frozenset(_IN_USE.split())
# "us at example dot com" is where somebody may be found.
_PLACES = """
us me him her them it you this that is are am be was found find look live online available site
website page visit here and or work works working home
"""
_DETERMINERS = "the a an this that which my our your his her their every each"
_NO_LOCAL, _NO_DOMAIN = frozenset(_PLACES.split()), frozenset(_DETERMINERS.split())
_LAST_LABEL = re.compile(r"[^\W\d_]{2,24}$")

_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]*$")
_NOT_USERINFO = re.compile(r"[\s/?#<>\"`(){}\[\]|\\]")


def mail_and_credentials(column: Column, block: Block, find: frozenset[str]) -> Iterator[Hit]:
    """Spans around every ``@``: an address, or ``user:password`` of a URL, never both."""
    if not find & {"EMAIL", "URL_CREDENTIALS"}:
        return
    secrets: dict[int, Hit] = {}
    signs = _scan.at_signs(block)
    for at, floor, ceiling in _with_bounds(column, signs):
        before, _ = column.window(max(floor, at - _REACH_BYTES), at)
        secret = _credentials(before, at)
        if secret is not None:
            # A password may hold an `@`: the last one before the host ends it.
            secrets[secret.start] = secret
        elif "EMAIL" in find:
            after, _ = column.window(at + 1, min(ceiling, at + _REACH_BYTES))
            yield from _email(before, after, at, at + 1)
    if "URL_CREDENTIALS" in find:
        yield from secrets.values()
    if "EMAIL" in find:
        yield from _written_otherwise(column, block)


def _with_bounds(column: Column, positions: _scan.Positions) -> Iterator[tuple[int, int, int]]:
    """Positions with the range of bytes of the text that each lies in."""
    texts = column.text_of(positions)
    floors, ceilings = column.bounds[texts], column.bounds[texts + 1]
    return zip(positions.tolist(), floors.tolist(), ceilings.tolist(), strict=True)


def _credentials(before: str, at: int) -> Hit | None:
    """``user:password`` of ``scheme://user:password@host`` (RFC 3986, section 3.2.1)."""
    slashes = before.rfind("://")
    if slashes < 0 or not _SCHEME.search(before, max(0, slashes - 32), slashes):
        return None
    userinfo = before[slashes + 3 :]
    if ":" not in userinfo or _NOT_USERINFO.search(userinfo):
        return None
    return Hit(at - byte_length(userinfo), at, "URL_CREDENTIALS", 0.99)


def _email(before: str, after: str, at: int, past: int) -> Iterator[Hit]:
    """The address around an at sign that lies at bytes `at` to `past`."""
    matched = _LOCAL_BACKWARDS.match(before[::-1])
    domain = _domain(after)
    if matched is None or not domain:
        return
    local = _UNSPACED_LOCAL.sub("", matched[0][::-1]).lstrip(".-'&%~!#$" + "\u0300")
    if not local or local[-1] in ".'" or len(local) > 128:
        return
    yield Hit(at - byte_length(local), past + byte_length(domain), "EMAIL", 0.99)


def _domain(after: str) -> str:
    """The domain that `after` begins with, or nothing."""
    matched = _DOMAIN.match(after)
    if matched is None:
        return ""
    labels: list[str] = []
    for label in matched[0].split("."):
        whole = _LABEL.match(label)
        if whole is None:
            break
        labels.append(whole[0])
        if len(whole[0]) < len(label):
            break
    # A sentence that follows without a space: `write to x@example.com.Thanks`.
    if len(labels) > 2 and labels[-1].istitle() and labels[-2].islower():
        labels.pop()
    while len(labels) > 1:
        top = _TOP.match(labels[-1])
        if top is not None:
            if top[0].lower() in _FILES:
                return ""
            return ".".join([*labels[:-1], top[0]])
        labels.pop()
    return ""


def _written_otherwise(column: Column, block: Block) -> Iterator[Hit]:
    """``name (at) domain (dot) com``, and addresses with a full-width at sign."""
    for at, floor, ceiling in _with_bounds(column, _scan.wide_at_signs(block)):
        before, _ = column.window(max(floor, at - _REACH_BYTES), at)
        after, _ = column.window(at + 3, min(ceiling, at + _REACH_BYTES))
        yield from _email(before, after, at, at + 3)
    for at, floor, ceiling in _with_bounds(column, _scan.bracketed_at(block)):
        after, _ = column.window(at, min(ceiling, at + _REACH_BYTES))
        sign = _BRACKETED_AT.match(after)
        domain = sign and _SPOKEN_DOMAIN.match(after, sign.end())
        if not domain:
            continue
        before, _ = column.window(max(floor, at - _REACH_BYTES), at)
        local = _SPOKEN_LOCAL.search(before, max(0, len(before) - 200))
        if local and _has_top(domain[0]):
            end = at + byte_length(after[: domain.end()])
            yield Hit(at - byte_length(local[0]), end, "EMAIL", 0.9)


@cache
def _dots() -> Literals:
    return Literals(_SAID_DOTS.split())


def said(column: Column, block: Block) -> Iterator[Hit]:
    """``anna dot brown at example dot com``, with an ending that is in use."""
    places = [
        found.start
        for found in _dots().find(column, block)
        if column.raw[found.start - 1 : found.end + 1] == f" {found.literal} ".encode()
    ]
    for dot, floor, ceiling in _with_bounds(column, np.array(places, np.int64)):
        at = max(floor, dot - 1)
        before, _ = column.window(max(floor, at - 200), at)
        given = _SAID_BEFORE.search(before)
        if given is None or given["domain"].lower() in _NO_DOMAIN:
            continue
        if given["local"].lower() in _NO_LOCAL:
            continue
        after, _ = column.window(at, min(ceiling, at + 160))
        rest = _SAID_AFTER.match(after, after.find(" ", 1) + 1)
        if rest is None or rest["top"].lower() not in _SAID_TOPS:
            continue
        start = at - byte_length(before[given.start() :])
        yield Hit(start, at + byte_length(after[: rest.end()]), "EMAIL", 0.8)


def _has_top(domain: str) -> bool:
    last = _LAST_LABEL.search(domain)
    return last is not None and last[0].lower() not in _FILES


_OCTET = r"(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)"
_QUAD = re.compile(rf"(?<![\w.]){_OCTET}(?:\.{_OCTET}){{3}}(?!\w|\.\w|-[^\W\d])", re.ASCII)
# What stands before four numbers that are not an address: versions, and numbered headings.
_COUNTED = re.compile(
    r"""(?:\b(?:v|ver|version|versions|versión|versão|versione|útgáfa|release|rev|revision|build
    |firmware|driver|section|sections|sec|chapter|article|art|annex|appendix|clause|rule|fig
    |figure|table|tab|grein|gr|kafli|kapitel|abschnitt|abs|ziffer|ziff|nr|no|oid|step)
    |§|¶|№)[\s.:=#"'`]{0,3}\Z""",
    re.IGNORECASE | re.VERBOSE,
)
_ADDRESSED = re.compile(
    r"\b(?:ipv?4?|inet|hosts?|hostname|addr(?:ess(?:es)?)?|adress\w*|direcci\w+|servers?|dns|ns|mx"
    r"|nameservers?|gateway|router?|via|(?:sub)?net(?:work)?|ping|ssh|telnet|ftp|https?|client"
    r"|peer|proxy|port|listen\w*|bind|vpn|login|logged|vistf\w+)\b|://",
    re.IGNORECASE,
)
# 0/8 is "this network" (RFC 1122), 127/8 loops back, 255/8 are masks: nobody is behind them.
_NOBODYS = frozenset({0, 127, 255})
# One public address in seven hundred has no octet of 50 or more; nearly every section number
# and version in four parts is like that. Such a quad needs a word or a port that says address.
_SMALL = 50
_PORT = re.compile(r":\d|/\d")
# IANA, "Internet Protocol Version 6 Address Space": unicast, local, link-local, multicast, NAT64.
_ASSIGNED = tuple(
    ipaddress.IPv6Network(network)
    for network in ("2000::/3", "fc00::/7", "fe80::/10", "ff00::/8", "64:ff9b::/32")
)
_SIX = re.compile(r"[0-9A-Fa-f:]*:(?:\d{1,3}(?:\.\d{1,3}){3}|[0-9A-Fa-f]*)", re.ASCII)


def ip_addresses(column: Column, block: Block, find: frozenset[str]) -> Iterator[Hit]:
    """IPv6 addresses in any form of RFC 4291, section 2.2, and dotted quads of IPv4."""
    if "IP" not in find:
        return
    first, last = _scan.colon_chains(block)
    for (at, floor, ceiling), end in zip(_with_bounds(column, first), last.tolist(), strict=True):
        text, begin = column.window(max(floor, at - 8), min(ceiling, end + 24))
        yield from _ip_v6(text, begin, len(str(column.raw[begin:at], "utf-8")))
    first, last = _scan.dotted_quads(block)
    for (at, floor, ceiling), end in zip(_with_bounds(column, first), last.tolist(), strict=True):
        text, begin = column.window(max(floor, at - 40), min(ceiling, end + 8))
        yield from _ip_v4(text, begin, len(str(column.raw[begin:at], "utf-8")))


def _ip_v4(text: str, begin: int, dot: int) -> Iterator[Hit]:
    """The address whose first dot is at `dot`, if it is one; another may stand beside it."""
    match = _QUAD.search(text, max(0, dot - 3))
    if match is None or match.start() > dot:
        return
    before = text[: match.start()]
    address = ipaddress.IPv4Address(match[0])
    if address.packed[0] in _NOBODYS or _COUNTED.search(before) or _follows_name(before):
        return
    if max(address.packed) < _SMALL and not _is_addressed(match, address):
        return
    start = begin + byte_length(before)
    yield Hit(start, start + len(match[0]), "IP", 0.9 if address.is_global else 0.5)


def _is_addressed(quad: re.Match[str], address: ipaddress.IPv4Address) -> bool:
    """Whether something beside the numbers says that they are an address."""
    text, start = quad.string, quad.start()
    return (
        (address.packed[0] == 10 and 0 in address.packed)
        or text.strip() == quad[0]
        or _PORT.match(text, quad.end()) is not None
        or _ADDRESSED.search(text, text.rfind("\n", 0, start) + 1, start) is not None
    )


def _follows_name(before: str) -> bool:
    """``library-1.2.3.4``: a hyphen joins a range only to digits."""
    return len(before) > 1 and before[-1] in "-_" and not before[-2].isdigit()


def _ip_v6(text: str, begin: int, colon: int) -> Iterator[Hit]:
    """The address whose first colon is at `colon`, if it is one."""
    match = _SIX.search(text, max(0, colon - 4))
    if match is None or match.start() > colon:
        return
    start, end = match.span()
    found = match[0]
    if found.endswith(":") and not found.endswith("::"):
        found, end = found[:-1], end - 1
    if start and (text[start - 1].isalnum() or text[start - 1] in "_."):
        return
    if end < len(text) and (text[end].isalnum() or text[end] == "_"):
        return
    if _is_ip_v6(found):
        place = begin + byte_length(text[:start])
        yield Hit(place, place + len(found), "IP", 0.95)


def _is_ip_v6(found: str) -> bool:
    try:
        address = ipaddress.IPv6Address(found)
    except ValueError:
        return False
    groups = [group for group in found.split(":") if group]
    if "::" not in found:
        # Eight pairs are an EUI-64 or a part of a fingerprint.
        return any(len(group) != 2 for group in groups)
    if not any(character.isdigit() for character in found):
        return False
    # `a::b` is a name in C++ and in Ruby. Of the compressed forms, believe those in a range
    # that IANA has assigned, and IPv4 in IPv6.
    return int(address) >> 32 == 0xFFFF or any(address in network for network in _ASSIGNED)

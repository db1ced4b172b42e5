"""Language tags of files, as the two letters that `Segment.language` has."""

from __future__ import annotations

import re

# ISO 639-2 codes, of libraries and of terminology, that have two letters in ISO 639-1.
_TWO_WRITTEN = """
    ara:ar bul:bg cat:ca ces:cs cze:cs cym:cy wel:cy dan:da deu:de ger:de ell:el gre:el eng:en
    spa:es est:et eus:eu baq:eu fas:fa per:fa fin:fi fao:fo fra:fr fre:fr gle:ga glg:gl heb:he
    hin:hi hrv:hr hun:hu hye:hy arm:hy ind:id isl:is ice:is ita:it jpn:ja kat:ka geo:ka kor:ko
    lat:la lit:lt lav:lv mkd:mk mac:mk nld:nl dut:nl nob:nb nno:nn nor:no pol:pl por:pt ron:ro
    rum:ro rus:ru slk:sk slo:sk slv:sl sqi:sq alb:sq srp:sr swe:sv swa:sw tha:th tur:tr ukr:uk
    urd:ur vie:vi zho:zh chi:zh
"""
_TWO = dict(pair.split(":") for pair in _TWO_WRITTEN.split())
_TAG = re.compile(r"([A-Za-z]{2,3})(?:[-_][A-Za-z0-9-_]*)?")
_NONE = frozenset({"und", "mul", "zxx", "mis"})


def language_code(tag: str | None) -> str | None:
    """``en`` of ``en-US`` or ``eng``; a language without two letters keeps its three."""
    found = _TAG.fullmatch((tag or "").strip())
    if found is None:
        return None
    code = found[1].lower()
    return None if code in _NONE else _TWO.get(code, code)

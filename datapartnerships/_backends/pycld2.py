"""Compact Language Detector 2 (Apache-2.0), its tables inside pycld2's wheel. The only importer."""

from __future__ import annotations

from typing import NamedTuple

from datapartnerships.errors import extra

with extra("language", needed_by="IdentifyLanguage"):
    import pycld2

# Old codes of ISO 639, and scripts that are no languages of their own here.
_TAGS = {"iw": "he", "jw": "jv", "no": "nb", "sr-ME": "sr", "zh-Hant": "zh", "bh": "bho"}
# What it says of text that is none: unknown, a script alone, jokes (Pig Latin, leetspeak).
_NONE = frozenset({"un", "xxx", "zzb", "zze", "zzh", "zzp", "tlh"})


class Opinion(NamedTuple):
    """What it takes a text for; the shares are of its bytes, and add up to 1 at most."""

    reliable: bool
    languages: tuple[tuple[str, float], ...]


def opinion(text: str) -> Opinion:
    """Up to three languages of a text, most of it first; none where it cannot say."""
    try:
        reliable, _, found = pycld2.detect(text)
    except pycld2.error:  # some control and unassigned characters
        kept = "".join(c if c.isprintable() else " " for c in text)
        try:
            reliable, _, found = pycld2.detect(kept)
        except pycld2.error:
            return Opinion(False, ())
    named = [(_TAGS.get(code, code), share / 100) for _, code, share, _ in found]
    known = [(tag, share) for tag, share in named if not (tag in _NONE or tag.startswith("xx-"))]
    return Opinion(bool(reliable), tuple(known))


def tags() -> frozenset[str]:
    """Every language that it can name."""
    named = {_TAGS.get(code, code) for _, code in pycld2.LANGUAGES}
    return frozenset(tag for tag in named - _NONE if not tag.startswith("xx-"))

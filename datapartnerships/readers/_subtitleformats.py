"""The formats of subtitles in lines of text, and how each is told from its first lines."""

from __future__ import annotations

import re

SUBRIP = "application/x-subrip"
VTT = "text/vtt"
SBV = "text/x-sbv"
ASS = "text/x-ssa"
MICRODVD = "text/x-microdvd"
LRC = "text/x-lrc"
NAMES = {SUBRIP: "srt", VTT: "vtt", SBV: "sbv", ASS: "ass", MICRODVD: "microdvd", LRC: "lrc"}

_CLOCK = r"-?(?:\d+\s?[:.]\s?)?\d{1,2}\s?:\s?\d{1,2}(?:\s?[,.:;]\s?\d{1,6})?"
_ARROW = r"\s*(?:-{1,2}\s?>|–>|—>|→)\s*"
TIMING = re.compile(rf"\s*({_CLOCK}){_ARROW}({_CLOCK})(?![\d:])[ \t]*(.*)")
# A timing line of which the second time is lost.
HALF_TIMING = re.compile(rf"\s*({_CLOCK})\s*-{{1,2}}\s?>\s*([\d:,.]*)\s*")
SBV_TIMING = re.compile(r"(\d+:\d\d:\d\d\.\d{1,3}),(\d+:\d\d:\d\d\.\d{1,3})\s*")
MICRODVD_LINE = re.compile(r"\{(\d+)\}\{(\d*)\}(.*)")
LRC_TIME = re.compile(r"\[(\d{1,3}):(\d\d(?:[.:]\d{1,3})?)\]")
LRC_TAG = re.compile(r"\[(ti|ar|al|au|by|re|ve|la|length|offset):\s*(.*)\]\s*$", re.I)


def subtitle_format(text: str, suffix: str = "") -> str:
    """The media type of the subtitles that a text beginning with `text` holds, or ""."""
    lead = [line for line in text[:6000].splitlines()[:60] if line.strip("\ufeff \t\0")][:5]
    if not lead:
        return ""
    first = lead[0].lstrip("\ufeff ")
    if first.startswith("WEBVTT") and not first[6:7].strip():
        return VTT
    if first.strip().lower() == "[script info]":
        return ASS
    if SBV_TIMING.fullmatch(first):
        return SBV
    if MICRODVD_LINE.match(first) and all(map(MICRODVD_LINE.match, lead[:3])):
        return MICRODVD
    for at, line in enumerate(lead[:3]):
        if "-->" in line and TIMING.match(line):
            before = lead[at - 1].strip() if at else "1"
            return SUBRIP if before.lstrip("\ufeff").isdigit() or suffix == ".srt" else VTT
    timed = [line for line in lead if LRC_TIME.match(line) or LRC_TAG.match(line)]
    if len(timed) == len(lead) and (suffix == ".lrc" or LRC_TAG.match(first)):
        return LRC
    return ""

"""How often a legacy encoding is recognized: ours beside charset_normalizer, on the same bytes.

Texts of the corpus, encoded as their countries used to; an answer is right when the text comes
back identical, and no answer is better than a wrong one, which damages text in silence. Every
second document is used: the letter lists of the detector were made from the others.
"""

from __future__ import annotations

import json
import random
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from typing import Any

from _common import arguments, cpu_seconds, lines, machine, report, versions

from datapartnerships.readers import _legacy

ENCODINGS = {
    "is": ("cp1252", "cp861", "mac-iceland"), "de": ("cp1252", "cp850"), "fr": ("cp1252", "cp850"),
    "pl": ("cp1250", "iso8859-2", "cp852"), "cs": ("cp1250", "iso8859-2", "cp852"),
    "ru": ("cp1251", "koi8-r", "cp866"), "hu": ("cp1250", "iso8859-2"), "es": ("cp1252",),
    "sv": ("cp1252", "cp850"), "da": ("cp1252", "cp865"), "tr": ("cp1254",), "el": ("cp1253",),
    "ja": ("cp932", "euc_jp"), "zh": ("gb18030",), "ko": ("cp949",),
}  # fmt: skip


def samples(path: str, size: int, each: int) -> Iterator[tuple[str, bytes]]:
    """Text and its bytes, neither ASCII nor UTF-8, `each` of a language and encoding."""
    by_language: dict[str, list[str]] = defaultdict(list)
    for i, line in enumerate(lines(path)):
        if i % 2 and line:
            row = json.loads(line)
            by_language[row.get("lang", "")].append(unicodedata.normalize("NFC", row["text"]))
    chance = random.Random(1)
    for language, encodings in ENCODINGS.items():
        long_enough = [text for text in by_language[language] if len(text) >= size]
        for encoding in encodings:
            for text in long_enough[:each]:
                at = chance.randrange(len(text) - size + 1)
                data = text[at : at + size].encode(encoding, "ignore")
                if not data.isascii() and not _is_utf8(data):
                    yield data.decode(encoding), data


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True


def judge(pairs: list[tuple[str, bytes]], detect: Callable[[bytes], str | None]) -> dict[str, Any]:
    seconds, answers = cpu_seconds(lambda: [detect(data) for _, data in pairs], 1)
    found: Counter[str] = Counter()
    for (text, data), answer in zip(pairs, answers, strict=True):
        if answer is None:
            found["none"] += 1
        else:
            found["right" if data.decode(answer, "replace") == text else "wrong"] += 1
    share = {name: round(100 * found[name] / len(pairs), 2) for name in ("right", "none", "wrong")}
    return {**share, "ms": round(1000 * seconds / len(pairs), 2)}


def main() -> None:
    given = arguments(
        __doc__ or "",
        size={"type": int, "default": 300, "help": "characters"},
        each={"type": int, "default": 60, "help": "texts of a language and encoding"},
    )
    from charset_normalizer import from_bytes

    def peer(data: bytes) -> str | None:
        best = from_bytes(data).best()
        return best.encoding if best else None

    pairs = list(samples(given.data, given.size, given.each))
    ours, theirs = judge(pairs, _legacy.detect), judge(pairs, peer)
    result = {
        "benchmark": "encodings",
        "texts": len(pairs),
        "characters": given.size,
        "unit": "% of texts",
        "ours": ours,
        "peer": {"name": "charset_normalizer", **theirs},
        # How many times as often the peer damages a text.
        "ratio": round(theirs["wrong"] / max(ours["wrong"], 100 / len(pairs)), 1),
        "versions": versions("charset-normalizer"),
        "machine": machine(),
    }
    report(result, given.json)


if __name__ == "__main__":
    main()

"""Run by the interpreter of an environment with datatrove: its verdicts, and what it went by.

Reads documents as JSON lines, writes for each its tokens, which of them are not punctuation alone,
the sentences of each line, the verdicts of the four filters, and the text that C4's leaves; then a
line with CPU seconds and the characters that end a line for it.
"""

from __future__ import annotations

import json
import sys
import time

from datatrove.data import Document
from datatrove.pipeline.filters import (
    C4QualityFilter,
    FineWebQualityFilter,
    GopherQualityFilter,
    GopherRepetitionFilter,
)
from datatrove.pipeline.filters.c4_filters import CITATION_REGEX
from datatrove.utils.text import (
    PUNCTUATION_SET,
    TERMINAL_PUNCTUATION,
    split_into_sentences,
    split_into_words,
)

FILTERS = {
    "quality": GopherQualityFilter,
    "repetition": GopherRepetitionFilter,
    "fineweb": FineWebQualityFilter,
    "c4": C4QualityFilter,
}
NAMES = {
    "en": "eng_Latn", "is": "isl_Latn", "de": "deu_Latn", "fr": "fra_Latn", "cs": "ces_Latn",
    "da": "dan_Latn", "el": "ell_Grek", "es": "spa_Latn", "fi": "fin_Latn", "hu": "hun_Latn",
    "it": "ita_Latn", "nl": "nld_Latn", "pl": "pol_Latn", "pt": "por_Latn", "ru": "rus_Cyrl",
    "sv": "swe_Latn", "tr": "tur_Latn", "zh": "cmn_Hani",
}  # fmt: skip


def verdict(kind: str, language: str, text: str) -> str | None:
    given = FILTERS[kind](language=language).filter(Document(text=text, id="0"))
    return given[1] if isinstance(given, tuple) else None if given else "rejected"


def lines_kept(text: str) -> str | None:
    """The text without the lines that C4 takes out; None where it gives up the whole text."""
    document = Document(text=text, id="0")
    kept = C4QualityFilter(min_num_sentences=-1).filter(document)
    return document.text if kept is True else None


def main() -> None:
    verdict("quality", "eng_Latn", "Warm up. " * 60)
    documents = [json.loads(line) for line in open(sys.argv[1], encoding="utf-8")]
    seconds = 0.0
    with open(sys.argv[2], "w", encoding="utf-8") as out:
        for document in documents:
            text, language = document["text"], NAMES[document["lang"]]
            started = time.process_time()
            verdicts = {kind: verdict(kind, language, text) for kind in FILTERS}
            seconds += time.process_time() - started
            tokens = split_into_words(text, language)
            bare = [CITATION_REGEX.sub("", line.strip()) for line in text.splitlines()]
            row = {
                "tokens": tokens,
                "counted": [any(ch not in PUNCTUATION_SET for ch in token) for token in tokens],
                "sentences": [
                    len(split_into_sentences(line, language)) if line else 0 for line in bare
                ],
                "verdicts": verdicts,
                "lines_kept": lines_kept(text),
            }
            out.write(json.dumps(row) + "\n")
        out.write(json.dumps({"cpu_s": seconds, "ends": sorted(TERMINAL_PUNCTUATION)}) + "\n")


if __name__ == "__main__":
    main()

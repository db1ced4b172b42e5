"""Real texts of many languages as sentences, and which of them are in the language they claim.

A file of one language may hold sentences of another: translations of which a part is still English,
quotations, names of commands. A sentence is left out by this rule, which knows nothing of the
library: CLD2 (pycld2) is sure of the sentence and finds no text of its language in it, or not the
most; and the naive Bayes of py3langid, asked apart, names the same other language as CLD2.
Languages of one family count as one, as for the library (`FAMILIES`).

    pip install pycld2 py3langid
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator

import pycld2
from _common import lines
from _speech import SENTENCES
from py3langid.langid import classify

PER_COLLECTION = 25
COLLECTIONS = ("sotu", "inaug", "fiction", "litbank", "d365is")
FAMILIES = {
    **dict.fromkeys(("da", "nb", "nn", "no", "sv"), "nordic"),
    **dict.fromkeys(("is", "fo"), "islands"),
    **dict.fromkeys(("es", "pt", "gl", "ca"), "iberian"),
    **dict.fromkeys(("cs", "sk"), "czech"),
}


def family(language: str) -> str:
    code = language[:2]
    return FAMILIES.get(code, code)


def other_language(sentence: str, language: str) -> str | None:
    """The language that both identifiers find where it is another than the given one."""
    sure, _, found = pycld2.detect("".join(c for c in sentence if c.isprintable()))
    first = family(found[0][1])
    if not sure or first in ("un", family(language)):
        return None
    return first if family(classify(sentence)[0]) == first else None


def transcripts(path: str) -> Iterator[tuple[str, str, list[tuple[str, str | None]]]]:
    """Documents of the corpus, a few a collection and language: name, language, sentences.

    Beside each sentence stands the other language that it is in, None for the document's own, which
    at least eight are in.
    """
    labelled: dict[str, list[str]] = defaultdict(list)
    for line in lines(str(SENTENCES)):
        row = json.loads(line or b"{}")
        if row.get("kind") == "sent":
            labelled[row["lang"]].append(row["text"])
    for language, sentences in labelled.items():
        for at in range(0, len(sentences) - 10, 30):
            yield f"labelled {language} {at}", language, _judged(sentences[at : at + 30], language)
    taken: dict[str, int] = defaultdict(int)
    for line in lines(path):
        row = json.loads(line)
        kind = row["source"].split("/")[0]
        language = row["lang"]
        collection = f"{kind} {language}"
        wanted = kind in COLLECTIONS or kind.startswith("lohelp")
        if not wanted or taken[collection] >= PER_COLLECTION or language == "mul":
            continue
        sentences = [s for s in _sentences(row["text"]) if 20 <= len(s) <= 300 or _dense(s)]
        judged = _judged(sentences[:60], language)
        if sum(other is None for _, other in judged) >= 8:
            taken[collection] += 1
            yield row["id"], language, judged


def _judged(sentences: list[str], language: str) -> list[tuple[str, str | None]]:
    return [(sentence, other_language(sentence, language)) for sentence in sentences]


def _dense(text: str) -> bool:
    return 8 <= len(text) <= 100 and sum(c > "\u3000" for c in text) > 0.6 * len(text)


def _sentences(text: str) -> list[str]:
    out, at = [], 0
    for i, c in enumerate(text):
        if c in "。！？\n" or (c in ".!?" and text[i + 1 : i + 2] in (" ", "\n", "")):
            sentence = " ".join(text[at : i + 1].split())
            # Prose: tables, code and entries of lists are not read aloud.
            letters = sum(map(str.isalpha, sentence))
            spaces = sentence.count(" ")
            if (
                sentence
                and letters >= 0.75 * (len(sentence) - spaces)
                and sentence[-1] in ".!?。！？"
            ):
                out.append(sentence)
            at = i + 1
    return out

"""How many words that a line end cut are put right: words of a real corpus, broken here.

Texts in English, Icelandic and German are set in lines of 60 characters. A word that does not fit
is broken where a syllable may end (a vowel on both sides, a consonant and a vowel behind the
break), a compound at its hyphen. What was there before is the truth. With the words of the corpus,
and with those of each document alone. The speed is in CPU seconds of one thread.
"""

from __future__ import annotations

import json
import random
import re
from collections import Counter
from typing import Any

import pyarrow as pa
from _common import arguments, cpu_seconds, lines, report, save, versions

from datapartnerships.schema import Document, Segment, documents_to_table
from datapartnerships.transforms import JoinHyphenation, JoinHyphens

LANGUAGES = ("en", "is", "de")
VOWELS = "aeiouyäöüæøåáéíóúýâêîôûàèù"
# Behind a vowel or a consonant, before a consonant and a vowel.
_BREAK = re.compile(rf"(?<=[^\W\d_])(?=[^\W\d_{VOWELS}][{VOWELS}])")
WIDTH = 60


def breaks(token: str) -> list[tuple[int, str]]:
    """Where the token may be broken, and what its break is called."""
    if re.fullmatch(r"[^\W\d_]+(-[^\W\d_]+)+[.,;:]?", token):
        return [(match.end(), "compound") for match in re.finditer("-", token)]
    word = re.fullmatch(r"([^\W\d_]{5,})[.,;:]?", token)
    if word is None or token.isupper():
        return []
    return [
        (match.start(), "word")
        for match in _BREAK.finditer(token.lower())
        if 2 <= match.start() <= len(word[1]) - 3
        and re.search(f"[{VOWELS}]", token[: match.start()].lower())
        and len(token.lower()) == len(token)
    ]


def broken(text: str, rng: random.Random) -> tuple[str, list[tuple[int, str]]]:
    """The text in lines; and each broken token, with what it is called."""
    found, line, out = [], "", []
    for number, token in enumerate(text.split()):
        room = WIDTH - len(line) - 1
        if len(token) <= room:
            line = f"{line} {token}".strip()
            # The line may end behind a hyphen that two words share.
            if token[:-1].isalpha() and token.endswith("-") and room - len(token) < 8:
                out.append(line)
                line = ""
                found.append((number, "shared"))
            continue
        places = [(at, kind) for at, kind in breaks(token) if at < room]
        if places:
            at, kind = max(places) if rng.random() < 0.8 else rng.choice(places)
            out.append(f"{line} {token[:at].removesuffix('-')}-".strip())
            line = token[at:]
            found.append((number, kind))
        else:
            out.append(line)
            line = token
    return "\n".join([*out, line]), found


def placed(tokens: list[str]) -> dict[int, str]:
    """Tokens by where they begin in the text without white space and hyphens."""
    at, answer = 0, {}
    for token in tokens:
        plain = len(token.replace("-", ""))
        if plain:
            answer[at] = token
        at += plain
    return answer


def score(
    made: str, truth: list[str], found: list[tuple[int, str]]
) -> tuple[Counter[str], list[str]]:
    """Whether the tokens that were broken are there again."""
    result: Counter[str] = Counter()
    wrong = []
    here, expected = placed(made.split()), placed(truth)
    starts = list(expected)
    index = dict(zip(_full(truth), starts, strict=True))
    for number, kind in found:
        at = index.get(number)
        if at is None:
            continue
        result[f"{kind} {'right' if here.get(at) == truth[number] else 'wrong'}"] += 1
        if here.get(at) != truth[number]:
            wrong.append(f"{kind}: {truth[number]} -> {here.get(at)}")
    return result, wrong


def _full(tokens: list[str]) -> list[int]:
    return [number for number, token in enumerate(tokens) if token.strip("-")]


def run(path: str, megabytes: float, runs: int, show: int) -> dict[str, Any]:
    rng = random.Random(5)
    made: dict[str, list[tuple[str, list[str], list[tuple[int, str]]]]] = {}
    sizes: Counter[str] = Counter()
    for row in map(json.loads, lines(path)):
        language = row["lang"][:2]
        if language not in LANGUAGES or sizes[language] > megabytes * 1e6:
            continue
        text, found = broken(row["text"], rng)
        sizes[language] += len(text.encode())
        made.setdefault(language, []).append((text, row["text"].split(), found))
    everything = [item for items in made.values() for item in items]
    table = documents_to_table(
        Document(str(i), "s", segments=[Segment(text)]) for i, (text, _, _) in enumerate(everything)
    )
    fit = JoinHyphenation()
    fit_seconds, sketch = cpu_seconds(lambda: fit.sketch([table]), runs)
    fitted = fit.combine([sketch])
    seconds, _ = cpu_seconds(lambda: fitted(table), runs)
    answer: dict[str, Any] = {}
    for name, transform in (("corpus", fitted), ("document", JoinHyphens())):
        results = [row[0]["text"] for row in transform(table)["segments"].to_pylist()]
        at = 0
        for language, items in made.items():
            total: Counter[str] = Counter()
            errors: list[str] = []
            for _, truth, found in items:
                counts, wrong = score(results[at], truth, found)
                total += counts
                errors += wrong
                at += 1
            right = sum(n for kind, n in total.items() if kind.endswith("right"))
            answer[f"{language}, words of the {name}"] = {
                "right": round(right / max(1, total.total()), 4), **dict(total)
            }  # fmt: skip
            if show:
                print(language, name, rng.sample(errors, min(show, len(errors))))
    size = sum(sizes.values()) / 1e6
    return {
        "megabytes": round(size, 1),
        "MB per CPU second, counting": round(size / fit_seconds, 1),
        "MB per CPU second, joining": round(size / seconds, 1),
        "MB per CPU second, both": round(size / (seconds + fit_seconds), 1),
        **answer,
        "versions": versions("numba"),
    }


def main() -> None:
    given = arguments(
        __doc__ or "",
        megabytes={"type": float, "default": 4.0, "help": "of each language"},
        runs={"type": int, "default": 3},
        show={"type": int, "default": 0, "help": "so many errors of each language"},
    )
    pa.set_cpu_count(1)
    result = run(given.data, given.megabytes, given.runs, given.show)
    report(result, given.json)
    if given.save:
        save("hyphenation", [{"reader": "", **result}], "numba")


if __name__ == "__main__":
    main()

"""What debris, boilerplate, contents and mails lose, and what they ought to: lines of known truth.

Made-up pages, deposits and mails in three languages (`_artefacts.py`): lines that are to go and
did, of each kind; lines that are to stay and did. Then the corpus: how many of its lines go, where
nearly none should (``--show`` prints some of them; deposits are its collections, a language each).
The mails of the corpus are its texts, as if each were a message. Speeds are in CPU seconds of
one thread, on the corpus.
"""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any

import pyarrow as pa
from _artefacts import (
    ENDS,
    LANGUAGES,
    REPLIES,
    SHARES,
    Lines,
    contents,
    deposit,
    index,
    listed,
    mail,
    page,
)
from _common import arguments, cpu_seconds, lines, report, save

from datapartnerships.schema import Document, Segment, documents_to_table
from datapartnerships.transforms import (
    MarkContents,
    RemoveBoilerplate,
    RemoveDebris,
    RemoveQuotedReplies,
)

Transform = Callable[[pa.Table], pa.Table]
Score = dict[str, Counter[str]]
TABLES = ("dots", "dots misread", "gap", "two lines", "numbered", "plain")
LISTS = ("prices", "years", "catalogue", "counts")


def table(texts: Iterable[str], kind: str = "document") -> pa.Table:
    part = "turn" if kind == "conversation" else "page"
    return documents_to_table(
        Document(str(n), "s", kind=kind, segments=[Segment(text, kind=part, page=1)])
        for n, text in enumerate(texts)
    )


def after(batch: pa.Table) -> list[str]:
    return [row[0]["text"] for row in batch["segments"].to_pylist()]


def count(score: Score, truth: Lines, out: str) -> None:
    """Add up, by kind, the lines that went and those that stayed."""
    left = Counter(line.strip() for line in out.split("\n"))
    for text, kind in truth:
        if text.strip():
            stays = left[text.strip()] > 0
            left[text.strip()] -= 1
            score.setdefault(kind, Counter())["stayed" if stays else "went"] += 1


def figures(score: Score) -> dict[str, Any]:
    """Precision and recall over all lines, then by kind the share that is as it ought to be."""
    right = sum(n["went"] for kind, n in score.items() if not kind.startswith("own"))
    missed = sum(n["stayed"] for kind, n in score.items() if not kind.startswith("own"))
    lost = sum(n["went"] for kind, n in score.items() if kind.startswith("own"))
    kinds = {
        kind: f"{n['stayed' if kind.startswith('own') else 'went'] / n.total():.3f} of {n.total()}"
        for kind, n in sorted(score.items())
    }
    return {"precision": round(right / max(1, right + lost), 4),
            "recall": round(right / max(1, right + missed), 4), **kinds}  # fmt: skip


def scored(transform: Transform, made: list[Lines], kind: str = "document") -> Score:
    score: Score = {}
    batch = table(("\n".join(text for text, _ in item) for item in made), kind)
    for item, out in zip(made, after(transform(batch)), strict=True):
        count(score, item, out)
    return score


def debris(rng: random.Random, many: int) -> dict[str, Any]:
    made = [
        page(rng, language, symbols, rate)
        for language in LANGUAGES
        for symbols in (0.15, 0.3, 0.5)
        for rate in (0.0, 0.03, 0.1)
        for _ in range(many)
    ]
    return figures(scored(RemoveDebris(), made))


def marked(rng: random.Random, many: int) -> dict[str, Any]:
    """A segment for each line, so that those are known which are flagged."""
    score: Score = {}
    for language in LANGUAGES:
        made = [contents(rng, language, how) for how in TABLES for _ in range(many)]
        made += [index(rng, language, how) for how in ("index", "index misread") for _ in "12345"]
        made += [listed(rng, language, how) for how in LISTS for _ in range(many)]
        batch = documents_to_table(
            Document(str(n), "s", segments=[Segment(text) for text, _ in item])
            for n, item in enumerate(made)
        )
        rows = MarkContents()(batch)["segments"].to_pylist()
        for item, row in zip(made, rows, strict=True):
            for (text, kind), segment in zip(item, row, strict=True):
                if text:
                    found = score.setdefault(kind, Counter())
                    found["went" if segment["flags"] else "stayed"] += 1
    return figures(score)


def boilerplate(rng: random.Random, many: int) -> dict[str, Any]:
    score: Score = {}
    for language in LANGUAGES:
        for share in SHARES:
            for rate in (0.0, 0.03):
                made = deposit(rng, language, share, rate, 20 * many)
                batch = table("\n".join(text for text, _ in item) for item in made)
                fit = RemoveBoilerplate()
                out = after(fit.combine([fit.sketch([batch])])(batch))
                for item, text in zip(made, out, strict=True):
                    count(score, item, text)
    return figures(score)


def replies(rng: random.Random, many: int) -> dict[str, Any]:
    made = [
        mail(rng, language, reply, end)
        for language in LANGUAGES
        for reply in REPLIES
        for end in ENDS
        for _ in range(many)
    ]
    return figures(scored(RemoveQuotedReplies(), made, "conversation"))


# ------------------------------------------------------------------- the corpus


def corpus(path: str, megabytes: float, runs: int, show: int) -> dict[str, Any]:
    """Lines of real texts that go, and the speed."""
    groups: dict[str, list[str]] = {}
    size = 0
    for row in map(json.loads, lines(path)):
        size += len(row["text"].encode())
        if size > megabytes * 1e6:
            break
        collection = row["source"].split("/")[0].split(":")[0].split("-")[0]
        groups.setdefault(f"{collection} {row['lang']}", []).append(row["text"])
    everything = [text for texts in groups.values() for text in texts]
    size = sum(len(text.encode()) for text in everything) / 1e6
    rng = random.Random(1)
    answer: dict[str, Any] = {"megabytes": round(size, 1)}
    for name, transform, kind in (
        ("RemoveDebris", RemoveDebris(), "document"),
        ("MarkContents(remove=True)", MarkContents(remove=True), "document"),
        ("RemoveQuotedReplies", RemoveQuotedReplies(), "conversation"),
    ):
        batch = table(everything, kind)
        seconds, out = cpu_seconds(lambda t=transform, b=batch: t(b), runs)
        answer[name] = {**_lost(name, everything, after(out), rng, show),
                        "MB per CPU second": round(size / seconds, 1)}  # fmt: skip
    fit, total, taken = RemoveBoilerplate(), 0.0, Counter[str]()
    for group, texts in groups.items():
        batch = table(texts)
        seconds, out = cpu_seconds(lambda b=batch: fit.combine([fit.sketch([b])])(b), 1)
        total += seconds
        taken.update(_lost(f"RemoveBoilerplate {group}", texts, after(out), rng, show))
    answer["RemoveBoilerplate"] = {**taken, "MB per CPU second": round(size / total, 1)}
    return answer


def _lost(
    name: str, before: list[str], texts: list[str], rng: random.Random, show: int
) -> dict[str, int]:
    gone = []
    for old, new in zip(before, texts, strict=True):
        if old != new:
            old, new = (text.replace("\ufffd", "") for text in (old, new))
            found = Counter(x.strip() for x in old.split("\n") if x.strip())
            gone += (found - Counter(x.strip() for x in new.split("\n"))).elements()
    for line in rng.sample(gone, min(show, len(gone))):
        print(name, repr(line[:110]))
    return {"lines": sum(text.count("\n") + 1 for text in before), "gone": len(gone)}


def main() -> None:
    given = arguments(
        __doc__ or "",
        many={"type": int, "default": 20, "help": "made of each sort"},
        megabytes={"type": float, "default": 1000.0, "help": "of the corpus"},
        runs={"type": int, "default": 2},
        show={"type": int, "default": 0, "help": "so many lines that the corpus loses"},
    )
    pa.set_cpu_count(1)
    result = {
        "RemoveDebris": debris(random.Random(1), given.many),
        "MarkContents": marked(random.Random(2), given.many),
        "RemoveBoilerplate": boilerplate(random.Random(3), given.many),
        "RemoveQuotedReplies": replies(random.Random(4), given.many),
    }
    if given.megabytes:
        found = corpus(given.data, given.megabytes, given.runs, given.show)
        result |= {f"corpus, {name}": value for name, value in found.items()}
    report(result, given.json)
    if given.save:
        save("artefacts", [{"reader": "", **result}], "numba")


if __name__ == "__main__":
    main()

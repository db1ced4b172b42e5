"""DATASHEET.md: the questions of Gebru et al., Datasheets for Datasets (2021), in our words.

https://arxiv.org/abs/1803.09010. An answer is a fact of the run or the partner's own word;
where there is neither, it is not stated. Nothing is inferred.
"""

from __future__ import annotations

from collections.abc import Callable

from datapartnerships._report.words import count, counted
from datapartnerships.errors import UnknownName
from datapartnerships.release._data import UNKNOWN
from datapartnerships.release._facts import NOT_STATED, Facts

# The same for every release, a fact of this one, or what only the giver can say.
Answer = str | Callable[[Facts], str] | None


def datasheet(facts: Facts) -> str:
    """Seven sections; each question with its name and its answer.

    Raises
    ------
    UnknownName
        An answer to what is no question.
    """
    known = {name for _, questions in _SECTIONS for name, _, _ in questions}
    for name in facts.answers:
        if name not in known:
            raise UnknownName("question", name, known, where="prepare.answers")
    parts = [
        f"# Datasheet of {facts.title} {facts.version}",
        "After Gebru et al., *Datasheets for Datasets* (2021). Answers are what was measured or "
        f"what the giver stated; where there is neither, the answer is: {NOT_STATED}",
    ]
    for title, questions in _SECTIONS:
        parts.append(f"## {title}")
        for name, question, answer in questions:
            given = facts.answers.get(name)
            own = answer(facts) if callable(answer) else answer
            found = given or own or NOT_STATED
            said = " (in the words of the giver)" if given else ""
            parts.append(f"**{question}** `{name}`\n\n{found}{said}")
    return "\n\n".join(parts) + "\n"


def _creators(facts: Facts) -> str:
    giver = facts.about.organization
    return f"The documents were given by {giver}." if giver else ""


def _documents(facts: Facts) -> str:
    kinds = facts.stats.kinds
    told = ", ".join(f"{kind} {count(n['rows'])}" for kind, n in sorted(kinds.items()))
    unit = "documents" if facts.plain else "parts of documents"
    return f"Rows are {unit}. By kind: {told}." if told else f"Rows are {unit}."


def _counts(facts: Facts) -> str:
    return (
        f"{counted(facts.stats.documents, 'document')} in {counted(facts.rows, 'row')}; "
        f"{count(facts.stats.characters)} characters, {count(facts.stats.words)} words."
    )


def _missing(facts: Facts) -> str:
    n = facts.rejected
    return (
        f"{counted(n, 'document')} of {count(facts.run.documents_in)} were rejected; README.md has "
        "the reasons. Values that a source did not state are null."
    )


def _splits(facts: Facts) -> str:
    return "; ".join(
        f"{subset.name}/{split.name}: {counted(split.rows, 'row')}"
        for subset in facts.subsets
        for split in subset.splits
    )


def _errors(facts: Facts) -> str:
    from datapartnerships.release._prose import limits

    return limits(facts)


def _duplicates(facts: Facts) -> str:
    found = {r: n for r, n in facts.run.rejected.items() if "uplicate" in r}
    if not found:
        names = {step.name for step in facts.steps}
        return "Looked for; none was taken out." if "Deduplicate" in names else ""
    return "; ".join(f"{reason}: {count(n)} taken out" for reason, n in sorted(found.items())) + "."


def _confidential(facts: Facts) -> str:
    from datapartnerships.release._prose import redacted

    return redacted(facts)


def _persons(facts: Facts) -> str:
    from datapartnerships.release._prose import remaining

    return remaining(facts)


def _collected(facts: Facts) -> str:
    readers = sorted({step.name for step in facts.steps if step.name.endswith("Reader")})
    types = ", ".join(f"{kind} {count(n['rows'])}" for kind, n in facts.stats.media_types.items())
    text = f"Read from the giver's files by {', '.join(readers)}. " if readers else ""
    return f"{text}By media type of the source: {types}." if types else text.strip()


def _steps(facts: Facts) -> str:
    from datapartnerships.release._prose import recipe

    return recipe(facts)


def _licenses(facts: Facts) -> str:
    found = facts.stats.licenses
    told = ", ".join(
        f"{'no license stated' if name == UNKNOWN else name} ({counted(n['rows'], 'row')})"
        for name, n in sorted(found.items())
    )
    return f"{told}. See LICENSES.md." if told else ""


def _takedown(facts: Facts) -> str:
    from datapartnerships.release._card import takedown

    return takedown(facts)


def _track(facts: Facts) -> str:
    return {
        "open": "On the open track: to everybody who accepts the licenses.",
        "private": "On the private track: to those whom the giver admits, and nobody else.",
    }[facts.track]


_SECTIONS: tuple[tuple[str, tuple[tuple[str, str, Answer], ...]], ...] = (
    (
        "Motivation",
        (
            ("motivation.purpose", "What was it made for?", lambda f: "; ".join(f.about.purposes)),
            ("motivation.creators", "Who made it, and for whom?", _creators),
            ("motivation.funding", "Who paid for it?", None),
        ),
    ),
    (
        "Composition",
        (
            ("composition.instances", "What is one row?", _documents),
            ("composition.count", "How many are there?", _counts),
            ("composition.sample", "Is it all there is, or a sample of more?", None),
            (
                "composition.data",
                "What does a row hold?",
                lambda f: (
                    "Columns: " + ", ".join(f"`{n}`" for n in f.subsets[0].schema.names) + "."
                ),
            ),
            ("composition.labels", "Is there a label or a target?", None),
            ("composition.missing", "Is anything missing from rows, or left out?", _missing),
            (
                "composition.relations",
                "Are relations between rows made explicit?",
                "`provenance` names the file and the place in it.",
            ),
            ("composition.splits", "Are there recommended splits?", _splits),
            ("composition.errors", "What errors and noise are known?", _errors),
            ("composition.duplicates", "Are there duplicates?", _duplicates),
            (
                "composition.external",
                "Does it depend on anything outside of itself?",
                "No: everything is in the files of this folder.",
            ),
            ("composition.confidential", "Was confidential or personal data in it?", _confidential),
            ("composition.persons", "Could persons be recognized, directly or not?", _persons),
            ("composition.offensive", "May it offend, threaten or cause anxiety?", None),
            ("composition.subpopulations", "Does it tell groups of persons apart?", None),
            ("composition.sensitive", "Are there sensitive data of persons in it?", None),
        ),
    ),
    (
        "Collection process",
        (
            ("collection.acquired", "How was it acquired?", _collected),
            (
                "collection.validated",
                "How was that checked?",
                lambda f: (
                    "Documents in are documents out plus rejected, counted in the files: "
                    f"{count(f.run.documents_in)} = {count(f.run.documents_out)} + "
                    f"{count(f.rejected)}."
                ),
            ),
            ("collection.sampling", "If it is a sample, how was it drawn?", None),
            ("collection.people", "Who collected it, and were they paid?", None),
            (
                "collection.period",
                "Over what time was it collected?",
                lambda f: f"Documents of the period {f.about.period}." if f.about.period else "",
            ),
            ("collection.review", "Was there an ethical review?", None),
            ("collection.source", "Was it collected from persons directly, or from others?", None),
            ("collection.notice", "Were the persons told?", None),
            ("collection.consent", "Did they consent, and to what?", None),
            ("collection.revocation", "Can they withdraw their consent, and how?", _takedown),
            ("collection.impact", "Was the impact on them assessed?", None),
        ),
    ),
    (
        "Preprocessing",
        (
            ("preprocessing.steps", "What was done to it?", _steps),
            (
                "preprocessing.raw",
                "Was the raw data kept?",
                "Not in this folder; it stays with the giver.",
            ),
            (
                "preprocessing.software",
                "Is the software that did it available?",
                lambda f: (
                    f"datapartnerships {f.run.versions.get('datapartnerships', '')}; the recipe "
                    "is pipeline.yaml."
                    if f.recipe
                    else f"datapartnerships {f.run.versions.get('datapartnerships', '')}."
                ),
            ),
        ),
    ),
    (
        "Uses",
        (
            ("uses.so_far", "What has it been used for?", None),
            ("uses.repository", "Is there a list of works that use it?", None),
            ("uses.possible", "What could it be used for?", lambda f: "; ".join(f.about.purposes)),
            ("uses.risks", "What in it may affect future uses?", _errors),
            ("uses.not_for", "What should it not be used for?", None),
        ),
    ),
    (
        "Distribution",
        (
            ("distribution.parties", "To whom is it given?", _track),
            (
                "distribution.how",
                "How is it given?",
                "As this folder: Parquet files with a signed list of their digests.",
            ),
            ("distribution.when", "When?", lambda f: f"Version {f.version}, {f.date}."),
            ("distribution.license", "Under what license or terms?", _licenses),
            ("distribution.third_party", "Have third parties restricted it?", None),
            ("distribution.export", "Do export controls or other rules apply?", None),
        ),
    ),
    (
        "Maintenance",
        (
            ("maintenance.who", "Who looks after it?", lambda f: f.about.takedown),
            ("maintenance.contact", "How are they reached?", lambda f: f.about.takedown),
            ("maintenance.errata", "Is there a list of errors?", None),
            (
                "maintenance.updates",
                "Will it be updated, and how is that told?",
                "CHANGELOG.md says what each version changed.",
            ),
            ("maintenance.retention", "Are there limits on how long it is kept?", None),
            ("maintenance.old_versions", "Are older versions kept?", None),
            ("maintenance.withdrawal", "How does something come out of it?", _takedown),
            ("maintenance.contribute", "Can others add to it?", None),
        ),
    ),
)

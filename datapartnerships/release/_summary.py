"""TRAINING_DATA_SUMMARY.md: what this dataset adds to the public summary that the EU asks for.

Regulation (EU) 2024/1689, Article 53(1)(d), and the template of the Commission, first published on
24 July 2025, C(2025) 8311 final of 5 December 2025. The provider of a model writes the summary;
here is the part that only those who made the data know, under the headings of the template's three
sections.
"""

from __future__ import annotations

from datapartnerships._report.words import count, counted, duration
from datapartnerships.release._facts import NOT_STATED, Facts

# The template asks for a class of size, in tokens, images and hours; of words, no exact number of
# tokens follows, but a class does: between one and ten tokens a word in any language.
_TOKENS = ("fewer than 1 billion", "1 billion to 10 trillion", "more than 10 trillion")
_BILLION, _TRILLION = 10**9, 10**12
_MODEL = "(the provider of the model says this)"


def summary(facts: Facts) -> str:
    from datapartnerships.release._card import language_tags, table, takedown
    from datapartnerships.release._prose import limits, not_in, redacted, remaining
    from datapartnerships.release._rights import by_holder, licenses

    about, stats = facts.about, facts.stats
    by = by_holder(stats.rights)
    holders = ", ".join(sorted(by.keys() - {NOT_STATED})) or NOT_STATED
    if len(by) > 1 and NOT_STATED in by:
        holders += f"; of {counted(by[NOT_STATED], 'row')} not stated"
    modalities = [
        ("Text", f"{count(stats.words)} words, {count(stats.characters)} characters", _class(facts))
    ]
    if stats.seconds:
        hours = "fewer than 10,000 hours" if stats.seconds < 36_000_000 else "10,000 hours or more"
        modalities.append(("Audio", duration(stats.seconds), hours))
    pictures = stats.kinds["image"]["rows"] if facts.files and "image" in stats.kinds else 0
    if pictures:
        images = "fewer than 1 million images" if pictures < 10**6 else "1 million images or more"
        modalities.append(("Image", f"{count(pictures)} rows with a picture", images))
    parts = [
        f"# Contribution of {facts.title} {facts.version} to a training-data summary",
        "For providers of general-purpose models who train on this dataset and publish the summary "
        "of Article 53(1)(d) of Regulation (EU) 2024/1689 by the template C(2025) 8311. It is a "
        "contribution: what concerns the model is theirs to say, and is marked so.",
        "## 1. General information",
        f"- Provider and model: {_MODEL}\n"
        f"- Dataset: {facts.name}, version {facts.version}, {facts.date}\n"
        f"- Given by: {about.organization or NOT_STATED}\n"
        f"- Contact: {about.takedown or NOT_STATED}",
        table(("Modality", "Size", "Class of size in the template"), modalities),
        f"- Types of content: {', '.join(sorted(stats.kinds)) or NOT_STATED}\n"
        f"- Languages: {', '.join(language_tags(facts)) or NOT_STATED}"
        f"{' (measured)' if stats.has_language else ' (as the giver states them)'}\n"
        f"- When the documents were written: {about.period or NOT_STATED}\n"
        f"- When the data was last acquired: no later than {facts.date}\n"
        f"- Characteristics: {about.description or NOT_STATED}",
        "## 2. List of data sources",
        "### 2.1 Publicly available datasets",
        _public(facts),
        "### 2.2 Private datasets obtained from third parties",
        _private(facts),
        "### 2.3 Data crawled and scraped from online sources",
        _crawled(facts),
        "### 2.4 User data",
        f"{_MODEL}",
        "### 2.5 Synthetic data",
        "No step of the recipe makes documents up. Whether the deposit holds what a model wrote is "
        "not stated. Made-up values may stand where something was replaced: see 3.3."
        if facts.steps
        else NOT_STATED,
        "### 2.6 Other sources",
        f"Deposits: {', '.join(sorted(stats.sources)) or NOT_STATED}. "
        "`sources.jsonl` lists every document.",
        "## 3. Data processing aspects",
        "### 3.1 Rights and reservations",
        f"- Licenses: {', '.join(licenses(stats.licenses)) or NOT_STATED}\n"
        f"- Holders: {holders}\n"
        f"- Reservations from text and data mining: {_reservations(facts)}\n"
        f"- Opt-outs: {_opt_outs(facts)}",
        "### 3.2 Removal of illegal content",
        "No step of the recipe looks for illegal content as such. What was rejected, and why: "
        + not_in(facts),
        "### 3.3 Personal data, and other aspects",
        redacted(facts),
        remaining(facts),
        limits(facts),
        takedown(facts),
    ]
    return "\n\n".join(parts) + "\n"


def _class(facts: Facts) -> str:
    words = facts.stats.words
    if 10 * words < _BILLION:
        return f"{_TOKENS[0]} tokens"
    if words > 10 * _TRILLION:
        return f"{_TOKENS[2]} tokens"
    if words >= _BILLION and 10 * words <= 10 * _TRILLION:
        return f"{_TOKENS[1]} tokens"
    return "depends on the tokenizer: " + _MODEL


def _public(facts: Facts) -> str:
    if facts.track == "open":
        return (
            "This dataset itself, where it is published. The recipe names no other dataset that it "
            "was made from."
        )
    return "None: this dataset is not public."


def _private(facts: Facts) -> str:
    about = facts.about
    basis = sorted({key[1] for key in facts.stats.rights if key[1]})
    given = f"The deposit of {about.organization or 'a partner (not named)'}"
    return f"{given}; basis of the rights: {', '.join(basis) or NOT_STATED}."


def _crawled(facts: Facts) -> str:
    readers = {step.name for step in facts.steps}
    if "WarcReader" in readers or "application/warc" in facts.stats.media_types:
        return "The deposit holds web archives; `sources.jsonl` names their files."
    return (
        "No web archive was read. Whether the giver took any of it from the Web is not stated."
        if facts.steps
        else NOT_STATED
    )


def _reservations(facts: Facts) -> str:
    """What the rows carry of machine-readable signals, by their names and values."""
    told = facts.stats.signals
    if not told:
        return NOT_STATED
    return ", ".join(f"{name}: {value} ({count(n)})" for (name, value), n in sorted(told.items()))


def _opt_outs(facts: Facts) -> str:
    number = facts.about.opt_outs
    if not number:
        return NOT_STATED
    return f"the giver named {counted(number, 'pattern')} of paths that must not leave"

"""A report in a terminal: at most 100 columns, no colors, plain characters of its own."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from datapartnerships._report.facts import Facts, failures
from datapartnerships._report.words import (
    change,
    columns,
    count,
    counted,
    duration,
    fit,
    media_name,
    rate,
    seconds,
    share,
    size,
)

WIDTH = 100
_FORMATS, _REASONS = 8, 14
# Everything but the first or last column of a table is a number: this leaves it enough room.
_NAME = 40


def render(facts: Facts) -> str:
    """The essentials."""
    parts = [
        [fit(f"Run report: {facts.title}", WIDTH), "=" * WIDTH],
        _summary(facts),
        _formats(facts),
        _steps(facts),
        _reasons(facts),
        _left_out(facts),
        [f"Fingerprint {fit(facts.manifest.fingerprint, WIDTH - 12)}"],
    ]
    return "\n\n".join("\n".join(line.rstrip() for line in lines) for lines in parts if lines)


def _summary(facts: Facts) -> list[str]:
    m, gone = facts.manifest, facts.rejected
    verdict = "adds up"
    if facts.unaccounted:
        verdict = f"DOES NOT ADD UP: {count(facts.unaccounted)} unaccounted for"
    rejected = f"{counted(gone, 'document')} ({share(gone, m.documents_in)})"
    if gone:
        rejected += f", {counted(len(m.rejected), 'reason')}"
    return [
        f"in = out + rejected: {count(m.documents_in)} = {count(m.documents_out)} + "
        f"{count(gone)}  [{verdict}]",
        *(fit(f"WARNING: {failure}", WIDTH) for failure in failures(m)),
        "",
        f"In        {counted(m.documents_in, 'document')}, {size(facts.bytes_in)}, "
        f"{counted(len(facts.tally.formats), 'format')}",
        f"Out       {counted(m.documents_out, 'document')}, "
        f"{counted(facts.characters_out, 'character')}, "
        f"{counted(len(m.files), 'file')}, {size(facts.bytes_out)}",
        *([f"Sound     {facts.sound}"] if facts.sound else []),
        f"Rejected  {rejected}",
        f"Time      {_time(facts)}",
    ]


def _time(facts: Facts) -> str:
    text = f"{duration(facts.seconds)} with {counted(facts.workers, 'worker')}"
    if speed := facts.throughput:
        text += f", {size(speed.bytes)}/s, {rate(speed.documents)} documents/s"
    text += f"; {counted(facts.shards, 'shard')}"
    return f"{text}, {count(facts.resumed)} resumed" if facts.resumed else text


def _formats(facts: Facts) -> list[str]:
    rows = [
        [
            media_name(name),
            count(entry.documents_in),
            size(entry.bytes_in),
            count(entry.documents_out),
            count(entry.characters_out),
        ]
        for name, entry in facts.formats()
    ]
    head = ["Format", "in", "size", "out", "characters out"]
    return _table(head, rows, _FORMATS, "formats")


def _steps(facts: Facts) -> list[str]:
    reading, *timings, writing = facts.timings()
    most = max(timing.wall for timing in facts.timings())
    rows = [[reading.name, "", "", "", "", seconds(reading.wall, most)]]
    for step, timing in zip(facts.tally.steps, timings, strict=True):
        delta = change(step.characters_before, step.characters_after).replace("\u2212", "-")
        numbers = [count(n) for n in (step.documents, step.changed, step.rejected)]
        rows.append([step.name, *numbers, delta, seconds(timing.wall, most)])
        for label, number in step.found.items():
            rows.append([f"  found {label}", count(number), "", "", "", ""])
    rows.append([writing.name, "", "", "", "", seconds(writing.wall, most)])
    return _table(["Step", "seen", "changed", "rejected", "characters", "seconds"], rows)


def _reasons(facts: Facts) -> list[str]:
    reasons = facts.reasons()
    if not reasons:
        return []
    lines = ["Rejected, and why"]
    wide = max(8, len(count(reasons[0][1])))
    # One more takes no more room than the line that says so.
    shown = reasons if len(reasons) <= _REASONS + 1 else reasons[:_REASONS]
    for reason, number in shown:
        part = share(number, facts.manifest.documents_in)
        lines.append(f"{count(number):>{wide}} {part:>6}  {fit(reason, WIDTH - wide - 9)}")
    if rest := reasons[len(shown) :]:
        number = sum(item[1] for item in rest)
        part = share(number, facts.manifest.documents_in)
        lines.append(f"{count(number):>{wide}} {part:>6}  {counted(len(rest), 'other reason')}")
    return lines


def _left_out(facts: Facts) -> list[str]:
    reasons = facts.left_out()
    if not reasons:
        return []
    wide = max(8, len(count(reasons[0][1])))
    rows = facts.manifest.counts.get("rows", 0)
    return [
        f"The writer made {counted(rows, 'row')}, and left out",
        *(
            f"{count(number):>{wide}}  {fit(reason, WIDTH - wide - 2)}"
            for reason, number in reasons
        ),
    ]


def _table(
    head: Sequence[str], rows: Sequence[Sequence[str]], most: int = 0, noun: str = ""
) -> list[str]:
    """Rows under a head; the first column to the left, all others to the right."""
    if not rows:
        return []
    shown = rows[:most] if most and len(rows) > most + 1 else rows
    cells = [list(head), *([fit(row[0], _NAME), *row[1:]] for row in shown)]
    widths = [max(map(columns, column)) for column in zip(*cells, strict=True)]
    lines = [_line(row, widths) for row in cells]
    if len(shown) < len(rows):
        lines.append(f"and {count(len(rows) - len(shown))} more {noun}")
    return lines


def _line(row: Iterable[str], widths: Sequence[int]) -> str:
    first, *rest = zip(row, widths, strict=True)
    left = first[0] + " " * (first[1] - columns(first[0]))
    return left + "".join(" " * (2 + width - columns(cell)) + cell for cell, width in rest)

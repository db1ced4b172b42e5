"""What a report says, before anybody decides how it looks."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from datapartnerships._report.words import count, counted, duration
from datapartnerships.kernels.recapture import Cell
from datapartnerships.residual import Residual
from datapartnerships.schema import Manifest
from datapartnerships.tally import FormatTally, Tally

if TYPE_CHECKING:
    from datapartnerships.sheet import Audit


# Before the reasons in `Manifest.counts`.
LEFT_OUT = "left out: "

# The reason of a document on which a transform raised an error (`apply`).
_FAILED = re.compile(r".+: failed with (?:[A-Z_]\w*|error)")


def failures(manifest: Manifest) -> list[str]:
    """Which transforms raised errors, which, and on how many documents."""
    return [
        f"{reason.replace(': failed', ' failed')} on {count(number)} of "
        f"{counted(manifest.documents_in, 'document')}"
        for reason, number in sorted(manifest.rejected.items(), key=lambda item: -item[1])
        if _FAILED.fullmatch(reason)
    ]


@dataclass(frozen=True, slots=True)
class Timing:
    """Seconds of one part of the run, added up over all workers.

    Attributes:
        name: Reading, the name of a transform, or Writing.
        wall: seconds by the clock.
        cpu: processor seconds, all threads; None where it was not measured.
    """

    name: str
    wall: float
    cpu: float | None


@dataclass(frozen=True, slots=True)
class Throughput:
    """What a run got through in a second of wall clock."""

    bytes: float
    documents: float


@dataclass(frozen=True, repr=False)
class Facts:
    """One run.

    Attributes:
        tally: what happened, in numbers and examples.
        manifest: what the run proves.
        recipe: the pipeline as YAML.
        title: name of the deposit.
        seconds: wall clock of the run.
        workers: processes that worked.
        shards: units of work in the plan.
        resumed: shards taken over from an earlier, interrupted run.
        audit: what somebody found who read a sample of it; None before.
    """

    tally: Tally
    manifest: Manifest
    recipe: str
    title: str
    seconds: float
    workers: int
    shards: int
    resumed: int
    audit: Audit | None = None

    @property
    def rejected(self) -> int:
        return sum(self.manifest.rejected.values())

    @property
    def unaccounted(self) -> int:
        """Documents that came in and neither went out nor were rejected: zero, always."""
        return self.manifest.documents_in - self.manifest.documents_out - self.rejected

    @property
    def bytes_in(self) -> int:
        return sum(entry.bytes_in for entry in self.tally.formats.values())

    @property
    def characters_out(self) -> int:
        return sum(entry.characters_out for entry in self.tally.formats.values())

    @property
    def bytes_out(self) -> int:
        return sum(entry.size for entry in self.manifest.files)

    @property
    def sound(self) -> str:
        """The recordings that went out, in words; empty where there are none."""
        heard = self.tally.sound
        if not heard.recordings:
            return ""
        text = (
            f"{counted(heard.recordings, 'recording')} of {duration(heard.seconds)}, "
            f"{duration(heard.speech_seconds)} of it in {counted(heard.utterances, 'utterance')}"
        )
        flags = sorted(heard.flags.items(), key=lambda pair: (-pair[1], pair[0]))
        told = ", ".join(f"{flag} {count(number)}" for flag, number in flags)
        return f"{text}; flags: {told}" if told else text

    @property
    def masked(self) -> bool:
        """Whether the pipeline has detectors; without any, examples stand as in the deposit."""
        return any(step.private for step in self.tally.steps)

    def spans(self) -> list[tuple[str, int]]:
        """How many spans of each label were found before the redaction, the most frequent first."""
        found: dict[str, int] = {}
        for step in self.tally.steps:
            for label, number in step.found.items() if step.private else ():
                found[label] = found.get(label, 0) + number
        return sorted(found.items(), key=lambda item: (-item[1], item[0]))

    def residuals(self) -> list[Residual]:
        """How much is still there, by label and language, where `CompareDetectors` was used."""
        return [
            Residual((label, language), (Cell(*counts),))
            for label, languages in sorted(self.tally.compared.items())
            for language, counts in sorted(languages.items())
        ]

    def formats(self) -> list[tuple[str, FormatTally]]:
        """Media types, the largest first."""
        return sorted(
            self.tally.formats.items(),
            key=lambda item: (-item[1].bytes_in, -item[1].documents_in, item[0]),
        )

    def reasons(self) -> list[tuple[str, int]]:
        """Reasons of rejection, the most frequent first."""
        return sorted(self.manifest.rejected.items(), key=lambda item: (-item[1], item[0]))

    def left_out(self) -> list[tuple[str, int]]:
        """What the writer made no row of: documents, files or utterances; the most frequent first.

        They are no rejected documents: those of a `ChatWriter` are in `documents_out`.
        """
        found = {
            name.removeprefix(LEFT_OUT): number
            for name, number in self.manifest.counts.items()
            if name.startswith(LEFT_OUT) and number
        }
        return sorted(found.items(), key=lambda item: (-item[1], item[0]))

    def timings(self) -> list[Timing]:
        """Reading, each transform in order, writing."""
        return [
            Timing("Reading", self.tally.read_seconds, None),
            *(Timing(step.name, step.seconds, step.cpu_seconds) for step in self.tally.steps),
            Timing("Writing", self.tally.write_seconds, None),
        ]

    @property
    def busy_seconds(self) -> float:
        """Seconds of all timings, added up."""
        return sum(timing.wall for timing in self.timings())

    @property
    def throughput(self) -> Throughput | None:
        """None for a run that took no time, or did not do all of the work itself."""
        if self.seconds <= 0 or self.resumed:
            return None
        return Throughput(self.bytes_in / self.seconds, self.manifest.documents_in / self.seconds)

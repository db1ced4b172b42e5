"""`datapartnerships init`: questions, and the deposit.yaml that they make."""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from datapartnerships._report.words import counted, size
from datapartnerships.errors import ConfigurationError, OutputError
from datapartnerships.intake import DEPOSIT, Intake

_MODALITIES = {
    "text": "txt md markdown html htm rtf tex",
    "document": "pdf docx doc odt epub pptx ppt odp wpd",
    "conversation": "eml mbox msg vtt srt",
    "image": "png jpg jpeg tif tiff webp heic gif jp2 bmp",
    "audio": "wav mp3 flac ogg m4a aac opus wma",
    "video": "mp4 mkv mov avi webm mpg mpeg",
    "table": "csv tsv xlsx xls parquet jsonl ods",
}
# What one answer is held against while the others are not there yet.
_ENOUGH = {
    "name": "x", "organization": "x", "track": "private", "basis": "unknown",
    "agreement-from": "0001-01-01",
}  # fmt: skip
_OF_SUFFIX = {suffix: kind for kind, names in _MODALITIES.items() for suffix in names.split()}


@dataclass(frozen=True)
class Question:
    """One thing to ask: the name of its flag, the words, and what may be answered without one."""

    name: str
    words: str
    default: str = ""
    needed: bool = False


def questions(folder: Path) -> list[Question]:
    """What is asked of a folder, with defaults from a look at what is in it."""
    files = [
        path for path in folder.rglob("*")
        if path.is_file() and path.name != DEPOSIT and not path.name.startswith(".")
    ]  # fmt: skip
    kinds = Counter(_OF_SUFFIX.get(path.suffix.lower().lstrip("."), "") for path in files)
    there = [name for name in _MODALITIES if kinds[name]]
    bytes_ = sum(path.stat().st_size for path in files)
    name = re.sub(r"[^A-Za-z0-9._-]+", "-", folder.resolve().name).strip("-._") or "deposit"
    return [
        Question("name", "Short name of the deposit", name, True),
        Question("organization", "Who hands it over", needed=True),
        Question("contact-name", "Whom to ask about it"),
        Question("contact-email", "Their e-mail address"),
        Question("description", "What it is, in a sentence"),
        Question("languages", "Languages (tags such as is, nb; with commas between)"),
        Question("modalities", f"What is in it, of {', '.join(_MODALITIES)}", ", ".join(there)),
        Question("size", "How much it is", f"{counted(len(files), 'file')}, {size(bytes_)}"),
        Question("track", "open (may be published) or private", "private", True),
        Question("license", "License: SPDX (CC-BY-4.0), or LicenseRef-NAME; empty if unknown"),
        Question("basis", "Why it may be used: statute, contract, declared, inferred, unknown",
                 "unknown", True),
        Question("holder", "Who holds the rights"),
        Question("evidence", "Where that is written"),
        Question("agreement-from", "Of a LicenseRef-: first day of the agreement (2026-01-31)"),
        Question("agreement-until", "Of a LicenseRef-: its last day; empty if it has none"),
    ]  # fmt: skip


def answers(
    asked: list[Question], given: Mapping[str, str | None], ask: Callable[[str], str] | None
) -> dict[str, str]:
    """What was given; of the rest, what `ask` answers, or the defaults where nobody is asked.

    An answer that cannot be is asked for again at once, with the reason.

    Raises
    ------
    ConfigurationError
        Something that has to be said is not; or a flag cannot be, before more is asked.
    """
    found: dict[str, str] = {}
    for question in asked:
        value = given.get(question.name)
        if value is None and question.name.startswith("agreement-") and not _agrees(found):
            continue
        if value is None and ask is not None:
            shown = f" [{question.default}]" if question.default else ""
            words, why = f"{question.words}{shown}: ", ""
            while value is None or why:
                value = ask(f"{why}{words}").strip() or question.default
                why = _problem(found, question, value)
        elif ask is not None and (why := _problem(found, question, value or "")):
            raise ConfigurationError(f"--{question.name} cannot be that. {why.strip()}")
        found[question.name] = question.default if value is None else value
    missing = [f"--{q.name}" for q in asked if q.needed and not found[q.name]]
    if missing:
        raise ConfigurationError(f"A deposit.yaml needs an answer to: {', '.join(missing)}.")
    return found


def _problem(found: Mapping[str, str], question: Question, value: str) -> str:
    """Why this answer cannot be, a line each; empty where it can."""
    if question.needed and not value:
        return "  This has to be answered.\n"
    try:
        Intake.parse(_text({**_ENOUGH, **found, question.name: value}))
    except ConfigurationError as error:
        _, *lines = str(error).splitlines()
        return "".join(re.sub(r"^ *line \d+: ", "  ", line) + "\n" for line in lines)
    return ""


def _agrees(found: Mapping[str, str]) -> bool:
    return "LicenseRef-" in found.get("license", "")


def text_of(found: Mapping[str, str]) -> str:
    """deposit.yaml with these answers. It is valid.

    Raises
    ------
    ConfigurationError
        It would not be; the lines are those of the text, which is shown.
    """
    text = _text(found)
    try:
        Intake.parse(text)
    except ConfigurationError as error:
        numbered = "\n".join(f"{n:3} {line}" for n, line in enumerate(text.splitlines(), 1))
        raise ConfigurationError(
            f"{error}\nNothing was written. It would have been:\n{numbered}"
        ) from None
    return text


def _text(found: Mapping[str, str]) -> str:
    import yaml

    def items(name: str) -> list[str]:
        return [part.strip() for part in found.get(name, "").split(",") if part.strip()]

    def part(value: object) -> str:
        return yaml.safe_dump(value, sort_keys=False, allow_unicode=True, width=100)

    about: dict[str, object] = {key: found[key] for key in ("name", "organization")}
    contact = {k: found.get(f"contact-{k}") for k in ("name", "email") if found.get(f"contact-{k}")}
    about |= {"contact": contact} if contact else {}
    about |= {"description": found["description"]} if found.get("description") else {}
    about |= {key: items(key) for key in ("languages", "modalities") if items(key)}
    about |= {"size": found["size"]} if found.get("size") else {}
    rights = {k: found[k] for k in ("license", "basis", "holder", "evidence") if found.get(k)}
    lines = [
        "# What this folder is, and what may be done with it. It is not one of its documents.",
        part(about).rstrip(),
        "# open: may be published. private: leaves by an agreement only.",
        part({"track": found["track"]}).rstrip(),
        "# Of every document, unless an override below says otherwise.",
        part({"rights": rights}).rstrip(),
    ]
    if _agrees(found):
        names = re.findall(r"LicenseRef-[A-Za-z0-9.-]+", found["license"])
        days = {"from": found.get("agreement-from"), "until": found.get("agreement-until")}
        held = [{"id": n, **{k: v for k, v in days.items() if v}} for n in dict.fromkeys(names)]
        lines.append(part({"agreements": held}).rstrip())
    lines += [
        "# Where a folder or file is different; of several that match, the last counts.",
        "# overrides:",
        "#   - {path: letters/, license: CC-BY-4.0, basis: contract, evidence: forms/3.pdf}",
        "# What must not leave at all.",
        "# opt_outs:",
        "#   - {path: letters/12.txt, reason: the writer asked, date: 2026-01-31}",
    ]
    return "\n".join(lines) + "\n"


def write(folder: Path, text: str, *, replace: bool) -> Path:
    """Put it into the folder.

    Raises
    ------
    OutputError
        There is one, and nobody said that it may be lost.
    """
    path = folder / DEPOSIT
    try:
        # Exclusive: one that came meanwhile is not lost either.
        with open(path, "w" if replace else "x", encoding="utf-8", newline="\n") as stream:
            stream.write(text)
    except FileExistsError:
        raise OutputError(
            f"{path} is there already. Change it by hand, or let it be lost: --replace."
        ) from None
    return path


def check_folder(folder: str, replace: bool) -> Path:
    """The folder, before anything is asked of anybody."""
    path = Path(folder)
    if not path.is_dir():
        raise OutputError(f"{folder} is no folder of this machine: {DEPOSIT} is written into one.")
    if os.path.lexists(path / DEPOSIT) and not replace:
        raise OutputError(
            f"{path / DEPOSIT} is there already. Change it by hand, or let it be lost: --replace."
        )
    return path

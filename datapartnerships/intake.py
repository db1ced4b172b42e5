"""What a partner says of a deposit, in a file beside it: deposit.yaml."""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

from datapartnerships import licenses
from datapartnerships.config import load_yaml
from datapartnerships.errors import ConfigurationError, did_you_mean
from datapartnerships.schema import RIGHTS

DEPOSIT = "deposit.yaml"
SCHEMA = "deposit.schema.json"
RIGHTS_FIELDS = tuple(item.name for item in RIGHTS)


@dataclass(frozen=True)
class Agreement:
    """A contract that documents name as their license, by a ``LicenseRef-``.

    Attributes:
        id: ``LicenseRef-NAME``.
        name: what it is called.
        parties: between whom.
        signed: when; ISO 8601, as are the other days.
        start: the first day that it is in force.
        end: the last one; None where it has no end.
        evidence: where it is kept.
        publication: whether it says that the documents may be published.
    """

    id: str
    start: str
    name: str = ""
    parties: tuple[str, ...] = ()
    signed: str | None = None
    end: str | None = None
    evidence: str = ""
    publication: bool = False

    def in_force(self, date: str) -> bool:
        return self.start <= date and (self.end is None or date <= self.end)


@dataclass(frozen=True)
class OptOut:
    """What must not leave: a pattern of paths, why, and since when."""

    path: str
    reason: str
    date: str | None = None


@dataclass(frozen=True)
class Intake:
    """A deposit as its deposit.yaml describes it. Days are ISO 8601.

    Attributes:
        name: of the deposit.
        organization: who hands it over.
        contact: ``name``, ``email``, ``url``.
        description: what it is.
        languages: BCP 47 tags.
        modalities: as the kinds of documents, and ``table``.
        size: in words.
        period: ``from`` and ``to``.
        track: ``open`` or ``private``: of every document whose rights do not say another.
        rights: of every document that no override names; keys of `schema.RIGHTS`.
        overrides: pairs of a pattern and the rights that are different there; the last one that
            matches counts.
        agreements: contracts that licenses name.
        people: path of a file of known people.
        cues: path of a file of cues.
        purposes: what the documents may be used for.
        embargo_until: nothing is released before this day.
        opt_outs: what must not leave.
        policy: of a release; see `release.gates.ReleasePolicy`.
        digest: SHA-256 of deposit.yaml.
        path: where it was read from.
    """

    name: str
    organization: str
    track: str
    rights: Mapping[str, Any]
    contact: Mapping[str, str] = field(default_factory=dict)
    description: str = ""
    languages: tuple[str, ...] = ()
    modalities: tuple[str, ...] = ()
    size: str = ""
    period: Mapping[str, Any] = field(default_factory=dict)
    overrides: tuple[tuple[str, Mapping[str, Any]], ...] = ()
    agreements: tuple[Agreement, ...] = ()
    people: str | None = None
    cues: str | None = None
    purposes: tuple[str, ...] = ()
    embargo_until: str | None = None
    opt_outs: tuple[OptOut, ...] = ()
    policy: Mapping[str, Any] = field(default_factory=dict)
    digest: str = ""
    path: str = field(default="", compare=False)

    @classmethod
    def load(cls, path: str | Path) -> Intake:
        """The deposit that a file describes, or the deposit.yaml of a folder; an fsspec URL too.

        Raises
        ------
        ConfigurationError
            It is not there, or something in it cannot be. All problems are named with their lines.
        """
        import fsspec

        name = str(path)
        if not name.endswith((".yaml", ".yml")):
            name = f"{name.rstrip('/')}/{DEPOSIT}"
        try:
            with fsspec.open(name, "rb") as stream:
                raw = stream.read()
        except FileNotFoundError:
            raise ConfigurationError(
                f"There is no {name}. Write one with: python -m datapartnerships init FOLDER"
            ) from None
        try:
            text = raw.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            raise ConfigurationError(f"{name} is not UTF-8: {error}") from None
        return cls.parse(text, where=name, digest=hashlib.sha256(raw).hexdigest())

    @classmethod
    def parse(cls, text: str, *, where: str = DEPOSIT, digest: str | None = None) -> Intake:
        """The deposit that the text of a deposit.yaml describes. Errors as in `load`."""
        data = _plain(load_yaml(text, where, days=False))
        marks, twice = _marks(text)
        found = sorted({*twice, *_problems(data, marks)})
        if found:
            lines = "\n".join(f"  line {line}: {what}" for line, what in found)
            raise ConfigurationError(f"{where} is not as a deposit.yaml has to be:\n{lines}")
        return cls(
            name=data["name"],
            organization=data["organization"],
            track=data["track"],
            rights=_rights(data["rights"]),
            contact=data.get("contact", {}),
            description=data.get("description", "").strip(),
            languages=tuple(data.get("languages", ())),
            modalities=tuple(data.get("modalities", ())),
            size=data.get("size", ""),
            period=data.get("period", {}),
            overrides=tuple(
                (item["path"], _rights({k: v for k, v in item.items() if k != "path"}))
                for item in data.get("overrides", ())
            ),
            agreements=tuple(_agreement(item) for item in _agreements(data)),
            people=data.get("people"),
            cues=data.get("cues"),
            purposes=tuple(data.get("purposes", ())),
            embargo_until=data.get("embargo_until"),
            opt_outs=tuple(OptOut(**item) for item in data.get("opt_outs", ())),
            policy=data.get("policy", {}),
            digest=digest or hashlib.sha256(text.encode()).hexdigest(),
            path=where,
        )

    @property
    def agreement(self) -> Agreement | None:
        """The agreement, where there is one and no other."""
        return self.agreements[0] if len(self.agreements) == 1 else None

    @property
    def permitting(self) -> frozenset[str]:
        """Ids of the agreements that permit publication."""
        return frozenset(one.id for one in self.agreements if one.publication)

    def rights_of(self, uri: str | None, member: str | None = None) -> dict[str, Any]:
        """The rights of a document, by its provenance; every key of `schema.RIGHTS`."""
        place = place_of(uri, member)
        hits = [i for i, (path, _) in enumerate(self.overrides) if matches(path, place)]
        return dict(self.ledger[hits[-1] + 1 if hits else 0])

    def opt_out_of(self, uri: str | None, member: str | None = None) -> OptOut | None:
        """Why a document must not leave; None where nobody said so."""
        place = place_of(uri, member)
        return next((one for one in self.opt_outs if matches(one.path, place)), None)

    @cached_property
    def ledger(self) -> tuple[Mapping[str, Any], ...]:
        """The rights that documents can have: those of the deposit, then of each override.

        An override that says a license stands by itself: nobody's evidence for one license is
        evidence for another. One that says none changes only what it says. The track and the
        embargo of the deposit hold where an override does not say its own; an embargo of the whole
        deposit holds everywhere, if it is the later one.
        """
        base: dict[str, Any] = {"track": self.track, **self.rights}
        rows = [base]
        for _, own in self.overrides:
            if "license" in own:
                rows.append({"track": base["track"], **own})
            else:
                rows.append({**base, **own})
        return tuple({name: self._settled(row).get(name) for name in RIGHTS_FIELDS} for row in rows)

    def _settled(self, row: Mapping[str, Any]) -> dict[str, Any]:
        days = [d for d in (row.get("embargo_until"), self.embargo_until) if d]
        license = row.get("license")
        return {
            **row,
            "license": licenses.parse(license) if license else None,
            "embargo_until": max(days, default=None),
        }


def place_of(uri: str | None, member: str | None = None) -> str:
    """The path that patterns are held against: members are below their archive."""
    place = f"{uri or ''}!{member}" if member else uri or ""
    return unicodedata.normalize("NFC", place.replace("\\", "/").replace("!", "/")).lstrip("/")


def matches(pattern: str, place: str) -> bool:
    return re.search(regex(pattern), place) is not None


@lru_cache(maxsize=4096)
def regex(pattern: str) -> str:
    r"""A pattern as in .gitignore, as a regular expression to search a path with (RE2, too).

    A ``*`` is any characters but ``/``, ``**`` folders, ``?`` one character, ``[a-z]`` one of some.
    A pattern with a ``/`` before its end is one of the whole path from the top of the deposit; any
    other is of a name, at any depth. What matches a folder or an archive matches all in it.

    Examples:
        >>> bool(re.search(regex("letters/"), "letters/1987/a.txt"))
        True
        >>> bool(re.search(regex("*.txt"), "letters/a.md"))
        False
    """
    pattern = unicodedata.normalize("NFC", re.sub(r"(?<!\[)!", "/", pattern))
    whole = pattern.strip("/")
    anchored = "/" in whole or pattern.startswith("/")
    out = ["^" if anchored else "(?:^|/)"]
    for token in re.findall(r"/\*\*/|^\*\*/|/\*\*|\*|\?|\[[^\]/]+\]|\\.|.", whole, re.DOTALL):
        if token.endswith("**/"):
            out.append(token.replace("**/", "(?:[^/]+/)*"))
        elif token == "/**":
            out.append(r"/[\s\S]*")
        elif token == "*":
            out.append("[^/]*")
        elif token == "?":
            out.append("[^/]")
        elif token.startswith("[") and len(token) > 2:
            inner = token[1:-1].replace("\\", "\\\\")
            out.append(f"[^{inner[1:]}]" if inner[0] in "!^" else f"[{inner}]")
        else:
            out.append(re.escape(token[1:] if token.startswith("\\") else token))
    # A folder: what is below it. Without the stroke at the end: the file itself, too.
    out.append("/" if pattern.endswith("/") else "(?:/|$)")
    return "".join(out)


@lru_cache(maxsize=1)
def schema() -> dict[str, Any]:
    """The JSON Schema of deposit.yaml."""
    found: dict[str, Any] = json.loads(Path(__file__).with_name(SCHEMA).read_text("utf-8"))
    return found


def _rights(given: Mapping[str, Any]) -> dict[str, Any]:
    signals = given.get("signals")
    own = {} if signals is None else {"signals": [_signal(item) for item in signals]}
    return {**given, **own}


def _signal(item: Mapping[str, Any]) -> dict[str, str]:
    value = item["value"]
    return {**item, "value": str(value).lower() if isinstance(value, bool) else str(value)}


def _agreements(data: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    one = [data["agreement"]] if "agreement" in data else []
    return [*one, *data.get("agreements", ())]


def _agreement(item: Mapping[str, Any]) -> Agreement:
    known = {k: v for k, v in item.items() if k not in ("from", "until", "parties")}
    parties = tuple(item.get("parties", ()))
    return Agreement(**known, start=item["from"], end=item.get("until"), parties=parties)


Path_ = tuple[str | int, ...]


def _problems(data: Any, marks: Mapping[Path_, int]) -> Iterator[tuple[int, str]]:
    from datapartnerships._backends.jsonschema import problems

    broken = False
    for problem in problems(data, schema()):
        broken = True
        where = f" in {_name(problem.path)}" if problem.path else ""
        for name in problem.unknown:
            line = marks.get((*problem.path, name), 1)
            yield line, f"unknown key {name!r}{where}. {did_you_mean(name, problem.known)}"
        for name in problem.missing:
            yield _line(marks, problem.path), f"{name!r} is missing{where}"
        if problem.message:
            got = _at(data, problem.path)
            line = _line(marks, problem.path)
            yield line, f"{_name(problem.path)} has to be {problem.message}. Got {got!r}."
    if not broken:
        yield from _contradictions(data, marks)


def _contradictions(
    data: Mapping[str, Any], marks: Mapping[Path_, int]
) -> Iterator[tuple[int, str]]:
    """What no schema can say."""
    known = [one["id"] for one in _agreements(data)]
    for name in known:
        if known.count(name) > 1:
            yield _line(marks, ("agreements",)), f"two agreements are called {name!r}"
    places: list[tuple[Path_, Mapping[str, Any]]] = [(("rights",), data["rights"])]
    places += [(("overrides", i), item) for i, item in enumerate(data.get("overrides", ()))]
    for path, item in places:
        license = item.get("license")
        if license is None:
            continue
        line = _line(marks, (*path, "license"))
        try:
            named = licenses.ids(license)
        except ConfigurationError as error:
            yield line, str(error)
            continue
        for name in named:
            if name.startswith("LicenseRef-") and name not in known:
                told = did_you_mean(name, known) if known else "Describe it under 'agreement'."
                yield line, f"no agreement is called {name!r}. {told}"


def _plain(value: Any) -> Any:
    """Keys as strings."""
    if isinstance(value, Mapping):
        return {str(k): _plain(v) for k, v in value.items()}
    return [_plain(v) for v in value] if isinstance(value, list) else value


def _marks(text: str) -> tuple[dict[Path_, int], list[tuple[int, str]]]:
    """The line of every key and item, from 1; and what is wrong: keys that are there twice."""
    import yaml

    lines: dict[Path_, int] = {}
    twice: list[tuple[int, str]] = []

    def walk(node: Any, path: Path_) -> None:
        lines.setdefault(path, node.start_mark.line + 1)
        if isinstance(node, yaml.MappingNode):
            for key, value in node.value:
                below = (*path, str(key.value))
                line = key.start_mark.line + 1
                if below in lines:
                    twice.append((line, f"{key.value!r} is there twice, first in {lines[below]}"))
                lines[below] = line
                walk(value, below)
        elif isinstance(node, yaml.SequenceNode):
            for number, value in enumerate(node.value):
                walk(value, (*path, number))

    root = yaml.compose(text, yaml.SafeLoader)
    if root is not None:
        walk(root, ())
    return lines, twice


def _line(marks: Mapping[Path_, int], path: Sequence[str | int]) -> int:
    while path and tuple(path) not in marks:
        path = path[:-1]
    return marks.get(tuple(path), 1)


def _at(data: Any, path: Sequence[str | int]) -> Any:
    for part in path:
        data = data[part]
    return data


def _name(path: Sequence[str | int]) -> str:
    if not path:
        return "the file"
    text = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path)
    return repr(text.lstrip("."))

"""What the texts of a release folder say: all of it measured, or stated by the partner."""

from __future__ import annotations

import dataclasses
import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from datapartnerships import registry
from datapartnerships.config import load_yaml
from datapartnerships.errors import DataPartnershipsError, OutputError
from datapartnerships.intake import Intake
from datapartnerships.release._data import Subset
from datapartnerships.release._manifest import Waiver
from datapartnerships.release._stats import Stats
from datapartnerships.schema import Manifest
from datapartnerships.sheet import Audit
from datapartnerships.writers._folder import Folder

NOT_STATED = "Not stated."


@dataclass(frozen=True)
class About:
    """What the partner says in deposit.yaml; empty where they say nothing.

    Attributes:
        opt_outs: how many patterns of what must not leave; they are not told.
        digest: SHA-256 of the file; empty without one.
    """

    name: str = ""
    organization: str = ""
    contact: Mapping[str, str] = field(default_factory=dict)
    description: str = ""
    languages: tuple[str, ...] = ()
    period: str = ""
    purposes: tuple[str, ...] = ()
    opt_outs: int = 0
    digest: str = ""

    @classmethod
    def of(cls, intake: Intake | None) -> About:
        if intake is None:
            return cls()
        period = [str(intake.period[key]) for key in ("from", "to") if intake.period.get(key)]
        return cls(
            name=intake.name,
            organization=_line(intake.organization),
            contact={key: _line(value) for key, value in intake.contact.items()},
            description=_line(intake.description),
            languages=intake.languages,
            period=" to ".join(dict.fromkeys(period)),
            purposes=tuple(map(_line, intake.purposes)),
            opt_outs=len(intake.opt_outs),
            digest=intake.digest,
        )

    @property
    def takedown(self) -> str:
        """Whom to write to, in words."""
        parts = [self.contact.get(key, "") for key in ("name", "email", "url")]
        return ", ".join(part for part in parts if part) or self.organization


def _line(text: str) -> str:
    """On one line: what is folded in YAML has line breaks."""
    return " ".join(text.split())


@dataclass(frozen=True)
class Step:
    """One part of the recipe.

    Attributes:
        what: the first sentence of its docstring; empty for a function of the user's own.
        settings: what was chosen, in YAML's spelling; empty for what it does by default.
        rejected: documents, by its reasons.
    """

    name: str
    what: str
    settings: str
    rejected: Mapping[str, int]


@dataclass(frozen=True)
class Reading:
    """What a person found who read a sample, in numbers; see `sheet.Audit`."""

    passages: int
    read: int
    missed: int
    misses: int
    words: int
    share_high: float

    @classmethod
    def of(cls, audit: Audit | None) -> Reading | None:
        if audit is None:
            return None
        share = round(audit.share_high, 6)
        passages = sum(audit.population.values())
        return cls(passages, audit.read, audit.missed, audit.misses, audit.words, share)


@dataclass(frozen=True)
class Facts:
    """Everything that the texts of a release are made from.

    Attributes:
        name: of the dataset.
        counts: what the run counted (`_stats.run_counts`).
        files: columns that hold files, and of what kind (`_media.columns`).
        recipe: pipeline.yaml as it travels; empty for one that cannot be written.
        audit: what somebody found who read a sample; None if nobody did.
        withdrawn: documents that were taken out of this and earlier versions.
        waivers: words of people that a gate may be passed all the same.
        terms: what people must agree to before they get access; empty for everybody.
        answers: to questions of the datasheet, in the partner's words.
    """

    name: str
    version: str
    date: str
    track: str
    about: About
    run: Manifest
    stats: Stats
    counts: Mapping[str, Any]
    subsets: tuple[Subset, ...]
    files: Mapping[str, str] = field(default_factory=dict)
    recipe: str = ""
    audit: Reading | None = None
    withdrawn: int = 0
    waivers: tuple[Waiver, ...] = ()
    terms: str = ""
    answers: Mapping[str, str] = field(default_factory=dict)

    def stated(self) -> dict[str, Any]:
        """What cannot be measured in the folder, for `again`."""
        return {
            "name": self.name,
            "about": asdict(self.about),
            "terms": self.terms,
            "answers": dict(sorted(self.answers.items())),
            "recipe": self.run.fingerprint,
            "versions": dict(sorted(self.run.versions.items())),
        }

    @classmethod
    def again(
        cls, folder: Folder, stats: Stats, subsets: tuple[Subset, ...], **of_version: Any
    ) -> Facts:
        """The facts of a version that is made from another one, without the run that made it.

        Raises
        ------
        OutputError
            The folder does not say what is needed.
        """
        try:
            numbers = json.loads(folder.read_text("stats.json"))
            stated, counts = numbers["stated"], numbers["run"]
            said: Any = {
                n: tuple(v) if isinstance(v, list) else v for n, v in stated["about"].items()
            }
            run = Manifest(
                stated["recipe"],
                "",
                counts["documents_in"],
                counts["documents_out"],
                counts["rejected"],
                (),
                versions=stated["versions"],
                counts=counts["writer"],
            )
            audit = Reading(**numbers["audit"]) if numbers["audit"] else None
            about = About(**said)
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise OutputError(
                f"{folder.path}/stats.json does not say what a new version needs: {error!r}"
            ) from None
        recipe = folder.read_text("pipeline.yaml") if folder.exists("pipeline.yaml") else ""
        return cls(
            name=stated["name"],
            about=about,
            run=run,
            stats=stats,
            counts=counts,
            subsets=subsets,
            recipe=recipe,
            audit=audit,
            terms=stated["terms"],
            answers=stated["answers"],
            **of_version,
        )

    @property
    def title(self) -> str:
        """For people: ``Harbor house``."""
        words = re.sub(r"[-_]+", " ", self.name).strip()
        return words[:1].upper() + words[1:]

    @property
    def rows(self) -> int:
        return sum(subset.rows for subset in self.subsets)

    @property
    def size(self) -> int:
        """Bytes of the data on disk."""
        return sum(subset.size for subset in self.subsets)

    @property
    def rejected(self) -> int:
        return sum(self.run.rejected.values())

    @property
    def redacted(self) -> dict[str, dict[str, int]]:
        """Of each label, how many spans by policy; those that were kept are left out."""
        found = {
            label: {policy: n for policy, n in policies.items() if policy != "keep"}
            for label, policies in self.counts["redacted"].items()
        }
        return {label: policies for label, policies in found.items() if policies}

    @property
    def kept(self) -> dict[str, int]:
        """Of each label, the spans that were found and left by choice."""
        redacted = self.counts["redacted"]
        return {label: n["keep"] for label, n in redacted.items() if n.get("keep")}

    @property
    def plain(self) -> bool:
        """Whether a row is a document, and not a part of one."""
        return self.stats.rows == self.stats.documents

    @property
    def steps(self) -> list[Step]:
        """Reader, transforms, writer; empty where the recipe cannot be written."""
        recipe = load_yaml(self.recipe) if self.recipe else None
        if not isinstance(recipe, Mapping):
            return []
        parts = [
            ("readers", recipe.get("reader")),
            *(("transforms", item) for item in recipe.get("transforms") or ()),
            ("writers", recipe.get("writer")),
        ]
        return [self._step(kind, item) for kind, item in parts if item]

    def _step(self, kind: str, item: Any) -> Step:
        name = item if isinstance(item, str) else next(iter(item))
        settings = "" if isinstance(item, str) else _shown(item[name])
        what = ""
        if ":" not in name:
            try:
                what = (registry.load(kind, name).__doc__ or "").strip()
            except DataPartnershipsError:  # of a package that is not here
                what = ""
        # A reader of folders hands files on to others, which are no steps of their own.
        names = {name, *registry.table("readers")} if kind == "readers" else {name}
        sentence = " ".join(what.split("\n\n", 1)[0].split())
        rejected = {
            reason: count
            for reason, count in self.run.rejected.items()
            if reason.split(":", 1)[0] in names
        }
        return Step(name, sentence, settings, rejected)


def _shown(value: Any) -> str:
    """Settings on one line, in YAML's spelling."""
    import yaml

    text = yaml.safe_dump(
        value, default_flow_style=True, sort_keys=False, allow_unicode=True, width=10**9
    )
    return " ".join(text.split()).removesuffix(" ...").removeprefix("{").removesuffix("}")


# Given anew by whoever runs it again: Pipeline.from_yaml(deposit=..., out=...).
_GIVEN = ("deposit", "recordings", "path")


def travelling(recipe: str) -> str:
    """A recipe whose files are named, and not where they lie on this machine."""
    import yaml

    plain = load_yaml(recipe)
    if not isinstance(plain, Mapping):
        return recipe
    bare: dict[str, Any] = {}
    for key, value in plain.items():
        kind = {"reader": "readers", "writer": "writers"}.get(str(key), str(key))
        items = [_placeless(kind, item) for item in (value if key == "transforms" else [value])]
        bare[key] = _bare(items if key == "transforms" else items[0])
    if bare == plain:
        return recipe
    return yaml.safe_dump(bare, sort_keys=False, allow_unicode=True)


def _placeless(kind: str, item: Any) -> Any:
    """A component without the fields that say where the deposit lies; of others, base names."""
    if not isinstance(item, Mapping):
        return item
    [(name, given)] = item.items()
    try:
        known = {f.name: f for f in dataclasses.fields(registry.load(kind, str(name)))}
    except (DataPartnershipsError, TypeError):  # of somebody else
        return item
    places = {n for n in given if n in known and known[n].metadata.get("location")}
    # The file of a detector is asked for by its name.
    gone = set() if kind == "detectors" else places & set(_GIVEN)
    kept = {n: _base(v) if n in places else v for n, v in given.items() if n not in gone}
    for inner in ("detectors", "readers"):
        if isinstance(kept.get(inner), list):
            kept[inner] = [_placeless(inner, one) for one in kept[inner]]
    return {name: kept} if kept else name


_LOCAL = re.compile(r"(?:file://|~|/|[A-Za-z]:[\\/]).*[\\/]|~")


def _bare(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _bare(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_bare(item) for item in value]
    return _base(value) if isinstance(value, str) and _LOCAL.match(value) else value


def _base(value: Any) -> Any:
    if isinstance(value, list):
        return [_base(item) for item in value]
    return re.split(r"[\\/]", value.rstrip("\\/"))[-1] if isinstance(value, str) else value

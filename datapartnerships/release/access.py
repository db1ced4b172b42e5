"""Who may read a private dataset, for what, where and how long."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any, Literal

from datapartnerships.config import load_yaml
from datapartnerships.errors import (
    AccessDenied,
    ConfigurationError,
    InvalidParameter,
    PolicyExpired,
    UnknownName,
)

Verdict = Literal["admitted", "party", "purpose", "region", "not yet", "expired"]

# ODRL 2.2: https://www.w3.org/TR/odrl-vocab/
_CONTEXT = "http://www.w3.org/ns/odrl.jsonld"
_NAME = "https://schema.org/name"


@dataclass(frozen=True, slots=True)
class Decision:
    """What a policy says to a request; true where it admits.

    Attributes:
        verdict: ``admitted``, or what stands against it: ``party``, ``purpose``, ``region``,
            ``not yet``, ``expired``.
        reason: one sentence.
    """

    verdict: Verdict
    reason: str

    def __bool__(self) -> bool:
        return self.verdict == "admitted"

    def require(self) -> None:
        """Raise `AccessDenied` (or `PolicyExpired`) unless admitted."""
        if not self:
            raise (PolicyExpired if self.verdict == "expired" else AccessDenied)(self.reason)


@dataclass(frozen=True, kw_only=True)
class AccessPolicy:
    """The partner's own rules for a private dataset.

    Names are compared as they stand. What is not said is not admitted, but for `regions` and
    dates: none of them means everywhere, and without end.

    Attributes:
        parties: who may read: names, as in the agreement.
        purposes: for what, in words that both sides agree on (``evaluation``, ``pretraining``).
        valid_from: the first day, ISO 8601; None: from the beginning.
        valid_until: the last day; None: without end.
        regions: where it may be read and kept: ISO 3166 codes (``IS``, ``US-CA``) or names such as
            ``EEA``; none: everywhere. A code does not lie inside another one.
        redistribution: whether parties may hand it on.
        retention_days: days that a copy may be kept after `valid_until` or the end of the
            agreement; None: nothing is agreed.
    """

    parties: tuple[str, ...]
    purposes: tuple[str, ...]
    valid_from: str | None = None
    valid_until: str | None = None
    regions: tuple[str, ...] = ()
    redistribution: bool = False
    retention_days: int | None = None

    def __post_init__(self) -> None:
        for name in ("parties", "purposes", "regions"):
            given: Any = getattr(self, name)
            least = 0 if name == "regions" else 1
            if not _names(given, least):
                rule = f"a list of {least} or more names, each once, of printable characters"
                raise InvalidParameter(self, name, rule, given)
            object.__setattr__(self, name, tuple(given))
        for name in ("valid_from", "valid_until"):
            given = getattr(self, name)
            if given is not None:
                object.__setattr__(self, name, _day(given, self, name).isoformat())
        if self.valid_from and self.valid_until and self.valid_until < self.valid_from:
            rule = f"a day not before valid_from, {self.valid_from}"
            raise InvalidParameter(self, "valid_until", rule, self.valid_until)
        if not isinstance(self.redistribution, bool):
            raise InvalidParameter(self, "redistribution", "True or False", self.redistribution)
        days: Any = self.retention_days
        if days is not None and (type(days) is not int or days < 0):
            raise InvalidParameter(self, "retention_days", "None or an int >= 0", days)

    def admits(
        self,
        *,
        party: str,
        purpose: str,
        region: str | None = None,
        date: str | dt.date | None = None,
    ) -> Decision:
        """Whether `party` may read for `purpose` in `region` on `date` (today), and why not."""
        day = _day(date or today(), "admits", "date").isoformat()
        if party not in self.parties:
            return Decision("party", f"{party!r} is none of the parties that the policy names.")
        if purpose not in self.purposes:
            allowed = ", ".join(self.purposes)
            return Decision("purpose", f"The policy admits {allowed}, not {purpose!r}.")
        if self.regions and region not in self.regions:
            said = "no region was said" if region is None else f"not {region!r}"
            return Decision("region", f"The policy admits {', '.join(self.regions)}; {said}.")
        if self.valid_from and day < self.valid_from:
            return Decision("not yet", f"The policy begins on {self.valid_from}; this is {day}.")
        if self.valid_until and day > self.valid_until:
            return Decision("expired", f"The policy ended on {self.valid_until}; this is {day}.")
        return Decision("admitted", f"The policy admits {party!r} for {purpose!r} on {day}.")

    def to_plain(self) -> dict[str, Any]:
        """Fields that differ from their defaults, as strings, numbers and lists."""
        found = {item.name: getattr(self, item.name) for item in fields(self)}
        return {
            name: list(value) if isinstance(value, tuple) else value
            for name, value in found.items()
            if value is not None and value is not False and value != ()
        }

    @classmethod
    def from_plain(cls, data: Any, where: str = "the policy") -> AccessPolicy:
        """The policy that a mapping describes, as it stands below ``policy:`` in a YAML file."""
        if not isinstance(data, Mapping):
            raise ConfigurationError(f"{where}: expected fields by name. Got {data!r}.")
        known = [item.name for item in fields(cls)]
        for name in data:
            if name not in known:
                raise UnknownName("field", str(name), known, where=where)
        for name in ("parties", "purposes"):
            if name not in data:
                raise ConfigurationError(f"{where} does not say its {name}.")
        return cls(**data)

    @classmethod
    def from_yaml(cls, text: str) -> AccessPolicy:
        return cls.from_plain(load_yaml(text, "the policy"))

    def to_yaml(self) -> str:
        import yaml

        return str(yaml.safe_dump(self.to_plain(), sort_keys=False, allow_unicode=True))

    def to_odrl(self, target: str) -> dict[str, Any]:
        """The policy of the dataset `target` (a URI) as ODRL 2.2 in JSON-LD.

        Every party has a permission to use, constrained by purpose, place and time; handing it on
        is permitted or prohibited; a duty to delete says the retention. `from_odrl` reads it back.
        """
        limits = [_limit("purpose", "isAnyOf", list(self.purposes))]
        if self.regions:
            limits.append(_limit("spatial", "isAnyOf", list(self.regions)))
        if self.valid_from:
            limits.append(_limit("dateTime", "gteq", _date(self.valid_from)))
        if self.valid_until:
            limits.append(_limit("dateTime", "lteq", _date(self.valid_until)))
        given = [{"@type": "Party", _NAME: party} for party in self.parties]
        use: dict[str, Any] = {"action": "use", "assignee": given, "constraint": limits}
        if self.retention_days is not None:
            span = {"@value": f"P{self.retention_days}D", "@type": "xsd:duration"}
            use["duty"] = [
                {"action": "delete", "constraint": [_limit("delayPeriod", "lteq", span)]}
            ]
        on = {"action": "distribute", "assignee": given}
        policy: dict[str, Any] = {
            "@context": _CONTEXT,
            "@type": "Set",
            "uid": f"{target}:policy",
            "target": target,
        }
        if self.redistribution:
            return {**policy, "permission": [use, on]}
        return {**policy, "permission": [use], "prohibition": [on]}

    @classmethod
    def from_odrl(cls, data: Mapping[str, Any]) -> AccessPolicy:
        """The policy that `to_odrl` wrote.

        Raises
        ------
        ConfigurationError
            It says something that `AccessPolicy` has no field for: nothing is passed over.
        """
        try:
            use, *more = data["permission"]
            said: dict[str, Any] = {"parties": [party[_NAME] for party in use["assignee"]]}
            for limit in use["constraint"]:
                name = _FIELD[limit["leftOperand"], limit["operator"]]
                value = limit["rightOperand"]
                said[name] = value["@value"] if isinstance(value, Mapping) else value
            said["redistribution"] = bool(more)
            for duty in use.get("duty", ()):
                span = duty["constraint"][0]["rightOperand"]["@value"]
                said["retention_days"] = int(span.removeprefix("P").removesuffix("D"))
            found = cls.from_plain(said, "the ODRL policy")
            same = found.to_odrl(data["target"]) == data
        except (KeyError, TypeError, ValueError, AttributeError, IndexError) as error:
            raise ConfigurationError(f"This ODRL is none that to_odrl writes: {error!r}") from None
        if not same:
            raise ConfigurationError("This ODRL says more than an AccessPolicy has fields for.")
        return found


_FIELD = {
    ("purpose", "isAnyOf"): "purposes",
    ("spatial", "isAnyOf"): "regions",
    ("dateTime", "gteq"): "valid_from",
    ("dateTime", "lteq"): "valid_until",
}


def today() -> dt.date:
    """In UTC, as all dates of policies and logs."""
    return dt.datetime.now(dt.UTC).date()


def _limit(left: str, operator: str, right: Any) -> dict[str, Any]:
    return {"leftOperand": left, "operator": operator, "rightOperand": right}


def _date(day: str) -> dict[str, str]:
    return {"@value": day, "@type": "xsd:date"}


def _names(given: Any, least: int) -> bool:
    if isinstance(given, str) or not isinstance(given, Sequence):
        return False
    plain = all(
        isinstance(name, str) and name and name.strip() == name and name.isprintable()
        for name in given
    )
    return plain and len(given) >= least and len(set(given)) == len(given)


def _day(given: Any, owner: object, name: str) -> dt.date:
    if isinstance(given, dt.date) and not isinstance(given, dt.datetime):
        return given
    try:
        return dt.date.fromisoformat(given)
    except (TypeError, ValueError):
        raise InvalidParameter(owner, name, "a day such as '2026-11-22'", given) from None

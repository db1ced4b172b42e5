"""What the gates ask for."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from datapartnerships.config import load_yaml
from datapartnerships.errors import ConfigurationError, InvalidParameter, UnknownName
from datapartnerships.licenses import CLASSES, OPEN
from datapartnerships.schema import BASES


@dataclass(frozen=True, kw_only=True)
class ReleasePolicy:
    """What a release must be for the gates to let it leave. Stands in deposit.yaml, or in code.

    Attributes:
        license_classes: of `datapartnerships.licenses.CLASSES`, those that may be published.
            The default is what the Open Definition calls open.
        bases: of rights, those that are enough. What was inferred is not, unless it is named.
        max_residual_share: of all personal data that two families of detectors can find, the share
            that may still be there: upper bound of the 95 % interval of `estimate_residual`.
        audit_only: labels of which no estimate is asked, as only one family finds them: the audit
            sheet alone speaks for them.
        min_audit_passages: so many of an audit sheet must have been read.
        max_audit_share: so many of all passages may hold a miss: upper bound, 95 %. 60 passages
            without one leave 4.9 %.
        labels_kept: labels that `Redact` may have been told to keep.
    """

    license_classes: tuple[str, ...] = OPEN
    bases: tuple[str, ...] = BASES[:3]
    max_residual_share: float = 0.05
    audit_only: tuple[str, ...] = ()
    min_audit_passages: int = 60
    max_audit_share: float = 0.05
    labels_kept: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for name in ("license_classes", "bases", "audit_only", "labels_kept"):
            given: Any = getattr(self, name)
            if isinstance(given, str) or not all(isinstance(item, str) for item in given):
                raise InvalidParameter(self, name, "a list of strings", given)
            object.__setattr__(self, name, tuple(given))
        for name, known in (("license_classes", CLASSES), ("bases", BASES)):
            for item in getattr(self, name):
                if item not in known:
                    raise UnknownName(name, item, known, where="ReleasePolicy")
        for name in ("max_residual_share", "max_audit_share"):
            if not 0 <= getattr(self, name) <= 1:
                raise InvalidParameter(self, name, "a share, 0 to 1", getattr(self, name))
        if type(self.min_audit_passages) is not int or self.min_audit_passages < 1:
            value = self.min_audit_passages
            raise InvalidParameter(self, "min_audit_passages", "an int >= 1", value)

    def to_plain(self) -> dict[str, Any]:
        """As it stands in YAML."""
        found = dataclasses.asdict(self)
        return {k: list(v) if isinstance(v, tuple) else v for k, v in found.items()}

    @classmethod
    def from_plain(cls, given: Mapping[str, Any] | Self | str | None) -> Self:
        """From a mapping, the text of a YAML file with one, or nothing: the defaults."""
        if isinstance(given, cls):
            return given
        if isinstance(given, str):
            given = load_yaml(given, "the policy")
        if not isinstance(given, Mapping | None):
            raise ConfigurationError(f"A policy is a mapping. Got {given!r}.")
        known = [item.name for item in dataclasses.fields(cls)]
        for name in given or ():
            if name not in known:
                raise UnknownName("rule", str(name), known, where="ReleasePolicy")
        return cls(**dict(given or {}))

"""Access keys, tokens, passwords, private keys and connection strings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import pyarrow as pa

from datapartnerships.detectors._spans import as_table, united

if TYPE_CHECKING:
    from datapartnerships.detectors._scan import Hit

__all__ = ["Secrets"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Secrets:
    """Finds what opens a door, in any language.

    - keys and tokens whose form says whose they are (AWS, GitHub, Slack, JSON Web Tokens, ...);
    - private keys in PEM, OpenSSH and OpenPGP blocks, from the first line to the last;
    - URLs with a user and a password in them, whole;
    - what follows ``Bearer`` and ``Basic``;
    - what is assigned to a name such as ``password``, ``api_key`` or ``lykilorð`` with a colon or
      an equals sign, if it has a digit and looks drawn by chance.

    A string without a known form and without such a name is not found, however random it looks: a
    digest, a UUID or a picture in base64 is no secret. Nor is a password that is a plain word.

    Scores: 0.9 and above by form; 0.8 for what is assigned to a name.

    Examples:
        >>> found = Secrets()(pa.array(["lykilorð: hraun-73-Vik"]))
        >>> [(s["start"], s["end"], s["label"]) for s in found.to_pylist()]
        [(10, 22, 'SECRET')]
    """

    labels: ClassVar[frozenset[str]] = frozenset({"SECRET"})
    # Part of every fingerprint: raise it when a change of the rules changes what is found.
    version: ClassVar[int] = 1
    preload: ClassVar[tuple[str, ...]] = ("datapartnerships.detectors._keys",)

    def covers(self, _language: str) -> Mapping[str, str]:
        """How each label is found in texts of a language: the same in all."""
        return {"SECRET": "form, and names that values are assigned to in 30 languages"}

    def __call__(self, texts: pa.Array) -> pa.Table:
        """Spans of a batch of texts, with the columns of `SPANS`, sorted by text and start.

        Spans never overlap. A null text has no spans.
        """
        from datapartnerships.detectors import _keys
        from datapartnerships.detectors._scan import Column

        column = Column.of(texts)
        hits: list[Hit] = []
        for block in column.blocks:
            found = [
                *_keys.keys(column, block),
                *_keys.assignments(column, block),
                *_keys.private_keys(column, block),
                *_keys.connection_strings(column, block),
            ]
            hits += united(found)
        return as_table(column, hits, "Secrets")

"""Train, test and validation: what belongs together is never parted.

`joined` says which groups hang together through what they share; `Shares` puts a group into a
split by a keyed hash of its name alone. So a group has one split on every machine, in every order
and however the corpus is cut, and nothing has to be remembered.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass

TRAIN, VALIDATION, TEST = "train", "validation", "test"


@dataclass(frozen=True, slots=True)
class Shares:
    """How much of a corpus goes to which split; what is left is for training.

    A share is the chance of each group, not a promise about the whole: of groups of very unequal
    size (one speaker with half of the hours) a split gets more or less than its share.

    Attributes:
        test: chance of a group to be in ``test``, 0 to 1.
        validation: the same for ``validation``.
        seed: another seed deals the groups anew.
    """

    test: float = 0.1
    validation: float = 0.0
    seed: str = ""

    def of(self, group: str) -> str:
        """The split of the group of this name: the same wherever and whenever it is asked."""
        key = hashlib.blake2b(self.seed.encode(), digest_size=32).digest()
        digest = hashlib.blake2b(group.encode("utf-8", "surrogatepass"), digest_size=8, key=key)
        place = int.from_bytes(digest.digest(), "big") / 2**64
        if place < self.test:
            return TEST
        return VALIDATION if place < self.test + self.validation else TRAIN


def joined(sets: Iterable[Iterable[str]]) -> dict[str, str]:
    """For each member of the sets, the name of all that hangs together with it.

    Two members hang together if they are in one set, or through others. The name is the least of
    the members, so it does not depend on the order of the sets.
    """
    parent: dict[str, str] = {}

    def root(name: str) -> str:
        while parent[name] != name:
            parent[name] = parent[parent[name]]
            name = parent[name]
        return name

    for members in sets:
        first: str | None = None
        for member in members:
            parent.setdefault(member, member)
            if first is None:
                first = root(member)
                continue
            first, other = sorted((first, root(member)))
            parent[other] = first
    return {name: root(name) for name in parent}

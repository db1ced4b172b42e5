"""Train, test and validation: what belongs together is never parted.

`joined` says which groups hang together through what they share; `Shares` puts a group into a
split by a keyed hash of its name alone. So a group has one split on every machine, in every order
and however the corpus is cut, and nothing has to be remembered.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from datapartnerships.kernels.words import Hashes, _mixed, hash_strings

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

    def of_each(self, groups: Hashes) -> pa.Array:
        """The same for many groups that have numbers for names."""
        seed = hashlib.blake2b(self.seed.encode(), digest_size=16).digest()
        first, second = np.frombuffer(seed, "<u8")
        with np.errstate(over="ignore"):
            place = (_mixed(_mixed(groups ^ first) + second) >> np.uint64(11)) / 2.0**53
        later = np.where(place < self.test + self.validation, 1, 2)
        index = pa.array(np.where(place < self.test, 0, later))
        return pa.array([TEST, VALIDATION, TRAIN]).take(index)


def keys(values: pa.Array, name: str) -> Hashes:
    """A number for each value (string) of what is called `name`; 0 for a null.

    Two values may have one number, by chance or by malice: they are then in the same split.
    """
    found = hash_strings(pc.binary_join_element_wise(name, values.fill_null(""), "\0"))
    found[np.asarray(pc.is_null(values))] = 0
    return found


def linked(left: Hashes, right: Hashes) -> tuple[Hashes, Hashes]:
    """As `joined`, for pairs of numbers: all of them, sorted, and the group of each.

    Every round hangs each group below the least that it is linked to.
    """
    nodes, place = np.unique(np.concatenate([left, right]), return_inverse=True)
    one, other = place.reshape(2, -1)
    parent = np.arange(len(nodes))
    while len(one):
        low, high = np.minimum(parent[one], parent[other]), np.maximum(parent[one], parent[other])
        np.minimum.at(parent, high, low)
        while True:
            above = parent[parent]
            if np.array_equal(above, parent):
                break
            parent = above
        apart = parent[one] != parent[other]
        one, other = one[apart], other[apart]
    return nodes, nodes[parent]


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

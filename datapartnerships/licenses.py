"""SPDX license expressions: are they valid, may the work be published, which is the strictest.

What a license allows is decided by its class. The classes, and which license is in which, follow
the Open Definition 2.1 (https://opendefinition.org/od/2.1/en/, with its list of conformant
licenses), and the license elements BY, SA, NC and ND of Creative Commons. A license that is in no
class permits nothing: nobody looked at it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache

from datapartnerships.errors import ConfigurationError

PUBLIC_DOMAIN = "public-domain"
ATTRIBUTION = "attribution"
SHARE_ALIKE = "share-alike"
NON_COMMERCIAL = "non-commercial"
NO_DERIVATIVES = "no-derivatives"
CLASSES = (PUBLIC_DOMAIN, ATTRIBUTION, SHARE_ALIKE, NON_COMMERCIAL, NO_DERIVATIVES)
# What the Open Definition calls open. What is redacted, cleaned or cut is an adaptation, which a
# license without derivatives does not let anybody share (CC BY-ND 4.0, section 2(a)(1)(B)).
OPEN = CLASSES[:3]
_OF_CLASS: Mapping[str, str] = {
    PUBLIC_DOMAIN: r"CC0-1\.0|CC-PDM-1\.0|CC-PDDC|PDDL-1\.0|DL-DE-ZERO-2\.0|Unlicense|0BSD|MIT-0",
    ATTRIBUTION: (
        r"CC-BY-[0-9.]+(?:-[A-Z]+)?|ODC-By-1\.0|OGL-UK-[123]\.0|OGL-Canada-2\.0|etalab-2\.0"
        r"|NLOD-[12]\.0|DL-DE-BY-2\.0|CDLA-Permissive-[12]\.0|MIT|ISC|BSD-[23]-Clause|Apache-2\.0"
    ),
    SHARE_ALIKE: (
        r"CC-BY-SA-[0-9.]+(?:-[A-Z]+)?|ODbL-1\.0|CDLA-Sharing-1\.0|MPL-2\.0|EUPL-1\.[12]"
        r"|GFDL-1\.[123]-(?:no-invariants-)?(?:only|or-later)|A?GPL-3\.0-(?:only|or-later)"
        r"|GPL-2\.0-(?:only|or-later)|LGPL-(?:2\.1|3\.0)-(?:only|or-later)"
    ),
    NON_COMMERCIAL: r"CC-BY-NC(?:-SA)?-[0-9.]+(?:-[A-Z]+)?",
    NO_DERIVATIVES: r"CC-BY-(?:NC-)?ND-[0-9.]+(?:-[A-Z]+)?",
}
_CREATIVE_COMMONS = re.compile(r"CC-(BY(?:-NC)?(?:-ND|-SA)?)-([0-9.]+(?:-[A-Z]+)?)")
# Ids of https://huggingface.co/docs/hub/repositories-licenses that are not the SPDX id in small
# letters, and those that are. A license that is in neither is `other`, with a name.
_HUB = {
    "ODC-By-1.0": "odc-by",
    "PDDL-1.0": "pddl",
    "ODbL-1.0": "odbl",
    "C-UDA-1.0": "c-uda",
    "GFDL-1.3-or-later": "gfdl",
    "GPL-3.0-only": "gpl-3.0",
    "GPL-3.0-or-later": "gpl-3.0",
    "GPL-2.0-only": "gpl-2.0",
    "GPL-2.0-or-later": "gpl-2.0",
    "AGPL-3.0-only": "agpl-3.0",
    "AGPL-3.0-or-later": "agpl-3.0",
    "LGPL-2.1-only": "lgpl-2.1",
    "LGPL-2.1-or-later": "lgpl-2.1",
    "LGPL-3.0-only": "lgpl-3.0",
    "LGPL-3.0-or-later": "lgpl-3.0",
}
_SAME = re.compile(
    r"apache-2\.0|mit|bsd-[23]-clause|isc|mpl-2\.0|eupl-1\.[12]|unlicense|cc0-1\.0"
    r"|cc-by-(?:2\.0|2\.5|3\.0|4\.0)|cc-by-sa-[34]\.0|cc-by-nc-[234]\.0|cc-by-nd-4\.0"
    r"|cc-by-nc-nd-[34]\.0|cc-by-nc-sa-[234]\.0|etalab-2\.0|cdla-(?:sharing-1|permissive-[12])\.0"
)


@lru_cache(maxsize=4096)
def parse(expression: str) -> str:
    """The expression as SPDX spells it: ``cc-by-4.0 or mit`` is ``CC-BY-4.0 OR MIT``.

    Every id must be in SPDX's list, or be a ``LicenseRef-NAME``: an agreement that has a name.

    Raises
    ------
    ConfigurationError
        It is not valid; the nearest ids are offered.
    """
    from datapartnerships._backends import spdx

    if not isinstance(expression, str):
        raise ConfigurationError(f"An SPDX expression is a string. Got {expression!r}.")
    return spdx.render(spdx.parse(expression))


def ids(expression: str) -> tuple[str, ...]:
    """The licenses that the expression names, exceptions aside, each once and in its order."""
    from datapartnerships._backends import spdx

    def walk(tree: object) -> Iterable[str]:
        kind, parts = spdx.branches(tree)
        if kind == "id":
            yield parts[0][0]
        else:
            for part in parts:
                yield from walk(part)

    return tuple(dict.fromkeys(walk(spdx.parse(expression))))


def class_of(license: str) -> str | None:
    """Which of `CLASSES` one license is of; None where nobody looked at it."""
    for name, pattern in _OF_CLASS.items():
        if re.fullmatch(pattern, license):
            return name
    return None


def permits_publication(
    expression: str | None, *, classes: Iterable[str] = OPEN, agreements: Iterable[str] = ()
) -> bool:
    """Whether what has this license may be published, by anybody, as it is in a release.

    Of an ``OR`` one branch has to permit it, of an ``AND`` all. An exception (``WITH``) only adds
    permissions. What is no license, is not known, or is none at all permits nothing.

    Args:
        expression: SPDX, as in `rights.license`.
        classes: which of `CLASSES` are enough.
        agreements: each ``LicenseRef-NAME`` of which an agreement says that it permits this.
    """
    from datapartnerships._backends import spdx

    enough, signed = frozenset(classes), frozenset(agreements)

    def permits(tree: object) -> bool:
        kind, parts = spdx.branches(tree)
        if kind == "id":
            name = parts[0][0]
            return name in signed or class_of(name) in enough
        return (all if kind == "AND" else any)(permits(part) for part in parts)

    try:
        return bool(expression) and permits(spdx.parse(expression or ""))
    except ConfigurationError:
        return False


def most_restrictive(expressions: Iterable[str | None]) -> str | None:
    """What holds for a text that is made of several: all of their conditions at once.

    They are joined by ``AND``, less what another of them already asks for: a public domain
    dedication asks for nothing, and of Creative Commons licenses of one version CC-BY-SA asks for
    all that CC-BY does. None, which is unknown, is the strictest of all. An ``OR`` stays one.

    Examples:
        >>> most_restrictive(["CC-BY-4.0", "CC0-1.0", "CC-BY-SA-4.0"])
        'CC-BY-SA-4.0'
        >>> most_restrictive(["CC-BY-4.0", "OGL-UK-3.0"])
        'CC-BY-4.0 AND OGL-UK-3.0'
    """
    given = list(expressions)
    if not given or any(not expression for expression in given):
        return None
    parts = sorted({part for e in given if e for part in _conjuncts(e)})
    stays = [a for a in parts if not any(_implied(a, b) for b in parts if b != a)]
    return stays[0] if len(stays) == 1 else " AND ".join(_bracketed(part) for part in stays)


def strictness(expression: str | None) -> int:
    """How little a license lets one do: the number of its class in `CLASSES`, from 0; above those
    of all classes, what is in none (5), and what is not known (6).

    Of an ``AND`` it is the strictest, of an ``OR`` the least strict.
    """
    from datapartnerships._backends import spdx

    def walk(tree: object) -> int:
        kind, parts = spdx.branches(tree)
        if kind == "id":
            name = class_of(parts[0][0])
            return len(CLASSES) if name is None else CLASSES.index(name)
        return (max if kind == "AND" else min)(walk(part) for part in parts)

    try:
        return walk(spdx.parse(expression)) if expression else len(CLASSES) + 1
    except ConfigurationError:
        return len(CLASSES) + 1


def hub_id(expression: str | None) -> str:
    """What the Hub calls a license in a card; ``other`` where it has no name for it."""
    if not expression:
        return "unknown"
    known = _HUB.get(expression, expression.casefold())
    return known if expression in _HUB or _SAME.fullmatch(known) else "other"


def _conjuncts(expression: str) -> list[str]:
    from datapartnerships._backends import spdx

    tree = spdx.parse(expression)
    kind, parts = spdx.branches(tree)
    if kind != "AND":
        return [spdx.render(tree)]
    return [name for part in parts for name in _conjuncts(spdx.render(part))]


def _implied(a: str, b: str) -> bool:
    """Whether `b` asks for all that `a` does. No two licenses are each implied by the other."""
    if class_of(a) == PUBLIC_DOMAIN:
        return class_of(b) != PUBLIC_DOMAIN or b < a
    own, other = _CREATIVE_COMMONS.fullmatch(a), _CREATIVE_COMMONS.fullmatch(b)
    if own is None or other is None or own[2] != other[2]:
        return False
    return set(own[1].split("-")) < set(other[1].split("-"))


def _bracketed(expression: str) -> str:
    return f"({expression})" if " OR " in expression else expression

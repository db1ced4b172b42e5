"""Any of many words, as a part of an expression."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any


def either(words: Iterable[str]) -> str:
    r"""An expression for any of `words`, the longest that fits first; a space is `\s{1,2}`.

    What words begin with in common stands in it once: it is tried as fast for hundreds as for ten.
    """
    tree: dict[str, Any] = {}
    for word in words:
        node = tree
        for sign in word:
            node = node.setdefault(sign, {})
        if word:
            node[""] = {}
    return f"(?:{_branches(tree)})"


def _branches(node: dict[str, Any]) -> str:
    some = []
    for sign, rest in sorted(node.items(), reverse=True):  # the end of a word, "", is the last
        more = _branches(rest)
        some.append(_sign(sign) + (f"(?:{more})" if len(rest) > 1 else more))
    return "|".join(some)


def _sign(sign: str) -> str:
    return r"\s{1,2}" if sign == " " else re.escape(sign)

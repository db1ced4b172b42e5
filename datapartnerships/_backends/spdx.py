"""SPDX license expressions, by license-expression: its list of ids, its grammar."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

from license_expression import (
    ExpressionError,
    LicenseSymbol,
    LicenseWithExceptionSymbol,
    Licensing,
    get_spdx_licensing,
)

from datapartnerships.errors import ConfigurationError, did_you_mean

# SPDX 2.3, annex D: letters, digits, "-" and "."; also of another document.
_OWN = re.compile(r"(?:DocumentRef-[A-Za-z0-9.-]+:)?LicenseRef-[A-Za-z0-9.-]+")


@cache
def _known() -> Licensing:
    return get_spdx_licensing()


def parse(expression: str) -> Any:
    """The tree of an expression, every id in it known or a ``LicenseRef-``.

    Raises
    ------
    ConfigurationError
        It is no SPDX expression, or names what is not in the list.
    """
    licensing = _known()
    # Ids are the same in any letter case.
    own = {name.lower(): LicenseSymbol(name) for name in _OWN.findall(expression)}
    new = [one for key, one in own.items() if key not in licensing.known_symbols_lowercase]
    if new:
        licensing = Licensing([*licensing.known_symbols.values(), *new])
    try:
        tree = licensing.parse(expression, strict=True)
        unknown = licensing.unknown_license_keys(tree) if tree is not None else []
    except (ExpressionError, AttributeError) as error:  # AttributeError: 30.4.4, "MIT AND"
        text = f"{error}" if isinstance(error, ExpressionError) else "a license is missing"
        raise ConfigurationError(f"{expression!r} is no SPDX expression: {text}") from None
    if tree is None:
        raise ConfigurationError(f"{expression!r} is no SPDX expression: it is empty.")
    if unknown:
        raise ConfigurationError(
            f"{unknown[0]!r} is no SPDX license id (in {expression!r}). "
            f"{did_you_mean(unknown[0], _ids())} A license of your own is a LicenseRef-NAME."
        )
    return tree


def render(tree: Any) -> str:
    return str(tree.render("{symbol.key}"))


def branches(tree: Any) -> tuple[str, list[Any]]:
    """``AND`` or ``OR`` with what it joins, or ``id`` with one pair: license, exception or None."""
    if isinstance(tree, LicenseWithExceptionSymbol):
        return "id", [(tree.license_symbol.key, tree.exception_symbol.key)]
    if isinstance(tree, LicenseSymbol):
        return "id", [(tree.key, None)]
    return str(tree.operator).strip(), list(tree.args)


@cache
def _ids() -> tuple[str, ...]:
    symbols = _known().known_symbols.items()
    return tuple(key for key, s in symbols if not s.is_exception and "scancode" not in key)

"""SPDX expressions: what is one, what may be published under it, which is the strictest."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from datapartnerships import licenses
from datapartnerships.errors import ConfigurationError

KNOWN = (
    "CC0-1.0", "PDDL-1.0", "CC-BY-4.0", "CC-BY-3.0", "CC-BY-SA-4.0", "CC-BY-NC-4.0",
    "CC-BY-NC-SA-4.0", "CC-BY-ND-4.0", "CC-BY-NC-ND-4.0", "ODbL-1.0", "OGL-UK-3.0", "MIT",
    "GPL-3.0-only", "LicenseRef-House", "CC-BY-NC-ND-3.0-IGO", "JSON",
)  # fmt: skip
expressions = st.recursive(
    st.sampled_from(KNOWN),
    lambda inner: st.tuples(inner, st.sampled_from(["AND", "OR"]), inner).map(
        lambda parts: f"({parts[0]}) {parts[1]} ({parts[2]})"
    ),
    max_leaves=5,
)


@pytest.mark.parametrize(
    ("written", "spelled"),
    [
        ("cc-by-4.0 or mit", "CC-BY-4.0 OR MIT"),
        ("GPL-2.0-only with Classpath-exception-2.0",) * 2,
        ("LicenseRef-Harbor-2024 AND (MIT OR ISC)",) * 2,
        ("LicenseRef-a OR LicenseRef-A", "LicenseRef-A OR LicenseRef-A"),
        ("DocumentRef-x:LicenseRef-b",) * 2,
        ("GPL-2.0+", "GPL-2.0-or-later"),
    ],
)
def test_expressions_are_spelled_as_spdx_does(written: str, spelled: str) -> None:
    assert licenses.parse(written).casefold() == spelled.casefold()


@pytest.mark.parametrize(
    ("written", "says"),
    [
        ("CC-BY-4", "Did you mean 'CC-BY-4.0'"),
        ("CC BY 4.0", "no SPDX"),
        ("", "it is empty"),
        ("   ", "no SPDX expression"),
        ("MIT AND", "no SPDX expression"),
        ("(MIT", "no SPDX expression"),
        ("MIT WITH Apache-2.0", "no SPDX expression"),
        ("Classpath-exception-2.0", "no SPDX expression"),
        ("LicenseRef-", "no SPDX license id"),
        ("all rights reserved", "no SPDX"),
        ("https://creativecommons.org/licenses/by/4.0/", "no SPDX"),
    ],
)
def test_what_is_no_expression_is_refused_and_permits_nothing(written: str, says: str) -> None:
    with pytest.raises(ConfigurationError, match=says):
        licenses.parse(written)
    assert not licenses.permits_publication(written)
    assert licenses.hub_id(written) in ("other", "unknown")


@pytest.mark.parametrize(
    ("expression", "permitted"),
    [
        ("CC0-1.0", True),
        ("CC-BY-SA-4.0", True),
        ("CC-BY-NC-4.0", False),
        ("CC-BY-ND-4.0", False),
        ("CC-BY-NC-ND-4.0 OR CC-BY-4.0", True),
        ("CC-BY-NC-4.0 AND CC-BY-4.0", False),
        ("(MIT OR CC-BY-NC-4.0) AND CC0-1.0", True),
        ("JSON", False),  # a license that is in the list, and that nobody looked at
        ("LicenseRef-House", False),
        (None, False),
    ],
)
def test_unknown_is_not_permitted(expression: str | None, permitted: bool) -> None:
    assert licenses.permits_publication(expression) is permitted


def test_a_policy_and_an_agreement_may_permit_more() -> None:
    assert licenses.permits_publication("CC-BY-NC-4.0", classes=("non-commercial",))
    assert not licenses.permits_publication("CC-BY-4.0", classes=("non-commercial",))
    assert licenses.permits_publication("LicenseRef-House", agreements=["LicenseRef-House"])
    assert not licenses.permits_publication("LicenseRef-House", agreements=["LicenseRef-Hous"])


def test_every_creative_commons_license_is_in_the_class_that_its_name_says() -> None:
    parts = {"BY": "attribution", "BY-SA": "share-alike", "BY-NC": "non-commercial",
             "BY-NC-SA": "non-commercial", "BY-ND": "no-derivatives",
             "BY-NC-ND": "no-derivatives"}  # fmt: skip
    for name, version in itertools.product(parts, ("1.0", "2.0", "2.5", "3.0", "4.0")):
        assert licenses.class_of(licenses.parse(f"CC-{name}-{version}")) == parts[name]


@given(st.lists(expressions, min_size=1, max_size=4))
def test_what_is_made_of_several_is_published_only_if_all_may_be(parts: list[str]) -> None:
    both = licenses.most_restrictive(parts)
    assert both is not None and licenses.parse(both) == both
    assert licenses.permits_publication(both) is all(map(licenses.permits_publication, parts))
    assert licenses.strictness(both) == max(map(licenses.strictness, parts))
    assert licenses.most_restrictive([*parts, None]) is None
    assert licenses.most_restrictive(parts[::-1]) == both
    assert licenses.most_restrictive([both, *parts]) == both


def test_the_strictest_of_several() -> None:
    strictest = licenses.most_restrictive
    assert strictest(["CC-BY-4.0", "CC0-1.0", "CC-BY-SA-4.0"]) == "CC-BY-SA-4.0"
    assert strictest(["CC-BY-NC-4.0", "CC-BY-NC-SA-4.0"]) == "CC-BY-NC-SA-4.0"
    # Neither asks for all that the other does.
    assert strictest(["CC-BY-NC-4.0", "CC-BY-SA-4.0"]) == "CC-BY-NC-4.0 AND CC-BY-SA-4.0"
    assert strictest(["CC-BY-3.0", "CC-BY-SA-4.0"]) == "CC-BY-3.0 AND CC-BY-SA-4.0"
    assert strictest(["MIT OR ISC", "CC0-1.0", "CC-BY-4.0"]) == "CC-BY-4.0 AND (MIT OR ISC)"
    assert strictest([]) is None


@pytest.mark.parametrize(
    ("expression", "name"),
    [
        ("CC-BY-4.0", "cc-by-4.0"), ("CC0-1.0", "cc0-1.0"), ("PDDL-1.0", "pddl"),
        ("ODbL-1.0", "odbl"), ("ODC-By-1.0", "odc-by"), ("Apache-2.0", "apache-2.0"),
        ("GPL-3.0-or-later", "gpl-3.0"), ("OGL-UK-3.0", "other"), ("CC-BY-4.0 OR MIT", "other"),
        ("LicenseRef-House", "other"), (None, "unknown"),
    ],
)  # fmt: skip
def test_the_hub_has_names_of_its_own(expression: str | None, name: str) -> None:
    assert licenses.hub_id(expression) == name

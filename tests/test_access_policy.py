"""Who may read, for what, where and how long; and the same as ODRL."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

import datapartnerships as dp
from datapartnerships.errors import AccessDenied, ConfigurationError, PolicyExpired, UnknownName

POLICY = dp.AccessPolicy(
    parties=("Lab",),
    purposes=("evaluation",),
    valid_from="2026-01-01",
    valid_until="2026-12-31",
    regions=("IS", "NO"),
    retention_days=30,
)
REQUEST = {"party": "Lab", "purpose": "evaluation", "region": "IS", "date": "2026-06-01"}


@pytest.mark.parametrize(
    ("change", "verdict"),
    [
        ({}, "admitted"),
        ({"date": "2026-01-01"}, "admitted"),
        ({"date": "2026-12-31"}, "admitted"),
        ({"date": dt.date(2026, 12, 31)}, "admitted"),
        ({"date": "2025-12-31"}, "not yet"),
        ({"date": "2027-01-01"}, "expired"),
        ({"party": "lab"}, "party"),
        ({"purpose": "pretraining"}, "purpose"),
        ({"region": "US"}, "region"),
        ({"region": None}, "region"),
    ],
)
def test_what_is_admitted(change: dict, verdict: str) -> None:
    found = POLICY.admits(**{**REQUEST, **change})
    assert found.verdict == verdict and bool(found) == (verdict == "admitted")
    assert found.reason.endswith(".")
    if not found:
        error = PolicyExpired if verdict == "expired" else AccessDenied
        with pytest.raises(error):
            found.require()


def test_a_policy_without_dates_and_regions_holds_everywhere_and_always() -> None:
    policy = dp.AccessPolicy(parties=("Lab",), purposes=("evaluation",))
    assert policy.admits(party="Lab", purpose="evaluation")
    assert policy.admits(party="Lab", purpose="evaluation", region="US", date="1999-01-01")


@pytest.mark.parametrize(
    "fields",
    [
        {"parties": ()},
        {"parties": "Lab"},
        {"parties": ("Lab", "Lab")},
        {"parties": ("",)},
        {"purposes": ()},
        {"regions": (" IS",)},
        {"regions": ("I\nS",)},
        {"valid_from": "1.1.2026"},
        {"valid_from": "2026-02-01", "valid_until": "2026-01-01"},
        {"redistribution": "no"},
        {"retention_days": -1},
        {"retention_days": True},
    ],
)
def test_what_a_policy_cannot_be(fields: dict) -> None:
    with pytest.raises(ConfigurationError, match=r"parameter of AccessPolicy must be"):
        dp.AccessPolicy(**{"parties": ("Lab",), "purposes": ("evaluation",), **fields})


def test_from_yaml() -> None:
    assert dp.AccessPolicy.from_yaml(POLICY.to_yaml()) == POLICY
    with pytest.raises(UnknownName, match="Did you mean 'purposes'"):
        dp.AccessPolicy.from_yaml("parties: [Lab]\npurpose: [evaluation]\n")
    with pytest.raises(ConfigurationError, match="does not say its parties"):
        dp.AccessPolicy.from_yaml("purposes: [evaluation]")
    with pytest.raises(ConfigurationError, match="expected fields by name"):
        dp.AccessPolicy.from_yaml("- Lab")
    # YAML makes dates of days by itself.
    days = "parties: [Lab]\npurposes: [evaluation]\nvalid_until: 2026-12-31\n"
    assert dp.AccessPolicy.from_yaml(days).valid_until == "2026-12-31"


_name = st.text(min_size=1).filter(lambda text: text.strip() == text and text.isprintable())
_names = st.lists(_name, min_size=1, max_size=4, unique=True)
_days = st.none() | st.dates().map(dt.date.isoformat)


@given(
    _names,
    _names,
    _days,
    _days,
    st.just([]) | _names,
    st.booleans(),
    st.none() | st.integers(0, 9999),
)
def test_any_policy_comes_back(
    parties, purposes, first, last, regions, redistribution, days
) -> None:
    if first and last:
        first, last = sorted((first, last))
    policy = dp.AccessPolicy(
        parties=parties, purposes=purposes, valid_from=first, valid_until=last, regions=regions,
        redistribution=redistribution, retention_days=days,
    )  # fmt: skip
    assert dp.AccessPolicy.from_plain(policy.to_plain()) == policy
    assert dp.AccessPolicy.from_yaml(policy.to_yaml()) == policy
    assert dp.AccessPolicy.from_odrl(policy.to_odrl("urn:x:y")) == policy


def test_as_odrl() -> None:
    odrl = POLICY.to_odrl("urn:datapartnerships:letters")
    assert odrl["@context"] == "http://www.w3.org/ns/odrl.jsonld"
    assert odrl["target"] == "urn:datapartnerships:letters"
    (use,) = odrl["permission"]
    assert [limit["leftOperand"] for limit in use["constraint"]] == [
        "purpose", "spatial", "dateTime", "dateTime"
    ]  # fmt: skip
    assert odrl["prohibition"][0]["action"] == "distribute"
    assert use["duty"][0]["constraint"][0]["rightOperand"]["@value"] == "P30D"


def test_odrl_that_says_more_is_refused() -> None:
    odrl = POLICY.to_odrl("urn:x")
    for wrong in (
        {**odrl, "obligation": []},
        {"@type": "Set"},
        {**odrl, "permission": []},
        {**odrl, "permission": [{**odrl["permission"][0], "duty": [{"action": "pay"}]}]},
    ):
        with pytest.raises(ConfigurationError, match="ODRL"):
            dp.AccessPolicy.from_odrl(wrong)

"""deposit.yaml: what it says of each file, and what is wrong with it on which line."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pathspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from datapartnerships.errors import ConfigurationError
from datapartnerships.intake import Intake, matches, place_of, schema

ROOT = Path(__file__).parent.parent
LEAST = """\
name: fish-market
organization: The Fish Market Museum
track: open
rights: {license: CC-BY-4.0, basis: declared, holder: The Museum, evidence: letters/1.pdf}
"""


def problems(text: str) -> list[str]:
    with pytest.raises(ConfigurationError) as caught:
        Intake.parse(text)
    return [line.strip() for line in str(caught.value).splitlines()[1:]]


def test_the_sample_deposit_is_valid_and_has_two_licenses() -> None:
    intake = Intake.load(str(ROOT / "examples" / "deposit"))
    assert intake.rights_of("letters/door-note.txt")["license"] == "CC0-1.0"
    story = intake.rights_of("stories/stories.jsonl", "#3")
    assert (story["license"], story["track"]) == ("CC-BY-4.0", "open")
    assert story["holder"] == "Harbor House Story Circle"
    assert len(intake.digest) == 64


def test_everything_that_can_be_said() -> None:
    intake = Intake.parse(
        LEAST
        + """\
contact: {name: Desk, email: desk@museum.example, url: "https://museum.example/"}
description: Logs of the auction.
languages: [is, nb, no]
modalities: [text, audio]
size: 3 boxes
period: {from: 1921, to: about 1960}
agreement:
  id: LicenseRef-Museum-2026
  name: Loan of the tapes
  parties: [The Museum, The Archive]
  signed: 2026-01-15
  from: 2026-02-01
  until: 2027-01-31
  evidence: contracts/7.pdf
overrides:
  - path: tapes/
    license: LicenseRef-Museum-2026
    basis: contract
    track: private
    valid_until: 2027-01-31
  - path: "*.log"
    statement: http://rightsstatements.org/vocab/NoC-NC/1.0/
    signals:
      - {name: tdm-reservation, value: 1, read_on: 2026-03-01}
      - {name: aipref, value: train-ai=n, read_on: 2026-03-01}
people: lists/people.csv
cues: lists/cues.txt
purposes: [research, language models]
embargo_until: 2026-06-01
opt_outs:
  - {path: tapes/12.wav, reason: family asked, date: 2026-02-02}
policy: {max_residual_share: 0.02, license_classes: [public-domain, attribution]}
"""
    )
    assert intake.languages == ("is", "nb", "no")  # Norwegian, and no boolean
    assert intake.agreement is not None and intake.agreement.in_force("2026-02-01")
    assert not intake.agreement.in_force("2027-02-01")
    assert intake.permitting == frozenset()  # it does not say that it permits publication
    tape = intake.rights_of("tapes/1.wav")
    assert tape["license"] == "LicenseRef-Museum-2026" and tape["holder"] is None
    assert tape["embargo_until"] == "2026-06-01" and tape["valid_until"] == "2027-01-31"
    log = intake.rights_of("box/a.log")
    assert (log["license"], log["evidence"]) == ("CC-BY-4.0", "letters/1.pdf")
    assert log["signals"][0] == {"name": "tdm-reservation", "value": "1", "read_on": "2026-03-01"}
    assert intake.rights_of("tapes/x.log")["license"] == "CC-BY-4.0"  # the last that matches
    out = intake.opt_out_of("tapes/12.wav")
    assert out is not None and out.reason == "family asked"
    assert intake.opt_out_of("tapes/13.wav") is None


def test_a_license_brings_no_evidence_of_another() -> None:
    text = "overrides: [{path: a/, license: MIT, basis: inferred}, {path: b/, track: private}]\n"
    intake = Intake.parse(LEAST + text)
    a, b = intake.rights_of("a/x"), intake.rights_of("b/x")
    assert (a["holder"], a["evidence"], a["track"]) == (None, None, "open")
    assert (b["license"], b["holder"], b["track"]) == ("CC-BY-4.0", "The Museum", "private")


def test_without_a_license_there_is_none() -> None:
    intake = Intake.parse(re.sub(r"license: CC-BY-4.0, ", "", LEAST))
    assert intake.rights_of("x")["license"] is None


def test_every_problem_is_named_with_its_line() -> None:
    found = problems(
        """\
name: a b
organisation: X
track: opne
rights:
  license: CC-BY-4
  basis: declared
  basis: statute
overrides:
  - path: x/
  - path: y/
    license: MIT
  - path: z
    valid_until: 2026-13-01
    signals: [{name: tdm, value: 1, red_on: 2026-01-01}]
  - path: "!k"
    track: private
policy:
  max_audit_share: 5
"""
    )
    lines = [int(re.match(r"line (\d+)", line)[1]) for line in found]  # type: ignore[index]
    assert lines == [1, 1, 2, 3, 7, 9, 10, 13, 14, 14, 15, 18]
    text = "\n".join(found)
    assert "unknown key 'organisation'. Did you mean 'organization'?" in text
    assert "'organization' is missing" in text and "one of open, private. Got 'opne'" in text
    assert "'basis' is there twice, first in 6" in text
    assert "unknown key 'red_on' in 'overrides[2].signals[0]'. Did you mean 'read_on'?" in text
    assert "a day, as 2026-11-22. Got '2026-13-01'" in text
    assert "a number, at most 1. Got 5" in text


def test_what_no_schema_can_say_has_its_line_too() -> None:
    found = problems(
        LEAST.replace("CC-BY-4.0", "LicenseRef-Harbor")
        + "agreement: {id: LicenseRef-Harbour, from: 2026-01-01}\n"
        "agreements: [{id: LicenseRef-Harbour, from: 2026-02-01}]\n"
        "overrides:\n  - {path: x, license: CC-BY-4, basis: declared}\n"
    )
    assert found[0] == (
        "line 4: no agreement is called 'LicenseRef-Harbor'. Did you mean 'LicenseRef-Harbour'?"
    )
    assert "line 6: two agreements are called" in found[1]
    assert found[2].startswith("line 8: 'CC-BY-4' is no SPDX license id")


@pytest.mark.parametrize("text", ["", "[1]", "- x", "just words", "name: {a: b}", "null"])
def test_what_is_no_description_is_refused(text: str) -> None:
    assert problems(text)


def test_broken_yaml_and_missing_files_are_said(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="is not YAML"):
        Intake.parse("a: [")
    with pytest.raises(ConfigurationError, match="init FOLDER"):
        Intake.load(tmp_path)
    (tmp_path / "deposit.yaml").write_bytes(LEAST.encode("utf-16"))
    with pytest.raises(ConfigurationError, match="not UTF-8"):
        Intake.load(tmp_path)


@pytest.mark.parametrize(
    ("pattern", "path", "hit"),
    [
        ("letters/", "letters/a/b.txt", True), ("letters/", "x/letters/b", True),
        ("letters/", "letters", False), ("a/b", "a/b/c", True), ("a/b", "x/a/b", False),
        ("**/b", "x/a/b", True), ("a/**", "a", False), ("a/**", "a/x/y", True),
        ("a/**", "a/x\ny", True),
        ("a/**/z", "a/z", True), ("a/**/z", "a/b/c/z", True), ("*.mbox", "mail/x.mbox", True),
        ("*.mbox", "mail/x.mbox/3", True), ("*.mbox", "mail/x.mboxes", False),
        ("/x", "a/x", False), ("/x", "x", True), ("a?c", "abc", True), ("a?c", "a/c", False),
        ("[ab].txt", "b.txt", True), ("[!ab].txt", "c.txt", True), ("[!ab].txt", "a.txt", False),
        ("a.c", "abc", False), (r"a\*", "a*", True), (r"a\*", "ab", False), ("æ*", "ærslir", True),
    ],
)  # fmt: skip
def test_patterns_are_those_of_gitignore(pattern: str, path: str, hit: bool) -> None:
    assert matches(pattern, path) is hit
    spec = pathspec.GitIgnoreSpec.from_lines([pattern])
    assert spec.match_file(path) is hit, "another reader of .gitignore sees it otherwise"


_names = st.text("ab.*", min_size=1, max_size=3).filter(lambda name: name.strip("."))


@given(
    st.lists(_names, min_size=1, max_size=3),
    st.booleans(),
    st.lists(_names, min_size=1, max_size=4),
)
def test_any_pattern_is_read_as_git_does(parts: list[str], folder: bool, path: list[str]) -> None:
    pattern = "/".join(parts) + ("/" if folder else "")
    place = "/".join(path).replace("*", "a")
    spec = pathspec.GitIgnoreSpec.from_lines([pattern])
    assert matches(pattern, place) is spec.match_file(place)


def test_members_are_below_their_archive_and_accents_are_one() -> None:
    inside = place_of("archive/box-7.zip", "inner.zip!letters/a.txt")
    assert (
        matches("archive/box-7.zip", inside)
        and matches("box-7.zip!inner.zip!letters/", inside) is False
    )
    assert matches("archive/box-7.zip!inner.zip!letters/", inside)
    assert matches("bréf/", place_of("bre\u0301f/1.txt"))


def test_the_schema_is_one_and_says_what_the_keys_are() -> None:
    from jsonschema import Draft202012Validator

    Draft202012Validator.check_schema(schema())
    fields = {item.name for item in Intake.__dataclass_fields__.values()} - {"digest", "path"}
    assert fields - set(schema()["properties"]) == set()
    assert json.loads(json.dumps(schema())) == schema()


def test_the_schema_that_is_published_is_that_of_the_library() -> None:
    published = ROOT / "docs" / "reference" / "deposit.schema.json"
    assert json.loads(published.read_text("utf-8")) == schema()
    page = published.with_name("deposit.md").read_text("utf-8")
    definitions = schema()["$defs"]
    keys = {*schema()["properties"], *definitions["override"]["properties"]}
    keys |= set(definitions["agreement"]["properties"])
    assert not [key for key in sorted(keys) if f"`{key}`" not in page]


def test_a_policy_of_the_deposit_is_one_that_the_gates_know() -> None:
    from datapartnerships.release.policy import ReleasePolicy

    plain = ReleasePolicy().to_plain()
    assert set(schema()["properties"]["policy"]["properties"]) == set(plain)
    text = LEAST + "policy: " + json.dumps(plain) + "\n"
    assert ReleasePolicy.from_plain(Intake.parse(text).policy) == ReleasePolicy()

"""The sample deposit: what examples/expected.yaml lists is found, and the checker can fail."""

from __future__ import annotations

import importlib.util
import shutil
import warnings
from pathlib import Path
from types import ModuleType

import pytest

import datapartnerships as dp

EXAMPLES = Path(__file__).parent.parent / "examples"


def _checker() -> ModuleType:
    spec = importlib.util.spec_from_file_location("check", EXAMPLES / "check.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def release(tmp_path_factory: pytest.TempPathFactory) -> dp.Release:
    pipeline = dp.Pipeline.from_yaml(
        (EXAMPLES / "recipe.yaml").read_text(),
        deposit=str(EXAMPLES / "deposit"),
        out=str(tmp_path_factory.mktemp("demo") / "out"),
    )
    return dp.run(pipeline, workers=2)


def test_everything_listed_is_found(release: dp.Release) -> None:
    assert _checker().check(release) == []


def test_the_report_says_how_many_persons_may_be_left(release: dp.Release) -> None:
    persons = [x for x in dp.estimate_residual(release) if x.group[0] == "PERSON"]
    assert persons[0].found > 30 and persons[0].abstains == ""
    assert 0 <= persons[0].low <= (persons[0].high or 0) < persons[0].found
    page = release.report.to_html()
    assert "Still there, as estimated" in page and "<bdi>PERSON und</bdi>" in page


def test_every_file_has_its_row(release: dp.Release) -> None:
    rows = [*release.dataset, *release.rejected]
    files = {
        str(file.relative_to(EXAMPLES / "deposit"))
        for file in (EXAMPLES / "deposit").rglob("*")
        if file.is_file() and file.name != "deposit.yaml"
    }
    assert files == {row["provenance"]["uri"] for row in rows}


def test_the_check_fails_where_columns_are_mixed() -> None:
    path = "reports/what-the-timetable-knew.pdf"
    wanted = {"documents": [{"path": path, "in_order": ["left above", "left below", "right"]}]}

    def problems(text: str) -> list[str]:
        row = {"segments": [{"text": text}]}
        return list(_checker()._check_documents(wanted, {path: [row]}))

    assert problems("left above left below right") == []
    assert "'left below' does not come" in problems("left below left above right")[0]
    assert "'right' does not come" in problems("left above right left below")[0]


def test_the_check_fails_without_redaction_and_repair(tmp_path: Path) -> None:
    deposit = tmp_path / "deposit"
    shutil.copytree(EXAMPLES / "deposit", deposit, ignore=shutil.ignore_patterns("scans"))
    pipeline = dp.Pipeline.from_yaml(
        "transforms: [Deduplicate]", deposit=str(deposit), out=str(tmp_path / "out")
    )
    problems = _checker().check(dp.run(pipeline, workers=2))
    assert any("still has 'halla.brimdal" in problem for problem in problems)
    assert any("still has 'Ã©'" in problem for problem in problems)
    assert any("door-note.txt: reasons []" in problem for problem in problems)


def test_a_release_of_it_is_signed_and_read_by_others(
    release: dp.Release, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(str(EXAMPLES))
    spec = importlib.util.spec_from_file_location("demo", EXAMPLES / "demo.py")
    assert spec and spec.loader
    demo = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(demo)
    monkeypatch.setattr(demo, "RELEASE", tmp_path / "release")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # of rdflib, which mlcroissant calls
        assert demo.released(release) == []
    (tmp_path / "release" / "NOTICE").write_text("")
    assert demo._signed(dp.ReleaseFolder.open(str(tmp_path / "release"))) != []

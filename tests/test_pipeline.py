"""A pipeline is a value, checked when it is built."""

from __future__ import annotations

import json
import pickle
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

import datapartnerships as dp
from datapartnerships import detectors as d
from datapartnerships import readers, registry, writers
from datapartnerships import transforms as t
from datapartnerships.config import from_plain, to_plain
from datapartnerships.errors import (
    ConfigurationError,
    InvalidParameter,
    NameClash,
    PipelineError,
    UnknownName,
)


def _pipeline(path: str = "in.jsonl", out: str = "out") -> dp.Pipeline:
    return dp.Pipeline(
        reader=readers.JsonlReader(path, text="body"),
        transforms=[
            t.RepairUnicode(),
            t.FilterLength(min_characters=3),
            t.Deduplicate(),
            t.DetectPii([d.Contacts(find=("EMAIL",))]),
            t.Redact(policy="mask", by_label={"EMAIL": "redact"}),
        ],
        writer=writers.ParquetWriter(out),
    )


def test_a_recipe_says_which_model_the_environment_named(monkeypatch: pytest.MonkeyPatch) -> None:
    def made(**options: object) -> dp.Pipeline:
        return dp.Pipeline(readers.FolderReader("in", **options), (), writers.ParquetWriter("out"))

    plain = made()
    assert "asr" not in plain.to_yaml()
    monkeypatch.setenv("DATAPARTNERSHIPS_ASR_MODEL", "models/base")
    named = made()
    assert "models/base" in named.to_yaml() and named.fingerprint != plain.fingerprint
    wanted = made(asr=readers.Asr(model="models/base", languages=("is",)))
    monkeypatch.setenv("DATAPARTNERSHIPS_ASR_MODEL", "another")
    for pipeline in (plain, named, wanted):
        assert dp.Pipeline.from_yaml(pipeline.to_yaml()) == pipeline or pipeline is plain
    none = dp.Pipeline(readers.AudioReader("in", asr=None), (), writers.ParquetWriter("out"))
    assert dp.Pipeline.from_yaml(none.to_yaml()) == none


def test_goes_through_yaml_and_pickle() -> None:
    pipeline = _pipeline()
    assert dp.Pipeline.from_yaml(pipeline.to_yaml()) == pipeline
    assert pickle.loads(pickle.dumps(pipeline)) == pipeline
    recipe = pipeline.to_yaml(locations=False)
    assert "in.jsonl" not in recipe
    again = dp.Pipeline.from_yaml(recipe, deposit="in.jsonl", out="out")
    assert again == pipeline


def test_fingerprint_follows_what_is_done_not_where() -> None:
    assert _pipeline().fingerprint == _pipeline("elsewhere", "other").fingerprint
    changed = dp.Pipeline(
        _pipeline().reader, (t.FilterLength(min_characters=4),), _pipeline().writer
    )
    assert changed.fingerprint != _pipeline().fingerprint


def test_the_order_of_finding_and_rewriting_is_checked() -> None:
    reader, detect = readers.JsonlReader("x"), t.DetectPii([d.Contacts()])
    with pytest.raises(PipelineError, match="RepairUnicode rewrites text after DetectPii"):
        dp.Pipeline(reader, [detect, t.RepairUnicode(), t.Redact()])
    with pytest.raises(PipelineError, match="Redact has no spans to act on"):
        dp.Pipeline(reader, [t.Redact()])
    dp.Pipeline(reader, [t.RepairUnicode(), detect, detect, t.Redact(), t.RepairUnicode()])


def test_columns_are_checked() -> None:
    @dp.batch(requires=["words"], provides=["drop_reason"])
    def needs(batch: pa.Table) -> pa.Table:
        return batch

    @dp.document(provides={"words": "int32"})
    def gives(row: dict) -> dict:
        return {"words": 1}

    reader = readers.JsonlReader("x")
    dp.Pipeline(reader, [gives, needs])
    with pytest.raises(PipelineError, match="which only gives provides: put gives before it"):
        dp.Pipeline(reader, [needs, gives])
    with pytest.raises(UnknownName, match="'words' in requires of needs"):
        dp.Pipeline(reader, [needs])
    with pytest.raises(UnknownName, match="'longst' in keep of Deduplicate"):
        dp.Pipeline(reader, [t.Deduplicate(keep="longst")])
    with pytest.raises(UnknownName, match="'case' in together of Split"):
        dp.Pipeline(reader, [t.Split(together=("file", "case"))])


def test_parts_that_do_not_fit_are_named() -> None:
    with pytest.raises(PipelineError, match="it is a class: call it"):
        dp.Pipeline(readers.JsonlReader)
    with pytest.raises(PipelineError, match="it lacks shards, read"):
        dp.Pipeline("folder/")  # type: ignore[arg-type]
    with pytest.raises(PipelineError, match=r"transforms\[0\]"):
        dp.Pipeline(readers.JsonlReader("x"), [len])  # type: ignore[list-item]


def test_wrong_names_and_values_are_answered_with_what_is_right() -> None:
    with pytest.raises(UnknownName, match="Did you mean 'min_characters'"):
        from_plain({"FilterLength": {"min_character": 3}}, kind="transforms")
    with pytest.raises(UnknownName, match="Did you mean 'FilterLength'"):
        from_plain("FilterLenght", kind="transforms")
    with pytest.raises(UnknownName, match="key 'transform'"):
        dp.Pipeline.from_yaml("transform: []")
    with pytest.raises(InvalidParameter, match="'policy' parameter of Redact must be one of"):
        t.Redact(policy="anonymize")
    with pytest.raises(InvalidParameter, match="exact duplicates"):
        t.Deduplicate(threshold=0.4)
    with pytest.raises(ConfigurationError, match="one name with its fields"):
        from_plain([1, 2], kind="transforms")


def test_preview_shows_before_after_and_why_not(tmp_path: Path) -> None:
    rows = [
        {"body": "The cafÃ© of anna@example.is"},
        {"body": "x"},
        {"body": "The same line."},
        {"body": "The same line."},
    ]
    file = tmp_path / "in.jsonl"
    file.write_text("\n".join(json.dumps(row) for row in rows))
    preview = _pipeline(str(file)).preview(10)
    assert [row.drop_reason and row.drop_reason.split(" (")[0] for row in preview.rows] == [
        None,
        "FilterLength: fewer than 3 characters",
        None,
        "Deduplicate: exact duplicate",
    ]
    assert preview.rows[0].text("after") == "The café of [EMAIL]"
    assert "cafÃ©" in repr(preview) and "<b>rejected</b>" in preview._repr_html_()
    assert len(_pipeline(str(file)).preview(1)) == 1


def test_preview_of_a_long_document_shows_what_changed(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(
        "A long story. " * 100 + "The cafÃ© was closed." + " End." * 200
    )
    preview = dp.Pipeline(readers.FolderReader(str(tmp_path)), [t.RepairUnicode()]).preview()
    for shown in (repr(preview), preview._repr_html_()):
        assert shown.count("The cafÃ© was closed.") == shown.count("The café was closed.") == 1


def test_a_name_registered_twice_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    from importlib.metadata import EntryPoint

    point = EntryPoint("RepairUnicode", "elsewhere:Other", "datapartnerships.transforms")
    monkeypatch.setattr(registry, "_entry_points", lambda: [point])
    registry.table.cache_clear()
    try:
        with pytest.raises(NameClash, match="'RepairUnicode' of transforms is registered twice"):
            registry.table("transforms")
    finally:
        registry.table.cache_clear()


def test_a_decimal_comma_is_answered() -> None:
    recipe = "transforms: [{Deduplicate: {threshold: 0,8}}]"
    with pytest.raises(UnknownName, match="Unknown parameter '8' in Deduplicate"):
        dp.Pipeline.from_yaml(recipe)
    with pytest.raises(InvalidParameter, match=r"'threshold'.*Got '0,8'"):
        dp.Pipeline.from_yaml(recipe.replace("0,8", "'0,8'"))


def test_a_component_holds_plain_values_only() -> None:
    with pytest.raises(ConfigurationError, match="cannot be written"):
        to_plain(object())


@pytest.mark.parametrize(
    ("column", "step"),
    [("language", "IdentifyLanguage"), ("split", "Split or SplitBySpeaker")],
)
def test_a_missing_column_is_said_with_the_step_that_makes_it(column: str, step: str) -> None:
    @dp.batch(requires=[column])
    def counted(batch: Any) -> Any:
        return batch

    with pytest.raises(PipelineError, match=f"{column}.*put {step} before it"):
        dp.Pipeline(readers.FolderReader("x"), [counted])

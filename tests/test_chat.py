"""Lines for training tools: roles, turns, what is left out, and the sidecar of rights."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
import release_sample as sample

import datapartnerships as dp
from datapartnerships import readers, writers
from datapartnerships import transforms as t
from datapartnerships.errors import ConfigurationError, InvalidParameter
from datapartnerships.schema import Document, FileSpan, Segment, Shard, documents_to_table


def talk(id: str, *turns: tuple[str | None, str], kind: str = "conversation") -> Document:
    said = [Segment(text, kind="turn", speaker=speaker) for speaker, text in turns]
    return Document(id, "s", kind=kind, segments=said, rights={"license": "CC0-1.0"})


TALKS = [
    talk("a", ("user", "Which tide?"), ("assistant", "The second."), ("assistant", "At six.")),
    talk("b", ("Anna", "Hvað kostar?"), ("Bjarni", "Ekkert."), ("Anna", "Takk.")),
    talk("c", ("Anna", "One."), ("Bjarni", "Two."), ("Daði", "Three.")),
    talk("d", ("HUMAN", "Hello"), ("GPT", ""), ("gpt", "Good day.")),
    talk("e", (None, "Letter text."), kind="text"),
    talk("f", ("user", "Anybody?")),
]


def write(writer: Any, documents: list[Document] = TALKS) -> tuple[list[dict], Any]:
    shard = Shard(0, (FileSpan("part"),))
    receipt = writer.write(shard, [documents_to_table(documents)])
    manifest = writer.commit([receipt])
    return lines_of(Path(writer.path)), manifest


def lines_of(folder: Path) -> list[dict]:
    files = sorted((folder / "data").glob("*.jsonl"))
    return [json.loads(line) for file in files for line in file.read_text().splitlines()]


def told(messages: list[dict[str, str]]) -> list[tuple[str, str]]:
    return [(message["role"], message["content"]) for message in messages]


def test_roles_that_programs_name(tmp_path: Path) -> None:
    lines, manifest = write(writers.ChatWriter(str(tmp_path)))
    assert [line["id"] for line in lines] == ["a", "d"]
    assert set(lines[0]) == {"id", "messages"}
    assert told(lines[0]["messages"]) == [
        ("user", "Which tide?"), ("assistant", "The second.\n\nAt six.")
    ]  # fmt: skip
    assert told(lines[1]["messages"]) == [("user", "Hello"), ("assistant", "Good day.")]
    assert manifest.counts == {
        "documents": 6,
        "left out: a speaker has no role": 2,
        "left out: nobody is the assistant": 1,
        "left out: not a conversation": 1,
        "rows": 2,
    }


def test_people_in_turn_and_by_name(tmp_path: Path) -> None:
    lines, manifest = write(writers.ChatWriter(str(tmp_path / "turn"), others="in turn"))
    assert [line["id"] for line in lines] == ["a", "b", "d"]
    assert [role for role, _ in told(lines[1]["messages"])] == ["user", "assistant", "user"]
    assert manifest.counts["left out: more than two speakers have no role"] == 1
    named = writers.ChatWriter(
        str(tmp_path / "name"), roles=(("Bjarni", "assistant"),), others="user", join_turns=False
    )
    lines, _ = write(named)
    assert [line["id"] for line in lines] == ["a", "b", "c", "d"]
    assert [role for role, _ in told(lines[2]["messages"])] == ["user", "assistant", "user"]
    assert len(lines[0]["messages"]) == 3


def test_a_system_message_is_put_where_there_is_none(tmp_path: Path) -> None:
    own = talk("g", ("system", "Be brief."), ("user", "Why?"), ("assistant", "So."))
    writer = writers.ChatWriter(str(tmp_path), system="You mend nets.")
    lines, _ = write(writer, [TALKS[0], own])
    assert told(lines[0]["messages"])[0] == ("system", "You mend nets.")
    assert told(lines[1]["messages"])[0] == ("system", "Be brief.")
    assert len(lines[1]["messages"]) == 3


def test_what_is_no_conversation_may_be_an_error(tmp_path: Path) -> None:
    writer = writers.ChatWriter(str(tmp_path), others="in turn", otherwise="error")
    with pytest.raises(ConfigurationError, match="c: more than two speakers"):
        write(writer)


@pytest.mark.parametrize(
    "fields",
    [
        {"others": "guess"},
        {"otherwise": "drop"},
        {"roles": (("Anna", "pilot"),)},
        {"roles": (("Anna", "user"), ("Anna", "assistant"))},
        {"system": " "},
        {"compression": "zip"},
    ],
)
def test_what_a_chat_writer_cannot_be(fields: dict) -> None:
    with pytest.raises(InvalidParameter):
        writers.ChatWriter("here", **fields)


def test_texts(tmp_path: Path) -> None:
    empty = Document("h", "s", segments=[Segment(" \n")])
    lines, manifest = write(writers.TextWriter(str(tmp_path)), [TALKS[4], TALKS[0], empty])
    assert lines[0] == {"id": "e", "text": "Letter text.", "source": "s", "license": "CC0-1.0"}
    assert lines[1]["text"] == "Which tide?\n\nThe second.\n\nAt six."
    assert manifest.counts == {"documents": 3, "left out: no text": 1, "rows": 2}


def test_the_sidecar_has_the_same_rows_and_no_text(tmp_path: Path) -> None:
    lines, manifest = write(writers.ChatWriter(str(tmp_path), others="in turn"))
    (entry,) = manifest.sidecar_files
    assert entry.path == "rights/train-00000-of-00001.parquet" and entry.rows == 3
    table = pq.read_table(tmp_path / entry.path)
    assert table["id"].to_pylist() == [line["id"] for line in lines]
    assert {row["license"] for row in table["rights"].to_pylist()} == {"CC0-1.0"}
    assert not {"text", "messages", "segments"} & set(table.column_names)
    assert b"Hva" not in (tmp_path / entry.path).read_bytes()


# Whole runs.


@pytest.fixture
def chats(tmp_path: Path) -> Path:
    folder = tmp_path / "in"
    folder.mkdir()
    for file in range(4):
        rows = [
            {"messages": [{"role": "user", "content": f"Question {file} {i} of the net loft"},
                          {"role": "assistant", "content": f"Answer {file} {i}, and no other"}]}
            for i in range(30)
        ]  # fmt: skip
        rows.append({"text": "A text that is no conversation at all."})
        (folder / f"{file}.jsonl").write_text("\n".join(json.dumps(row) for row in rows))
    return folder


def test_runs_and_splits_and_any_number_of_workers(chats: Path, tmp_path: Path) -> None:
    def run(out: str, workers: int) -> dp.Release:
        pipeline = dp.Pipeline(
            reader=readers.JsonlReader(str(chats)),
            transforms=[t.Split(test=0.3)],
            writer=writers.ChatWriter(str(tmp_path / out)),
        )
        return dp.run(pipeline, workers=workers, progress=False)

    one, two = run("one", 1), run("two", 2)
    assert one.manifest.files == two.manifest.files
    assert one.manifest.sidecar_files == two.manifest.sidecar_files
    assert one.manifest.documents_out == 124 and one.manifest.counts["rows"] == 120
    assert {entry.path for entry in one.manifest.files} == {
        "data/test-00000-of-00001.jsonl", "data/train-00000-of-00001.jsonl"
    }  # fmt: skip
    assert dp.run(dp.Pipeline(
        reader=readers.JsonlReader(str(chats)), transforms=[t.Split(test=0.3)],
        writer=writers.ChatWriter(str(tmp_path / "one")),
    )) == one  # fmt: skip
    import datasets

    loaded = datasets.load_dataset(str(tmp_path / "one" / "data"), cache_dir=str(tmp_path / "hf"))
    assert loaded["train"].num_rows + loaded["test"].num_rows == 120
    assert loaded["train"].column_names == ["id", "messages"]
    assert one.dataset["train"].num_rows == loaded["train"].num_rows
    # And back again.
    back = readers.JsonlReader(str(tmp_path / "one" / "data"))
    kinds = [k for s in back.shards() for b in back.read(s) for k in b["kind"].to_pylist()]
    assert kinds == ["conversation"] * 120


@pytest.fixture
def exported(tmp_path: Path) -> tuple[Path, Path]:
    source = sample.deposit(tmp_path / "deposit")
    sample.run(source, tmp_path / "out", sample.RECIPE.replace("ParquetWriter", "TextWriter"))
    return source, tmp_path / "out"


def gates(source: Path, out: Path) -> list[str]:
    release = dp.Release.open(str(out))
    found = release.check(date=sample.DAY, deposit=source, audit=sample.audit(release))
    return [result.name for result in found.shut]


def test_the_gates_look_at_the_lines_and_at_their_rights(exported) -> None:
    source, out = exported
    assert gates(source, out) == []
    (lines,) = (out / "data").glob("*.jsonl")
    before = lines.read_text()
    for wrong, shut in (
        (before.replace("tar had", "key AKIAIOSFODNN7EXAMPLE of it had"), {"run", "secrets"}),
        (before.replace("tar had", "tar at /home/wren/nets had"), {"run", "local_paths"}),
        ("".join(sorted(before.splitlines(True), reverse=True)), {"run", "secrets"}),
        (before + before.splitlines(True)[0], {"run", "secrets"}),
        (before.split("\n", 1)[1], {"run", "secrets"}),
    ):
        assert wrong != before
        lines.write_text(wrong)
        assert shut <= set(gates(source, out)), wrong
    lines.write_text(before)
    (beside,) = (out / "rights").glob("*.parquet")
    table = pq.read_table(beside)
    rights = [{**row, "license": None} for row in table["rights"].to_pylist()]
    at = table.schema.get_field_index("rights")
    import pyarrow as pa

    pq.write_table(
        table.set_column(at, "rights", pa.array(rights, table.schema.field(at).type)), beside
    )
    assert {"run", "rights"} <= set(gates(source, out))
    beside.unlink()
    assert {"run", "rights"} <= set(gates(source, out))

"""`init`: questions with defaults from the folder, and a deposit.yaml that is valid."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from datapartnerships.__main__ import main
from datapartnerships.intake import Intake
from datapartnerships.release._commands import _ANSWERS
from datapartnerships.release._init import questions


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    place = tmp_path / "Box 7 (þorp)"
    (place / "letters").mkdir(parents=True)
    (place / "letters" / "1.txt").write_text("Dear all,")
    (place / "tape.WAV").write_bytes(b"RIFF")
    (place / ".DS_Store").write_bytes(b"x")
    return place


def test_every_question_has_a_flag(folder: Path) -> None:
    assert tuple(question.name for question in questions(folder)) == _ANSWERS


def test_questions_are_asked_and_the_folder_answers_some(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    said = ["", "The Box: a house", "", "", "Letters: of a box", "is, nb", "", "", "open",
            "CC-BY-4.0", "contract", "#3 & others", "forms/1.pdf"]  # fmt: skip
    monkeypatch.setattr("sys.stdin", io.StringIO("\n".join(said) + "\n"))
    assert main(["init", str(folder)]) == 0
    intake = Intake.load(folder)
    assert (intake.name, intake.organization) == ("Box-7-orp", "The Box: a house")
    assert intake.modalities == ("text", "audio") and intake.size.startswith("2 files, ")
    assert intake.languages == ("is", "nb") and intake.track == "open"
    rights = intake.rights_of("letters/1.txt")
    assert (rights["license"], rights["holder"]) == ("CC-BY-4.0", "#3 & others")
    assert "[Box-7-orp]" in capsys.readouterr().out


def test_without_questions_nothing_is_guessed_about_rights(folder: Path) -> None:
    assert main(["init", str(folder), "--yes", "--organization", "The Box"]) == 0
    intake = Intake.load(folder)
    assert intake.track == "private" and intake.rights == {"basis": "unknown"}


def test_an_agreement_is_asked_about(folder: Path) -> None:
    flags = ["--organization", "B", "--license", "LicenseRef-Box-7", "--basis", "contract"]
    assert main(["init", str(folder), "--yes", *flags]) == 1  # since when?
    flags += ["--agreement-from", "2026-01-01"]
    assert main(["init", str(folder), "--yes", *flags]) == 0
    agreement = Intake.load(folder).agreement
    assert agreement is not None and (agreement.start, agreement.end) == ("2026-01-01", None)


def test_nothing_is_overwritten_in_silence(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "deposit.yaml").write_text("mine")
    assert main(["init", str(folder), "--yes", "--organization", "B"]) == 1
    assert (folder / "deposit.yaml").read_text() == "mine"
    assert "is there already" in capsys.readouterr().err
    assert main(["init", str(folder), "--yes", "--organization", "B", "--replace"]) == 0
    assert Intake.load(folder).organization == "B"


def test_what_cannot_be_is_said_and_nothing_is_written(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for flags, says in (
        ([], "--organization"),
        (["--organization", "B", "--license", "CC-BY-4"], "Did you mean 'CC-BY-4.0'"),
        (["--organization", "B", "--track", "public"], "one of open, private"),
    ):
        assert main(["init", str(folder), "--yes", *flags]) == 1
        assert says in capsys.readouterr().err
    monkeypatch.setattr("sys.stdin", io.StringIO(""))
    assert main(["init", str(folder)]) == 1
    assert "nobody to answer" in capsys.readouterr().err
    assert main(["init", str(folder / "none"), "--yes"]) == 1
    assert not (folder / "deposit.yaml").exists()


def test_a_wrong_answer_is_asked_for_again_at_once(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    said = ["þorp", "box-7", "", "The Box", "", "", "", "Icelandic", "is", "", "", "public", "open",
            "CC BY 4", "CC-BY-4.0", "sworn", "declared", "", ""]  # fmt: skip
    monkeypatch.setattr("sys.stdin", io.StringIO("\n".join(said) + "\n"))
    assert main(["init", str(folder)]) == 0
    intake = Intake.load(folder)
    assert (intake.name, intake.organization, intake.track) == ("box-7", "The Box", "open")
    assert intake.languages == ("is",)
    assert intake.rights == {"license": "CC-BY-4.0", "basis": "declared"}
    out = capsys.readouterr().out
    assert "This has to be answered." in out and "one of open, private" in out
    assert "is no SPDX license" in out and "line " not in out


def test_a_wrong_day_of_an_agreement_is_asked_for_again(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = ["", "The Box", "", "", "", "", "", "", "", "LicenseRef-Box", "contract", "", "",
            "1.2.2026", "2026-02-01", ""]  # fmt: skip
    monkeypatch.setattr("sys.stdin", io.StringIO("\n".join(said) + "\n"))
    assert main(["init", str(folder)]) == 0
    agreement = Intake.load(folder).agreement
    assert agreement is not None and agreement.start == "2026-02-01"


def test_a_wrong_flag_is_said_before_anything_after_it_is_asked(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("no\n" * 20))
    assert main(["init", str(folder), "--name", "a b", "--organization", "B"]) == 1
    told = capsys.readouterr()
    assert "--name cannot be that" in told.err and told.out == ""

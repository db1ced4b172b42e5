"""Failed redactions and hidden data are found, and what only looks like them is not."""

from __future__ import annotations

import io
import zipfile
import zlib
from pathlib import Path

import pypdf
import pytest
from redaction_benign import BENIGN
from redaction_samples import BAR, BODY, CANARY, LEAKS, PAGE, SECRET, WIDE, Leak, X, Y, pdf, stream
from reportlab.lib import colors
from reportlab.lib.styles import getSampleStyleSheet
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Paragraph, SimpleDocTemplate, Table, TableStyle

import datapartnerships as dp
from datapartnerships import readers, writers
from datapartnerships import transforms as t
from datapartnerships.__main__ import main
from datapartnerships._backends.redactions import audit
from datapartnerships.errors import DocumentError, InvalidParameter, UnknownName
from datapartnerships.kernels.redactions import KINDS, Finding, Told, dumps, loads, repeats
from datapartnerships.readers._audit import audited
from datapartnerships.readers._source import from_bytes
from datapartnerships.schema import Document, documents_to_table

NEAR = 0.02


@pytest.mark.parametrize("leak", LEAKS, ids=lambda leak: leak.name)
def test_each_leak_is_found_at_its_place(leak: Leak) -> None:
    alarms = [item for item in audit(leak.make()) if item.alarm]
    assert [(item.kind in leak.kinds, item.page) for item in alarms] == [(True, leak.page)]
    found = alarms[0]
    if leak.box and found.kind != "covered_scan" and found.kind != "thumbnail":
        assert CANARY in found.text and found.characters == len(CANARY)
    if leak.box:
        assert found.bbox is not None
        width, height = PAGE
        place = (X / width, 1 - (Y + 10) / height, (X + WIDE) / width, 1 - (Y - 3) / height)
        assert max(abs(a - b) for a, b in zip(found.bbox, place, strict=True)) < NEAR


@pytest.mark.parametrize("name", BENIGN)
def test_no_alarm_where_nothing_is_hidden(name: str) -> None:
    assert [item for item in audit(BENIGN[name]()) if item.alarm] == []


def test_the_kinds_that_are_told_are_those_that_are_documented() -> None:
    told = {kind for leak in LEAKS for kind in leak.kinds}
    assert told | {"shading"} == set(KINDS)
    doc = t.AuditRedactions.__doc__ or ""
    assert [kind for kind in KINDS if f"``{kind}``" not in doc] == []


def _report() -> bytes:
    """A report as a program lays it out: tables with lines, shading and a dark head."""
    out = io.BytesIO()
    style = getSampleStyleSheet()["Normal"]
    rows = [
        ["Year", "Harbour", "Barrels"],
        *[[str(1900 + n), "Seltjarnarnes", "312"] for n in range(30)],
    ]
    table = Table(rows)
    table.setStyle(
        TableStyle(
            [
                ("GRID", (0, 0), (-1, -1), 0.5, colors.black),
                ("BACKGROUND", (0, 0), (-1, 0), colors.black),
                ("TEXTCOLOR", (0, 0), (-1, 0), colors.white),
                ("ROWBACKGROUNDS", (0, 1), (-1, -1), [colors.white, colors.lightgrey]),
            ]
        )
    )
    words = (
        "The <b>barrels</b> were counted <u>twice</u>, and <strike>three</strike> two were empty. "
    )
    SimpleDocTemplate(out).build(
        [Paragraph(words * 20, style), table, Paragraph(words * 60, style)]
    )
    return out.getvalue()


def test_a_laid_out_report_is_clean() -> None:
    assert audit(_report()) == []


def test_what_other_programs_redact_badly_is_found() -> None:
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=PAGE)
    canvas.drawString(72, 700, "The informant is")
    canvas.drawString(X + 20, 700, CANARY)
    canvas.rect(X + 18, 696, WIDE + 8, 16, fill=1)
    canvas.save()
    found = audit(out.getvalue())
    assert [(item.kind, item.text) for item in found] == [("rectangle", CANARY)]


def test_a_file_and_its_bytes_are_audited_alike(tmp_path: Path) -> None:
    for name in ("earlier-revision", "xmp", "opening-script", "attached-original"):
        data = next(leak for leak in LEAKS if leak.name == name).make()
        (tmp_path / "a.pdf").write_bytes(data)
        assert audit(str(tmp_path / "a.pdf")) == audit(data)
        (tmp_path / "a.pdf").write_bytes(b"junk from a mail\r\n" * 200 + data)
        assert [f.kind for f in audit(str(tmp_path / "a.pdf"))] == [f.kind for f in audit(data)]


def test_an_edit_by_another_program_leaves_the_earlier_revision() -> None:
    writer = pypdf.PdfWriter(io.BytesIO(pdf(BODY + SECRET)), incremental=True)
    content = pypdf.generic.StreamObject()
    content.set_data((BODY + BAR).encode())
    writer.pages[0][pypdf.generic.NameObject("/Contents")] = writer._add_object(content)
    out = io.BytesIO()
    writer.write(out)
    assert [(f.kind, f.text) for f in audit(out.getvalue())] == [("earlier_revision", CANARY)]


def _encrypted(data: bytes, **passwords: str) -> bytes:
    writer = pypdf.PdfWriter(clone_from=io.BytesIO(data))
    writer.encrypt(**passwords, algorithm="RC4-128")
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def test_encrypted_files_are_audited_with_their_password() -> None:
    leaky = pdf(BODY + SECRET + BAR)
    opened = audit(_encrypted(leaky, user_password="", owner_password="owner"))
    assert [item.kind for item in opened] == ["rectangle"]
    locked = _encrypted(leaky, user_password="seven")
    with pytest.raises(DocumentError, match="encrypted"):
        audit(locked, ["six"])
    assert [item.kind for item in audit(locked, ["six", "seven"])] == ["rectangle"]


def test_bad_files_are_rows_with_a_reason(tmp_path: Path) -> None:
    whole = pdf(BODY + SECRET + BAR)
    bomb = stream("/Filter/FlateDecode", zlib.compress(bytes(1 << 20)))
    files = {
        "empty.pdf": b"",
        "half.pdf": whole[:200],
        "locked.pdf": _encrypted(whole, user_password="seven"),
        "none.pdf": pdf(),
        "revisions.pdf": whole + whole[whole.rindex(b"startxref") :] * 200,
        "text.pdf": b"This is no PDF.",
        "good.pdf": whole,
        "bomb.pdf": pdf(BODY + "q /Im Do Q\n", objects=[bomb], resources="/XObject<</Im 20 0 R>>"),
    }
    for name, data in files.items():
        (tmp_path / name).write_bytes(data)
    found = dp.audit_redactions(tmp_path)
    assert set(found.files) | set(found.unread) == set(files)
    assert {name for name, items in found.files.items() if items} == {"good.pdf"}
    assert {"empty.pdf", "half.pdf", "locked.pdf", "none.pdf", "text.pdf"} <= set(found.unread)
    assert found.unread["revisions.pdf"].startswith("too many revisions")
    assert found.unread["locked.pdf"].startswith("encrypted")


def test_text_that_nobody_could_look_at_is_no_clean_page() -> None:
    head = "/Type/XObject/Subtype/Form/BBox[0 0 999 999]/Resources<</Font<</F1 3 0 R>>/XObject<<"
    deep = 12
    forms = [
        stream(head + f"/Im {21 + n} 0 R>>>>", b"/Im Do" if n < deep - 1 else SECRET.encode())
        for n in range(deep)
    ]
    nested = pdf("/Im Do", objects=forms, resources="/XObject<</Im 20 0 R>>")
    with pytest.raises(DocumentError, match="page cannot be audited"):
        audit(nested)


def test_a_parser_that_hangs_costs_its_file(tmp_path: Path) -> None:
    (tmp_path / "a.pdf").write_bytes(pdf("".join(f"{n} {n} m 9 9 l S\n" for n in range(90_000))))
    (tmp_path / "b.pdf").write_bytes(pdf(BODY + SECRET + BAR))
    slow = dp.audit_redactions(tmp_path, limits=readers.Limits(max_seconds=0.05))
    assert slow.unread["a.pdf"].startswith("parser took too long")


def test_the_text_is_shown_only_when_asked_for(tmp_path: Path) -> None:
    (tmp_path / "leaky.pdf").write_bytes(pdf(BODY + SECRET + BAR, info=f"/Title({CANARY})"))
    quiet = dp.audit_redactions(tmp_path)
    said = [repr(quiet), quiet._repr_html_(), str(quiet.table.to_pylist()), str(quiet.files)]
    assert all(CANARY not in text for text in said)
    assert quiet.alarms == 2 and quiet.table.num_rows == 2
    loud = dp.audit_redactions(tmp_path / "leaky.pdf", show_text=True)
    assert CANARY in repr(loud) and CANARY in loud._repr_html_()
    assert loud.table["text"].to_pylist() == [CANARY, CANARY]
    assert loud.table["page"].to_pylist() == [1, None]


def test_the_command_line_audits_a_folder(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "clean.pdf").write_bytes(pdf(BODY))
    assert main(["audit-pdfs", str(tmp_path)]) == 0
    (tmp_path / "leaky.pdf").write_bytes(pdf(BODY + SECRET + BAR))
    assert main(["audit-pdfs", str(tmp_path)]) == 1
    out = capsys.readouterr().out
    assert "leaky.pdf  ALARM  text under a filled rectangle, page 1" in out and CANARY not in out
    assert main(["audit-pdfs", str(tmp_path), "--show-text"]) == 1
    assert CANARY in capsys.readouterr().out


def _deposit(folder: Path) -> Path:
    folder.mkdir()
    (folder / "clean.pdf").write_bytes(pdf(BODY))
    (folder / "leaky.pdf").write_bytes(pdf(BODY + SECRET + BAR))
    (folder / "note.txt").write_text("A note that nobody redacted, about the roof of the hall.")
    return folder


def _run(deposit: Path, out: Path, **fields: bool) -> tuple[dp.Release, str]:
    pipeline = dp.Pipeline(
        reader=readers.FolderReader(str(deposit), **fields),
        transforms=[t.AuditRedactions()],
        writer=writers.JsonlWriter(str(out)),
    )
    release = dp.run(pipeline, progress=False)
    written = b"".join(path.read_bytes() for path in out.rglob("*") if path.is_file())
    return release, written.decode("utf-8", "replace")


def test_a_run_rejects_what_leaks_and_keeps_nothing_of_it(tmp_path: Path) -> None:
    release, written = _run(_deposit(tmp_path / "in"), tmp_path / "out", audit_redactions=True)
    assert release.manifest.rejected == {"AuditRedactions: rectangle on page 1": 1}
    assert release.manifest.documents_out == 2
    assert CANARY not in written and CANARY not in str(release.report)
    kept = release.dataset.to_list()
    told = {Path(row["provenance"]["uri"]).name: row["failed_redactions"] for row in kept}
    assert told == {"clean.pdf": [], "note.txt": None}
    assert all(item["key"] != "redactions" for row in kept for item in row["metadata"])


def test_what_was_not_audited_is_rejected(tmp_path: Path) -> None:
    release, _ = _run(_deposit(tmp_path / "in"), tmp_path / "out")
    assert release.manifest.rejected == {"AuditRedactions: was not audited": 2}


def test_members_of_archives_are_audited_too(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    with zipfile.ZipFile(folder / "box.zip", "w") as archive:
        archive.writestr("leaky.pdf", pdf(BODY + SECRET + BAR))
    release, written = _run(folder, tmp_path / "out", audit_redactions=True)
    assert release.manifest.rejected == {"AuditRedactions: rectangle on page 1": 1}
    assert CANARY not in written


def test_an_audit_that_fails_rejects_the_document() -> None:
    told = audited(from_bytes("d", "a.pdf", b"no PDF"), readers.Limits(), ())
    assert set(told) == {"redactions_error"}
    place = {"uri": "a.pdf", "reader": "PdfReader"}
    batch = documents_to_table([Document("1", "d", provenance=place, metadata=told)])
    out = t.AuditRedactions(reject=False)(batch)
    assert out["drop_reason"][0].as_py().startswith("AuditRedactions: could not be audited")


def test_notes_reject_only_when_asked() -> None:
    note = dumps([Finding("outside_page", 2, (1.1, 0, 1.2, 0.1), 5, False, "secret")])
    assert "secret" not in note
    place = {"uri": "a.pdf", "reader": "PdfReader"}
    batch = documents_to_table(
        [Document("1", "d", provenance=place, metadata={"redactions": note, "title": "x"})]
    )
    assert t.AuditRedactions()(batch)["drop_reason"].to_pylist() == [None]
    out = t.AuditRedactions(notes=True)(batch)
    assert out["drop_reason"].to_pylist() == ["AuditRedactions: outside_page on page 2 (1 found)"]
    assert out["metadata"].to_pylist() == [[{"key": "title", "value": "x"}]]
    kinds = t.AuditRedactions(notes=True, ignore=("outside_page",))(batch)
    assert kinds["drop_reason"].to_pylist() == [None]
    with pytest.raises(InvalidParameter):
        t.AuditRedactions(notes=3)
    with pytest.raises(UnknownName, match="Did you mean 'rectangle'"):
        t.AuditRedactions(ignore=("rectangel",))


def test_findings_survive_json() -> None:
    found = [Finding("rectangle", 1, (0.1, 0.2, 0.3, 0.4), 12), Finding("metadata", text="x")]
    assert loads(dumps(found, with_text=True)) == found


def test_properties_are_alarms_only_where_they_repeat_or_tell_more() -> None:
    title = [Told("metadata", "Letter to Roland Pettibone")]
    nothing: frozenset[str] = frozenset()
    assert repeats(title, nothing, nothing, redacted=False) == []
    assert repeats(title, nothing, frozenset({"roland", "pettibone"}), redacted=True) == []
    assert [item.characters for item in repeats(title, nothing, nothing, redacted=True)] == [15]
    assert repeats(title, frozenset({"pettibone"}), nothing, redacted=False)[0].alarm
    author = [Told("metadata", "Roland Pettibone", usual=True)]
    assert not repeats(author, nothing, nothing, redacted=True)[0].alarm
    assert repeats(author, frozenset({"roland"}), nothing, redacted=True)[0].alarm


def test_real_pages_raise_no_alarm_but_where_text_is_hidden(real_data: Path) -> None:
    found = dp.audit_redactions(real_data / "documents", show_text=True)
    alarms = {name: [f.text for f in items if f.alarm] for name, items in found.files.items()}
    leaky = alarms.pop("court_pdf/rectangles_yes.pdf")
    assert [len(text) for text in leaky] == [2, 55, 2]
    assert not any(alarms.values())
    assert len(alarms) >= 15
    assert found.unread["corrupt/password.pdf"].startswith("encrypted")

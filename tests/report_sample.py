"""A report with everything in it: shared by the tests of its text and of its look."""

from __future__ import annotations

from datapartnerships.report import Report
from datapartnerships.schema import FileEntry, Manifest
from datapartnerships.tally import Example, FormatTally, StepTally, Tally

OOXML = "application/vnd.openxmlformats-officedocument."
# documents in, documents out, bytes in, characters out
FORMATS = {
    "application/pdf": (4210, 3871, 1_204_551_310, 98_112_440),
    "message/rfc822": (5120, 5098, 412_009_111, 61_200_345),
    f"{OOXML}wordprocessingml.document": (1804, 1771, 215_448_002, 37_850_221),
    "application/mbox": (2, 0, 98_771_004, 0),
    "audio/x-ms-wma": (38, 38, 77_120_909, 1_500_200),
    "text/html": (611, 540, 40_218_330, 9_120_400),
    "application/vnd.oasis.opendocument.text": (212, 211, 18_110_004, 3_004_112),
    "text/plain": (404, 366, 9_200_117, 3_201_330),
    "application/msword": (71, 0, 2_001_331, 0),
    "application/x-<script>alert(1)</script>": (8, 7, 812, 64),
}
# name, private, seen, changed, rejected, characters before, after, wall, cpu
STEPS = [
    ("RepairUnicode", False, 12_412, 3_118, 0, 41_208_118, 41_196_004, 12.41, 12.2),
    ("NormalizeWhitespace", False, 12_412, 9_870, 0, 190_118_402, 188_400_119, 6.02, 5.9),
    ("FilterLength", False, 12_412, 0, 288, 0, 0, 0.41, 0.4),
    ("Deduplicate", False, 12_124, 0, 214, 0, 0, 48.3, 91.7),
    ("DetectPii", True, 11_910, 0, 8, 0, 0, 131.2, 130.4),
    ("Redact", True, 11_902, 7_015, 0, 120_004_101, 119_871_870, 7.7, 7.6),
]
REASONS = {
    "FilterLength: fewer than 20 characters": 288,
    "Deduplicate: copy of another document": 214,
    "PdfReader: file is encrypted": 31,
    "DocReader: no reader for this format": 20,
    "DetectPii: failed with ValueError": 8,
    "MboxReader: reader ran past its time limit and was stopped": 7,
    "FolderReader: file is empty": 6,
    "a reason without a step": 4,
}
HOSTILE = "bréf/</script><img src=x onerror=window.pwned=1>\u202efdp.exe\x1b[31m\x07.html"
LONG = "skjöl/" + "mjög-langt-nafn-" * 625 + "endir.pdf"


def sample() -> Report:
    """A deposit of letters in Icelandic and German, with names nobody should have given."""
    tally = Tally(
        steps=[StepTally(*row) for row in STEPS],
        formats={
            name: FormatTally(a, b, size, characters)
            for name, (a, b, size, characters) in FORMATS.items()
        },
        rejected=dict(REASONS),
        read_seconds=88.25,
        write_seconds=14.5,
    )
    tally.steps[4].found = {"EMAIL": 18_204, "PHONE": 6_011, "PERSON": 3, "<i>&": 1}
    tally.compared = {
        "EMAIL": {"is": [11_800, 9_204, 9_011], "de": [4_210, 3_877, 3_801]},
        "PHONE": {"is": [12, 9, 4], "und": [31, 0, 0]},
    }
    changed = [step.examples for step in tally.steps]
    changed[0] += [
        Example(
            "a1", "bréf/1911/jónas-til-sigríðar.eml", "page 3",
            "…Kæra SigrÃ\xadður, Ã¾akka þér kÃ¦rlega fyrir bréfið sem barst mér í gær með "
            "skipinu frá Kaupmannahöfn; ég hef lesið það mörgum…",
            "…Kæra Sigríður, þakka þér kærlega fyrir bréfið sem barst mér í gær með "
            "skipinu frá Kaupmannahöfn; ég hef lesið það mörgum sinnum…",
        ),
        Example("a2", HOSTILE, "segment 1", "Gr\u200bu\u00adß\x00 aus</script> Köln",
                "Gruß aus Köln"),
        Example("a3", LONG, "12.5 s", "<b>שלום\u202e עולם</b>", "<b>שלום עולם</b>"),
    ]  # fmt: skip
    changed[1] += [
        Example(
            "b1", "umschläge/brief_0042.docx", "Kapitel 2/Absatz 7",
            "…und so fuhren wir denn\nin der Frühe des\nnächsten Tages   über die Straße\t\tnach "
            "Lübeck, wo uns der Onkel schon…",
            "…und so fuhren wir denn in der Frühe des nächsten Tages über die Straße nach "
            "Lübeck, wo uns der Onkel schon erwartete und…",
        )
    ]  # fmt: skip
    changed[5] += [
        Example("c1", "postur/2004.mbox#17", "segment 2", None,
                "…hafðu samband við [PERSON] í síma [PHONE]··· eða skrifaðu á [EMAIL]·········.")
    ]  # fmt: skip
    tally.rejected_examples = {
        "FilterLength: fewer than 20 characters": [
            Example("d1", "bréf/auður.txt", "FilterLength: fewer than 20 characters (9)", None,
                    "Sjá aftur"),
            Example("d2", HOSTILE, "FilterLength: fewer than 20 characters (0)", None, ""),
        ],
        "PdfReader: file is encrypted": [
            Example("d3", LONG, "PdfReader: file is encrypted (needs a password)", None, "")
        ],
        "DetectPii: failed with ValueError": [
            Example("d4", "a&b.txt", "DetectPii: failed with ValueError (<b>&amp;</b> " + "x" * 900,
                    None, "")
        ],
    }  # fmt: skip
    manifest = Manifest(
        fingerprint="3f" * 32,
        plan="a7" * 32,
        documents_in=12_480,
        documents_out=11_902,
        rejected=dict(REASONS),
        files=tuple(
            FileEntry(
                f"data/train-{i:05d}-of-00006.parquet",
                68_400_118 + i,
                f"{i + 11}c4e9d7" * 8,
                1983 + i,
            )
            for i in range(6)
        ),
        rejected_files=(
            FileEntry("rejected/rejected-00000-of-00001.parquet", 88_111, "9b" * 32, 578),
        ),
        versions={"datapartnerships": "0.1.0", "pyarrow": "21.0.0", "python": "3.11.7"},
    )
    recipe = (
        "reader: FolderReader\ntransforms:\n- RepairUnicode\n- FilterLength:\n    min: 20 # ≥\n"
    )
    return Report(tally, manifest, recipe, "Bréfasafn Jónasar & Söhne, 1890–1920", 61.7, 8, 40, 0)

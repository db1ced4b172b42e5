"""Failed redactions: how many kinds of them are found, and how many alarms are over nothing.

The leaks are those of tests/redaction_samples.py, each with one secret in another place. Right is
an alarm of the right kind on the right page, and no other. The benign files are those of
tests/redaction_benign.py, which only look like leaks, and the PDFs of ``--documents``, real ones;
of these, those of ``--leaky`` leak. The time is in CPU seconds a page of these, one thread.
"""

from __future__ import annotations

import sys
import time
from collections import Counter
from pathlib import Path

import pypdfium2
from _common import ROOT, arguments, figure, report, save, versions

sys.path.insert(0, str(ROOT / "tests"))
from redaction_benign import BENIGN
from redaction_samples import LEAKS

from datapartnerships._backends.redactions import audit
from datapartnerships.errors import DocumentError

DOCUMENTS = ROOT.parent / "shared" / "data" / "documents"
# The kinds of needs that others were measured on, and the samples that are of them.
SIXTEEN = {
    "black rectangle": ("rectangle", "fill-stroke", "label-on-box"),
    "rectangle by other operators": ("even-odd", "in-a-form", "bar-in-a-form"),
    "thick line": ("thick-line", "scribble"),
    "polygon": ("polygon",),
    "black image": ("black-image", "scan-over-text"),
    "image mask, inline image": ("inline-mask",),
    "opaque highlight": ("highlight",),
    "other annotations": ("square", "free-text", "stamp", "ink", "unapplied"),
    "color of the ground": ("white-on-white", "black-on-black", "white-box", "blue-box"),
    "invisible text": ("ocr-under-redacted-scan", "invisible-on-bar", "invisible-on-blank"),
    "earlier revision": ("earlier-revision",),
    "properties": ("title", "xmp"),
    "off the page, clipped": ("crop-box", "off-page", "clipped"),
    "attachment": ("attachment", "attached-original"),
    "hidden layer": ("layer-off",),
    "fields, scripts, outline, comments": (
        "form-field", "script", "bookmark", "actual-text", "alternative-text", "comment",
        "thumbnail",
    ),
}  # fmt: skip


def found() -> tuple[set[str], list[str]]:
    """The names of the leaks that are found as they should be; and what is wrong with the rest."""
    right, wrong = set(), []
    for leak in LEAKS:
        alarms = [item for item in audit(leak.make()) if item.alarm]
        if [(item.kind in leak.kinds, item.page) for item in alarms] == [(True, leak.page)]:
            right.add(leak.name)
        else:
            wrong.append(f"{leak.name}: {[item.kind for item in alarms]}")
    return right, wrong


def real(folder: Path, leaky: set[str]) -> tuple[Counter[str], list[str]]:
    counts: Counter[str] = Counter()
    alarms = []
    for file in sorted(folder.rglob("*.pdf")):
        start = time.process_time()
        try:
            items = audit(str(file))
        except DocumentError as error:
            counts["not audited"] += 1
            print(f"not audited: {file.name}: {error.reason}", file=sys.stderr)
            continue
        counts["milliseconds"] += round(1000 * (time.process_time() - start))
        counts["files"] += 1
        with pypdfium2.PdfDocument(str(file)) as document:
            counts["pages"] += len(document)
        if any(item.alarm for item in items):
            counts["leaky found" if file.name in leaky else "alarms"] += 1
            alarms.append(file.name)
    return counts, alarms


def main() -> None:
    given = arguments(
        __doc__ or "",
        documents={"default": str(DOCUMENTS), "help": "a folder of real PDFs"},
        leaky={"default": "rectangles_yes.pdf", "help": "those of them that leak, with commas"},
    )
    right, wrong = found()
    sixteen = [kind for kind, names in SIXTEEN.items() if right.issuperset(names)]
    benign = [name for name, make in BENIGN.items() if any(i.alarm for i in audit(make()))]
    counts, alarms = real(Path(given.documents), set(given.leaky.split(",")))
    pages_a_second = 1000 * counts["pages"] / max(counts["milliseconds"], 1)
    report(
        {
            "kinds found": f"{len(sixteen)} of {len(SIXTEEN)}",
            "variants found": f"{len(right)} of {len(LEAKS)}",
            "wrong": wrong,
            "alarms on made benign files": f"{len(benign)} of {len(BENIGN)} {benign}",
            "real files": dict(counts),
            "real files with alarms": alarms,
            "pages per CPU-second": round(pages_a_second, 1),
            "milliseconds a page": round(1000 / max(pages_a_second, 1e-9), 1),
            "versions": versions("pypdfium2"),
        },
        given.json,
    )
    if given.save:
        name = "AuditRedactions"
        save(
            "redactions",
            [
                figure(name, f"kinds of leaks found, of {len(SIXTEEN)}", len(sixteen)),
                figure(name, f"variants of leaks found, of {len(LEAKS)}", len(right)),
                figure(name, f"alarms on {len(BENIGN)} made benign files", len(benign)),
                figure(
                    name,
                    f"alarms on {counts['files'] - counts['leaky found']} real benign files",
                    counts["alarms"],
                ),
                figure(name, "speed", round(pages_a_second, 1), unit="pages per CPU-second"),
            ],
            "pypdfium2",
        )


if __name__ == "__main__":
    main()

"""Born-digital PDFs: words found, their order and pages a CPU-second, beside unstructured `fast`.

The truth is in `pdf_truth.json`: for each page, digests of its words in reading order. It was
started from poppler's pdftotext, cropped column by column, and corrected looking at the picture of
each page: columns, tables row by row, notes behind the page, words cut at line ends joined, text
that cannot be seen left out. Of the pages that were typeset for this (see `FILES`; real text,
our layout) it is the text that was set, cut into pages by the words that `PdfReader` found on each.
Ten pages of plain layout that pdftotext had in wrong order were started from `PdfReader`'s own
text. Words that may stand anywhere or be absent (running heads, page numbers, numbers of lines,
stamps, lettering of figures and formulas) count neither for nor against. Notes of a column may
stand at its end or at that of the page: the better one counts.

Measured over the words (letters or digits, case folded; `digests`):

- words: F1 of the words as a multiset;
- order: of the words that both have, the share in the longest common sequence;
- text: 1 - edit distance / words of the page (1 - word error rate), which counts both.

The files are public, and not in this repository: those of `FILES` that are not under --data are
looked for in the folder --more, and left out where absent or different. unstructured runs as it
comes (with the spaCy model that it asks for, from a package index) and with that step patched out.
Speed is the CPU time of a process that each has to itself, after a run in which it warms up.
What `fast` never runs (torch and others, imported by it all the same) gets stand-ins where absent.

To label: put the text of a page into FOLDER/NAME.PAGE.txt, with "~ " before lines that may stand
anywhere, "^ " before notes and "^" alone where these may stand as well, and give --label FOLDER.
"""

from __future__ import annotations

import base64
import hashlib
import importlib.machinery
import importlib.util
import io
import json
import multiprocessing
import re
import sys
import time
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest.mock import MagicMock

import office
from _common import DEFAULT_DATA, arguments, figure, machine, report, save, versions
from rapidfuzz.distance import LCSseq, Levenshtein

from datapartnerships.kernels import legible
from datapartnerships.readers import PdfReader
from datapartnerships.readers._source import from_bytes
from datapartnerships.schema import Document

TRUTH = Path(__file__).with_name("pdf_truth.json")
# The kind of each file, and where it is from when it is not under shared/data.
FILES = {
    "Diaz_opinion.pdf": "court",
    "ca1_00117684624.pdf": "court",
    "ca6_1-3.pdf": "court",
    "gov.uscourts.cacd.652774.40.0.pdf": "court",
    "missouri.pdf": "court",
    "vector-pdf.pdf": "court",
    # samples/nonfree of the source package pdfminer 20191125: a summary of a statute by the US
    # Copyright Office, and instructions of the US revenue service (three columns).
    "dmca.pdf": "statute",
    "i1040nr.pdf": "columns",
    "naacl06-shinyama.pdf": "columns",
    # test/data/01-valid, 02-valid and 04-valid of the npm package pdf-parse 1.1.1: papers.
    "pdfparse-01.pdf": "columns",
    "pdfparse-02.pdf": "columns",
    "pdfparse-04.pdf": "columns",
    "multi-column-2p.pdf": "columns",
    # Typeset with LibreOffice from shared/data/text and documents/icelandic.
    "deu-statute1.pdf": "statute",
    "deu-statute2.pdf": "statute",
    "isl-twocolumn.pdf": "icelandic",
    "isl-newspaper.pdf": "icelandic",
    "isl-manual.pdf": "icelandic",
    "isl-manual2.pdf": "icelandic",
}
BYTES = 3
_WORD = re.compile(r"[^\W\d_]+|\d+")
# A raised number is a word of its own, also where it has characters of its own.
_RAISED = re.compile("([⁰¹²³⁴-⁹₀-₉]+)")
_ABSENT = ("torch", "transformers", "timm", "matplotlib", "cv2", "torchvision")

Reading = Callable[[str, bytes], dict[int, str]]


# ------------------------------------------------------------------------------------- truth


def words(text: str) -> list[str]:
    text = unicodedata.normalize("NFKC", _RAISED.sub(r" \1 ", text))
    return _WORD.findall(text.casefold())


def digests(text: str, name: str, page: int) -> list[bytes]:
    """A short digest for each word, of no use for another page."""
    key = f"{name}#{page}".encode()[:64]
    return [
        hashlib.blake2b(word.encode(), digest_size=BYTES, key=key).digest() for word in words(text)
    ]


@dataclass(frozen=True)
class Truth:
    """The words of a page: its body, its notes, where in the body these may stand too."""

    body: list[bytes]
    notes: list[bytes]
    place: int | None
    anywhere: list[bytes]

    def orders(self) -> Iterable[list[bytes]]:
        yield self.body + self.notes
        if self.place is not None:
            yield self.body[: self.place] + self.notes + self.body[self.place :]


def label(folder: Path, pdfs: dict[str, bytes]) -> None:
    """Write the truth from texts that are kept elsewhere."""
    found: dict[str, Any] = {}
    for file in sorted(folder.glob("*.txt")):
        stem, _, number = file.stem.rpartition(".")
        name, page = f"{stem}.pdf", int(number)
        parts: dict[str, list[bytes]] = {"body": [], "notes": [], "anywhere": []}
        place = None
        for line in file.read_text(encoding="utf-8").splitlines():
            if line == "^":
                place = len(parts["body"])
                continue
            kind = {"~ ": "anywhere", "^ ": "notes"}.get(line[:2], "body")
            parts[kind] += digests(line if kind == "body" else line[2:], name, page)
        entry: dict[str, Any] = {key: _packed(part) for key, part in parts.items() if part}
        if place is not None:
            entry["place"] = place
        file_entry = found.setdefault(name, {"sha256": _sha256(pdfs[name]), "pages": {}})
        file_entry["pages"][str(page)] = entry
    TRUTH.write_text(json.dumps(found, indent=0, sort_keys=True) + "\n", encoding="utf-8")


def truths(entry: dict[str, Any]) -> Truth:
    body, notes, anywhere = (_unpacked(entry.get(key, "")) for key in ("body", "notes", "anywhere"))
    return Truth(body, notes, entry.get("place"), anywhere)


def _packed(part: Sequence[bytes]) -> str:
    return base64.b64encode(b"".join(part)).decode()


def _unpacked(text: str) -> list[bytes]:
    data = base64.b64decode(text)
    return [data[i : i + BYTES] for i in range(0, len(data), BYTES)]


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


# ---------------------------------------------------------------------------------- measures


@dataclass
class Score:
    """Sums over pages."""

    pages: int = 0
    words: int = 0
    given: int = 0
    common: int = 0
    in_order: int = 0
    errors: int = 0

    def add(self, other: Score) -> None:
        for key in vars(self):
            setattr(self, key, getattr(self, key) + getattr(other, key))

    def figures(self) -> dict[str, float]:
        return {
            "pages": self.pages,
            "words": round(2 * self.common / max(1, self.words + self.given), 4),
            "order": round(self.in_order / max(1, self.common), 4),
            "text": round(max(0.0, 1 - self.errors / max(1, self.words)), 4),
        }


def score(truth: Truth, given: list[bytes]) -> Score:
    """Words `anywhere` that the page does not lack are forgiven where they stand in addition."""
    order, errors, free = min(
        ((order, *_errors(order, given, truth.anywhere)) for order in truth.orders()),
        key=lambda found: found[1],
    )
    kept = [word for place, word in enumerate(given) if place not in free]
    common = (Counter(order) & Counter(kept)).total()
    in_order = LCSseq.similarity(order, kept)
    return Score(1, len(order), len(kept), common, in_order, errors)


def _errors(
    order: list[bytes], given: list[bytes], anywhere: Sequence[bytes]
) -> tuple[int, set[int]]:
    """The edit distance, and the places of the words given that are forgiven."""
    left = Counter(anywhere)
    free: set[int] = set()
    errors = 0
    for step in Levenshtein.opcodes(order, given):
        if step.tag == "equal":
            continue
        extra = []
        for place in range(step.dest_start, step.dest_end):
            if left[given[place]] > 0:
                left[given[place]] -= 1
                free.add(place)
            else:
                extra.append(place)
        errors += max(step.src_end - step.src_start, len(extra))
    return errors, free


# ----------------------------------------------------------------------------------- readers


def ours(name: str, data: bytes) -> dict[int, str]:
    found: defaultdict[int, list[str]] = defaultdict(list)
    for document in PdfReader(ocr=None).parse(from_bytes("benchmark", name, data)):
        if isinstance(document, Document):
            for segment in document.segments:
                found[segment.page or 0].append(segment.text)
    return {page: "\n".join(texts) for page, texts in found.items()}


def peer(_: str, data: bytes) -> dict[int, str]:
    from unstructured.partition.pdf import partition_pdf

    found: defaultdict[int, list[str]] = defaultdict(list)
    for element in partition_pdf(file=io.BytesIO(data), strategy="fast", languages=[""]):
        found[element.metadata.page_number].append(element.text)
    return {page: "\n".join(texts) for page, texts in found.items()}


class _StandIns:
    """Empty modules for what unstructured imports and its `fast` strategy never runs."""

    def find_spec(self, name: str, *_: object) -> Any:
        if name.partition(".")[0] not in _ABSENT:
            return None
        return importlib.machinery.ModuleSpec(name, self, is_package=True)  # type: ignore[arg-type]

    def create_module(self, spec: Any) -> Any:
        module = MagicMock(name=spec.name)
        module.__version__ = "9.9"
        return module

    def exec_module(self, module: object) -> None:
        pass


# -------------------------------------------------------------------------------------- main


def pdfs_under(*folders: str) -> dict[str, bytes]:
    found = {}
    for folder in filter(None, folders):
        for file in sorted(Path(folder).rglob("*.pdf")):
            if file.name in FILES:
                found[file.name] = file.read_bytes()
    return found


def measured(read: Reading, pdfs: dict[str, bytes], known: dict[str, Any]) -> dict[str, Any]:
    """Scores by kind and by page."""
    kinds: dict[str, Score] = {kind: Score() for kind in (*dict.fromkeys(FILES.values()), "all")}
    pages: dict[str, float] = {}
    for name, data in pdfs.items():
        texts = read(name, data)
        for number, entry in known[name]["pages"].items():
            given = digests(texts.get(int(number), ""), name, int(number))
            found = score(truths(entry), given)
            pages[f"{name} {number}"] = found.figures()["text"]
            for kind in (FILES[name], "all"):
                kinds[kind].add(found)
    return {
        "kinds": {kind: total.figures() for kind, total in kinds.items() if total.pages},
        "pages": pages,
    }


def main() -> None:
    given = arguments(
        __doc__ or "",
        more={"default": "", "help": "a folder with the files that are not under --data"},
        label={"default": "", "help": "write the truth from the texts in this folder"},
        runs={"type": int, "default": 3, "help": "the best of so many runs counts"},
    )
    data = given.data
    if data == str(DEFAULT_DATA):
        data = str(DEFAULT_DATA.parent.parent / "documents")
    pdfs = pdfs_under(data, given.more)
    if given.label:
        label(Path(given.label), pdfs)
        return
    known = json.loads(TRUTH.read_text(encoding="utf-8"))
    missing = [n for n in known if n not in pdfs or _sha256(pdfs[n]) != known[n]["sha256"]]
    pdfs = {name: pdf for name, pdf in pdfs.items() if name in known and name not in missing}
    result: dict[str, Any] = {"benchmark": "pdf", "left_out": ", ".join(missing) or "none"}
    mine = measured(ours, pdfs, known)
    result["ours"] = mine["kinds"]
    has_peer = importlib.util.find_spec("unstructured") is not None
    if has_peer:
        sys.meta_path.append(_StandIns())  # type: ignore[arg-type]
        office.as_it_comes()
        theirs = measured(peer, pdfs, known)
        result["unstructured"] = theirs["kinds"]
        pairs = {page: (mine["pages"][page], theirs["pages"][page]) for page in mine["pages"]}
        result["worse_than_unstructured"] = {p: v for p, v in pairs.items() if v[0] < v[1]}
    result["ours_below_0.98"] = {p: v for p, v in mine["pages"].items() if v < 0.98}
    result["pages_per_cpu_second"] = speeds(pdfs, given.runs, has_peer)
    result |= {
        "versions": versions("pypdfium2", "unstructured", "pdfminer.six"),
        "machine": machine(),
    }
    report(result, given.json)
    if given.save:
        save("pdf", figures(result), "pypdfium2", "unstructured", "pdfminer.six")


def figures(result: dict[str, Any]) -> Iterable[dict[str, Any]]:
    """Words, order and speed over all pages, for the table of readers."""
    mine = result["ours"]["all"]
    theirs = result.get("unstructured", {}).get("all", {})
    for key, what in {"words": "F1 of the words", "order": "words in order"}.items():
        measure = f"{what} on {mine['pages']} pages with a text layer"
        beside = ("unstructured fast", theirs[key]) if theirs else None
        yield figure("PdfReader", measure, mine[key], peer=beside)
    speed = result["pages_per_cpu_second"]
    beside = ("unstructured fast", speed["unstructured"]) if theirs else None
    yield figure("PdfReader", "speed", speed["ours"], unit="pages per CPU-second", peer=beside)


def speeds(pdfs: dict[str, bytes], runs: int, has_peer: bool) -> dict[str, Any]:
    """Each side in a process of its own: a collector of garbage goes over all that lies in one."""
    import pypdfium2

    pages = 0
    for pdf in pdfs.values():
        with pypdfium2.PdfDocument(pdf[max(0, pdf.find(b"%PDF-")) :]) as document:
            pages += len(document)
    best: dict[str, float] = {}
    context = multiprocessing.get_context("spawn")
    with ExitStack() as running:
        sides = {}
        for name in _SIDES if has_peer else ["ours"]:
            here, there = context.Pipe()
            side = context.Process(target=_side, args=(there, name, pdfs), daemon=True)
            side.start()
            there.close()
            running.callback(side.join)
            sides[name] = running.enter_context(here)
        # In turn, so that what else the machine does weighs on both. The first run is for warmth.
        for run in range(runs + 1):
            for name, here in sides.items():
                here.send(True)
                spent = here.recv()
                if run:
                    best[name] = min(best.get(name, float("inf")), spent)
    found: dict[str, Any] = {"pages": pages}
    found |= {name: round(pages / spent, 1) for name, spent in best.items()}
    for name in ("unstructured", "unstructured_patched"):
        if name in best:
            found[f"ratio_{name}"] = round(best[name] / best["ours"], 1)
    return found


_SIDES: dict[str, tuple[Callable[[], None], Reading]] = {
    "ours": (lambda: None, ours),
    "unstructured": (office.as_it_comes, peer),
    "unstructured_patched": (office.patched, peer),
}


def _side(asked: Any, name: str, pdfs: dict[str, bytes]) -> None:
    """Read all files whenever asked, and answer the CPU seconds that it took."""
    set_up, read = _SIDES[name]
    if read is peer:
        sys.meta_path.append(_StandIns())  # type: ignore[arg-type]
        set_up()
    with suppress(EOFError):
        while asked.recv():
            asked.send(office.seconds(read, pdfs, 1) if read is peer else _seconds(read, pdfs))


def _seconds(read: Reading, pdfs: dict[str, bytes]) -> float:
    # What was found out about a word is forgotten, as it is on the other side.
    legible._wordlike.cache_clear()
    start = time.process_time()
    for name, data in pdfs.items():
        read(name, data)
    return time.process_time() - start


if __name__ == "__main__":
    main()

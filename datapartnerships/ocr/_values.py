"""What OCR is asked for (`Ocr`) and what it answers (`Recognized`): plain values."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from datapartnerships.errors import InvalidParameter
from datapartnerships.kernels.layout import Block, set_roles
from datapartnerships.schema import Segment

# Left, top, right, bottom, in pixels of the image that was given, from its top left corner.
Box = tuple[float, float, float, float]

ENGINES = ("rapidocr", "tesseract", "vlm")


@dataclass(frozen=True, slots=True)
class Ocr:
    """How pictures of pages become text.

    Attributes:
        engines: which may be used, the preferred one first: ``rapidocr``, ``tesseract`` and
            ``vlm``. Those that are not installed, or do not serve the languages, are passed over;
            where one serves them better (``tesseract`` Icelandic), it goes first.
        languages: of the pages, as ISO 639-1 (``en``, ``is``).
        min_confidence: 0 to 1. An answer of less (or none, for a page with ink on it) makes the
            page be looked at turned, and then by the next engine; the best answer is kept.
        endpoint: for ``vlm``: the URL of a chat completions service that takes images, such as
            ``http://localhost:8000/v1/chat/completions``. The pages are sent there. A key is taken
            from the environment variable ``DATAPARTNERSHIPS_OCR_KEY``.
        model: for ``vlm``: the name of the model to ask for.
    """

    engines: tuple[str, ...] = ("rapidocr", "tesseract")
    languages: tuple[str, ...] = ("en",)
    min_confidence: float = 0.8
    endpoint: str = ""
    model: str = ""

    def __post_init__(self) -> None:
        for name in ("engines", "languages"):
            given = getattr(self, name)
            if isinstance(given, str) or not given or not all(isinstance(x, str) for x in given):
                raise InvalidParameter(self, name, "a list of names, not empty", given)
            object.__setattr__(self, name, tuple(given))
        if unknown := set(self.engines) - set(ENGINES):
            known = f"names from {', '.join(ENGINES)}"
            raise InvalidParameter(self, "engines", known, ", ".join(sorted(unknown)))
        for language in self.languages:
            if not (len(language) == 2 and language.isalpha() and language.islower()):
                expected = "two small letters each (ISO 639-1), such as 'en' or 'is'"
                raise InvalidParameter(self, "languages", expected, language)
        if not isinstance(self.min_confidence, int | float) or not 0 <= self.min_confidence <= 1:
            raise InvalidParameter(self, "min_confidence", "a share, 0 to 1", self.min_confidence)
        if "vlm" in self.engines:
            if not self.endpoint.startswith(("http://", "https://")):
                raise InvalidParameter(self, "endpoint", "a URL, as 'vlm' is used", self.endpoint)
            if not self.model:
                raise InvalidParameter(self, "model", "its name, as 'vlm' is used", self.model)


@dataclass(frozen=True, slots=True)
class Word:
    """A word, or a run of letters where the engine does not part them into words.

    `confidence` is 0 to 1, of the whole line from some engines; None where there is none.
    """

    text: str
    box: Box
    confidence: float | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """The words of one line as they are read, and the box around them."""

    words: tuple[Word, ...]
    box: Box

    @classmethod
    def of(cls, words: Iterable[Word]) -> Line:
        """A line of words in any order."""
        ordered = tuple(sorted(words, key=lambda word: (word.box[0], word.box[1])))
        return cls(ordered, around(word.box for word in ordered))

    @property
    def text(self) -> str:
        return " ".join(word.text for word in self.words)

    @property
    def confidence(self) -> float | None:
        return mean_confidence(self.words)


@dataclass(frozen=True, slots=True)
class Recognized:
    """The text of a page, in reading order.

    Attributes:
        paragraphs: of lines; empty for a page without text. The rows of a table are lines, and
            numbers that count the lines down a margin are the last paragraph.
        engine: name and version of what read it; empty for a blank page.
        reason: why by this engine, and what was done to the page before.
        rotation: by how many degrees (0, 90, 180, 270) the page had to be turned clockwise.
        skew: by how many degrees more its lines fell to the right (negative: rose).
        width, height: pixels of the image that was given; the boxes lie on it.
        layout: a block for each paragraph, the size of its type in pixels. `blocks` gives them.
    """

    paragraphs: tuple[tuple[Line, ...], ...]
    engine: str
    reason: str
    rotation: int
    skew: float
    width: int
    height: int
    layout: tuple[Block, ...] = ()

    @property
    def lines(self) -> tuple[Line, ...]:
        return tuple(line for paragraph in self.paragraphs for line in paragraph)

    @property
    def text(self) -> str:
        """Lines as the page has them, an empty line between paragraphs."""
        return "\n\n".join(
            "\n".join(line.text for line in paragraph) for paragraph in self.paragraphs
        )

    @property
    def confidence(self) -> float | None:
        return mean_confidence(word for line in self.lines for word in line.words)

    def blocks(self, *, points: float = 1.0) -> list[Block]:
        """Its blocks, made anew: `kernels.layout.set_roles` changes them.

        `points` to a pixel makes the sizes of type those of other pages.
        """
        return [replace(block, size=block.size * points) for block in self.layout]

    def origin(self, why: str = "") -> str:
        """What a segment says of where its text is from; `why` says why OCR was needed at all."""
        reasons = "; ".join(part for part in (why, self.reason) if part)
        return f"ocr {self.engine}: {reasons}"

    def segments(self, *, page: int | None = None, why: str = "") -> list[Segment]:
        """A segment for each block of this page alone; footnotes stand behind the rest."""
        found = self.blocks()
        set_roles([found])
        return [
            Segment(
                block.text,
                page=page,
                bbox=list(block.bbox),
                confidence=block.confidence,
                origin=self.origin(why),
            )
            for block in found
        ]


def share(pixels: float, whole: int) -> float:
    return round(min(max(pixels / whole, 0.0), 1.0), 5)


def around(boxes: Iterable[Box]) -> Box:
    """The least box around all of them."""
    lefts, tops, rights, bottoms = zip(*boxes, strict=True)
    return min(lefts), min(tops), max(rights), max(bottoms)


def mean_confidence(words: Iterable[Word]) -> float | None:
    """Weighted by characters: a long line says more about a page than a stray mark."""
    known = [(w.confidence, len(w.text)) for w in words if w.confidence is not None]
    weight = sum(length for _, length in known)
    return round(sum(c * length for c, length in known) / weight, 4) if weight else None

"""What OCR is asked for (`Ocr`) and what it answers (`Recognized`): plain values."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from datapartnerships.errors import InvalidParameter
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
    """A word, or a run of words of one row where the engine does not part them.

    `confidence` is 0 to 1; None where the engine gives none.
    """

    text: str
    box: Box
    confidence: float | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """The words of one line, from left to right, and the box around them."""

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
        paragraphs: of lines; empty for a page without text.
        engine: name and version of what read it; empty for a blank page.
        reason: why by this engine, and what was done to the page before.
        rotation: by how many degrees (0, 90, 180, 270) the page had to be turned clockwise.
        skew: by how many degrees more its lines fell to the right (negative: rose).
        width, height: pixels of the image that was given; the boxes lie on it.
    """

    paragraphs: tuple[tuple[Line, ...], ...]
    engine: str
    reason: str
    rotation: int
    skew: float
    width: int
    height: int

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

    def segments(self, *, page: int | None = None, why: str = "") -> list[Segment]:
        """A segment for each paragraph; `why` says why OCR was needed at all."""
        reasons = "; ".join(part for part in (why, self.reason) if part)
        found = []
        for paragraph in self.paragraphs:
            left, top, right, bottom = around(line.box for line in paragraph)
            found.append(
                Segment(
                    "\n".join(line.text for line in paragraph),
                    page=page,
                    bbox=[
                        _share(left, self.width),
                        _share(top, self.height),
                        _share(right, self.width),
                        _share(bottom, self.height),
                    ],
                    confidence=mean_confidence(w for line in paragraph for w in line.words),
                    origin=f"ocr {self.engine}: {reasons}",
                )
            )
        return found


def _share(pixels: float, whole: int) -> float:
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

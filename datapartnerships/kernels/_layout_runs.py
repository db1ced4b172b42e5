"""Words to runs: stretches of one line without a wide gap."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

# Stands at the end of a line for a hyphen that cut a word.
HYPHEN = "\ufffe"
# What parts two words of one line at most, in ems (the size of the type).
WORD_GAP = 1.1


@dataclass(slots=True)
class Piece:
    """A word, or a stretch of a line.

    Attributes:
        text: ends in U+FFFE where a hyphen at a line end cut a word.
        left, top, right, bottom: its box, y downwards, in any unit.
        size: of the type, in the same unit; the height of the box where nothing else is known.
        confidence: 0 to 1, of recognized text.
        turned: does not run along the lines of the page (a stamp up the margin).
        place: what the caller knows it by.
    """

    text: str
    left: float
    top: float
    right: float
    bottom: float
    size: float
    confidence: float | None = None
    bold: bool = False
    turned: bool = False
    place: int = -1


@dataclass(slots=True)
class Run:
    """Words of one line without a wide gap; also a whole line of several runs.

    `second` is where what stands behind its first word begins, as its pieces show; 0 if unknown.
    """

    text: str
    left: float
    top: float
    right: float
    bottom: float
    size: float
    # Characters set in bold; with a confidence; and those times the confidence of each.
    heavy: int = 0
    counted: int = 0
    sure: float = 0.0
    second: float = 0.0
    places: list[int] = field(default_factory=list)

    @property
    def middle(self) -> float:
        return (self.top + self.bottom) / 2

    @property
    def bold(self) -> bool:
        return self.heavy > 0.7 * len(self.text)


def mean_confidence(parts: Iterable[Run]) -> float | None:
    counted, sure = 0, 0.0
    for part in parts:
        counted += part.counted
        sure += part.sure
    return sure / counted if counted else None


def usual_size(parts: Sequence[Run]) -> float:
    """The size of most of the characters."""
    sizes: dict[float, int] = {}
    for part in parts:
        sizes[part.size] = sizes.get(part.size, 0) + len(part.text)
    return max(sizes, key=lambda size: (sizes[size], size))


def runs(pieces: Iterable[Piece]) -> list[Run]:
    """Join the words that stand side by side, in the order given, then by their place."""
    found: list[Run] = []
    last: Run | None = None
    for piece in pieces:
        if last is None or not _continues(last, piece):
            last = Run(
                piece.text, piece.left, piece.top, piece.right, piece.bottom, piece.size
            )  # fmt: skip
            found.append(last)
        else:
            append(last, piece)
        if piece.bold:
            last.heavy += len(piece.text)
        if piece.confidence is not None:
            last.counted += len(piece.text)
            last.sure += piece.confidence * len(piece.text)
        if piece.place >= 0:
            last.places.append(piece.place)
    return found


def _continues(run: Run, piece: Piece) -> bool:
    # Without `min` and `max`: nothing else here is asked as often.
    em = piece.size if piece.size > run.size else run.size
    gap = piece.left - run.right
    if not -0.5 * em < gap < WORD_GAP * em:
        return False
    top, bottom, above, below = run.top, run.bottom, piece.top, piece.bottom
    overlap = (below if below < bottom else bottom) - (above if above > top else top)
    high, other = bottom - top, below - above
    # A raised mark right behind a word shares less of its height.
    share = 0.3 if piece.size < 0.8 * run.size and gap < 0.2 * em else 0.5
    return overlap > share * (other if other < high else high)


def append(run: Run, piece: Piece | Run) -> None:
    small = len(piece.text) < len(run.text)
    run.second = run.second or (0.0 if " " in run.text else piece.left)
    run.text = f"{run.text} {piece.text}"
    if piece.right > run.right:
        run.right = piece.right
    if piece.left < run.left:
        run.left = piece.left
    if small and piece.size < 0.8 * run.size:
        return  # a mark above the line does not make the line higher
    if piece.top < run.top:
        run.top = piece.top
    if piece.bottom > run.bottom:
        run.bottom = piece.bottom
    if not small:
        run.size = piece.size

"""Examples: where a document was changed or why it was rejected, with the difference marked."""

from __future__ import annotations

import re
from collections.abc import Sequence
from difflib import SequenceMatcher

from datapartnerships._report.words import cut, cut_middle, escaped
from datapartnerships.tally import Example

URI, REASON, TEXT = 160, 400, 600
_TOKEN = re.compile(r"\w+|\s|[^\w\s]")

_CUT_END = re.compile(r"\w*…\Z")

# (text, whether it differs)
Piece = tuple[str, bool]


def differences(before: str, after: str) -> tuple[list[Piece], list[Piece]]:
    """Both texts in pieces, those marked that the other has not.

    Both are windows around one place: where they were cut off ("…"), the one that grew shorter
    shows more of what follows. That is not a change, and stays unmarked.
    """
    x_text, y_text = _whole_words(before), _whole_words(after)
    old, new = _TOKEN.findall(x_text), _TOKEN.findall(y_text)
    left: list[Piece] = []
    right: list[Piece] = []
    for kind, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        x, y = "".join(old[a:b]), "".join(new[c:d])
        head, tail = (len(x), 0) if kind == "equal" else _common(x, y)
        last = b == len(old) and d == len(new)
        left += _marked(x, head, tail, last and len(y) == head and y_text != after)
        right += _marked(y, head, tail, last and len(x) == head and x_text != before)
    left.append((before[len(x_text) :], False))
    right.append((after[len(y_text) :], False))
    return _merged(left), _merged(right)


def _whole_words(text: str) -> str:
    """`text` without its end, if that was cut off: the rest of the last word is not known."""
    return _CUT_END.sub("", text)


def _common(x: str, y: str) -> tuple[int, int]:
    """Lengths of what two texts begin and end with in common."""
    most = min(len(x), len(y))
    head = next((i for i in range(most) if x[i] != y[i]), most)
    most -= head
    tail = next((i for i in range(most) if x[-1 - i] != y[-1 - i]), most)
    return head, tail


def _marked(text: str, head: int, tail: int, window: bool) -> list[Piece]:
    end = len(text) - tail
    return [(text[:head], False), (text[head:end], not window), (text[end:], False)]


def _merged(pieces: Sequence[Piece]) -> list[Piece]:
    out: list[Piece] = []
    for text, marked in pieces:
        if text and out and out[-1][1] == marked:
            out[-1] = (out[-1][0] + text, marked)
        elif text:
            out.append((text, marked))
    return out


def change(example: Example) -> str:
    """A document that a transform changed."""
    after = cut(example.after, TEXT)
    if example.before is None:
        texts = _text("After", [(after, False)], "ins")
        note = "What stood here before is withheld: this transform acts on personal data."
    else:
        before = cut(example.before, TEXT)
        old, new = differences(before, after)
        texts = _text("Before", old, "del") + _text("After", new, "ins")
        note = "" if before != after else "The difference lies in text that is masked."
    return _figure(example.uri, escaped(cut(example.place, REASON)), texts, note)


def rejection(example: Example) -> str:
    """A document that was rejected; its place is the full reason."""
    text = cut(example.after, TEXT)
    body = _text("Text", [(text, False)], "del") if text.strip() else ""
    reason = f"<bdi>{escaped(cut(example.place, REASON))}</bdi>"
    return _figure(example.uri, reason, body, "" if body else "No text is shown.")


def _figure(uri: str, place: str, body: str, note: str) -> str:
    note = f'<p class="note">{note}</p>' if note else ""
    return (
        f'<figure class="example"><figcaption><bdi class="uri">{escaped(cut_middle(uri, URI))}'
        f'</bdi><span class="place">{place}</span></figcaption>'
        f'<div class="pair">{body}</div>{note}</figure>'
    )


def _text(label: str, pieces: Sequence[Piece], tag: str) -> str:
    marked = "".join(
        f"<{tag}>{_difference(text)}</{tag}>" if differs else escaped(text, lines=True)
        for text, differs in pieces
    )
    empty = '<span class="muted">nothing left</span>'
    return (
        f'<div><span class="label">{label}</span>'
        f'<div class="text" dir="auto">{marked or empty}</div></div>'
    )


def _difference(text: str) -> str:
    """Spaces that came or went are seen, too."""
    if text.strip(" "):
        return escaped(text, lines=True, spaces=True)
    return f'<span class="ctl">{"·" * len(text)}</span>'

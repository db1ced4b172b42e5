"""Who speaks, in a transcript that says so in its text alone."""

from __future__ import annotations

import itertools
import re
from collections import Counter
from typing import Any

# "MR. BERG:", "Q.", "Dr Anna Lind (Reykjavik):" before what was said.
_LABEL = re.compile(
    r"^[ \t]*((?:[^\W\d_][\w.'’-]{0,30}[ \t]*){1,5}(?:\([^()\n]{1,40}\))?)[ \t]*:\s+(?=\S)",
    re.MULTILINE,
)


def with_speakers(segments: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Names before a colon, where a line begins, become speakers in a transcript that has none.

    A name is one in capitals, or one that stands there twice: "Note: see below" is none.
    """
    if any(segment.get("speaker") for segment in segments):
        return segments
    found = [list(_LABEL.finditer(segment["text"] or "")) for segment in segments]
    names = Counter(label[1].strip() for labels in found for label in labels)
    out = []
    for segment, labels in zip(segments, found, strict=True):
        text = segment["text"] or ""
        labels = [m for m in labels if names[m[1].strip()] > 1 or m[1].isupper()]
        if not labels or text[: labels[0].start()].strip():
            first = text[: labels[0].start()].rstrip() if labels else segment["text"]
            out.append({**segment, "text": first, "words": None} if labels else segment)
        for label, after in itertools.zip_longest(labels, labels[1:]):
            part = text[label.end() : after.start() if after else None].rstrip()
            out.append({**segment, "text": part, "speaker": label[1].strip(), "words": None})
    return out

"""Pages read by a model behind a URL: OpenAI-compatible chat completions that take images.

Used only by who asks for it and names the URL: the pages leave this machine, if that is elsewhere.
"""

from __future__ import annotations

import base64
import json
import os
import urllib.error
import urllib.request
from typing import Any

from datapartnerships._backends.pillow import as_png
from datapartnerships.errors import DocumentError

TIMEOUT_S = 100.0
MAX_ANSWER_BYTES = 8 << 20
_PROMPT = (
    "Transcribe all text on this page, exactly as printed, in reading order. Keep its line breaks, "
    "leave an empty line between paragraphs, and add nothing of your own. If there is no text, "
    "answer with nothing. Languages: {}."
)


def read(pixels: Any, languages: tuple[str, ...], *, endpoint: str, model: str) -> list[list[str]]:
    """The paragraphs of a page, each of lines. Such a model tells neither boxes nor confidence."""
    image = base64.b64encode(as_png(pixels)).decode("ascii")
    content = [
        {"type": "text", "text": _PROMPT.format(", ".join(languages))},
        {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{image}"}},
    ]
    question = {
        "model": model,
        "temperature": 0,
        "messages": [{"role": "user", "content": content}],
    }
    return _paragraphs(_answer(_ask(endpoint, question)))


def _ask(endpoint: str, question: dict[str, Any]) -> Any:
    headers = {"Content-Type": "application/json"}
    if key := os.environ.get("DATAPARTNERSHIPS_OCR_KEY"):
        headers["Authorization"] = f"Bearer {key}"
    request = urllib.request.Request(endpoint, json.dumps(question).encode(), headers)
    try:
        with urllib.request.urlopen(request, timeout=TIMEOUT_S) as response:
            body = response.read(MAX_ANSWER_BYTES + 1)
    except urllib.error.HTTPError as error:
        with error:
            raise DocumentError("OCR service failed", f"{endpoint}: HTTP {error.code}") from None
    except OSError as error:
        reason = getattr(error, "reason", error)
        raise DocumentError("OCR service failed", f"{endpoint}: {reason}") from None
    if len(body) > MAX_ANSWER_BYTES:
        limit = f"an answer of more than {MAX_ANSWER_BYTES:,} bytes"
        raise DocumentError("OCR service failed", f"{endpoint}: {limit}")
    try:
        return json.loads(body)
    except ValueError:
        raise DocumentError("OCR service failed", f"{endpoint}: its answer is no JSON") from None


def _answer(answer: Any) -> str:
    try:
        choice = answer["choices"][0]
        text = choice["message"]["content"] or ""
    except (KeyError, IndexError, TypeError):
        raise DocumentError("OCR service failed", "its answer has no message") from None
    if not isinstance(text, str):
        raise DocumentError("OCR service failed", "the content of its answer is no string")
    if choice.get("finish_reason") == "length":
        raise DocumentError("OCR service failed", f"cut off after {len(text):,} characters")
    return text


def _paragraphs(text: str) -> list[list[str]]:
    found: list[list[str]] = [[]]
    for line in text.splitlines():
        if line.strip():
            found[-1].append(line.strip())
        elif found[-1]:
            found.append([])
    return [lines for lines in found if lines]

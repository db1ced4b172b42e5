"""What speech recognizers write as JSON: Whisper and its kin, and services."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from datapartnerships.errors import DocumentError
from datapartnerships.readers import _encoding
from datapartnerships.readers._asr_json import transcript_of
from datapartnerships.readers._base import FileReader
from datapartnerships.readers._cues import kind_of
from datapartnerships.readers._source import Source
from datapartnerships.readers.text import read_bounded
from datapartnerships.schema import Document


@dataclass(frozen=True, kw_only=True)
class AsrJsonReader(FileReader):
    """One document a JSON file of a speech recognizer: a segment each utterance.

    It knows the JSON of whisper, faster-whisper, whisperx and whisper.cpp, of Amazon Transcribe,
    Deepgram and AssemblyAI. Utterances have their times, speaker, words and confidence as far as
    the file has them; words of services that give no utterances are put together at pauses of half
    a second and where the speaker changes. Other JSON is rejected, as before: nothing says which of
    its fields is the text.
    """

    keeps = "utterances of speech recognizers, with times, speaker, words and confidence"
    media_types = frozenset({"application/json"})
    suffixes = (".json",)

    def parse(self, source: Source) -> Iterator[Document | Source]:
        data = read_bounded(source, self.limits)
        found = transcript_of(_value(_encoding.decode(data, declared=source.charset).text))
        if found is None:
            advice = "one object a line is read: save it as JSON Lines"
            raise DocumentError("JSON without a mapping", f"application/json: {advice}")
        if not found.segments:
            raise DocumentError(
                "no text found", f"{found.metadata.get('utterances', 0)} utterances"
            )
        yield source.document(
            self, found.segments, kind=kind_of(found.segments), data=data, metadata=found.metadata
        )


def _value(text: str) -> Any:
    try:
        return json.loads(text)
    except RecursionError:
        raise DocumentError("invalid JSON", "nested too deep") from None
    except ValueError as error:
        raise DocumentError("invalid JSON", str(error)[:200]) from None

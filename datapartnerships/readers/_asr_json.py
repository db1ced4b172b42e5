"""The shapes that speech recognizers give their JSON."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from datapartnerships.readers import _speakers, _tiers
from datapartnerships.readers._cues import checked
from datapartnerships.readers._languages import language_code
from datapartnerships.readers._tiers import Heard
from datapartnerships.schema import Segment


@dataclass(slots=True)
class Transcript:
    segments: list[Segment]
    metadata: dict[str, str]


def transcript_of(value: Any) -> Transcript | None:
    """The transcript that a JSON value is; None for JSON of another kind."""
    if not isinstance(value, dict):
        return None
    for shape in _SHAPES:
        if (found := shape(value)) is not None:
            return found
    return None


def _list(value: Any, *keys: str | int) -> list[dict[str, Any]]:
    """The objects of the list at this place, or none."""
    for key in keys:
        if isinstance(key, int):
            value = value[key] if isinstance(value, list) and len(value) > key else None
        else:
            value = value.get(key) if isinstance(value, dict) else None
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def _seconds(value: Any, scale: float = 1.0) -> float | None:
    try:
        found = float(value) / scale
    except (TypeError, ValueError, OverflowError):
        return None
    return found if math.isfinite(found) else None


def _share(value: Any) -> float | None:
    found = _seconds(value)
    return found if found is not None and 0 <= found <= 1 else None


def _segment(
    text: Any, start: float | None, end: float | None, speaker: Any, origin: str
) -> Segment | None:
    text = " ".join(str(text or "").split())
    if not text:
        return None
    start, end, wrong = checked(start, end)
    heard = _speakers.sound(text)
    return Segment(
        text,
        "sound" if heard else "turn" if start is end is None else "utterance",
        None if speaker is None else str(speaker),
        start_s=start,
        end_s=end,
        ref=heard,
        origin=origin,
        flags=wrong or None,
    )


def _words(
    segment: Segment, items: list[dict[str, Any]], text: str, times: tuple[str, str],
    sure: tuple[str, ...], scale: float = 1.0,
) -> None:  # fmt: skip
    """Put the words where they stand in the text; a word that is not there is left out."""
    at, found = 0, []
    for item in items:
        word = str(item.get(text) or "").strip()
        place = segment.text.find(word, at) if word else -1
        if place < 0:
            continue
        at = place + len(word)
        start, end = (_seconds(item.get(key), scale) for key in times)
        share = next((_share(item[key]) for key in sure if key in item), None)
        if start is not None:
            found.append({"start": place, "end": at, "start_s": start, "end_s": end,
                          "confidence": share})  # fmt: skip
    segment.words = found or None


def _result(
    segments: list[Segment | None], language: Any = None, metadata: dict[str, str] | None = None
) -> Transcript:
    full = [segment for segment in segments if segment is not None]
    code = language_code(language) if isinstance(language, str) else None
    for segment in full:
        segment.language = segment.language or code
    counts = {"utterances": str(len(segments))}
    if empty := len(segments) - len(full):
        counts["utterances_without_text"] = str(empty)
    if isinstance(language, str):
        counts["language"] = language
    return Transcript(full, {**(metadata or {}), **counts})


def _whisper(value: dict[str, Any]) -> Transcript | None:
    """whisper, faster-whisper, whisperx and services that answer as they do."""
    items = _list(value, "segments")
    if not items or not any("text" in item and "start" in item for item in items):
        return None
    found: list[Segment | None] = []
    for item in items:
        start, end = _seconds(item.get("start")), _seconds(item.get("end"))
        segment = _segment(
            item.get("text"), start, end, item.get("speaker"), "transcript whisper json"
        )
        if segment is not None:
            mean = _seconds(item.get("avg_logprob"))
            segment.confidence = math.exp(mean) if mean is not None and mean <= 0 else None
            named = "word" if any("word" in word for word in _list(item, "words")) else "text"
            _words(segment, _list(item, "words"), named, ("start", "end"),
                   ("probability", "score", "confidence"))  # fmt: skip
            language = item.get("language")
            segment.language = language_code(language) if isinstance(language, str) else None
        found.append(segment)
    return _result(found, value.get("language"))


def _whisper_cpp(value: dict[str, Any]) -> Transcript | None:
    items = _list(value, "transcription")
    if not items or not all(isinstance(item.get("offsets"), dict) for item in items):
        return None
    found = [
        _segment(
            item.get("text"),
            _seconds(item["offsets"].get("from"), 1000),
            _seconds(item["offsets"].get("to"), 1000),
            None,
            "transcript whisper.cpp json",
        )
        for item in items
    ]
    result = value.get("result")
    return _result(found, result.get("language") if isinstance(result, dict) else None)


def _amazon(value: dict[str, Any]) -> Transcript | None:
    """Amazon Transcribe: words and marks one by one, each with its speaker."""
    items = _list(value, "results", "items")
    if not items or not any("alternatives" in item for item in items):
        return None
    words: list[tuple[str | None, Heard]] = []
    for item in items:
        best = next(iter(_list(item, "alternatives")), {})
        text = str(best.get("content") or "").strip()
        if item.get("type") == "punctuation":
            if words and text:
                words[-1][1].text += text
            continue
        start, end = _seconds(item.get("start_time")), _seconds(item.get("end_time"))
        if text and start is not None and end is not None:
            speaker = item.get("speaker_label")
            words.append((speaker, Heard(text, start, end, _share(best.get("confidence")))))
    results = value["results"]
    return _result(list(_runs(words, "transcript amazon json")), results.get("language_code"))


def _runs(words: list[tuple[str | None, Heard]], origin: str) -> list[Segment]:
    found: list[Segment] = []
    at = 0
    while at < len(words):
        end = at
        while end < len(words) and words[end][0] == words[at][0]:
            end += 1
        same = [word for _, word in words[at:end]]
        found += [_tiers.utterance(run, words[at][0], origin) for run in _tiers.utterances(same)]
        at = end
    return found


def _deepgram(value: dict[str, Any]) -> Transcript | None:
    items = _list(value, "results", "channels")
    if not items:
        return None
    said = _list(value, "results", "utterances")
    found: list[Segment | None] = []
    for item in said:
        times = _seconds(item.get("start")), _seconds(item.get("end"))
        speaker = item.get("speaker")
        segment = _segment(item.get("transcript"), *times, speaker, "transcript deepgram json")
        if segment is not None:
            segment.confidence = _share(item.get("confidence"))
            named = (
                "punctuated_word"
                if any("punctuated_word" in w for w in _list(item, "words"))
                else "word"
            )
            _words(segment, _list(item, "words"), named, ("start", "end"), ("confidence",))
        found.append(segment)
    if not said:
        for channel in items:
            words = [
                (None if w.get("speaker") is None else str(w["speaker"]),
                 Heard(str(w.get("punctuated_word") or w.get("word")), w["start"], w["end"],
                       _share(w.get("confidence"))))
                for w in _list(channel, "alternatives", 0, "words")
                if _seconds(w.get("start")) is not None and _seconds(w.get("end")) is not None
            ]  # fmt: skip
            found += _runs(words, "transcript deepgram json")
    return _result(found, items[0].get("detected_language"))


def _assemblyai(value: dict[str, Any]) -> Transcript | None:
    """Times in milliseconds; one utterance for all where speakers were not told apart."""
    said = _list(value, "utterances") or (
        [value] if _list(value, "words") and "text" in value else []
    )
    if not said or not all("text" in item for item in said) or "audio_url" not in value:
        return None
    found: list[Segment | None] = []
    for item in said:
        words = _list(item, "words")
        start = _seconds(item.get("start", words[0].get("start") if words else None), 1000)
        end = _seconds(item.get("end", words[-1].get("end") if words else None), 1000)
        segment = _segment(
            item["text"], start, end, item.get("speaker"), "transcript assemblyai json"
        )
        if segment is not None:
            segment.confidence = _share(item.get("confidence"))
            _words(segment, words, "text", ("start", "end"), ("confidence",), 1000)
        found.append(segment)
    return _result(found, value.get("language_code"))


_SHAPES: tuple[Callable[[dict[str, Any]], Transcript | None], ...] = (
    _whisper, _whisper_cpp, _amazon, _deepgram, _assemblyai,
)  # fmt: skip

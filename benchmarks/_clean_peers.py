"""data-juicer and dolma on the work of `clean.py`, as far as they have its steps.

Each in an interpreter of its own, as they do not install beside each other: ``py-data-juicer``
1.6.1 with aiohttp, and ``dolma`` 1.2.1 with pycld2. Neither may reach a network: the language
model of data-juicer comes from a file, dolma's is pycld2's.
"""

from __future__ import annotations

import gzip
import json
import os
import shutil
import sys
from pathlib import Path
from typing import Any

BANDS, ROWS, WORDS = 14, 8, 5


def juicer(deposit: str, out: str, model: str) -> dict[str, Any]:
    """All steps but Gopher's and C4's rules, of which it has the number of words and repetition."""
    os.environ["HF_DATASETS_CACHE"] = out + "-cache"  # else it takes the result of the last run
    models = Path(out + "-models")
    models.mkdir()
    shutil.copy(model, models / "lid.176.bin")
    os.environ["DATA_JUICER_MODELS_CACHE"] = str(models)
    steps: list[dict[str, Any]] = [
        {"fix_unicode_mapper": None},
        {"language_id_score_filter": {"min_score": 0.0}},
        {"words_num_filter": {"min_num": 50, "max_num": 100_000}},
        {"alphanumeric_filter": {"min_ratio": 0.6}},
        {"word_repetition_filter": {"rep_len": 10, "max_ratio": 0.2}},
        {"character_repetition_filter": {"rep_len": 10, "max_ratio": 0.5}},
        {"clean_email_mapper": None},
        {"clean_ip_mapper": None},
        {"document_deduplicator": None},
        {"document_minhash_deduplicator": {
            "jaccard_threshold": 0.8, "tokenization": "space", "window_size": WORDS,
            "num_permutations": BANDS * ROWS, "num_bands": BANDS, "num_rows_per_band": ROWS,
        }},
    ]  # fmt: skip
    recipe = {
        "dataset_path": deposit, "export_path": f"{out}/kept.parquet", "export_type": "parquet",
        "np": 1, "text_keys": "text", "process": steps,
    }  # fmt: skip
    config = Path(out + ".yaml")
    config.write_text(json.dumps(recipe))  # JSON is YAML
    from data_juicer.config import init_configs
    from data_juicer.core import DefaultExecutor

    DefaultExecutor(init_configs(["--config", str(config)])).run()
    import pyarrow.parquet as pq

    return {"out": pq.read_metadata(f"{out}/kept.parquet").num_rows, "rejected": {}}


# Its attributes, with what is too little and too much, as `mix` takes them.
_GOPHER = {
    "word_count": (50, 100_000),
    "fraction_of_words_with_alpha_character": (0.8, None),
    "fraction_of_lines_starting_with_bullet_point": (None, 0.9),
    "fraction_of_lines_ending_with_ellipsis": (None, 0.3),
    "fraction_of_duplicate_lines": (None, 0.3),
    "fraction_of_characters_in_most_common_2grams": (None, 0.2),
    "fraction_of_characters_in_most_common_3grams": (None, 0.18),
    "fraction_of_characters_in_most_common_4grams": (None, 0.16),
    **{
        f"fraction_of_characters_in_duplicate_{n}grams": (None, round(0.2 - 0.01 * n, 2))
        for n in range(5, 11)
    },
}


def dolma(deposit: str, out: str, _: str) -> dict[str, Any]:
    """All steps but repairing Unicode; duplicates are exact ones, by a Bloom filter."""
    from dolma.cli.__main__ import main

    root = Path(out)
    documents = root / "documents"
    documents.mkdir(parents=True)
    rows = 0
    for file in sorted(Path(deposit).glob("*.jsonl")):
        with file.open("rb") as source, gzip.open(documents / f"{file.name}.gz", "wb", 1) as to:
            for line in source:
                rows += to.write(line) > 0
    files = f"{documents}/*.gz"
    taggers = ["gopher_v2", "c4_v2", "pii_regex_with_counts_fast_v2", "cld2_doc_v2"]
    main(["tag", "--documents", files, "--experiment", "x", "--taggers", *taggers,
          "--processes", "1"])  # fmt: skip
    many = {"estimated_doc_count": rows, "desired_false_positive_rate": 1e-6}
    _run(main, root, "dedupe", {
        "documents": [files],
        "dedupe": {"name": "dup", "documents": {"key": "$.text", "attribute_name": "dup"}},
        "bloom_filter": {"file": f"{root}/bloom", "read_only": False, **many},
        "processes": 1,
    })  # fmt: skip
    gopher = "$.attributes[?(@.x__gopher_v2__{0} && @.x__gopher_v2__{0}[0][2] {1} {2})]"
    exclude = ["$.attributes[?(@.dup && @.dup[0] && @.dup[0][2] >= 1.0)]"]
    for name, (least, most) in _GOPHER.items():
        exclude += [gopher.format(name, "<", least)] if least is not None else []
        exclude += [gopher.format(name, ">", most)] if most is not None else []
    _run(main, root, "mix", {
        "streams": [{
            "name": "kept",
            "documents": [files],
            "attributes": ["x", "dup"],
            "output": {"path": f"{root}/kept", "max_size_in_bytes": 1 << 30},
            "filter": {"include": [], "exclude": exclude},
        }],
        "processes": 1,
    })  # fmt: skip
    kept = sum(
        sum(1 for _ in gzip.open(file)) for file in sorted((root / "kept").rglob("*.json*.gz"))
    )
    return {"out": kept, "rejected": {}}


def _run(main: Any, root: Path, command: str, config: dict[str, Any]) -> None:
    path = root / f"{command}.json"
    path.write_text(json.dumps(config))
    main(["-c", str(path), command])


if __name__ == "__main__":
    name, *rest = sys.argv[1:]
    known = {"juicer": juicer, "dolma": dolma}
    answer = known[name](*[*rest, ""][:3])
    print(json.dumps(answer), file=sys.__stdout__, flush=True)  # data-juicer took the other one

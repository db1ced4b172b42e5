"""Personal data by presidio-analyzer. Its only importer."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Iterable, Iterator, Sequence
from functools import cache

from datapartnerships.errors import extra

with extra("presidio", needed_by="PresidioPii"), warnings.catch_warnings():
    # Of libraries that these import, about themselves.
    warnings.simplefilter("ignore")
    import tldextract.tldextract
    from presidio_analyzer import AnalyzerEngine, BatchAnalyzerEngine, RecognizerRegistry
    from presidio_analyzer.nlp_engine import NlpEngineProvider

# What it computes together.
BATCH = 64


class Engine:
    """Presidio's predefined recognizers of one language, with a spaCy model."""

    def __init__(self, language: str, model: str) -> None:
        # It would download the list of public suffixes: the one in the package does.
        tldextract.tldextract.TLD_EXTRACTOR.suffix_list_urls = ()
        # It logs at each start, and in places the text it looks at.
        logging.getLogger("presidio-analyzer").setLevel(logging.ERROR)
        configuration = {
            "nlp_engine_name": "spacy",
            "models": [{"lang_code": language, "model_name": model}],
            "ner_model_configuration": {"labels_to_ignore": []},
        }
        nlp = NlpEngineProvider(nlp_configuration=configuration).create_engine()
        registry = RecognizerRegistry(supported_languages=[language])
        registry.load_predefined_recognizers(languages=[language], nlp_engine=nlp)
        analyzer = AnalyzerEngine(registry=registry, nlp_engine=nlp, supported_languages=[language])
        self._analyze = BatchAnalyzerEngine(analyzer)
        self._language = language
        self.kinds = frozenset(analyzer.get_supported_entities(language))

    def find(
        self, texts: Iterable[str], kinds: Sequence[str], threshold: float
    ) -> Iterator[list[tuple[int, int, str, float]]]:
        """For each text: first character, end, kind, score."""
        for found in self._analyze.analyze_iterator(
            texts,
            self._language,
            batch_size=BATCH,
            entities=list(kinds),
            score_threshold=threshold,
        ):
            yield [(item.start, item.end, item.entity_type, item.score) for item in found]


@cache
def load(language: str, model: str) -> Engine:
    """Once a process."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return Engine(language, model)

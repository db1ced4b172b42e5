"""Names of components: a table of import strings, then the entry points of installed packages.

Nothing is imported before it is asked for. A package of yours adds to a kind with an entry point
in the group ``datapartnerships.readers``, ``.transforms``, ``.detectors`` or ``.writers``.
"""

from __future__ import annotations

import functools
import importlib
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from datapartnerships.errors import ConfigurationError, NameClash, UnknownName

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

KINDS = ("readers", "transforms", "detectors", "writers")

BUILTIN: Mapping[str, Mapping[str, str]] = {
    "readers": {
        "AltoReader": "datapartnerships.readers.alto:AltoReader",
        "ArchiveReader": "datapartnerships.readers.archive:ArchiveReader",
        "AudioReader": "datapartnerships.readers.audio:AudioReader",
        "AsrJsonReader": "datapartnerships.readers.asr_json:AsrJsonReader",
        "CsvReader": "datapartnerships.readers.csv:CsvReader",
        "CtmReader": "datapartnerships.readers.nist:CtmReader",
        "ElanReader": "datapartnerships.readers.elan:ElanReader",
        "EmailReader": "datapartnerships.readers.email:EmailReader",
        "FolderReader": "datapartnerships.readers.folder:FolderReader",
        "HocrReader": "datapartnerships.readers.hocr:HocrReader",
        "HtmlReader": "datapartnerships.readers.html:HtmlReader",
        "HuggingFaceReader": "datapartnerships.readers.huggingface:HuggingFaceReader",
        "ImageReader": "datapartnerships.readers.image:ImageReader",
        "JsonlReader": "datapartnerships.readers.jsonl:JsonlReader",
        "LegacyOfficeReader": "datapartnerships.readers.legacy:LegacyOfficeReader",
        "MarkdownReader": "datapartnerships.readers.text:MarkdownReader",
        "MetsReader": "datapartnerships.readers.mets:MetsReader",
        "OfficeReader": "datapartnerships.readers.office:OfficeReader",
        "PageXmlReader": "datapartnerships.readers.pagexml:PageXmlReader",
        "ParquetReader": "datapartnerships.readers.parquet:ParquetReader",
        "PdfReader": "datapartnerships.readers.pdf:PdfReader",
        "StmReader": "datapartnerships.readers.nist:StmReader",
        "SubtitleReader": "datapartnerships.readers.subtitle:SubtitleReader",
        "TeiReader": "datapartnerships.readers.tei:TeiReader",
        "TextGridReader": "datapartnerships.readers.textgrid:TextGridReader",
        "TextReader": "datapartnerships.readers.text:TextReader",
        "VideoReader": "datapartnerships.readers.video:VideoReader",
        "TranscriptReader": "datapartnerships.readers.transcript:TranscriptReader",
        "WarcReader": "datapartnerships.readers.warc:WarcReader",
        "XmlReader": "datapartnerships.readers.xml:XmlReader",
    },
    "transforms": {
        "AlignTranscript": "datapartnerships.transforms.align_transcript:AlignTranscript",
        "AssignRights": "datapartnerships.transforms.assign_rights:AssignRights",
        "AuditRedactions": "datapartnerships.transforms.audit_redactions:AuditRedactions",
        "CheckRedaction": "datapartnerships.transforms.check_redaction:CheckRedaction",
        "CompareDetectors": "datapartnerships.transforms.compare_detectors:CompareDetectors",
        "DecideThirdParty": "datapartnerships.transforms.decide_third_party:DecideThirdParty",
        "Decontaminate": "datapartnerships.transforms.decontaminate:Decontaminate",
        "Deduplicate": "datapartnerships.transforms.deduplicate:Deduplicate",
        "DeduplicateRecordings": (
            "datapartnerships.transforms.deduplicate_recordings:DeduplicateRecordings"
        ),
        "DeduplicatePassages": (
            "datapartnerships.transforms.deduplicate_passages:DeduplicatePassages"
        ),
        "DetectPii": "datapartnerships.transforms.detect_pii:DetectPii",
        "DropBoilerplate": "datapartnerships.transforms.remove_boilerplate:DropBoilerplate",
        "DropDuplicateRecordings": (
            "datapartnerships.transforms.deduplicate_recordings:DropDuplicateRecordings"
        ),
        "DropDuplicates": "datapartnerships.transforms.drop_duplicates:DropDuplicates",
        "DropFlagged": "datapartnerships.transforms.flag_transcription:DropFlagged",
        "EstimateQuality": "datapartnerships.transforms.estimate_quality:EstimateQuality",
        "DropPassages": "datapartnerships.transforms.deduplicate_passages:DropPassages",
        "EstimateNovelty": "datapartnerships.transforms.estimate_novelty:EstimateNovelty",
        "EstimateWordError": "datapartnerships.transforms.estimate_word_error:EstimateWordError",
        "FilterLanguage": "datapartnerships.transforms.identify_language:FilterLanguage",
        "FilterLength": "datapartnerships.transforms.filter_length:FilterLength",
        "FilterQuality": "datapartnerships.transforms.filter_quality:FilterQuality",
        "FlagTranscription": "datapartnerships.transforms.flag_transcription:FlagTranscription",
        "IdentifyLanguage": "datapartnerships.transforms.identify_language:IdentifyLanguage",
        "JoinHyphenation": "datapartnerships.transforms.join_hyphenation:JoinHyphenation",
        "JoinHyphens": "datapartnerships.transforms.join_hyphenation:JoinHyphens",
        "KeepC4Lines": "datapartnerships.transforms.keep_c4_lines:KeepC4Lines",
        "KeepSpans": "datapartnerships.transforms.keep_spans:KeepSpans",
        "MarkContents": "datapartnerships.transforms.mark_contents:MarkContents",
        "NormalizeWhitespace": "datapartnerships.transforms.whitespace:NormalizeWhitespace",
        "PropagateNames": "datapartnerships.transforms.propagate_names:PropagateNames",
        "PropagateNamesAcross": "datapartnerships.transforms.propagate_names:PropagateNamesAcross",
        "Redact": "datapartnerships.transforms.redact:Redact",
        "ReflowLines": "datapartnerships.transforms.reflow_lines:ReflowLines",
        "RemoveControlCharacters": "datapartnerships.transforms.whitespace:RemoveControlCharacters",
        "RejectWithdrawn": "datapartnerships.transforms.reject_withdrawn:RejectWithdrawn",
        "RemoveBoilerplate": "datapartnerships.transforms.remove_boilerplate:RemoveBoilerplate",
        "RemoveDebris": "datapartnerships.transforms.remove_debris:RemoveDebris",
        "RemoveQuotedReplies": (
            "datapartnerships.transforms.remove_quoted_replies:RemoveQuotedReplies"
        ),
        "RemoveLoops": "datapartnerships.transforms.remove_loops:RemoveLoops",
        "RemoveRunningHeads": (
            "datapartnerships.transforms.remove_running_heads:RemoveRunningHeads"
        ),
        "RepairUnicode": "datapartnerships.transforms.repair_unicode:RepairUnicode",
        "ScrubContainers": "datapartnerships.transforms.scrub_containers:ScrubContainers",
        "Split": "datapartnerships.transforms.split_groups:Split",
        "SplitBySpeaker": "datapartnerships.transforms.split:SplitBySpeaker",
    },
    "detectors": {
        "Addresses": "datapartnerships.detectors.addresses:Addresses",
        "Contacts": "datapartnerships.detectors.contacts:Contacts",
        "Dates": "datapartnerships.detectors.dates:Dates",
        "ThirdParty": "datapartnerships.detectors.third_party:ThirdParty",
        "Cues": "datapartnerships.detectors.cues:Cues",
        "Financial": "datapartnerships.detectors.financial:Financial",
        "NationalIds": "datapartnerships.detectors.national_ids:NationalIds",
        "Secrets": "datapartnerships.detectors.secrets:Secrets",
        "Names": "datapartnerships.detectors.names:Names",
        "KnownPeople": "datapartnerships.detectors.known_people:KnownPeople",
        "GlinerNames": "datapartnerships.detectors.gliner_names:GlinerNames",
        "OnnxTokenClassifier": (
            "datapartnerships.detectors.onnx_token_classifier:OnnxTokenClassifier"
        ),
        "PresidioPii": "datapartnerships.detectors.presidio_pii:PresidioPii",
        "Scrubadub": "datapartnerships.detectors.scrubadub:Scrubadub",
        "SpacyNames": "datapartnerships.detectors.spacy_names:SpacyNames",
    },
    "writers": {
        "ChatWriter": "datapartnerships.writers.chat:ChatWriter",
        "ChunkWriter": "datapartnerships.writers.chunks:ChunkWriter",
        "ClipWriter": "datapartnerships.writers.clips:ClipWriter",
        "FileWriter": "datapartnerships.writers.files:FileWriter",
        "HubWriter": "datapartnerships.release.hub_writer:HubWriter",
        "JsonlWriter": "datapartnerships.writers.jsonl:JsonlWriter",
        "ParquetWriter": "datapartnerships.writers.parquet:ParquetWriter",
        "TextWriter": "datapartnerships.writers.text:TextWriter",
    },
}


def import_string(target: str) -> Any:
    """The object that ``package.module:name`` names."""
    module, _, name = target.partition(":")
    try:
        value: Any = importlib.import_module(module)
    except ModuleNotFoundError as error:
        if error.name is None or not f"{module}.".startswith(f"{error.name}."):
            raise  # the module is there, and one that it imports is not
        raise ConfigurationError(
            f"There is no module {error.name!r} (named in {target!r}). Install it, or put its "
            "folder on PYTHONPATH."
        ) from error
    for part in name.split("."):
        if not hasattr(value, part):
            raise ConfigurationError(f"The module {module!r} has no {name!r}.")
        value = getattr(value, part)
    return value


@functools.cache
def _entry_points() -> Sequence[EntryPoint]:
    """Of every kind. All installed packages are opened for it: once, not once a kind."""
    from importlib.metadata import entry_points

    points = entry_points()
    return [p for kind in KINDS for p in points.select(group=f"datapartnerships.{kind}")]


@functools.cache
def table(kind: str) -> Mapping[str, str]:
    """Name to import string for one kind, plugins included."""
    if kind not in BUILTIN:
        raise UnknownName("kind of component", kind, KINDS)
    found = dict(BUILTIN[kind])
    for point in _entry_points():
        if point.group != f"datapartnerships.{kind}":
            continue
        if found.get(point.name, point.value) != point.value:
            raise NameClash(
                f"{point.name!r} of {kind} is registered twice: as {found[point.name]} and, by "
                f"{point.dist.name if point.dist else 'a package'}, as {point.value}. Rename or "
                "uninstall one of them."
            )
        found[point.name] = point.value
    return found


def load(kind: str, name: str) -> Any:
    """The class registered as `name`."""
    names = table(kind)
    if name not in names:
        raise UnknownName(kind.removesuffix("s"), name, names)
    return import_string(names[name])


def name_of(cls: type) -> str:
    """The registered name of a class, or its import string."""
    target = f"{cls.__module__}:{cls.__qualname__}"
    for kind in KINDS:
        if table(kind).get(cls.__name__) == target:
            return cls.__name__
        for name, value in table(kind).items():
            if value == target:
                return name
    return target


def lazy(kind: str, **others: str) -> tuple[Callable[[str], Any], Callable[[], list[str]]]:
    """`__getattr__` and `__dir__` of a package whose components load on first use.

    `others` are names besides the components, with their import strings.
    """

    def getattr_(name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        if name in others:
            return import_string(others[name])
        if name not in table(kind):
            # `from package import submodule` asks here first and must see an AttributeError.
            raise AttributeError(str(UnknownName(kind.removesuffix("s"), name, table(kind))))
        return load(kind, name)

    def dir_() -> list[str]:
        return sorted([*table(kind), *others])

    return getattr_, dir_

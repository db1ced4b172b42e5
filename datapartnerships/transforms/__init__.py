"""Transforms: a batch in, the same rows out. Each is loaded when it is first used."""

from __future__ import annotations

from typing import TYPE_CHECKING

from datapartnerships.registry import lazy

if TYPE_CHECKING:
    from datapartnerships.transforms.align_transcript import AlignTranscript as AlignTranscript
    from datapartnerships.transforms.assign_rights import AssignRights as AssignRights
    from datapartnerships.transforms.audit_redactions import AuditRedactions as AuditRedactions
    from datapartnerships.transforms.check_redaction import CheckRedaction as CheckRedaction
    from datapartnerships.transforms.compare_detectors import CompareDetectors as CompareDetectors
    from datapartnerships.transforms.decide_third_party import DecideThirdParty as DecideThirdParty
    from datapartnerships.transforms.decontaminate import Decontaminate as Decontaminate
    from datapartnerships.transforms.deduplicate import Deduplicate as Deduplicate
    from datapartnerships.transforms.deduplicate_passages import (
        DeduplicatePassages as DeduplicatePassages,
    )
    from datapartnerships.transforms.deduplicate_passages import DropPassages as DropPassages
    from datapartnerships.transforms.deduplicate_recordings import (
        DeduplicateRecordings as DeduplicateRecordings,
    )
    from datapartnerships.transforms.deduplicate_recordings import (
        DropDuplicateRecordings as DropDuplicateRecordings,
    )
    from datapartnerships.transforms.detect_pii import DetectPii as DetectPii
    from datapartnerships.transforms.drop_duplicates import DropDuplicates as DropDuplicates
    from datapartnerships.transforms.estimate_novelty import EstimateNovelty as EstimateNovelty
    from datapartnerships.transforms.estimate_novelty import build_reference as build_reference
    from datapartnerships.transforms.estimate_quality import EstimateQuality as EstimateQuality
    from datapartnerships.transforms.estimate_word_error import (
        EstimateWordError as EstimateWordError,
    )
    from datapartnerships.transforms.filter_length import FilterLength as FilterLength
    from datapartnerships.transforms.filter_quality import FilterQuality as FilterQuality
    from datapartnerships.transforms.flag_transcription import DropFlagged as DropFlagged
    from datapartnerships.transforms.flag_transcription import (
        FlagTranscription as FlagTranscription,
    )
    from datapartnerships.transforms.identify_language import FilterLanguage as FilterLanguage
    from datapartnerships.transforms.identify_language import IdentifyLanguage as IdentifyLanguage
    from datapartnerships.transforms.join_hyphenation import JoinHyphenation as JoinHyphenation
    from datapartnerships.transforms.join_hyphenation import JoinHyphens as JoinHyphens
    from datapartnerships.transforms.keep_c4_lines import KeepC4Lines as KeepC4Lines
    from datapartnerships.transforms.keep_spans import KeepSpans as KeepSpans
    from datapartnerships.transforms.mark_contents import MarkContents as MarkContents
    from datapartnerships.transforms.propagate_names import PropagateNames as PropagateNames
    from datapartnerships.transforms.propagate_names import (
        PropagateNamesAcross as PropagateNamesAcross,
    )
    from datapartnerships.transforms.redact import Redact as Redact
    from datapartnerships.transforms.reflow_lines import ReflowLines as ReflowLines
    from datapartnerships.transforms.reject_withdrawn import RejectWithdrawn as RejectWithdrawn
    from datapartnerships.transforms.remove_boilerplate import DropBoilerplate as DropBoilerplate
    from datapartnerships.transforms.remove_boilerplate import (
        RemoveBoilerplate as RemoveBoilerplate,
    )
    from datapartnerships.transforms.remove_debris import RemoveDebris as RemoveDebris
    from datapartnerships.transforms.remove_loops import RemoveLoops as RemoveLoops
    from datapartnerships.transforms.remove_quoted_replies import (
        RemoveQuotedReplies as RemoveQuotedReplies,
    )
    from datapartnerships.transforms.remove_running_heads import (
        RemoveRunningHeads as RemoveRunningHeads,
    )
    from datapartnerships.transforms.repair_unicode import RepairUnicode as RepairUnicode
    from datapartnerships.transforms.scrub_containers import ScrubContainers as ScrubContainers
    from datapartnerships.transforms.split import SplitBySpeaker as SplitBySpeaker
    from datapartnerships.transforms.split_groups import Split as Split
    from datapartnerships.transforms.whitespace import NormalizeWhitespace as NormalizeWhitespace
    from datapartnerships.transforms.whitespace import (
        RemoveControlCharacters as RemoveControlCharacters,
    )

__getattr__, __dir__ = lazy(
    "transforms",
    build_reference="datapartnerships.transforms.estimate_novelty:build_reference",
)

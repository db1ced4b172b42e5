"""Readers: where documents come from. Each is loaded when it is first used.

For one of your own, subclass `FileReader`: docs/how-to/own-component.md.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from datapartnerships.registry import lazy

if TYPE_CHECKING:
    from datapartnerships.ocr import Ocr as Ocr
    from datapartnerships.readers._base import FileReader as FileReader
    from datapartnerships.readers._source import Limits as Limits
    from datapartnerships.readers._source import Source as Source
    from datapartnerships.readers.alto import AltoReader as AltoReader
    from datapartnerships.readers.archive import ArchiveReader as ArchiveReader
    from datapartnerships.readers.asr_json import AsrJsonReader as AsrJsonReader
    from datapartnerships.readers.audio import AudioReader as AudioReader
    from datapartnerships.readers.csv import CsvReader as CsvReader
    from datapartnerships.readers.elan import ElanReader as ElanReader
    from datapartnerships.readers.email import EmailReader as EmailReader
    from datapartnerships.readers.folder import FolderReader as FolderReader
    from datapartnerships.readers.hocr import HocrReader as HocrReader
    from datapartnerships.readers.html import HtmlReader as HtmlReader
    from datapartnerships.readers.huggingface import HuggingFaceReader as HuggingFaceReader
    from datapartnerships.readers.image import ImageReader as ImageReader
    from datapartnerships.readers.jsonl import JsonlReader as JsonlReader
    from datapartnerships.readers.legacy import LegacyOfficeReader as LegacyOfficeReader
    from datapartnerships.readers.mets import MetsReader as MetsReader
    from datapartnerships.readers.nist import CtmReader as CtmReader
    from datapartnerships.readers.nist import StmReader as StmReader
    from datapartnerships.readers.office import OfficeReader as OfficeReader
    from datapartnerships.readers.pagexml import PageXmlReader as PageXmlReader
    from datapartnerships.readers.parquet import ParquetReader as ParquetReader
    from datapartnerships.readers.pdf import PdfReader as PdfReader
    from datapartnerships.readers.subtitle import SubtitleReader as SubtitleReader
    from datapartnerships.readers.tei import TeiReader as TeiReader
    from datapartnerships.readers.text import MarkdownReader as MarkdownReader
    from datapartnerships.readers.text import TextReader as TextReader
    from datapartnerships.readers.textgrid import TextGridReader as TextGridReader
    from datapartnerships.readers.transcript import TranscriptReader as TranscriptReader
    from datapartnerships.readers.video import VideoReader as VideoReader
    from datapartnerships.readers.xml import XmlReader as XmlReader
    from datapartnerships.speech import Asr as Asr

__getattr__, __dir__ = lazy(
    "readers",
    Asr="datapartnerships.speech:Asr",
    FileReader="datapartnerships.readers._base:FileReader",
    Limits="datapartnerships.readers._source:Limits",
    Ocr="datapartnerships.ocr:Ocr",
    Source="datapartnerships.readers._source:Source",
)

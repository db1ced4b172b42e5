"""Writers: where documents go. Each is loaded when it is first used."""

from __future__ import annotations

from typing import TYPE_CHECKING

from datapartnerships.registry import lazy

if TYPE_CHECKING:
    from datapartnerships.release.hub_writer import HubWriter as HubWriter
    from datapartnerships.writers.chat import ChatWriter as ChatWriter
    from datapartnerships.writers.chunks import ChunkWriter as ChunkWriter
    from datapartnerships.writers.clips import ClipWriter as ClipWriter
    from datapartnerships.writers.files import FileWriter as FileWriter
    from datapartnerships.writers.jsonl import JsonlWriter as JsonlWriter
    from datapartnerships.writers.parquet import ParquetWriter as ParquetWriter
    from datapartnerships.writers.text import TextWriter as TextWriter

__getattr__, __dir__ = lazy("writers")

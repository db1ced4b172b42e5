"""For readers of your own: subclass `FileReader`, define `parse`, raise `DocumentError`.

See docs/how-to/own-component.md.
"""

from __future__ import annotations

from datapartnerships.errors import DocumentError as DocumentError
from datapartnerships.readers._base import FileReader as FileReader
from datapartnerships.readers._source import Limits as Limits
from datapartnerships.readers._source import Source as Source

__all__ = ["DocumentError", "FileReader", "Limits", "Source"]

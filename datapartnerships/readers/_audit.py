"""Failed redactions, looked for where a PDF is read: in the process apart."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from datapartnerships import _apart
from datapartnerships.config import secret
from datapartnerships.errors import MissingExtra
from datapartnerships.kernels.redactions import ERROR_KEY, KEY, dumps
from datapartnerships.readers._base import FileReader, checked_passwords
from datapartnerships.readers._source import Limits, Source
from datapartnerships.schema import Document


def audited(source: Source, limits: Limits, passwords: Sequence[str]) -> dict[str, str]:
    """Metadata of what was found, without the text; or why the file could not be audited."""
    from datapartnerships._backends.redactions import audit

    try:
        found = audit(source.local or source.read(limits), passwords, _apart.alive)
    except (MemoryError, MissingExtra):
        raise
    # Whatever it is: a document that could not be audited is not a clean one.
    except Exception as error:
        return {ERROR_KEY: str(error) or type(error).__name__}
    return {KEY: dumps(found)}


@dataclass(frozen=True, kw_only=True)
class RedactionReader(FileReader):
    """Reads of a PDF only what an audit finds, as metadata.

    Attributes:
        show_text: with the text that survives.
        passwords: tried in turn on files that are encrypted.
    """

    show_text: bool = False
    passwords: tuple[str, ...] = secret(())

    media_types = frozenset({"application/pdf"})
    suffixes = (".pdf",)
    isolated = True

    def __post_init__(self) -> None:
        super().__post_init__()
        object.__setattr__(self, "passwords", checked_passwords(self))

    def parse(self, source: Source) -> Iterator[Document | Source]:
        from datapartnerships._backends.redactions import audit

        found = audit(source.local or source.read(self.limits), self.passwords, _apart.alive)
        yield source.document(self, metadata={KEY: dumps(found, with_text=self.show_text)})

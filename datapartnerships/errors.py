"""Every exception of the library.

DataPartnershipsError
|-- ConfigurationError (ValueError)    something was put together wrongly; nothing ran
|   |-- InvalidParameter               a field of a component has a value it cannot have
|   |-- UnknownName                    no such component, column, label, ...
|   |-- NameClash                      two packages register one name
|   `-- PipelineError                  the transforms do not fit together in this order
|-- MissingExtra (ImportError)         a library of an optional extra is not installed
|-- DocumentError (ValueError)         one document cannot be read: it becomes a rejected row
|-- OutputError (OSError)              the output folder cannot be used as it is
|-- VaultError (OSError)               a private dataset cannot be read, or not as it is
|   |-- AccessDenied (PermissionError) its policy does not admit this reading
|   |   `-- PolicyExpired              not any more
|   |-- MissingKey                     a key that is needed is not there
|   |-- WrongKey                       a key was given, and is another one
|   |-- TamperedFile                   a file is not what was put there
|   `-- ReleaseErased                  its keys were deleted
|-- GatesShut (RuntimeError)           a release may not leave
|-- PublishError (RuntimeError)        a release did not get to the Hub, or is not there
|-- WorkerError (RuntimeError)         a worker process died or ran past its limits
`-- AccountingError (RuntimeError)     documents in != documents out + rejected

CoverageWarning (UserWarning)            nothing looks for something in a language
FailureWarning (UserWarning)             a transform failed on documents of a run
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

__all__ = [
    "AccessDenied",
    "AccountingError",
    "ConfigurationError",
    "CoverageWarning",
    "DataPartnershipsError",
    "DocumentError",
    "FailureWarning",
    "GatesShut",
    "InvalidParameter",
    "MissingExtra",
    "MissingKey",
    "NameClash",
    "OutputError",
    "PipelineError",
    "PolicyExpired",
    "PublishError",
    "ReleaseErased",
    "TamperedFile",
    "UnknownName",
    "VaultError",
    "WorkerError",
    "WrongKey",
    "did_you_mean",
    "extra",
]


# How many names an error lists when none is near.
SHOWN = 20


class DataPartnershipsError(Exception):
    """Base of everything the library raises on purpose."""


class ConfigurationError(DataPartnershipsError, ValueError):
    """Something was put together wrongly; nothing has run yet."""


class InvalidParameter(ConfigurationError):
    """A field of a component has a value it cannot have."""

    def __init__(self, owner: object, parameter: str, rule: str, value: object) -> None:
        name = owner if isinstance(owner, str) else type(owner).__name__
        super().__init__(f"The {parameter!r} parameter of {name} must be {rule}. Got {value!r}.")


class UnknownName(ConfigurationError):
    """A name that nothing answers to; the message offers the nearest ones."""

    def __init__(self, what: str, name: str, known: Iterable[str], *, where: str = "") -> None:
        place = f" in {where}" if where else ""
        super().__init__(f"Unknown {what} {name!r}{place}. {did_you_mean(name, known)}")


class NameClash(ConfigurationError):
    """Two packages register a component under one name."""


class PipelineError(ConfigurationError):
    """The parts of a pipeline do not fit together in this order."""


class MissingExtra(DataPartnershipsError, ImportError):
    """A library that belongs to an optional extra is not installed."""


class DocumentError(DataPartnershipsError, ValueError):
    """One document cannot be read. ``reason`` is counted; ``detail`` is only shown."""

    def __init__(self, reason: str, detail: str = "") -> None:
        self.reason = reason
        self.detail = detail
        super().__init__(f"{reason} ({detail})" if detail else reason)

    def __reduce__(self) -> tuple[type[DocumentError], tuple[str, str]]:
        return type(self), (self.reason, self.detail)


class OutputError(DataPartnershipsError, OSError):
    """The output folder cannot be used as it is."""


class VaultError(DataPartnershipsError, OSError):
    """A private dataset cannot be read, or not as it is."""


class AccessDenied(VaultError, PermissionError):
    """The policy does not admit this party, purpose, region or date."""


class PolicyExpired(AccessDenied):
    """The policy does not admit anybody any more."""


class MissingKey(VaultError):
    """A key that is needed is not there."""


class WrongKey(VaultError):
    """A key was given, and it is not the one that opens this."""


class TamperedFile(VaultError):
    """A file is not what was put into the vault."""


class ReleaseErased(VaultError):
    """The keys of the release were deleted: nobody can read it any more."""


class GatesShut(DataPartnershipsError, RuntimeError):
    """A release may not leave: a gate that it has to pass is shut."""


class PublishError(DataPartnershipsError, RuntimeError):
    """A release did not get to the Hub, may not go where it was sent, or is not there."""


class WorkerError(DataPartnershipsError, RuntimeError):
    """A worker process died or ran past its limits."""


class AccountingError(DataPartnershipsError, RuntimeError):
    """Documents in are not documents out plus rejected: something was lost."""


class CoverageWarning(UserWarning):
    """Nothing looks for something in the language that was asked for."""


class FailureWarning(UserWarning):
    """A transform raised an error on documents of a run: they are rejected rows now."""


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """A sentence that offers the names nearest to `name`, or lists what there is."""
    options = sorted(set(known))
    by_folded = {option.casefold(): option for option in options}
    near = difflib.get_close_matches(name.casefold(), by_folded, n=3, cutoff=0.6)
    if near:
        return f"Did you mean {' or '.join(repr(by_folded[n]) for n in near)}?"
    if not options:
        return "None is known."
    more = f", and {len(options) - SHOWN} more" if len(options) > SHOWN else ""
    return f"Known: {', '.join(options[:SHOWN])}{more}."


@contextmanager
def extra(name: str, *, needed_by: str) -> Iterator[None]:
    """Turn a failed import into an error that says which extra to install.

    A backend file starts ``with extra("documents", needed_by="PdfReader"): import pypdfium2``.
    """
    try:
        yield
    except ImportError as error:
        missing = getattr(error, "name", None) or str(error)
        raise MissingExtra(
            f"{needed_by} needs {missing!r}, which is not installed. "
            f"Install it with: pip install 'datapartnerships[{name}]'"
        ) from error

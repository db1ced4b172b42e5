"""Outlook messages through python-oxmsg, as plain values."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from datapartnerships._backends._damage import damage
from datapartnerships.errors import DocumentError, extra

with extra("documents", needed_by="EmailReader"):
    import oxmsg

# Kinds of recipients (MS-OXOMSG 2.2.3.1.2) as the headers they stand for.
_RECIPIENT_KINDS = {1: "to", 2: "cc", 3: "bcc"}
_PID_RECIPIENT_TYPE = 0x0C15


@dataclass(slots=True)
class OutlookMessage:
    """What is read of one .msg file; `attachments` are (name, bytes or None if embedded)."""

    headers: dict[str, str] = field(default_factory=dict)
    date: str | None = None
    body: str | None = None
    html: str | None = None
    attachments: list[tuple[str, bytes | None]] = field(default_factory=list)


def read(data: bytes) -> OutlookMessage:
    """The message in `data`. `DocumentError` when it is encrypted or damaged."""
    try:
        message = oxmsg.Message.load(data)
        kind = message.message_class.lower()
        if kind == "ipm.note.smime" or kind.startswith("ipm.note.rpmsg"):
            raise DocumentError("encrypted", f"a message of class {message.message_class}")
        date = message.sent_date
        return OutlookMessage(
            headers=_headers(message),
            date=date.isoformat() if date else None,
            body=message.body,
            html=message.html_body,
            attachments=list(_attachments(message)),
        )
    except (DocumentError, MemoryError):
        raise
    except Exception as error:
        raise DocumentError("damaged Outlook message", damage(error)) from None


def _headers(message: oxmsg.Message) -> dict[str, str]:
    """Transport headers in small letters; what Outlook keeps apart where there are none."""
    found = {name.lower(): value for name, value in message.message_headers.items()}
    if message.subject:
        found["subject"] = message.subject
    if message.sender:
        found.setdefault("from", message.sender)
    lists: dict[str, list[str]] = {}
    for recipient in message.recipients:
        kind = recipient.properties.int_prop_value(_PID_RECIPIENT_TYPE) or 1
        name, address = recipient.name, recipient.email_address
        both = f"{name} <{address}>" if name and address and name != address else address or name
        lists.setdefault(_RECIPIENT_KINDS.get(kind & 0xF, "to"), []).append(both)
    for kind_name, names in lists.items():
        found.setdefault(kind_name, ", ".join(names))
    return found


def _attachments(message: oxmsg.Message) -> Iterator[tuple[str, bytes | None]]:
    for attachment in message.attachments:
        content = attachment.file_bytes if attachment.attached_by_value else None
        yield attachment.file_name or "", content

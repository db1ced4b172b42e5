"""Conversations as tools for fine-tuning read them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import pyarrow as pa

from datapartnerships.errors import InvalidParameter
from datapartnerships.kernels.segments import MESSAGES
from datapartnerships.writers._lines import LinesWriter, Unfit

ROLES = ("system", "user", "assistant", "tool")
# Names that programs give to those who speak; anything else is the name of a person.
KNOWN = {
    **{role: role for role in ROLES},
    "human": "user",
    "prompter": "user",
    "ai": "assistant",
    "bot": "assistant",
    "chatbot": "assistant",
    "gpt": "assistant",
    "model": "assistant",
    "function": "tool",
    "developer": "system",
}
_OTHERS = ("leave out", "in turn", "user", "assistant")


@dataclass(frozen=True)
class ChatWriter(LinesWriter):
    """One conversation a line: ``{"id": ..., "messages": [{"role": ..., "content": ...}, ...]}``.

    Only documents of the kind ``conversation`` make a line. Who speaks becomes a role: by `roles`,
    else by the names that programs use (``human``, ``gpt``, ``bot`` and the like, in any case),
    else by `others`. Sounds and turns without text are no messages.

    A conversation in which nobody is the assistant is left out: nothing could be learned from it.

    Beside ``data/`` lies ``rights/``, Parquet: for each line, in the same order, its `id` and all
    that is known of the document but its text. `Manifest.counts` has the documents, the lines
    (`rows`), and those left out by reason.

    Attributes:
        roles: pairs of a speaker, as the documents name them, and the role; ``system``, ``user``,
            ``assistant`` or ``tool``.
        others: the role of speakers that nothing names: ``user``; ``assistant``; ``in turn``, the
            first of them is the user, the second the assistant, and a conversation with a third
            is left out; or ``leave out``, the conversation. Turns of nobody count as one speaker.
        system: what a system message says that is put first where there is none.
        join_turns: whether messages of one role that follow each other become one, with a blank
            line between: many templates take only turns that change.
        compression: ``gzip`` or None.
        otherwise: of a document that makes no line: ``leave out``, or ``error``.
    """

    roles: tuple[tuple[str, str], ...] = ()
    others: str = "leave out"
    system: str | None = None
    join_turns: bool = True

    version: ClassVar[int] = 1
    reads: ClassVar[tuple[str, ...]] = ("id", "kind", "segments")

    def __post_init__(self) -> None:
        super().__post_init__()
        given: Any = self.roles
        pairs = given.items() if isinstance(given, dict) else given
        pairs = tuple((str(speaker), str(role)) for speaker, role in pairs)
        if len({speaker for speaker, _ in pairs}) != len(pairs):
            raise InvalidParameter(self, "roles", "pairs with each speaker once", given)
        if wrong := sorted({role for _, role in pairs} - set(ROLES)):
            raise InvalidParameter(self, "roles", f"pairs with a role of {ROLES}", wrong)
        object.__setattr__(self, "roles", pairs)
        if self.others not in _OTHERS:
            raise InvalidParameter(self, "others", f"one of {_OTHERS}", self.others)
        if self.system is not None and not self.system.strip():
            raise InvalidParameter(self, "system", "None or some words", self.system)

    def kind(self) -> pa.Schema:
        return pa.schema([("id", pa.string()), ("messages", MESSAGES)])

    def line(self, row: dict[str, Any]) -> dict[str, Any]:
        if row["kind"] != "conversation":
            raise Unfit("not a conversation")
        messages: list[dict[str, str]] = []
        said = _said(row["segments"])
        roles = self._roles([speaker for speaker, _ in said])
        for (_, content), role in zip(said, roles, strict=True):
            if self.join_turns and messages and messages[-1]["role"] == role:
                messages[-1]["content"] += f"\n\n{content}"
            else:
                messages.append({"role": role, "content": content})
        if not any(message["role"] == "assistant" for message in messages):
            raise Unfit("nobody is the assistant")
        if self.system is not None and not any(m["role"] == "system" for m in messages):
            messages.insert(0, {"role": "system", "content": self.system})
        return {"id": row["id"], "messages": messages}

    def _roles(self, speakers: Sequence[str | None]) -> list[str]:
        named = dict(self.roles)
        found: dict[str | None, str] = {}
        free = ["user", "assistant"]
        for speaker in dict.fromkeys(speakers):
            role = named.get(speaker or "") or KNOWN.get((speaker or "").casefold())
            if role is None and self.others == "leave out":
                raise Unfit("a speaker has no role")
            if role is None and self.others == "in turn":
                if not free:
                    raise Unfit("more than two speakers have no role")
                role = free.pop(0)
            found[speaker] = role or self.others
        return [found[speaker] for speaker in speakers]


def _said(segments: Sequence[dict[str, Any]] | None) -> list[tuple[str | None, str]]:
    return [
        (segment["speaker"], segment["text"])
        for segment in segments or ()
        if segment["text"] and segment["kind"] not in ("sound", "frame")
    ]

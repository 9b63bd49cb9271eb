"""The Memory protocol and the Turn that it keeps."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from kaizen_eval.messages import Message

__all__ = ["Memory", "NoMemory", "Turn"]


@dataclass(frozen=True, slots=True)
class Turn:
    """One finished run of a session, as the messages that a later request repeats."""

    messages: tuple[Message, ...]
    """The user's message, any tool calls with their results, and the assistant's answer, in order."""


@runtime_checkable
class Memory(Protocol):
    """Where the turns of sessions are kept. Calls for one session never overlap; calls for several may."""

    async def load(self, session_id: str) -> tuple[Turn, ...]:
        """The turns that the next request should show, oldest first; empty for an unknown session."""
        ...

    async def append(self, session_id: str, turn: Turn) -> None: ...

    async def clear(self, session_id: str) -> None:
        """Forget one session; an unknown one is no error."""
        ...


class NoMemory:
    """Remembers nothing."""

    async def load(self, session_id: str) -> tuple[Turn, ...]:  # noqa: ARG002 - the protocol's argument
        return ()

    async def append(self, session_id: str, turn: Turn) -> None:
        """Nothing is kept."""

    async def clear(self, session_id: str) -> None:
        """Nothing was kept."""

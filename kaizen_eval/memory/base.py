"""The Memory protocol and the Turn that it keeps."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from kaizen_eval.config import AgentConfig
from kaizen_eval.messages import Message

__all__ = ["Memory", "NoMemory", "Store", "Turn", "for_agent"]


@dataclass(frozen=True, slots=True)
class Turn:
    """One finished run of a session, as the messages that a later request repeats."""

    messages: tuple[Message, ...]
    """The user's message, any tool calls with their results, and the assistant's answer, in order."""


@runtime_checkable
class Memory(Protocol):
    """Where the turns of sessions are kept. Calls for one session never overlap; calls for several may.

    A memory may have a method `for_agent(config) -> Memory`, when what it shows depends on who asks: the same
    sessions, as an agent of that AgentConfig is to see them.
    """

    async def load(self, session_id: str) -> tuple[Turn, ...]:
        """The turns that the next request should show, oldest first; empty for an unknown session."""
        ...

    async def append(self, session_id: str, turn: Turn) -> None: ...

    async def clear(self, session_id: str) -> None:
        """Forget one session; an unknown one is no error."""
        ...


@runtime_checkable
class Store(Memory, Protocol):
    """A memory that shows all that it keeps, and whose oldest turns can be exchanged for others."""

    async def replace(self, session_id: str, old: tuple[Turn, ...], new: tuple[Turn, ...]) -> bool:
        """Put `new`, which are no more, in the place of `old`, all at once.

        False, and nothing is changed, unless the session's turns begin with `old`: somebody else was quicker.
        """
        ...


class NoMemory:
    """Remembers nothing."""

    async def load(self, session_id: str) -> tuple[Turn, ...]:  # noqa: ARG002 - the protocol's argument
        return ()

    async def append(self, session_id: str, turn: Turn) -> None:
        """Nothing is kept."""

    async def clear(self, session_id: str) -> None:
        """Nothing was kept."""


def for_agent(memory: Memory, config: AgentConfig) -> Memory:
    """The memory as an agent of this config sees it; most are the same to all."""
    adapt = getattr(memory, "for_agent", None)
    return memory if adapt is None else adapt(config)

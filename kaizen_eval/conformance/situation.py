"""Situation: what a subject is put into, as plain data: what is asked, what the fake says, how the agent is set."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from kaizen_eval.conformance.given_tool import GivenTool
from kaizen_eval.fake import Fault, Generated, Reply
from kaizen_eval.signatures import Signature

__all__ = ["Ask", "Saying", "Situation"]

Saying = Reply | Fault | Generated


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """One run that is asked for."""

    inputs: Mapping[str, Any]
    session: str | None = None
    wait: float = 0.0
    """Virtual seconds before it begins: from the end of the one before it, or, together, from the start of all."""
    cancel_after: float | None = None
    """Virtual seconds from its beginning to its cancellation by whoever asks; None never."""
    stream: bool = False
    """Whether it is read as a stream."""
    leave_after: int | None = None
    """Items of the stream that are read before its reader leaves; None reads all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """The same situation is played the same each time."""

    signature: type[Signature]
    asks: tuple[Ask, ...]
    """One after the other, unless `together`."""
    script: tuple[Saying, ...] = ()
    """What the fake says to the first requests, in the order in which they come; then it makes replies that fit."""
    config: Mapping[str, Any] = field(default_factory=dict)
    """Fields of AgentConfig that are not the laboratory's own; see `playing.LABORATORY`. A budget is given as a mapping
    of Budget's arguments, since each play begins with one that is unspent.
    """
    together: bool = False
    """Whether all asks run at the same time."""
    tools: tuple[GivenTool, ...] = ()
    latency: float | None = None
    """Seconds that each exchange takes of which the script does not say otherwise; None takes none. With some, what is
    asked at once began before any of it had ended.
    """
    seed: int = 0
    """Of the fake's replies."""

"""What happens during a run, as typed events."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

if TYPE_CHECKING:
    from collections.abc import Mapping
    from decimal import Decimal

    from kaizen_eval.messages import ChatReply, ChatRequest, Usage

__all__ = [
    "AttemptEnded",
    "AttemptStarted",
    "Event",
    "Exchanged",
    "Misread",
    "NodeEnded",
    "NodeRetried",
    "NodeSkipped",
    "NodeStarted",
    "Observer",
    "ReplyParsed",
    "RunEnded",
    "RunStarted",
    "ToolEnded",
    "ToolStarted",
    "WaitStarted",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Where and when something happened."""

    run_id: str
    agent_id: str
    session_id: str | None
    at: float
    """Seconds on the clock of the run's event loop."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunStarted(Event):
    """A run begins, before its inputs are checked; the deadline runs from here."""

    parent_run_id: str | None = None
    """The run inside which this one was started, if any."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AttemptStarted(Event):
    """A request is about to be sent."""

    call: int
    """Which call of the run, from 1."""
    attempt: int
    """Which attempt of the call, from 1."""
    model: str | None
    messages: tuple[Mapping[str, Any], ...] = ()
    """What is asked: role, content, and of tool calls what they say; empty unless the config has `log_prompts`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AttemptEnded(Event):
    """An answer or a failure came back."""

    call: int
    attempt: int
    model: str | None
    ms: float
    usage: Usage | None = None
    """What was billed; None when the provider did not say."""
    error: str | None = None
    """The class name of what was raised, None after a success."""
    first_token_ms: float | None = None
    """From the attempt's start to the first words of a streamed reply; None where none came."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchanged(Event):
    """An attempt is over, with all that was said: told to witnesses alone, after its AttemptEnded."""

    call: int
    attempt: int
    request: ChatRequest
    reply: ChatReply | None
    """None when none came; there may be one beside an error, which says what is wrong with it."""
    failure: BaseException | None
    """What the attempt raised."""
    cost: Decimal | None = None
    """USD; 0 when nothing was billed, None when the price or what was billed is unknown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitStarted(Event):
    """The run waits before it tries again."""

    call: int
    attempt: int
    """The attempt that failed."""
    seconds: float
    error: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplyParsed(Event):
    """A reply was read, or found not to fit."""

    call: int
    tier: int | None
    """How much repair the reply needed, from 1 (none); None when it did not fit."""
    error: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Misread(Event):
    """A reply does not fit: told to witnesses alone, after its ReplyParsed, for it may quote the reply."""

    call: int
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolStarted(Event):
    """A tool is about to be executed."""

    call: int
    """Which call of the run asked for it, from 1."""
    tool: str
    tool_call_id: str
    arguments: str
    """JSON text, as the model wrote it; not in the log unless the config has `log_prompts`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolEnded(Event):
    """A tool call is over, executed or not."""

    call: int
    tool: str
    tool_call_id: str
    ms: float
    error: str | None = None
    """What the model is told went wrong, or the class name of what ends the run; None after a success. It may quote
    arguments: not in the log unless the config has `log_prompts`.
    """
    error_type: str | None = None
    """The class name of what the tool raised, or "NotExecuted", or "NotApproved"; None after a success."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeStarted(Event):
    """A node of a workflow begins; the runs of agents in it are told by themselves, as inside of the workflow's run."""

    node: str
    """Its id; of a node in a workflow inside, with those around it: `outer/inner`, or `outer[2]/inner` for an item."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeRetried(Event):
    """A node, or one of its items, failed, and is tried again after a wait."""

    node: str
    item: int | None
    """Its index, of a node with `each`."""
    attempt: int
    """The try that failed, from 1."""
    seconds: float
    """Of the wait."""
    error: str
    """The class name of what was raised."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeEnded(Event):
    """A node is over, with all its items and tries."""

    node: str
    ms: float
    error: str | None = None
    """The class name of what was raised, None after a success."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeSkipped(Event):
    """A node is not executed."""

    node: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RunEnded(Event):
    """The run is over."""

    ms: float
    attempts: int
    usage: Usage
    """Summed over every attempt that was billed."""
    cost: Decimal | None
    """USD; None when the price is unknown."""
    model: str | None = None
    error: str | None = None
    first_token_ms: float | None = None
    """From the run's start to the first words of a streamed reply; None where none came."""


@runtime_checkable
class Observer(Protocol):
    """Anything that wants to see the events of runs. It is called on the run's own loop and must not block."""

    def on_event(self, event: Event) -> None: ...

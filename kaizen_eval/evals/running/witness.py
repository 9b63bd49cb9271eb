"""Sees what is said in the runs of one turn, and keeps it as the log holds it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Any, ClassVar

from kaizen_eval.evals.answer import SeenAttempt, SeenTool
from kaizen_eval.events import (
    AttemptEnded,
    AttemptStarted,
    Event,
    Exchanged,
    Misread,
    ReplyParsed,
    RunEnded,
    ToolEnded,
    ToolStarted,
    WaitStarted,
)
from kaizen_eval.messages import Usage

if TYPE_CHECKING:
    from kaizen_eval.messages import ChatReply, ChatRequest, Message

__all__ = ["Witness"]

_NOTHING = Usage()
_Row = dict[str, Any]


class Witness:
    """Of one turn.

    Args:
        began: when the trial began, in seconds on the loop's clock.
        exchanges: whether to keep what was said, too.
        on_spent: called whenever an attempt begins, or has ended.
        names: how agents are to be called that bear a number made for this process.
    """

    def __init__(
        self,
        began: float,
        *,
        exchanges: bool,
        on_spent: Callable[[], None] | None = None,
        names: Mapping[str, str],
    ) -> None:
        self._began = began
        self._exchanges = exchanges
        self._on_spent = on_spent
        self._names = names
        self._rows: list[_Row] = []
        self._latest: dict[tuple[str, int], _Row] = {}
        """By run and call."""
        self._tools: dict[tuple[str, str], _Row] = {}
        """By run and tool call's id."""
        self._open: dict[str, Event] = {}
        """By run that goes on: what was told of it last."""
        self.attempts_begun = 0

    def on_event(self, event: Event) -> None:
        self._open[event.run_id] = event
        hear = self._heard.get(type(event))
        if hear is not None:
            hear(self, event)

    @property
    def waits_for(self) -> str:
        """What the innermost run waits for, as far as its events tell; empty where none goes on."""
        if not self._open:
            return ""
        run_id, event = next(reversed(self._open.items()))
        from kaizen_eval import run_context  # noqa: PLC0415 - is loaded, where there is a run

        run = run_context.find(run_id)
        awaits = _awaited(event) or (run.awaits if run is not None else "")
        return f"waits for {awaits}, as {self._name(event)}" if awaits else ""

    @property
    def attempts(self) -> tuple[SeenAttempt, ...]:
        return tuple([SeenAttempt(**row) for row in self._rows])

    @property
    def tools(self) -> tuple[SeenTool, ...]:
        return tuple([SeenTool(**row) for row in self._tools.values()])

    @property
    def has_tools(self) -> bool:
        return bool(self._tools)

    @property
    def usage(self) -> Usage:
        used = [row["usage"] for row in self._rows if row["usage"] is not None]
        return used[0] if len(used) == 1 else sum(used, _NOTHING)

    @property
    def cost(self) -> Decimal | None:
        """USD; None when that of an attempt is unknown."""
        costs = [row["cost"] for row in self._rows]
        if None in costs:
            return None
        return costs[0] if len(costs) == 1 else sum(costs, Decimal(0))

    def _ended(self, event: RunEnded) -> None:
        self._open.pop(event.run_id, None)

    def _asked(self, event: AttemptStarted) -> None:
        self.attempts_begun += 1
        row = {
            "agent": self._name(event),
            "call": event.call,
            "attempt": event.attempt,
            "at": self._at(event.at),
            "ms": 0.0,
            "model": event.model,
            "usage": None,
            "cost": Decimal(0),
        }
        self._latest[event.run_id, event.call] = row
        self._rows.append(row)
        if self._on_spent is not None:
            self._on_spent()

    def _answered(self, event: AttemptEnded) -> None:
        row = self._latest[event.run_id, event.call]
        row["ms"] = event.ms
        row["model"] = event.model
        row["usage"] = event.usage
        row["error"] = event.error
        row["first_token_ms"] = event.first_token_ms

    def _exchanged(self, event: Exchanged) -> None:
        row = self._latest[event.run_id, event.call]
        row["cost"] = event.cost
        if event.failure is not None:
            row["message"] = str(event.failure)
        if event.request.messages[-1].role == "tool":
            self._note_results(event)
        if self._exchanges:
            row.update(_said(event.request, event.reply))
        if self._on_spent is not None:
            self._on_spent()

    def _waited(self, event: WaitStarted) -> None:
        self._latest[event.run_id, event.call]["waited_ms"] = event.seconds * 1000

    def _parsed(self, event: ReplyParsed) -> None:
        row = self._latest.get((event.run_id, event.call))
        if row is not None:
            row["tier"], row["misfit"] = event.tier, event.error

    def _misread(self, event: Misread) -> None:
        row = self._latest.get((event.run_id, event.call))
        if row is not None and self._exchanges:
            row["misfit"] = event.why

    def _tool_started(self, event: ToolStarted) -> None:
        self._tools[event.run_id, event.tool_call_id] = {
            "agent": self._name(event),
            "call": event.call,
            "tool": event.tool,
            "id": event.tool_call_id,
            "arguments": event.arguments if self._exchanges else "",
            "at": self._at(event.at),
            "ms": 0.0,
        }

    def _tool_ended(self, event: ToolEnded) -> None:
        row = self._tools.setdefault(
            (event.run_id, event.tool_call_id),
            {
                "agent": self._name(event),
                "call": event.call,
                "tool": event.tool,
                "id": event.tool_call_id,
                "arguments": "",
                "at": self._at(event.at),
            },
        )
        row["ms"], row["error"] = event.ms, event.error

    def _note_results(self, event: Exchanged) -> None:
        """What tools gave is known from what the model is told of it."""
        if not self._exchanges:
            return
        for message in event.request.messages:
            row = self._tools.get((event.run_id, message.tool_call_id or ""))
            if row is not None and row["error"] is None:
                row["result"] = message.content

    def _name(self, event: Event) -> str:
        return self._names.get(event.agent_id, event.agent_id)

    def _at(self, seconds: float) -> float:
        return round((seconds - self._began) * 1000, 3)

    _heard: ClassVar[dict[type[Event], Callable[[Witness, Any], None]]] = {
        AttemptEnded: _answered,
        AttemptStarted: _asked,
        Exchanged: _exchanged,
        Misread: _misread,
        ReplyParsed: _parsed,
        RunEnded: _ended,
        ToolEnded: _tool_ended,
        ToolStarted: _tool_started,
        WaitStarted: _waited,
    }


def _awaited(event: Event) -> str:
    match event:
        case AttemptStarted():
            return f"an answer of {event.model or 'the model'} (call {event.call}, attempt {event.attempt})"
        case WaitStarted():
            return f"its next attempt, {event.seconds:g} s after {event.error}"
        case ToolStarted():
            return f"the tool {event.tool}"
    return ""


def _said(request: ChatRequest, reply: ChatReply | None) -> _Row:
    row: _Row = {"messages": tuple([_message(message) for message in request.messages])}
    if reply is not None:
        row["text"] = reply.text
        row["finish_reason"] = reply.finish_reason
        row["refusal"] = reply.refusal
        if reply.tool_calls:
            row["tool_calls"] = tuple(
                [{"id": call.id, "name": call.name, "arguments": call.arguments} for call in reply.tool_calls]
            )
    return row


def _message(message: Message) -> dict[str, Any]:
    """In the shape of OpenAI's `messages`."""
    said: dict[str, Any] = {"role": message.role, "content": message.content}
    if message.tool_calls:
        said["tool_calls"] = [
            {"id": call.id, "type": "function", "function": {"name": call.name, "arguments": call.arguments}}
            for call in message.tool_calls
        ]
    if message.tool_call_id is not None:
        said["tool_call_id"] = message.tool_call_id
    return said

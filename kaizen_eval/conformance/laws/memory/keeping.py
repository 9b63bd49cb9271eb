"""Laws of what is kept between runs: copies are handed out, what is cleared is gone, tool turns stay whole."""

from __future__ import annotations

from collections.abc import MutableSequence
from typing import Any

from hypothesis import strategies as st

from kaizen_eval.conformance.given_tool import GivenTool
from kaizen_eval.conformance.lab import Lab
from kaizen_eval.conformance.law import law
from kaizen_eval.conformance.laws.memory.conversations import conversations
from kaizen_eval.conformance.laws.memory.remembered import remembered
from kaizen_eval.conformance.laws.memory.shown import require_shown
from kaizen_eval.conformance.observation import Outcome
from kaizen_eval.conformance.situation import Situation
from kaizen_eval.conformance.violation import Violation, require
from kaizen_eval.core.base_agent import BaseAgent
from kaizen_eval.messages import ChatRequest
from kaizen_eval.strategies.traits import Traits

__all__ = ["CLEAR", "COPIES", "TOOL_TURNS"]

_SESSIONS = "guide: Execution with Memory, Session-Based Memory"


@law(
    "memory.copies",
    "The history that a memory hands out is a copy: later turns do not grow it, and changing it changes no memory.",
    source=_SESSIONS,
    situations=lambda subject: conversations(subject, ("ann",), most=4),
)
def COPIES(lab: Lab, situation: Situation) -> None:  # noqa: N802 - becomes a Law
    handed = _HandedOut()
    seen = lab.play(situation, between=handed.look)
    require(not handed.complaint, handed.complaint, seen)
    require_shown(seen, remembered(seen))


@law(
    "memory.clear",
    "A session that is cleared is forgotten, and no other is.",
    source=_SESSIONS,
    situations=lambda subject: conversations(subject, ("ann", "bob")),
)
def CLEAR(lab: Lab, situation: Situation) -> None:  # noqa: N802 - becomes a Law
    """Cleared is the session of the ask in the middle, when that has ended."""
    asked, middle = list[Outcome](), (len(situation.asks) - 1) // 2

    async def clear(agent: BaseAgent, outcome: Outcome) -> None:
        asked.append(outcome)
        if len(asked) == middle + 1 and outcome.ask.session is not None:
            await agent.memory.clear(outcome.ask.session)

    seen = lab.play(situation, between=clear)
    try:
        require_shown(seen, remembered(seen, cleared_after=middle))
    except Violation as violation:
        cleared = f"Session {situation.asks[middle].session!r} was cleared after ask {middle + 1}. "
        raise Violation(f"{cleared}{violation}", seen) from None


def _needs_tools(traits: Traits) -> str | None:
    return None if traits.calls_tools else "It calls no tools."


@law(
    "memory.tool-turns",
    "In every request a call of a tool is followed by its result, and a result follows its call: also in history.",
    source="guide: Execution with Memory, Multi-Turn Conversations",
    objection=_needs_tools,
    situations=lambda subject: st.sampled_from([(GivenTool(),), (GivenTool(), GivenTool(name="count"))]).flatmap(
        lambda tools: conversations(subject, ("ann",), most=4, tools=tools)
    ),
)
def TOOL_TURNS(lab: Lab, situation: Situation) -> None:  # noqa: N802 - becomes a Law
    seen = lab.play(situation)
    for exchange in seen.exchanges:
        torn = _torn(exchange.request) if exchange.refused is None else f"it was refused: {exchange.refused}"
        require(torn is None, f"Exchange {exchange.number}: {torn}", seen)
    require_shown(seen, remembered(seen))


class _HandedOut:
    """What a memory handed out after each ask, and whether it stayed as it was."""

    def __init__(self) -> None:
        self.complaint = ""
        self._earlier: list[tuple[Any, list[Any]]] = []
        """What was handed out, beside what was in it then."""

    async def look(self, agent: BaseAgent, outcome: Outcome) -> None:
        session = outcome.ask.session
        if self.complaint or session is None:
            return
        for handed, held in self._earlier:
            now = [_copy(turn) for turn in handed]
            if now != held:
                self._complain(f"A history that was handed out with {_turns(held)} has {_turns(now)} now.")
        first = await agent.memory.load(session)
        held = [_copy(turn) for turn in first]
        self._earlier.append((first, held))
        _spoil(await agent.memory.load(session))
        left = [_copy(turn) for turn in await agent.memory.load(session)]
        if left != held:
            self._complain(
                f"Whoever changes a history that was handed out changes the memory: session {session!r} had "
                f"{_turns(held)}, and {_turns(left)} afterwards."
            )

    def _complain(self, text: str) -> None:
        self.complaint = self.complaint or text


def _copy(turn: Any) -> Any:
    return tuple(getattr(turn, "messages", (turn,)))


def _turns(turns: list[Any]) -> str:
    return f"{len(turns)} turn{'s' if len(turns) != 1 else ''} ({sum(map(len, turns))} messages)"


def _spoil(history: Any) -> None:
    """What a careless reader does: empties what can be emptied."""
    for turn in history:
        messages = getattr(turn, "messages", ())
        if isinstance(messages, MutableSequence):
            del messages[:]
    if isinstance(history, MutableSequence):
        del history[:]


def _torn(request: ChatRequest) -> str | None:
    """The first call without its result, or result without its call."""
    awaited: list[str] = []
    for message in request.messages:
        if message.role == "tool":
            if message.tool_call_id not in awaited:
                return f"the result of the tool call {message.tool_call_id!r} stands without its call."
            awaited.remove(message.tool_call_id)
        elif awaited:
            break
        else:
            awaited = [call.id for call in message.tool_calls]
    return f"the tool call {awaited[0]!r} stands without its result." if awaited else None

"""What was called, what was executed, and what the model was told of it, for the laws of tools."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from kaizen_eval.conformance.given_tool import GivenTool, fitting
from kaizen_eval.conformance.observation import Observation
from kaizen_eval.fake import Exchange
from kaizen_eval.messages import Message, ToolCall

__all__ = ["Asked", "Execution", "asked", "counted", "executed", "shown"]

Execution = tuple[str, str]
"""A tool's name, and what it is executed with as JSON."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One call of a reply that came through; one that stands there twice is one."""

    call: ToolCall
    tool: GivenTool | None
    """None where there is none of that name."""
    execution: Execution | None
    """What is to be executed; None where there is no such tool, or its arguments do not fit."""
    is_again: bool
    """Whether it has the id of a call in an earlier reply, of a tool that must not be executed twice for one."""
    is_repeated: bool
    """Whether a later request of the run holds it."""
    told: str | None
    """What that says came of it."""


def asked(seen: Observation) -> Iterator[Asked]:
    """In the order asked."""
    tools = {tool.name: tool for tool in seen.situation.tools}
    known: set[tuple[str, str]] = set()
    for exchange in seen.exchanges:
        if exchange.error is not None or exchange.refused is not None or not exchange.request.tools:
            continue
        calls = list(dict.fromkeys(exchange.tool_calls))
        told, before = _told(seen, exchange, calls), frozenset(known)
        for place, call in enumerate(calls):
            tool = tools.get(call.name)
            execution = None if tool is None else _execution(call)
            has_own_id = all(call.id != other.id for other in calls[:place])  # else it is given another one
            is_again = tool is not None and not tool.idempotent and has_own_id and (call.name, call.id) in before
            if execution is not None and has_own_id:
                known.add((call.name, call.id))
            yield Asked(
                call=call,
                tool=tool,
                execution=execution,
                is_again=is_again,
                is_repeated=told is not None,
                told=None if told is None else told[place],
            )


def counted(calls: Sequence[Asked]) -> Counter[Execution]:
    """How often each is to be executed for these calls."""
    return Counter(each.execution for each in calls if each.execution is not None and not each.is_again)


def executed(seen: Observation) -> Counter[Execution]:
    return Counter((each.tool, _text(each.arguments)) for each in seen.executed)


def shown(execution: Execution) -> str:
    tool, arguments = execution
    return f"{tool}({arguments})"


def _told(seen: Observation, exchange: Exchange, calls: Sequence[ToolCall]) -> list[str | None] | None:
    """For each call what a later request of the run says right after it; None where none holds these calls."""
    wanted = [(call.name, call.arguments) for call in calls]
    for later in seen.exchanges:
        if later.number > exchange.number and later.asker.run_id == exchange.asker.run_id:
            messages = later.request.messages
            for place in range(len(exchange.request.messages), len(messages)):
                sent = messages[place].tool_calls
                if wanted and [(call.name, call.arguments) for call in sent] == wanted:
                    said = dict(_of_tools(messages[place + 1 :]))
                    return [said.get(call.id) for call in sent]
    return None


def _of_tools(messages: Sequence[Message]) -> Iterator[tuple[str | None, str]]:
    for message in messages:
        if message.role != "tool":
            return
        yield message.tool_call_id, message.content


def _execution(call: ToolCall) -> Execution | None:
    arguments = fitting(call.arguments)
    return None if arguments is None else (call.name, _text(arguments))


def _text(arguments: dict[str, object]) -> str:
    return json.dumps(arguments, sort_keys=True)

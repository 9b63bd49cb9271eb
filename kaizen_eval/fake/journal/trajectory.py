"""The trajectory: which tools a model called, in order, and with which arguments."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from kaizen_eval.fake.journal.exchange import Exchange
from kaizen_eval.fake.journal.journal import Journal
from kaizen_eval.fake.journal.made_call import MadeCall
from kaizen_eval.fake.script.matchers import NameMatcher
from kaizen_eval.fake.script.text_match import name_holds
from kaizen_eval.messages import ToolCall
from kaizen_eval.metrics.steps import Step

__all__ = ["of_journal", "of_steps"]


def of_journal(
    journal: Journal, *, session: NameMatcher | None = None, agent: NameMatcher | None = None
) -> tuple[MadeCall, ...]:
    """What was called in the attempts that did not fail, those of agents that a session's runs ask as tools included.

    Args:
        journal: of all exchanges.
        session: of which session alone; None for all.
        agent: of which agent alone, by its `agent_id`; None for all.
    """
    exchanges = (exchange for exchange in journal.attempts if exchange.error is None)
    return tuple(
        _asked(call, exchange)
        for exchange in exchanges
        if _is_of(session, exchange.session_id, exchange.asker.session) and _is_of(agent, exchange.agent_id)
        for call in exchange.tool_calls
    )


def of_steps(steps: Iterable[Step | Mapping[str, Any]], *, outcome: str | None = None) -> tuple[MadeCall, ...]:
    """What one run called, executed or not; `outcome` leaves out what ended otherwise."""
    said = (step if isinstance(step, Mapping) else step.as_dict() for step in steps)
    tools = (step for step in said if step["kind"] == "tool")
    return tuple(_of_step(step) for step in tools if outcome in {None, step["outcome"]})


def _asked(call: ToolCall, exchange: Exchange) -> MadeCall:
    whose = "" if exchange.session_id is None else f", session {exchange.session_id!r}"
    strand = exchange.asker.root or exchange.session_id
    return MadeCall(tool=call.name, text=call.arguments, where=f"exchange {exchange.number}{whose}", strand=strand)


def _of_step(step: Mapping[str, Any]) -> MadeCall:
    arguments = step["arguments"]
    text = arguments if isinstance(arguments, str) else json.dumps(arguments, ensure_ascii=False)
    came = step["outcome"] if step["outcome"] == "ok" else f"{step['outcome']}: {step['error']}"
    return MadeCall(tool=step["tool"], text=text, where=f"call {step['call']}, {came}")


def _is_of(wanted: NameMatcher | None, *names: str | None) -> bool:
    return wanted is None or any(name is not None and name_holds(wanted, name) for name in names)

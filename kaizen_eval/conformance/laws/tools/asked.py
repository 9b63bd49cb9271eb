"""What a model asks of tools, for the laws of tools: situations in which replies call them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy

from kaizen_eval.conformance.asking import asks, signatures
from kaizen_eval.conformance.given_tool import GivenTool
from kaizen_eval.conformance.situation import Saying, Situation
from kaizen_eval.conformance.subject import Subject
from kaizen_eval.fake import RateLimit, Reply, ServerError
from kaizen_eval.messages import ToolCall
from kaizen_eval.strategies.traits import Traits

__all__ = ["SOURCE", "TRANSIENT", "calling", "calls_no_tools", "dialogues", "step", "written"]

SOURCE = "docs/tools.md"
TRANSIENT: tuple[Saying, ...] = (RateLimit(), ServerError())


def calls_no_tools(traits: Traits) -> str | None:
    return None if traits.calls_tools else "It does not say that it executes tools (traits.calls_tools)."


def written(text: str, **more: Any) -> str:
    """Arguments of a call that fit every GivenTool."""
    return json.dumps({"text": text, **more})


def calling(*calls: ToolCall) -> Reply:
    return Reply(tool_calls=calls)


def step(number: int, tools: Sequence[str]) -> Reply:
    """The reply of this number, from 1: a call of each of these tools, each with an id and a text of its own."""
    return calling(*(_call(f"{number}{chr(97 + place)}", tool) for place, tool in enumerate(tools)))


def _call(mark: str, tool: str) -> ToolCall:
    return ToolCall(f"call-{mark}", tool, written(mark))


def _several(names: Sequence[str]) -> SearchStrategy[list[str]]:
    return st.lists(st.sampled_from(names), min_size=1, max_size=3)


@st.composite
def _dialogues(  # noqa: PLR0913, PLR0917 - what makes the dialogues of one law differ from another's
    draw: DrawFn,
    subject: Subject,
    given: SearchStrategy[tuple[GivenTool, ...]],
    most_steps: int,
    faults: Sequence[Saying],
    sayings: SearchStrategy[Reply] | None,
    ask: dict[str, Any],
) -> Situation:
    signature, tools = draw(signatures(subject)), draw(given)
    names = [tool.name for tool in tools]
    script: list[Saying] = []
    for number in range(1, draw(st.integers(1, most_steps)) + 1):
        script.append(draw(sayings) if sayings is not None else step(number, draw(_several(names))))
        script += draw(st.lists(st.sampled_from(faults), max_size=2)) if faults else ()
    return Situation(signature=signature, asks=(draw(asks(signature, **ask)),), script=tuple(script), tools=tools)


def dialogues(
    subject: Subject,
    given: SearchStrategy[tuple[GivenTool, ...]],
    *,
    most_steps: int = 3,
    faults: Sequence[Saying] = (),
    sayings: SearchStrategy[Reply] | None = None,
    **ask: Any,
) -> SearchStrategy[Situation]:
    """One run with these tools.

    Args:
        subject: what is judged.
        given: the tools.
        most_steps: how many replies call them, at most.
        faults: what requests after a reply that calls tools may meet, each up to twice.
        sayings: the replies that call tools; such with ids and texts of their own unless given.
        **ask: other fields of the ask.
    """
    return _dialogues(subject, given, most_steps, faults, sayings, ask)

"""The turns of a conversation in a request, and where two conversations part."""

from __future__ import annotations

from typing import Any

from kaizen_eval.recording.comparison.showing import shown
from kaizen_eval.recording.lookup.key import text_of

__all__ = ["parting", "summary", "turns_of"]

_FIELDS = ("messages", "input", "contents", "prompt")


def turns_of(value: Any) -> list[Any]:
    """The messages of a chat, the items of a response's input, the contents at Google; none where nothing is said."""
    turns = value.get(_field(value)) if isinstance(value, dict) else None
    return turns if isinstance(turns, list) else [] if turns is None else [turns]


def summary(value: Any) -> str:
    """`model "gpt-4o", 3 messages, the last by user: "And then?"`; empty where the body is no JSON."""
    if not isinstance(value, dict):
        return ""
    told = [f"model {shown(value['model'])}"] if isinstance(value.get("model"), str) else []
    if turns := turns_of(value):
        number = "1 turn" if len(turns) == 1 else f"{len(turns)} turns"
        told.append(f"{number}, the last {_said(turns[-1])}")
    return ", ".join(told)


def parting(recorded: Any, asked: Any) -> str:
    """A sentence on the first turn that differs; empty where there are no turns, or none that differs."""
    one, other = turns_of(recorded), turns_of(asked)
    both = min(len(one), len(other))
    place = next((place for place in range(both) if text_of(one[place]) != text_of(other[place])), both)
    if not both or place == len(one) == len(other):
        return ""
    name = f"{_field(asked)}[{place}]"
    if place == len(one):
        return f"The recorded conversation ends before {name}, which is {_said(other[place])}."
    if place == len(other):
        return f"The recorded conversation goes on with {name}, {_said(one[place])}, where the asked one ends."
    return f"The first turn that differs is {name}, turn {place + 1} of {len(other)}, {_said(other[place])}."


def _field(value: Any) -> str:
    return next((name for name in _FIELDS if name in value), "")


def _said(turn: Any) -> str:
    """`by user: "Hello"`."""
    if not isinstance(turn, dict):
        return f"by user: {shown(turn)}" if isinstance(turn, str) else shown(turn)
    who = turn.get("role") or turn.get("type")
    what = next(
        (turn[name] for name in ("content", "output", "arguments", "tool_calls", "parts") if turn.get(name)), turn
    )
    return f"by {who}: {shown(what)}" if isinstance(who, str) else shown(what)

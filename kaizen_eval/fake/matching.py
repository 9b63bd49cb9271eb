"""Which requests a rule is for: the matchers of `.when(…)` held against one request."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from kaizen_eval.errors import ScriptError
from kaizen_eval.messages import ChatRequest

__all__ = ["Conditions", "Seen", "TextMatcher", "conditions", "named", "text_holds"]

TextMatcher = str | re.Pattern[str] | Callable[[str], object]
"""A part of the text, a pattern to search for, or a predicate on the text."""

_LONGEST = 120
"""Characters of a text that a message shows."""


class Seen:
    """What rules look at in a request."""

    __slots__ = ("request", "system", "turn", "user")

    def __init__(self, request: ChatRequest) -> None:
        asked = [message.content for message in request.messages if message.role == "user"]
        self.request = request
        self.user = asked[-1] if asked else ""
        """The last user message."""
        self.turn = len(asked)
        """Which user message of the conversation, as far as the request shows it, from 1."""
        self.system = "\n".join(message.content for message in request.messages if message.role == "system")


@dataclass(frozen=True, slots=True)
class Conditions:
    """One `.when(…)`: all of its matchers must hold."""

    given: tuple[tuple[str, Any], ...]

    def hold(self, seen: Seen) -> bool:
        return all(_HOLDS[name](wanted, seen) for name, wanted in self.given)

    def failing(self, seen: Seen) -> Iterator[str]:
        """For each matcher that does not hold: what was wanted and what came."""
        for name, wanted in self.given:
            if not _HOLDS[name](wanted, seen):
                yield f"{name}={named(wanted)} was wanted, and {_came(name, seen)}"

    def __str__(self) -> str:
        return f"when({', '.join(f'{name}={named(wanted)}' for name, wanted in self.given)})"


def conditions(given: Mapping[str, Any]) -> Conditions:
    """The matchers that were given, checked.

    Raises:
        ScriptError: one of a type that can never match.
    """
    for name, wanted in given.items():
        of_bytes = isinstance(wanted, re.Pattern) and not isinstance(wanted.pattern, str)
        if of_bytes or isinstance(wanted, bool) or not isinstance(wanted, _TAKES[name]) or wanted in ("", 0):
            raise ScriptError(f".when({name}=…) takes {_EXPECTED[name]}, not {wanted!r}.")
    return Conditions(tuple(given.items()))


def text_holds(wanted: TextMatcher, text: str) -> bool:
    if isinstance(wanted, str):
        return wanted in text
    return wanted.search(text) is not None if isinstance(wanted, re.Pattern) else bool(wanted(text))


def _model_holds(wanted: str | re.Pattern[str], model: str) -> bool:
    return wanted == model if isinstance(wanted, str) else wanted.search(model) is not None


def _tool_names(request: ChatRequest) -> list[str]:
    return [str(tool.get("function", tool).get("name", "")) for tool in request.tools]


_HOLDS: Mapping[str, Callable[[Any, Seen], bool]] = {
    "user": lambda wanted, seen: text_holds(wanted, seen.user),
    "system": lambda wanted, seen: text_holds(wanted, seen.system),
    "model": lambda wanted, seen: _model_holds(wanted, seen.request.model or ""),
    "turn": lambda wanted, seen: wanted == seen.turn,
    "tool": lambda wanted, seen: wanted in _tool_names(seen.request),
    "session": lambda wanted, seen: wanted == seen.request.session_id,
    "predicate": lambda wanted, seen: bool(wanted(seen.request)),
}
_CAME: Mapping[str, Callable[[Seen], str]] = {
    "user": lambda seen: f"the last user message is {_shown(seen.user)}",
    "system": lambda seen: f"the system message is {_shown(seen.system)}",
    "model": lambda seen: f"the model is {seen.request.model!r}",
    "turn": lambda seen: f"this is turn {seen.turn}",
    "tool": lambda seen: f"the tools are {', '.join(_tool_names(seen.request)) or 'none'}",
    "session": lambda seen: f"the session is {seen.request.session_id!r}",
    "predicate": lambda seen: f"it said no to {_shown(seen.user)}",
}
_TAKES: Mapping[str, Any] = {
    "user": (str, re.Pattern, Callable),
    "system": (str, re.Pattern, Callable),
    "model": (str, re.Pattern),
    "turn": int,
    "tool": str,
    "session": str,
    "predicate": Callable,
}
_EXPECTED: Mapping[str, str] = {
    "user": "a part of the last user message, a pattern, or a predicate on its text",
    "system": "a part of the system message, a pattern, or a predicate on its text",
    "model": "a model's name or a pattern",
    "turn": "the number of the user message, from 1",
    "tool": "the name of an offered tool",
    "session": "a session_id",
    "predicate": "a function of the ChatRequest",
}


def _came(name: str, seen: Seen) -> str:
    return _CAME[name](seen)


def named(wanted: object) -> str:
    """A matcher as its owner wrote it; never an address, which would differ from run to run."""
    if isinstance(wanted, re.Pattern):
        return f"re.compile({wanted.pattern!r})"
    return getattr(wanted, "__name__", type(wanted).__name__) if callable(wanted) else repr(wanted)


def _shown(text: str) -> str:
    return repr(text if len(text) <= _LONGEST else text[:_LONGEST] + "…")

"""The matchers by name: what each takes, when it holds, and what came instead."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple, TypedDict

from kaizen_eval.fake.inquiry import ENDPOINTS, EndpointName
from kaizen_eval.fake.script.json_match import JsonMatcher, compiled
from kaizen_eval.fake.script.seen import Seen
from kaizen_eval.fake.script.text_match import (
    Contains,
    Exactly,
    TextMatcher,
    is_name_match,
    is_text_match,
    name_holds,
    shown,
    text_holds,
)
from kaizen_eval.messages import ChatRequest

__all__ = ["MATCHERS", "Chance", "Matcher", "Matchers", "NameMatcher"]

NameMatcher = str | re.Pattern[str] | Exactly | Contains
"""The whole name, a pattern to search for, or a part of it."""


class Matchers(TypedDict, total=False):
    """What `.when(…)` takes; None stands for a matcher that is left out."""

    user: TextMatcher | None
    """The last user message: a part of it, a pattern to search for, `Exactly(…)`, or a predicate on the text."""
    system: TextMatcher | None
    """The same in the system message."""
    model: NameMatcher | None
    """Its name, or a pattern."""
    endpoint: EndpointName | None
    """Where the request came: "chat", "responses", "embeddings", "moderations" or "models"."""
    turn: int | None
    """Which user message of the conversation it is, as far as the request shows it, from 1."""
    nth: int | None
    """Which request of its conversation that meets all the other conditions, from 1; attempts count."""
    tool: NameMatcher | None
    """The name of a tool that is offered."""
    tool_result: TextMatcher | None
    """What the tools answered, when that is what comes last."""
    session: NameMatcher | None
    """The session_id of the run; only an agent with memory passes it on."""
    state: str | None
    """The state that the conversation is in: "start", or where a rule has led it `.to(…)`."""
    stream: bool | None
    """Whether the reply is to come as a stream."""
    header: Mapping[str, NameMatcher] | None
    """Headers of the request by name, in whatever case; there are none at the direct door."""
    json: str | Mapping[str, JsonMatcher] | None
    """JSON paths (RFC 9535) over the request's body, and what is wanted there; a path alone: something is there."""
    probability: float | None
    """In so many of all cases, from the seed, the request and how often it was asked."""
    predicate: Callable[[ChatRequest], object] | None
    """A function of the whole ChatRequest."""


class Matcher(NamedTuple):
    """One thing that a request can be known by."""

    expected: str
    """What it takes, in words."""
    takes: Callable[[Any], bool]
    holds: Callable[[Any, Seen], bool]
    came: Callable[[Any, Seen], str]
    """What there is instead, as a clause."""
    ready: Callable[[Any], Any] | None = None
    """Makes of what is given what `holds` and `came` are given; may raise a ScriptError."""


class Chance(NamedTuple):
    """A probability, drawn apart from those of other rules."""

    share: float
    label: str


def _is_count(wanted: object) -> bool:
    return isinstance(wanted, int) and not isinstance(wanted, bool) and wanted > 0


def _is_share(wanted: object) -> bool:
    return isinstance(wanted, int | float) and not isinstance(wanted, bool) and 0 < wanted <= 1


def _is_word(wanted: object) -> bool:
    return isinstance(wanted, str) and wanted != ""


def _is_headers(wanted: object) -> bool:
    return isinstance(wanted, Mapping) and bool(wanted) and all(_is_header(*pair) for pair in wanted.items())


def _is_header(name: object, wanted: object) -> bool:
    return _is_word(name) and (wanted == "" or is_name_match(wanted))


def _is_paths(wanted: object) -> bool:
    return _is_word(wanted) or (isinstance(wanted, Mapping) and bool(wanted) and all(map(_is_word, wanted)))


def _lowered(wanted: Mapping[str, NameMatcher]) -> Mapping[str, NameMatcher]:
    return {name.lower(): value for name, value in wanted.items()}


def _header_holds(name: str, wanted: NameMatcher, seen: Seen) -> bool:
    came = seen.inquiry.headers.get(name)
    return came is not None and name_holds(wanted, came)


def _headers_hold(wanted: Mapping[str, NameMatcher], seen: Seen) -> bool:
    return all(_header_holds(name, value, seen) for name, value in wanted.items())


def _headers_came(wanted: Mapping[str, NameMatcher], seen: Seen) -> str:
    name = next((name for name, value in wanted.items() if not _header_holds(name, value, seen)), "")
    came = seen.inquiry.headers.get(name)
    return f"there is no header {name}" if came is None else f"the header {name} is {shown(came)}"


def _tool_result_holds(wanted: TextMatcher, seen: Seen) -> bool:
    came = seen.tool_result
    return came is not None and text_holds(wanted, came)


def _tool_result_came(_: object, seen: Seen) -> str:
    came = seen.tool_result
    return "the last message is no tool's" if came is None else f"the tool answered {shown(came)}"


def _session_holds(wanted: NameMatcher, seen: Seen) -> bool:
    came = seen.request.session_id
    return came is not None and name_holds(wanted, came)


MATCHERS: Mapping[str, Matcher] = {
    "user": Matcher(
        "a part of the last user message, a pattern, or a predicate on its text",
        is_text_match,
        # nearly every rule asks this: a call is saved
        lambda wanted, seen: wanted in seen.user if isinstance(wanted, str) else text_holds(wanted, seen.user),
        lambda _, seen: f"the last user message is {shown(seen.user)}",
    ),
    "system": Matcher(
        "a part of the system message, a pattern, or a predicate on its text",
        is_text_match,
        lambda wanted, seen: text_holds(wanted, seen.system),
        lambda _, seen: f"the system message is {shown(seen.system)}",
    ),
    "model": Matcher(
        "a model's name or a pattern",
        is_name_match,
        lambda wanted, seen: name_holds(wanted, seen.request.model or ""),
        lambda _, seen: f"the model is {seen.request.model!r}",
    ),
    "endpoint": Matcher(
        f"the name of an endpoint ({', '.join(ENDPOINTS)})",
        lambda wanted: wanted in ENDPOINTS,
        lambda wanted, seen: wanted == seen.inquiry.endpoint,
        lambda _, seen: f"the endpoint is {seen.inquiry.endpoint!r}",
    ),
    "turn": Matcher(
        "the number of the user message, from 1",
        _is_count,
        lambda wanted, seen: wanted == seen.turn,
        lambda _, seen: f"this is turn {seen.turn}",
    ),
    "tool": Matcher(
        "the name of an offered tool",
        is_name_match,
        lambda wanted, seen: any(name_holds(wanted, name) for name in seen.tools),
        lambda _, seen: f"the tools are {', '.join(seen.tools) or 'none'}",
    ),
    "tool_result": Matcher(
        "a part of a tool's answer, a pattern, or a predicate on its text",
        is_text_match,
        _tool_result_holds,
        _tool_result_came,
    ),
    "session": Matcher(
        "a session_id",
        is_name_match,
        _session_holds,
        lambda _, seen: f"the session is {seen.request.session_id!r}",
    ),
    "state": Matcher(
        "the name of a state",
        _is_word,
        lambda wanted, seen: wanted == seen.state,
        lambda _, seen: f"the conversation is in state {seen.state!r}",
    ),
    "stream": Matcher(
        "True or False",
        lambda wanted: isinstance(wanted, bool),
        lambda wanted, seen: wanted is seen.request.stream,
        lambda _, seen: "a stream is asked for" if seen.request.stream else "no stream is asked for",
    ),
    "header": Matcher(
        "headers by name, each with its value or a pattern",
        _is_headers,
        _headers_hold,
        _headers_came,
        _lowered,
    ),
    "json": Matcher(
        "a JSON path, or JSON paths with the values that are wanted there",
        _is_paths,
        lambda wanted, seen: wanted.hold(seen.body),
        lambda wanted, seen: wanted.came(seen.body),
        compiled,
    ),
    "predicate": Matcher(
        "a function of the ChatRequest",
        callable,
        lambda wanted, seen: bool(wanted(seen.request)),
        lambda _, seen: f"it said no to {shown(seen.user)}",
    ),
    "probability": Matcher(
        "a number above 0 and up to 1",
        _is_share,
        lambda wanted, seen: seen.chance(wanted.label) < wanted.share,
        lambda wanted, seen: f"{seen.chance(wanted.label):.3f} was drawn",
        lambda wanted: Chance(wanted, ""),
    ),
    "nth": Matcher(
        "the number of the request among those of its conversation that meet the other conditions, from 1",
        _is_count,
        lambda wanted, seen: True,  # noqa: ARG005 - the script counts, which alone knows the rule's place
        lambda wanted, seen: "",  # noqa: ARG005 - the script counts
    ),
}
"""In the order in which a message names them, those that are dear to ask last."""

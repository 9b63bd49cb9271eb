"""Laws of what is told to nobody."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn

from kaizen_eval.conformance.given_tool import GivenTool
from kaizen_eval.conformance.lab import Lab
from kaizen_eval.conformance.law import Law, law
from kaizen_eval.conformance.laws.events.happenings import happenings
from kaizen_eval.conformance.observation import Observation
from kaizen_eval.conformance.playing import API_KEY
from kaizen_eval.conformance.situation import Saying, Situation
from kaizen_eval.conformance.subject import Subject
from kaizen_eval.conformance.violation import require
from kaizen_eval.fake import Authentication, Generated, HttpStatus, RateLimit, ServerError

__all__ = ["LAWS"]

_WORDS = f"Incorrect API key provided: {API_KEY}."
_SAYINGS: tuple[Saying, ...] = (
    Generated(),
    Authentication(message=_WORDS),
    RateLimit(message=_WORDS),
    ServerError(message=_WORDS, html=True),
    HttpStatus(status=418, message=_WORDS, code=API_KEY),
)


@st.composite
def _talkative(draw: DrawFn, subject: Subject) -> Situation:
    """A provider whose errors quote the key, and a tool whose error does."""
    situation = draw(happenings(subject, sayings=_SAYINGS))
    tools = tuple(_quoting(tool) for tool in situation.tools)
    return replace(situation, tools=tools, config={"log_prompts": draw(st.booleans())})


def _quoting(tool: GivenTool) -> GivenTool:
    return tool if tool.raises is None else replace(tool, raises=f"401 for {API_KEY}")


@law(
    "events.no-secrets",
    "No event, error, log record, result or prompt holds the key, also where a provider or a tool quotes it.",
    source="docs/agents.md: Logs and observers; docs/tools.md: Results and errors",
    situations=_talkative,
)
def _no_secrets(lab: Lab, situation: Situation) -> None:
    seen = lab.play(situation, log=True)
    for place, text in _texts(seen):
        require(API_KEY not in text, f"The key stands in {place}: {_around(text)}", seen)


def _texts(seen: Observation) -> Iterator[tuple[str, str]]:
    """All that somebody may see, with where it stands."""
    for event in seen.events:
        yield f"an event, {type(event).__name__}", repr(event)
    for line in seen.log:
        yield "the log", line
    for outcome in seen.outcomes:
        yield "a result", repr(outcome.result)
        for item in outcome.items:
            yield f"an item of a stream, {type(item).__name__}", repr(item)
        yield from _texts_of(outcome.error)
    for exchange in seen.exchanges:
        yield f"request {exchange.number}", repr(exchange.request.messages)


def _texts_of(error: BaseException | None) -> Iterator[tuple[str, str]]:
    """Of an error and all that led to it."""
    known: list[BaseException] = []
    while error is not None and error not in known:
        known.append(error)
        name = type(error).__name__
        yield f"an error, {name}", f"{error} {error!r} {error.args}"
        yield f"a note of an error, {name}", "\n".join(getattr(error, "__notes__", ()))
        yield f"an attribute of an error, {name}", repr(vars(error))
        error = error.__cause__ or error.__context__


_HIDDEN = "[the key]"
_MARGIN = 40


def _around(text: str) -> str:
    """Where the key stands, with the key blotted out."""
    hidden = text.replace(API_KEY, _HIDDEN)
    start = hidden.find(_HIDDEN)
    return repr(hidden[max(0, start - _MARGIN) : start + len(_HIDDEN) + _MARGIN])


LAWS: tuple[Law, ...] = (_no_secrets,)

"""The grammar of script files: everything that may stand in one."""

from __future__ import annotations

import dataclasses
import re
import typing
from collections.abc import Mapping
from types import UnionType
from typing import Any

from kaizen_eval.errors import ScriptError
from kaizen_eval.fake.faults import FAULTS, fault_of
from kaizen_eval.fake.faults.base import Fault
from kaizen_eval.fake.inquiry import ENDPOINTS
from kaizen_eval.fake.script.json_match import finder
from kaizen_eval.fake.script.placeholders import prepared
from kaizen_eval.fake.timing.latency import PROFILES, Latency
from kaizen_eval.handwritten.compounds import ByKey, Either, Field, ListOf, MapOf, Named, Object
from kaizen_eval.handwritten.numbers import with_whole
from kaizen_eval.handwritten.shapes import (
    Anything,
    Flag,
    Just,
    Nothing,
    Number,
    Shape,
    Text,
    Whole,
    Word,
)
from kaizen_eval.messages import FinishReason

__all__ = ["DEFINITIONS", "DOCUMENT", "SCHEMA_ID", "fault_in", "pattern_of", "schema"]

SCHEMA_ID = "https://json-schema.org/draft/2020-12/schema"
"""The language of the published schema."""


def pattern_of(text: str) -> re.Pattern[str]:
    """The regular expression in Python's syntax.

    Raises:
        ScriptError: it is none.
    """
    try:
        return re.compile(text)
    except (re.error, RecursionError, OverflowError) as error:
        raise ScriptError(f"{text!r} is no regular expression: {error}.") from None


def _text_match(expected: str) -> Shape:
    """What is wanted of a text."""
    forms = {
        "contains": Field(Text(), "A part of it."),
        "exact": Field(Text(), "All of it."),
        "regex": Field(Text("a regular expression", meaning=pattern_of), "A Python regular expression, searched for."),
    }
    return Either((Text(expected), Object("a match", forms, one_of=tuple(forms))))


_TEXT = _text_match("a text")
_JSON_MATCH = ByKey(
    "a wanted value",
    {
        "exact": Object("a wanted value", {"exact": Field(Anything(), "This JSON value.")}),
        "contains": Object("a wanted value", {"contains": Field(Text(), "A text that holds this one.")}),
        "regex": Object(
            "a wanted value",
            {"regex": Field(Text("a regular expression", meaning=pattern_of), "A text in which this is found.")},
        ),
        "exists": Object("a wanted value", {"exists": Field(Flag(), "Whether there is anything at the path.")}),
    },
)
_WANTED = Either(
    (Text("a value", may_be_empty=True), Number(), Flag(), Nothing(), ListOf(Anything(), "a list"), _JSON_MATCH)
)
_MATCH = Object(
    "`when`",
    {
        "user": Field(_TEXT, "The last user message: a part of it, or a match."),
        "system": Field(_TEXT, "The system message: a part of it, or a match."),
        "model": Field(_text_match("a model's name"), "The model: its name, or a match."),
        "endpoint": Field(Word("an endpoint", tuple(ENDPOINTS)), "Where the request came."),
        "turn": Field(Whole(1), "Which user message of the conversation it is."),
        "nth": Field(Whole(1), "Which request of its conversation that meets the other conditions."),
        "tool": Field(_text_match("a tool's name"), "A tool that is offered: its name, or a match."),
        "tool_result": Field(_TEXT, "What the tools answered, when that comes last: a part of it, or a match."),
        "session": Field(_text_match("a session"), "The session: its id, or a match."),
        "state": Field(Text("the name of a state"), "The state that the conversation is in; it begins in 'start'."),
        "stream": Field(Flag(), "Whether the reply is to come as a stream."),
        "header": Field(
            MapOf(_text_match("a header's value"), "headers by name"), "Headers: each its value, or a match."
        ),
        "json": Field(
            Either(
                (
                    Text("a JSON path", meaning=finder),
                    MapOf(_WANTED, "JSON paths with what is wanted there", meaning=finder),
                )
            ),
            "JSON paths (RFC 9535) over the body with the values that are wanted; a path alone: there is something.",
        ),
        "probability": Field(
            Number("a number above 0 and up to 1", above=0, most=1), "In so many of all cases, drawn from the seed."
        ),
    },
    may_be_empty=False,
)

_SECONDS = Number("a number of seconds", least=0)


def _numbers(*names: str) -> Shape:
    """Two numbers, in a list or by name."""
    pair = Object("an object", {name: Field(_SECONDS) for name in names}, required=names)
    return Either((ListOf(_SECONDS, "a list of two numbers", least=2, most=2), pair))


_DISTRIBUTIONS = {"uniform": _numbers("low", "high"), "lognormal": _numbers("median", "sigma")}
_SPAN = Either(
    (
        _SECONDS,
        Object(
            "a distribution",
            {name: Field(shape) for name, shape in _DISTRIBUTIONS.items()},
            one_of=tuple(_DISTRIBUTIONS),
        ),
    )
)
_LATENCY: Shape = Either(
    (
        _SECONDS,
        Word("the name of a latency profile", tuple(PROFILES)),
        Object(
            "a latency",
            {
                "first": Field(_SPAN, "Seconds to the first token."),
                "per_token": Field(_SPAN, "Seconds for each token."),
            },
            may_be_empty=False,
            meaning=Latency.of,
        ),
    )
)
_USAGE = Object("usage", {name: Field(Whole(0)) for name in ("prompt", "completion", "cached", "reasoning")})


def _detail(annotation: Any) -> Shape:
    """What a fault's detail may be, by its type; the fault itself says the rest."""
    kinds = typing.get_args(annotation) if isinstance(annotation, UnionType) else (annotation,)
    if Latency in kinds:
        return Named("latency", lambda: _LATENCY)
    known = [shape for kind, shape in _BY_TYPE.items() if kind in kinds and not (kind is int and float in kinds)]
    return Either(tuple(known)) if len(known) == len(kinds) - (int in kinds and float in kinds) else Anything()


_BY_TYPE: Mapping[Any, Shape] = {
    bool: Flag(),
    int: Whole(),
    float: Number(),
    str: Text(may_be_empty=True),
    type(None): Nothing(),
}


def _details(kind: type[Fault]) -> Shape:
    types = typing.get_type_hints(kind)
    fields = dataclasses.fields(kind)
    needed = tuple(field.name for field in fields if field.default is dataclasses.MISSING)
    shapes = {field.name: Field(_detail(types[field.name])) for field in fields}
    return Object(kind.name, shapes, required=needed)


def _needs_details(kind: type[Fault]) -> bool:
    return any(field.default is dataclasses.MISSING for field in dataclasses.fields(kind))


def fault_in(written: str | Mapping[str, Mapping[str, Any]]) -> Fault:
    """The fault by its name, or with details by theirs.

    Raises:
        ScriptError: it cannot work.
    """
    if isinstance(written, str):
        return fault_of(written, {})
    [(name, details)] = written.items()
    return fault_of(name, with_whole(details))


_FAULT: Shape = Either(
    (
        Word(
            "a fault",
            tuple(name for name, kind in FAULTS.items() if not _needs_details(kind)),
            {
                name: f"{name} needs details: write {{{name}: {{…}}}}."
                for name, kind in FAULTS.items()
                if _needs_details(kind)
            },
        ),
        Object(
            "a fault",
            {name: Field(_details(kind)) for name, kind in FAULTS.items()},
            one_of=tuple(FAULTS),
            meaning=fault_in,
        ),
    )
)
_TOOL_CALL = Object(
    "a tool call",
    {
        "name": Field(Text(meaning=prepared), "The tool's; a template."),
        "arguments": Field(Anything(meaning=prepared), "A JSON value with templates in its texts, or a text as it is."),
        "id": Field(Text(meaning=prepared), "Made up when it is left out."),
    },
    required=("name",),
)
_TEMPLATE = Text(may_be_empty=True, meaning=prepared)
_OPTIONS = {
    "latency": Field(Named("latency", lambda: _LATENCY), "Instead of the script's own."),
    "usage": Field(_USAGE, "What is billed; counted when it is left out."),
    "finish_reason": Field(Word("a finish reason", typing.get_args(FinishReason))),
}
_GENERATED = {
    "generated": Field(Just(True), "What is said without a script: it fits the request's schema."),
    "latency": _OPTIONS["latency"],
    "usage": _OPTIONS["usage"],
}
_TOOL_CALLS = ListOf(_TOOL_CALL, "a list of tool calls", least=1)
_SAYINGS: Shape = ListOf(Named("saying", lambda: _SAYING), "a list of replies", least=1)
_REPLIES: Mapping[str, Object] = {
    "tool_calls": Object(
        "a reply", {"tool_calls": Field(_TOOL_CALLS), "text": Field(_TEMPLATE, "Said beside the calls."), **_OPTIONS}
    ),
    "text": Object("a reply", {"text": Field(_TEMPLATE, "A template."), **_OPTIONS}),
    "json": Object("a reply", {"json": Field(Anything(meaning=prepared), "With templates in its texts."), **_OPTIONS}),
    "refusal": Object("a reply", {"refusal": Field(_TEMPLATE, "Said instead of an answer."), **_OPTIONS}),
    "generated": Object("a reply", _GENERATED),
    "pick": Object("a reply", {"pick": Field(_SAYINGS, "One of these, by the seed and the request.")}),
}
_PLAIN = Text(
    "a text",
    may_be_empty=True,
    but=tuple(FAULTS),
    instead="{text!r} is a text and the name of a fault: for the fault write {{fail: {text}}}, for the text "
    "{{text: {text}}}.",
    meaning=prepared,
)
_REPLY: Shape = Either((_PLAIN, ByKey("a reply", _REPLIES)))
_FAIL = Object("a reply", {"fail": Field(Named("fault", lambda: _FAULT), "A fault instead.")})
_SAYING: Shape = Either((_PLAIN, ByKey("a reply", {**_REPLIES, "fail": _FAIL})))
_RULE: Shape = Object(
    "a rule",
    {
        "when": Field(_MATCH, "Which requests it is for; all of these must hold. Left out: any."),
        "reply": Field(Named("reply", lambda: _REPLY), "What the model says."),
        "steps": Field(_SAYINGS, "What it says to the user, then to what its tools answered, and so on."),
        "fail": Field(Named("fault", lambda: _FAULT), "What goes wrong."),
        "times": Field(Whole(1), "How often the rule is used."),
        "per": Field(Word("a way to count", ("all", "conversation")), "Whose uses `times` counts."),
        "to": Field(Text("the name of a state"), "The state that it leads its conversation to."),
    },
    one_of=("reply", "steps", "fail"),
    needs={"per": "times"},
)
DOCUMENT = Object(
    "a script",
    {
        "version": Field(Just(1), "Of this format."),
        "seed": Field(Whole(), "Of everything that is drawn or made up."),
        "latency": Field(Named("latency", lambda: _LATENCY), "How long the model takes to answer."),
        "rules": Field(
            ListOf(Named("rule", lambda: _RULE), "a list of rules"),
            "Tried in this order; the first that is for a request, and has uses left, is used.",
        ),
        "otherwise": Field(Named("saying", lambda: _SAYING), "What comes of requests that no rule is for."),
        "$schema": Field(Text(), "Where the schema is, for editors."),
    },
    required=("version",),
)
"""A whole file."""
DEFINITIONS: Mapping[str, Shape] = {
    "fault": _FAULT,
    "latency": _LATENCY,
    "reply": _REPLY,
    "rule": _RULE,
    "saying": _SAYING,
}
"""What holds itself, or stands in several places."""


def schema() -> dict[str, Any]:
    """The grammar as a JSON Schema; what only code can tell, such as whether a pattern is one, it does not say."""
    return {
        "$schema": SCHEMA_ID,
        "title": "A script of kaizen-eval's fake LLM",
        **DOCUMENT.schema(),
        "$defs": {name: shape.schema() for name, shape in DEFINITIONS.items()},
    }

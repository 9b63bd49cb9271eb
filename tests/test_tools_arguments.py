"""What a model gives to a tool is checked before the call: what does not fit goes back to it."""

from __future__ import annotations

import datetime as dt
import json
from typing import Annotated, Literal

import pydantic
import pytest
from hypothesis import given
from hypothesis import strategies as st
from toolbox_asking import called, executed, outcomes, said

from kaizen_eval.fake.generate import arguments as generated
from kaizen_eval.fake.generation.source import Source
from kaizen_eval.messages import ToolCall
from kaizen_eval.tools import Tool


class Counted:
    """A tool that counts how often it was executed."""

    def __init__(self):
        self.times = 0

    async def book(self, city: str, nights: Annotated[int, pydantic.Field(ge=1)] = 2, note: str | None = None) -> str:
        self.times += 1
        return f"{city}, {nights} nights, {note}"


class Stay(pydantic.BaseModel):
    city: str
    nights: Annotated[int, pydantic.Field(ge=1, le=30)]


def told(text):
    """What the model is told of these arguments, and how often the tool was executed."""
    counted = Counted()
    [step] = executed([counted.book], ToolCall("c1", "book", text))
    return step.error, counted.times


def test_arguments_that_fit_reach_the_function():
    assert said([Counted().book], called("book", city="Rome", nights=3, note="quiet")) == ["Rome, 3 nights, quiet"]


def test_what_is_left_out_has_the_functions_own_default():
    assert said([Counted().book], called("book", city="Rome")) == ["Rome, 2 nights, None"]


def test_null_stands_for_a_default_where_the_type_has_no_place_for_it():
    assert said([Counted().book], called("book", city="Rome", nights=None, note=None)) == ["Rome, 2 nights, None"]


def test_null_is_null_where_the_type_takes_it():
    async def look(note: str | None = "x") -> list[str | None]:
        return [note]

    assert said([look], called("look", note=None), called("look", 2)) == ["[null]", '["x"]']


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("{}", "city is missing"),
        ('{"city": 3}', "city: expected a string, got 3"),
        ('{"city": null}', "city: expected a string, got None"),
        ('{"city": "Rome", "nights": "3"}', "nights: expected an integer, got '3'"),
        ('{"city": "Rome", "nights": 0}', "nights: input should be greater than or equal to 1, got 0"),
        ('{"city": "Rome", "nights": true}', "nights: expected an integer, got True"),
        ('{"city": "Rome", "stars": 5}', "stars was not asked for"),
        (
            '{"nights": "3", "note": 4}',
            "city is missing; nights: expected an integer, got '3'; note: expected a string, got 4",
        ),
    ],
)
def test_what_does_not_fit_is_told_by_its_field(text, problem):
    assert told(text) == (f"book was not executed: its arguments do not fit: {problem}.", 0)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ('{"city": "Ro', " (EOF while parsing a string at line 1 column 12)"),
        ("", " (EOF while parsing a value at line 1 column 0)"),
        ('{"city": "Rome"} {}', " (trailing characters at line 1 column 18)"),
        ('{"city": "Rome", "city": "Bonn"}', ' (Detected duplicate key "city" at line 1 column 25)'),
        ('{"city": NaN}', " (expected value at line 1 column 10)"),
        ('["Rome"]', ""),
        ("null", ""),
        ("city=Rome", " (expected value at line 1 column 1)"),
        (
            '{"city": "\ud800"}',
            " ('utf-8' codec can't encode character '\\ud800' in position 10: surrogates not allowed)",
        ),
    ],
)
def test_what_is_no_json_object_is_told_with_its_flaw(text, problem):
    assert told(text) == (
        f"book was not executed: its arguments are no whole JSON object: {text!r}{problem}.",
        0,
    )


def test_arguments_that_go_too_deep_are_refused():
    error, times = told('{"city": ' + "[" * 300 + "]" * 300 + "}")
    assert (error[:66], times) == ("book was not executed: its arguments are no whole JSON object: '{\"", 0)


def test_of_long_arguments_the_ends_are_told():
    error, _ = told('{"city": "' + "x" * 10_000)
    assert len(error) < 250


def test_nothing_at_all_will_do_for_a_tool_that_takes_nothing():
    async def ping() -> str:
        return "pong"

    assert said([ping], ToolCall("c1", "ping", ""), ToolCall("c2", "ping", " ")) == ["pong", "pong"]


@pytest.mark.parametrize("is_async", [True, False])
def test_a_parameter_may_have_any_name(is_async):
    def look(function: int, callable: int, self: int, args: int, context: int) -> list[int]:  # noqa: A002
        return [function, callable, self, args, context]

    async def look_later(function: int, callable: int, self: int, args: int, context: int) -> list[int]:  # noqa: A002
        return look(function, callable, self, args, context)

    tool = Tool(look_later if is_async else look, name="look")
    assert said([tool], called("look", function=1, callable=2, self=3, args=4, context=5)) == ["[1, 2, 3, 4, 5]"]


def test_the_step_holds_the_arguments_as_the_model_wrote_them():
    steps = executed(
        [Counted().book], called("book", city="Rome", nights=None), ToolCall("c2", "book", "{"), called("no", 3, x=1)
    )
    assert [step.arguments for step in steps] == [{"city": "Rome", "nights": None}, "{", {"x": 1}]


def test_a_schema_of_ones_own_is_checked_as_well():
    schema = {
        "type": "object",
        "properties": {"q": {"type": "string"}, "tags": {"type": "array", "items": {"enum": ["a", "b"]}}},
        "required": ["q"],
        "additionalProperties": False,
    }

    async def look(**arguments: object) -> object:
        return arguments

    made = Tool(look, parameters=schema)
    steps = executed(
        [made], called("look", q="x", tags=["a"]), called("look", 2, q=1, tags=["a", "c"]), called("look", 3, r=1)
    )
    begins = "look was not executed: its arguments do not fit: "
    closed = "Additional properties are not allowed ('r' was unexpected)"
    assert outcomes(steps) == [
        ("ok", {"q": "x", "tags": ["a"]}),
        ("error", f'{begins}q: 1 is not of type "string"; tags[1]: "c" is not one of "a" or "b".'),
        ("error", f'{begins}{closed}; "q" is a required property.'),
    ]


@given(st.integers(0, 10**6), st.booleans())
def test_whatever_fits_what_the_model_is_told_fits_the_function(number, strict):
    def plan(  # noqa: PLR0917 - one of each kind
        stay: Stay,
        kinds: list[Literal["a", "b"]],
        when: dt.date,
        price: float,
        vip: bool,
        limit: Annotated[int, pydantic.Field(ge=1, multiple_of=3)] = 3,
        note: Annotated[str, pydantic.Field(max_length=5)] | None = None,
    ) -> None: ...

    def loose(labels: dict[str, int], stay: Stay, limit: int = 3) -> None: ...

    made = Tool(plan if strict else loose)
    text = generated(made.parameters, Source.of(str(number), attempt=1))
    assert (made.strict, isinstance(made.fit(json.loads(text)), dict)) == (strict, True)


@given(st.data())
def test_arguments_that_have_not_come_whole_are_never_executed(data):
    whole = json.dumps({"city": data.draw(st.text(max_size=8)), "nights": data.draw(st.integers(1, 99))})
    part = whole[: data.draw(st.integers(0, len(whole) - 1))]
    error, times = told(part)
    assert (error is None, times) == (False, 0)

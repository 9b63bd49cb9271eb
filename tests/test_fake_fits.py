"""Without any rule the fake's replies fit the agent's own signature, however it is asked for them."""

from __future__ import annotations

import collections
import dataclasses
import datetime as dt
import enum
import uuid
from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated, Literal

import pydantic
import pytest
from every_kind import Color, Everything, any_time, only, signature_of
from hypothesis import given
from hypothesis import strategies as st

from kaizen_eval.core.base_agent import BaseAgent
from kaizen_eval.errors import ReplyDoesNotFit, ScriptError, SignatureDefinitionError
from kaizen_eval.fake.fake_llm import FakeLLM
from kaizen_eval.signatures import OutputField
from kaizen_eval.signatures.type_forms import type_name

MODES = ("auto", "schema", "json", "prompt")
SEEDS = range(20)


class Level(enum.IntEnum):
    LOW = 1
    HIGH = 2


class Size(enum.StrEnum):
    SMALL = "s"
    LARGE = "l"


class Label(pydantic.BaseModel):
    text: Annotated[str, pydantic.Field(min_length=2, max_length=4)]
    marks: Annotated[set[Literal["a", "b"]], pydantic.Field(min_length=2)]
    code: Annotated[str, pydantic.Field(pattern="^[a-z]+$", max_length=2)]


Digits = Annotated[Decimal, pydantic.Field(max_digits=3, decimal_places=1)]
Cents = Annotated[Decimal, pydantic.Field(max_digits=2, decimal_places=2)]
Year = Annotated[int, pydantic.Field(ge=1900, lt=2100)]
Short = Annotated[str, pydantic.Field(max_length=3)]

CONSTRAINED = [
    (int, {"ge": 5}),
    (int, {"gt": 5, "lt": 8}),
    (int, {"le": -5}),
    (float, {"gt": 0, "lt": 1e-3}),
    (float, {"ge": 0.1, "le": 0.1}),
    (int | None, {"ge": 3}),
    (Annotated[int, pydantic.Field(multiple_of=7)], {"ge": 20}),
    (Decimal, {"ge": 1, "le": 2}),
    (Decimal, {"gt": 0}),
    (Decimal, {"lt": -3}),
    (Decimal | None, {"le": -3}),
    (Digits, {"ge": 1}),
    (Cents, {}),
    (dt.date, {"ge": dt.date(2030, 1, 1)}),
    (dt.date, {"gt": dt.date(1999, 12, 30), "lt": dt.date(2000, 1, 1)}),
    (dt.datetime, {"gt": dt.datetime(2030, 1, 1)}),  # noqa: DTZ001 - bounds may be without a zone
    (dt.datetime, {"le": dt.datetime(1990, 1, 1, tzinfo=dt.timezone(dt.timedelta(hours=2)))}),
    (pydantic.NaiveDatetime, {}),
    (pydantic.AwareDatetime, {}),
    (pydantic.PastDate, {}),
    (dt.time, {"ge": dt.time(12), "lt": dt.time(12, 0, 0, 5)}),
    (dt.timedelta, {"ge": dt.timedelta(days=400)}),
    (dt.timedelta, {"lt": dt.timedelta(seconds=-1.5)}),
    (str, {"min_length": 50}),
    (str, {"max_length": 3}),
    (str, {"max_length": 0}),
    (str, {"min_length": 5, "max_length": 5}),
    (str, {"min_length": 2000}),
    (str, {"min_length": 900, "max_length": 5000}),
    (str, {"pattern": "^[a-z]+$"}),
    (str, {"pattern": "^[a-z]+$", "max_length": 2}),
    (str, {"pattern": r"^\d+$", "min_length": 12}),
    (str, {"pattern": r"^(?:ab|\d)+$", "min_length": 4, "max_length": 4}),
    (str, {"pattern": "(?i)^abc$"}),
    (str | list[str], {"min_length": 3}),
    (bytes, {"min_length": 20}),
    (pydantic.HttpUrl, {}),
    (list[int], {"min_length": 5, "max_length": 5}),
    (list[str], {"max_length": 0}),
    (tuple[int, ...], {"min_length": 4}),
    (set[int], {"min_length": 5}),
    (set[bool], {"min_length": 2}),
    (frozenset[Color], {"min_length": 2}),
    (list[Label], {"min_length": 2}),
    (dict[str, int], {"min_length": 4}),
    (dict[str, int], {"max_length": 1}),
    (dict[Short, int], {}),
    (dict[Annotated[str, pydantic.Field(pattern="^x_")], int], {}),
    (dict[int, int], {"min_length": 5}),
    (dict[Year, int], {"min_length": 2}),
    (dict[int | None, int], {}),
    (dict[bool, int], {"min_length": 2}),
    (dict[float, int], {}),
    (dict[Decimal, int], {}),
    (dict[Color, int], {"min_length": 2}),
    (dict[Level, int], {"min_length": 2}),
    (dict[Size, int], {"max_length": 1}),
    (dict[Literal["a", "b", 1], int], {"min_length": 2}),
    (dict[tuple[int, int], int], {}),
    (dict[dt.date, int], {}),
    (dict[uuid.UUID, int], {}),
    (dict[int | dt.date, int], {"min_length": 2}),
    (Mapping[int, dict[int, int]], {}),
    (collections.defaultdict[int, int], {}),
    (collections.OrderedDict[int, int], {}),
]


def refuse(value):
    raise ValueError("refused")


def output(annotation, constraints):
    """A signature with one output, named x."""
    return signature_of("One", {"x": dataclasses.replace(OutputField(**constraints), annotation=annotation)})


def modes(signature):
    """Those that the signature allows."""
    try:
        signature.strict_output_schema()
    except SignatureDefinitionError:
        return [mode for mode in MODES if mode != "schema"]
    return MODES


def attempts(signature, mode, seed=0):
    """How often the fake is asked until its reply fits; the run fails when none does."""
    agent = BaseAgent({"model": "m", "structured_output": mode}, signature=signature, provider=FakeLLM(seed=seed))
    return agent.run()["_attempts"]


SIGNATURES = {name: only(name) for name in Everything.output_fields} | {
    f"{number} {type_name(annotation)} {sorted(constraints)}": output(annotation, constraints)
    for number, (annotation, constraints) in enumerate(CONSTRAINED)
}
ASKED = [(name, mode) for name, signature in SIGNATURES.items() for mode in modes(signature)]


def limited(annotation, values, low, high):
    """The type with one of two limits, or with both."""
    both = st.lists(values, min_size=2, max_size=2).map(lambda pair: dict(zip((low, high), sorted(pair), strict=True)))
    constraints = both | st.builds(dict, **{low: values}) | st.builds(dict, **{high: values})
    return st.tuples(st.just(annotation), constraints)


lengths = st.integers(0, 30)
limits = st.one_of(
    *[
        limited(annotation, values, "ge", "le")
        for annotation, values in [
            (int, st.integers()),
            (float, st.floats(-1e9, 1e9)),
            (Decimal, st.decimals(-1000, 1000, places=2)),
            (dt.date, st.dates()),
            (dt.datetime, st.datetimes()),
            (dt.time, st.times()),
            (dt.timedelta, st.timedeltas()),
        ]
    ],
    *[
        limited(annotation, lengths, "min_length", "max_length")
        for annotation in (str, list[str], set[int], tuple[int, ...], dict[str, int], dict[int, int])
    ],
)


@any_time
@given(limits, st.integers())
def test_the_first_reply_fits_whatever_the_limits(limit, seed):
    signature = output(*limit)
    assert {mode: attempts(signature, mode, seed) for mode in modes(signature)} == dict.fromkeys(modes(signature), 1)


@pytest.mark.unmeasured
@pytest.mark.parametrize(("name", "mode"), ASKED)
def test_the_first_reply_fits_in_every_mode(name, mode):
    assert [attempts(SIGNATURES[name], mode, seed) for seed in SEEDS] == [1] * len(SEEDS)


@pytest.mark.parametrize("mode", modes(Everything))
def test_the_first_reply_fits_a_signature_of_every_kind(mode):
    assert attempts(Everything, mode) == 1


@pytest.mark.parametrize(
    ("annotation", "error"),
    [
        (pydantic.FutureDate, ReplyDoesNotFit),
        (Annotated[str, pydantic.AfterValidator(refuse)], ReplyDoesNotFit),
        (Annotated[str, pydantic.Field(pattern=r"^a\z")], ScriptError),
    ],
)
def test_what_a_schema_does_not_say_has_to_be_scripted(annotation, error):
    with pytest.raises(error):
        attempts(output(annotation, {}), "auto")

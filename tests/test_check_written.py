"""Situations as Python source: what is written gives the same situation again."""

from __future__ import annotations

import ast
import datetime as dt
import decimal
import enum
import math
import uuid
from dataclasses import dataclass, field
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import BaseModel
from pydantic import Field as Limited
from typing_extensions import TypedDict

from kaizen_eval import InputField, OutputField, Signature
from kaizen_eval.conformance import LAWS, REFERENCE, Ask, GivenTool, Situation
from kaizen_eval.conformance.written import NotWritable, as_test, written
from kaizen_eval.fake import Generated, Latency, RateLimit, Reply
from kaizen_eval.generators import inputs, signatures
from kaizen_eval.messages import Usage

BRIEF = settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))


def evaluated(source: str) -> Any:
    """What the last expression of a module is."""
    tree = ast.parse(source)
    expression = tree.body.pop()
    assert isinstance(expression, ast.Expr)
    names: dict[str, Any] = {"__name__": "written_here"}
    exec(compile(tree, "written", "exec", dont_inherit=True), names)  # noqa: S102 - what is written is to be run
    return eval(compile(ast.Expression(expression.value), "written", "eval"), names)  # noqa: S307 - as above


PLAIN = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text()
    | st.binary()
    | st.decimals(allow_nan=False)
    | st.dates()
    | st.datetimes(timezones=st.none() | st.just(dt.UTC) | st.just(ZoneInfo("Europe/Berlin")))
    | st.timedeltas()
    | st.uuids(),
    lambda inner: st.lists(inner) | st.tuples(inner, inner) | st.dictionaries(st.text(), inner),
)


@given(PLAIN)
@BRIEF
def test_plain_data_is_itself_again(value):
    assert evaluated(written(value)) == value


def schemas(signature: type[Signature]) -> object:
    return (
        signature.__name__,
        signature.instructions,
        signature.input_schema(),
        signature.output_schema(),
        [each.required for each in signature.input_fields.values()],
    )


@given(signatures())
@BRIEF
def test_a_signature_is_written_with_all_that_its_schemas_say(signature):
    again = evaluated(written(signature))
    assert schemas(again) == schemas(signature)
    assert again.free_text == signature.free_text


@given(st.data())
@BRIEF
def test_inputs_of_any_signature_bind_alike_when_they_were_written(data):
    signature = data.draw(signatures())
    given_inputs = data.draw(inputs(signature))
    again = evaluated(written(Situation(signature=signature, asks=(Ask(inputs=given_inputs),))))
    bound = again.signature.bind(again.asks[0].inputs)
    assert again.signature.inputs_to_json(bound) == signature.inputs_to_json(signature.bind(given_inputs))


@given(st.sampled_from(LAWS).flatmap(lambda law: law.situations(REFERENCE)))
@BRIEF
def test_whatever_a_law_makes_is_written_and_is_the_same_when_it_is_written_again(situation):
    source = written(situation)
    again = evaluated(source)
    assert written(again) == source
    assert (again.script, again.config, again.tools) == (situation.script, situation.config, situation.tools)


class Color(enum.Enum):
    RED = "r"


class Size(enum.IntEnum):
    BIG = 3


class Point(NamedTuple):
    x: int
    y: int = 0


@dataclass(frozen=True)
class Box:
    label: str
    content: list[int] = field(default_factory=list)


class Person(BaseModel):
    name: str = Limited(min_length=1, description="As in the passport.")
    age: int = 0


class Shape(TypedDict, total=False):
    sides: int


@pytest.mark.parametrize(
    "value",
    [Color.RED, Size.BIG, Point(1), Box("a"), Box("a", [1]), Person(name="Ann"), Latency(first=1.5), Usage(1, 2)],
)
def test_what_can_be_imported_is_imported(value):
    assert evaluated(written(value)) == value


@dataclass(frozen=True)
class Flag:
    on: object = 1


def test_what_equals_a_default_and_is_of_another_type_is_written():
    assert evaluated(written(Flag(on=True))).on is True


def test_only_what_is_no_default_is_written():
    situation = Situation(
        signature=Mine,
        asks=(Ask(inputs={"color": Color.RED}), Ask(inputs={}, session="a")),
        script=(RateLimit(retry_after=3.0), Generated(), Reply("yes", latency=1)),
        tools=(GivenTool(raises="no"),),
        seed=4,
    )
    assert written(situation) == (
        "from kaizen_eval import Reply\n"
        "from kaizen_eval.conformance import Ask, GivenTool, Situation\n"
        "from kaizen_eval.fake import Generated, Latency, RateLimit\n"
        "from test_check_written import Color, Mine\n"
        "\n\n"
        "Situation(\n"
        "    signature=Mine,\n"
        '    asks=(Ask(inputs={"color": Color.RED}), Ask(inputs={}, session="a")),\n'
        '    script=(RateLimit(retry_after=3.0), Generated(), Reply(text="yes", latency=Latency(first=1))),\n'
        '    tools=(GivenTool(raises="no"),),\n'
        "    seed=4,\n"
        ")\n"
    )


class Mine(Signature):
    color: Color = InputField(default=Color.RED)


def made_here() -> type[Signature]:
    class Tone(enum.Enum):
        SOFT = "soft"

    class Part(BaseModel, extra="forbid"):
        tone: Tone
        weight: int = Limited(default=1, ge=0, description="In kg.")
        note: str | None = None

    @dataclass(frozen=True, kw_only=True)
    class Spot:
        at: Point
        tags: tuple[str, ...] = ()
        more: dict[str, int] = field(default_factory=dict)

    class Corner(TypedDict, total=False):
        angle: float

    class Pair(NamedTuple):
        left: int
        right: int = 2

    class Local(Signature):
        """Do "it".

        And more.
        """

        part: Part = InputField(description="What.")
        spots: list[Spot] = InputField(default_factory=list)
        corner: Corner = InputField()
        pair: Pair = OutputField()
        share: decimal.Decimal = OutputField(gt=0, examples=[decimal.Decimal(1)])

    return Local


def test_classes_that_nobody_can_import_are_written_out():
    local = made_here()
    assert schemas(evaluated(written(local))) == schemas(local)


def test_a_model_s_class_statement_reads_as_people_write_it():
    source = written(made_here())
    assert (
        'class Part(BaseModel, extra="forbid"):\n'
        "    tone: Tone\n"
        '    weight: Annotated[int, Ge(ge=0)] = Field(default=1, description="In kg.")\n'
        "    note: str | None = None\n"
    ) in source


def test_two_classes_of_one_name_get_two_names():
    first, second = made_here(), made_here()
    names = [each.__name__ for each in evaluated(written((first, second)))]
    assert names == ["Local", "Local2"]


def test_a_long_run_of_one_character_is_a_product():
    assert written("a" * 5000) == '"a" * 5000\n'


def test_what_comes_again_and_again_is_a_product():
    assert written((1, 2) * 8) == "(1, 2) * 8\n"
    assert written([None] * 3) == "[None] * 3\n"
    assert written((1,) * 3) == "(1,) * 3\n"


@pytest.mark.parametrize("value", [math.inf, -math.inf])
def test_a_float_without_end_is_written(value):
    assert evaluated(written(value)) == value


def test_no_number_is_written():
    assert math.isnan(evaluated(written(math.nan)))


def test_what_has_no_form_as_source_is_refused_by_name():
    with pytest.raises(NotWritable, match=r"<object object at .*> \(object\)"):
        written(object())


def test_a_test_imports_what_it_judges_by_its_name():
    source = as_test("retry.waits", "my_package.strategies:Outer.Mine", Situation(signature=Mine, asks=()))
    assert source == (
        "from kaizen_eval.conformance import Situation, assert_keeps\n"
        "from my_package.strategies import Outer\n"
        "from test_check_written import Mine\n"
        "\n\n"
        "def test_retry_waits():\n"
        '    assert_keeps("retry.waits", Outer.Mine, Situation(signature=Mine, asks=()))\n'
    )


def test_a_strategy_named_as_a_class_of_the_situation_is_imported_under_its_name():
    local = made_here()
    local.__name__ = "Strategy"
    source = as_test("retry.waits", "mine:Strategy", Situation(signature=local, asks=()))
    assert "from mine import Strategy\n" in source
    assert "class Strategy2(Signature):\n" in source
    assert 'assert_keeps("retry.waits", Strategy, Situation(signature=Strategy2, asks=()))' in source


def test_an_id_is_written_by_its_class():
    value = uuid.UUID(int=5)
    assert written(value) == f"from uuid import UUID\n\n\nUUID('{value}')\n"

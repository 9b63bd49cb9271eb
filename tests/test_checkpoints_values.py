"""What nodes return, kept as JSON: read back it is equal, and of the same types; what could not be is refused."""

from __future__ import annotations

import asyncio
import dataclasses
import math
import os
import string
import subprocess
import sys
from collections import Counter, OrderedDict, defaultdict, deque, namedtuple
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from enum import Enum, Flag, IntEnum, auto
from functools import cached_property
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, ConfigDict, PrivateAttr, RootModel

from kaizen_eval import BaseAgent, tool
from kaizen_eval.core.result import RunResult
from kaizen_eval.fake import FakeLLM, Reply
from kaizen_eval.runtime.checkpoints.values.unkept import Unkept
from kaizen_eval.runtime.checkpoints.values.written import Unread, read, written


class Colour(Enum):
    RED = "red"
    BLUE = ("blue", 7)


class Rank(IntEnum):
    LOW = 1
    HIGH = 2


class Right(Flag):
    READ = auto()
    WRITE = auto()


Point = namedtuple("Point", ["x", "y"])  # noqa: PYI024 - as users still make them


@dataclass(frozen=True, slots=True)
class Leaf:
    value: Any


@dataclass
class Tree:
    name: str
    inner: list[Any] = field(default_factory=list)
    size: int = field(init=False, default=0)

    def __post_init__(self):
        self.size += 1
        self.derived = [self.name]

    @cached_property
    def shout(self):
        return self.name.upper()


class Model(BaseModel):
    model_config = ConfigDict(extra="allow", arbitrary_types_allowed=True)
    value: Any
    other: int = 3
    _hidden: Any = PrivateAttr(default=None)


class Rows(RootModel[list[int]]):
    pass


zones = (
    st.none()
    | st.sampled_from([ZoneInfo("Europe/Zurich"), ZoneInfo("UTC"), UTC])
    | st.builds(timezone, st.timedeltas(timedelta(hours=-23), timedelta(hours=23)), st.text(max_size=3))
)
keys = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(st.characters(), max_size=8)
    | st.text("\ud83d\ude00$a", max_size=4)
    | st.sampled_from(["$tuple", "$map", "$object", ""])
    | st.binary(max_size=8)
    | st.decimals(allow_nan=False)
    | st.fractions()
    | st.complex_numbers()
    | st.datetimes(timezones=zones)
    | st.times(timezones=zones)
    | st.dates()
    | st.timedeltas()
    | st.uuids()
    | st.sampled_from([*Colour, *Rank, Right.READ, Right.READ | Right.WRITE, Right(0)])
    | st.sampled_from([Path("a/b"), PurePosixPath("c"), PureWindowsPath("d\\e"), 2**300, -(2**256)])
)
hashables = st.recursive(
    keys, lambda inner: st.lists(inner, max_size=3).map(tuple) | st.frozensets(inner, max_size=3) | inner.map(Leaf),
    max_leaves=4,
)  # fmt: skip
values = st.recursive(
    hashables | st.decimals() | st.binary(max_size=4).map(bytearray),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.lists(inner, max_size=4).map(tuple)
        | st.dictionaries(hashables, inner, max_size=4)
        | st.dictionaries(st.text(string.ascii_lowercase), inner, max_size=4)
        | st.dictionaries(hashables, inner, max_size=4).map(OrderedDict)
        | st.sets(hashables, max_size=4)
        | st.lists(hashables, max_size=4).map(Counter)
        | st.builds(deque, st.lists(inner, max_size=3), maxlen=st.none() | st.integers(3, 5))
        | st.builds(Point, inner, inner)
        | st.builds(Leaf, inner)
        | st.builds(Tree, st.text(max_size=3), st.lists(inner, max_size=2))
        | st.builds(Model, value=inner, more=inner)
        | st.builds(Rows, st.lists(st.integers(), max_size=3))
    ),
    max_leaves=8,
)


def shape(value):
    """All that there is to a value, with the type of each part; NaN and signed zeros told apart."""
    return type(value), parts(value)


def parts(value):  # noqa: PLR0911 - a table
    if isinstance(value, dict):
        return [(shape(key), shape(inner)) for key, inner in value.items()], vars_of(value)
    if isinstance(value, set | frozenset):
        return sorted((shape(item) for item in value), key=repr)
    if isinstance(value, list | tuple | deque):
        return [shape(item) for item in value], getattr(value, "maxlen", None)
    if isinstance(value, BaseModel):
        return shape(value.__getstate__())
    if dataclasses.is_dataclass(value):
        return [shape(getattr(value, each.name)) for each in dataclasses.fields(value)], vars_of(value)
    if isinstance(value, datetime):
        return value.isoformat(), value.fold, shape(value.tzinfo)
    return value if isinstance(value, int) else repr(value)


def vars_of(value):
    return shape(vars(value)) if getattr(value, "__dict__", None) else None


@given(values)
def test_a_value_that_is_read_back_is_always_what_it_was_types_too(value):
    assert shape(read(written(value))) == shape(value)


simple = st.recursive(
    st.none() | st.integers() | st.text(max_size=5) | st.decimals(allow_nan=False),
    lambda inner: (
        st.lists(inner) | st.dictionaries(st.text(), inner) | st.builds(Model, value=inner) | st.builds(Leaf, inner)
    ),
)


@given(simple)
def test_a_value_that_is_read_back_is_always_equal(value):
    assert read(written(value)) == value


@given(values)
def test_what_was_read_back_is_always_written_as_it_was(value):
    assert written(read(written(value))) == written(value)


def test_a_set_is_written_alike_in_every_process():
    script = (
        "from kaizen_eval.runtime.checkpoints.values.written import written\n"
        "print(written({'a', 'bc', frozenset({'d', 'e', 'f'}), 'g', ('h', 'i')}))"
    )
    said = {
        subprocess.run(
            [sys.executable, "-c", script],
            env={**os.environ, "PYTHONHASHSEED": seed},
            stdout=subprocess.PIPE,
            check=True,
        ).stdout
        for seed in "123"
    }
    assert len(said) == 1


def test_what_a_dataclass_made_of_itself_is_there_again_and_nothing_is_made_twice():
    tree = Tree("oak")
    assert tree.shout == "OAK"
    again = read(written(tree))
    assert (again, vars(again)) == (tree, {"name": "oak", "inner": [], "size": 1, "derived": ["oak"], "shout": "OAK"})


def test_a_models_private_attributes_and_what_was_set_of_it_are_there_again():
    model = Model(value=1, more="x")
    model._hidden = {"seen": (1, 2)}
    again = read(written(model))
    assert (again, again._hidden, again.model_fields_set) == (model, {"seen": (1, 2)}, {"value", "more"})


@tool
def look_up(city: str) -> str:
    """The weather."""
    return f"fine in {city}"


def agents_result():
    llm = FakeLLM()
    llm.script([Reply(tool_calls=[{"name": "look_up", "arguments": {"city": "Bern"}}]), {"response": "Fine."}])
    return BaseAgent(provider=llm, tools=[look_up]).run(message="How is it?")


def test_what_an_agent_returned_is_there_again_with_its_metrics_calls_and_steps():
    result = agents_result()
    again = read(written(result))
    assert type(again) is RunResult
    assert (again, vars(again), again.outputs) == (result, vars(result), result.outputs)
    assert len(again.calls) == 2
    assert [type(step).__name__ for step in again.steps] == ["CallStep", "ToolStep", "CallStep"]


def test_a_cost_that_is_not_known_stays_so():
    result = agents_result()
    result["_cost"] = math.nan
    assert read(written(result)) == result


# --- what cannot be kept ----------------------------------------------------------------------------------------------


class Text(str):
    __slots__ = ()


class Somewhere(tzinfo):
    pass


class Plain:
    def __init__(self):
        self.secret = 1


def numbers():
    yield 1


async def later():
    return 1


@dataclass
class Untouchable:
    @property
    def value(self):
        raise OSError("gone")

    def __getattribute__(self, name):
        if name == "__dict__":
            raise OSError("gone")
        return super().__getattribute__(name)


def local():
    @dataclass
    class Inner:
        x: int = 1

    return Inner()


PLAIN = (
    "return plain values (texts, numbers, lists, dicts, dates), a dataclass, a named tuple, an Enum or a pydantic "
    "model in its place"
)


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (Plain(), f"it is a Plain: {PLAIN}"),
        ({"rows": [1, Plain()]}, f"at ['rows'][1] it is a Plain: {PLAIN}"),
        ({Plain(): 1}, f" among its keys it is a Plain: {PLAIN}"),
        (Tree("a", [Leaf(numbers)]), "at .inner[0].value it is the function numbers: return its name"),
        (numbers(), "it is a generator: return a list of what it yields"),
        (Text("a"), "it is a Text: return str(…) of it"),
        (defaultdict(list), "it is a defaultdict: return dict(…) of it"),
        (Plain, "it is the class Plain: return its name"),
        (datetime(2026, 1, 1, tzinfo=Somewhere()), "[2] it is a Somewhere: use a datetime.timezone or a zoneinfo"),
        (local(), "it is a local.<locals>.Inner, which test_checkpoints_values does not hold"),
        (Untouchable(), "it is a Untouchable that cannot be read: OSError('gone')"),
        (ValueError("x"), f"it is a ValueError: {PLAIN}"),
    ],
)  # fmt: skip
def test_what_cannot_be_kept_is_told_with_its_place_and_what_to_return_instead(value, said):
    with pytest.raises(Unkept) as caught:
        written(value)
    assert said in str(caught.value)


def test_a_coroutine_is_to_be_awaited():
    coroutine = later()
    with pytest.raises(Unkept, match="it is a coroutine: await it"):
        written(coroutine)
    asyncio.run(coroutine)


def test_what_holds_itself_is_refused():
    value = []
    value.append(value)
    with pytest.raises(Unkept, match="nested too deeply, or holds itself"):
        written(value)


# --- what cannot be read any more -------------------------------------------------------------------------------------


def test_a_class_that_has_other_fields_now_is_told(monkeypatch):
    data = written(Tree("oak"))
    with monkeypatch.context() as patched:
        patched.setitem(globals(), "Tree", dataclass(type("Tree", (), {"__annotations__": {"name": str, "age": int}})))
        with pytest.raises(Unread, match="Tree has fields that were not kept: age"):
            read(data)


def test_a_class_that_is_gone_is_told_with_a_suggestion():
    data = written(Leaf(1)).replace(b":Leaf", b":Leav")
    with pytest.raises(Unread, match="test_checkpoints_values has no 'Leav'; did you mean 'Leaf'"):
        read(data)


@pytest.mark.parametrize(
    "data", [b"", b"{", b"\xff", b'{"$nothing": 1}', b'{"$tuple": 1}', b'{"$object": ["os:path", {}]}']
)
def test_what_is_no_value_is_told(data):
    with pytest.raises(Unread, match=r"."):
        read(data)

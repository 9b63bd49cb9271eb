"""A signature with an output of every kind, and values for it."""

from __future__ import annotations

import dataclasses
import datetime as dt
import enum
import uuid
from decimal import Decimal
from typing import Any, Literal

import pydantic
import typing_extensions
from hypothesis import settings
from hypothesis import strategies as st

from kaizen_eval.signatures import OutputField, Signature

__all__ = ["Color", "Echo", "Everything", "Item", "Point", "any_time", "everything", "only", "signature_of"]

any_time = settings(deadline=None)  # 25 fields are many, and other work shares the machine


class Color(enum.Enum):
    RED = "red"
    BLUE = "blue"


class Item(pydantic.BaseModel):
    model_config = pydantic.ConfigDict(extra="forbid", allow_inf_nan=False)
    name: str
    price: Decimal = Decimal(0)
    due: dt.date | None = None
    parts: list[Item] = []


@dataclasses.dataclass
class Point:
    x: int
    y: float = 0.0


class Pair(typing_extensions.TypedDict):
    left: int
    right: Color


class Everything(Signature):
    text: str = OutputField(min_length=1, max_length=20)
    count: int = OutputField(ge=0)
    share: float = OutputField(gt=-1, lt=1000)
    sure: bool = OutputField()
    color: Color = OutputField()
    mood: Literal["good", "bad", 3] = OutputField()
    maybe: int | None = OutputField(default=None, ge=1)
    either: int | str = OutputField()
    item: Item = OutputField()
    point: Point = OutputField()
    pair: Pair = OutputField()
    numbers: list[float] = OutputField(max_length=4)
    unique: set[str] = OutputField()
    frozen: frozenset[int] = OutputField()
    place: tuple[int, str] = OutputField()
    by_name: dict[str, Item] = OutputField()
    by_number: dict[int, bool] = OutputField()
    amount: Decimal = OutputField()
    day: dt.date = OutputField()
    moment: dt.datetime = OutputField()
    clock: dt.time = OutputField()
    lasting: dt.timedelta = OutputField()
    key: uuid.UUID = OutputField()
    code: str = OutputField(pattern="^[a-z]{2}$")
    anything: Any = OutputField(default=None)


def signature_of(class_name, fields):
    annotations = {name: field.annotation for name, field in fields.items()}
    return type(Signature)(class_name, (Signature,), {"__annotations__": annotations, **fields})


def only(name):
    """A signature with just this output of Everything."""
    return signature_of("Only", {name: Everything.output_fields[name]})


as_inputs = {name: dataclasses.replace(field, kind="input") for name, field in Everything.output_fields.items()}
Echo = signature_of("Echo", as_inputs)

words = st.text(st.characters(codec="utf-8"), max_size=8)
integers = st.integers(-(2**60), 2**60)
numbers = st.floats(-0.5, 900)
amounts = st.decimals(-1000, 1000, places=2)
items = st.deferred(
    lambda: st.builds(Item, name=words, price=amounts, due=st.none() | st.dates(), parts=st.lists(items, max_size=1))
)
json_values = st.recursive(
    st.none() | st.booleans() | integers | numbers | words,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(words, inner, max_size=2),
    max_leaves=4,
)
everything = st.fixed_dictionaries(
    {
        "text": st.text(st.characters(codec="utf-8"), min_size=1, max_size=20),
        "count": st.integers(0, 2**60),
        "share": numbers,
        "sure": st.booleans(),
        "color": st.sampled_from(Color),
        "mood": st.sampled_from(["good", "bad", 3]),
        "either": integers | words,
        "item": items,
        "point": st.builds(Point, x=integers, y=numbers),
        "pair": st.fixed_dictionaries({"left": integers, "right": st.sampled_from(Color)}),
        "numbers": st.lists(numbers, max_size=4),
        "unique": st.sets(words, max_size=3),
        "frozen": st.frozensets(integers, max_size=3),
        "place": st.tuples(integers, words),
        "by_name": st.dictionaries(words, items, max_size=2),
        "by_number": st.dictionaries(integers, st.booleans(), max_size=2),
        "amount": amounts,
        "day": st.dates(),
        "moment": st.datetimes(timezones=st.none() | st.just(dt.UTC)),
        "clock": st.times(),
        "lasting": st.timedeltas(dt.timedelta(days=-300), dt.timedelta(days=300)),
        "key": st.uuids(),
        "code": st.from_regex(r"\A[a-z]{2}\Z"),
    },
    optional={"maybe": st.none() | st.integers(1, 9), "anything": json_values},
)

"""Values a second from the generators, beside hand-written hypothesis strategies for the same values."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Iterator
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy
from measure import Row
from pydantic import BaseModel

from kaizen_eval import InputField, Signature
from kaizen_eval.generators import inputs, invalid_inputs, signatures

__all__ = ["rows"]


class Person(BaseModel):
    name: str
    born: dt.date | None = None


class Order(BaseModel):
    buyer: Person
    price: float
    notes: list[str] = []


class Small(Signature):
    question: str = InputField()
    context: str = InputField(default="")
    count: int = InputField(ge=0)


class Nested(Signature):
    title: str = InputField()
    orders: list[Order] = InputField(max_length=3)
    people: dict[str, Person] = InputField(max_length=2)


_text = st.text(st.characters(codec="utf-8"))
_floats = st.floats(allow_nan=False, allow_infinity=False)
_person = st.builds(Person, name=_text, born=st.none() | st.dates())
_order = st.builds(Order, buyer=_person, price=_floats, notes=st.lists(_text, max_size=5))
BY_HAND: dict[type[Signature], SearchStrategy[Any]] = {
    Small: st.fixed_dictionaries({"question": _text, "count": st.integers(0)}, optional={"context": _text}),
    Nested: st.fixed_dictionaries(
        {
            "title": _text,
            "orders": st.lists(_order, max_size=3),
            "people": st.dictionaries(_text, _person, max_size=2),
        }
    ),
}


def rows() -> Iterator[Row]:
    """Values of a second of this process's CPU; both sides by turns, the best of three rounds."""
    for signature, at_least in ((Small, 800), (Nested, 300)):
        ours, theirs = _best(inputs(signature), BY_HAND[signature])
        name = signature.name.lower()
        beside = f"by hand: {theirs:,.0f} values/s"
        yield Row(name=f"inputs of a {name} signature", value=ours, unit="values/s", at_least=at_least, beside=beside)
    wrong, made = _best(invalid_inputs(Small), signatures())
    yield Row(name="invalid inputs of a small signature", value=wrong, unit="values/s")
    yield Row(name="signatures, half of them new classes", value=made, unit="values/s")


def _best(one: SearchStrategy[Any], other: SearchStrategy[Any]) -> tuple[float, float]:
    found = [(_rate(one), _rate(other)) for _ in range(3)]
    return max(first for first, _ in found), max(second for _, second in found)


def _rate(strategy: SearchStrategy[Any], *, examples: int = 1_000) -> float:
    made = 0

    @settings(
        max_examples=examples,
        derandomize=True,
        database=None,
        deadline=None,
        phases=(Phase.generate,),
        suppress_health_check=list(HealthCheck),
    )
    @given(strategy)
    def count(_: Any) -> None:
        nonlocal made
        made += 1

    start = time.process_time()
    count()
    return made / (time.process_time() - start)

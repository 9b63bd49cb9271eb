"""How a subject is judged by one law."""

from __future__ import annotations

import pytest
from hypothesis import strategies as st

from kaizen_eval.conformance import REFERENCE, Ask, Situation, Violation, judge, law
from kaizen_eval.conformance.asking import Question

LARGE = Situation(signature=Question, asks=(Ask(inputs={"question": "x" * 100_000}),))


def situations(_):
    """Fifty numbers, whose least sum over the limit takes long to be found."""
    numbers = st.lists(st.integers(0, 10**8), min_size=50, max_size=50)
    return numbers.map(lambda of: Situation(signature=Question, asks=(Ask(inputs={}),), config={"of": of}))


@law("test.sum", "Numbers never add up to much.", source="nowhere", situations=situations)
def never_much(_, situation):
    if sum(situation.config["of"]) > 10**8:
        raise Violation("too much")


def test_the_search_for_the_smallest_case_ends_when_it_has_been_long_enough():
    found = judge(never_much, REFERENCE, examples=20, smaller=10)
    assert (found.verdict, found.reason) == ("violated", "too much")
    assert found.examples <= 20 + 10 + 1


def test_what_is_told_is_the_smallest_that_was_found():
    first, some, all_ = (
        sum(judge(never_much, REFERENCE, examples=20, **search).situation.config["of"])
        for search in ({"shrink": False}, {"smaller": 30}, {})
    )
    assert 10**8 < all_ < some < first


@law("test.small", "Nothing is ever large.", source="nowhere", situations=lambda _: st.just(LARGE))
def never_large(*_):
    raise Violation("large")


@pytest.mark.filterwarnings("error")
def test_a_large_situation_is_told_also_where_warnings_are_errors():
    assert judge(never_large, REFERENCE, examples=1).reason == "large"

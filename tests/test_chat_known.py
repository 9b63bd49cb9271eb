"""What was found to be in order is known again, as long as it is the same, and not for ever."""

from __future__ import annotations

from types import MappingProxyType

import pytest

from kaizen_eval.fake.wire.chat.known import Known


def noted(value: object) -> Known:
    known = Known()
    known.note(value)
    return known


def deep() -> object:
    value: object = []
    for _ in range(10_000):
        value = [value]
    return value


def test_a_value_is_known_by_what_it_holds():
    known = noted({"a": [1, "b"]})
    others = [{"a": [1, "c"]}, {"a": [True, "b"]}, {"a": [1.0, "b"]}, None]
    assert [known.has(value) for value in ({"a": [1, "b"]}, *others)] == [True, False, False, False, False]


@pytest.mark.parametrize("value", [MappingProxyType({"a": 1}), deep(), "x" * 100_000])
def test_what_cannot_be_kept_cheaply_is_looked_at_each_time(value):
    assert not noted(value).has(value)


def test_only_so_many_values_are_kept():
    known = Known()
    for number in range(1000):
        known.note(number)
    assert known.has(999)
    assert sum(known.has(number) for number in range(1000)) <= 256

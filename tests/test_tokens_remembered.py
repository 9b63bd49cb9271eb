"""What counting remembers, and that it is bounded."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from kaizen_eval.metrics.tokens.letters import _kinds, in_kinds
from kaizen_eval.metrics.tokens.python_core import PythonCore
from kaizen_eval.metrics.tokens.remembered import Remembered


def test_texts_are_computed_once_while_they_are_remembered():
    computed = []
    length = Remembered(lambda text: computed.append(text) or len(text), number=2, longest=3, long_number=2)
    found = [length(text) for text in ["a", "a", "long1", "long1", "bb", "ccc", "a", "long2", "long3", "long1"]]
    assert (found, computed) == (
        [1, 1, 5, 5, 2, 3, 1, 5, 5, 5],
        ["a", "long1", "bb", "ccc", "a", "long2", "long3", "long1"],
    )


def test_long_texts_are_computed_each_time_when_none_are_remembered():
    computed = []
    length = Remembered(lambda text: computed.append(text) or len(text), number=2, longest=3, long_number=0)
    assert ([length("long"), length("long")], computed) == ([4, 4], ["long", "long"])


@given(st.lists(st.text(max_size=6)))
def test_no_more_texts_are_remembered_than_was_said(many):
    length = Remembered(len, number=3, longest=3, long_number=2)
    assert [length(text) for text in many] == [len(text) for text in many]
    assert (length._short.cache_info().currsize <= 3, len(length._long) <= 2) == (True, True)


def test_words_that_are_remembered_are_bounded_in_number_and_length():
    core = PythonCore("o200k_base", len)
    for number in range(9000):
        core.count("".join("abcdefghij"[int(digit)] for digit in str(number)))
        if number == 8191:
            assert len(core._tokens_of.__self__) == 8192
    core.count("y" * 33)
    assert len(core._tokens_of.__self__) == 9000 - 8192


def test_characters_that_are_remembered_are_bounded():
    for start in range(0x4E00, 0x4E00 + 45_000, 500):
        in_kinds("".join(map(chr, range(start, start + 500))))
        assert len(_kinds) <= 20_000

"""Repeats: how often each of the latest questions was asked."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from kaizen_eval.fake.desk.repeats import Repeats

QUESTIONS = st.lists(st.integers(0, 5))


def counts(questions: list[int], most: int) -> list[int]:
    repeats = Repeats(most)
    return [repeats.count(question) for question in questions]


@given(QUESTIONS)
def test_each_question_is_counted_where_all_of_them_fit(questions):
    assert counts(questions, 6) == [questions[:place].count(asked) for place, asked in enumerate(questions)]


def test_a_question_is_new_again_after_as_many_others():
    assert counts([1, 2, 1, 3, 2, 1, 1], 2) == [0, 0, 1, 0, 0, 0, 1]


@given(QUESTIONS, st.integers(1, 3))
def test_the_question_asked_last_is_always_known(questions, most):
    repeats = Repeats(most)
    asked = [repeats.count(question) for question in questions]
    assert [repeats.count(question) for question in questions[-1:]] == [before + 1 for before in asked[-1:]]

"""What counting remembers, and that it is bounded."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from kaizen_eval.metrics.tokens.letters import _kinds, in_kinds
from kaizen_eval.metrics.tokens.python_core import PythonCore
from kaizen_eval.metrics.tokens.remembered import Remembered, RememberedByDigest


class Lengths:
    """Computes lengths, and says of what."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def __call__(self, text: str) -> int:
        self.asked.append(text)
        return len(text)


def test_the_texts_used_last_are_computed_once():
    short, long = Lengths(), Lengths()
    length = Remembered(short, number=2, longest=3, longer=long)
    assert [length(text) for text in ["a", "a", "bb", "a", "ccc", "a", "bb"]] == [1, 1, 2, 1, 3, 1, 2]
    assert (short.asked, long.asked) == (["a", "bb", "ccc", "bb"], [])


def test_longer_texts_are_left_to_another():
    short, long = Lengths(), Lengths()
    length = Remembered(short, number=2, longest=3, longer=long)
    assert ([length("long"), length("long")], short.asked, long.asked) == ([4, 4], [], ["long", "long"])


def test_texts_told_by_digest_are_computed_once_until_there_are_too_many():
    length = RememberedByDigest(lengths := Lengths(), number=2)
    assert [length(text) for text in ["a", "a", "\ud800", "a", "ccc", "ccc", "a"]] == [1, 1, 1, 1, 3, 3, 1]
    assert lengths.asked == ["a", "\ud800", "ccc", "a"]


@given(st.lists(st.text(max_size=6)))
def test_no_more_texts_are_remembered_than_was_said(many):
    long = RememberedByDigest(len, number=2)
    length = Remembered(len, number=3, longest=3, longer=long)
    assert [length(text) for text in many] == [len(text) for text in many]
    assert (length._remembered.cache_info().currsize <= 3, len(long._remembered) <= 2) == (True, True)


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

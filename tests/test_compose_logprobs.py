"""Log probabilities: made up, but always such as a model could have."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kaizen_eval.fake.model.completion import Choice, Completion
from kaizen_eval.fake.model.logprobs import TokenLogprob, token_logprobs

tokens = st.lists(
    st.sampled_from([b"The", b" the", b" cat", b"42", b"7", b".", b"{", b"\xf0\x9f", b"\n\n", b" \xd0"])
    | st.binary(min_size=1, max_size=5),
    max_size=5,
)
tops = st.integers(0, 20)
keys = st.text(max_size=5)


@given(tokens, keys, tops)
def test_each_token_always_has_its_own_entry(tokens, key, top):
    assert [bytes(entry.bytes) for entry in token_logprobs(tokens, key=key, top=top)] == tokens


@given(tokens, keys, tops)
def test_there_are_always_as_many_alternatives_as_are_asked_for_and_the_chosen_token_is_the_first(tokens, key, top):
    for entry in token_logprobs(tokens, key=key, top=top):
        assert len(entry.top) == top
        assert entry.top[:1] == ((entry._replace(top=()),) if top else ())


@given(tokens, keys, tops)
def test_alternatives_are_always_distinct_and_ever_less_likely(tokens, key, top):
    for entry in token_logprobs(tokens, key=key, top=top):
        assert len({other.bytes for other in entry.top}) == len({other.token for other in entry.top}) == top
        values = [other.logprob for other in entry.top]
        assert values == sorted(values, reverse=True)
        assert len(set(values)) == top


@given(tokens, keys, tops)
def test_probabilities_never_add_up_to_more_than_one(tokens, key, top):
    for entry in token_logprobs(tokens, key=key, top=top):
        assert -9999 < entry.logprob < 0
        assert math.fsum(math.exp(other.logprob) for other in entry.top) <= 1


@given(tokens, keys, tops)
def test_fewer_alternatives_are_always_the_first_of_more(tokens, key, top):
    fewer, more = (token_logprobs(tokens, key=key, top=count) for count in (top, 20))
    assert [entry.top for entry in fewer] == [entry.top[:top] for entry in more]


@given(tokens, tokens, keys)
def test_what_comes_after_a_token_never_changes_it(before, after, key):
    assert token_logprobs(before, key=key, top=2) == token_logprobs(before + after, key=key, top=2)[: len(before)]


def test_more_alternatives_than_the_real_service_gives_are_not_given():
    assert len(token_logprobs([b"a"], key="", top=99)[0].top) == 20


@pytest.mark.parametrize(
    ("token", "shown"),
    [(b" caf\xc3\xa9", " café"), (b"\xf0\x9f", "\\xf0\\x9f"), (b" \xd0", "\\x20\\xd0"), (b"\n", "\n")],
)
def test_a_part_of_a_character_is_shown_as_its_bytes(token, shown):
    assert token_logprobs([token], key="", top=0)[0].token == shown


def test_log_probabilities_print_the_same_everywhere():
    assert token_logprobs([b" cat"], key="1", top=2) == (
        TokenLogprob(
            " cat",
            (32, 99, 97, 116),
            -0.667923,
            (TokenLogprob(" cat", (32, 99, 97, 116), -0.667923), TokenLogprob(" or", (32, 111, 114), -1.353399)),
        ),
    )


def test_models_are_mostly_sure_and_now_and_then_are_not():
    sure = sorted(math.exp(token_logprobs([b"a"], key=str(number), top=0)[0].logprob) for number in range(200))
    assert (sure[0] < 0.6, sure[100] > 0.9) == (True, True)


def test_a_completion_has_log_probabilities_for_its_text_and_its_refusal():
    choices = (Choice(text="one two"), Choice(text="one two"), Choice(refusal="one two"))
    completion = Completion(mark="a", choices=choices)
    first, second, refused = (completion.logprobs(index, 1) for index in range(3))
    assert [[entry.token for entry in entries] for entries in (*first, *second, *refused)] == [
        ["one ", "two"],
        [],
        ["one ", "two"],
        [],
        [],
        ["one ", "two"],
    ]
    assert first[0] != second[0]

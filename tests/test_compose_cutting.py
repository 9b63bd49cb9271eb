"""Where a text ends: at the last token that may be taken, or before a stop sequence."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kaizen_eval.fake.model.cutting import Allowance, before_stop, within
from kaizen_eval.messages import ToolCall
from kaizen_eval.metrics.tokens import ESTIMATE, call_tokens, encoding_of


class Greedy:
    """Tokens of a given vocabulary, the longest that fits first, and single bytes for the rest."""

    name = "greedy"
    is_exact = True

    def __init__(self, *vocabulary: bytes) -> None:
        self.vocabulary = sorted(vocabulary, key=len, reverse=True)

    def count(self, text: str) -> int:
        return len(self.split(text))

    def split(self, text: str) -> tuple[bytes, ...]:
        data, tokens = text.encode("utf-8", "surrogatepass"), []
        while data:
            token = next((known for known in self.vocabulary if data.startswith(known)), data[:1])
            tokens.append(token)
            data = data.removeprefix(token)
        return tuple(tokens)


WORDS = Greedy(b"to=functions.", b"The", b" cat", b" sat", b" on", b" the", b" mat", b"ab\xf0", b"\xf0\x9f", b"\xd0")
ENCODINGS = [ESTIMATE, WORDS, encoding_of("gpt-4o"), encoding_of("gpt-4")]
texts = st.text(st.sampled_from("ab the.\n🕰é中1я\ud800"), max_size=30) | st.text(max_size=30)
encodings = st.sampled_from(ENCODINGS)
limits = st.none() | st.integers(0, 12)
stops = st.lists(st.text(st.sampled_from("ab t"), max_size=2), max_size=3).map(tuple)
calls = st.lists(st.builds(ToolCall, st.just(""), texts, texts), max_size=3)


@given(texts, st.integers(0, 40), encodings)
def test_what_is_cut_is_always_a_beginning_with_no_more_tokens_than_allowed(text, tokens, encoding):
    cut = within(text, tokens, encoding)
    assert text.startswith(cut)
    assert encoding.count(cut) <= tokens


@given(texts, encodings)
def test_a_text_with_room_enough_is_never_cut(text, encoding):
    assert within(text, encoding.count(text), encoding) == text


@given(texts, st.integers(0, 40), encodings)
def test_what_is_cut_is_always_written_in_whole_characters(text, tokens, encoding):
    cut = within(text, tokens, encoding)
    held = b"".join(encoding.split(text)[:tokens])
    assert held.startswith(cut.encode("utf-8", "surrogatepass"))


@pytest.mark.parametrize(
    ("tokens", "cut"),
    [(0, ""), (1, "The"), (2, "The cat"), (6, "The cat sat on the mat"), (99, "The cat sat on the mat")],
)
def test_a_text_is_cut_after_a_token(tokens, cut):
    assert within("The cat sat on the mat", tokens, WORDS) == cut


@pytest.mark.parametrize(("tokens", "cut"), [(1, ""), (2, "ab"), (3, "ab"), (4, "ab😀")])
def test_a_token_that_ends_within_a_character_is_left_out_with_it(tokens, cut):
    """Without the rest of its token, "ab" is two tokens: more than one may be."""
    assert (within("ab😀", tokens, WORDS), WORDS.count("ab")) == (cut, 2)


@pytest.mark.parametrize(
    ("stops", "said"),
    [((), None), (("x",), None), (("",), None), (("c",), "ab"), (("d", "bc"), "a"), (("a",), "")],
)
def test_the_first_stop_sequence_ends_a_text(stops, said):
    assert before_stop("abcd", stops) == said


@given(texts, stops, limits, encodings)
def test_a_stop_sequence_is_never_said(text, stops, left, encoding):
    said = Allowance(encoding, left, stops).say(text)
    assert [stop for stop in stops if stop and stop in said] == []


@given(texts, texts, calls, stops, limits, st.integers(0, 20), encodings)
def test_what_is_taken_is_always_what_is_said_and_never_more_than_was_left(  # noqa: PLR0917 - one for each field
    text, refusal, calls, stops, left, reasoning, encoding
):
    allowance = Allowance(encoding, left, stops)
    thought = allowance.reason(reasoning)
    said = [allowance.say(text), allowance.say(refusal)]
    made = allowance.call(calls)
    called = sum(call_tokens(call, encoding) for call in made)
    assert allowance.taken == sum(map(encoding.count, said)) + called
    assert left is None or (thought + allowance.taken <= left and thought + allowance.taken + allowance.left == left)


@given(texts, texts, calls, limits, encodings)
def test_nothing_is_lost_unless_the_tokens_run_out(text, refusal, calls, left, encoding):
    allowance = Allowance(encoding, left)
    said = (allowance.say(text), allowance.say(refusal), allowance.call(calls))
    assert (allowance.ended is None) == (said == (text, refusal, tuple(calls)))


def ended(*, left=None, stops=(), text=None, calls=()):
    """What is said with what is left, and why it ends."""
    allowance = Allowance(WORDS, left, stops)
    return allowance.say(text), allowance.call(calls), allowance.ended


CAT = ToolCall("", " cat", " on the mat")


@pytest.mark.parametrize(
    ("left", "made", "why"),
    [
        (0, (), "length"),
        (1, (), "length"),
        (2, (ToolCall("", " cat", ""),), "length"),
        (4, (ToolCall("", " cat", " on the"),), "length"),
        (5, (CAT,), "length"),
        (7, (CAT, ToolCall("", " cat", "")), "length"),
        (10, (CAT, CAT), None),
        (None, (CAT, CAT), None),
    ],
)
def test_calls_are_made_while_tokens_last_and_the_last_one_breaks_off(left, made, why):
    assert ended(left=left, calls=(CAT, CAT)) == (None, made, why)


def test_a_call_whose_name_does_not_fit_is_not_made():
    assert ended(left=2, calls=(ToolCall("", " cat sat", "{}"),)) == (None, (), "length")


def test_after_a_stop_sequence_no_tool_is_called():
    assert ended(stops=(" on",), text="The cat sat on the mat", calls=(CAT,)) == ("The cat sat", (), "stop")


def test_after_a_stop_sequence_nothing_more_is_said():
    allowance = Allowance(WORDS, None, ("cat",))
    assert [allowance.say("The cat"), allowance.say("The mat"), allowance.say(None)] == ["The ", "", None]


@pytest.mark.parametrize(("left", "thought", "why"), [(4, 4, "length"), (5, 5, None), (6, 5, None), (None, 5, None)])
def test_reasoning_that_fits_to_the_last_token_is_not_cut(left, thought, why):
    allowance = Allowance(WORDS, left)
    assert (allowance.reason(5), allowance.ended) == (thought, why)


def test_a_stop_sequence_that_the_tokens_do_not_reach_is_none():
    assert ended(left=3, stops=("mat",), text="The cat sat on the mat") == ("The cat sat", (), "length")


def test_a_stop_sequence_that_the_last_token_completes_ends_the_text():
    assert ended(left=3, stops=(" sat",), text="The cat sat on the mat") == ("The cat", (), "stop")

"""WindowMemory shows the newest whole turns that fit into its tokens, counted as they are billed."""

from __future__ import annotations

import pytest
from doubles import Scripted, answer
from hypothesis import given
from hypothesis import strategies as st
from turns import recall, remember, turn, turn_with_tools, turns

from kaizen_eval import BaseAgent, BufferMemory, InputField, OutputField, Signature, SqliteMemory, WindowMemory
from kaizen_eval.errors import ConfigError
from kaizen_eval.memory import Memory
from kaizen_eval.memory.fitting import newest_within, tokens_of
from kaizen_eval.messages import ChatRequest
from kaizen_eval.metrics.tokens import encoding_of, prompt_tokens

MODELS = st.sampled_from(["gpt-4o", "gpt-4", "unheard-of", None])
JAPANESE = "こんにちは、世界。お元気ですか。"
"""Fewer tokens for gpt-4o than for gpt-4."""


class Chat(Signature):
    """Talk with the user."""

    message: str = InputField()
    reply: str = OutputField()


def tokens(*turns, model="gpt-4o"):
    return sum(tokens_of(turn, model=model) for turn in turns)


def billed(turns, model):
    messages = tuple(message for turn in turns for message in turn.messages)
    return prompt_tokens(ChatRequest(model=model, messages=messages), encoding_of(model))


@given(st.lists(turns, max_size=6), st.integers(0, 200), MODELS)
def test_what_is_shown_always_fits_and_one_turn_more_never_would(session, limit, model):
    shown = newest_within(session, limit, model=model)
    hidden = session[: len(session) - len(shown)]
    assert list(shown) == session[len(hidden) :]
    assert tokens(*shown, model=model) <= limit
    assert not hidden or tokens(hidden[-1], *shown, model=model) > limit


dialogues = st.lists(st.builds(turn_with_tools, st.text(max_size=20), st.text(max_size=20)), max_size=5)


@given(dialogues, dialogues, MODELS)
def test_turns_always_count_as_much_as_they_add_to_the_bill_of_a_prompt(earlier, later, model):
    assert billed([*earlier, *later], model) - billed(earlier, model) == tokens(*later, model=model)


@given(dialogues, st.integers(1, 200))
def test_a_result_of_a_tool_is_never_shown_without_its_call(session, limit):
    memory = WindowMemory(limit, model="gpt-4o")
    remember(memory, "s", *session)
    messages = [message for turn in recall(memory, "s") for message in turn.messages]
    called = [call.id for message in messages for call in message.tool_calls]
    answered = [message.tool_call_id for message in messages if message.role == "tool"]
    assert (called, [message.role for message in messages[:1]]) == (answered, ["user"][: len(messages)])


@given(st.lists(st.tuples(st.sampled_from("ab"), turns), max_size=8), st.integers(1, 100))
def test_dropping_what_no_longer_fits_never_changes_what_is_shown(said, limit):
    dropping, keeping = WindowMemory(limit, model="gpt-4o"), WindowMemory(limit, model="gpt-4o", store=BufferMemory())
    for session, one in said:
        remember(dropping, session, one)
        remember(keeping, session, one)
        assert recall(dropping, session) == recall(keeping, session)


def test_what_no_longer_fits_is_dropped():
    memory = WindowMemory(tokens(turn("b"), turn("c")), model="gpt-4o")
    remember(memory, "s", "a", "b", "c")
    assert recall(memory._own, "s") == (turn("b"), turn("c"))


def test_a_store_of_ones_own_keeps_all(tmp_path):
    store = SqliteMemory(tmp_path / "sessions")
    memory = WindowMemory(tokens(turn("b"), turn("c")), model="gpt-4o", store=store)
    remember(memory, "s", "a", "b", "c")
    assert (recall(memory, "s"), len(recall(store, "s"))) == ((turn("b"), turn("c")), 3)
    store.close()


def test_of_a_newest_turn_that_alone_is_too_long_nothing_is_shown_and_later_turns_are():
    memory = WindowMemory(50, model="gpt-4o")
    remember(memory, "s", "short", "very " * 100)
    assert recall(memory, "s") == ()
    remember(memory, "s", "short again")
    assert recall(memory, "s") == (turn("short again"),)


def test_the_least_recently_used_session_is_forgotten():
    memory = WindowMemory(1000, max_sessions=2)
    for session in "abac":
        remember(memory, session, session)
    assert [len(recall(memory, session)) for session in "abc"] == [2, 0, 1]


def shown_to(model, memory):
    """What an agent of this model shows of the session, beside the system message and the new input."""
    provider = Scripted(answer(reply="Hi"))
    BaseAgent({"model": model}, provider=provider, signature=Chat, memory=memory).run("s", message="Hello")
    return len(provider.requests[0].messages) - 2


def of_japanese(**settings):
    store = BufferMemory()
    remember(store, "s", JAPANESE)
    return WindowMemory(tokens(turn(JAPANESE), model="gpt-4o"), store=store, **settings)


def test_the_model_of_the_agent_counts():
    assert (shown_to("gpt-4o", of_japanese()), shown_to("gpt-4", of_japanese())) == (2, 0)


def test_a_model_that_is_named_goes_before_the_agents():
    assert shown_to("gpt-4", of_japanese(model="gpt-4o")) == 2


def test_an_unknown_model_is_counted_by_the_estimate():
    memory = WindowMemory(tokens(turn("a"), turn("b"), model=None))
    remember(memory, "s", "z", "a", "b")
    assert recall(memory, "s") == (turn("a"), turn("b"))


def test_a_window_in_a_window_is_counted_by_the_agents_model_too():
    shown = [shown_to(model, WindowMemory(10_000, store=of_japanese())) for model in ("gpt-4o", "gpt-4", None)]
    assert shown == [2, 0, 0]


def test_max_turns_of_the_config_still_cuts():
    memory = WindowMemory(10_000)
    remember(memory, "s", "a", "b", "c")
    provider = Scripted(answer(reply="Hi"))
    BaseAgent({"max_turns": 1}, provider=provider, signature=Chat, memory=memory).run("s", message="Hello")
    assert provider.asked() == [("user", "c"), ("assistant", "re: c"), ("user", "message: Hello")]


def test_an_agent_gives_its_runs_the_window_and_keeps_the_memory_that_it_was_given():
    memory = WindowMemory(1000)
    assert BaseAgent(memory=memory).memory is memory
    assert isinstance(memory, Memory)


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"max_tokens": 0}, "max_tokens must be at least 1, not 0"),
        ({"max_tokens": "many"}, "max_tokens must be a whole number, not 'many'"),
        ({"max_tokens": 9, "model": 4}, "model must be text, not 4"),
        ({"max_tokens": 9, "max_sessions": 0}, "max_sessions must be at least 1, not 0"),
        ({"max_tokens": 9, "store": BufferMemory}, r"store takes an instance, such as BufferMemory\(\)"),
        ({"max_tokens": 9, "store": []}, r"store needs the async methods load, append and clear; \[\] lacks some"),
    ],
)
def test_a_setting_that_cannot_work_is_refused(settings, said):
    with pytest.raises(ConfigError, match=said):
        WindowMemory(**settings)


def test_it_shows_what_it_is():
    assert repr(WindowMemory(900, model="gpt-4o")) == "WindowMemory(max_tokens=900, model='gpt-4o')"

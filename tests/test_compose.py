"""What a completion is made of: cut, counted, thought over, and with ids of its own."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kaizen_eval.fake.inquiry import Inquiry
from kaizen_eval.fake.model import compose
from kaizen_eval.fake.model.completion import Choice, Completion, Part, Spoken
from kaizen_eval.fake.model.compose import composed, fingerprint
from kaizen_eval.fake.model.reasoning import BLOCK, EFFORTS, reasoning_tokens, usual_effort
from kaizen_eval.fake.reply import Reply
from kaizen_eval.fake.timing.pace import Pace
from kaizen_eval.messages import ChatRequest, Message, ToolCall, Usage
from kaizen_eval.metrics.tokens import call_tokens, encoding_of, prompt_tokens

MODELS = ["m", "gpt-4o", "gpt-4", "gpt-5-mini", "o3"]
texts = st.text(st.sampled_from("ab the.\n🕰é中1я"), max_size=60)
calls = st.lists(st.builds(ToolCall, st.just(""), st.sampled_from(["look", "weather"]), texts), max_size=2)
replies = st.one_of(
    st.builds(Reply, texts),
    st.builds(Reply, refusal=texts),
    st.builds(Reply, tool_calls=calls),
    st.builds(Reply, texts, tool_calls=calls),
    st.builds(Reply, texts, finish_reason=st.sampled_from(["length", "content_filter"])),
)
efforts = st.none() | st.sampled_from([*EFFORTS])
limits = st.none() | st.integers(1, 700)
marks = st.sampled_from(["aa", "bb", "cc"])


def asked(*, choices=1, effort=None, **fields):
    request = ChatRequest(**{"model": "m", "messages": (Message("user", "hi"),)} | fields)
    return Inquiry(request=request, choices=choices, reasoning_effort=effort)


inquiries = st.builds(
    asked,
    choices=st.integers(1, 3),
    effort=efforts,
    model=st.sampled_from(MODELS),
    max_tokens=limits,
    stop=st.lists(st.sampled_from(["a", "the", ".", ""]), max_size=2).map(tuple),
)


def made(reply, inquiry=None, *, mark="aa", pace=None):
    said = reply if isinstance(reply, list) else [reply if isinstance(reply, Reply) else Reply(reply)]
    return composed(said, inquiry or asked(), mark=mark, pace=pace or Pace())


def said(choice):
    """All that a choice says, in order."""
    parts = [choice.text or "", choice.refusal or ""]
    return parts + [part for call in choice.tool_calls for part in (call.name, call.arguments)]


def unlimited(inquiry):
    return replace(inquiry, request=replace(inquiry.request, max_tokens=None))


@given(replies, inquiries, marks)
def test_the_same_reply_to_the_same_request_is_always_the_same_completion(reply, inquiry, mark):
    completion = made(reply, inquiry, mark=mark)
    made("something else", asked(model="o1"), mark="other")
    assert made(reply, inquiry, mark=mark) == completion


@given(replies, inquiries)
def test_what_a_limit_leaves_is_always_a_beginning_with_no_more_tokens_than_it_allows(reply, inquiry):
    encoding = encoding_of(inquiry.request.model)
    for cut, whole in zip(made(reply, inquiry).choices, made(reply, unlimited(inquiry)).choices, strict=True):
        assert "".join(said(whole)).startswith("".join(said(cut)))
        spoken = sum(map(encoding.count, (cut.text or "", cut.refusal or "")))
        called = sum(call_tokens(call, encoding) for call in cut.tool_calls)
        assert cut.reasoning + spoken + called <= (inquiry.request.max_tokens or 10**6)


@given(replies, inquiries)
def test_the_finish_reason_is_always_length_where_a_limit_has_cut_something(reply, inquiry):
    """Without stop sequences: before one, a limit may end a text where it would have ended anyway."""
    inquiry = replace(inquiry, request=replace(inquiry.request, stop=()))
    for cut, whole in zip(made(reply, inquiry).choices, made(reply, unlimited(inquiry)).choices, strict=True):
        is_cut = (said(cut), cut.reasoning) != (said(whole), whole.reasoning)
        assert cut.finish_reason == ("length" if is_cut else whole.finish_reason)


@given(replies, inquiries)
def test_a_stop_sequence_never_stands_in_a_text_or_a_refusal(reply, inquiry):
    for choice in made(reply, inquiry).choices:
        spoken = f"{choice.text or ''}\0{choice.refusal or ''}"
        assert [stop for stop in inquiry.request.stop if stop and stop in spoken] == []


@given(replies, inquiries)
def test_what_is_billed_is_always_what_is_sent_and_thought(reply, inquiry):
    completion = made(reply, inquiry)
    spoken = sum(spoken.total for spoken in completion.spoken)
    thought = sum(choice.reasoning for choice in completion.choices)
    assert (completion.usage.completion, completion.usage.reasoning) == (spoken + thought, thought)


@given(replies, inquiries)
def test_the_tokens_of_a_choice_always_are_its_texts_and_come_one_after_the_other(reply, inquiry):
    completion = made(reply, inquiry)
    for choice, spoken in zip(completion.choices, completion.spoken, strict=True):
        parts = [spoken.text, spoken.refusal, *spoken.arguments]
        shown = [choice.text or "", choice.refusal or "", *(call.arguments for call in choice.tool_calls)]
        assert [b"".join(part.tokens).decode() for part in parts] == shown
        ends = [part.start + len(part.tokens) for part in parts]
        assert [choice.reasoning, *ends] == sorted([choice.reasoning, *ends])
        assert ends[-1] == choice.reasoning + spoken.total


@given(st.lists(replies, min_size=1, max_size=3), inquiries)
def test_no_two_calls_ever_have_the_same_id(several, inquiry):
    ids = [call.id for choice in made(several, inquiry).choices for call in choice.tool_calls]
    assert len(set(ids)) == len(ids)


# Cutting


def test_a_reply_that_is_cut_says_so():
    completion = made("The cat sat", asked(max_tokens=2))
    assert completion.choices == (Choice(text="The cat ", finish_reason="length"),)


def test_a_refusal_is_cut_like_a_text():
    completion = made(Reply(refusal="I can not say."), asked(max_tokens=1))
    assert completion.choices == (Choice(refusal="I ca", finish_reason="length"),)


def test_the_arguments_of_a_call_stay_broken_where_they_are_cut():
    completion = made(Reply(tool_calls=[{"name": "look", "arguments": {"q": 1}}]), asked(max_tokens=6))
    call = ToolCall("call_aa_0", "look", '{"q"')
    assert completion.choices == (Choice(tool_calls=(call,), finish_reason="length"),)


def test_where_nothing_fits_the_text_is_empty():
    reply = Reply(tool_calls=[{"name": "look up", "arguments": {}}])
    assert made(reply, asked(max_tokens=1)).choices == (Choice(text="", finish_reason="length"),)


def test_a_stop_sequence_ends_a_reply_in_time():
    completion = made(Reply("one. two.", finish_reason="length"), asked(stop=(" two", "x"), max_tokens=5))
    assert completion.choices == (Choice(text="one."),)


def test_what_a_reply_bills_is_billed_however_it_is_cut():
    usage = Usage(prompt=3, completion=40, cached=2, reasoning=1)
    completion = made(Reply("The cat sat", usage=usage), asked(max_tokens=2))
    assert (completion.usage, completion.choices[0].text) == (usage, "The ")


# Several choices


def test_one_reply_is_every_choice_with_ids_of_its_own():
    completion = made(Reply(tool_calls=[{"name": "a"}, {"name": "b"}]), asked(choices=2))
    assert [[call.id for call in choice.tool_calls] for choice in completion.choices] == [
        ["call_aa_0", "call_aa_1"],
        ["call_aa_1_0", "call_aa_1_1"],
    ]


def test_several_replies_are_a_choice_each():
    completion = made([Reply("one"), Reply("two")], asked(choices=3))
    assert [choice.text for choice in completion.choices] == ["one", "two", "one"]


def test_all_choices_are_billed():
    assert made("four", asked(choices=3)).usage.completion == 3


# Reasoning


@given(st.sampled_from(MODELS), st.integers().map(str))
def test_more_effort_always_thinks_longer(model, key):
    thought = [reasoning_tokens(model, effort, key=key) for effort in EFFORTS]
    assert (thought, thought[:2]) == (sorted(thought), [0, 0])
    assert len({*thought[1:]}) == len(thought) - 1
    assert {tokens % BLOCK for tokens in thought} == {0}


@pytest.mark.parametrize(
    ("model", "effort"),
    [
        ("o1", "medium"),
        ("o1-2024-12-17", "medium"),
        ("o3-mini", "medium"),
        ("o4-mini", "medium"),
        ("gpt-5", "medium"),
        ("gpt-5-mini-2025-08-07", "medium"),
        ("openai/gpt-5-nano", "medium"),
        ("gpt-5-chat-latest", "none"),
        ("gpt-5.1", "none"),
        ("gpt-50", "none"),
        ("gpt-4o", "none"),
        ("o10", "none"),
        ("o200k", "none"),
        ("fake", "none"),
        ("", "none"),
        (None, "none"),
    ],
)
def test_only_models_that_reason_do_so_unasked(model, effort):
    assert usual_effort(model) == effort


def test_any_model_reasons_when_it_is_asked_to():
    thought = [made("hi", asked(effort=effort)).usage.reasoning for effort in (None, "none", "minimal", "low")]
    assert thought[:3] == [0, 0, 0]
    assert thought[3] in (64, 128)


def test_an_unknown_effort_is_a_medium_one():
    assert reasoning_tokens("m", "heroic", key="aa") == reasoning_tokens("m", "medium", key="aa")


def test_how_long_is_thought_differs_from_request_to_request():
    assert len({made("hi", asked(effort="max"), mark=f"{number:02}").usage.reasoning for number in range(20)}) > 5


def test_how_long_is_thought_does_not_depend_on_ids_where_a_key_is_given():
    thought = [
        composed([Reply("hi")], asked(effort="max"), mark=mark, pace=Pace(), key="k").usage.reasoning
        for mark in ("aa", "bb", "cc")
    ]
    assert len({*thought}) == 1


def test_reasoning_may_use_up_all_tokens_and_leave_an_empty_text():
    completion = made("hi", asked(model="o3", max_tokens=100))
    assert (completion.choices, completion.usage.completion, completion.usage.reasoning) == (
        (Choice(text="", finish_reason="length", reasoning=100),),
        100,
        100,
    )


def test_what_reasoning_leaves_is_what_may_be_said():
    thought = reasoning_tokens("o3", None, key="aa 0")
    tokens = encoding_of("o3").count("The cat sat on the mat")
    completion = made("The cat sat on the mat", asked(model="o3", max_tokens=thought + tokens - 1))
    assert (completion.choices[0].finish_reason, completion.choices[0].reasoning) == ("length", thought)
    assert "The" in completion.choices[0].text < "The cat sat on the mat"


def test_a_reply_says_for_itself_how_long_was_thought():
    completion = made(Reply("hi", usage=Usage(1, 9, reasoning=8)), asked(model="o3"))
    assert completion.choices[0].reasoning == 8


# Time


def test_tokens_are_due_after_those_that_come_before_and_after_all_reasoning():
    choice = Choice(
        text="The cat",
        refusal="no",
        tool_calls=(ToolCall("1", "look up", '{"q": 1}'), ToolCall("2", "look", "{}")),
        reasoning=10,
    )
    completion = Completion(mark="aa", choices=(choice,), pace=Pace(first=3, per_token=0.5))
    assert completion.spoken == (
        Spoken(
            text=Part((b"The ", b"cat"), 10),
            refusal=Part((b"no",), 12),
            arguments=(Part((b'{"q"', b": 1}"), 18), Part((b"{}",), 25)),
            total=16,
        ),
    )
    assert completion.due(15) == 7.5


def test_tokens_are_counted_off_once():
    completion = made("The cat")
    assert completion.spoken is completion.spoken


@pytest.mark.parametrize(
    ("replies", "seconds"),
    [
        ([Reply("four")], 1.5),
        ([Reply("four"), Reply("four more")], 2.5),
        ([Reply("x", usage=Usage(1, 8))], 5.0),
    ],
)
def test_a_response_that_is_whole_comes_with_the_last_token_of_its_longest_choice(replies, seconds):
    assert made(replies, asked(choices=len(replies)), pace=Pace(first=1, per_token=0.5)).seconds == seconds


def test_choices_that_take_no_time_for_a_token_come_with_the_first():
    assert made("hi", asked(choices=2), pace=Pace(first=1)).seconds == 1


# What stands beside the choices


def test_a_fingerprint_is_told_apart_by_fake_model_and_seed():
    prints = [fingerprint(model, seed, asked) for model in ("m", "gpt-4o") for seed in (0, 1) for asked in (None, 0, 1)]
    assert len({*prints}) == 12
    assert [one for one in prints if not re.fullmatch("fp_[0-9a-f]{10}", one)] == []


def test_a_completion_bears_the_fingerprint_of_its_fake():
    completion = composed([Reply("hi")], asked(seed=7), mark="aa", pace=Pace(), seed=3)
    assert completion.fingerprint == fingerprint("m", 3, 7) == fingerprint("m", 3, 7)


def test_where_no_model_speaks_what_is_read_is_billed():
    read = replace(asked(model="text-embedding-3-small"), endpoint="embeddings")
    counted = replace(read, prompt_tokens=7)
    billed = [compose.silent(inquiry, mark="aa", pace=Pace()).usage for inquiry in (read, counted)]
    assert billed == [Usage(prompt=1), Usage(prompt=7)]


@given(inquiries)
def test_a_prompt_is_always_billed_with_all_that_stands_around_its_messages(inquiry):
    encoding = encoding_of(inquiry.request.model)
    asked_for = [made("hi", inquiry).usage.prompt, compose.silent(inquiry, mark="aa", pace=Pace()).usage.prompt]
    assert asked_for == [prompt_tokens(inquiry.request, encoding)] * 2


def test_what_a_conversation_has_sent_before_is_billed_as_cached():
    long = Message("user", "word " * 3000)
    turns = (long, Message("assistant", "Yes."), Message("user", "And?"))
    usage = made("hi", asked(model="gpt-4o", messages=turns)).usage
    assert 1024 <= usage.cached < usage.prompt
    assert made("hi", asked(model="gpt-4o", messages=(long,))).usage.cached == 0


def test_a_call_costs_the_same_when_it_is_made_and_when_it_is_read_again():
    inquiry = asked(model="gpt-4o")
    completion = made(Reply(tool_calls=[{"name": "look", "arguments": {"q": "where?"}}]), inquiry)
    heard = Message("assistant", "", completion.choices[0].tool_calls)
    again = made("hi", asked(model="gpt-4o", messages=(*inquiry.request.messages, heard)))
    silence = made("hi", asked(model="gpt-4o", messages=(*inquiry.request.messages, replace(heard, tool_calls=()))))
    assert completion.usage.completion == again.usage.prompt - silence.usage.prompt

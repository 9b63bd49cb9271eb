"""What is usual is never refused, and what a tool loop sends is usual."""

from __future__ import annotations

from dataclasses import replace

import pytest
from chat_asking import HELLO, SCHEMA, TOOL, requests
from hypothesis import example, given
from hypothesis import strategies as st

from kaizen_eval.fake.wire.chat.request import decode_inquiry
from kaizen_eval.fake.wire.chat.usual import is_usual
from kaizen_eval.fake.wire.errors import Rejection
from kaizen_eval.llm.wire import encode_request
from kaizen_eval.messages import ChatRequest, Message, ToolCall

CALL = ToolCall("c1", "look", "{}")
OTHER = ToolCall("c2", "look", "{}")
USER = Message("user", "hello")
ASKED = Message("assistant", "", (CALL, OTHER))
TOLD = Message("tool", "1", (), "c1")
TOLD_OTHER = Message("tool", "2", (), "c2")

messages = st.builds(
    Message,
    st.sampled_from(["system", "user", "assistant", "tool", "function", "?"]),
    st.sampled_from(["", "hello", None]),
    st.sampled_from([(), (CALL,), (CALL, OTHER), (CALL, CALL), (ToolCall("x" * 41, "look", "{}"),)]),
    st.sampled_from([None, "c1", "c2"]),
)


def of(*said: Message) -> ChatRequest:
    return ChatRequest(model="m", messages=said)


def is_taken(request: ChatRequest) -> bool:
    try:
        decode_inquiry(encode_request(request))
    except Rejection:
        return False
    return True


@given(st.lists(messages | st.sampled_from([USER, ASKED, TOLD, TOLD_OTHER]), max_size=5), st.booleans())
@example([], False)
@example([TOLD], False)
@example([ASKED, TOLD], False)
@example([ASKED, TOLD, TOLD], False)
@example([ASKED, TOLD, USER, TOLD_OTHER], False)
@example([Message("user", None)], False)
@example([Message("assistant", "", (CALL, CALL)), TOLD, TOLD], False)
@example([Message("user", "", (CALL,)), TOLD], False)
@example([Message("assistant", "", (CALL,), "c1"), TOLD], False)
@example([Message("assistant", "", (CALL,)), Message("tool", "1", (CALL,), "c1")], False)
@example([Message("assistant", "", (ToolCall("x" * 41, "look", "{}"),)), Message("tool", "1", (), "x" * 41)], False)
def test_what_is_usual_is_never_refused(said, stream):
    request = replace(of(*said), stream=stream)
    assert not is_usual(request) or is_taken(request)


@given(requests)
def test_what_is_sent_is_taken_where_it_is_usual(request):
    assert not is_usual(request) or is_taken(request)


@pytest.mark.parametrize("stream", [False, True])
def test_a_tool_loop_is_usual_once_its_schemas_are_known(stream):
    request = replace(
        of(USER, ASKED, TOLD, TOLD_OTHER, USER),
        tools=(TOOL,),
        output_mode="schema",
        output_schema=SCHEMA,
        stream=stream,
    )
    assert is_taken(request)
    assert is_usual(request)


@pytest.mark.parametrize(
    "call",
    [ToolCall(1, "look", "{}"), ToolCall("c1", 1, "{}"), ToolCall("c1", "look", {}), ToolCall("c1", "look", None)],
)
def test_a_call_that_is_no_text_is_looked_at(call):
    assert not is_usual(of(USER, Message("assistant", "", (call,)), Message("tool", "1", (), call.id)))


def test_a_plain_question_is_usual():
    assert is_usual(of(Message("user", HELLO["messages"][0]["content"])))

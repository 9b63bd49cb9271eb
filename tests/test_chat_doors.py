"""What the service refuses is refused at every door, in the same words, before the script is asked."""

from __future__ import annotations

import math

import pytest
from chat_asking import SCHEMA, TOOL
from fake_asking import ask_all, asking

from kaizen_eval.errors import RequestRejected, UsageError
from kaizen_eval.fake import FakeLLM
from kaizen_eval.messages import ChatRequest, Message, ToolCall

CALLS = Message("assistant", "", (ToolCall("c1", "look", "{}"),))


def told(request: ChatRequest, door: str) -> tuple[object, ...]:
    """Everything that a caller can see of how it is refused, and the journal."""
    fake = FakeLLM().otherwise("never said")
    [came] = ask_all(fake, request, door=door)
    fake.assert_attempts(0)
    return type(came), str(came), vars(came), fake.journal.exchanges


@pytest.mark.parametrize(
    "request_",
    [
        asking(temperature=3),
        asking(temperature="hot"),
        asking(top_p=2),
        asking(max_tokens=0),
        asking(seed=2**63),
        asking(stop=tuple("abcde")),
        asking(output_mode="json"),
        asking(output_mode="schema", output_schema=SCHEMA | {"required": []}),
        asking(tools=(TOOL, {"type": "function", "function": {"name": "a b"}})),
        asking("ü", Message("robot", "hi")),
        asking("hi", CALLS),
        asking("hi", Message("tool", "seen", (), "c1")),
        asking("hi", Message("user", "seen", (), "c1")),
        ChatRequest(model="m", messages=()),
    ],
)
def test_a_request_that_is_refused_is_refused_alike_behind_both_doors(request_):
    refused = told(request_, "direct")
    [exchange] = refused[-1]
    assert (refused[0], exchange.outcome, exchange.error) == (RequestRejected, "refused", "RequestRejected")
    assert (exchange.refused.asked, exchange.refused.status) == ("POST /v1/chat/completions", 400)
    assert exchange.refused.message in refused[1]
    assert told(request_, "sdk") == refused


@pytest.mark.parametrize("door", ["direct", "sdk"])
def test_what_cannot_be_written_is_the_callers_mistake_rather_than_refused(door):
    kind, words, _, exchanges = told(asking(temperature=math.nan), door)
    assert (kind, "cannot be written as JSON" in words, exchanges) == (UsageError, True, ())


def test_tools_schemas_and_tool_loops_are_let_through():
    answered = asking("hi", CALLS, Message("tool", "seen", (), "c1"), tools=(TOOL,), stop=("END",), top_p=1)
    strict = asking("hi", output_mode="schema", output_schema=SCHEMA, temperature=0)
    [*replies] = ask_all(FakeLLM().otherwise("hello"), answered, strict, asking("as json", output_mode="json"))
    assert [reply.text for reply in replies] == ["hello"] * 3

"""Execution with memory: what the model is shown of a session, turn by turn."""

from __future__ import annotations

import asyncio
import json

import pytest
from cases import Dialogue, cases
from example_agents import ChatAgent, ChatSignature, MemoryConfig, QAAgent

from kaizen_eval import BaseAgent, BufferMemory, errors
from kaizen_eval.messages import Message


def said(turns):
    """Earlier turns as a request repeats them."""
    return [
        message
        for asked, answered in turns
        for message in (
            Message("user", f"message: {asked}"),
            Message("assistant", json.dumps({"reply": answered})),
        )
    ]


def shown(request):
    """What a request holds beside the system message."""
    return [message for message in request.messages if message.role != "system"]


def take(agent, llm, turn):
    llm.reset()
    if "fault" in turn:
        llm.fail(turn["fault"]).times(turn.get("times", 99))
    llm.otherwise({"reply": turn.get("reply", "")})
    if "error" in turn:
        with pytest.raises(getattr(errors, turn["error"])):
            agent.run(message=turn["message"], session_id=turn["session"])
    else:
        agent.run(message=turn["message"], session_id=turn["session"])


@pytest.mark.parametrize("dialogue", cases("dialogues.json", Dialogue))
def test_each_request_shows_its_own_sessions_finished_turns(kaizen_llm, kaizen_agent, dialogue):
    agent = kaizen_agent(ChatAgent, max_turns=dialogue.max_turns)
    for turn in dialogue.turns:
        take(agent, kaizen_llm, turn)
        for request in kaizen_llm.journal.requests:
            assert shown(request) == [*said(turn["shown"]), Message("user", f"message: {turn['message']}")]


def test_the_model_can_answer_from_what_was_said_before(kaizen_llm):
    def who(request):
        return {"reply": "Alice" if any("Alice" in message.content for message in request.messages) else "nobody"}

    kaizen_llm.otherwise(who)
    agent = ChatAgent(MemoryConfig())
    agent.chat("My name is Alice", session_id="user123")
    assert agent.chat("What's my name?", session_id="user123")["reply"] == "Alice"
    assert agent.chat("What's my name?", session_id="user456")["reply"] == "nobody"


def test_a_conversation_builds_on_itself(kaizen_llm):
    kaizen_llm.script([{"reply": reply} for reply in "123"])
    results = ChatAgent(MemoryConfig()).conversation(["a", "b", "c"], session_id="s")
    assert [result["reply"] for result in results] == ["1", "2", "3"]
    assert shown(kaizen_llm.journal.requests[-1]) == [*said([("a", "1"), ("b", "2")]), Message("user", "message: c")]


def test_without_max_turns_nothing_is_remembered_and_no_session_is_named(kaizen_llm):
    agent = ChatAgent()
    results = agent.conversation(["a", "b"], session_id="s")
    assert (shown(kaizen_llm.journal.requests[-1]), "_session_id" in results[-1]) == (
        [Message("user", "message: b")],
        False,
    )


def test_the_session_id_is_in_the_result_and_never_in_the_prompt(kaizen_llm):
    result = ChatAgent(MemoryConfig()).chat("Hello", session_id="user-123-secret")
    assert result["_session_id"] == "user-123-secret"
    kaizen_llm.assert_not_asked("user-123-secret")


def test_overlapping_sessions_stay_apart(kaizen_llm):
    kaizen_llm.otherwise(lambda request: {"reply": f"to {request.messages[-1].content}"})
    agent = ChatAgent(MemoryConfig())
    items = [{"message": f"{who} says {n}", "session_id": who} for n in range(4) for who in ("ann", "bob", "cy")]
    agent.run_batch(items, max_concurrency=12)
    kaizen_llm.assert_sessions_isolated()
    lengths: dict[str | None, list[int]] = {}
    for request in kaizen_llm.journal.requests:
        lengths.setdefault(request.session_id, []).append(len(shown(request)))
    assert lengths == {who: [1, 3, 5, 7] for who in ("ann", "bob", "cy")}


@pytest.mark.asyncio
async def test_runs_of_one_session_take_turns_and_other_sessions_do_not_wait(kaizen_llm):
    kaizen_llm.fail("hang").times(1)
    kaizen_llm.otherwise({"reply": "ok"})
    agent = ChatAgent({"max_turns": 10, "retries": 0, "request_timeout": 5})
    runs = [agent.run_async(who, message=text) for who, text in [("a", "1"), ("a", "2"), ("b", "3")]]
    first, second, other = await asyncio.gather(*runs, return_exceptions=True)
    assert (type(first), second["_timing"], other["_timing"]) == (errors.AttemptTimeout, 5000.0, 0.0)


def test_the_least_recently_used_session_is_forgotten_first(kaizen_llm):
    agent = ChatAgent({"max_turns": 10, "max_sessions": 2})
    for session in ("a", "b", "a", "c", "a", "b"):
        agent.chat("Hello", session_id=session)
    assert [len(shown(request)) for request in kaizen_llm.journal.requests] == [1, 1, 3, 1, 5, 1]


def test_two_agents_may_share_a_memory(kaizen_llm):
    kaizen_llm.otherwise({"reply": "Hello"})
    memory = BufferMemory()
    for message in ("I am Alice", "Who am I?"):
        BaseAgent(signature=ChatSignature, memory=memory).run(message=message, session_id="s")
    assert shown(kaizen_llm.journal.requests[-1])[0] == Message("user", "message: I am Alice")


def test_agents_do_not_share_a_memory_unless_told_to(kaizen_llm):
    for agent in (ChatAgent(MemoryConfig()), ChatAgent(MemoryConfig())):
        agent.chat("Hello", session_id="s")
    assert [len(shown(request)) for request in kaizen_llm.journal.requests] == [1, 1]


@pytest.mark.parametrize("session_id", ["", 7])
def test_a_session_id_that_is_no_name_is_refused(kaizen_llm, session_id):
    with pytest.raises(errors.InputError, match="session_id"):
        QAAgent({"max_turns": 10}).run(question="Why?", session_id=session_id)
    kaizen_llm.assert_attempts(0)

"""Long sessions: what the model is still shown of them, and what outlives the process."""

from __future__ import annotations

import dataclasses
import json

import pytest
from example_agents import ChatAgent, ChatSignature
from hypothesis import given, settings
from hypothesis import strategies as st

from kaizen_eval import BaseAgent, Budget, SqliteMemory, SummaryMemory, WindowMemory, errors
from kaizen_eval.fake import Reply
from kaizen_eval.messages import Message
from kaizen_eval.metrics.tokens import encoding_of, prompt_tokens

MODEL = "gpt-4o"
SUMMARY = "Summary of our conversation so far:\nThe user likes tea."


def history(request):
    """What a request shows between the system message and the new input."""
    return request.messages[1:-1]


def history_tokens(exchange):
    """What the history added to the bill."""
    request = exchange.request
    alone = dataclasses.replace(request, messages=(request.messages[0], request.messages[-1]))
    return exchange.usage.prompt - prompt_tokens(alone, encoding_of(MODEL))


def questions(request):
    """What the user said, as far as the request shows it."""
    return [message.content.removeprefix("message: ") for message in request.messages if message.role == "user"]


def shown(llm):
    return questions(llm.journal.requests[-1])


def talk(agent, *messages, session="s"):
    return [agent.run(session, message=message) for message in messages]


def sums_up(llm, *, reply="ok"):
    llm.when(system="Sum up a conversation").reply({"summary": "The user likes tea."})
    llm.otherwise({"reply": reply})


@pytest.fixture
def file(tmp_path):
    """Makes memories of one file, as one process after the other would."""
    made = []

    def make(**bounds):
        made.append(SqliteMemory(tmp_path / "sessions.db", **bounds))
        return made[-1]

    yield make
    for memory in made:
        memory.close()


# --- a window of tokens -----------------------------------------------------------------------------------------------


def test_the_history_never_costs_more_than_its_window(kaizen_llm, kaizen_agent):
    kaizen_llm.otherwise({"reply": "That is a good question, and I have to think about it."})
    agent = kaizen_agent(ChatAgent, model=MODEL, memory=WindowMemory(100))
    talk(agent, *(f"Question {n}: what is {n} times {n}?" for n in range(8)))
    costs = [history_tokens(exchange) for exchange in kaizen_llm.journal.exchanges]
    assert costs == [0, 41, 82, 82, 82, 82, 82, 82]


def test_the_oldest_turns_go_first_and_the_system_message_never(kaizen_llm, kaizen_agent):
    kaizen_llm.otherwise({"reply": "ok"})
    agent = kaizen_agent(ChatAgent, model=MODEL, memory=WindowMemory(50))
    talk(agent, "one", "two", "three", "four", "five")
    assert [questions(request) for request in kaizen_llm.journal.requests] == [
        ["one"],
        ["one", "two"],
        ["one", "two", "three"],
        ["two", "three", "four"],
        ["three", "four", "five"],
    ]
    assert {request.messages[0].role for request in kaizen_llm.journal.requests} == {"system"}


def test_a_turn_that_alone_is_too_long_is_not_shown_and_the_session_goes_on(kaizen_llm, kaizen_agent):
    kaizen_llm.otherwise({"reply": "ok"})
    agent = kaizen_agent(ChatAgent, model=MODEL, memory=WindowMemory(60))
    talk(agent, "short", "very " * 200 + "long", "again", "and again")
    assert [len(history(request)) // 2 for request in kaizen_llm.journal.requests] == [0, 1, 0, 1]
    assert shown(kaizen_llm) == ["again", "and again"]


def search(query: str) -> str:
    """Look something up."""
    return f"All about {query}. " * 5


def test_a_call_of_a_tool_never_stands_without_its_result(kaizen_llm, kaizen_agent):
    calls = [{"name": "search", "arguments": {"query": query}} for query in ("tea", "cake")]
    kaizen_llm.when(tool_result="All about").reply({"reply": "Both are nice."})
    kaizen_llm.otherwise(Reply(tool_calls=calls))
    agent = kaizen_agent(signature=ChatSignature, tools=[search], model=MODEL, memory=WindowMemory(200))
    talk(agent, *(f"And number {n}?" for n in range(5)))
    for request in kaizen_llm.journal.requests:
        called = [call.id for message in request.messages for call in message.tool_calls]
        assert called == [message.tool_call_id for message in request.messages if message.role == "tool"]
    assert [len(questions(request)) for request in kaizen_llm.journal.requests] == [1, 1, 2, 2, 3, 3, 3, 3, 3, 3]


def test_the_turns_are_counted_in_the_tokens_of_the_model_that_is_asked(kaizen_llm, kaizen_agent):
    kaizen_llm.otherwise({"reply": "ok"})
    memory = WindowMemory(30)
    for model in ("gpt-4o", "gpt-4"):
        talk(kaizen_agent(ChatAgent, model=model, memory=memory), "नमस्ते, आप कैसे हैं?", "और?", session=model)
    assert [len(questions(request)) for request in kaizen_llm.journal.requests] == [1, 2, 1, 1]


def test_each_session_has_a_window_of_its_own(kaizen_llm, kaizen_agent):
    kaizen_llm.otherwise({"reply": "ok"})
    agent = kaizen_agent(ChatAgent, model=MODEL, memory=WindowMemory(50))
    for n in range(4):
        for who in ("ann", "bob"):
            talk(agent, f"{who} {n}", session=who)
    kaizen_llm.assert_sessions_isolated()
    assert [questions(request) for request in kaizen_llm.journal.requests[-2:]] == [
        [f"{who} {n}" for n in (1, 2, 3)] for who in ("ann", "bob")
    ]


@settings(deadline=None, max_examples=20)
@given(said=st.lists(st.text(max_size=60), max_size=5), limit=st.integers(1, 120))
def test_whatever_is_said_the_history_is_the_sessions_newest_turns_that_fit(fresh_llm, said, limit):
    with fresh_llm() as llm:
        llm.otherwise({"reply": "ok"})
        talk(BaseAgent({"model": MODEL}, signature=ChatSignature, memory=WindowMemory(limit)), *said)
        for number, exchange in enumerate(llm.journal.exchanges):
            messages = history(exchange.request)
            expected = [f"message: {text}" for text in said[:number]][number - len(messages) // 2 :]
            assert [message.content for message in messages if message.role == "user"] == expected
            assert history_tokens(exchange) <= limit


# --- a summary --------------------------------------------------------------------------------------------------------


def test_older_turns_give_way_to_a_summary(kaizen_llm, kaizen_agent):
    sums_up(kaizen_llm)
    agent = kaizen_agent(ChatAgent, memory=SummaryMemory(max_turns=3))
    talk(agent, "I like tea", "2", "3", "4", "5")
    assert shown(kaizen_llm) == [SUMMARY, "4", "5"]
    kaizen_llm.assert_sessions_isolated()


def test_the_summary_is_written_from_what_was_said(kaizen_llm, kaizen_agent):
    sums_up(kaizen_llm, reply="noted")
    agent = kaizen_agent(ChatAgent, memory=SummaryMemory(max_turns=1))
    talk(agent, "I like tea", "and cake", "What do I like?")
    assert kaizen_llm.journal.requests[2].messages[-1] == Message(
        "user",
        "earlier: \nconversation: User: message: I like tea\n\n"
        'Assistant: {"reply": "noted"}\n\nUser: message: and cake\n\nAssistant: {"reply": "noted"}',
    )


def test_a_summary_goes_on_from_the_one_before_it(kaizen_llm, kaizen_agent):
    sums_up(kaizen_llm)
    talk(kaizen_agent(ChatAgent, memory=SummaryMemory(max_turns=2)), *"123456")
    asked = [
        request.messages[-1].content for request in kaizen_llm.journal.requests if request.agent_id == "summarizer"
    ]
    assert [(text.splitlines()[0], "User: message: 1" in text) for text in asked] == [
        ("earlier: ", True),
        *[("earlier: The user likes tea.", False)] * (len(asked) - 1),
    ]
    assert len(asked) > 1


def test_a_session_of_many_tokens_is_summed_up_too(kaizen_llm, kaizen_agent):
    sums_up(kaizen_llm)
    talk(kaizen_agent(ChatAgent, model=MODEL, memory=SummaryMemory(max_tokens=60)), *"12345")
    assert shown(kaizen_llm)[0] == SUMMARY
    assert all(history_tokens(each) <= 60 for each in kaizen_llm.exchanges if each.agent_id != "summarizer")


def test_a_summary_is_part_of_the_run_that_needs_it_and_spends_from_its_budget(kaizen_llm, kaizen_agent):
    sums_up(kaizen_llm)
    budget = Budget(max_calls=10, per="process")
    results = talk(kaizen_agent(ChatAgent, memory=SummaryMemory(max_turns=1), budget=budget), "1", "2", "3")
    assert [result.total.attempts for result in results] == [1, 1, 2]
    assert budget.spent().calls == len(kaizen_llm.journal.requests) == 4


def test_an_empty_summary_takes_the_place_of_nothing(kaizen_llm, kaizen_agent):
    kaizen_llm.when(system="Sum up").reply({"summary": " "})
    kaizen_llm.otherwise({"reply": "ok"})
    talk(kaizen_agent(ChatAgent, memory=SummaryMemory(max_turns=1)), "1", "2", "3")
    assert shown(kaizen_llm) == ["1", "2", "3"]


def test_the_result_counts_the_answer_and_the_journal_the_summary_as_well(kaizen_llm, kaizen_agent):
    sums_up(kaizen_llm)
    agent = kaizen_agent(ChatAgent, memory=SummaryMemory(max_turns=1))
    results = talk(agent, "1", "2", "3")
    assert ([result["_attempts"] for result in results], len(kaizen_llm.journal.requests)) == ([1, 1, 1], 4)


def test_a_summary_that_fails_keeps_the_turns_and_the_answer(kaizen_llm, kaizen_agent):
    kaizen_llm.when(system="Sum up").fail("authentication")
    kaizen_llm.otherwise({"reply": "ok"})
    agent = kaizen_agent(ChatAgent, memory=SummaryMemory(max_turns=1))
    results = talk(agent, "1", "2", "3", "4")
    assert (shown(kaizen_llm), results[-1]["reply"]) == (["1", "2", "3", "4"], "ok")


def test_sessions_are_summed_up_apart(kaizen_llm, kaizen_agent):
    kaizen_llm.when(system="Sum up", user="I am Ann").reply({"summary": "The user is Ann."})
    kaizen_llm.when(system="Sum up", user="I am Bob").reply({"summary": "The user is Bob."})
    kaizen_llm.otherwise({"reply": "ok"})
    agent = kaizen_agent(ChatAgent, memory=SummaryMemory(max_turns=1))
    for session, name in (("a", "Ann"), ("b", "Bob"), ("a", "Ann"), ("b", "Bob"), ("a", "Ann"), ("b", "Bob")):
        talk(agent, f"I am {name}", session=session)
    kaizen_llm.assert_sessions_isolated()
    last = [questions(request)[0].rpartition("\n")[2] for request in kaizen_llm.journal.requests[-4:]]
    assert [last[1], last[3]] == ["The user is Ann.", "The user is Bob."]


# --- a file -----------------------------------------------------------------------------------------------------------


def test_a_session_goes_on_after_a_restart(kaizen_llm, kaizen_agent, file):
    kaizen_llm.otherwise({"reply": "ok"})
    for message in ("I am Alice", "I like tea", "Who am I?"):
        talk(kaizen_agent(ChatAgent, memory=file()), message)
    assert history(kaizen_llm.journal.requests[-1]) == (
        Message("user", "message: I am Alice"),
        Message("assistant", json.dumps({"reply": "ok"})),
        Message("user", "message: I like tea"),
        Message("assistant", json.dumps({"reply": "ok"})),
    )


def test_a_file_keeps_the_newest_turns_of_the_sessions_last_used(kaizen_llm, kaizen_agent, file):
    kaizen_llm.otherwise({"reply": "ok"})
    agent = kaizen_agent(ChatAgent, memory=file(max_turns=2, max_sessions=1))
    talk(agent, "1", "2", "3", "4")
    assert shown(kaizen_llm) == ["2", "3", "4"]
    talk(kaizen_agent(ChatAgent, memory=file()), "5")
    assert shown(kaizen_llm) == ["3", "4", "5"]
    talk(kaizen_agent(ChatAgent, memory=file(max_turns=1)), "6")
    assert shown(kaizen_llm) == ["5", "6"]
    talk(agent, "other", session="another")
    talk(agent, "7")
    assert shown(kaizen_llm) == ["7"]


def test_a_run_that_fails_leaves_nothing_in_the_file(kaizen_llm, kaizen_agent, file):
    kaizen_llm.fail("bad_request").times(1)
    kaizen_llm.otherwise({"reply": "ok"})
    with pytest.raises(errors.RequestRejected):
        talk(kaizen_agent(ChatAgent, memory=file()), "lost")
    talk(kaizen_agent(ChatAgent, memory=file()), "kept", "now")
    assert shown(kaizen_llm) == ["kept", "now"]


def test_agents_with_a_file_in_common_keep_each_session_in_order_and_apart(kaizen_llm, kaizen_agent, file):
    kaizen_llm.otherwise(lambda request: {"reply": f"re {request.messages[-1].content}"})
    agents = [kaizen_agent(ChatAgent, memory=file()) for _ in range(2)]
    for n in range(3):
        for agent in agents:
            agent.run_batch([{"session_id": who, "message": f"{who} {n}"} for who in ("ann", "bob", "cy")])
    kaizen_llm.assert_sessions_isolated()
    assert [sorted(questions(request)) for request in kaizen_llm.journal.requests] == [
        questions(request) for request in kaizen_llm.journal.requests
    ]
    assert {len(questions(request)) for request in kaizen_llm.journal.requests[-3:]} == {6}


def test_a_window_shows_the_newest_turns_of_a_file_that_keeps_them_all(kaizen_llm, kaizen_agent, file):
    kaizen_llm.otherwise({"reply": "ok"})
    talk(kaizen_agent(ChatAgent, model=MODEL, memory=WindowMemory(50, store=file())), *"12345")
    assert shown(kaizen_llm) == ["3", "4", "5"]
    talk(kaizen_agent(ChatAgent, model=MODEL, memory=WindowMemory(1000, store=file())), "6")
    assert shown(kaizen_llm) == [*"123456"]


def test_a_window_and_a_summary_may_stand_before_a_file(kaizen_llm, kaizen_agent, file):
    sums_up(kaizen_llm)
    talk(kaizen_agent(ChatAgent, model=MODEL, memory=SummaryMemory(max_turns=2, store=file())), "1", "2", "3", "4")
    talk(kaizen_agent(ChatAgent, model=MODEL, memory=WindowMemory(1000, store=file())), "5")
    assert shown(kaizen_llm) == [SUMMARY, "3", "4", "5"]


def test_the_names_of_sessions_and_what_is_said_may_hold_anything(kaizen_llm, kaizen_agent, file):
    kaizen_llm.otherwise({"reply": "👍\0"})
    agent = kaizen_agent(ChatAgent, memory=file())
    for session in ("'); DROP TABLE turns; --", "a/b", "ä", "a\u0308"):
        talk(agent, "'; 👩‍👩‍👧 \0", "next", session=session)
        assert shown(kaizen_llm) == ["'; 👩‍👩‍👧 \0", "next"]

"""SummaryMemory replaces older turns by a summary, and loses nothing when there is none."""

from __future__ import annotations

import asyncio
import logging

import pytest
from doubles import Recorder
from hypothesis import given
from hypothesis import strategies as st
from turns import recall, remember, turn, turn_with_tools, turns

from kaizen_eval import (
    BaseAgent,
    BufferMemory,
    FakeLLM,
    InputField,
    OutputField,
    Reply,
    Signature,
    SqliteMemory,
    SummaryMemory,
    WindowMemory,
    use_llm,
    virtual_time,
)
from kaizen_eval.budgets import Budget
from kaizen_eval.core.summary import LONGEST, SumUp, conversation, summary_of, summary_turn
from kaizen_eval.core.summary_limits import SummaryLimits
from kaizen_eval.errors import BudgetExceeded, ConfigError, RateLimited, RunTimeout, ScriptMiss
from kaizen_eval.memory.fitting import tokens_of
from kaizen_eval.messages import Message


class Chat(Signature):
    """Talk with the user."""

    message: str = InputField()
    reply: str = OutputField()


def an_llm(summary="They like tea."):
    llm = FakeLLM()
    llm.when(system="Sum up a conversation").reply({"summary": summary})
    llm.otherwise({"reply": "ok"})
    return llm


def chatting(llm, memory, **config):
    return BaseAgent(config, provider=llm, signature=Chat, memory=memory)


def talk(agent, *messages, session="s"):
    return [agent.run(session, message=message) for message in messages]


def in_short(request):
    """What a request shows beside the system message, each turn as the number or text of its question."""
    return [message.content.removeprefix("message: ") for message in request.messages if message.role == "user"]


def summaries(llm):
    """The requests for a summary."""
    return [request for request in llm.journal.requests if "Sum up" in request.messages[0].content]


def shown(llm):
    return in_short(llm.journal.requests[-1])


SUMMARY = "Summary of our conversation so far:\nThey like tea."


# --- which turns ------------------------------------------------------------------------------------------------------

sessions = st.lists(turns, max_size=8).map(tuple)
summarized = st.tuples(st.booleans(), sessions).map(lambda it: (summary_turn("So far."), *it[1]) if it[0] else it[1])
limits = st.one_of(
    st.integers(1, 5).flatmap(
        lambda most: st.builds(SummaryLimits, max_turns=st.just(most), keep=st.integers(0, most - 1))
    ),
    st.builds(SummaryLimits, max_tokens=st.integers(1, 120), keep=st.none() | st.integers(0, 4)),
    st.builds(SummaryLimits, max_turns=st.integers(1, 5), max_tokens=st.integers(1, 120)),
)


@given(limits, summarized)
def test_what_is_summed_up_is_always_the_oldest_part_and_more_than_a_summary(limits, session):
    old = limits.beyond(session, model=None)
    assert old == session[: len(old)]
    assert old == () or any(summary_of(one) is None for one in old)


@given(limits, summarized)
def test_summing_up_always_comes_to_an_end_at_which_the_session_has_no_more_turns_than_it_may(limits, session):
    while old := limits.beyond(session, model=None):
        session = (summary_turn("."), *session[len(old) :])
    assert limits.max_turns is None or len(session) <= limits.max_turns


@given(st.integers(20, 120), summarized)
def test_what_stays_beside_the_summary_always_fits_into_the_tokens(most, session):
    limits = SummaryLimits(max_tokens=most)
    while old := limits.beyond(session, model=None):
        session = (summary_turn("."), *session[len(old) :])
    assert sum(tokens_of(one, model=None) for one in session if summary_of(one) is None) <= most


@given(limits, summarized)
def test_the_newest_turn_always_stays_unless_it_is_too_long_or_nothing_is_kept(limits, session):
    old = limits.beyond(session, model=None)
    if not session or limits.keep == 0 or limits.max_turns == 1:
        return
    too_long = limits.max_tokens is not None and tokens_of(session[-1], model=None) > limits.max_tokens
    assert len(old) < len(session) or too_long


def numbered(count):
    return tuple(turn(str(n)) for n in range(count))


@pytest.mark.parametrize(
    ("limits", "length", "summed_up"),
    [
        ({"max_turns": 4}, 4, 0),
        ({"max_turns": 4}, 5, 3),
        ({"max_turns": 4, "keep": 0}, 5, 5),
        ({"max_turns": 4, "keep": 3}, 5, 2),
        ({"max_turns": 1}, 2, 2),
        ({"max_turns": 4}, 40, 8),  # in portions of twice the limit
        ({"max_tokens": 40}, 3, 0),  # of 11 tokens each
        ({"max_tokens": 40}, 4, 3),
        ({"max_tokens": 40, "keep": 0}, 4, 4),
        ({"max_tokens": 40}, 40, 7),
        ({"max_tokens": 12}, 2, 1),
        ({"max_tokens": 11}, 1, 0),
        ({"max_tokens": 10}, 1, 1),
        ({"max_turns": 9, "max_tokens": 40}, 4, 3),
    ],
)
def test_what_is_beyond_a_limit_is_summed_up_and_half_is_kept(limits, length, summed_up):
    assert {tokens_of(one, model=None) for one in numbered(9)} == {11}
    assert SummaryLimits(**limits).beyond(numbered(length), model=None) == numbered(length)[:summed_up]


# --- what is shown ----------------------------------------------------------------------------------------------------


def test_older_turns_are_replaced_by_a_summary():
    llm = an_llm()
    talk(chatting(llm, SummaryMemory(max_turns=3)), "1", "2", "3", "4", "5")
    assert shown(llm) == [SUMMARY, "4", "5"]
    llm.assert_sessions_isolated()


def test_a_later_summary_takes_up_the_earlier_one():
    llm = an_llm()
    talk(chatting(llm, SummaryMemory(max_turns=3)), *"1234567")
    first, second = summaries(llm)
    assert (first.messages[-1].content.partition("\n")[0], second.messages[-1].content.partition("\n")[0]) == (
        "earlier: ",
        "earlier: They like tea.",
    )
    assert [f"message: {n}" in second.messages[-1].content for n in "345"] == [False, True, True]
    assert SUMMARY not in second.messages[-1].content


def test_the_summarizer_reads_what_was_said_called_and_found():
    long = "x" * (LONGEST + 7)
    text = conversation([turn_with_tools("Where is it?", "In Rome", long), turn("Thanks")])
    half = "x" * (LONGEST // 2)
    assert text.split("\n\n") == [
        "User: Where is it?",
        'Assistant called search with {"n": 0}',
        'Assistant called search with {"n": 1}',
        "search returned: In Rome",
        f"search returned: {half}\n[7 characters are left out here]\n{half}",
        "Assistant: re: Where is it?",
        "User: Thanks",
        "Assistant: re: Thanks",
    ]


def test_a_summary_is_shown_as_the_users_words_and_never_with_the_weight_of_a_system_message():
    assert summary_turn("They like tea.").messages == (Message("user", SUMMARY),)


@given(st.text(), turns)
def test_a_summary_is_always_told_from_a_turn(text, one):
    assert summary_of(summary_turn(text)) == text
    assert summary_of(one) is None


def test_the_tokens_of_the_agents_own_model_count():
    def asked(model):
        store = BufferMemory()
        remember(store, "s", "こんにちは、世界。お元気ですか。", "short")
        limit = sum(tokens_of(one, model="gpt-4o") for one in recall(store, "s"))
        llm = an_llm()
        talk(chatting(llm, SummaryMemory(max_tokens=limit, store=store), model=model), "1")
        return len(summaries(llm))

    assert (asked("gpt-4o"), asked("gpt-4")) == (0, 1)


def test_sessions_have_summaries_of_their_own():
    llm = an_llm()
    llm.reset()
    llm.when(system="Sum up").reply(lambda request: {"summary": "ann" if "ann" in str(request.messages) else "bob"})
    llm.otherwise({"reply": "ok"})
    agent = chatting(llm, SummaryMemory(max_turns=2))
    for who in ("ann", "bob"):
        talk(agent, *(f"{who} {n}" for n in range(4)), session=who)
    last = [request for request in llm.journal.requests if in_short(request)[-1] in {"ann 3", "bob 3"}]
    assert [in_short(request)[0].rpartition("\n")[2] for request in last] == ["ann", "bob"]
    llm.assert_sessions_isolated()


def test_a_summary_survives_in_its_store(tmp_path):
    store = SqliteMemory(tmp_path / "sessions")
    talk(chatting(an_llm(), SummaryMemory(max_turns=2, store=store)), "1", "2", "3", "4")
    store.close()
    llm = an_llm()
    talk(chatting(llm, SummaryMemory(max_turns=9, store=store)), "5")
    assert shown(llm) == [SUMMARY, "3", "4", "5"]
    store.close()


def test_a_long_session_of_a_store_is_summed_up_in_portions():
    store, llm = BufferMemory(), an_llm()
    remember(store, "s", *numbered(40))
    talk(chatting(llm, SummaryMemory(max_turns=10, store=store)), "new")
    assert (len(summaries(llm)), shown(llm)) == (2, [SUMMARY, *map(str, range(35, 40)), "new"])


# --- as a part of the run ---------------------------------------------------------------------------------------------


def test_the_summary_is_a_run_within_the_run_that_asks_for_it():
    llm, seen = an_llm(), Recorder()
    agent = chatting(llm, SummaryMemory(max_turns=1), observer=seen)
    talk(agent, "1", "2")
    seen.events.clear()
    (result,) = talk(agent, "3")
    started = [event for event in seen.events if type(event).__name__ == "RunStarted"]
    assert [event.agent_id for event in started] == [agent.agent_id, "summarizer"]
    assert started[1].parent_run_id == started[0].run_id
    assert (result["_attempts"], result["_tokens"]["total"]) == (1, llm.journal.exchanges[-1].usage.total)


def test_the_summarizer_is_asked_as_the_agent_is_but_for_the_settings_of_its_answers():
    llm = an_llm()
    config = {"model": "gpt-4o", "temperature": 0.5, "seed": 3, "max_tokens": 300, "stop": ["END"], "max_turns": 10}
    talk(chatting(llm, SummaryMemory(max_turns=1), **config), "1", "2", "3")
    (request, *_) = summaries(llm)
    asked = (request.model, request.temperature, request.seed, request.max_tokens, request.stop, request.session_id)
    assert asked == ("gpt-4o", 0.5, 3, None, (), None)


def test_the_summarizer_is_offered_no_tools():
    llm = an_llm()
    agent = BaseAgent(provider=llm, signature=Chat, memory=SummaryMemory(max_turns=1), tools=[look_up])
    talk(agent, "1", "2", "3")
    assert [len(request.tools) for request in llm.journal.requests] == [1, 1, 0, 1]


def look_up(query: str) -> str:
    """Look it up."""
    return query


def test_a_config_of_its_own_makes_another_summarizer():
    llm = an_llm()
    memory = SummaryMemory(config={"model": "gpt-4o-mini"}, max_turns=1)
    with use_llm(llm):
        talk(BaseAgent({"model": "gpt-4o"}, signature=Chat, memory=memory), "1", "2", "3")
    assert [request.model for request in llm.journal.requests] == ["gpt-4o", "gpt-4o", "gpt-4o-mini", "gpt-4o"]


class InOneWord(Signature):
    """Say in one word what this is about."""

    earlier: str = InputField()
    conversation: str = InputField()
    summary: str = OutputField()


def test_an_agent_of_ones_own_sums_up_too():
    llm = an_llm()
    llm.reset()
    llm.when(system="in one word").reply({"summary": "tea"})
    llm.otherwise({"reply": "ok"})
    memory = SummaryMemory(BaseAgent(provider=llm, signature=InOneWord), max_turns=1)
    talk(chatting(llm, memory), "1", "2", "3")
    assert shown(llm) == ["Summary of our conversation so far:\ntea", "3"]


def test_a_memory_that_is_read_by_itself_sums_up_too():
    memory = SummaryMemory(max_turns=1)
    remember(memory, "s", "1", "2")
    with use_llm(an_llm()):
        assert recall(memory, "s") == (summary_turn("They like tea."),)


def test_two_who_read_a_session_at_once_have_it_summed_up_once():
    llm, memory = FakeLLM(), SummaryMemory(max_turns=1)
    llm.otherwise(Reply(data={"summary": "They like tea."}, latency=1))
    remember(memory, "s", "1", "2")

    async def both():
        return await asyncio.gather(memory.load("s"), memory.load("s"))

    with use_llm(llm), virtual_time() as clock:
        assert clock.run(both()) == [(summary_turn("They like tea."),)] * 2
    assert len(llm.journal.requests) == 1


def test_of_two_processes_that_sum_up_the_same_turns_the_first_one_counts(tmp_path):
    stores = [SqliteMemory(tmp_path / "sessions") for _ in range(2)]
    remember(stores[0], "s", "1", "2", "3")
    llm = FakeLLM()
    llm.otherwise(Reply(data={"summary": "late"}, latency=2))
    llm_of_the_other = FakeLLM()
    llm_of_the_other.otherwise(Reply(data={"summary": "first"}, latency=1))

    async def both():
        one, other = (
            SummaryMemory(config={"provider": by}, max_turns=2, store=store)
            for by, store in zip((llm, llm_of_the_other), stores, strict=True)
        )
        return await asyncio.gather(one.load("s"), other.load("s"))

    with virtual_time() as clock:
        assert clock.run(both()) == [(summary_turn("first"), turn("3"))] * 2
    for store in stores:
        store.close()


class Stubborn(BufferMemory):
    """Never exchanges anything."""

    async def replace(self, session_id, old, new):
        return False


def test_a_store_that_exchanges_nothing_costs_one_summary_a_run():
    llm = an_llm()
    talk(chatting(llm, SummaryMemory(max_turns=1, store=Stubborn())), "1", "2", "3")
    assert (len(summaries(llm)), shown(llm)) == (1, ["1", "2", "3"])


class ByModel(BufferMemory):
    """Keeps the sessions of each model apart."""

    def __init__(self):
        super().__init__()
        self.stores = {"a": BufferMemory(), "b": BufferMemory()}

    def for_agent(self, config):
        return self.stores[config.model]


def test_a_store_may_show_each_agent_something_else():
    llm, store = an_llm(), ByModel()
    for model in ("a", "b", "a"):
        talk(chatting(llm, SummaryMemory(max_turns=9, store=store), model=model), model)
    assert (shown(llm), len(store), len(recall(store.stores["b"], "s"))) == (["a", "a"], 0, 1)


def test_a_session_that_is_cleared_meanwhile_stays_cleared():
    llm, memory = FakeLLM(), SummaryMemory(max_turns=1)
    llm.otherwise(Reply(data={"summary": "They like tea."}, latency=1))
    remember(memory, "s", "1", "2")

    async def scene():
        loading = asyncio.create_task(memory.load("s"))
        await asyncio.sleep(0.5)
        await memory.clear("s")
        return await loading

    with use_llm(llm), virtual_time() as clock:
        assert clock.run(scene()) == ()


def test_turns_that_are_appended_meanwhile_stay():
    llm, memory = FakeLLM(), SummaryMemory(max_turns=2)
    llm.otherwise(Reply(data={"summary": "They like tea."}, latency=1))
    remember(memory, "s", "1", "2", "3")

    async def scene():
        loading = asyncio.create_task(memory.load("s"))
        await asyncio.sleep(0.5)
        await memory.append("s", turn("4"))
        return await loading

    with use_llm(llm), virtual_time() as clock:
        assert clock.run(scene())[-1] == turn("4")


# --- when there is no summary -----------------------------------------------------------------------------------------


def failing(*fault, **details):
    llm = FakeLLM()
    llm.when(system="Sum up").fail(*fault, **details)
    llm.otherwise({"reply": "ok"})
    return llm


def test_a_summary_that_fails_keeps_the_turns_and_is_logged(caplog):
    llm = failing("authentication")
    memory = SummaryMemory(max_turns=1)
    talk(chatting(llm, memory), "1", "2", "3")
    assert (shown(llm), len(recall(memory._store, "s"))) == (["1", "2", "3"], 3)
    (record,) = [each for each in caplog.records if "summed up" in each.message]
    assert record.levelno == logging.WARNING
    assert record.kaizen == {"event": "SummaryFailed", "session": "s", "error_type": "AuthenticationFailed"}


def test_the_next_run_tries_again():
    llm = FakeLLM()
    llm.when(system="Sum up").fail("authentication").times(1)
    llm.when(system="Sum up").reply({"summary": "They like tea."})
    llm.otherwise({"reply": "ok"})
    talk(chatting(llm, SummaryMemory(max_turns=2)), "1", "2", "3", "4", "5")
    assert shown(llm) == [SUMMARY, "4", "5"]


@pytest.mark.parametrize("summary", ["", "  \n"])
def test_an_empty_summary_takes_nobodys_place(summary):
    llm = an_llm(summary)
    memory = SummaryMemory(max_turns=1)
    talk(chatting(llm, memory), "1", "2", "3")
    assert shown(llm) == ["1", "2", "3"]


def test_a_summarizer_that_hangs_has_half_of_the_time_and_the_run_goes_on():
    llm = failing("hang")
    agent = chatting(llm, SummaryMemory(max_turns=1), timeout=20, retries=0)
    with virtual_time() as clock:
        talk(agent, "1", "2", "3")
    assert (clock.elapsed, shown(llm)) == (10, ["1", "2", "3"])


def test_a_run_that_is_out_of_time_while_it_sums_up_changes_nothing():
    llm = FakeLLM()
    llm.when(system="Sum up").reply(Reply(data={"summary": "They like tea."}, latency=15))
    llm.when(user="3").fail("hang")
    llm.otherwise({"reply": "ok"})
    memory = SummaryMemory(max_turns=2, keep=0)
    agent = chatting(llm, memory, timeout=20)
    with virtual_time():
        talk(agent, "1", "2")
        with pytest.raises(RunTimeout):
            talk(agent, "3")
    assert [one.messages[0].content for one in recall(memory._store, "s")] == ["message: 1", "message: 2"]


def test_a_run_that_is_cancelled_while_it_sums_up_changes_nothing():
    llm = failing("hang")
    memory = SummaryMemory(max_turns=1)
    talk(chatting(llm, memory), "1", "2")

    async def scene():
        run = asyncio.create_task(chatting(llm, memory).run_async("s", message="3"))
        await asyncio.sleep(1)
        run.cancel()
        with pytest.raises(asyncio.CancelledError):
            await run

    with virtual_time() as clock:
        clock.run(scene())
    assert len(recall(memory._store, "s")) == 2


def test_the_runs_own_failure_is_raised_after_a_summary():
    llm = an_llm()
    memory = SummaryMemory(max_turns=1)
    agent = chatting(llm, memory, retries=0)
    talk(agent, "1", "2")
    llm.reset()
    llm.when(system="Sum up").reply({"summary": "They like tea."})
    llm.fail("rate_limit")
    with pytest.raises(RateLimited):
        talk(agent, "3")
    assert recall(memory, "s") == (summary_turn("They like tea."),)


def test_a_summary_counts_in_the_budget_of_the_run_that_asks_for_it():
    llm, memory = an_llm(), SummaryMemory(max_turns=1)
    talk(chatting(llm, memory), "1", "2")
    with pytest.raises(BudgetExceeded, match="max_calls"):
        talk(chatting(llm, memory, budget=Budget(max_calls=1)), "3")
    assert (len(summaries(llm)), recall(memory, "s")) == (1, (summary_turn("They like tea."),))


def test_a_budget_that_has_no_room_for_a_summary_has_none_for_the_run():
    llm, memory, spent = an_llm(), SummaryMemory(max_turns=1), Budget(max_calls=2, per="process")
    agent = chatting(llm, memory, budget=spent)
    talk(agent, "1", "2")
    with pytest.raises(BudgetExceeded, match="max_calls"):
        talk(agent, "3")
    assert (summaries(llm), len(recall(memory._store, "s"))) == ([], 2)


def test_a_script_that_forgets_the_summary_fails_the_run():
    llm = FakeLLM()
    llm.when(system="Talk").reply({"reply": "ok"})
    llm.forgive_misses()
    with pytest.raises(ScriptMiss, match="earlier: "):
        talk(chatting(llm, SummaryMemory(max_turns=1)), "1", "2", "3")


# --- what cannot work -------------------------------------------------------------------------------------------------


class NoSummary(Signature):
    """Say it."""

    earlier: str = InputField()
    conversation: str = InputField()
    gist: str = OutputField()


class WantsMore(SumUp):
    """Sum up, for somebody."""

    reader: str = InputField()


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({}, "SummaryMemory needs max_turns, max_tokens or both: it sums up what is beyond"),
        ({"max_turns": 0}, "max_turns must be at least 1"),
        ({"max_tokens": 0}, "max_tokens must be at least 1"),
        ({"max_turns": 3, "keep": -1}, "keep must be at least 0"),
        ({"max_turns": 3, "keep": 3}, r"keep must be less than max_turns \(3\), as the summary takes a place, not 3"),
        ({"max_turns": 3, "store": WindowMemory(9)}, "store needs the async methods load, append, clear and replace"),
        ({"max_turns": 3, "store": BufferMemory}, r"store takes an instance, such as BufferMemory\(\)"),
        ({"max_turns": 3, "agent": BaseAgent}, r"agent takes an instance, such as BaseAgent\(\)"),
        (
            {"max_turns": 3, "agent": "me"},
            "agent must be a BaseAgent whose signature takes 'earlier' and 'conversation'",
        ),
        ({"max_turns": 3, "agent": BaseAgent(signature=NoSummary)}, "gives 'summary'"),
        ({"max_turns": 3, "agent": BaseAgent(signature=WantsMore)}, "gives 'summary'"),
        (
            {"max_turns": 3, "agent": BaseAgent(signature=SumUp), "config": {}},
            "an agent, or the config of one, not both",
        ),
        ({"max_turns": 3, "config": {"temprature": 0}}, "did you mean 'temperature'"),
    ],
)
def test_a_setting_that_cannot_work_is_refused(settings, told):
    with pytest.raises(ConfigError, match=told):
        SummaryMemory(**settings)

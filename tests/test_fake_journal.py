"""The journal and its assertions; each failure shows the exchanges as a table."""

from __future__ import annotations

import asyncio
import dataclasses

import pytest
from fake_asking import ask_all, asking
from hypothesis import given
from hypothesis import strategies as st

from kaizen_eval import BaseAgent, tool
from kaizen_eval.errors import RateLimited, UsageError
from kaizen_eval.fake import FakeLLM, Latency, RateLimit, Reply
from kaizen_eval.fake.desk.desk import Desk
from kaizen_eval.fake.inquiry import Inquiry
from kaizen_eval.fake.journal.account import NOBODY
from kaizen_eval.fake.journal.exchange import Opened
from kaizen_eval.fake.journal.journal import BYTES_EACH, Journal
from kaizen_eval.messages import Usage
from kaizen_eval.providers import use_llm
from kaizen_eval.resilience.clock import virtual_time


def asked(*sayings: object, requests: tuple = (), **options: object) -> FakeLLM:
    """A fake that said these, one after the other."""
    fake = FakeLLM(**options).script(sayings)
    ask_all(fake, *(requests or [asking()] * len(sayings)))
    return fake


def failure(assertion, *args: object, **kwargs: object) -> str:
    with pytest.raises(AssertionError) as caught:
        assertion(*args, **kwargs)
    return str(caught.value)


def test_an_exchange_tells_who_asked_what_when_and_what_came():
    request = asking("hi", session_id="a", agent_id="helper", model="m")
    fake = asked(Reply("hello", usage=Usage(3, 2), latency=0.1), requests=(request,))
    [exchange] = fake.journal.exchanges
    assert dataclasses.asdict(exchange) == dataclasses.asdict(exchange) | {
        "number": 1,
        "outcome": "reply",
        "error": None,
        "text": "hello",
        "rule": "script[0]",
        "usage": {"prompt": 3, "completion": 2, "cached": 0, "reasoning": 0},
        "started_ns": 1_000_000_000_000,
        "ended_ns": 1_000_100_000_000,
    }
    assert (exchange.session_id, exchange.agent_id, exchange.asked) == ("a", "helper", "hi")
    assert (exchange.started, exchange.ended, exchange.seconds) == (1000.0, 1000.1, 0.1)
    assert fake.journal.requests == (request,)


@pytest.mark.parametrize("door", ["direct", "sdk"])
def test_an_exchange_says_whether_its_tokens_are_estimated(door):
    fake = FakeLLM()
    fake.fail("rate_limit").times(1)
    ask_all(fake, *(asking(model=model) for model in ("gpt-4o", "gpt-4o", "my-own")), door=door)
    assert [exchange.counted_in for exchange in fake.exchanges] == ["", "o200k_base", "estimate"]


def test_the_journal_cannot_be_changed_from_outside():
    fake = asked("one")
    with pytest.raises(dataclasses.FrozenInstanceError):
        fake.journal.exchanges[0].text = "two"
    assert isinstance(fake.journal.exchanges, tuple)


def test_an_exchange_in_progress_is_there_without_an_end():
    seen = []
    fake = FakeLLM()
    fake.otherwise(lambda request: seen.extend(fake.journal.exchanges) or "ok")
    ask_all(fake, asking())
    assert [(exchange.outcome, exchange.ended, exchange.seconds) for exchange in seen] == [("…", None, None)]


def test_an_exchange_ends_once():
    desk = Desk(seed=0, latency=Latency(), keep=None)

    async def close_twice():
        opened = desk.open(Inquiry(request=asking()))
        desk.close(opened)
        await asyncio.sleep(1)
        desk.close(opened, ValueError())

    with virtual_time() as clock:
        clock.run(close_twice())
    assert [(exchange.seconds, exchange.error) for exchange in desk.journal.exchanges] == [(0, None)]


def test_a_bounded_journal_keeps_the_latest():
    fake = asked("a", "b", "c", keep=2)
    assert ([exchange.number for exchange in fake.journal.exchanges], len(fake.journal)) == ([2, 3], 3)


@given(st.lists(st.sampled_from("abc"), max_size=12), st.integers(1, 5))
def test_a_bounded_journal_never_holds_more_and_always_the_latest(texts, keep):
    whole = asked(*texts, requests=tuple(map(asking, texts)))
    bounded = asked(*texts, requests=tuple(map(asking, texts)), keep=keep)
    assert bounded.journal.exchanges == whole.journal.exchanges[-keep:]


def opened(journal: Journal, *, size: int = 0) -> Opened:
    """An exchange that begins now, of a request of so many bytes."""
    one = Opened(len(journal) + 1, Inquiry(request=asking()), 0, b"", 0, NOBODY)
    one.bytes_in = size
    journal.add(one)
    return one


def end(journal: Journal, one: Opened, text: str = "") -> None:
    one.text, one.ended_ns = text, 1
    journal.ended(one)


@given(
    st.integers(1, 4),
    st.lists(st.tuples(st.integers(0, 3 * BYTES_EACH), st.integers(0, BYTES_EACH), st.booleans()), max_size=20),
)
def test_a_bounded_journal_never_holds_more_bytes_than_it_has_room_for(keep, sizes):
    journal = Journal(keep=keep)
    for asked_bytes, said_bytes, ends in sizes:
        one = opened(journal, size=asked_bytes)
        if ends:
            end(journal, one, "x" * said_bytes)
        kept = [e for e in journal.exchanges if e.ended is not None]
        assert sum(e.bytes_in + len(e.text) for e in kept) <= keep * BYTES_EACH or len(journal.exchanges) == 1
        assert len(journal.exchanges) <= keep
        assert journal.exchanges[-1].number == len(journal)


def test_an_unbounded_journal_keeps_what_is_long():
    journal = Journal()
    for _ in range(3):
        end(journal, opened(journal, size=10 * BYTES_EACH))
    assert len(journal.exchanges) == 3


def test_an_exchange_that_is_not_kept_may_end():
    journal = Journal(keep=1)
    first, second = opened(journal), opened(journal)
    end(journal, second)
    end(journal, first)
    assert [(e.number, e.ended) for e in journal.exchanges] == [(2, 1e-9)]


def test_what_changed_since_a_version_is_told_once_for_each_change():
    journal = Journal()
    first, _ = opened(journal), opened(journal)
    assert [e.number for _, e in journal.changed_since(0)] == [1, 2]
    seen = journal.version
    assert journal.changed_since(seen) == ()
    journal.exchanges  # noqa: B018 - looking changes nothing
    end(journal, first)
    assert [(o is first, e.number, e.ended) for o, e in journal.changed_since(seen)] == [(True, 1, 1e-9)]


def test_who_follows_a_journal_is_told_of_each_change_until_it_stops():
    journal, told = Journal(), []
    stop = journal.follow(lambda: told.append(journal.version))
    end(journal, opened(journal))
    stop()
    opened(journal)
    assert told == [1, 2]


def test_each_journal_has_a_serial_of_its_own():
    assert Journal().serial != Journal().serial


def test_a_part_of_the_journal_is_never_judged():
    fake = asked("a", "b", keep=1)
    for judge in (fake.assert_sessions_isolated, fake.assert_waited, fake.assert_outcomes):
        with pytest.raises(UsageError, match="kept the last 1 of 2 exchanges"):
            judge()


def test_attempts_of_one_question_are_one_call():
    fake = asked(RateLimit(), RateLimit(), "done", "again", "other", requests=(*[asking()] * 4, asking("else")))
    assert [[exchange.number for exchange in call] for call in fake.journal.calls] == [[1, 2, 3], [4], [5]]
    fake.assert_calls(3)
    fake.assert_attempts(5)


def test_attempts_of_two_sessions_are_two_calls():
    a, b = asking(session_id="a"), asking(session_id="b")
    fake = asked(RateLimit(), RateLimit(), "b", "a", requests=(a, b, b, a))
    assert [[exchange.number for exchange in call] for call in fake.journal.calls] == [[1, 4], [2, 3]]


def test_what_is_asked_while_the_same_goes_on_is_another_call():
    fake = FakeLLM().script([RateLimit(latency=2), RateLimit(latency=1), "late", "early"])
    assert numbers_of_calls(fake, {0: 2.5, 0.5: 0}) == [[1, 4], [2, 3]]


def test_a_call_goes_on_that_failed_first():
    fake = FakeLLM().script([RateLimit(latency=3), RateLimit(latency=1), "first", "second"])
    assert numbers_of_calls(fake, {0: 2, 0.5: 3}) == [[1, 4], [2, 3]]


def numbers_of_calls(fake: FakeLLM, waits: dict[float, float]) -> list[list[int]]:
    """Of one question that is asked at these times, and once more so many seconds after it has failed."""

    async def ask(at: float, wait: float) -> None:
        await asyncio.sleep(at)
        with pytest.raises(RateLimited):
            await fake.complete(asking())
        await asyncio.sleep(wait)
        await fake.complete(asking())

    async def ask_all_of_them() -> None:
        await asyncio.gather(*(ask(at, wait) for at, wait in waits.items()))

    with virtual_time() as clock:
        clock.run(ask_all_of_them())
    return [[exchange.number for exchange in call] for call in fake.journal.calls]


def test_usage_is_summed_over_everything_that_was_billed():
    fake = asked(Reply("a", usage=Usage(3, 2)), RateLimit(), Reply("b", usage=Usage(1, 1, 1, 1)))
    assert fake.journal.usage == Usage(4, 3, 1, 1)


def test_a_wait_lies_between_a_failure_and_the_next_attempt_of_the_same_question():
    fast, slow = asking("fast"), asking("slow")
    fake = FakeLLM().script([RateLimit(latency=1), Reply("other", latency=2.5), Reply("done", latency=1)])
    ask_all(fake, fast, slow, fast)
    assert fake.journal.waits == (2.5,)
    fake.assert_waited(2.5)


def test_the_fake_itself_has_what_is_asked_for_most():
    fake = asked(RateLimit(), "done", requests=[asking(model="m")] * 2)
    assert (fake.exchanges, fake.requests, fake.waits) == (fake.journal.exchanges, (asking(model="m"),) * 2, (0.0,))


def test_assertions_that_hold_say_nothing():
    fake = asked("one", RateLimit(), requests=(asking("I am Alice", session_id="a"), asking("Bob", system="Be nice.")))
    fake.assert_asked("Alice")
    fake.assert_asked(str.istitle)
    fake.assert_asked("Alice", session="a")
    fake.assert_not_asked("Carol")
    fake.assert_not_asked("Bob", session="a")
    fake.assert_outcomes("reply", "rate_limit")
    fake.assert_waited()


def test_a_failure_shows_the_exchanges_as_a_table():
    fake = FakeLLM(latency=0.25)
    fake.fail("rate_limit").times(1)
    fake.when(user="Alice").reply({"reply": "Hello, Alice, what a pleasure to meet you here"})
    fake.forgive_misses()
    fake.when(user="slow").reply(Reply("late", latency=60))
    long = "a question that is longer than what one line of a table can show of it"
    ask_all(fake, *[asking("I am\nAlice", session_id="a")] * 2, asking(long), asking("slow"))
    assert (
        failure(fake.assert_calls, 4)
        == """\
4 calls wanted, 3 made (in 4 attempts).

    #   when (s)   session   asked                                          outcome
 ─────────────────────────────────────────────────────────────────────────────────────────────────────────────
    1      0.000   a         I am Alice                                     rate_limit: RateLimited
    2      0.250   a         I am Alice                                     reply: {"reply": "Hello, Alice, w…
    3      0.500   -         a question that is longer than what one lin…   miss: ScriptMiss
    4      0.500   -         slow                                           cancelled"""
    )


def test_a_table_tells_the_steps_of_agents_with_tools_apart():
    fake = FakeLLM()
    call = {"name": "look", "arguments": {"at": "tea"}}
    fake.when(user="Milk").reply("It is white.")
    fake.when(turn=1).steps([Reply("Let me see.", tool_calls=[call]), Reply(tool_calls=[call, call]), "Done."])

    @tool
    async def look(at: str) -> str:
        """Look."""
        return f"All about {at}"

    with virtual_time(), use_llm(fake):
        BaseAgent(tools=[look], agent_id="editor").run(question="Tea?")
        BaseAgent(agent_id="reporter").run(question="Milk?")
    table = failure(fake.assert_calls, 9).partition("\n\n")[2]
    assert (
        table
        == """\
    #   when (s)   session   agent      asked                        outcome
 ────────────────────────────────────────────────────────────────────────────────────────────────
    1      0.000   -         editor     question: Tea?               reply: → look({"at": "tea"})
    2      0.000   -         editor     look → All about tea         reply: → look, look
    3      0.000   -         editor     look → All about tea, loo…   reply: Done.
    4      0.000   -         reporter   question: Milk?              reply: It is white."""
    )


def test_a_long_table_leaves_out_the_middle():
    table = failure(asked(*["x"] * 60).assert_calls, 0)
    assert ("… 20 more" in table, len(table.splitlines())) == (True, 2 + 2 + 20 + 1 + 20)


def test_text_that_looks_like_markup_is_shown_as_it_is():
    fake = asked("[bold]:smile:[/bold]", requests=(asking("[red]hi[/red]"),))
    assert "[red]hi[/red]   reply: [bold]:smile:[/bold]" in failure(fake.assert_calls, 9)


def test_an_empty_journal_says_so():
    assert failure(FakeLLM().assert_calls, 1) == "1 call wanted, 0 made.\n\nThe fake was not asked anything."


@pytest.mark.parametrize(
    ("assertion", "args", "first_line"),
    [
        ("assert_attempts", (3,), "3 attempts wanted, 2 made."),
        ("assert_outcomes", ("reply",), "The outcomes are rate_limit, reply; wanted: reply."),
        ("assert_asked", ("Carol",), "Nothing was asked that holds 'Carol'."),
        ("assert_waited", (3600,), "The waits between attempts are 0 s; wanted: 3600 s."),
        ("assert_waited", (), "The waits between attempts are 0 s; wanted: none."),
        (
            "assert_not_asked",
            ("nice",),
            "'nice' was asked: the system message 'Be nice.' of exchange 1.",
        ),
    ],
)
def test_a_failure_says_what_was_wanted_and_what_came(assertion, args, first_line):
    fake = asked(RateLimit(), "hi", requests=(asking(system="Be nice."), asking(system="Be nice.")))
    assert failure(getattr(fake, assertion), *args).splitlines()[0] == first_line


def test_what_must_not_be_asked_is_pointed_at():
    fake = asked("a", "b", requests=(asking("fine"), asking("my secret")))
    arrows = [line for line in failure(fake.assert_not_asked, "secret").splitlines() if line.startswith(" →")]
    assert [line.split()[1] for line in arrows] == ["2"]


def test_a_session_that_was_never_there_asked_nothing():
    assert failure(asked("a").assert_asked, "hello", session="x").startswith("Nothing was asked in session 'x' that")

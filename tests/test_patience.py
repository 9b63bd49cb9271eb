"""Patience: who watches the clock on the wall is told of each long wait before it begins, and may refuse it."""

from __future__ import annotations

import asyncio
import math
import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kaizen_eval import BaseAgent, FakeLLM, use_llm, virtual_time
from kaizen_eval.errors import KaizenError, NeedsVirtualTime
from kaizen_eval.fake import Reply, misses
from kaizen_eval.resilience import patience
from kaizen_eval.resilience.clock import sleep
from kaizen_eval.resilience.patience import check, limited

HOUR = 3600.0
waits = st.floats(min_value=0, allow_nan=False)


def refuse(seconds: float) -> None:
    raise NeedsVirtualTime(f"{seconds:g} s")


@given(waits, waits)
def test_exactly_the_waits_that_reach_the_limit_are_told(too_long, seconds):
    told: list[float] = []
    with limited(too_long, told.append):
        check(seconds)
    assert told == ([seconds] if seconds >= too_long else [])


def test_where_nobody_watches_no_wait_is_too_long():
    assert not patience.is_limited()
    check(math.inf)


def test_the_innermost_watches_and_each_leaves_with_its_block():
    told: list[str] = []
    with limited(1, lambda _: told.append("outer")):
        with limited(2, lambda _: told.append("inner")):
            check(1)
            check(2)
        check(1)
    check(HOUR)
    assert (told, patience.is_limited()) == (["inner", "outer"], False)


def test_a_block_that_raises_leaves_nobody_watching():
    with pytest.raises(NeedsVirtualTime), limited(1, refuse):
        check(HOUR)
    check(HOUR)


def test_every_thread_is_watched():
    told: list[float] = []
    with limited(1, told.append):
        thread = threading.Thread(target=check, args=(HOUR,))
        thread.start()
        thread.join()
    assert told == [HOUR]


def test_a_real_sleep_is_told_and_a_virtual_one_is_not():
    told: list[float] = []
    with limited(1, told.append):
        with virtual_time() as clock:
            clock.run(sleep(HOUR))
        asyncio.run(sleep(0))
        with pytest.raises(NeedsVirtualTime, match=r"^3600 s$"), limited(1, refuse):
            asyncio.run(sleep(HOUR))
    assert (told, clock.elapsed) == ([], HOUR)


def test_an_agents_long_backoff_is_refused_before_it_begins():
    fake = FakeLLM()
    fake.fail("rate_limit", retry_after=HOUR).times(1)
    with limited(1, refuse), pytest.raises(NeedsVirtualTime, match=r"^3600 s$"):
        BaseAgent({"timeout": 2 * HOUR}, provider=fake).run(question="?")
    fake.assert_outcomes("rate_limit")


@pytest.mark.parametrize(
    "act",
    [
        lambda fake: fake.otherwise(Reply("late", latency=HOUR)),
        lambda fake: fake.fail("hang"),
        lambda fake: fake.fail("hang_in_body"),
        lambda fake: fake.fail("slow_headers"),
    ],
    ids=["latency", "hang", "hang in body", "slow headers"],
)
def test_a_server_that_would_keep_its_client_waiting_says_so_at_once_and_complains_of_no_script(act, caplog):
    fake = FakeLLM()
    act(fake)
    told: list[float] = []

    def tell(seconds: float) -> None:
        told.append(seconds)
        refuse(seconds)

    with fake.serve() as server:
        door = server.door()
        with limited(1, tell), use_llm(door), pytest.raises(KaizenError):
            BaseAgent({"retry": {"base": 0, "attempts": 1}}).run(question="?")
        door.close()
    assert [seconds >= 1 for seconds in told] == [True]
    complaints = [record.message for record in caplog.records if record.name == "kaizen_eval.fake"]
    assert (complaints, misses.take()) == ([], ())

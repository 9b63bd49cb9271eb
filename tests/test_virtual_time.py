"""Virtual time: exact, shared by loops and threads, and never silent about a deadlock."""

from __future__ import annotations

import asyncio
import gc
import math
import re
import signal
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from typing import Any

import anyio
import anyio.from_thread
import anyio.to_thread
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kaizen_eval import BaseAgent, FakeLLM, bridge
from kaizen_eval.errors import Deadlock, UsageError
from kaizen_eval.resilience.clock import (
    WALL_EPOCH,
    VirtualClock,
    VirtualLoop,
    current_clock,
    elapsed_ms,
    now_ns,
    sleep,
    virtual_time,
    wall_time,
)
from kaizen_eval.resilience.daemon_threads import DaemonThreads
from kaizen_eval.resilience.deadlock import ADVICE
from kaizen_eval.resilience.timeline import Party, Timeline
from kaizen_eval.resilience.virtual_loop import TimelineLoop

pytest_plugins = ["pytester"]

HOUR = 3600
NANOSECONDS = st.integers(min_value=0, max_value=10**14)  # up to 28 hours, each


@pytest.fixture
def clock() -> Iterator[VirtualClock]:
    with virtual_time() as clock:
        yield clock


async def say_when(delay: float, said: list[tuple[Any, float]], what: Any) -> None:
    await asyncio.sleep(delay)
    said.append((what, asyncio.get_running_loop().time()))


# Laws


@given(st.lists(NANOSECONDS, max_size=20))
def test_sleeps_in_a_row_always_add_up_to_the_nanosecond(durations: list[int]) -> None:
    async def in_a_row() -> None:
        for duration in durations:
            await asyncio.sleep(duration / 1e9)

    clock = VirtualClock()
    clock.run(in_a_row())
    assert clock.now_ns == 1000 * 10**9 + sum(durations)


@given(st.lists(NANOSECONDS, min_size=1, max_size=20))
def test_sleeps_at_once_always_take_as_long_as_the_longest(durations: list[int]) -> None:
    async def at_once() -> None:
        await asyncio.gather(*(asyncio.sleep(duration / 1e9) for duration in durations))

    clock = VirtualClock()
    clock.run(at_once())
    assert clock.now_ns == 1000 * 10**9 + max(durations)


@given(st.lists(st.integers(min_value=0, max_value=5), max_size=20))
def test_who_sleeps_shorter_and_then_who_slept_first_always_wakes_first(delays: list[int]) -> None:
    async def in_a_group() -> list[tuple[Any, float]]:
        said: list[tuple[Any, float]] = []
        async with asyncio.TaskGroup() as group:
            for number, delay in enumerate(delays):
                group.create_task(say_when(delay, said, number))
        return said

    expected = sorted(enumerate(delays), key=lambda pair: pair[1])
    assert VirtualClock().run(in_a_group()) == [(number, 1000.0 + delay) for number, delay in expected]


@given(NANOSECONDS, NANOSECONDS)
def test_a_timeout_always_ends_a_longer_sleep_and_never_a_shorter_one(limit: int, duration: int) -> None:
    async def within_limit() -> bool:
        try:
            async with asyncio.timeout(limit / 1e9):
                await asyncio.sleep(duration / 1e9)
        except TimeoutError:
            return False
        return True

    clock = VirtualClock()
    assert clock.run(within_limit()) is (duration < limit)
    assert clock.now_ns == 1000 * 10**9 + min(duration, limit)


# One loop


def test_an_hour_within_a_timeout_of_two_is_exactly_an_hour(clock: VirtualClock) -> None:
    async def main() -> str:
        async with asyncio.timeout(2 * HOUR):
            return await asyncio.sleep(HOUR, "slept")

    assert (clock.run(main()), clock.elapsed, clock.now) == ("slept", 3600, 4600)


def test_two_thousand_durations_in_milliseconds_are_published_exactly(clock: VirtualClock) -> None:
    async def measure() -> list[float]:
        measured = []
        for milliseconds in range(1, 2001):
            start = now_ns()
            await asyncio.sleep(milliseconds / 1000)
            measured.append(elapsed_ms(start, now_ns()))
        return measured

    assert clock.run(measure()) == [float(milliseconds) for milliseconds in range(1, 2001)]
    assert clock.elapsed == 2001.0


def test_time_goes_on_from_run_to_run(clock: VirtualClock) -> None:
    clock.run(asyncio.sleep(1.5))
    clock.run(asyncio.sleep(0.1))
    assert clock.elapsed == 1.6


def test_a_century_ends(clock: VirtualClock) -> None:
    century = 100 * 365 * 24 * HOUR
    clock.run(asyncio.sleep(century))
    clock.run(asyncio.sleep(1))
    assert clock.elapsed == century + 1


class HalfMadeLoop(TimelineLoop):
    def _make_self_pipe(self) -> None:
        raise OSError("no sockets here")


@pytest.mark.filterwarnings("error")
def test_a_loop_that_could_not_be_made_is_collected_in_silence() -> None:
    with pytest.raises(OSError, match="no sockets here"):
        HalfMadeLoop(Timeline())
    gc.collect()


def test_sleeping_zero_seconds_takes_no_time(clock: VirtualClock) -> None:
    async def spin() -> None:
        for _ in range(1000):
            await asyncio.sleep(0)

    clock.run(spin())
    assert clock.elapsed == 0


def test_a_sleep_for_ever_ends_by_its_timeout(clock: VirtualClock) -> None:
    with pytest.raises(TimeoutError):
        clock.run(asyncio.wait_for(asyncio.sleep(math.inf), 30))
    assert clock.elapsed == 30


def test_a_timer_that_is_cancelled_moves_no_time(clock: VirtualClock) -> None:
    async def main() -> None:
        asyncio.get_running_loop().call_later(HOUR, print, "never").cancel()
        await asyncio.sleep(1)

    clock.run(main())
    assert clock.elapsed == 1


def test_call_at_and_call_later_agree(clock: VirtualClock) -> None:
    async def main() -> list[str]:
        loop, called = asyncio.get_running_loop(), []
        loop.call_later(0.3, called.append, "later")
        loop.call_at(1000.1 + 0.2, called.append, "at")  # 1000.3000000000001
        await asyncio.sleep(0.3)
        return called

    assert (clock.run(main()), clock.elapsed) == (["later", "at"], 0.3)


def test_locks_and_queues_wait_in_virtual_time(clock: VirtualClock) -> None:
    async def main() -> list[tuple[Any, float]]:
        lock, queue, said = asyncio.Lock(), asyncio.Queue[int](maxsize=1), []

        async def produce() -> None:
            for number in range(3):
                async with lock:
                    await asyncio.sleep(1)
                await queue.put(number)

        async def consume() -> None:
            for _ in range(3):
                said.append((await queue.get(), clock.now))
                async with lock:
                    await asyncio.sleep(10)

        await asyncio.gather(produce(), consume())
        return said

    assert clock.run(main()) == [(0, 1001.0), (1, 1012.0), (2, 1023.0)]


def test_sockets_between_tasks_of_one_loop_work(clock: VirtualClock) -> None:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(2)
        writer.write(await reader.readline())
        writer.close()

    async def main() -> bytes:
        async with await asyncio.start_server(answer, "127.0.0.1", 0) as server:
            reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
            writer.write(b"hello\n")
            line = await reader.readline()
            writer.close()
            await writer.wait_closed()
            return line

    assert (clock.run(main()), clock.elapsed) == (b"hello\n", 2)


@pytest.mark.parametrize("error", [ValueError("mine"), KeyboardInterrupt("mine"), SystemExit(3)])
def test_what_a_coroutine_raises_is_raised_as_it_is(clock: VirtualClock, error: BaseException) -> None:
    async def fail() -> None:
        await asyncio.sleep(1)
        raise error

    with pytest.raises(type(error)) as caught:
        clock.run(fail())
    assert caught.value is error


@pytest.mark.usefixtures("ctrl_c")
def test_ctrl_c_cancels_the_run(clock: VirtualClock) -> None:
    ended = []

    async def main() -> None:
        asyncio.get_running_loop().call_later(5, signal.raise_signal, signal.SIGINT)
        try:
            await asyncio.sleep(HOUR)
        finally:
            ended.append(clock.elapsed)

    with pytest.raises(KeyboardInterrupt):
        clock.run(main())
    assert ended == [5]


# What time it is


def test_times_are_read_from_the_virtual_clock(clock: VirtualClock) -> None:
    async def read() -> tuple[int, float, object]:
        await asyncio.sleep(60)
        return now_ns(), wall_time(), current_clock()

    assert clock.run(read()) == (1060 * 10**9, WALL_EPOCH + 60, clock)
    assert (now_ns(), wall_time(), current_clock()) == (1060 * 10**9, WALL_EPOCH + 60, clock)


def test_a_real_loop_keeps_its_real_time_beside_a_virtual_clock(clock: VirtualClock) -> None:
    async def read() -> tuple[bool, bool]:
        real = round(asyncio.get_running_loop().time() * 1e9)
        return 0 <= now_ns() - real < 60 * 10**9, wall_time() > WALL_EPOCH + 10**6

    assert asyncio.run(read()) == (True, True)


def test_our_own_sleep_is_virtual_on_a_virtual_loop(clock: VirtualClock) -> None:
    clock.run(sleep(HOUR))
    assert clock.elapsed == HOUR


@pytest.mark.parametrize(("seconds", "how_long"), [(HOUR, "3600 s"), (math.inf, "for ever")])
def test_our_own_sleep_on_a_real_loop_inside_virtual_time_is_refused(
    clock: VirtualClock, seconds: float, how_long: str
) -> None:
    with pytest.raises(
        UsageError, match=rf"to wait {how_long}, and really would\. Use clock\.run\(coroutine\) instead"
    ):
        asyncio.run(sleep(seconds))
    asyncio.run(sleep(0))
    assert clock.elapsed == 0


def test_our_own_sleep_is_real_without_virtual_time() -> None:
    assert asyncio.run(sleep(1e-9)) is None


def test_an_agent_s_wait_on_a_real_loop_inside_virtual_time_is_refused(clock: VirtualClock) -> None:
    llm = FakeLLM()
    llm.fail("rate_limit", retry_after=HOUR).times(1)
    agent = BaseAgent({"timeout": 2 * HOUR}, provider=llm)
    with pytest.raises(UsageError, match="to wait 3600 s, and really would"):
        asyncio.run(agent.run_async(question="Why?"))


def test_without_virtual_time_there_is_no_virtual_clock() -> None:
    assert current_clock() is None
    assert now_ns() <= now_ns()
    assert wall_time() > WALL_EPOCH + 10**6


def test_elapsed_milliseconds_are_rounded_to_a_microsecond() -> None:
    assert elapsed_ms(5, 200_000_004) == 200.0
    assert elapsed_ms(0, 1_234_567) == 1.235


def test_a_block_within_a_block_has_the_same_clock_also_in_another_thread(clock: VirtualClock) -> None:
    def enter() -> VirtualClock:
        with virtual_time() as inner:
            return inner

    with ThreadPoolExecutor(1) as pool:
        assert (enter(), pool.submit(enter).result(), current_clock()) == (clock, clock, clock)


def test_each_outermost_block_has_a_new_clock() -> None:
    with virtual_time() as first:
        first.run(asyncio.sleep(1))
    with virtual_time() as second:
        assert (second is first, second.elapsed) == (False, 0)


def test_virtual_time_inside_a_running_real_loop_is_refused_with_advice() -> None:
    async def main() -> None:
        with virtual_time():
            pass

    with pytest.raises(UsageError, match=r"before the loop starts: `with virtual_time\(\) as clock: clock.run"):
        asyncio.run(main())


def test_virtual_time_inside_its_own_loop_is_the_same_clock(clock: VirtualClock) -> None:
    async def main() -> VirtualClock:
        with virtual_time() as inner:
            return inner

    assert clock.run(main()) is clock


def test_run_inside_a_running_loop_is_refused_with_advice(clock: VirtualClock) -> None:
    async def main() -> None:
        clock.run(asyncio.sleep(1))

    with pytest.raises(UsageError, match="await the coroutine there instead"):
        clock.run(main())


# Threads


def in_pool_of_its_own(work: Callable[[], object]) -> object:
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(work).result()


def test_the_clock_waits_for_work_in_a_thread(clock: VirtualClock) -> None:
    gate = threading.Event()

    async def main() -> str:
        async with asyncio.timeout(1):
            waits = asyncio.create_task(asyncio.to_thread(gate.wait))
            await asyncio.sleep(0)
            threading.Timer(0.05, gate.set).start()
            await waits
            return "in time"

    assert (clock.run(main()), clock.elapsed) == ("in time", 0)


def test_the_clock_waits_for_work_in_an_executor_of_ones_own(clock: VirtualClock) -> None:
    gate = threading.Event()

    async def main() -> bool:
        with ThreadPoolExecutor(1) as pool:
            waits = asyncio.get_running_loop().run_in_executor(pool, gate.wait)
            threading.Timer(0.05, gate.set).start()
            return await asyncio.wait_for(waits, 1)

    assert (clock.run(main()), clock.elapsed) == (True, 0)


@pytest.mark.parametrize("when", ["before", "after"])
def test_the_clock_waits_for_a_thread_that_a_busy_machine_lets_wait(clock: VirtualClock, when: str) -> None:
    class Busy(DaemonThreads):
        def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
            return super().submit(lambda: self._late(partial(fn, *args, **kwargs)))

        def _late(self, work: Callable[[], Any]) -> Any:
            if when == "before":
                time.sleep(0.4)
            result = work()
            if when == "after":
                time.sleep(0.4)
            return result

    async def main() -> int:
        async with asyncio.timeout(10):
            return await asyncio.get_running_loop().run_in_executor(Busy("busy"), int, "7")

    assert (clock.run(main()), clock.elapsed) == (7, 0)


def test_an_executor_that_refuses_work_leaves_the_clock_free(clock: VirtualClock) -> None:
    async def main() -> None:
        with ThreadPoolExecutor(1) as pool:
            pass
        with pytest.raises(RuntimeError, match="shutdown"):
            asyncio.get_running_loop().run_in_executor(pool, print)
        await asyncio.sleep(1)

    clock.run(main())
    assert clock.elapsed == 1


def test_work_that_is_cancelled_leaves_the_clock_free(clock: VirtualClock) -> None:
    gate = threading.Event()

    async def main() -> None:
        waits = asyncio.create_task(asyncio.to_thread(gate.wait))
        await asyncio.sleep(0)
        waits.cancel()
        await asyncio.sleep(5)
        gate.set()

    clock.run(main())
    assert clock.elapsed == 5


def test_a_call_from_a_plain_thread_wakes_a_loop_that_waits(clock: VirtualClock) -> None:
    async def main() -> str:
        called = asyncio.get_running_loop().create_future()
        call = partial(asyncio.get_running_loop().call_soon_threadsafe, called.set_result, "called")
        threading.Timer(0.05, call).start()
        return await called

    assert (clock.run(main()), clock.elapsed) == ("called", 0)


def test_a_worker_that_waits_for_a_coroutine_of_the_loop_lets_time_pass(clock: VirtualClock) -> None:
    async def main() -> list[object]:
        loop = asyncio.get_running_loop()

        def wait() -> object:
            return asyncio.run_coroutine_threadsafe(asyncio.sleep(5, "slept"), loop).result()

        return await asyncio.gather(asyncio.to_thread(wait), asyncio.to_thread(wait), asyncio.sleep(7))

    assert (clock.run(main()), clock.elapsed) == (["slept", "slept", None], 7)


def test_a_worker_that_works_on_after_it_sent_a_coroutine_holds_the_clock(clock: VirtualClock) -> None:
    gate = threading.Event()

    async def main() -> float:
        loop = asyncio.get_running_loop()

        def work() -> BaseException | None:
            sent = asyncio.run_coroutine_threadsafe(asyncio.sleep(5), loop)
            threading.Timer(0.05, gate.set).start()
            gate.wait()
            assert clock.elapsed == 0
            return sent.exception()

        assert await asyncio.to_thread(work) is None
        return clock.elapsed

    assert clock.run(main()) == 5


def test_a_worker_that_waits_in_vain_for_a_coroutine_gets_the_deadlock(clock: VirtualClock) -> None:
    async def main() -> float:
        loop = asyncio.get_running_loop()

        def wait() -> None:
            asyncio.run_coroutine_threadsafe(asyncio.Event().wait(), loop).result()

        with pytest.raises(Deadlock, match=r"Event\.wait waits at"):
            await asyncio.to_thread(wait)
        return await asyncio.sleep(3, clock.elapsed)

    assert (clock.run(main()), clock.elapsed) == (0, 3)


def test_a_coroutine_that_a_worker_waits_for_raises_there_and_can_be_cancelled(clock: VirtualClock) -> None:
    async def fail() -> None:
        raise LookupError

    async def main() -> None:
        loop = asyncio.get_running_loop()

        def wait() -> tuple[type[BaseException], bool, bool]:
            failed = asyncio.run_coroutine_threadsafe(fail(), loop).exception()
            cancelled = asyncio.run_coroutine_threadsafe(asyncio.sleep(5), loop)
            return type(failed), cancelled.cancel(), cancelled.cancelled()

        assert await asyncio.to_thread(wait) == (LookupError, True, True)

    clock.run(main())
    assert clock.elapsed == 0


def test_the_clock_waits_for_work_in_a_thread_of_anyio(clock: VirtualClock) -> None:
    gate = threading.Event()

    async def main() -> bool:
        threading.Timer(0.05, gate.set).start()
        with anyio.fail_after(1):
            return await anyio.to_thread.run_sync(gate.wait)

    assert (clock.run(main()), clock.elapsed) == (True, 0)


def test_an_idle_thread_of_anyio_does_not_hold_the_clock(clock: VirtualClock) -> None:
    async def main() -> None:
        await anyio.to_thread.run_sync(int)
        await anyio.sleep(5)

    clock.run(main())
    assert clock.elapsed == 5


@pytest.mark.parametrize("wait", [partial(anyio.from_thread.run, anyio.sleep, 5), lambda: bridge.run(asyncio.sleep(5))])
def test_a_thread_of_anyio_that_waits_for_a_coroutine_lets_time_pass(
    clock: VirtualClock, wait: Callable[[], object]
) -> None:
    async def main() -> None:
        async with anyio.create_task_group() as group:
            group.start_soon(anyio.to_thread.run_sync, wait)
            group.start_soon(anyio.sleep, 7)

    clock.run(main())
    assert clock.elapsed == 7


def test_a_thread_that_waits_before_it_is_known_to_work_does_not_hold_the_clock() -> None:
    timeline, worker = Timeline(), Party(threading.get_ident())
    wait = timeline.begin_wait(pytest.fail)
    timeline.join(worker)
    assert worker.quiet
    timeline.end_wait(wait)
    assert not worker.quiet


def test_work_that_finds_no_free_worker_does_not_hold_the_clock_for_ever(clock: VirtualClock) -> None:
    async def main() -> None:
        asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(1))
        await asyncio.gather(*(asyncio.to_thread(bridge.run, partial(asyncio.sleep, 5)) for _ in range(2)))

    clock.run(main())
    assert clock.elapsed == 10


def test_a_loop_that_stands_in_the_join_of_a_thread_lets_its_run_go_on(clock: VirtualClock) -> None:
    async def main() -> list[str]:
        with ThreadPoolExecutor(2) as pool:
            return list(pool.map(lambda word: bridge.run(asyncio.sleep(5, word)), ["a", "b", "c"]))

    assert (clock.run(main()), clock.elapsed) == (["a", "b", "c"], 10)


def test_a_worker_that_waits_for_what_only_time_can_bring_lets_it_pass(clock: VirtualClock) -> None:
    gate = threading.Event()

    async def main() -> bool:
        asyncio.get_running_loop().call_later(5, gate.set)
        return await asyncio.to_thread(gate.wait)

    assert (clock.run(main()), clock.elapsed) == (True, 5)


@pytest.mark.parametrize(
    "work",
    [
        partial(threading.Event().wait, 0.2),
        lambda: asyncio.run(asyncio.sleep(0.2)),
        partial(in_pool_of_its_own, partial(threading.Event().wait, 0.2)),
        partial(in_pool_of_its_own, partial(signal.sigtimedwait, [], 0.2)),
    ],
)
def test_real_waits_in_a_worker_hold_the_clock(clock: VirtualClock, work: Callable[[], object]) -> None:
    async def main() -> None:
        async with asyncio.timeout(1):
            await asyncio.to_thread(work)

    clock.run(main())
    assert clock.elapsed == 0


def in_two_threads(*works: Callable[[], object]) -> None:
    with ThreadPoolExecutor(len(works)) as pool:
        for done in [pool.submit(work) for work in works]:
            done.result()


@pytest.mark.parametrize("_", range(5))
def test_loops_in_two_threads_take_turns_on_one_clock(clock: VirtualClock, _: int) -> None:
    both_run, said = threading.Barrier(2), []

    async def count(name: str, step: float) -> None:
        both_run.wait()
        for _ in range(3):
            await say_when(step, said, name)

    in_two_threads(lambda: clock.run(count("fast", 2)), lambda: clock.run(count("slow", 3)))
    assert said[:3] == [("fast", 1002.0), ("slow", 1003.0), ("fast", 1004.0)]
    assert sorted(said[3:]) == [("fast", 1006.0), ("slow", 1006.0), ("slow", 1009.0)]


def test_a_loop_that_runs_in_a_worker_of_another_loop_shares_its_time(clock: VirtualClock) -> None:
    async def main() -> None:
        await asyncio.gather(asyncio.to_thread(clock.run, asyncio.sleep(5)), asyncio.sleep(7))

    clock.run(main())
    assert clock.elapsed == 7


def test_a_loop_that_idles_in_a_thread_does_not_hold_the_clock_nor_deadlock(clock: VirtualClock) -> None:
    loop = VirtualLoop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    clock.run(asyncio.sleep(9))
    done = asyncio.run_coroutine_threadsafe(asyncio.sleep(4, "done"), loop)
    assert (done.result(), clock.elapsed) == ("done", 13)
    loop.call_soon_threadsafe(loop.stop)
    thread.join()
    loop.close()


# Deadlocks


def test_a_deadlock_lists_what_waits_and_where(clock: VirtualClock) -> None:
    async def fetch(queue: asyncio.Queue[str]) -> str:
        return await queue.get()

    async def main() -> None:
        await asyncio.sleep(2)
        fetching = asyncio.create_task(fetch(asyncio.Queue()), name="fetching")
        asyncio.current_task().set_name("main")
        await fetching

    with pytest.raises(Deadlock) as caught:
        clock.run(main())
    first_line = fetch.__code__.co_firstlineno
    assert str(caught.value).splitlines() == [
        "Deadlock on virtual time, at 1002 s: everything waits, no timer is set, and nothing can wake it.",
        f"  fetching: {fetch.__qualname__} waits at {__file__}:{first_line + 1}",
        f"  main: {main.__qualname__} waits at {__file__}:{first_line + 7}",
        ADVICE,
    ]


def test_a_deadlock_points_at_the_readers_own_line_within_the_libraries(clock: VirtualClock) -> None:
    async def main() -> None:
        await anyio.Event().wait()

    with pytest.raises(Deadlock, match=re.escape(f"waits at {__file__}:{main.__code__.co_firstlineno + 1}\n")):
        clock.run(main())


def test_the_traceback_of_a_deadlock_holds_the_readers_own_lines_alone(clock: VirtualClock) -> None:
    async def fetch() -> None:
        await asyncio.Event().wait()

    async def run_inside() -> None:
        bridge.run(fetch())

    def lines_of(deadlock: Callable[[], object]) -> list[str]:
        with pytest.raises(Deadlock) as caught:
            deadlock()
        return [line.name for line in traceback.extract_tb(caught.value.__traceback__)]

    assert lines_of(lambda: clock.run(fetch())) == ["lines_of", "<lambda>"]
    assert lines_of(lambda: bridge.run(fetch())) == ["lines_of", "<lambda>"]
    assert lines_of(lambda: clock.run(run_inside())) == ["lines_of", "<lambda>", "run_inside"]
    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        assert lines_of(lambda: runner.run(fetch())) == ["lines_of", "<lambda>", "run"]


def test_after_a_deadlock_everything_is_cancelled_and_the_clock_goes_on(clock: VirtualClock) -> None:
    ended = []

    async def wait_in_vain() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(1)
            ended.append("cleaned up")

    with pytest.raises(Deadlock):
        clock.run(wait_in_vain())
    clock.run(asyncio.sleep(1))
    assert (ended, clock.elapsed) == (["cleaned up"], 2)


def test_two_loops_that_wait_for_each_other_both_deadlock(clock: VirtualClock) -> None:
    both_run = threading.Barrier(2)

    async def wait_in_vain() -> None:
        both_run.wait()
        await asyncio.Event().wait()

    def deadlock() -> None:
        with pytest.raises(Deadlock, match=r"wait_in_vain waits at (.|\n)*wait_in_vain waits at "):
            clock.run(wait_in_vain())

    in_two_threads(deadlock, deadlock)


def test_a_loop_of_its_own_deadlocks_too() -> None:
    with asyncio.Runner(loop_factory=VirtualLoop) as runner, pytest.raises(Deadlock):
        runner.run(asyncio.Event().wait())


# The end


def test_nothing_is_left_behind() -> None:
    before = threading.active_count()
    with virtual_time() as clock:
        clock.run(asyncio.to_thread(print, end=""))
        bridge.run(asyncio.sleep(1))
        with pytest.raises(Deadlock):
            clock.run(asyncio.Event().wait())
    gc.collect()  # a loop that is not closed, or a task that waits, would warn here: an error
    assert (threading.active_count(), current_clock()) == (before, None)


# Neighbours


@pytest.mark.parametrize("factory", [VirtualLoop, lambda: VirtualLoop(VirtualClock())])
def test_a_runner_takes_the_loop_as_its_factory(factory: Callable[[], VirtualLoop]) -> None:
    async def main() -> float:
        await asyncio.sleep(HOUR)
        return current_clock().elapsed

    with asyncio.Runner(loop_factory=factory) as runner:
        assert runner.run(main()) == 3600


def test_pytest_asyncio_takes_the_loop_as_its_factory(pytester: pytest.Pytester) -> None:
    pytester.makeini("[pytest]\nasyncio_default_fixture_loop_scope = function\nfilterwarnings = error")
    pytester.makeconftest(
        """
        from kaizen_eval.resilience.clock import VirtualLoop

        def pytest_asyncio_loop_factories(config, item):
            return {"virtual": VirtualLoop}
        """
    )
    pytester.makepyfile(
        """
        import asyncio, pytest
        from kaizen_eval.resilience.clock import current_clock

        @pytest.mark.asyncio
        @pytest.mark.parametrize("hours", [1, 2])
        async def test_hours(hours):
            await asyncio.sleep(hours * 3600)
            await asyncio.to_thread(int)
            assert current_clock().elapsed == hours * 3600
        """
    )
    result = pytester.runpytest_inprocess("-p", "no:cacheprovider")
    result.assert_outcomes(passed=2)


def test_the_waits_of_the_real_openai_client_are_virtual(clock: VirtualClock) -> None:
    import httpx2  # noqa: PLC0415 - half a second, for one test
    import openai  # noqa: PLC0415 - half a second, for one test

    asked = []

    def refuse(request: httpx2.Request) -> httpx2.Response:
        asked.append(clock.elapsed)
        return httpx2.Response(500, json={"error": {"message": "out of order"}}, headers={"retry-after": "60"})

    async def ask() -> None:
        http = openai.DefaultAsyncHttpxClient(transport=httpx2.MockTransport(refuse))
        async with openai.AsyncOpenAI(api_key="made-up", max_retries=2, http_client=http) as client:
            await client.chat.completions.create(model="any", messages=[{"role": "user", "content": "?"}])

    with pytest.raises(openai.InternalServerError):
        clock.run(ask())
    assert asked == [0, 60, 120]

"""The bridge: any synchronous caller runs coroutines, is interrupted cleanly, and leaves nothing behind."""

from __future__ import annotations

import asyncio
import contextvars
import gc
import os
import signal
import subprocess
import sys
import textwrap
import threading
import traceback
import weakref
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress

import pytest

from kaizen_eval import bridge
from kaizen_eval.errors import Deadlock, UsageError
from kaizen_eval.resilience.clock import VirtualClock, current_clock, now_ns, virtual_time
from kaizen_eval.resilience.signal_safe_loop import SignalSafeLoop

HOUR = 3600
who = contextvars.ContextVar("who", default="nobody")


@pytest.fixture
def clock() -> Iterator[VirtualClock]:
    with virtual_time() as clock:
        yield clock


async def echo(value: object) -> object:
    await asyncio.sleep(0)
    return value


class Sleeper:
    """A coroutine that would sleep for ever, and says how it ended."""

    def __init__(self, *, stubborn: bool = False) -> None:
        self.began = threading.Event()
        self.ended: list[str] = []
        self.released = threading.Event()
        self._stubborn = stubborn

    async def sleep(self) -> None:
        self.began.set()
        try:
            await asyncio.sleep(HOUR)
        except asyncio.CancelledError:
            while self._stubborn and not self.released.is_set():  # noqa: ASYNC110 - another thread sets it
                await asyncio.sleep(0.001)
            await asyncio.sleep(0.01)
            self.ended.append("cancelled")
            raise


# Results and callers


def test_a_coroutine_and_a_function_that_makes_one_both_serve() -> None:
    assert (bridge.run(echo(1)), bridge.run(lambda: echo(2))) == (1, 2)


def test_all_runs_share_one_loop() -> None:
    async def which() -> asyncio.AbstractEventLoop:
        return asyncio.get_running_loop()

    assert bridge.run(which) is bridge.run(which)


def test_many_threads_run_at_once() -> None:
    together = asyncio.Barrier(10)

    async def meet(number: int) -> int:
        await together.wait()
        return number

    with ThreadPoolExecutor(10) as pool:
        assert list(pool.map(lambda number: bridge.run(meet(number)), range(10))) == list(range(10))


def test_it_works_inside_a_running_loop() -> None:
    async def notebook_cell() -> object:
        return bridge.run(echo("answer"))

    assert asyncio.run(notebook_cell()) == "answer"


def test_the_callers_context_is_visible_and_stays_as_it_was() -> None:
    async def introduce() -> str:
        name = who.get()
        who.set("somebody else")
        return name

    token = who.set("Alice")
    assert (bridge.run(introduce), who.get()) == ("Alice", "Alice")
    who.reset(token)


def test_on_the_background_loop_itself_it_is_refused_with_advice() -> None:
    async def nested() -> None:
        assert bridge.on_background_loop()
        bridge.run(echo(1))

    with pytest.raises(UsageError, match=r"await agent\.run_async"):
        bridge.run(nested)
    assert not bridge.on_background_loop()


def test_a_thread_started_on_the_background_loop_may_run() -> None:
    async def hand_over() -> object:
        return await asyncio.to_thread(bridge.run, echo("from a worker"))

    assert bridge.run(hand_over) == "from a worker"


# Errors


@pytest.mark.parametrize("error", [ValueError("mine"), KeyboardInterrupt(), SystemExit(3), asyncio.CancelledError()])
def test_what_the_coroutine_raises_is_raised_and_the_loop_lives_on(error: BaseException) -> None:
    async def fail() -> None:
        raise error

    with pytest.raises(type(error)) as caught:
        bridge.run(fail)
    assert (caught.value is error or isinstance(error, asyncio.CancelledError), bridge.run(echo(1))) == (True, 1)


def test_an_exception_keeps_its_traceback() -> None:
    async def deep() -> None:
        await echo(1)
        raise ValueError

    with pytest.raises(ValueError) as caught:
        bridge.run(deep)
    names = [frame.name for frame in traceback.extract_tb(caught.value.__traceback__)]
    assert (names[:2], names[-1]) == (["test_an_exception_keeps_its_traceback", "run"], "deep")


def test_an_exception_keeps_nothing_alive_once_it_is_handled() -> None:
    class Payload:
        pass

    held: list[weakref.ref[Payload]] = []

    async def fail() -> None:
        payload = Payload()
        held.append(weakref.ref(payload))
        raise ValueError

    gc.disable()
    try:
        with pytest.raises(ValueError):
            bridge.run(fail)
        bridge.run(echo(1))  # the loop's last handle is gone now
        assert held[0]() is None
    finally:
        gc.enable()


def test_a_run_that_was_refused_does_not_leave_its_coroutine_behind() -> None:
    background = bridge.BackgroundLoop()
    background.close()
    with pytest.raises(RuntimeError, match="closed"):
        background.run(echo(1))


# Interruptions


@contextmanager
def alarm(after: Callable[[], object], raises: type[BaseException]) -> Iterator[None]:
    """As in the guide: a signal handler that raises in the main thread; here when `after` has returned."""

    def handler(signum: int, frame: object) -> None:
        raise raises

    def ring() -> None:
        after()
        signal.pthread_kill(threading.main_thread().ident, signal.SIGALRM)

    before = signal.signal(signal.SIGALRM, handler)
    ringing = threading.Thread(target=ring)
    ringing.start()
    try:
        yield
    finally:
        ringing.join()
        signal.signal(signal.SIGALRM, before)


@pytest.mark.parametrize("error", [TimeoutError, KeyboardInterrupt])
def test_a_signal_handler_that_raises_ends_the_run_before_the_error_goes_on(error: type[BaseException]) -> None:
    sleeper = Sleeper()
    with pytest.raises(error), alarm(sleeper.began.wait, error):
        bridge.run(sleeper.sleep)
    assert sleeper.ended == ["cancelled"]


def test_an_alarm_within_the_wake_up_call_is_not_taken_for_an_error_of_the_socket() -> None:
    class Line:
        def send(self, _: bytes) -> None:
            signal.raise_signal(signal.SIGALRM)

    def handler(signum: int, frame: object) -> None:
        raise TimeoutError

    loop, before = SignalSafeLoop(), signal.signal(signal.SIGALRM, handler)
    line, loop._csock = loop._csock, Line()
    try:
        with pytest.raises(TimeoutError):
            loop.call_soon_threadsafe(print)
    finally:
        signal.signal(signal.SIGALRM, before)
        loop._csock = line
        loop.close()


def test_the_guides_alarm_raises_in_the_main_thread() -> None:
    def handler(signum: int, frame: object) -> None:
        raise TimeoutError

    before = signal.signal(signal.SIGALRM, handler)
    signal.setitimer(signal.ITIMER_REAL, 0.05)
    sleeper = Sleeper()
    try:
        with pytest.raises(TimeoutError):
            bridge.run(sleeper.sleep)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
    assert sleeper.ended == ["cancelled"]


@pytest.mark.usefixtures("ctrl_c")
def test_ctrl_c_ends_the_run() -> None:
    sleeper = Sleeper()

    def press() -> None:
        sleeper.began.wait()
        signal.raise_signal(signal.SIGINT)

    threading.Thread(target=press).start()
    with pytest.raises(KeyboardInterrupt):
        bridge.run(sleeper.sleep)
    assert sleeper.ended == ["cancelled"]


def test_a_run_that_will_not_end_is_left_behind_and_the_error_says_so() -> None:
    background, sleeper = bridge.BackgroundLoop(cleanup_seconds=0.05), Sleeper(stubborn=True)
    with pytest.raises(TimeoutError) as caught, alarm(sleeper.began.wait, TimeoutError):
        background.run(sleeper.sleep())
    assert caught.value.__notes__ == ["The run did not end within 0.05 s of being cancelled."]
    sleeper.released.set()
    background.close()


@pytest.fixture
def untraced() -> Iterator[None]:
    """Without coverage's tracer, whose own lock stays locked for ever when a signal handler raises in its midst."""
    tracer = sys.gettrace()
    sys.settrace(None)
    yield
    sys.settrace(tracer)


@pytest.mark.usefixtures("untraced")
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # it may come before there is a run
def test_an_alarm_that_comes_at_any_moment_never_hangs_nor_leaks() -> None:
    rung: list[int] = []

    def handler(signum: int, frame: object) -> None:
        rung.append(signum)
        raise TimeoutError

    def run_until_it_rings(after: float) -> None:
        rung.clear()
        signal.setitimer(signal.ITIMER_REAL, after)
        while not rung:
            bridge.run(echo(1))

    before, tasks = signal.signal(signal.SIGALRM, handler), alive_tasks()
    for moment in range(1, 200):
        with suppress(TimeoutError):
            run_until_it_rings(after=moment * 2e-6)
    signal.signal(signal.SIGALRM, before)
    assert alive_tasks() == tasks


# Leaks


def alive_tasks() -> int:
    async def count() -> int:
        return len(asyncio.all_tasks()) - 1

    return bridge.run(count)


def test_thousands_of_runs_leave_nothing_behind() -> None:
    bridge.run(echo(0))
    threads = threading.active_count()
    gc.collect()
    things = len(gc.get_objects())
    for number in range(3000):
        bridge.run(echo(number))
    gc.collect()
    assert (alive_tasks(), threading.active_count()) == (0, threads)
    assert len(gc.get_objects()) - things < 300


def test_closing_ends_what_runs_and_awaits_the_callbacks_the_latest_first() -> None:
    background, sleeper, said = bridge.BackgroundLoop(), Sleeper(), []

    async def say(word: str) -> None:
        said.append((word, list(sleeper.ended)))

    def wait_in_vain() -> None:
        with pytest.raises(asyncio.CancelledError):
            background.run(sleeper.sleep())

    waiting = threading.Thread(target=wait_in_vain)
    waiting.start()
    sleeper.began.wait()
    background.at_close(lambda: say("first"))
    background.at_close(lambda: say("second"))
    background.close()
    waiting.join()
    assert said == [("second", ["cancelled"]), ("first", ["cancelled"])]


def test_a_callback_that_fails_is_logged_and_the_others_have_their_turn(caplog: pytest.LogCaptureFixture) -> None:
    background, said = bridge.BackgroundLoop(), []

    async def say() -> None:
        said.append("goodbye")

    async def fail() -> None:
        raise ValueError("cannot close")

    background.at_close(say)
    background.at_close(fail)
    background.close()
    assert (said, [record.exc_info[1].args for record in caplog.records]) == (["goodbye"], [("cannot close",)])


# Processes


def python(code: str) -> str:
    """What a fresh interpreter prints that minds every warning."""
    done = subprocess.run(
        [sys.executable, "-X", "dev", "-W", "error", "-c", textwrap.dedent(code)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def test_at_exit_the_callbacks_are_awaited_without_a_warning() -> None:
    assert (
        python(
            """
            import asyncio
            from kaizen_eval import bridge

            async def goodbye():
                await asyncio.sleep(0)
                print("goodbye")

            async def main():
                asyncio.get_running_loop().create_task(asyncio.sleep(3600))
                await asyncio.to_thread(int)
                bridge.at_close(goodbye)

            bridge.run(main)
            """
        )
        == "goodbye\n"
    )


def test_a_process_that_never_ran_anything_exits_quietly() -> None:
    assert python("import threading; from kaizen_eval import bridge; print(threading.active_count())") == "1\n"


@pytest.mark.filterwarnings("ignore:.*multi-threaded.*fork:DeprecationWarning")
@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here")
def test_after_a_fork_both_processes_run_and_exit_without_a_warning() -> None:
    assert (
        python(
            """
            import asyncio, os, sys, warnings
            warnings.filterwarnings("ignore", "This process", DeprecationWarning)
            from kaizen_eval import bridge

            async def echo(value):
                await asyncio.sleep(0.01)
                return value

            async def goodbye():
                print(who, "says goodbye", flush=True)

            who = "parent"
            bridge.run(echo(1))
            bridge.at_close(goodbye)
            child = os.fork()
            if not child:
                who = "child"
                print("child", bridge.run(echo(2)), flush=True)
                sys.exit(0)
            status = os.waitpid(child, 0)[1]
            print("parent", bridge.run(echo(3)), status, flush=True)
            """
        )
        == "child 2\nparent 3 0\nparent says goodbye\n"
    )


# Virtual time


def test_runs_are_virtual_under_virtual_time(clock: VirtualClock) -> None:
    async def read() -> tuple[VirtualClock, int]:
        await asyncio.sleep(HOUR)
        return current_clock(), now_ns()

    assert (bridge.run(read), clock.elapsed) == ((clock, 4600 * 10**9), 3600)


def test_a_virtual_loop_that_blocks_in_a_run_lets_time_pass(clock: VirtualClock) -> None:
    async def notebook_cell() -> list[tuple[str, float]]:
        said = []
        asyncio.get_running_loop().call_later(3, lambda: said.append(("timer", clock.elapsed)))
        bridge.run(asyncio.sleep(5))
        said.append(("run", clock.elapsed))
        await asyncio.sleep(1)
        return said

    assert (clock.run(notebook_cell()), clock.elapsed) == ([("run", 5), ("timer", 5)], 6)


def test_a_worker_that_blocks_in_a_run_lets_time_pass(clock: VirtualClock) -> None:
    async def main() -> None:
        await asyncio.gather(asyncio.to_thread(bridge.run, asyncio.sleep(5)), asyncio.sleep(7))

    clock.run(main())
    assert clock.elapsed == 7


def test_what_outlives_its_run_moves_no_time_until_somebody_waits(clock: VirtualClock) -> None:
    async def begin() -> asyncio.Task[None]:
        return asyncio.get_running_loop().create_task(asyncio.sleep(HOUR))

    left = bridge.run(begin)
    assert clock.elapsed == 0
    bridge.run(asyncio.sleep(10))
    assert (clock.elapsed, left.done()) == (10, False)
    bridge.run(asyncio.sleep(HOUR))
    assert (clock.elapsed, left.done()) == (3610, True)


def test_a_run_that_can_never_end_deadlocks(clock: VirtualClock) -> None:
    async def wait_in_vain() -> None:
        await asyncio.Event().wait()

    with pytest.raises(Deadlock, match="wait_in_vain waits at "):
        bridge.run(wait_in_vain)
    assert bridge.run(echo("still works")) == "still works"


def test_a_deadlocked_run_fails_its_caller_and_no_other_loop(clock: VirtualClock) -> None:
    async def notebook_cell() -> str:
        with pytest.raises(Deadlock):
            bridge.run(asyncio.Event().wait())
        return await asyncio.sleep(2, "goes on")

    assert clock.run(notebook_cell()) == "goes on"


def test_a_deadlocked_run_has_ended_when_its_caller_knows(clock: VirtualClock) -> None:
    sleeper = Sleeper()

    async def wait_in_vain() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(1)
            sleeper.ended.append("cleaned up")

    with pytest.raises(Deadlock):
        bridge.run(wait_in_vain)
    assert (sleeper.ended, clock.elapsed) == (["cleaned up"], 1)


def test_a_run_that_deadlocks_again_in_its_clean_up_is_left_behind(clock: VirtualClock) -> None:
    cleaned = []

    async def refuse_to_end() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            try:
                await asyncio.Event().wait()
            finally:
                cleaned.append("when virtual time is left")

    with pytest.raises(Deadlock):
        bridge.run(refuse_to_end)
    assert cleaned == []


def test_leaving_virtual_time_awaits_the_callbacks_and_ends_the_thread() -> None:
    before, said = threading.active_count(), []
    with virtual_time() as clock:

        async def say_goodbye() -> None:
            await asyncio.sleep(1)
            said.append(clock.elapsed)

        bridge.run(echo(1))
        bridge.at_close(say_goodbye)
    assert (said, threading.active_count()) == ([1], before)


def test_workers_that_wait_at_once_share_one_hour(clock: VirtualClock) -> None:
    async def all_of_them() -> None:
        await asyncio.gather(*(asyncio.to_thread(bridge.run, asyncio.sleep(HOUR)) for _ in range(4)))

    clock.run(all_of_them())
    assert clock.elapsed == HOUR

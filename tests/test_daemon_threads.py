"""Threads that nobody waits for: kept for the next piece of work, and never in the way of the process's end."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from concurrent.futures import Future

import pytest

from kaizen_eval.resilience.daemon_threads import DaemonThreads
from kaizen_eval.resilience.timeline import bystanders


def settled(executor: DaemonThreads, idle: int) -> bool:
    """Whether so many threads come to wait for work."""
    return any(executor._idle == idle or time.sleep(0.001) for _ in range(5000))


def test_work_is_done_in_a_daemon_thread_that_virtual_time_does_not_wait_for():
    executor = DaemonThreads("its name")
    thread = executor.submit(threading.current_thread).result()
    assert (thread.name, thread.daemon, thread in bystanders) == ("its name", True, True)


def test_an_error_is_the_futures():
    error = LookupError("none")

    def fail() -> None:
        raise error

    assert DaemonThreads("x").submit(fail).exception() is error


def test_a_system_exit_ends_no_thread():
    executor = DaemonThreads("x")
    assert isinstance(executor.submit(sys.exit, 3).exception(), SystemExit)
    assert executor.submit(int, "7").result() == 7


def test_a_thread_serves_again():
    executor = DaemonThreads("x")
    first = executor.submit(threading.get_ident).result()
    assert settled(executor, 1)
    assert executor.submit(threading.get_ident).result() == first


def test_work_never_waits_for_other_work():
    executor = DaemonThreads("x")
    meet = threading.Barrier(40)
    futures = [executor.submit(meet.wait, 20) for _ in range(40)]
    assert sorted(future.result() for future in futures) == list(range(40))
    assert settled(executor, 16), "no more are kept"


def test_work_that_was_cancelled_before_is_not_done():
    done = []
    executor = DaemonThreads("x")
    cancelled: Future[None] = Future()
    cancelled.cancel()
    executor._waiting += 1
    executor._work.put((cancelled, lambda: done.append(1)))
    assert executor.submit(int, "7").result() == 7
    assert settled(executor, 1)
    assert done == []


FORKED = """
import os, sys, threading
from kaizen_eval.resilience.daemon_threads import DaemonThreads
executor = DaemonThreads("x")
executor.submit(int, "1").result()
child = os.fork()
if child == 0:
    os._exit(executor.submit(int, "7").result(timeout=20))
print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""


def test_after_a_fork_threads_are_new():
    ended = subprocess.run([sys.executable, "-c", FORKED], capture_output=True, text=True, timeout=50, check=False)
    assert ended.stdout == "7\n"


HANGING = """
import threading
from kaizen_eval.resilience.daemon_threads import DaemonThreads
executor = DaemonThreads("x")
executor.submit(threading.Event().wait)
executor.submit(int, "1").result()
print("over")
"""


@pytest.mark.parametrize("rest", ["", "raise SystemExit(0)"])
def test_a_process_ends_although_work_does_not(rest):
    ended = subprocess.run(
        [sys.executable, "-W", "error", "-c", HANGING + rest], capture_output=True, text=True, timeout=50, check=False
    )
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "over\n", "")

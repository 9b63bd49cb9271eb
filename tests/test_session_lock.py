"""Runs of one session take turns, across tasks, threads and loops."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import textwrap
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kaizen_eval.memory import BufferMemory
from kaizen_eval.memory.session_lock import hold
from kaizen_eval.resilience.clock import virtual_time


class Slotted:
    """A memory without weak references or a hash."""

    __slots__ = ()
    __hash__ = None

    async def load(self, session_id):
        return ()

    async def append(self, session_id, turn):
        """Nothing is kept."""

    async def clear(self, session_id):
        """Nothing was kept."""


def visits(memory, plan):
    """Enter the sessions in the plan's order, each for one second; who entered and left when."""
    log = []

    async def visit(number, session):
        async with hold(memory, session):
            start = asyncio.get_running_loop().time()
            await asyncio.sleep(1)
            log.append((session, number, start - 1000, asyncio.get_running_loop().time() - 1000))

    async def all_of_them():
        await asyncio.gather(*(visit(number, session) for number, session in enumerate(plan)))

    with virtual_time() as clock:
        clock.run(all_of_them())
    return log


@given(st.lists(st.sampled_from("abc"), max_size=12))
def test_a_session_is_always_held_by_one_at_a_time_in_order_of_arrival(plan):
    log = visits(BufferMemory(), plan)
    for session in set(plan):
        own = [number for number, name in enumerate(plan) if name == session]
        expected = [(session, number, place, place + 1) for place, number in enumerate(own)]
        assert [entry for entry in log if entry[0] == session] == expected


def test_a_memory_without_hash_or_weak_references_serves_too():
    assert visits(Slotted(), "aa") == [("a", 0, 0, 1), ("a", 1, 1, 2)]


def test_two_memories_do_not_wait_for_each_other():
    async def both():
        async with hold(BufferMemory(), "a"), hold(BufferMemory(), "a"):
            return "entered"

    assert asyncio.run(both()) == "entered"


def test_one_who_gives_up_waiting_does_not_block_the_next():
    memory = BufferMemory()
    order = []

    async def visit(name):
        async with hold(memory, "a"):
            order.append(name)
            await asyncio.sleep(1)

    async def scene():
        first, second, third = (asyncio.ensure_future(visit(name)) for name in ("first", "second", "third"))
        await asyncio.sleep(0.5)
        second.cancel()
        await asyncio.gather(first, third)
        with pytest.raises(asyncio.CancelledError):
            await second

    with virtual_time() as clock:
        clock.run(scene())
    assert order == ["first", "third"]


def test_one_who_is_cancelled_just_when_its_turn_came_passes_it_on():
    memory = BufferMemory()
    order = []

    async def visit(name):
        async with hold(memory, "a"):
            order.append(name)

    async def scene():
        async with hold(memory, "a"):
            second, third = (asyncio.ensure_future(visit(name)) for name in ("second", "third"))
            await asyncio.sleep(0)
        second.cancel()
        await third

    asyncio.run(scene())
    assert order == ["third"]


def test_a_session_is_held_by_one_thread_at_a_time():
    memory = BufferMemory()
    inside = threading.Lock()
    overlaps = []

    async def visit():
        async with hold(memory, "a"):
            overlaps.append(not inside.acquire(blocking=False))
            await asyncio.sleep(0.001)
            inside.release()

    with ThreadPoolExecutor(8) as pool:
        for done in [pool.submit(asyncio.run, visit()) for _ in range(40)]:
            done.result()
    assert overlaps == [False] * 40


def test_a_forked_child_does_not_wait_for_the_parents_runs():
    script = textwrap.dedent("""
        import asyncio, os, sys
        from kaizen_eval.memory import BufferMemory
        from kaizen_eval.memory.session_lock import hold

        memory = BufferMemory()

        async def visit():
            async with hold(memory, "a"):
                return "entered"

        async def parent():
            async with hold(memory, "a"):
                child = os.fork()
                if child == 0:
                    asyncio._set_running_loop(None)
                    os._exit(0 if asyncio.run(asyncio.wait_for(visit(), 5)) == "entered" else 1)
                return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])

        sys.exit(asyncio.run(parent()))
    """)
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0

"""Which cassette a request belongs to: the context tells, else the thread, else the only one there is."""

from __future__ import annotations

import asyncio
import contextvars
import threading
from collections.abc import Callable
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kaizen_eval.errors import UsageError
from kaizen_eval.recording.in_use import all_in_use, begin_use, current, current_lane, end_use, lane, outside, within
from kaizen_eval.recording.settings import Mode

T = TypeVar("T")


@dataclass(frozen=True, eq=False)
class Named:
    name: str
    mode: Mode = "replay"
    noted: list[str] = field(default_factory=list)

    def note(self, error):
        self.noted.append(str(error))

    @property
    def path(self) -> Path:
        return Path(f"{self.name}.yaml")


@contextmanager
def using(cassette):
    use = begin_use(cassette)
    try:
        with within(use):
            yield
    finally:
        end_use(use)


def name() -> str | None:
    cassette = current()
    return cassette.name if cassette else None


def in_a_thread(ask: Callable[[], T]) -> T:
    """What it says in a thread that no context reaches."""
    said: list[T] = []
    thread = threading.Thread(target=lambda: said.append(ask()))
    thread.start()
    thread.join()
    return said[0]


def refused_in_a_thread() -> str:
    with pytest.raises(UsageError) as refused:
        current()
    return str(refused.value)


def test_without_a_cassette_requests_are_nobodys():
    assert (name(), in_a_thread(name)) == (None, None)


@given(st.lists(st.text(min_size=1), max_size=6))
@settings(deadline=None)
def test_the_innermost_counts_and_then_the_one_around_it_again(names):
    seen = []

    def nest(rest):
        if rest:
            with using(Named(rest[0])):
                nest(rest[1:])
                seen.append(name())

    nest(names)
    assert [*seen, name()] == [*reversed(names), None]


def test_tasks_side_by_side_have_each_their_own():
    async def task(called):
        with using(Named(called)):
            await asyncio.sleep(0)
            return name()

    async def main():
        return await asyncio.gather(*(task(str(number)) for number in range(20)))

    assert asyncio.run(main()) == [str(number) for number in range(20)]


def test_a_task_beside_one_with_a_cassette_is_nobodys():
    async def main():
        begun, ended = asyncio.Event(), asyncio.Event()

        async def recorded():
            with using(Named("beside")):
                begun.set()
                await ended.wait()

        task = asyncio.create_task(recorded())
        await begun.wait()
        said = name()
        ended.set()
        await task
        return said

    assert asyncio.run(main()) is None


def test_what_runs_in_the_thread_of_a_block_outside_loops_is_inside_whatever_its_context():
    before = contextvars.copy_context()
    with using(Named("fixture")):
        assert before.run(name) == "fixture"


def test_a_new_thread_belongs_to_the_only_cassette():
    with using(Named("only")):
        assert in_a_thread(name) == "only"


def test_a_new_thread_beside_several_cassettes_is_told_how_to_choose():
    with using(Named("a")), using(Named("b")):
        assert "2 cassettes are in use (a.yaml, b.yaml)" in in_a_thread(refused_in_a_thread)


def test_what_it_asks_is_missed_by_all_of_them_though_it_swallows_the_error():
    first, second = Named("a"), Named("b")

    def asks():
        with suppress(UsageError):
            current()

    with using(first), using(second):
        in_a_thread(asks)
    assert [len(first.noted), len(second.noted)] == [1, 1]


def test_a_thread_that_was_given_a_context_belongs_where_it_belongs():
    with using(Named("a")), using(Named("b")):
        context = contextvars.copy_context()
        assert in_a_thread(lambda: context.run(name)) == "b"


def test_the_main_thread_is_nobodys_child():
    said, ended = [], threading.Event()
    begun = threading.Event()

    def recorded():
        with using(Named("elsewhere")):
            begun.set()
            ended.wait()

    thread = threading.Thread(target=recorded)
    thread.start()
    begun.wait()
    said.append(name())
    ended.set()
    thread.join()
    assert said == [None]


def test_a_context_that_outlives_its_block_counts_no_more():
    with using(Named("gone")):
        context = contextvars.copy_context()
    assert context.run(name) is None
    with using(Named("next")):
        assert context.run(name) == "next"


def test_outside_requests_are_nobodys_until_a_block_begins_within():
    with using(Named("outer")), outside():
        assert name() is None
        with using(Named("inner")):
            assert name() == "inner"


def test_a_block_may_end_in_another_context_than_it_began_in():
    block = using(Named("fixture"))
    contextvars.copy_context().run(block.__enter__)
    block.__exit__(None, None, None)
    assert name() is None


def test_lanes_within_lanes_are_joined():
    with lane("trial-1"), lane("critic"):
        assert current_lane() == "trial-1/critic"
    assert current_lane() == ""


def test_a_lane_needs_a_name():
    with pytest.raises(UsageError, match="A lane needs a name"), lane(""):
        pass


def test_all_in_use_are_known_to_the_process():
    first, second = Named("a"), Named("b", "record")
    with using(first), using(second):
        assert in_a_thread(all_in_use) == [first, second]
    assert all_in_use() == []

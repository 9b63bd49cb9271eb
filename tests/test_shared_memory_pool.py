"""SharedMemoryPool holds what agents let each other know: ordered, bounded, and the same to all threads and loops."""

from __future__ import annotations

import asyncio
import copy
import pickle
import subprocess
import sys
import textwrap
import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kaizen_eval import Insight, SharedMemoryPool, virtual_time
from kaizen_eval.errors import ConfigError
from kaizen_eval.memory import PoolStats
from kaizen_eval.memory.shared_memory import SharedMemoryView

AGENTS, TAGS, SEGMENTS = "abc", ["tea", "milk", "sugar"], ["", "draft", "review"]
IMPORTANCE = st.sampled_from([0, 0.25, 0.5, 1]) | st.floats(0, 1)

written = st.fixed_dictionaries(
    {"agent_id": st.sampled_from(AGENTS), "content": st.text(max_size=20).filter(str.strip)},
    optional={
        "tags": st.lists(st.sampled_from(TAGS)),
        "importance": IMPORTANCE,
        "segment": st.sampled_from(SEGMENTS),
    },
)
asked = st.fixed_dictionaries(
    {"agent_id": st.sampled_from(AGENTS)},
    optional={
        "tags": st.none() | st.lists(st.sampled_from([*TAGS, "salt"])),
        "min_importance": IMPORTANCE,
        "segments": st.none() | st.lists(st.sampled_from(SEGMENTS)),
        "exclude_own": st.booleans(),
        "limit": st.none() | st.integers(1, 5),
    },
)
cleared = st.fixed_dictionaries(
    {}, optional={"agent_id": st.sampled_from(AGENTS), "segment": st.sampled_from(SEGMENTS)}
)


class Plain:
    """What a pool is, written down without any care for time."""

    def __init__(self, most):
        self.most = most
        self.held = []

    def write(self, insight):
        self.held.append(insight)
        while len(self.held) > self.most:
            self.held.remove(min(self.held, key=lambda each: (each.importance, each.number)))

    def read(self, agent_id, tags=None, min_importance=0.0, segments=None, exclude_own=True, limit=10):  # noqa: PLR0917 - as that of a pool
        relevant = [
            each
            for each in sorted(self.held, key=lambda each: (-each.importance, -each.number))
            if each.importance >= min_importance
            and not (exclude_own and each.agent_id == agent_id)
            and (tags is None or any(tag in tags for tag in each.tags))
            and (segments is None or each.segment in segments)
        ]
        return tuple(relevant[:limit])

    def clear(self, **meant):
        self.held = [each for each in self.held if any(getattr(each, name) != meant[name] for name in meant)]


def contents(insights):
    return [insight.content for insight in insights]


def pool_of(*contents, **settings):
    pool = SharedMemoryPool(**settings)
    for content in contents:
        pool.write_insight("ann", content)
    return pool


@given(st.integers(1, 6), st.lists(written | cleared | asked, max_size=20))
def test_a_pool_always_gives_what_a_plain_list_would(most, story):
    pool, plain = SharedMemoryPool(max_insights=most), Plain(most)
    for step in story:
        if "content" in step:
            plain.write(pool.write_insight(**step))
        elif step.keys() <= {"agent_id", "segment"}:
            before = len(plain.held)
            plain.clear(**step)
            assert pool.clear(**step) == before - len(plain.held)
        else:
            assert (
                pool.read_relevant(**step)
                == plain.read(**step)
                == pool.view(**{name: value for name, value in step.items() if name != "agent_id"}).read_relevant(
                    step["agent_id"]
                )
            )
        assert (len(pool), tuple(pool)) == (len(plain.held), plain.read("", limit=None))


def test_an_insight_holds_all_that_was_said():
    with virtual_time():
        insight = SharedMemoryPool().write_insight("ann", "Tea is hot.", ["tea", "heat", "tea"], 1, "facts")
    assert insight == Insight(
        agent_id="ann",
        content="Tea is hot.",
        tags=("heat", "tea"),
        importance=1.0,
        segment="facts",
        at=1_735_689_600.0,
        number=1,
    )


def test_the_most_important_come_first_and_of_equally_important_ones_the_newest():
    pool = SharedMemoryPool()
    for content, importance in [("old", 0.5), ("first", 0.9), ("new", 0.5), ("last", 0.1)]:
        pool.write_insight("ann", content, importance=importance)
    assert contents(pool.read_relevant("bob")) == contents(pool) == ["first", "new", "old", "last"]


def test_in_a_full_pool_the_least_important_goes_and_of_several_the_oldest():
    pool = SharedMemoryPool(max_insights=2)
    for content, importance in [("old", 0.5), ("new", 0.5), ("third", 0.7), ("too unimportant", 0.2)]:
        pool.write_insight("ann", content, importance=importance)
    assert contents(pool) == ["third", "new"]


def test_age_is_told_by_the_clock_which_may_be_virtual():
    pool = SharedMemoryPool()
    with virtual_time() as clock:
        for content in ("old", "new"):
            pool.write_insight("ann", content)
            clock.run(asyncio.sleep(60))
        read = [contents(pool.read_relevant("bob", max_age=age)) for age in (59, 60, 120)]
        forgotten = pool.clear(older_than=60)
    assert (read, forgotten, contents(pool)) == ([[], ["new"], ["new", "old"]], 1, ["new"])


def test_all_that_is_given_to_clear_must_hold():
    pool = SharedMemoryPool()
    for agent in "ab":
        for segment in ("draft", "review"):
            pool.write_insight(agent, f"{agent} {segment}", segment=segment)
    assert (pool.clear(agent_id="a", segment="draft"), contents(pool)) == (1, ["b review", "b draft", "a review"])
    assert (pool.clear(segment="review"), pool.clear(), len(pool)) == (2, 1, 0)


def test_an_insight_that_was_forgotten_leaves_its_number_to_nobody():
    pool = pool_of("one")
    pool.clear()
    assert pool.write_insight("ann", "two").number == 2


def test_stats_count_what_is_held_and_what_was_written():
    pool = SharedMemoryPool(max_insights=2)
    pool.write_insight("bob", "gone", ["x"], importance=0.1)
    pool.write_insight("bob", "tea", ["hot", "wet"], segment="facts")
    pool.write_insight("ann", "ice", ["wet"])
    assert pool.stats() == PoolStats(
        insights=2,
        chars=3 + 3 + 3 + 3 + 5 + 3 + 3 + 3,
        agents={"ann": 1, "bob": 1},
        segments={"facts": 1},
        tags={"hot": 1, "wet": 2},
        written=3,
        dropped=1,
    )
    assert [list(counted) for counted in (pool.stats().agents, pool.stats().tags)] == [["ann", "bob"], ["hot", "wet"]]


def test_reading_for_no_tag_at_all_finds_nothing():
    assert pool_of("one").read_relevant("bob", tags=[]) == ()


# --- what is refused --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"agent_id": ""}, "agent_id must be a text that is not empty, not ''"),
        ({"agent_id": None}, "agent_id must be a text that is not empty, not None"),
        ({"content": " \n"}, r"An insight's content must be a text that says something, not ' \\n'"),
        ({"content": {"a": 1}}, "An insight's content must be a text that says something, not {'a': 1}"),
        ({"tags": "tea"}, r"tags takes several texts, not one: tags=\['tea'\]"),
        ({"tags": ["tea", 7]}, "tags takes a list of texts; 7 is none"),
        ({"tags": None}, "tags takes a list of texts, not None"),
        ({"importance": 1.1}, "importance must be at most 1, not 1.1"),
        ({"importance": -0.1}, "importance must be at least 0, not -0.1"),
        ({"importance": float("nan")}, "importance must be a number, not nan"),
        ({"importance": True}, "importance must be a number, not True"),
        ({"segment": None}, "segment must be a text, not None"),
    ],
)
def test_an_insight_that_cannot_be_is_refused(arguments, said):
    pool = SharedMemoryPool()
    with pytest.raises(ConfigError, match=said):
        pool.write_insight(**{"agent_id": "ann", "content": "tea", **arguments})
    assert len(pool) == 0


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"tags": "tea"}, r"tags takes several texts, not one: tags=\['tea'\]"),
        ({"segments": "draft"}, r"segments takes several texts, not one: segments=\['draft'\]"),
        ({"segments": 3}, "segments takes a list of texts, not 3"),
        ({"min_importance": 2}, "min_importance must be at most 1, not 2"),
        ({"max_age": -1}, "max_age must be at least 0, not -1"),
        ({"max_age": "1h"}, "max_age must be a number, not '1h'"),
        ({"exclude_own": "no"}, "exclude_own must be True or False, not 'no'"),
        ({"limit": 0}, "limit must be at least 1, not 0"),
    ],
)
def test_what_cannot_be_asked_is_refused_when_it_is_read_and_when_a_view_is_made(arguments, said):
    with pytest.raises(ConfigError, match=said):
        SharedMemoryPool().read_relevant("ann", **arguments)
    with pytest.raises(ConfigError, match=said):
        SharedMemoryPool().view(**arguments)


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: SharedMemoryPool(max_insights=0), "max_insights must be at least 1, not 0"),
        (lambda: SharedMemoryPool(max_chars=0), "max_chars must be at least 1, not 0"),
        (lambda: SharedMemoryPool().view(max_chars=0), "max_chars must be at least 1, not 0"),
        (lambda: SharedMemoryPool().read_relevant(""), "agent_id must be a text that is not empty, not ''"),
        (lambda: SharedMemoryPool().clear(agent_id=3), "agent_id must be text, not 3"),
        (lambda: SharedMemoryPool().clear(segment=["a"]), r"segment must be text, not \['a'\]"),
        (lambda: SharedMemoryPool().clear(older_than=-1), "older_than must be at least 0, not -1"),
    ],
)
def test_a_setting_that_cannot_work_is_refused(make, said):
    with pytest.raises(ConfigError, match=said):
        make()


def test_an_insight_that_is_too_long_is_refused_with_its_length():
    pool = SharedMemoryPool(max_chars=10)
    pool.write_insight("ann", "1234", ["tag"])
    said = (
        "The insight of 'ann' has 11 characters, tags and names included; this pool takes 10 at most. Shorten it, or "
        "make the pool with a higher max_chars."
    )
    with pytest.raises(ConfigError) as refused:
        pool.write_insight("ann", "12345", ["tag"])
    assert (str(refused.value), pool.stats().written) == (said, 1)


# --- threads, loops, processes ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("most", [50, 10_000])
def test_whatever_many_threads_and_loops_write_and_read_nothing_is_lost_or_out_of_order(most):
    pool, read = SharedMemoryPool(max_insights=most), []

    async def writes(who):
        for number in range(100):
            pool.write_insight(who, f"{who} {number}", importance=number % 5 / 4)
            read.append(pool.read_relevant(who, limit=None))
            await asyncio.sleep(0)

    def work(thread):
        async def together():
            await asyncio.gather(*(writes(f"{thread}-{task}") for task in range(3)))

        asyncio.run(together())

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    ranks = [[(-each.importance, -each.number) for each in insights] for insights in (*read, tuple(pool))]
    assert (len(pool), pool.stats().written, pool.stats().dropped) == (min(most, 1200), 1200, max(0, 1200 - most))
    assert all(rank == sorted(set(rank)) for rank in ranks)


def test_what_is_read_does_not_change_while_others_write():
    pool = pool_of("one", "two")
    seen = []
    for insight in pool:
        pool.write_insight("bob", "more", importance=1)
        seen.append(insight.content)
    assert (seen, len(pool)) == (["two", "one"], 4)


def test_an_empty_pool_is_a_pool():
    assert bool(SharedMemoryPool()) is True


@pytest.mark.parametrize("again", [copy.copy, copy.deepcopy])
def test_a_copy_is_the_pool_itself(again):
    pool = pool_of("one")
    view = pool.view(tags=["tea"])
    assert (again(pool), again(view).pool) == (pool, pool)


def test_what_is_pickled_is_a_pool_of_its_own():
    pool = pool_of("one", "two", max_insights=2)
    pickled = pickle.dumps(pool)
    other = pickle.loads(pickled)  # noqa: S301 - our own bytes
    assert (tuple(other), other.stats()) == (tuple(pool), pool.stats())
    other.write_insight("bob", "three")
    assert (contents(pool), contents(other)) == (["two", "one"], ["three", "two"])


def test_a_view_knows_its_pool_and_writes_to_it():
    pool = SharedMemoryPool()
    view = pool.view(tags=["tea"], limit=1)
    insight = view.write_insight("ann", "Milk is white.", ["milk"], 0.7, "facts")
    assert (view.pool, tuple(pool), view.read_relevant("bob")) == (pool, (insight,), ())
    assert (insight.importance, insight.segment) == (0.7, "facts")
    assert isinstance(view, SharedMemoryView)


def test_a_pool_of_ones_own_may_say_itself_what_is_relevant():
    class Newest(SharedMemoryPool):
        def read_relevant(self, agent_id, **asked):
            return super().read_relevant(agent_id, **{**asked, "limit": 1})

    pool = Newest()
    for content in ("one", "two"):
        pool.write_insight("ann", content)
    assert contents(pool.view().read_relevant("bob")) == ["two"]


def test_it_shows_how_full_it_is():
    assert repr(pool_of("one")) == "<SharedMemoryPool: 1 of at most 10000 insights>"


def test_a_forked_child_goes_on_with_a_pool_of_its_own():
    script = textwrap.dedent("""
        import os, sys
        from kaizen_eval.memory import shared_memory

        pool = shared_memory.SharedMemoryPool()
        pool.write_insight("ann", "before")
        with shared_memory._lock:
            child = os.fork()
            if child == 0:
                pool.write_insight("bob", "after")
                os._exit(0 if [each.content for each in pool] == ["after", "before"] else 1)
        status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        sys.exit(status or len(pool) - 1)
    """)
    assert subprocess.run([sys.executable, "-W", "ignore", "-c", script], check=False, timeout=30).returncode == 0

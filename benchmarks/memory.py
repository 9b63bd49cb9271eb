"""What long sessions cost: turns counted, turns written to a file and read from it; and what sharing insights does."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Iterator
from pathlib import Path

from measure import Row, cpu_per_await, cpu_per_call

from kaizen_eval import SharedMemoryPool, SqliteMemory, WindowMemory
from kaizen_eval.memory import Memory, Turn
from kaizen_eval.messages import Message

__all__ = ["rows"]

TURNS = 100
INSIGHTS = 10_000


def rows() -> Iterator[Row]:
    yield _window()
    yield from _file()
    yield from _insights()


def _turn(number: int) -> Turn:
    question = f"Question {number}: how is it that this takes so long, and what could be done about it?"
    return Turn((Message("user", question), Message("assistant", '{"answer": "We do not know yet, but we will see."}')))


def _filled(memory: Memory) -> Memory:
    async def fill() -> None:
        for number in range(TURNS):
            await memory.append("s", _turn(number))

    asyncio.run(fill())
    return memory


def _window() -> Row:
    window = _filled(WindowMemory(100_000, model="gpt-4o"))
    seconds = cpu_per_await(lambda: window.load("s"), calls=100)
    return Row(name=f"a window of {TURNS} turns, counted and shown", value=seconds * 1e6, unit="µs CPU", bound=1000)


def _file() -> Iterator[Row]:
    with tempfile.TemporaryDirectory() as folder:
        file = SqliteMemory(Path(folder) / "sessions.db")
        _filled(file)
        read = cpu_per_await(lambda: file.load("s"), calls=100)
        written = cpu_per_await(lambda: file.append("other", _turn(0)), calls=100)
        yield Row(name=f"a session of {TURNS} turns, read from a file", value=read * 1e6, unit="µs CPU", bound=3000)
        yield Row(name="a turn, written to a file", value=written * 1e6, unit="µs CPU", bound=1000)
        file.close()


def _insights() -> Iterator[Row]:
    """In a full pool."""
    pool = SharedMemoryPool(max_insights=INSIGHTS)
    for number in range(INSIGHTS):
        pool.write_insight(
            f"agent {number % 7}", f"fact {number}", [f"tag {number % 11}"], number % 100 / 100, f"part {number % 5}"
        )
    asked = {"the ten most important": {}, "by a tag that none has": {"tags": ["none"]}, "all": {"limit": None}}
    for name, relevance in asked.items():
        read = cpu_per_call(lambda relevance=relevance: pool.read_relevant("agent 1", **relevance), calls=50)
        yield Row(name=f"of {INSIGHTS:,} insights, {name}", value=read * 1e3, unit="ms CPU", bound=2)
    written = cpu_per_call(lambda: pool.write_insight("agent 1", "fact", ["tag 1"]), calls=1000)
    yield Row(name="an insight, written", value=written * 1e6, unit="µs CPU", bound=20)

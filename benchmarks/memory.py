"""What long sessions cost: turns counted, turns written to a file and read from it."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Iterator
from pathlib import Path

from measure import Row, cpu_per_await

from kaizen_eval import SqliteMemory, WindowMemory
from kaizen_eval.memory import Memory, Turn
from kaizen_eval.messages import Message

__all__ = ["rows"]

TURNS = 100


def rows() -> Iterator[Row]:
    yield _window()
    yield from _file()


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

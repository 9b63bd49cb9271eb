"""Memories: what they take, and what they are to a type-checker."""

# pyright: strict, reportUnnecessaryTypeIgnoreComment=true

from pathlib import Path
from typing import assert_type

from kaizen_eval import BaseAgent, BufferMemory, Insight, SharedMemoryPool, SqliteMemory, SummaryMemory, WindowMemory
from kaizen_eval.core.summary import SumUp
from kaizen_eval.memory import Memory, PoolStats, SharedMemoryView, Store, Turn

file = SqliteMemory(Path("sessions.db"), max_turns=100, max_sessions=None)
store: Store = file
another: Store = BufferMemory()
window: Memory = WindowMemory(4000, model="gpt-4o", store=file)
summary: Memory = SummaryMemory(max_turns=20, max_tokens=8000, keep=5, store=file)
SummaryMemory(BaseAgent(signature=SumUp), max_turns=20)
BaseAgent(memory=window)

pool = SharedMemoryPool(max_insights=100, max_chars=1000)
view = pool.view(tags=["tea"], segments={"facts"}, min_importance=0.5, max_age=60, exclude_own=False, limit=None)
assert_type(view, SharedMemoryView)
assert_type(pool.write_insight("ann", "Tea is hot.", ["tea"], 0.9, "facts"), Insight)
assert_type(pool.read_relevant("bob", tags=("tea",), limit=3), tuple[Insight, ...])
assert_type(view.read_relevant("bob"), tuple[Insight, ...])
assert_type(pool.stats(), PoolStats)
assert_type(pool.clear(segment="facts"), int)
assert_type([insight.content for insight in pool], list[str])
for given in (pool, view, None):
    BaseAgent(shared_memory=given).write_insight("Tea is hot.", tags=["tea"])


class Sharing(BaseAgent):
    shared_memory = pool


async def turns() -> None:
    assert_type(await file.load("s"), tuple[Turn, ...])
    assert_type(await file.replace("s", (), ()), bool)
    assert_type(await summary.load("s"), tuple[Turn, ...])


SqliteMemory(b"sessions.db")  # type: ignore[arg-type]  # a path is text
SummaryMemory(max_turns=3, store=window)  # type: ignore[arg-type]  # it cannot exchange turns
BaseAgent(shared_memory=window)  # type: ignore[arg-type]  # that is for sessions
pool.view(importance=1)  # type: ignore[call-arg]  # min_importance
WindowMemory()  # type: ignore[call-arg]  # how many tokens?

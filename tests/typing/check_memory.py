"""Memories: what they take, and what they are to a type-checker."""

# pyright: strict, reportUnnecessaryTypeIgnoreComment=true

from pathlib import Path
from typing import assert_type

from kaizen_eval import BaseAgent, BufferMemory, SqliteMemory, SummaryMemory, WindowMemory
from kaizen_eval.core.summary import SumUp
from kaizen_eval.memory import Memory, Store, Turn

file = SqliteMemory(Path("sessions.db"), max_turns=100, max_sessions=None)
store: Store = file
another: Store = BufferMemory()
window: Memory = WindowMemory(4000, model="gpt-4o", store=file)
summary: Memory = SummaryMemory(max_turns=20, max_tokens=8000, keep=5, store=file)
SummaryMemory(BaseAgent(signature=SumUp), max_turns=20)
BaseAgent(memory=window)


async def turns() -> None:
    assert_type(await file.load("s"), tuple[Turn, ...])
    assert_type(await file.replace("s", (), ()), bool)
    assert_type(await summary.load("s"), tuple[Turn, ...])


SqliteMemory(b"sessions.db")  # type: ignore[arg-type]  # a path is text
SummaryMemory(max_turns=3, store=window)  # type: ignore[arg-type]  # it cannot exchange turns
WindowMemory()  # type: ignore[call-arg]  # how many tokens?

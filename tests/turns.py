"""Turns as tests need them: made up by hand, and by hypothesis with texts as awkward as they come."""

from __future__ import annotations

import asyncio

from hypothesis import strategies as st

from kaizen_eval.memory import Memory, Turn
from kaizen_eval.messages import Message, ToolCall

__all__ = ["AWKWARD", "names", "recall", "remember", "texts", "turn", "turn_with_tools", "turns"]

AWKWARD = [
    "",
    "\0",
    "a\0b",
    "\ud83d\ude00",
    "\ud800",
    "👩‍👩‍👧",
    "e\u0301",
    "\r\n",
    "'); DROP TABLE turns; --",
    '"\\',
    "\ufeff",
]
"""Among them half a surrogate pair, and both halves as two characters."""

texts = st.text(st.characters()) | st.sampled_from(AWKWARD)
names = st.sampled_from(["a", "a\0", "\ud800"])
"""Of sessions: few, so that they come again, and easily taken for one another."""

_calls = st.builds(ToolCall, texts, texts, texts)
_messages = st.one_of(
    st.builds(Message, st.sampled_from(["user", "assistant"]), texts),
    st.builds(Message, st.just("assistant"), texts, st.lists(_calls, min_size=1, max_size=3).map(tuple)),
    st.builds(Message, st.just("tool"), texts, tool_call_id=texts),
)
turns = st.lists(_messages, min_size=1, max_size=4).map(lambda messages: Turn(tuple(messages)))


def turn(text: str) -> Turn:
    return Turn((Message("user", text), Message("assistant", f"re: {text}")))


def turn_with_tools(text: str, *results: str) -> Turn:
    """One call for each result, in one reply."""
    calls = tuple(ToolCall(f"call_{n}", "search", f'{{"n": {n}}}') for n in range(len(results)))
    answers = (Message("tool", result, tool_call_id=f"call_{n}") for n, result in enumerate(results))
    return Turn((Message("user", text), Message("assistant", "", calls), *answers, Message("assistant", f"re: {text}")))


def remember(memory: Memory, session: str, *said: Turn | str) -> None:
    """Append turns, one after the other."""

    async def all_of_it() -> None:
        for one in said:
            await memory.append(session, turn(one) if isinstance(one, str) else one)

    asyncio.run(all_of_it())


def recall(memory: Memory, session: str) -> tuple[Turn, ...]:
    return asyncio.run(memory.load(session))

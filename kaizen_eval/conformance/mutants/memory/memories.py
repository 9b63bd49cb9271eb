"""Memories that are broken on purpose."""

from __future__ import annotations

import asyncio
from collections import OrderedDict, defaultdict
from collections.abc import Callable
from typing import Any

from kaizen_eval.config import AgentConfig
from kaizen_eval.conformance.mutant import Mutant
from kaizen_eval.conformance.subject import REFERENCE, Subject
from kaizen_eval.core.base_agent import BaseAgent
from kaizen_eval.memory.base import Memory, Turn
from kaizen_eval.memory.buffer import BufferMemory

__all__ = [
    "MEMORIES",
    "AllTurns",
    "Buffered",
    "ClearsAll",
    "Copying",
    "CurrentSession",
    "EachOnce",
    "FirstInFirstOut",
    "InTheBackground",
    "MarksAsCleared",
    "NeverForgets",
    "NewestFirst",
    "OneForAll",
    "OwnLists",
    "RoomForTheNext",
    "TrimsMessages",
]

_MakesMemory = Callable[[AgentConfig], Memory]


class OneForAll:
    """Has one list of turns, whatever the session."""

    def __init__(self, config: AgentConfig) -> None:
        self.max_turns = config.max_turns or 10
        self.turns: list[Turn] = []

    async def load(self, session_id: str) -> tuple[Turn, ...]:  # noqa: ARG002 - that is the mistake
        return tuple(self.turns)

    async def append(self, session_id: str, turn: Turn) -> None:  # noqa: ARG002 - that is the mistake
        self.turns = [*self.turns, turn][-self.max_turns :]

    async def clear(self, session_id: str) -> None:  # noqa: ARG002 - that is the mistake
        self.turns = []


class Buffered(BufferMemory):
    """A BufferMemory as the config asks for it, to be broken by subclasses."""

    def __init__(self, config: AgentConfig) -> None:
        super().__init__(max_turns=config.max_turns, max_sessions=config.max_sessions)


class CurrentSession(Buffered):
    """Notes which session it serves, and appends to that one."""

    current = ""

    async def load(self, session_id: str) -> tuple[Turn, ...]:
        self.current = session_id
        return await super().load(session_id)

    async def append(self, session_id: str, turn: Turn) -> None:  # noqa: ARG002 - that is the mistake
        await super().append(self.current, turn)


class OwnLists:
    """Keeps lists of turns, and hands them out as they are."""

    def __init__(self, config: AgentConfig) -> None:
        self.max_turns, self.max_sessions = config.max_turns or 10, config.max_sessions
        self.sessions: OrderedDict[str, list[Turn]] = OrderedDict()

    async def load(self, session_id: str) -> Any:
        if session_id in self.sessions:
            self.sessions.move_to_end(session_id)
        return self.sessions.get(session_id, [])

    async def append(self, session_id: str, turn: Turn) -> None:
        turns = self.sessions.setdefault(session_id, [])
        turns.append(turn)
        self.sessions.move_to_end(session_id)
        while len(turns) > self.max_turns:
            del turns[0]
        while len(self.sessions) > self.max_sessions:
            self.sessions.popitem(last=False)

    async def clear(self, session_id: str) -> None:
        self.sessions.pop(session_id, None)


class Copying(OwnLists):
    """The same, handing out copies; to be broken by subclasses."""

    async def load(self, session_id: str) -> tuple[Turn, ...]:
        return tuple(await super().load(session_id))


class RoomForTheNext(Copying):
    """Drops the oldest turn before it appends, and once more when it loads, to have room for the next."""

    async def load(self, session_id: str) -> tuple[Turn, ...]:
        turns = await super().load(session_id)
        return turns[1:] if len(turns) == self.max_turns else turns


class EachOnce(Copying):
    """Keeps equal turns once."""

    async def append(self, session_id: str, turn: Turn) -> None:
        if turn not in self.sessions.get(session_id, []):
            await super().append(session_id, turn)


class NewestFirst(Copying):
    """Hands out the newest turn first, as a page would show them."""

    async def load(self, session_id: str) -> tuple[Turn, ...]:
        return tuple(reversed(await super().load(session_id)))


class InTheBackground(Copying):
    """Writes in a task of its own, which takes the time of a disk."""

    def __init__(self, config: AgentConfig) -> None:
        super().__init__(config)
        self.writing: set[asyncio.Task[None]] = set()

    async def append(self, session_id: str, turn: Turn) -> None:
        task = asyncio.create_task(self._write(session_id, turn))
        self.writing.add(task)
        task.add_done_callback(self.writing.discard)

    async def _write(self, session_id: str, turn: Turn) -> None:
        await asyncio.sleep(0.01)
        await super().append(session_id, turn)


class NeverForgets:
    """A dict of sessions that only grows."""

    def __init__(self, config: AgentConfig) -> None:
        self.max_turns = config.max_turns or 10
        self.sessions: defaultdict[str, tuple[Turn, ...]] = defaultdict(tuple)

    async def load(self, session_id: str) -> tuple[Turn, ...]:
        return self.sessions[session_id]

    async def append(self, session_id: str, turn: Turn) -> None:
        self.sessions[session_id] = (*self.sessions[session_id], turn)[-self.max_turns :]

    async def clear(self, session_id: str) -> None:
        self.sessions.pop(session_id, None)


class AllTurns(BufferMemory):
    """Knows of no `max_turns`, since fewer are shown anyway."""

    def __init__(self, config: AgentConfig) -> None:
        super().__init__(max_sessions=config.max_sessions)


class FirstInFirstOut(NeverForgets):
    """Lets go the session that is oldest, however lately it was used."""

    def __init__(self, config: AgentConfig) -> None:
        super().__init__(config)
        self.max_sessions = config.max_sessions

    async def append(self, session_id: str, turn: Turn) -> None:
        await super().append(session_id, turn)
        while len(self.sessions) > self.max_sessions:
            del self.sessions[next(iter(self.sessions))]


class MarksAsCleared(Copying):
    """Notes which sessions are cleared, and goes by that until the next turn is appended."""

    def __init__(self, config: AgentConfig) -> None:
        super().__init__(config)
        self.cleared: set[str] = set()

    async def load(self, session_id: str) -> tuple[Turn, ...]:
        return () if session_id in self.cleared else await super().load(session_id)

    async def append(self, session_id: str, turn: Turn) -> None:
        self.cleared.discard(session_id)
        await super().append(session_id, turn)

    async def clear(self, session_id: str) -> None:
        self.cleared.add(session_id)


class ClearsAll(Copying):
    """Clears everything."""

    async def clear(self, session_id: str) -> None:  # noqa: ARG002 - that is the mistake
        self.sessions.clear()


class TrimsMessages(NeverForgets):
    """Takes a turn for two messages, and keeps the last of them."""

    async def append(self, session_id: str, turn: Turn) -> None:
        kept = [message for past in self.sessions[session_id] for message in past.messages]
        messages = (*kept, *turn.messages)[-2 * self.max_turns :]
        self.sessions[session_id] = (Turn(messages),)


def _mutant(name: str, memory: _MakesMemory, what: str, *, breaks: str, words: tuple[str, ...]) -> Mutant:
    def factory(config: AgentConfig, **parts: Any) -> BaseAgent:
        return BaseAgent(config, memory=None if config.max_turns is None else memory(config), **parts)

    return Mutant(
        subject=Subject(name=name, factory=factory, traits=REFERENCE.traits), what=what, breaks=breaks, words=words
    )


MEMORIES: tuple[Mutant, ...] = (
    _mutant(
        "leaks-a-session",
        OneForAll,
        "Its memory has one list of turns for all sessions.",
        breaks="memory.sessions",
        words=("which is of session",),
    ),
    _mutant(
        "appends-to-the-current-session",
        CurrentSession,
        "Its memory notes which session it serves: another one that runs meanwhile gets the turn.",
        breaks="memory.sessions-together",
        words=("which is of session",),
    ),
    _mutant(
        "aliases-history",
        OwnLists,
        "Its memory hands out the very list that it keeps.",
        breaks="memory.copies",
        words=("history that was handed out",),
    ),
    _mutant(
        "drops-the-oldest-turn-twice",
        RoomForTheNext,
        "Its memory makes room for the next turn when it appends, and again when it loads.",
        breaks="memory.turns",
        words=("lacks",),
    ),
    _mutant(
        "dedupes-equal-turns",
        EachOnce,
        "Its memory keeps one of several equal turns.",
        breaks="memory.equal-turns",
        words=("earlier turns said so",),
    ),
    _mutant(
        "newest-turn-first",
        NewestFirst,
        "Its memory hands out the newest turn first.",
        breaks="memory.turns",
        words=("in another order",),
    ),
    _mutant(
        "writes-turns-in-the-background",
        InTheBackground,
        "Its memory returns before a turn is written: a run that comes at once overtakes it.",
        breaks="memory.order",
        words=("lacks",),
    ),
    _mutant(
        "never-forgets-a-session",
        NeverForgets,
        "Its memory keeps every session for ever.",
        breaks="memory.bounded",
        words=("With max_sessions=", "no longer remembered"),
    ),
    _mutant(
        "keeps-every-turn",
        AllTurns,
        "Its memory keeps every turn of a session, though fewer are shown.",
        breaks="memory.bounded",
        words=("turns of one session; max_turns allows",),
    ),
    _mutant(
        "forgets-the-oldest-session",
        FirstInFirstOut,
        "Its memory lets go the session that began first, though it was used last.",
        breaks="memory.bounded",
        words=("With max_sessions=2",),
    ),
    _mutant(
        "remembers-what-was-cleared",
        MarksAsCleared,
        "Its memory only notes that a session was cleared: the next turn brings all of them back.",
        breaks="memory.clear",
        words=("was cleared after", "no longer remembered"),
    ),
    _mutant(
        "clears-every-session",
        ClearsAll,
        "Its memory forgets all sessions when one is cleared.",
        breaks="memory.clear",
        words=("was cleared after", "lacks"),
    ),
    _mutant(
        "tears-tool-calls-from-results",
        TrimsMessages,
        "Its memory keeps the last messages instead of the last turns, and cuts between a tool call and its result.",
        breaks="memory.tool-turns",
        words=("was refused", "tool_calls"),
    ),
)

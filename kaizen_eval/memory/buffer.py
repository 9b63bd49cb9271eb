"""BufferMemory: the last turns of each session, in this process."""

from __future__ import annotations

import threading
from collections import OrderedDict, deque
from itertools import islice

from kaizen_eval.checks import optional, whole
from kaizen_eval.memory.base import Turn

__all__ = ["BufferMemory"]


class BufferMemory:
    """Keeps the last `max_turns` turns of at most `max_sessions` sessions; safe across threads and loops.

    Args:
        max_turns: turns kept for each session; None keeps all.
        max_sessions: the least recently used session is forgotten when there are more.
    """

    def __init__(self, *, max_turns: int | None = None, max_sessions: int = 10_000) -> None:
        optional(whole, "max_turns", max_turns, least=1)
        whole("max_sessions", max_sessions, least=1)
        self._max_turns = max_turns
        self._max_sessions = max_sessions
        self._sessions: OrderedDict[str, deque[Turn]] = OrderedDict()
        self._lock = threading.Lock()

    async def load(self, session_id: str) -> tuple[Turn, ...]:
        with self._lock:
            if session_id not in self._sessions:
                return ()
            self._sessions.move_to_end(session_id)
            return tuple(self._sessions[session_id])

    async def append(self, session_id: str, turn: Turn) -> None:
        with self._lock:
            turns = self._sessions.setdefault(session_id, deque(maxlen=self._max_turns))
            turns.append(turn)
            self._sessions.move_to_end(session_id)
            while len(self._sessions) > self._max_sessions:
                self._sessions.popitem(last=False)

    async def replace(self, session_id: str, old: tuple[Turn, ...], new: tuple[Turn, ...]) -> bool:
        """Put `new` in the place of `old`; False, with nothing changed, unless the session begins with `old`."""
        with self._lock:
            turns = self._sessions.get(session_id, deque())
            if tuple(islice(turns, len(old))) != old:
                return False
            rest = tuple(islice(turns, len(old), None))
            turns.clear()
            turns.extend((*new, *rest))
            return True

    async def clear(self, session_id: str) -> None:
        with self._lock:
            self._sessions.pop(session_id, None)

    def __len__(self) -> int:
        """How many sessions are kept."""
        with self._lock:
            return len(self._sessions)

    def __repr__(self) -> str:
        return f"BufferMemory(max_turns={self._max_turns}, max_sessions={self._max_sessions})"

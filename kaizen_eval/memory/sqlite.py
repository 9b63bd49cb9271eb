"""SqliteMemory: sessions in a file, which outlives the process and may be shared by several."""

from __future__ import annotations

import asyncio

# For asyncio, which else loads it when the first turn is written, in whatever thread. After a fork at that moment the
# child waits for ever for half a module, and in the parent the hooks of that module, which came too late to take a
# lock, release it: the thread that writes fails.
import concurrent.futures.thread  # noqa: F401 - see above
import os
import threading
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from kaizen_eval.checks import optional, whole
from kaizen_eval.errors import MemoryFailed
from kaizen_eval.memory.base import Turn
from kaizen_eval.memory.sqlite_schema import SESSIONS
from kaizen_eval.memory.written import name_bytes, turn_bytes, turn_of
from kaizen_eval.sqlite.file import SqliteFile
from kaizen_eval.sqlite.path import checked_path

if TYPE_CHECKING:
    import sqlite3

__all__ = ["SqliteMemory"]

_T = TypeVar("_T")
_Row = tuple[int, bytes]
_ALL = -1
"""SQLite's LIMIT for no limit."""


class SqliteMemory:
    """Keeps sessions in a SQLite file: what `append` returned for is there after a crash, in whatever process.

    The file is opened, and made if there is none, at once. Threads, loops and processes may share it; each session's
    turns are in the order in which they were appended.

    Args:
        path: of the file; beside it SQLite keeps two more, `…-wal` and `…-shm`.
        max_turns: turns kept for each session; None keeps all.
        max_sessions: the least recently used session is forgotten when there are more; None keeps all.

    Raises:
        MemoryFailed: the file is foreign, damaged, or of a newer version; it is left as it is.
    """

    def __init__(
        self, path: str | os.PathLike[str], *, max_turns: int | None = None, max_sessions: int | None = None
    ) -> None:
        optional(whole, "max_turns", max_turns, least=1)
        optional(whole, "max_sessions", max_sessions, least=1)
        self._max_turns = max_turns
        self._max_sessions = max_sessions
        self._file = SqliteFile(
            checked_path(path, of="SqliteMemory", without="without one, use BufferMemory()"), SESSIONS
        )
        self._file.transact(lambda _: None, writes=False)

    @property
    def path(self) -> str:
        """Of the file, from the root."""
        return self._file.path

    async def load(self, session_id: str) -> tuple[Turn, ...]:
        return await self._do(partial(self._load, name_bytes(session_id)), writes=self._max_sessions is not None)

    async def append(self, session_id: str, turn: Turn) -> None:
        """On the disk when this returns."""
        await self._do(partial(self._append, name_bytes(session_id), turn_bytes(turn)), writes=True)

    async def replace(self, session_id: str, old: tuple[Turn, ...], new: tuple[Turn, ...]) -> bool:
        """Put `new` in the place of `old`; False, with nothing changed, unless the session begins with `old`."""
        written = [turn_bytes(turn) for turn in old], [turn_bytes(turn) for turn in new]
        return await self._do(partial(self._replace, name_bytes(session_id), *written), writes=True)

    async def clear(self, session_id: str) -> None:
        await self._do(partial(_clear, name_bytes(session_id)), writes=True)

    def close(self) -> None:
        """Close the file; the next use opens it again."""
        self._file.close()

    async def _do(self, work: Callable[[sqlite3.Connection], _T], *, writes: bool) -> _T:
        """In a thread: a disk may be slow. One who is cancelled has nothing under way any more."""
        given_up = threading.Event()
        transact = partial(self._file.transact, work, writes=writes, given_up=given_up.is_set)
        future = asyncio.get_running_loop().run_in_executor(None, transact)
        try:
            return await asyncio.shield(future)
        except asyncio.CancelledError:
            given_up.set()
            future.add_done_callback(_look_at)
            await asyncio.wait([future])
            raise

    def _load(self, name: bytes, connection: sqlite3.Connection) -> tuple[Turn, ...]:
        session = _number(connection, name)
        if session is None:
            return ()
        if self._max_sessions is not None:
            _use(connection, name)
        return tuple(self._read(messages, name) for _, messages in self._rows(connection, session))

    def _append(self, name: bytes, messages: bytes, connection: sqlite3.Connection) -> None:
        _use(connection, name)
        session = _number(connection, name)
        connection.execute("INSERT INTO turns (session, messages) VALUES (?, ?)", (session, messages))
        if self._max_turns is not None:
            connection.execute(_DROP_TURNS, (session, session, self._max_turns))
        if self._max_sessions is not None:
            connection.execute(_DROP_SESSIONS, (self._max_sessions,))

    def _replace(self, name: bytes, old: list[bytes], new: list[bytes], connection: sqlite3.Connection) -> bool:
        session = _number(connection, name)
        rows = [] if session is None else self._rows(connection, session)[: len(old)]
        if [messages for _, messages in rows] != old:
            return False
        numbers = [(number,) for number, _ in rows]
        exchanged = [(messages, *number) for messages, number in zip(new, numbers, strict=False)]
        connection.executemany("UPDATE turns SET messages = ? WHERE number = ?", exchanged)
        connection.executemany("DELETE FROM turns WHERE number = ?", numbers[len(new) :])
        return True

    def _rows(self, connection: sqlite3.Connection, session: int) -> list[_Row]:
        """The turns that are shown, oldest first."""
        limit = _ALL if self._max_turns is None else self._max_turns
        return connection.execute(_NEWEST, (session, limit)).fetchall()[::-1]

    def _read(self, messages: bytes, name: bytes) -> Turn:
        try:
            return turn_of(messages)
        except ValueError as error:
            raise MemoryFailed(
                f"A turn of session {name.decode('utf-8', 'replace')!r} in {self.path!r} is damaged ({error}): put a "
                "copy of the file in its place, or forget the session with clear().",
                path=self.path,
            ) from error

    def __repr__(self) -> str:
        return f"SqliteMemory({self.path!r}, max_turns={self._max_turns}, max_sessions={self._max_sessions})"


_NEWEST = "SELECT number, messages FROM turns WHERE session = ? ORDER BY number DESC LIMIT ?"
_DROP_TURNS = """
DELETE FROM turns WHERE session = ? AND number <= (
    SELECT number FROM turns WHERE session = ? ORDER BY number DESC LIMIT 1 OFFSET ?
)
"""
_DROP_SESSIONS = """
DELETE FROM sessions WHERE number IN (SELECT number FROM sessions ORDER BY used DESC LIMIT -1 OFFSET ?)
"""
_USE = """
INSERT INTO sessions (name, used) VALUES (?, (SELECT coalesce(max(used), 0) + 1 FROM sessions))
ON CONFLICT (name) DO UPDATE SET used = excluded.used
"""


def _number(connection: sqlite3.Connection, name: bytes) -> int | None:
    row = connection.execute("SELECT number FROM sessions WHERE name = ?", (name,)).fetchone()
    return None if row is None else int(row[0])


def _use(connection: sqlite3.Connection, name: bytes) -> None:
    """Make it the most recently used session, and one of all if it was none."""
    connection.execute(_USE, (name,))


def _clear(name: bytes, connection: sqlite3.Connection) -> None:
    connection.execute("DELETE FROM sessions WHERE name = ?", (name,))


def _look_at(future: asyncio.Future[Any]) -> None:
    """Or asyncio tells of an error that nobody looked at: `shield` looks no more once it was cancelled."""
    if not future.cancelled():
        future.exception()

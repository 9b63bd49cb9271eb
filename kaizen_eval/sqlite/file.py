"""A SQLite file of ours that several threads and processes use, one transaction at a time."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar
from weakref import WeakSet, finalize

from kaizen_eval.sqlite.file_format import FileFormat
from kaizen_eval.sqlite.opening import opened

if TYPE_CHECKING:
    import sqlite3

__all__ = ["PATIENCE", "GivenUp", "SqliteFile"]

PATIENCE = 30.0
"""Seconds of real time that others may keep the file locked."""
_PAUSE = 0.005
"""Seconds of real time between two tries at a locked file."""

_T = TypeVar("_T")

_BUSY, _LOCKED, _READONLY, _CORRUPT, _FULL, _CANTOPEN, _NOTADB = 5, 6, 8, 11, 13, 14, 26
"""SQLite's primary result codes."""
_REMEDIES = {
    _BUSY: f"another process has kept it locked for {PATIENCE:g} s; end that one",
    _LOCKED: f"another process has kept it locked for {PATIENCE:g} s; end that one",
    _READONLY: "this process may not write to it; look who may, to the file and to its folder",
    _CORRUPT: "it is damaged; put a copy in its place, or move it away to begin anew",
    _NOTADB: "it is damaged; put a copy in its place, or move it away to begin anew",
    _FULL: "the disk is full; make room",
    _CANTOPEN: "it cannot be opened; look whether its folder is there, and who may write to both",
}


class GivenUp(Exception):
    """Nobody waits for the transaction any more; it was undone."""


class SqliteFile:
    """One file, with at most one connection of this process, which threads use in turn.

    It is closed before a fork and opened again after it, on either side: SQLite cannot be carried across.
    """

    def __init__(self, path: str, file_format: FileFormat, *, patience: float = PATIENCE) -> None:
        self.path = path
        self._format = file_format
        self._patience = patience
        self._lock = threading.Lock()
        self._open: list[tuple[sqlite3.Connection, object]] = []
        """The connection, if there is one, and which file it leads to."""
        finalize(self, _close, self._open)
        with _forking:
            _files.add(self)

    def transact(
        self,
        work: Callable[[sqlite3.Connection], _T],
        *,
        writes: bool,
        given_up: Callable[[], bool] = lambda: False,
    ) -> _T:
        """Do this within one transaction, and return once it is on the disk.

        Raises:
            Exception: the format's own; nothing was changed.
            GivenUp: `given_up` said so before the end; nothing was changed.
        """
        import sqlite3  # noqa: PLC0415 - only those who keep something in files load it

        with self._lock:
            try:
                return self._patiently(work, writes=writes, given_up=given_up)
            except (sqlite3.Error, OSError, UnicodeDecodeError) as error:
                _close(self._open)
                raise self._format.failed(self._failure(error), self.path) from error

    def close(self) -> None:
        """The next transaction opens it again."""
        with self._lock:
            _close(self._open)

    def before_fork(self) -> None:
        self._lock.acquire()
        _close(self._open)

    def after_fork(self) -> None:
        self._lock.release()

    def _patiently(self, work: Callable[[sqlite3.Connection], _T], *, writes: bool, given_up: Callable[[], bool]) -> _T:
        until = time.monotonic() + self._patience
        while True:
            try:
                return self._once(work, writes=writes, given_up=given_up)
            except Exception as error:
                if _code(error) not in {_BUSY, _LOCKED} or time.monotonic() >= until:
                    raise
            _go_on(given_up)
            time.sleep(_PAUSE)

    def _once(self, work: Callable[[sqlite3.Connection], _T], *, writes: bool, given_up: Callable[[], bool]) -> _T:
        connection = self._connection()
        connection.execute("BEGIN IMMEDIATE" if writes else "BEGIN")
        try:
            result = work(connection)
            _go_on(given_up)
            connection.execute("COMMIT")
        except BaseException:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise
        return result

    def _connection(self) -> sqlite3.Connection:
        """The open one, unless its file was deleted or exchanged meanwhile: what is written there would be lost."""
        if self._open and self._open[0][1] != _identity(self.path):
            _close(self._open)
        if not self._open:
            connection = opened(self.path, self._format)
            self._open.append((connection, _identity(self.path)))
        return self._open[0][0]

    def _failure(self, error: Exception) -> str:
        remedy = _REMEDIES.get(_code(error))
        why = f"{remedy} ({error})" if remedy else str(error)
        return f"The {self._format.holds} in {self.path!r} cannot be reached: {why}."


def _go_on(given_up: Callable[[], bool]) -> None:
    if given_up():
        raise GivenUp


def _close(opened: list[tuple[sqlite3.Connection, object]]) -> None:
    while opened:
        opened.pop()[0].close()


def _identity(path: str) -> object:
    """Which file it is; None when there is none."""
    try:
        status = os.stat(path)  # noqa: PTH116 - as sqlite3 opens it
    except FileNotFoundError:
        return None
    return status.st_dev, status.st_ino


def _code(error: BaseException) -> int:
    """SQLite's primary result code, or what it would be; 0 when there is none."""
    if isinstance(error, UnicodeDecodeError):  # in names of tables, say
        return _CORRUPT
    return int(getattr(error, "sqlite_errorcode", 0)) & 0xFF


_files: WeakSet[SqliteFile] = WeakSet()
_forking = threading.Lock()
_held: list[SqliteFile] = []


def _before_fork() -> None:
    _forking.acquire()
    _held.extend(_files)
    for file in _held:
        file.before_fork()


def _after_fork() -> None:
    while _held:
        _held.pop().after_fork()
    _forking.release()


os.register_at_fork(before=_before_fork, after_in_parent=_after_fork, after_in_child=_after_fork)

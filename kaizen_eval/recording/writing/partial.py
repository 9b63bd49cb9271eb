"""Partial: what has been recorded so far, on the disk before the recording is done."""

from __future__ import annotations

import json
import os
from contextlib import suppress
from datetime import UTC, datetime
from itertools import count
from pathlib import Path

from kaizen_eval.errors import RecordingError
from kaizen_eval.recording.exchange import Exchange
from kaizen_eval.recording.file import line_of
from kaizen_eval.recording.settings import Mode
from kaizen_eval.recording.writing.lock import locked, unlock
from kaizen_eval.recording.writing.storage import beside

__all__ = ["PARTIAL", "Partial"]

PARTIAL = "partial"


class Partial:
    """A file of JSON lines beside a cassette: a head, then each exchange once it is over.

    Its lock is the cassette's: there is one as long as somebody records. What it holds outlives the process, killed in
    whatever way; it is not forced through to the disk, so that a machine without power may lose the last of it.
    """

    def __init__(self, cassette: Path, *, mode: Mode, recorded_at: datetime) -> None:
        """Args:
        cassette: its path behind symbolic links.

        Raises:
            CassetteBusy: somebody else records it.
            OSError: it cannot be written.
        """
        cassette.parent.mkdir(parents=True, exist_ok=True)
        self.path = beside(cassette, PARTIAL)
        self.moved: Path | None = None
        """Where what a crash had left is now."""
        self.error: OSError | RecordingError | None = None
        """Why it does not hold everything: the last that went wrong."""
        self._descriptor: int | None = locked(self.path, cassette=cassette)
        try:
            self._move_left_over(cassette)
            self._size = 0
            head = {"partial": 1, "mode": mode, "recorded_at": recorded_at.astimezone(UTC).isoformat()}
            self._write(json.dumps(head).encode() + b"\n")
        except BaseException:
            self._undo()
            raise

    def append(self, exchange: Exchange) -> None:
        """What cannot be written is remembered as `error`: the recording goes on without this safety."""
        if self._descriptor is None:
            return
        try:
            self._write(line_of(exchange))
        except (OSError, RecordingError) as error:
            self.error = error

    def remove(self) -> None:
        """What it held is kept elsewhere, or by nobody."""
        if self._descriptor is not None:
            with suppress(FileNotFoundError):
                self.path.unlink()
        self.keep()

    def keep(self) -> None:
        """Let go of it, and leave it where it is."""
        if self._descriptor is not None:
            descriptor, self._descriptor = self._descriptor, None
            unlock(descriptor)

    def after_fork(self) -> None:
        """It is the parent's: this process writes nothing, and holds no lock when the parent is gone."""
        if self._descriptor is not None:
            descriptor, self._descriptor = self._descriptor, None
            os.close(descriptor)

    def _undo(self) -> None:
        """An empty file is of use to nobody."""
        assert self._descriptor is not None  # noqa: S101 - just opened
        if os.fstat(self._descriptor).st_size:
            self.keep()
        else:
            self.remove()

    def _write(self, data: bytes) -> None:
        """All of it or, where that fails, nothing: a torn line would hide those behind it."""
        assert self._descriptor is not None  # noqa: S101 - looked at by whoever calls
        try:
            rest = memoryview(data)
            while rest:
                rest = rest[os.write(self._descriptor, rest) :]
        except BaseException:
            with suppress(OSError):
                os.ftruncate(self._descriptor, self._size)
            raise
        self._size += len(data)

    def _move_left_over(self, cassette: Path) -> None:
        assert self._descriptor is not None  # noqa: S101 - just opened
        if self.path.read_bytes().count(b"\n") < 2:
            os.ftruncate(self._descriptor, 0)  # a head at most: nothing was paid for
            return
        free = (beside(cassette, f"{PARTIAL}-{number}") for number in count(1))
        self.moved = next(path for path in free if not path.exists())
        self.path.rename(self.moved)
        fresh = locked(self.path, cassette=cassette)
        unlock(self._descriptor)
        self._descriptor = fresh

"""A file that only grows: each line is there whole, or not at all."""

from __future__ import annotations

import os
from pathlib import Path

from kaizen_eval.errors import EvaluationUnwritable

__all__ = ["Appending"]

_FLAGS = os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC


class Appending:
    """Unbuffered: what `write` has returned from outlives the process, killed in whatever way.

    Raises:
        EvaluationUnwritable: it cannot be opened.
    """

    def __init__(self, path: Path, *, size: int) -> None:
        """What stands behind the first `size` bytes is cut off."""
        self._path = path
        self._size = size
        self._is_torn = False
        try:
            self._descriptor = os.open(path, _FLAGS, 0o666)
            os.ftruncate(self._descriptor, size)
        except OSError as error:
            raise _unwritable(path, error) from error

    def write(self, data: bytes) -> None:
        """Raises:
        EvaluationUnwritable: the disk is full, say; what was written of these lines is taken back.
        """
        try:
            self._write(data)
        except OSError as error:
            self._take_back()
            raise _unwritable(self._path, error) from error
        self._size += len(data)

    def sync(self) -> None:
        """Until it also outlives the machine."""
        try:
            os.fsync(self._descriptor)
        except OSError as error:
            raise _unwritable(self._path, error) from error

    def close(self) -> None:
        os.close(self._descriptor)

    def _write(self, data: bytes) -> None:
        if self._is_torn:
            raise OSError("its last line is torn, and could not be taken back")
        written = os.write(self._descriptor, data)
        while written < len(data):  # the disk is about to be full, and the next call says so
            written += os.write(self._descriptor, data[written:])

    def _take_back(self) -> None:
        """Where even that fails, nothing more may come: behind a torn line the log would be corrupt."""
        try:
            os.ftruncate(self._descriptor, self._size)
        except OSError:
            self._is_torn = True


def _unwritable(path: Path, error: OSError) -> EvaluationUnwritable:
    return EvaluationUnwritable(
        f"{str(path)!r} cannot be written: {error.strerror or error}. All that was written before stands: "
        "make room, or see who may write there, and go on with --resume.",
        path=str(path),
    )

"""One writer of an evaluation at a time: a file in its folder that only one process holds."""

from __future__ import annotations

import fcntl
import os
import time
from contextlib import suppress
from pathlib import Path

from kaizen_eval.errors import EvaluationBusy

__all__ = ["LOCK", "is_held", "locked", "unlock"]

LOCK = "lock"
"""The file's name. It stays when its holder is gone: only who holds it matters."""
_TRIES = 5
_PAUSE = 0.01
"""Seconds of real time between two tries: `is_held` holds it for a moment."""


def locked(folder: Path) -> int:
    """The open file, made if need be; held until `unlock`, or until the process ends in whatever way.

    Raises:
        EvaluationBusy: somebody else holds it.
        OSError: it cannot be opened or made.
    """
    descriptor = os.open(folder / LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
    try:
        _take(descriptor, folder)
    except BaseException:
        os.close(descriptor)
        raise
    with suppress(OSError):  # on a full disk nobody learns who holds it
        os.ftruncate(descriptor, 0)
        os.write(descriptor, f"{os.getpid()}\n".encode())
    return descriptor


def unlock(descriptor: int) -> None:
    """Let go, also where a forked child still has the file open."""
    with suppress(OSError):
        fcntl.flock(descriptor, fcntl.LOCK_UN)
    os.close(descriptor)


def is_held(folder: Path) -> bool:
    """Whether somebody writes the evaluation just now."""
    try:
        descriptor = os.open(folder / LOCK, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError:
        return True
    finally:
        os.close(descriptor)
    return False


def _take(descriptor: int, folder: Path) -> None:
    for tries in range(1, _TRIES + 1):
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if tries == _TRIES:
                raise _busy(descriptor, folder) from None
            time.sleep(_PAUSE)
        else:
            return


def _busy(descriptor: int, folder: Path) -> EvaluationBusy:
    holder = os.pread(descriptor, 20, 0).strip().decode("ascii", "replace")
    who = f"process {holder}" if holder.isdigit() else "another process, or another evaluation of this one,"
    return EvaluationBusy(
        f"An evaluation is being written into {str(folder)!r}: {who} holds it. Wait until it is done, or choose "
        "another folder (--out).",
        path=str(folder),
    )

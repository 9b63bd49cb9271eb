"""One writer at a time: a file that only one process, and one cassette in it, holds."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

from kaizen_eval.errors import CassetteBusy

__all__ = ["locked", "unlock"]

_FLAGS = os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC


def locked(path: Path, *, cassette: Path) -> int:
    """The open file, made if need be; held until `unlock`, or until the process ends in whatever way.

    Raises:
        CassetteBusy: somebody else holds it.
        OSError: it cannot be opened or made.
    """
    while True:
        descriptor = os.open(path, _FLAGS, 0o666)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            raise _busy(path, cassette) from None
        except OSError:
            os.close(descriptor)
            raise
        if _is_still(path, descriptor):
            return descriptor
        os.close(descriptor)  # its last holder has just put it away


def unlock(descriptor: int) -> None:
    """Let go, also where a forked child still has the file open."""
    fcntl.flock(descriptor, fcntl.LOCK_UN)
    os.close(descriptor)


def _is_still(path: Path, descriptor: int) -> bool:
    try:
        return os.path.samestat(path.stat(), os.fstat(descriptor))
    except FileNotFoundError:
        return False


def _busy(path: Path, cassette: Path) -> CassetteBusy:
    return CassetteBusy(
        f"Somebody else is recording {cassette}: another process, or another test of this one, holds {path}. "
        "Wait until it is done, or record into a cassette of another name.",
        path=str(cassette),
    )

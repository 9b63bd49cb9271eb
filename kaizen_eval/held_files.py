"""A file that only one process, and one holder in it, holds at a time."""

from __future__ import annotations

import fcntl
import os

__all__ = ["exclusive", "let_go"]

_FLAGS = os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC


def exclusive(path: str | os.PathLike[str]) -> int | None:
    """The open file, made if need be; held until `let_go`, or until the process ends in whatever way.

    None: somebody else holds it. Its holder may delete it: who opened it before that does not hold it by that.

    Raises:
        OSError: it cannot be opened or made.
    """
    while True:
        descriptor = os.open(path, _FLAGS, 0o666)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            return None
        except OSError:
            os.close(descriptor)
            raise
        if _is_still(path, descriptor):
            return descriptor
        os.close(descriptor)  # its last holder has just put it away


def let_go(descriptor: int) -> None:
    """Also where a forked child still has the file open."""
    fcntl.flock(descriptor, fcntl.LOCK_UN)
    os.close(descriptor)


def _is_still(path: str | os.PathLike[str], descriptor: int) -> bool:
    try:
        return os.path.samestat(os.stat(path), os.fstat(descriptor))  # noqa: PTH116 - as text, whatever it holds
    except FileNotFoundError:
        return False

"""Who executes a run: a file beside the checkpoints that only one execution holds."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from hashlib import sha256
from weakref import WeakSet, finalize

from kaizen_eval.errors import CheckpointFailed, WorkflowBusy
from kaizen_eval.held_files import exclusive, let_go

__all__ = ["Hold", "busy", "held"]


class Hold:
    """Of one run; it ends with `release`, with the process, or when nobody refers to it any more."""

    def __init__(self, descriptor: int, path: str) -> None:
        self._open = [descriptor]
        self.release: Callable[[], object] = finalize(self, _release, self._open, path)
        """Once is enough, and twice does no harm."""
        _holds.add(self)

    def forget(self) -> None:
        """In a forked child, whose parent goes on holding it."""
        while self._open:
            os.close(self._open.pop())


def held(path: str, run_id: str) -> Hold | None:
    """None: another execution holds it, of this process or another.

    Raises:
        CheckpointFailed: no file can be made beside that of the checkpoints.
    """
    lock = _lock(path, run_id)
    try:
        descriptor = exclusive(lock)
    except OSError as error:
        raise CheckpointFailed(
            f"{lock!r}, by which a run is held while it is executed, cannot be made: {error}. Look who may write to "
            "its folder.",
            path=path,
        ) from error
    if descriptor is None:
        return None
    with suppress(OSError):  # on a full disk nobody learns who holds it
        os.write(descriptor, f"{os.getpid()}\n".encode())
    return Hold(descriptor, lock)


def busy(path: str, run_id: str) -> WorkflowBusy:
    """What is raised where `held` returned None."""
    pid = _holder(_lock(path, run_id))
    who = "this process, in another call," if pid == str(os.getpid()) else f"process {pid or '?'}"
    return WorkflowBusy(
        f"The run {run_id!r} is under way: {who} executes it, with checkpoints in {path!r}. Wait until it has ended, "
        "or begin another run with another run_id.",
        run_id=run_id,
    )


def _lock(path: str, run_id: str) -> str:
    """Its file: any text may be a run's id."""
    return f"{path}-{sha256(run_id.encode('utf-8', 'surrogatepass')).hexdigest()[:16]}.lock"


def _holder(lock: str) -> str:
    """Who wrote its number last: one who was killed may stand before it."""
    try:
        with open(lock, encoding="ascii", errors="replace") as file:  # noqa: PTH123 - as text, whatever it holds
            return file.read().rpartition("\n")[0].rpartition("\n")[2]
    except OSError:
        return ""


def _release(opened: list[int], lock: str) -> None:
    """Deleted first: who holds it now still holds it, and who comes next makes a new one."""
    while opened:
        with suppress(OSError):
            os.unlink(lock)  # noqa: PTH108 - as text, whatever it holds
        let_go(opened.pop())


_holds: WeakSet[Hold] = WeakSet()


def _forget_the_parents() -> None:
    for hold in list(_holds):
        hold.forget()


os.register_at_fork(after_in_child=_forget_the_parents)

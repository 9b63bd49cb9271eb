"""Which threads can do nothing until another thread wakes them, by the line where they stand."""

from __future__ import annotations

import concurrent.futures.thread
import gc
import sys
import threading
from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from types import FrameType

__all__ = ["Place", "Stand", "current_frames", "places", "standing", "turns"]

Place = tuple[int, int]
"""A frame and an instruction in it; the same twice means that the thread has not moved."""
Stand = tuple[Place, int]
"""Where a thread stands, and how often it had come to run when it was looked at."""

_WAITING = {
    threading.__file__: {"wait", "join", "_wait_for_tstate_lock"},
    concurrent.futures.thread.__file__: {"_worker"},
}
"""Functions that wait in C; others of these files may be at work there, as on `Thread(target=time.sleep)`."""

_FOR_EVER = (None, -1)


def places() -> dict[int, Place]:
    """Where each thread of the process stands."""
    return {thread: _place(frame) for thread, frame in current_frames().items()}


def standing(
    threads: Collection[int], since: Mapping[int, Place], *, turns: Callable[[int], int | None] | None = None
) -> dict[int, Stand] | None:
    """Where they stand; None if one of them may be at work, or will go on by itself after some real time.

    One that has stood still `since` then has nothing to do with what came later. `turns` is the function of that name.
    """
    ask = _turns_of_all() if turns is None else turns
    frames = current_frames()
    found: dict[int, Stand] = {}
    for thread in frames.keys() & set(threads):
        place = _place(frames[thread])
        if since.get(thread) == place:
            found[thread] = place, 0
        elif _waits(frames[thread]) and (came_to_run := ask(thread)) is not None:
            found[thread] = place, came_to_run
        else:
            return None
    return found


def turns(native_id: int | None) -> int | None:
    """How often the operating system has let a thread run; None if it wants to run now.

    One that was woken, and on a busy machine waits for its turn, still shows the line where it waited; its turns, or
    its wish for one, tell. Always 0 where the system does not say.
    """
    try:
        told = Path(f"/proc/self/task/{native_id}/status").read_text("ascii", "replace")
    except OSError:
        return 0
    lines = dict(line.partition(":\t")[::2] for line in told.splitlines())
    if lines.get("State", "").startswith("R"):
        return None
    return sum(int(lines.get(name, 0)) for name in ("voluntary_ctxt_switches", "nonvoluntary_ctxt_switches"))


def _turns_of_all() -> Callable[[int], int | None]:
    native = {thread.ident: thread.native_id for thread in threading.enumerate()}
    return lambda thread: turns(native.get(thread))


def current_frames() -> dict[int, FrameType]:
    """Of all threads. Python 3.11 holds a lock meanwhile for which what is collected as garbage may wait, for ever."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        return sys._current_frames()  # noqa: SLF001 - documented, and the one way to ask
    finally:
        if was_enabled:
            gc.enable()


def _place(frame: FrameType) -> Place:
    return id(frame), frame.f_lasti


def _waits(frame: FrameType) -> bool:
    """In a join, a lock, an event, a queue or a future of the standard library, for however long it takes."""
    code = frame.f_code
    return code.co_name in _WAITING.get(code.co_filename, ()) and frame.f_locals.get("timeout") in _FOR_EVER

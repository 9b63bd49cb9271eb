"""Which threads can do nothing until another thread wakes them, by the line where they stand."""

from __future__ import annotations

import concurrent.futures.thread
import sys
import threading
from collections.abc import Collection, Mapping
from types import FrameType

__all__ = ["Place", "places", "standing"]

Place = tuple[int, int]
"""A frame and an instruction in it; the same twice means that the thread has not moved."""

_WAITING = {
    threading.__file__: {"wait", "join", "_wait_for_tstate_lock"},
    concurrent.futures.thread.__file__: {"_worker"},
}
"""Functions that wait in C; others of these files may be at work there, as on `Thread(target=time.sleep)`."""

_FOR_EVER = (None, -1)


def places() -> dict[int, Place]:
    """Where each thread of the process stands."""
    return {thread: _place(frame) for thread, frame in _frames().items()}


def standing(threads: Collection[int], since: Mapping[int, Place]) -> dict[int, Place] | None:
    """Where they stand; None if one of them may be at work, or will go on by itself after some real time.

    One that has stood still `since` then has nothing to do with what came later.
    """
    frames = _frames()
    found = {thread: frames[thread] for thread in threads if thread in frames}
    if all(_waits(frame) or since.get(thread) == _place(frame) for thread, frame in found.items()):
        return {thread: _place(frame) for thread, frame in found.items()}
    return None


def _frames() -> dict[int, FrameType]:
    return sys._current_frames()  # noqa: SLF001 - documented, and the one way to ask


def _place(frame: FrameType) -> Place:
    return id(frame), frame.f_lasti


def _waits(frame: FrameType) -> bool:
    """In a join, a lock, an event, a queue or a future of the standard library, for however long it takes."""
    code = frame.f_code
    return code.co_name in _WAITING.get(code.co_filename, ()) and frame.f_locals.get("timeout") in _FOR_EVER

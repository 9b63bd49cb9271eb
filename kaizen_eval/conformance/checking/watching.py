"""Where a program is when it hangs: in which of the user's lines, whatever it waits for there."""

from __future__ import annotations

import asyncio
import linecache
import re
import threading
from collections.abc import Iterator
from pathlib import Path
from types import CodeType, FrameType

from kaizen_eval.named.whose import is_users
from kaizen_eval.resilience.stillness import current_frames

__all__ = ["line_in", "where"]

_DUMPED = re.compile(r'File "(?P<file>[^"]+)", line (?P<line>\d+) in (?P<name>\S+)')


def where(frame: FrameType | None) -> str:
    """Such as `execute (strategies.py, line 12: time.sleep(100))`; the innermost line of the user's, if there is one.

    Args:
        frame: of the main thread. Where that waits for others, these are looked at: threads, then tasks.
    """
    for stack in (_stack(frame), *_other_threads(), *_tasks()):
        for code, line in stack:
            if is_users(code.co_filename):
                return _told(code.co_filename, line, code.co_qualname)
    for code, line in _stack(frame):
        return _told(code.co_filename, line, code.co_qualname)
    return "an unknown place"


def line_in(dump: str) -> str:
    """The same, of what faulthandler wrote."""
    found = list(_DUMPED.finditer(dump))
    chosen = next((match for match in found if is_users(match["file"])), found[0] if found else None)
    return "an unknown place" if chosen is None else _told(chosen["file"], int(chosen["line"]), chosen["name"])


def _stack(frame: FrameType | None) -> Iterator[tuple[CodeType, int]]:
    while frame is not None:
        yield frame.f_code, frame.f_lineno
        frame = frame.f_back


def _other_threads() -> Iterator[Iterator[tuple[CodeType, int]]]:
    main = threading.main_thread().ident
    for ident, frame in current_frames().items():
        if ident != main:
            yield _stack(frame)


def _tasks() -> Iterator[Iterator[tuple[CodeType, int]]]:
    try:
        tasks = asyncio.all_tasks()
    except RuntimeError:  # no loop runs
        return
    for task in tasks:
        yield iter(reversed([*_awaited(task.get_coro())]))


def _awaited(coroutine: object) -> Iterator[tuple[CodeType, int]]:
    """From a task's coroutine inwards."""
    while coroutine is not None:
        frame = getattr(coroutine, "cr_frame", None)
        if frame is not None:
            yield frame.f_code, frame.f_lineno
        coroutine = getattr(coroutine, "cr_await", None)


def _told(file: str, line: int, name: str) -> str:
    text = linecache.getline(file, line).strip()
    path = Path(file)
    shown = path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path
    return f"{name} ({shown}, line {line}{f': {text}' if text else ''})"

"""Tracebacks that hold the reader's own lines alone."""

from __future__ import annotations

import os
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from types import TracebackType

__all__ = ["is_foreign", "shorten", "shorten_all"]

_ASYNCIO = str(Path(os.__file__).parent / "asyncio")
"""In the standard library, beside `os`; not imported, so that what decides may name the reader's lines."""
_OURS = str(Path(__file__).parent)


def shorten(error: BaseException) -> None:
    """Leave only the reader's own lines in the traceback of an error that is about to be raised again."""
    readers = [trace for trace in _traces(error.__traceback__) if not is_foreign(trace.tb_frame.f_code.co_filename)]
    for outer, inner in pairwise(readers):
        outer.tb_next = inner
    for innermost in readers[-1:]:
        innermost.tb_next = None
    error.__traceback__ = readers[0] if readers else None


def shorten_all(error: BaseException) -> None:
    """The same for the error and everything that it came from."""
    seen: set[int] = set()
    waiting: list[BaseException | None] = [error]
    while waiting:
        current = waiting.pop()
        if current is not None and id(current) not in seen:
            seen.add(id(current))
            shorten(current)
            waiting += [current.__cause__, current.__context__]


def is_foreign(file: str) -> bool:
    """Whether a file is this package's, asyncio's or an installed one's."""
    return file.startswith((_ASYNCIO, _OURS)) or not {"site-packages", "dist-packages"}.isdisjoint(Path(file).parts)


def _traces(trace: TracebackType | None) -> Iterator[TracebackType]:
    while trace is not None:
        yield trace
        trace = trace.tb_next

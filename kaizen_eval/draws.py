"""Which draw it is of what is drawn by lot: a question that is asked again may be answered otherwise."""

from __future__ import annotations

from contextlib import contextmanager
from contextvars import ContextVar

TYPE_CHECKING = False  # type-checkers take it as True; typing is more than this module needs
if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["draw", "drawn"]

_draw: ContextVar[int] = ContextVar("kaizen_eval.draws", default=0)


@contextmanager
def drawn(number: int) -> Iterator[None]:
    """In this block, and in tasks, threads and background runs begun in it, a fake draws so many draws further on.

    Made replies, chances and latencies are the same for the same number, whatever was asked before or beside it.
    """
    token = _draw.set(number)
    try:
        yield
    finally:
        _draw.reset(token)


def draw() -> int:
    """That of what is asked here; 0 unless somebody says otherwise."""
    return _draw.get()

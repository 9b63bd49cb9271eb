"""Which draw it is of what is drawn by lot: a question that is asked again may be answered otherwise."""

from __future__ import annotations

from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Draw", "draw", "drawn"]


class Draw(NamedTuple):
    """What tells one draw from the others."""

    number: int = 0
    """Of the same question: a fake draws so many draws further on."""
    name: str = ""
    """Of whoever draws, such as a trial: what is random for one is not what is random for the next. Empty: all of it
    is left to chance.
    """


_NONE = Draw()
_draw: ContextVar[Draw] = ContextVar("kaizen_eval.draws", default=_NONE)


@contextmanager
def drawn(number: int, name: str) -> Iterator[None]:
    """In this block, and in tasks, threads and background runs begun in it, what is drawn by lot is this draw's.

    A fake's made replies, chances and latencies, and the jitter of retries, are then the same for the same draw,
    whatever was asked before or beside it.
    """
    token = _draw.set(Draw(number, name))
    try:
        yield
    finally:
        _draw.reset(token)


def draw() -> Draw:
    """That of what is asked here."""
    return _draw.get()

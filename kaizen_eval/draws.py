"""Which draw it is of what is drawn by lot: a question that is asked again may be answered otherwise."""

from __future__ import annotations

from contextvars import ContextVar, Token
from typing import NamedTuple

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


class drawn:  # noqa: N801 - a block, and called as such; one made by a generator takes three times as long
    """In this block, and in tasks, threads and background runs begun in it, what is drawn by lot is this draw's.

    A fake's made replies, chances and latencies, and the jitter of retries, are then the same for the same draw,
    whatever was asked before or beside it.
    """

    __slots__ = ("_is", "_token")

    def __init__(self, number: int, name: str) -> None:
        self._is = Draw(number, name)

    def __enter__(self) -> None:
        self._token: Token[Draw] = _draw.set(self._is)

    def __exit__(self, *raised: object) -> None:
        _draw.reset(self._token)


def draw() -> Draw:
    """That of what is asked here."""
    return _draw.get()

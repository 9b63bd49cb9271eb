"""Who is told all that happens in the runs that begin in a block, prompts and replies included."""

from __future__ import annotations

from contextvars import ContextVar, Token
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kaizen_eval.events import Observer

__all__ = ["present", "witnessed_by"]

_present: ContextVar[tuple[Observer, ...]] = ContextVar("kaizen_eval.witnesses", default=())


class witnessed_by:  # noqa: N801 - a block, and called as such; one made by a generator takes three times as long
    """In this block, and in tasks, threads and background runs begun in it, every run tells this one too.

    A witness is told every event, `Exchanged` included, which observers and the log are never told.
    """

    __slots__ = ("_token", "_witness")

    def __init__(self, witness: Observer) -> None:
        self._witness = witness

    def __enter__(self) -> None:
        self._token: Token[tuple[Observer, ...]] = _present.set((*_present.get(), self._witness))

    def __exit__(self, *raised: object) -> None:
        _present.reset(self._token)


def present() -> tuple[Observer, ...]:
    """Who is told of a run that begins here."""
    return _present.get()

"""Who is told all that happens in the runs that begin in a block, prompts and replies included."""

from __future__ import annotations

from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kaizen_eval.events import Observer

__all__ = ["present", "witnessed_by"]

_present: ContextVar[tuple[Observer, ...]] = ContextVar("kaizen_eval.witnesses", default=())


@contextmanager
def witnessed_by(witness: Observer) -> Iterator[None]:
    """In this block, and in tasks, threads and background runs begun in it, every run tells this one too.

    A witness is told every event, `Exchanged` included, which observers and the log are never told.
    """
    token = _present.set((*_present.get(), witness))
    try:
        yield
    finally:
        _present.reset(token)


def present() -> tuple[Observer, ...]:
    """Who is told of a run that begins here."""
    return _present.get()

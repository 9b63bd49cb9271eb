"""Stops an evaluation before its end: cleanly, or at once."""

from __future__ import annotations

from collections.abc import Callable

__all__ = ["Brake"]


class Brake:
    """Pulled by whoever has a reason. The first reason is the one that is told.

    Args:
        on_stop: called once, with the reason: nothing is begun any more.
        on_abort: called once: what is in flight is to end now.
    """

    def __init__(self, on_stop: Callable[[str], None], on_abort: Callable[[], None]) -> None:
        self._on_stop = on_stop
        self._on_abort = on_abort
        self.reason: str | None = None
        self.aborted = False

    def stop(self, reason: str) -> None:
        """Begin nothing any more; what is in flight ends as usual."""
        if self.reason is None:
            self.reason = reason
            self._on_stop(reason)

    def abort(self, reason: str) -> None:
        """End what is in flight as well."""
        self.stop(reason)
        if not self.aborted:
            self.aborted = True
            self._on_abort()

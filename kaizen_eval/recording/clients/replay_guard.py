"""Keeps real hosts out of reach while cassettes replay and none needs them."""

from __future__ import annotations

import threading
from contextlib import ExitStack

from kaizen_eval.recording.in_use import modes_in_use
from kaizen_eval.testing.network import network_guard

__all__ = ["ReplayGuard", "replay_guard"]


class ReplayGuard:
    """On for the whole process, as the guard itself is: beside a cassette that records it is off for all."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._on: ExitStack | None = None

    def adjust(self) -> None:
        """To be called when a cassette comes into use or goes out of it."""
        with self._lock:
            is_wanted = modes_in_use() == {"replay"}
            if is_wanted and self._on is None:
                self._on = ExitStack()
                self._on.enter_context(network_guard())
            elif self._on is not None and not is_wanted:
                self._on.close()
                self._on = None


replay_guard = ReplayGuard()

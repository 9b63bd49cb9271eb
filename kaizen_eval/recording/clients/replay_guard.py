"""Keeps real hosts out of reach while cassettes replay and none needs them."""

from __future__ import annotations

import threading
from contextlib import ExitStack

from kaizen_eval.errors import CassetteMiss, UsageError
from kaizen_eval.recording.in_use import all_in_use, current
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
            is_wanted = {cassette.mode for cassette in all_in_use()} == {"replay"}
            if is_wanted and self._on is None:
                self._on = ExitStack()
                self._on.enter_context(network_guard(_note))
            elif self._on is not None and not is_wanted:
                self._on.close()
                self._on = None


def _note(host: str) -> None:
    """Whoever asked may swallow the error: it fails the cassette in use there or, where none is, the latest."""
    try:
        cassette = current()
    except UsageError:  # any of several
        cassette = None
    cassette = cassette or next(reversed(all_in_use()), None)
    if cassette is not None:
        cassette.note(CassetteMiss(_refused(host, str(cassette.path)), path=str(cassette.path)))


def _refused(host: str, path: str) -> str:
    return (
        f"{host!r} was asked for on the network, while {path} is replayed, by code that no cassette can answer. "
        "Nothing was sent. Let it ask with an HTTP client that use_cassette knows, or, if the host is meant, wrap it "
        f"in `with kaizen_eval.testing.allow_hosts({host!r}):`."
    )


replay_guard = ReplayGuard()

"""Names what still runs when nothing has ended for a while."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING

from kaizen_eval.evals.happening import StillRunning
from kaizen_eval.resilience.clock import current_clock
from kaizen_eval.resilience.timeline import bystanders

if TYPE_CHECKING:
    from kaizen_eval.evals.running.telling import Telling
    from kaizen_eval.evals.trial import Trial

__all__ = ["QUIET", "Watchdog"]

QUIET = 30.0
"""Seconds without an end before it says something; then twice as many each time."""


class Watchdog:
    """On real time. On virtual time a timer of its own would keep time going for ever, where nothing else can wake what
    waits; there that is a Deadlock, whose message names the same.
    """

    def __init__(
        self,
        under_way: Callable[[], tuple[tuple[Trial, float, str], ...]],
        telling: Telling,
        *,
        quiet: float = QUIET,
    ) -> None:
        self._under_way = under_way
        self._telling = telling
        self._quiet = quiet
        self._patience = quiet
        self._timer: asyncio.TimerHandle | None = None
        self._sentry: _Sentry | None = None
        self._last = 0.0

    def watch(self) -> None:
        if current_clock() is None:
            self._last = asyncio.get_running_loop().time()
            self._arm(self._quiet)
            self._sentry = _Sentry(asyncio.get_running_loop(), self._quiet, self._say)
            self._sentry.start()

    def reset(self) -> None:
        """Something has ended."""
        if self._timer is not None:
            self._last = asyncio.get_running_loop().time()
            self._patience = self._quiet

    def rest(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._sentry is not None:
            self._sentry.over.set()
            self._sentry = None

    def _arm(self, seconds: float) -> None:
        self._timer = asyncio.get_running_loop().call_later(seconds, self._look)

    def _look(self) -> None:
        silent = asyncio.get_running_loop().time() - self._last
        if silent >= self._patience:
            self._say()
            self._patience += silent
        self._arm(max(self._patience - silent, 0.01))

    def _say(self) -> None:
        self._telling.tell(StillRunning(trials=self._under_way()))


class _Sentry(threading.Thread):
    """Looks whether the loop still turns: what blocks it keeps timers from firing, the watchdog's own included."""

    def __init__(self, loop: asyncio.AbstractEventLoop, seconds: float, on_standstill: Callable[[], None]) -> None:
        super().__init__(name="kaizen-eval watchdog", daemon=True)
        bystanders.add(self)
        self._loop = loop
        self._seconds = seconds
        self._on_standstill = on_standstill
        self.over = threading.Event()

    def run(self) -> None:
        while not self.over.wait(self._seconds):
            turned = threading.Event()
            try:
                self._loop.call_soon_threadsafe(turned.set)
            except RuntimeError:
                return  # it is closed
            if not turned.wait(self._seconds) and not self.over.is_set():
                self._on_standstill()

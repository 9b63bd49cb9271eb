"""Names what still runs when nothing has ended for a while."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING

from kaizen_eval.evals.happening import StillRunning
from kaizen_eval.resilience.clock import current_clock

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
        self._last = 0.0

    def watch(self) -> None:
        if current_clock() is None:
            self._last = asyncio.get_running_loop().time()
            self._arm(self._quiet)

    def reset(self) -> None:
        """Something has ended."""
        if self._timer is not None:
            self._last = asyncio.get_running_loop().time()
            self._patience = self._quiet

    def rest(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _arm(self, seconds: float) -> None:
        self._timer = asyncio.get_running_loop().call_later(seconds, self._look)

    def _look(self) -> None:
        silent = asyncio.get_running_loop().time() - self._last
        if silent >= self._patience:
            self._telling.tell(StillRunning(trials=self._under_way()))
            self._patience += silent
        self._arm(max(self._patience - silent, 0.01))

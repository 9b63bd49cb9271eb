"""Tells reporters what happens; one that crashes does not disturb the evaluation."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from typing import TYPE_CHECKING

from kaizen_eval.errors import ConfigError

if TYPE_CHECKING:
    from kaizen_eval.evals.happening import Happening, Reporter

__all__ = ["Telling"]

_logger = logging.getLogger("kaizen_eval")


class Telling:
    """The reporters of one evaluation.

    Raises:
        ConfigError: one of them is none.
    """

    def __init__(self, reporters: Iterable[Reporter]) -> None:
        self._reporters = tuple(reporters)
        self._crashed: set[int] = set()
        for reporter in self._reporters:
            if isinstance(reporter, type) or not callable(getattr(reporter, "on_happening", None)):
                raise ConfigError(f"reporters take objects with a method on_happening(happening), not {reporter!r}.")

    def tell(self, happening: Happening) -> None:
        for reporter in self._reporters:
            try:
                reporter.on_happening(happening)
            except Exception as error:  # noqa: BLE001 - a reporter's crash never ends an evaluation; it is logged
                self._note(reporter, happening, error)

    def _note(self, reporter: Reporter, happening: Happening, error: Exception) -> None:
        """With its traceback once: it may crash on every trial."""
        if id(reporter) not in self._crashed:
            self._crashed.add(id(reporter))
            names = type(reporter).__name__, type(happening).__name__
            _logger.error("the reporter %s failed on %s", *names, exc_info=error)

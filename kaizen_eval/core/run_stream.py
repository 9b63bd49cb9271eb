"""RunStream: a run that is read while it goes on."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any

from kaizen_eval.core.result import RunResult
from kaizen_eval.streamed import Sink

__all__ = ["RunStream"]


class RunStream:
    """What `run_stream` returns."""

    def __init__(self, begin: Callable[[Sink], Coroutine[Any, Any, RunResult]], *, restart: bool = False) -> None:
        self._begin = begin
        self._restart = restart

"""Evaluates for synchronous callers: on a loop of its own in a thread, so that Ctrl-C always finds a way in."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from types import FrameType
from typing import TYPE_CHECKING, Any, Unpack

from kaizen_eval.bridge import BackgroundLoop
from kaizen_eval.evals.running.in_loop import evaluate_async
from kaizen_eval.evals.running.options import Options
from kaizen_eval.evals.running.stop_signal import StopSignal
from kaizen_eval.resilience.clock import current_clock

if TYPE_CHECKING:
    from kaizen_eval.evals.case import Case
    from kaizen_eval.evals.dataset import Dataset
    from kaizen_eval.evals.running.evaluation import Evaluation

__all__ = ["evaluate"]

_PATIENCE = 1.0
"""Real seconds in which a loop that turns has come round."""


def evaluate(
    dataset: Dataset | Iterable[Case | Mapping[str, Any]], task: Any, **options: Unpack[Options]
) -> Evaluation:
    """The same as `evaluate_async`, from any thread, also inside a running event loop.

    Ctrl-C begins nothing any more, and lets what is in flight end: what is done is kept and given back. A second one
    ends that, too, and goes on as a KeyboardInterrupt.
    """
    stop = options.setdefault("stop", None) or StopSignal()
    options["stop"] = stop
    loop = BackgroundLoop(current_clock())
    with _listening(stop):
        try:
            return loop.run(evaluate_async(dataset, task, **options))
        finally:
            _close(loop)


def _close(loop: BackgroundLoop) -> None:
    """A task that blocks the loop, or a thread of its own that never ends, must not keep what has been done."""
    turns = threading.Event()
    loop.loop.call_soon_threadsafe(turns.set)
    if turns.wait(_PATIENCE):
        loop.close(wait_for_threads=False)


@contextmanager
def _listening(stop: StopSignal) -> Iterator[None]:
    """To Ctrl-C, where nobody else does."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.getsignal(signal.SIGINT)
    if before is not signal.default_int_handler:
        yield
        return

    def interrupted(number: int, frame: FrameType | None) -> None:
        if stop.is_set:
            signal.default_int_handler(number, frame)
        stop.set("Ctrl-C: nothing is begun any more; a second one ends what still runs.")

    signal.signal(signal.SIGINT, interrupted)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)

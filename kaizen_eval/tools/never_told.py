"""Errors that a model is never told of, as it can do nothing about them."""

from __future__ import annotations

from collections.abc import Iterator

from kaizen_eval.errors import BudgetExceeded, Deadlock, RecordingError, RunTimeout, UsageError
from kaizen_eval.run_context import RunContext

__all__ = ["raise_what_is_never_told"]

_NEVER_TOLD = (BudgetExceeded, Deadlock, RecordingError, UsageError)


def raise_what_is_never_told(error: BaseException, run: RunContext) -> None:
    """Raise the error, or that of its group, if it is one of these; the timeout of the run itself is."""
    for inner in _leaves(error):
        late = isinstance(inner, RunTimeout) and run.deadline.remaining() <= 0
        if late or isinstance(inner, _NEVER_TOLD):
            raise inner


def _leaves(error: BaseException) -> Iterator[BaseException]:
    if isinstance(error, BaseExceptionGroup):
        for inner in error.exceptions:
            yield from _leaves(inner)
    else:
        yield error

"""What a node failed of, on its way out of the workflows around it, and as it is told in the end."""

from __future__ import annotations

import asyncio
from reprlib import Repr

from kaizen_eval.errors import BudgetExceeded, KaizenError, NodeFailed, NodeOverBudget, NodeTimeout
from kaizen_eval.runtime.execution import Results

__all__ = ["Failure", "Late", "told_of"]

_short = Repr()  # which takes its settings from Python 3.12 on
_short.maxstring = _short.maxother = 60


class Failure(Exception):
    """Raised within an execution alone; nobody outside sees it."""

    def __init__(self, node: str, cause: BaseException, *, item: int | None = None, of: object = None) -> None:
        super().__init__(node, cause)
        self.node = node
        self.cause = cause
        self.item = item
        self.of = of
        """The item itself."""

    @property
    def error(self) -> str:
        """As events name it."""
        return type(self.cause).__name__

    def __str__(self) -> str:
        return f"Node {self.node!r} {self._how()}"

    def _how(self) -> str:
        return f"failed{self._where()}: {_words(self.cause)}"

    def _where(self) -> str:
        return "" if self.item is None else f" at item {self.item}, {_short.repr(self.of)}"


class Late(Failure):
    """A node did not finish within its own timeout."""

    def __init__(self, node: str, seconds: float, *, item: int | None = None, of: object = None) -> None:
        super().__init__(node, TimeoutError(), item=item, of=of)
        self.seconds = seconds

    @property
    def error(self) -> str:
        return NodeTimeout.__name__

    def _how(self) -> str:
        return f"did not finish{self._where()} within its timeout of {self.seconds:g} s."


def told_of(failure: Failure, *, results: Results, run_id: str) -> NodeFailed:
    """The error to be raised, with its cause and notes."""
    error = _error(failure, results, run_id)
    error.__cause__ = None if isinstance(failure, Late) else failure.cause
    for note in getattr(failure, "__notes__", ()):
        error.add_note(note)
    return error


def _error(failure: Failure, results: Results, run_id: str) -> NodeFailed:
    message, node, item, cause = str(failure), failure.node, failure.item, failure.cause
    if isinstance(failure, Late):
        return NodeTimeout(message, node=node, item=item, results=results, run_id=run_id)
    if isinstance(cause, BudgetExceeded):
        return NodeOverBudget(
            message, node=node, item=item, results=results, run_id=run_id, limit=cause.limit, spent=cause.spent
        )
    return NodeFailed(message, node=node, item=item, results=results, run_id=run_id)


def _words(cause: BaseException) -> str:
    if isinstance(cause, asyncio.CancelledError):
        return "it was cancelled, and nobody here did that."
    if isinstance(cause, KaizenError):
        return str(cause)
    return f"{type(cause).__name__}: {cause}" if str(cause) else type(cause).__name__

"""Assertions on the tools that an agent called, by a result of its run, its steps, or what a fake was asked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, TypeAlias

from kaizen_eval.errors import UsageError
from kaizen_eval.fake import FakeLLM
from kaizen_eval.fake.journal import assertions, tool_assertions, trajectory
from kaizen_eval.fake.journal.journal import Journal
from kaizen_eval.fake.journal.made_call import MadeCall
from kaizen_eval.fake.journal.wanted_calls import Order, ToolMatcher
from kaizen_eval.metrics.steps import Step, ToolOutcome

if TYPE_CHECKING:
    from kaizen_eval.core.result import RunResult

__all__ = ["Told", "assert_not_called_before", "assert_tool_not_called", "assert_tools_called"]

__tracebackhide__ = True  # pytest then points at the test's line

Told: TypeAlias = "RunResult | FakeLLM | Journal | Iterable[Step | Mapping[str, Any]]"
"""What tells which tools were called: a run's result or its steps, or the fake that was asked."""


def assert_tools_called(
    told: Told, calls: Iterable[ToolMatcher], *, order: Order = "exact", outcome: ToolOutcome | None = None
) -> None:
    """These tools were called.

    Args:
        told: a RunResult, its `steps` or `_steps`; or a FakeLLM or its journal, which know what the model called, and
            not what came of it.
        calls: names, patterns, or (name, arguments).
        order: "exact": these, in this order, and no others. "subset": these, in this order; others may stand before,
            between and after them. "any": each of these, in whatever order; others may be there.
        outcome: of a run, only the calls that ended so: "ok", "error" or "refused".

    Raises:
        UsageError: the outcome is asked of a fake; or `calls` can be none.
    """
    tool_assertions.tools_called(_made(told, outcome), calls, order)


def assert_tool_not_called(told: Told, call: ToolMatcher, *, outcome: ToolOutcome | None = None) -> None:
    """This tool was not called, or not with such arguments, or no such call ended so."""
    tool_assertions.not_called(_made(told, outcome), call)


def assert_not_called_before(
    told: Told, call: ToolMatcher, first: ToolMatcher, *, outcome: ToolOutcome | None = None
) -> None:
    """`call` was not called before `first` was; of a fake, in no session and no run without one."""
    tool_assertions.not_called_before(_made(told, outcome), call, first)


def _made(told: object, outcome: str | None) -> tuple[MadeCall, ...]:
    if isinstance(told, FakeLLM | Journal):
        return _asked(told.journal if isinstance(told, FakeLLM) else told, outcome)
    steps = getattr(told, "steps", told)
    if isinstance(steps, str | bytes | Mapping) or not isinstance(steps, Iterable):
        raise UsageError(
            f"A RunResult, its steps, a FakeLLM or its journal tells which tools were called, not {told!r}."
        )
    return trajectory.of_steps(steps, outcome=outcome)


def _asked(journal: Journal, outcome: str | None) -> tuple[MadeCall, ...]:
    if outcome is not None:
        raise UsageError(
            f"A fake does not know what came of a call (outcome={outcome!r}): give the assertion the RunResult."
        )
    return assertions.calls_made(journal)

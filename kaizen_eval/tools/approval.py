"""Approval: a tool call that somebody has to agree to."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from kaizen_eval.errors import ToolDefinitionError, ToolFailed, UsageError
from kaizen_eval.run_context import RunContext
from kaizen_eval.tools.execution import carried_out, ended_within
from kaizen_eval.tools.never_told import raise_what_is_never_told
from kaizen_eval.tools.outcome import NoGoodError

__all__ = ["Approval", "Approve", "approver", "refuse_unapproved"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Approval:
    """What somebody is asked to agree to."""

    tool: str
    arguments: Mapping[str, Any]
    """As the model wrote them, once they fit; a copy of its own."""
    tool_call_id: str
    run_id: str
    session_id: str | None


Approve = Callable[[Approval], bool | str | Awaitable[bool | str]]
"""True: execute it. False: do not; a text refuses with that reason. It may be `async def`, or wait in its thread."""


def approver(tool: str, required: object, approve: object) -> Approve | None:
    """Who is asked before each call of the tool; None where nobody is.

    Raises:
        ToolDefinitionError: approval is required of nobody, or somebody is named although it is not required.
    """
    if required is False and approve is None:
        return None
    if required is True and callable(approve):
        return approve
    if not isinstance(required, bool) and callable(required) and approve is None:
        return required
    raise ToolDefinitionError(
        f"The tool {tool!r} has requires_approval={required!r} and approve={approve!r}: give True and a function that "
        "takes an Approval, or that function as requires_approval alone."
    )


async def refuse_unapproved(approve: Approve, approval: Approval, run: RunContext) -> None:
    """Ask, however long it takes: the run's deadline counts.

    Raises:
        NoGoodError: somebody said no.
        ToolFailed: asking failed; nothing is executed that nobody agreed to.
    """
    ended = await ended_within(None, carried_out(approve, approval))
    if ended is not None and ended.error is not None:
        raise_what_is_never_told(ended.error, run)
        raise ToolFailed(
            f"Nobody could be asked to approve {approval.tool}: {type(ended.error).__name__}.",
            tool=approval.tool,
            tool_call_id=approval.tool_call_id,
        ) from ended.error
    _obey(None if ended is None else ended.value, approval.tool)


def _obey(answer: object, tool: str) -> None:
    if answer is True:
        return
    if answer is False or isinstance(answer, str):
        raise NoGoodError(f"{tool} was not executed: {answer or 'it was not approved.'}", "refused")
    raise UsageError(f"The approval of {tool} must be True, False or a text that says why not; it was {answer!r}.")

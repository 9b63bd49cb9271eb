"""Tool calls made: which tools the agent called, in which order, with which arguments."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from dataclasses import field as _field
from typing import TYPE_CHECKING, Any, ClassVar, get_args

from kaizen_eval.checks import one_of
from kaizen_eval.errors import ConfigError, UsageError
from kaizen_eval.evals.score import Score
from kaizen_eval.evals.scorers.settings import Settings
from kaizen_eval.evals.scorers.wording import together
from kaizen_eval.fake.journal.made_call import MadeCall
from kaizen_eval.fake.journal.wanted_calls import Order, WantedCall, difference, wanted_calls

if TYPE_CHECKING:
    from kaizen_eval.evals.answer import Answer, SeenTool
    from kaizen_eval.evals.case import Case

__all__ = ["ToolCalls"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolCalls(Settings):
    """1 where the tools were called as wanted, else 0: of all turns together, those of agents called as tools included.

    The words are those of `assert_tools_called`.
    """

    kind: ClassVar[str] = "tool_calls"
    about: ClassVar[str] = "calls"

    calls: Sequence[Any] | None = None
    """Each a name, or `{name: {argument: value}}`, in Python also a pattern or (name, arguments): there may be other
    arguments. An empty list: none may be called.
    """
    order: Order = "exact"
    """exact: these, in this order, and no others. subset: these, in this order, with others between. any: these."""
    never: Sequence[Any] = ()
    """None of these may be called, at whatever time."""
    _wanted: tuple[WantedCall, ...] = _field(init=False, repr=False, compare=False)
    _unwanted: tuple[WantedCall, ...] = _field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        one_of("order of tool_calls", self.order, get_args(Order))
        if self.calls is None and not self.never:
            raise ConfigError("tool_calls needs calls, those that are wanted, or never, those that may not be made.")
        object.__setattr__(self, "_wanted", _wanted("calls", self.calls or ()))
        object.__setattr__(self, "_unwanted", _wanted("never", self.never))
        Settings.__post_init__(self)

    async def score(self, case: Case, answer: Answer, /) -> Score:  # noqa: ARG002 - a scorer is given the case
        made = tuple(map(_made, answer.tools))
        wrong = [f"{call} was called" for call in self._unwanted if any(map(call.holds, made))]
        differs = difference(self._wanted, made, self.order) if self.calls is not None else None
        if differs is not None:
            wrong.append(f"{differs.what}; called: {together(list(map(str, made))) or 'nothing'}")
        return Score(0.0, "; ".join(wrong)) if wrong else Score(1.0)


def _wanted(setting: str, calls: Any) -> tuple[WantedCall, ...]:
    try:
        return wanted_calls(list(map(_call, calls)) if isinstance(calls, list | tuple) else calls, where="tool_calls")
    except UsageError as error:
        raise ConfigError(f"{setting} of tool_calls: {error}") from None


def _call(call: Any) -> Any:
    """`{name: {arguments}}` of a dataset file as (name, arguments)."""
    if isinstance(call, list) and len(call) == 2:
        return tuple(call)
    return next(iter(call.items())) if isinstance(call, Mapping) and len(call) == 1 else call


def _made(tool: SeenTool) -> MadeCall:
    came = f"error: {tool.error}" if tool.error else "ok"
    return MadeCall(tool=tool.tool, text=tool.arguments, where=f"call {tool.call}, {came}")

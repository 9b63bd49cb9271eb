"""One tool call, from the text that the model wrote to the step that it becomes."""

from __future__ import annotations

import copy
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from kaizen_eval.errors import ToolFailed
from kaizen_eval.events import ToolEnded, ToolStarted
from kaizen_eval.messages import ToolCall
from kaizen_eval.metrics.steps import ToolStep
from kaizen_eval.resilience.clock import elapsed_ms, now_ns
from kaizen_eval.run_context import RunContext
from kaizen_eval.tools import wording
from kaizen_eval.tools.approval import Approval, refuse_unapproved
from kaizen_eval.tools.arguments import object_in
from kaizen_eval.tools.definition import Tool
from kaizen_eval.tools.judgement import judged
from kaizen_eval.tools.ledger import Ledger
from kaizen_eval.tools.outcome import NoGoodError, Outcome

__all__ = ["OneCall"]


@dataclass(slots=True, eq=False)
class OneCall:
    asked: ToolCall
    run: RunContext
    call: int
    """The number of the model's call that asked for it."""
    tools: Mapping[str, Tool]
    secrets: Collection[str]
    since: int = 0
    """Nanoseconds on the loop's clock."""
    arguments: Mapping[str, Any] | str = ""
    """A text where they are no JSON object."""

    async def step(self, *, objection: str | None = None) -> ToolStep:
        """Executed, unless there is an objection or the call is no good.

        Raises:
            ToolFailed: the tool failed, and its failures are raised.
        """
        self.since = now_ns()
        try:
            outcome = await self._outcome(objection)
        except NoGoodError as error:
            outcome = Outcome(error.kind, error=wording.clean(str(error), self.secrets))
        step = self._step(outcome)
        ended = self._named() | {"error": outcome.error, "error_type": outcome.error_type}
        self.run.tell(ToolEnded, **ended, ms=self._ms())
        await self.run.show(ToolEnded, **ended, ms=step.ms)
        self._raise_failure(outcome)
        return step

    async def _outcome(self, objection: str | None) -> Outcome:
        arguments = self._read()
        if objection is not None:
            raise NoGoodError(objection)
        tool = self._tool()
        if isinstance(arguments, str):
            raise NoGoodError(wording.unreadable(tool.name, arguments))
        fitting = _fitting(tool, arguments)
        if not tool.idempotent:
            return await self._once(tool, arguments, fitting)
        await self._allowed(tool, arguments)
        return await self._executed(tool, fitting)

    async def _once(self, tool: Tool, arguments: Mapping[str, Any], fitting: dict[str, Any]) -> Outcome:
        ledger = Ledger(self.run, self.asked, arguments)
        past = ledger.past()
        if past is not None:
            return past
        await self._allowed(tool, arguments)
        ledger.begin()
        outcome = await self._executed(tool, fitting)
        ledger.end(outcome)
        return outcome

    async def _allowed(self, tool: Tool, arguments: Mapping[str, Any]) -> None:
        await self._refuse_unapproved(tool, arguments)
        self.run.purse.before_tool()

    def _tool(self) -> Tool:
        if self.asked.name not in self.tools:
            raise NoGoodError(wording.unknown(self.asked.name, self.tools))
        return self.tools[self.asked.name]

    def _read(self) -> Mapping[str, Any] | str:
        """Some models write nothing at all for a tool that takes nothing."""
        tool = self.tools.get(self.asked.name)
        takes_any = tool is None or bool(tool.parameters.get("properties"))
        text = self.asked.arguments
        self.arguments = {} if not takes_any and not text.strip() else object_in(text)
        return self.arguments

    async def _refuse_unapproved(self, tool: Tool, arguments: Mapping[str, Any]) -> None:
        if tool.approve is None:
            return
        approval = Approval(
            tool=tool.name,
            arguments=copy.deepcopy(arguments),
            tool_call_id=self.asked.id,
            run_id=self.run.run_id,
            session_id=self.run.session_id,
        )
        await refuse_unapproved(tool.approve, approval, self.run)

    async def _executed(self, tool: Tool, fitting: dict[str, Any]) -> Outcome:
        started = self._named() | {"arguments": self.asked.arguments}
        self.run.tell(ToolStarted, **started)
        try:
            await self.run.show(ToolStarted, **started)
            return await judged(tool, fitting, self.run, self.secrets)
        except BaseException as error:
            name = type(error).__name__
            self.run.tell(ToolEnded, **self._named(), error=name, error_type=name, ms=self._ms())
            raise

    def _step(self, outcome: Outcome) -> ToolStep:
        return ToolStep(
            call=self.call,
            id=self.asked.id,
            tool=self.asked.name,
            arguments=self.arguments,
            outcome=outcome.kind,
            result=outcome.result,
            error=outcome.error,
            at=elapsed_ms(self.run.started_ns, self.since),
            ms=self._ms(),
        )

    def _ms(self) -> float:
        return elapsed_ms(self.since, now_ns())

    def _named(self) -> dict[str, Any]:
        return {"call": self.call, "tool": self.asked.name, "tool_call_id": self.asked.id}

    def _raise_failure(self, outcome: Outcome) -> None:
        if outcome.failure is not None and self.tools[self.asked.name].on_error == "raise":
            raise ToolFailed(outcome.error or "", tool=self.asked.name, tool_call_id=self.asked.id) from outcome.failure


def _fitting(tool: Tool, arguments: Mapping[str, Any]) -> dict[str, Any]:
    try:
        return tool.fit(arguments)
    except ValueError as error:
        raise NoGoodError(f"{tool.name} was not executed: its arguments do not fit: {error}.") from error

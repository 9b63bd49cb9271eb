"""The ledger of calls that are executed once at most, whatever is tried again within a run."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kaizen_eval.messages import ToolCall
from kaizen_eval.run_context import RunContext, ancestors
from kaizen_eval.tools.outcome import NoGoodError, Outcome

__all__ = ["Ledger"]


class Ledger:
    """The page of one call: of an agent, a tool and a call id."""

    def __init__(self, run: RunContext, asked: ToolCall, arguments: Mapping[str, Any]) -> None:
        *_, outermost = ancestors(run)
        self._pages = outermost.once
        self._key = (run.agent_id, asked.name, asked.id)
        self._begun = (arguments, None)

    def past(self) -> Outcome | None:
        """What became of it before; None when it has never been begun.

        Raises:
            NoGoodError: it was begun with other arguments, or nobody knows what became of it.
        """
        if self._key not in self._pages:
            return None
        _, tool, call_id = self._key
        arguments, outcome = self._pages[self._key]
        if arguments != self._begun[0]:
            raise NoGoodError(
                f"{tool} was not executed: its id {call_id} was used before, with other arguments; make a new call."
            )
        if not isinstance(outcome, Outcome):
            raise self._unknown()
        return outcome

    def begin(self) -> None:
        """Take the page.

        Raises:
            NoGoodError: somebody else has taken it since it was looked at.
        """
        if self._pages.setdefault(self._key, self._begun) is not self._begun:
            raise self._unknown()

    def end(self, outcome: Outcome) -> None:
        if outcome.certain:
            self._pages[self._key] = (self._begun[0], outcome)

    def _unknown(self) -> NoGoodError:
        _, tool, call_id = self._key
        return NoGoodError(
            f"{tool} was begun before with the call id {call_id}, and it is not known whether it has done its work; it "
            "is not executed again."
        )

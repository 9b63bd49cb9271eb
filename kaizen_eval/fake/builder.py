"""The builder: `.when(…).reply(…).times(n)`, one rule at a time."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NoReturn

from kaizen_eval.errors import ScriptError
from kaizen_eval.fake.fault import Fault
from kaizen_eval.fake.faults import fault_of
from kaizen_eval.fake.matching import Conditions
from kaizen_eval.fake.reply import Reply
from kaizen_eval.fake.script import Action, Script, action_of

__all__ = ["Handle", "When"]

_NOTHING: Any = object()


class Handle:
    """A rule that was just added."""

    def __init__(self, script: Script, place: int) -> None:
        self._script = script
        self._place = place

    def times(self, times: int) -> None:
        """Let the rule be used so many times, by all conversations together; after that the next one is tried."""
        self._script.limit(self._place, times)


class When:
    """Conditions that wait for what to do: `.reply(…)` or `.fail(…)`."""

    def __init__(self, script: Script, conditions: Conditions) -> None:
        self._script = script
        self._conditions = conditions

    def reply(self, reply: Any = _NOTHING, *, tool_calls: Iterable[Any] = ()) -> Handle:
        """Say this.

        Args:
            reply: a text, a dict (sent as canonical JSON), a Reply, or a function, async or not, of the ChatRequest
                that returns one of these or a fault.
            tool_calls: {"name", "arguments"} mappings or ToolCalls, alone or beside a text.

        Raises:
            ScriptError: nothing, or something that no model could say.
        """
        if isinstance(reply, Fault):
            raise ScriptError(f".reply() says something; for the fault {reply!r} use .fail().")
        action = action_of(reply, where=".reply()") if not tool_calls else _calling(reply, tool_calls)
        return self._add(action, "reply(…)")

    def fail(self, fault: Fault | type[Fault] | str, **details: Any) -> Handle:
        """Do this wrong: a fault, or its name and details, as listed in `kaizen_eval.fake.faults`.

        Raises:
            ScriptError: an unknown name or detail, or one that cannot work.
        """
        action = fault_of(fault, details)
        return self._add(action, f"fail({action.name!r})")

    def times(self, times: int) -> NoReturn:
        """Belongs after `.reply(…)` or `.fail(…)`; refused here."""
        raise ScriptError(f"There is no rule to use {times!r} times yet: {self._conditions}.reply(…).times({times!r}).")

    def _add(self, action: Action, what: str) -> Handle:
        label = f"{self._conditions}.{what}" if self._conditions.given else what
        return Handle(self._script, self._script.add(self._conditions, action, label))


def _calling(reply: object, tool_calls: Iterable[Any]) -> Reply:
    if reply is _NOTHING or reply is None or isinstance(reply, str):
        return Reply(reply if isinstance(reply, str) else None, tool_calls=tool_calls)
    raise ScriptError(f".reply(…, tool_calls=…) takes a text beside the calls, not {reply!r}; use Reply(…).")

"""The builder: `.when(…).reply(…).times(n)`, one rule at a time."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Generic, NoReturn, Self, TypeVar

from kaizen_eval.errors import ScriptError
from kaizen_eval.fake.faults import FAULTS, ambiguous, fault_of
from kaizen_eval.fake.faults.base import Fault
from kaizen_eval.fake.reply import Reply
from kaizen_eval.fake.script.matching import Conditions
from kaizen_eval.fake.script.script import Action, Per, Rule, Script, action_of
from kaizen_eval.fake.script.several import Steps

__all__ = ["Handle", "When"]

_Fake = TypeVar("_Fake")
"""Whose script it is: the fake."""

_NOTHING: Any = object()


class Handle(Generic[_Fake]):
    """A rule that was just added."""

    def __init__(self, owner: _Fake, script: Script, place: int) -> None:
        self._owner = owner
        self._script = script
        self._place = place

    def times(self, times: int, *, per: Per = "all") -> _Fake:
        """Let the rule be used so many times; after that the next one is tried.

        Args:
            times: from 1.
            per: "all" for the uses of all conversations together, "conversation" for each one's own.

        Returns:
            The fake, for the next rule.
        """
        self._script.limit(self._place, times, per)
        return self._owner

    def to(self, state: str) -> Self:
        """Lead the conversation to this state when the rule is used; `.when(state=…)` holds it against that."""
        self._script.lead(self._place, state)
        return self

    def when(self, *_: object, **__: object) -> NoReturn:
        """Refused: a rule is begun on the fake itself, or after `.times(n)`."""
        raise _complete("when")

    def reply(self, *_: object, **__: object) -> NoReturn:
        """Refused: the rule has its reply or its fault."""
        raise _complete("reply")

    def fail(self, *_: object, **__: object) -> NoReturn:
        """Refused: the rule has its reply or its fault."""
        raise _complete("fail")


class When(Generic[_Fake]):
    """Conditions that wait for what to do: `.reply(…)`, `.steps(…)` or `.fail(…)`."""

    def __init__(self, owner: _Fake, script: Script, conditions: Conditions) -> None:
        self._owner = owner
        self._script = script
        self._conditions = conditions
        self._is_tried = False

    def __del__(self) -> None:
        if not self._is_tried:  # and from here on nobody can
            self._script.unfinished = self._conditions

    def reply(self, reply: Any = _NOTHING, *, tool_calls: Iterable[Any] = ()) -> Handle[_Fake]:
        """Say this.

        Args:
            reply: a text, a dict (sent as canonical JSON), a Reply, a Template, a Pick, GENERATED, or a function, async
                or not, of the ChatRequest that returns one of these or a fault.
            tool_calls: {"name", "arguments"} mappings or ToolCalls, alone or beside a text.

        Raises:
            ScriptError: nothing, or something that no model could say.
        """
        self._is_tried = True
        _refuse_faults(reply)
        if reply is _NOTHING and not tool_calls:
            raise ScriptError(".reply() needs something to say: a text, a dict, a Reply or a function of the request.")
        action = action_of(reply, where=".reply()") if not tool_calls else _calling(reply, tool_calls)
        return self._add(action, "reply(…)")

    def fail(self, fault: Fault | type[Fault] | str, **details: Any) -> Handle[_Fake]:
        """Do this wrong: a fault, or its name and details, as listed in `kaizen_eval.fake.faults`.

        Raises:
            ScriptError: an unknown name or detail, or one that cannot work.
        """
        self._is_tried = True
        action = fault_of(fault, details)
        return self._add(action, f"fail({action.name!r})")

    def steps(self, steps: Iterable[Any]) -> Handle[_Fake]:
        """Say these one after the other, as the model's work goes on: the first to the user, the second once the model
        has spoken since, and so on. After the last one the rule is for no request, until the user speaks again.

        Args:
            steps: what `.reply()` takes, or faults.

        Raises:
            ScriptError: no list, an empty one, or something in it that no model could say.
        """
        self._is_tried = True
        action = Steps(steps)
        return self._add(action, "steps(…)", steps=len(action.steps))

    def times(self, times: int, **_: object) -> NoReturn:
        """Belongs after `.reply(…)` or `.fail(…)`; refused here."""
        self._is_tried = True
        raise ScriptError(f"There is no rule to use {times!r} times yet: {self._conditions}.reply(…).times({times!r}).")

    def _add(self, action: Action, what: str, *, steps: int | None = None) -> Handle[_Fake]:
        label = f"{self._conditions}.{what}" if self._conditions.given else what
        place = self._script.add(Rule(self._conditions, action, label, steps=steps))
        return Handle(self._owner, self._script, place)


def _complete(name: str) -> ScriptError:
    return ScriptError(
        f".{name}(…) stands after a rule that is complete; begin the next one on the fake itself, or after .times(n)."
    )


def _refuse_faults(reply: object) -> None:
    if isinstance(reply, str) and reply in FAULTS:
        raise ambiguous(reply, where=".reply()", fault=f".fail({reply!r})")
    kind = reply if isinstance(reply, type) else type(reply)
    if issubclass(kind, Fault):
        raise ScriptError(f".reply() says something; for the fault {kind.__name__} use .fail().")


def _calling(reply: object, tool_calls: Iterable[Any]) -> Reply:
    if reply is _NOTHING or reply is None or isinstance(reply, str):
        return Reply(reply if isinstance(reply, str) else None, tool_calls=tool_calls)
    raise ScriptError(f".reply(…, tool_calls=…) takes a text beside the calls, not {reply!r}; use Reply(…).")

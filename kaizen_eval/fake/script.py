"""The script: rules in order, and what the fake does when one of them is for a request."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from kaizen_eval.errors import ScriptError
from kaizen_eval.fake.fault import Fault
from kaizen_eval.fake.faults import FAULTS, ambiguous, fault_of, written
from kaizen_eval.fake.matching import Conditions
from kaizen_eval.fake.reply import Reply
from kaizen_eval.messages import ChatRequest

__all__ = ["Action", "Answerer", "Rule", "Saying", "Script", "action_of", "saying_of"]

Saying = Reply | Fault
Answerer = Callable[[ChatRequest], str | Mapping[str, Any] | Saying | Awaitable[str | Mapping[str, Any] | Saying]]
Action = Saying | Answerer


@dataclass(frozen=True, slots=True)
class Rule:
    """What to do with requests that meet the conditions."""

    conditions: Conditions
    action: Action
    label: str
    """As in the journal and the table of exchanges."""
    limit: int | None = None
    """How often it is used, by all conversations together; None means always."""


@dataclass(slots=True)
class Script:
    """Rules, tried in order of definition; the first that matches and has uses left wins."""

    rules: list[Rule] = field(default_factory=list)
    uses: list[int] = field(default_factory=list)
    """By rule: how often it was used."""
    otherwise: Rule | None = None
    """For requests that no rule takes."""
    strict: bool = False
    """Whether such requests are misses: some rule replies, so the script means to say everything."""
    unfinished: Conditions | None = None
    """Of a rule that was begun and can no longer be given anything to do."""

    def add(self, conditions: Conditions, action: Action, label: str, *, limit: int | None = None) -> int:
        """Append a rule; returns its place."""
        self.uses.append(0)
        self.rules.append(Rule(conditions, action, label, limit))
        self.strict = self.strict or not isinstance(action, Fault)
        return len(self.rules) - 1

    def check(self) -> None:
        """Refuse, with a ScriptError, to go on after an unfinished rule."""
        if self.unfinished is not None:
            raise ScriptError(f"{self.unfinished} does nothing: end it with .reply(…) or .fail(…).")

    def limit(self, place: int, times: object) -> None:
        """Let a rule be used so many times."""
        if isinstance(times, bool) or not isinstance(times, int) or times < 1:
            raise ScriptError(
                f".times() takes a whole number from 1, not {times!r}; leave it out for a rule that always holds."
            )
        self.rules[place] = replace(self.rules[place], limit=times)


def action_of(value: object, *, where: str) -> Action:
    """A reply, a fault, or a function that makes one, out of what `.reply()` and its like take.

    Raises:
        ScriptError: the value is none of these, or a text that is the name of a fault.
    """
    if callable(value) and not isinstance(value, type):
        return value
    if isinstance(value, str) and value in FAULTS:
        raise ambiguous(value, where=where, fault=written(FAULTS[value]))
    return saying_of(value, where=where)


def saying_of(value: object, *, where: str) -> Saying:
    """Like `action_of`, for what a function returned: another function is refused, and every text is a text."""
    if isinstance(value, str):
        return Reply(value)
    if isinstance(value, Reply | Fault):
        return value
    if isinstance(value, type) and issubclass(value, Fault):
        return fault_of(value, {})
    if isinstance(value, Mapping):
        return Reply(data=dict(value))
    hint = " For a JSON value that is no object use Reply(data=…)." if isinstance(value, list | tuple | int) else ""
    raise ScriptError(
        f"{where} takes a text, a dict, a Reply, a fault or a function of the request, not {value!r}.{hint}"
    )

"""The script: rules in order, and what the fake does when one of them is for a request."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal, get_args

from kaizen_eval.errors import ScriptError
from kaizen_eval.fake.faults import FAULTS, ambiguous, fault_of, written
from kaizen_eval.fake.faults.base import Fault
from kaizen_eval.fake.inquiry import CONVERSATIONS, EndpointName, Inquiry
from kaizen_eval.fake.reply import Reply
from kaizen_eval.fake.script.making import Generated, Making
from kaizen_eval.fake.script.matching import ANY, Conditions
from kaizen_eval.fake.script.progress import Conversations, Progress
from kaizen_eval.messages import ChatRequest

__all__ = ["Action", "Answerer", "Per", "Rule", "Said", "Saying", "Script", "action_of", "saying_of"]

Saying = Reply | Fault
Said = Saying | Generated | Making
Answerer = Callable[[ChatRequest], str | Mapping[str, Any] | Said | Awaitable[str | Mapping[str, Any] | Said]]
Action = Said | Answerer
Per = Literal["all", "conversation"]
"""Whose uses of a rule are counted: those of all conversations together, or each one's."""

_REMEMBERED = 100_000
"""Conversations whose progress is known; a fake that serves for ever does not fill the memory."""


@dataclass(frozen=True, slots=True)
class Rule:
    """What to do with requests that meet the conditions."""

    conditions: Conditions
    action: Action
    label: str
    """As in the journal and the table of exchanges."""
    limit: int | None = None
    """How often it is used; None means always."""
    per: Per = "all"
    to: str | None = None
    """The state that a conversation is in after it; None leaves the state."""
    steps: int | None = None
    """How often it speaks between two messages of the user; None means always."""
    endpoints: frozenset[EndpointName] = CONVERSATIONS
    """Where it is for requests, if it replies; a fault is for any."""

    @property
    def is_personal(self) -> bool:
        """Whether it asks or tells how far a conversation is."""
        conditions = self.conditions
        return bool(self.to or self.per == "conversation" or conditions.nth or conditions.wanted("state"))

    def is_for(self, inquiry: Inquiry) -> bool:
        """A reply is for where a model speaks, or where it is said to be; a fault of streams or of words, for those."""
        if isinstance(fault := self.action, Fault):
            return (inquiry.request.stream or not fault.is_of_streams) and (inquiry.speaks or not fault.is_of_words)
        return inquiry.endpoint in self.endpoints and not inquiry.operation


@dataclass(slots=True)
class Script:
    """Rules, tried in order of definition; the first that matches and has uses left wins."""

    rules: list[Rule] = field(default_factory=list)
    uses: list[int] = field(default_factory=list)
    """By rule: how often it was used."""
    otherwise: Rule | None = None
    """For requests that no rule takes."""
    strict: frozenset[EndpointName] = frozenset()
    """Where such requests are misses: some rule replies there, so the script means to say everything."""
    unfinished: Conditions | None = None
    """Of a rule that was begun and can no longer be given anything to do."""
    counting: list[int] = field(default_factory=list)
    """The places of rules that count the requests of a conversation."""
    is_personal: bool = False
    """Whether some rule asks or tells how far a conversation is."""
    conversations: Conversations = field(default_factory=lambda: Conversations(_REMEMBERED))

    def add(self, rule: Rule) -> int:
        """Append a rule; returns its place.

        Raises:
            ScriptError: what it says needs conditions that it does not have.
        """
        place = len(self.rules)
        conditions = rule.conditions.at(place)
        if isinstance(rule.action, Making):
            rule.action.check(conditions)
        endpoint = conditions.wanted("endpoint")
        rule = replace(rule, conditions=conditions, endpoints=frozenset({endpoint}) if endpoint else CONVERSATIONS)
        self.uses.append(0)
        self.rules.append(rule)
        if conditions.nth:
            self.counting.append(place)
        self.is_personal = self.is_personal or rule.is_personal
        if not isinstance(rule.action, Fault):
            self.strict |= CONVERSATIONS if rule.endpoints & CONVERSATIONS else rule.endpoints
        return place

    def say_otherwise(self, action: Action) -> None:
        """What comes of requests that no rule takes; the last one given counts.

        Raises:
            ScriptError: it needs conditions.
        """
        if isinstance(action, Making):
            action.check(ANY)
        self.otherwise = Rule(ANY, action, "otherwise")

    def unused(self) -> Script:
        """The same rules, for another fake."""
        return replace(
            self,
            rules=list(self.rules),
            uses=[0] * len(self.rules),
            counting=list(self.counting),
            conversations=Conversations(_REMEMBERED),
        )

    def check(self) -> None:
        """Refuse, with a ScriptError, to go on after an unfinished rule."""
        if self.unfinished is not None:
            raise ScriptError(f"{self.unfinished} does nothing: end it with .reply(…) or .fail(…).")

    def limit(self, place: int, times: object, per: object = "all") -> None:
        """Let a rule be used so many times."""
        if isinstance(times, bool) or not isinstance(times, int) or times < 1:
            raise ScriptError(
                f".times() takes a whole number from 1, not {times!r}; leave it out for a rule that always holds."
            )
        if per != "all" and per != "conversation":  # noqa: PLR1714 - this form tells the type checker what it is
            raise ScriptError(f".times(per=…) is one of {', '.join(map(repr, get_args(Per)))}, not {per!r}.")
        self._change(place, replace(self.rules[place], limit=times, per=per))

    def lead(self, place: int, state: object) -> None:
        """Let a rule lead its conversation to a state."""
        if not isinstance(state, str) or not state:
            raise ScriptError(f".to() takes the name of a state, not {state!r}.")
        self._change(place, replace(self.rules[place], to=state))

    def _change(self, place: int, rule: Rule) -> None:
        self.rules[place] = rule
        self.is_personal = self.is_personal or rule.is_personal

    def has_uses_left(self, place: int, progress: Progress) -> bool:
        rule = self.rules[place]
        return rule.limit is None or self.used(place, progress) < rule.limit

    def used(self, place: int, progress: Progress) -> int:
        """How often a rule was used, by those whose uses are counted."""
        own = self.rules[place].per == "conversation"
        return progress.uses.get(place, 0) if own else self.uses[place]

    def advance(self, place: int | None, met: tuple[int, ...], progress: Progress) -> None:
        """Take note that a request used the rule at this place, and met the conditions of those that count."""
        for counted in met:
            progress.met[counted] = progress.met.get(counted, 0) + 1
        if place is None:
            return
        self.uses[place] += 1
        rule = self.rules[place]
        if rule.per == "conversation":
            progress.uses[place] = progress.uses.get(place, 0) + 1
        if rule.to is not None:
            progress.state = rule.to


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


def saying_of(value: object, *, where: str) -> Said:
    """Like `action_of`, for what a function returned: another function is refused, and every text is a text."""
    if isinstance(value, str):
        return Reply(value)
    if isinstance(value, Reply | Fault | Generated | Making):
        return value
    if isinstance(value, type) and issubclass(value, Fault):
        return fault_of(value, {})
    if isinstance(value, Mapping):
        _refuse_tool_calls(value, where)
        return Reply(data=dict(value))
    hint = " For a JSON value that is no object use Reply(data=…)." if isinstance(value, list | tuple | int) else ""
    raise ScriptError(
        f"{where} takes a text, a dict, a Reply, a fault or a function of the request, not {value!r}.{hint}"
    )


def _refuse_tool_calls(value: Mapping[str, Any], where: str) -> None:
    """A dict is JSON that the model says; whoever writes this rather means that it calls tools."""
    if "tool_calls" in value:
        raise ScriptError(
            f"{where} was given a dict with 'tool_calls', which would be said as JSON: to call tools write "
            "Reply(tool_calls=[…]), for that JSON Reply(data={…})."
        )

"""Wanted calls: what an assertion wants of a trajectory, held against the calls that were made."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple, get_args

from kaizen_eval.errors import UsageError
from kaizen_eval.fake.journal.made_call import MadeCall
from kaizen_eval.fake.script.json_match import ABSENT, PRESENT, JsonMatcher, value_holds
from kaizen_eval.fake.script.matchers import NameMatcher
from kaizen_eval.fake.script.text_match import Contains, Exactly, is_name_match, name_holds, named, text_holds
from kaizen_eval.suggestion import suggestion

__all__ = ["ArgumentsMatcher", "Difference", "Order", "ToolMatcher", "WantedCall", "difference", "wanted_calls"]

Order = Literal["exact", "subset", "any"]
ArgumentsMatcher = (
    Mapping[str, JsonMatcher] | Exactly | Contains | re.Pattern[str] | Callable[[Mapping[str, Any]], object]
)
"""Arguments by name, of which others may be there; `Exactly` all of them; a part of their JSON text, or a pattern to
search for in it; or a predicate on the whole object.
"""
ToolMatcher = NameMatcher | tuple[NameMatcher, ArgumentsMatcher]
"""A tool's name, or its name and what its arguments should be."""


@dataclass(frozen=True, slots=True)
class WantedCall:
    """One call that is wanted."""

    tool: NameMatcher
    arguments: ArgumentsMatcher | None = None
    """None: whatever they are."""

    def holds(self, made: MadeCall) -> bool:
        return self.names(made) and (self.arguments is None or self._has_them(made))

    def names(self, made: MadeCall) -> bool:
        """Whether it calls this tool, with whatever arguments."""
        return name_holds(self.tool, made.tool)

    def differs(self, made: MadeCall) -> str:
        """Of a call that is not as wanted: what is otherwise."""
        if not self.names(made):
            return f"it calls {made.tool}, and {self.shown_tool} was wanted"
        if isinstance(self.arguments, re.Pattern | Contains):
            return f"{named(self.arguments)} is not in its arguments, {_short(made.text)}"
        if made.arguments is None:
            return f"its arguments are no JSON object: {_short(repr(made.text))}"
        if isinstance(self.arguments, Mapping):
            return _first_that_differs(self.arguments, made.arguments)
        return f"its arguments are {_short(made.text)}, and {named(self.arguments)} was wanted"

    def _has_them(self, made: MadeCall) -> bool:
        wanted, came = self.arguments, made.arguments
        if isinstance(wanted, re.Pattern | Contains):
            return text_holds(wanted, made.text)
        if came is None:
            return False
        if isinstance(wanted, Mapping):
            return all(_holds(value, came, name) for name, value in wanted.items())
        return value_holds(wanted, came)

    @property
    def shown_tool(self) -> str:
        return self.tool if isinstance(self.tool, str) else named(self.tool)

    def __str__(self) -> str:
        return self.shown_tool if self.arguments is None else f"{self.shown_tool} with {_short(named(self.arguments))}"


class Difference(NamedTuple):
    """Where a trajectory is first not as wanted."""

    what: str
    """One sentence, without its full stop."""
    wanted: int | None
    """Which of the wanted calls it is about, from 0."""
    made: int | None
    """Which of those that were made."""


def wanted_calls(calls: object, *, where: str) -> tuple[WantedCall, ...]:
    """Checked.

    Raises:
        UsageError: what can be no wanted call.
    """
    if isinstance(calls, str | bytes | Mapping) or not isinstance(calls, Iterable):
        raise UsageError(f"{where} takes a list of names and (name, arguments) pairs, not {calls!r}.")
    return tuple(_wanted(call, where) for call in calls)


def difference(wanted: Sequence[WantedCall], made: Sequence[MadeCall], order: object) -> Difference | None:
    """Where the calls that were made are first not as wanted; None where they are.

    Args:
        wanted: in order.
        made: in order.
        order: "exact": these, in this order, and no others. "subset": these, in this order, others may stand before,
            between and after them. "any": each of these, in whatever order, each another call; others may be there.

    Raises:
        UsageError: no such order.
    """
    if order == "exact":
        return _exact(wanted, made)
    if order == "subset":
        return _subset(wanted, made)
    if order == "any":
        return _any(wanted, made)
    known = get_args(Order)
    raise UsageError(f"order is one of {', '.join(map(repr, known))}, not {order!r}{suggestion(str(order), known)}")


def _exact(wanted: Sequence[WantedCall], made: Sequence[MadeCall]) -> Difference | None:
    for place, (one, call) in enumerate(zip(wanted, made, strict=False)):
        if not one.holds(call):
            return Difference(f"Call {place + 1}: {one.differs(call)}", place, place)
    if len(made) > len(wanted):
        extra = len(wanted)
        return Difference(f"Call {extra + 1}, of {made[extra].tool}, is one more than wanted", None, extra)
    if len(made) < len(wanted):
        last = f" after call {len(made)}" if made else ""
        return Difference(f"{wanted[len(made)]} was wanted{last}, and nothing more is called", len(made), None)
    return None


def _subset(wanted: Sequence[WantedCall], made: Sequence[MadeCall]) -> Difference | None:
    """Each is found as early as it can be, which leaves the most for those that follow."""
    begin = 0
    for place, one in enumerate(wanted):
        left = list(enumerate(made))[begin:]
        found = next((at for at, call in left if one.holds(call)), None)
        if found is None:
            when, never = (f" after call {begin}", "after that") if begin else ("", "at all")
            return _missed(place, one, left, f"{one} was wanted{when}", never)
        begin = found + 1
    return None


def _any(wanted: Sequence[WantedCall], made: Sequence[MadeCall]) -> Difference | None:
    """Each wanted call takes a call of its own; one that is taken is handed on where its taker can have another."""
    takers: dict[int, int] = {}
    for place, one in enumerate(wanted):
        if not _takes(place, wanted, made, takers, set()):
            left = [(at, call) for at, call in enumerate(made) if at not in takers]
            never = "so often" if any(map(one.holds, made)) else "at all"
            return _missed(place, one, left, f"{one} was wanted", never)
    return None


def _missed(place: int, one: WantedCall, left: Sequence[tuple[int, MadeCall]], wanted: str, never: str) -> Difference:
    """Of a wanted call that is not among those that are left: the call of its tool that is, with other arguments."""
    near = next(((at, call) for at, call in left if one.names(call)), None)
    if near is None:
        return Difference(f"{wanted}, and is not called {never}", place, None)
    at, call = near
    return Difference(f"{wanted}, and call {at + 1} is another: {one.differs(call)}", place, at)


def _takes(
    place: int, wanted: Sequence[WantedCall], made: Sequence[MadeCall], takers: dict[int, int], tried: set[int]
) -> bool:
    for at, call in enumerate(made):
        if at not in tried and wanted[place].holds(call):
            tried.add(at)
            if at not in takers or _takes(takers[at], wanted, made, takers, tried):
                takers[at] = place
                return True
    return False


def _wanted(call: object, where: str) -> WantedCall:
    if is_name_match(call):
        return WantedCall(call)  # type: ignore[arg-type]  # just checked
    if not isinstance(call, tuple) or len(call) != 2 or not is_name_match(call[0]):
        raise UsageError(f"{where} takes the name of a tool, a pattern for it, or (name, arguments), not {call!r}.")
    name, arguments = call
    if not _is_arguments_match(arguments):
        raise UsageError(
            f"The arguments of {named(name)} are wanted as a mapping of values, patterns and predicates, as Exactly(…),"
            f" as Contains(…) or a pattern of their text, or as a predicate on the whole object; not as {arguments!r}."
        )
    return WantedCall(name, arguments)


def _is_arguments_match(wanted: object) -> bool:
    if isinstance(wanted, Mapping):
        return all(isinstance(name, str) and not isinstance(value, type) for name, value in wanted.items())
    if isinstance(wanted, Exactly | Contains | re.Pattern):
        return True
    return callable(wanted) and not isinstance(wanted, type)


def _holds(wanted: JsonMatcher, came: Mapping[str, Any], name: str) -> bool:
    if wanted is ABSENT or wanted is PRESENT:
        return (name in came) == (wanted is PRESENT)
    return name in came and value_holds(wanted, came[name])


def _first_that_differs(wanted: Mapping[str, JsonMatcher], came: Mapping[str, Any]) -> str:
    name = next(name for name, value in wanted.items() if not _holds(value, came, name))
    if name not in came:
        return f"it has no argument {name!r}, only {', '.join(map(repr, came))}" if came else "it has no arguments"
    return f"{name!r} is {_short(repr(came[name]))}, and {named(wanted[name])} was wanted"


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"


_LONGEST = 80
"""Characters of arguments that a sentence shows."""

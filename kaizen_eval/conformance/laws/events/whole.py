"""Laws of which events there are, and how they nest."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from kaizen_eval.conformance.lab import Lab
from kaizen_eval.conformance.law import Law, law
from kaizen_eval.conformance.laws.events.happenings import happenings
from kaizen_eval.conformance.observation import Observation
from kaizen_eval.conformance.situation import Situation
from kaizen_eval.conformance.violation import Violation, require
from kaizen_eval.events import (
    AttemptEnded,
    AttemptStarted,
    Event,
    RunEnded,
    RunStarted,
    ToolEnded,
    ToolStarted,
    WaitStarted,
)

__all__ = ["LAWS", "by_run", "named"]

_SOURCE = "guide: What agent.run() Does, 7. Structured Logging; docs/agents.md: Logs and observers"


def by_run(seen: Observation) -> dict[str, list[Event]]:
    """The events of each run, in the order in which they were told."""
    found: dict[str, list[Event]] = {}
    for event in seen.events:
        found.setdefault(event.run_id, []).append(event)
    return found


def named(seen: Observation, run_id: str) -> str:
    """A run as people count: ids are others each time."""
    known = dict.fromkeys([event.run_id for event in seen.events] + [str(each.asker.run_id) for each in seen.exchanges])
    return f"run {[*known].index(run_id) + 1}"


@law(
    "events.nest",
    "Of each run its start is told first and its end last, each once; what happens within lies between them.",
    source=_SOURCE,
    situations=happenings,
)
def _nest(lab: Lab, situation: Situation) -> None:
    seen = lab.play(situation)
    for run_id, events in by_run(seen).items():
        _from_start_to_end(run_id, events, seen)
        _within_its_parent(run_id, events, seen)


def _from_start_to_end(run_id: str, events: Sequence[Event], seen: Observation) -> None:
    of = named(seen, run_id)
    for kind in (RunStarted, RunEnded):
        times = sum(isinstance(event, kind) for event in events)
        require(times == 1, f"Of {of} {times} {kind.__name__} were told, among {_names(events)}.", seen)
    is_whole = isinstance(events[0], RunStarted) and isinstance(events[-1], RunEnded)
    require(is_whole, f"Of {of} this was told, in this order: {_names(events)}.", seen)


def _within_its_parent(run_id: str, events: Sequence[Event], seen: Observation) -> None:
    parent = next((event.parent_run_id for event in events if isinstance(event, RunStarted)), None)
    if parent is not None:
        order = [event.run_id for event in seen.events if event.run_id in {run_id, parent}]
        is_within = order[0] == order[-1] == parent
        require(
            is_within,
            f"Of {named(seen, run_id)} something was told outside of the run around it, {named(seen, parent)}.",
            seen,
        )


@law(
    "events.attempts-in-turn",
    "Each attempt that begins is told to end, before the next of its call; waits and tools are told where they happen.",
    source=_SOURCE,
    situations=happenings,
)
def _attempts_in_turn(lab: Lab, situation: Situation) -> None:
    seen = lab.play(situation)
    for run_id, events in by_run(seen).items():
        for call, told in _calls(events).items():
            expected = _in_turn(told)
            text = (
                f"Of call {call} of {named(seen, run_id)} this was told: {_told(told)}; expected was {_told(expected)}."
            )
            require([_key(event) for event in told] == expected, text, seen)
        _tools_end(run_id, events, seen)
        _time_goes_on(run_id, events, seen)


_Key = tuple[str, int]


def _calls(events: Sequence[Event]) -> dict[int, list[Event]]:
    found: dict[int, list[Event]] = {}
    for event in events:
        if isinstance(event, AttemptStarted | AttemptEnded | WaitStarted):
            found.setdefault(event.call, []).append(event)
    return found


def _key(event: Event) -> _Key:
    return type(event).__name__, getattr(event, "attempt", 0)


def _in_turn(told: Sequence[Event]) -> list[_Key]:
    """Start, end, and a wait before the next."""
    attempts = max((getattr(event, "attempt", 0) for event in told), default=0)
    waits = sum(isinstance(event, WaitStarted) for event in told)
    found: list[_Key] = []
    for attempt in range(1, attempts + 1):
        found += [("AttemptStarted", attempt), ("AttemptEnded", attempt)]
        found += [("WaitStarted", attempt)] if attempt < attempts or waits == attempts else []
    return found


def _told(events: Sequence[Event | _Key]) -> str:
    keys = (event if isinstance(event, tuple) else _key(event) for event in events)
    return ", ".join(f"{name} {attempt}" for name, attempt in keys)


def _tools_end(run_id: str, events: Sequence[Event], seen: Observation) -> None:
    for event in events:
        if isinstance(event, ToolStarted):
            started, ended = (_of_tool(events, kind, event.tool_call_id) for kind in (ToolStarted, ToolEnded))
            text = (
                f"Of {named(seen, run_id)} {started} starts of a tool call were told, and {ended} ends: {event.tool}."
            )
            require(ended >= started, text, seen)


def _of_tool(events: Sequence[Event], kind: type[ToolStarted | ToolEnded], call_id: str) -> int:
    return sum(isinstance(event, kind) and event.tool_call_id == call_id for event in events)


def _time_goes_on(run_id: str, events: Sequence[Event], seen: Observation) -> None:
    for earlier, later in pairwise(events):
        if later.at < earlier.at:
            raise Violation(
                f"Of {named(seen, run_id)} an event at {later.at} was told after one at {earlier.at}.", seen
            )


def _names(events: Sequence[Event]) -> str:
    return ", ".join(type(event).__name__ for event in events)


LAWS: tuple[Law, ...] = (_nest, _attempts_in_turn)

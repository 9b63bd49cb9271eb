"""Observation: all that could be seen while a situation was played."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from kaizen_eval.conformance.given_tool import Executed
from kaizen_eval.conformance.situation import Ask, Situation
from kaizen_eval.core.result import RunResult
from kaizen_eval.events import Event
from kaizen_eval.fake import Exchange

__all__ = ["Observation", "Outcome"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of one ask."""

    ask: Ask
    result: RunResult | dict[str, Any] | None
    """What the run returned; None where it raised, or its reader left."""
    error: BaseException | None
    started_ns: int
    """On the virtual clock."""
    ended_ns: int
    inputs: Mapping[str, Any]
    """The caller's own inputs, as they are afterwards."""
    items: tuple[object, ...] = ()
    """Of a stream: what its reader was given."""
    run_id: str | None = None
    """None where no run began."""

    @property
    def seconds(self) -> float:
        """Virtual time from the ask to its end, rounded to 1 µs."""
        return round((self.ended_ns - self.started_ns) / 1e9, 6)

    @property
    def outputs(self) -> dict[str, Any]:
        """Those of the result, without keys that begin with an underscore; empty where there is none."""
        return {name: value for name, value in (self.result or {}).items() if not name.startswith("_")}


@dataclass(frozen=True, slots=True, kw_only=True)
class Observation:
    """One situation, played once."""

    situation: Situation
    started_ns: int
    """On the virtual clock."""
    outcomes: tuple[Outcome, ...]
    """In the order of the situation's asks."""
    exchanges: tuple[Exchange, ...]
    """The journal's, in the order asked."""
    calls: tuple[tuple[Exchange, ...], ...]
    """The journal's: the attempts of each call."""
    executed: tuple[Executed, ...] = ()
    """Tools whose functions were entered, in order."""
    events: tuple[Event, ...] = field(default=(), repr=False)
    log: tuple[str, ...] = field(default=(), repr=False)
    """Every log record of the process as one text, with its extra fields; only where the log was asked for."""
    leftovers: tuple[str, ...] = ()
    """Tasks that were still there when every ask had ended."""

    def exchanges_of(self, outcome: Outcome) -> tuple[Exchange, ...]:
        """What was asked in this run, and in runs inside of it."""
        if outcome.run_id is None:
            return ()
        within = {outcome.run_id}
        for event in self.events:
            if getattr(event, "parent_run_id", None) in within:
                within.add(event.run_id)
        return tuple(each for each in self.exchanges if each.asker.run_id is not None and each.asker.run_id in within)

    def calls_of(self, outcome: Outcome) -> tuple[tuple[Exchange, ...], ...]:
        """The same, by calls."""
        own = {each.number for each in self.exchanges_of(outcome)}
        return tuple(call for call in self.calls if call[0].number in own)

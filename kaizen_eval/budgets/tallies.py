"""Tallies: what is counted of one budget, run by run, session by session, or all together."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator
from typing import Literal

from kaizen_eval.budgets.tally import Clock, Tally

__all__ = ["Scope", "Tallies"]

Scope = Literal["run", "session", "process"]


class Tallies:
    """Not guarded, as its tallies are not."""

    def __init__(self, per: Scope, max_sessions: int) -> None:
        self._per = per
        self._max_sessions = max_sessions
        self._tallies: OrderedDict[object, Tally] = OrderedDict()
        self._latest = Tally()

    def enter(self, run: object, session_id: str | None, clock: Clock) -> Tally:
        """The tally that this run is counted in from now on."""
        key = self._key(run, session_id)
        tally = self._latest = self._tallies.setdefault(key, Tally())
        self._tallies.move_to_end(key)
        tally.enter(run, clock)
        self._forget()
        return tally

    def leave(self, run: object, session_id: str | None) -> None:
        key = self._key(run, session_id)
        self._tallies[key].leave(run)
        if key is run:
            del self._tallies[key]

    def find(self, session_id: str | None) -> Tally:
        """That of the session; without one, the one that was last entered. Empty where nothing was spent."""
        return self._latest if session_id is None else self._tallies.get(session_id, Tally())

    def all(self) -> Iterator[Tally]:
        """The latest is among them also when its run has ended."""
        yield self._latest
        yield from self._tallies.values()

    def __len__(self) -> int:
        return len(self._tallies)

    def _key(self, run: object, session_id: str | None) -> object:
        """A run without a session is its own session."""
        if self._per == "process":
            return "process"
        return run if self._per == "run" or session_id is None else session_id

    def _forget(self) -> None:
        """Drop the least recently used tallies above the limit; never one that a run still spends from."""
        while len(self._tallies) > self._max_sessions:
            unused = next((key for key, tally in self._tallies.items() if not tally.is_in_use), None)
            if unused is None:
                return
            del self._tallies[unused]

"""Virtual time shared by loops and threads: it moves on when none of them can do anything before the next timer."""

from __future__ import annotations

import asyncio
import itertools
import math
import threading
from collections.abc import Callable, Iterable
from typing import Self
from weakref import WeakSet

from kaizen_eval.errors import Deadlock
from kaizen_eval.resilience.deadlock import describe
from kaizen_eval.resilience.stillness import Stand, places, standing

__all__ = ["NEVER", "START_NS", "Due", "Party", "Timeline", "Wait", "bystanders"]

START_NS = 1000 * 10**9
"""Not 0: a deadline that is mistaken for a duration must not go unnoticed."""

_LOOK_SECONDS = 0.05
"""Real seconds between two looks at threads that hold the clock."""

_STRANGERS_GRACE = 1.0
"""Real seconds that threads unknown to the timeline get to wake someone, before everybody waits in vain."""

bystanders: WeakSet[threading.Thread] = WeakSet()
"""Threads that serve real time only: nobody on virtual time waits for them."""


class Due(float):
    """When a timer fires: seconds for asyncio, nanoseconds for us; of two at one instant the elder comes first."""

    __slots__ = ("ns", "number")

    ns: float
    number: int

    def __new__(cls, ns: float, number: int) -> Self:
        due = super().__new__(cls, ns if math.isinf(ns) else ns / 10**9)
        due.ns = ns
        due.number = number
        return due

    def __lt__(self, other: float) -> bool:
        if isinstance(other, Due):
            return (self.ns, self.number) < (other.ns, other.number)
        return float(self) < other


NEVER = Due(math.inf, 0)


class Party:
    """Someone for whom time waits. This plain one is work in a thread; a loop is a kind of its own."""

    drives = False
    """Whether time may move for its sake alone."""

    def __init__(self, thread: int | None = None) -> None:
        self.thread = thread
        """Where it runs, by `threading.get_ident()`; None before it has begun."""
        self.elsewhere = False
        """It is at work where we cannot look, such as in another process."""
        self.due = NEVER
        """Its next timer, while it is parked."""
        self.parked = False
        """It has nothing to do before its next timer."""
        self.blocked = False
        """Its thread waits for something else that lives on virtual time."""
        self.stalled = False
        """Its thread waits for another thread, and none of them all is at work."""
        self.saw: dict[int, Stand] | None = None
        """Where those who hold the clock stood when it last looked."""

    @property
    def quiet(self) -> bool:
        return self.parked or self.blocked or self.stalled

    def resume(self) -> None:
        self.parked = False
        self.due = NEVER

    def wake(self) -> None:
        """Make a parked one look around."""

    def is_awaited(self) -> bool:
        """Whether someone waits for its end, so that it may not sleep for ever."""
        return False

    def may_hear(self) -> bool:
        """Whether something outside of Python's threads, a socket or a signal, can wake it."""
        return False

    def tasks(self) -> Iterable[asyncio.Task[object]]:
        return ()

    def fail(self, error: Deadlock) -> None:
        """Raise this where it waits."""


class Wait:
    """A thread that waits for a run on another loop of the same timeline."""

    def __init__(self, party: Party | None, fail: Callable[[Deadlock], None]) -> None:
        self.party = party
        self.fail = fail
        self.thread = threading.get_ident()


class Timeline:
    """Integer nanoseconds from `START_NS`.

    Time moves only when every party is quiet, and only for the sake of someone: a loop that somebody runs, or a run
    that a thread waits for. One party is woken at a time, so that what happens at one instant has one order.
    Everything is guarded by `lock`; whoever wakes a party from outside does so while holding it.
    """

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self.moves = 0
        """Counts what has happened; unchanged means that nobody has stirred."""
        self._now_ns = START_NS
        self._at_start = places()
        self._parties: list[Party] = []
        self._waits: list[Wait] = []
        self._numbers = itertools.count()

    @property
    def now_ns(self) -> int:
        return self._now_ns

    @property
    def now(self) -> float:
        """Seconds; a loop's `time()`."""
        return self._now_ns / 10**9

    @property
    def elapsed(self) -> float:
        """Seconds since the clock was made, rounded to 1 µs."""
        return round((self._now_ns - START_NS) / 10**9, 6)

    def due(self, ns: float) -> Due:
        return Due(ns, next(self._numbers))

    def join(self, party: Party) -> None:
        with self.lock:
            self.moves += 1
            self._parties.append(party)
            for wait in self._waits:  # which began before anybody knew the thread
                if wait.party is None and wait.thread == party.thread:
                    wait.party = party
                    party.blocked = True

    def leave(self, party: Party) -> None:
        with self.lock:
            if party in self._parties:
                self.moves += 1
                self._parties.remove(party)
                self.settle()

    def here(self) -> Party | None:
        """The innermost party of this thread."""
        thread = threading.get_ident()
        return next((party for party in reversed(self._parties) if party.thread == thread), None)

    def park(self, party: Party, due: Due) -> None:
        """Say that there is nothing to do before `due`; comes back resumed when that is now."""
        party.parked = True
        party.due = due
        self.settle(by=party)

    def settle(self, by: Party | None = None) -> None:
        """Let time go on, if nobody has anything to do; the caller holds the lock, `by` has just parked."""
        if not self._is_quiet() or not (self._waits or any(party.drives for party in self._parties)):
            return
        first = min((party for party in self._parties if party.parked), key=lambda party: party.due, default=None)
        if first is None or (first.due == NEVER and (by is not None or not self._is_stuck())):
            return
        if first.due != NEVER:
            self._now_ns = max(self._now_ns, int(first.due.ns))
        self._wake(first, by)

    def begin_wait(self, fail: Callable[[Deadlock], None]) -> Wait:
        """This thread is about to wait; the caller holds the lock, and wakes whom it waits for before releasing it."""
        wait = Wait(self.here(), fail)
        if wait.party is not None:
            wait.party.blocked = True
        self._waits.append(wait)
        self.moves += 1
        return wait

    def end_wait(self, wait: Wait) -> None:
        """The thread goes on. Said by whom it waited for, so that time cannot slip away in between."""
        with self.lock:
            if wait not in self._waits:
                return
            self._waits.remove(wait)
            self.moves += 1
            if wait.party is not None:
                wait.party.blocked = False

    def patience(self) -> float | None:
        """Real seconds until it is time for `lose_patience`; None when nothing but a call can change anything."""
        if self._is_stuck():
            return _STRANGERS_GRACE if self._strangers() else 0.0
        return None if self._is_quiet() else _LOOK_SECONDS

    def lose_patience(self, party: Party, moves: int) -> None:
        """If nobody has stirred since `moves`: declare a deadlock, or go past threads that only wait for others."""
        with self.lock:
            if self.moves != moves:
                return
            if self._is_stuck():
                self._declare_deadlock()
            else:
                self._go_past_stalled(party)

    def forget_other_threads(self) -> None:
        """After a fork: only this thread is left, and a lock that another one held will not be released."""
        self.lock = threading.RLock()
        thread = threading.get_ident()
        self._parties = [party for party in self._parties if party.thread == thread]
        self._waits = []

    def _go_past_stalled(self, looker: Party) -> None:
        """Such as a loop that stands in a thread's join, or work that finds no free worker, while the threads wait."""
        late = [party for party in self._parties if not party.quiet]
        threads = {party.thread for party in late if party.thread is not None} | self._strangers()
        before, looker.saw = looker.saw, standing(threads, self._at_start)
        if looker.saw is None or looker.saw != before or any(party.elsewhere for party in late):
            return
        for party in late:
            party.stalled = True
        if self._is_stuck():
            self._declare_deadlock()
        else:
            self.settle()
        for party in late:
            party.stalled = False

    def _strangers(self) -> set[int]:
        """Threads that may be at work for someone, as far as we know."""
        known = {party.thread for party in self._parties} | {wait.thread for wait in self._waits}
        alive = set(threading.enumerate()) - set(bystanders)
        return {thread.ident for thread in alive if thread.ident is not None and thread.ident not in known}

    def _wake(self, party: Party, by: Party | None) -> None:
        self.moves += 1
        party.resume()
        if party is not by:
            party.wake()

    def _is_quiet(self) -> bool:
        return all(party.quiet for party in self._parties)

    def _is_stuck(self) -> bool:
        return (
            self._is_quiet()
            and all(party.due == NEVER and not party.may_hear() for party in self._parties)
            and (bool(self._waits) or any(party.is_awaited() for party in self._parties))
        )

    def _declare_deadlock(self) -> None:
        tasks = [task for party in self._parties for task in party.tasks()]
        message = describe(tasks, self.now)
        waits = list(self._waits)
        for wait in waits:
            wait.fail(Deadlock(message))
        for party in () if waits else [party for party in self._parties if party.is_awaited()]:
            party.fail(Deadlock(message))
            self._wake(party, None)

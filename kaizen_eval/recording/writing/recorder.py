"""Recorder: gives every take its slot, and gathers what they bring."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from typing import NamedTuple, Protocol

from kaizen_eval.recording.exchange import Exchange, RecordedRequest, in_order
from kaizen_eval.recording.writing.take import Place, Redacts, Take

__all__ = ["NOWHERE", "Keeps", "Lost", "Nowhere", "Recorder", "Verified"]


class Keeps(Protocol):
    """Where each exchange goes as soon as it is over."""

    def append(self, exchange: Exchange) -> None: ...


class Nowhere:
    """Where nothing is kept: the exchanges are compared only."""

    def append(self, exchange: Exchange) -> None: ...


NOWHERE = Nowhere()


class Verified(NamedTuple):
    """What was recorded, and what the real service says now."""

    recorded: Exchange
    now: Exchange


class Lost(NamedTuple):
    """What came and cannot be kept, and why."""

    place: Place
    error: Exception


class Recorder:
    """Slots go on behind those that are taken; they are given in the order in which requests are sent."""

    def __init__(
        self, *, redactor: Redacts, clock: Callable[[], int], keeps: Keeps = NOWHERE, taken: Iterable[Exchange] = ()
    ) -> None:
        """Args:
        clock: nanoseconds.
        taken: exchanges whose slots are not given again.
        """
        self._redactor = redactor
        self._clock = clock
        self._began_ns = clock()
        self._keeps = keeps
        self._mutex = threading.RLock()
        self._slots: dict[str, int] = {}
        self._open: dict[Take, Exchange | None] = {}
        self._over: list[Exchange] = []
        self._verified: list[Verified] = []
        self.lost: list[Lost] = []
        """What came and cannot be kept."""
        for exchange in taken:
            self._slots[exchange.lane] = max(exchange.slot, self._slots.get(exchange.lane, 0))

    @property
    def recorded(self) -> tuple[Exchange, ...]:
        """What is over, by lane and slot."""
        with self._mutex:
            return in_order(self._over)

    @property
    def verified(self) -> tuple[Verified, ...]:
        with self._mutex:
            return tuple(sorted(self._verified, key=lambda both: (both.recorded.lane, both.recorded.slot)))

    def take(self, lane: str, key: str, request: RecordedRequest) -> Take:
        """One that is recorded, in the next slot."""
        with self._mutex:
            slot = self._slots[lane] = self._slots.get(lane, 0) + 1
            return self._begin(Place(lane, slot, key, request, self._since_us()), None)

    def verify(self, recorded: Exchange) -> Take:
        """One that is held against what was recorded."""
        with self._mutex:
            place = Place(recorded.lane, recorded.slot, recorded.key, recorded.request, self._since_us())
            return self._begin(place, recorded)

    def leave_all(self) -> tuple[Exchange, ...]:
        """End what is under way, as if its client had left; by lane and slot."""
        with self._mutex:
            left = sorted(self._open, key=lambda take: (take.place.lane, take.place.slot))
        for take in left:
            take.leave()
        places = {take.place[:2] for take in left}
        return tuple(exchange for exchange in self.recorded if (exchange.lane, exchange.slot) in places)

    def after_fork(self) -> None:
        """Another thread may have held the lock, and is not in this process."""
        self._mutex = threading.RLock()

    def _begin(self, place: Place, recorded: Exchange | None) -> Take:
        take = Take(place, self._end, redactor=self._redactor, clock=self._clock)
        self._open[take] = recorded
        return take

    def _end(self, take: Take, exchange: Exchange | Exception) -> None:
        with self._mutex:
            recorded = self._open.pop(take)
            if isinstance(exchange, Exception):
                self.lost.append(Lost(take.place, exchange))
            elif recorded is None:
                self._over.append(exchange)
                self._keeps.append(exchange)
            else:
                self._verified.append(Verified(recorded, exchange))

    def _since_us(self) -> int:
        return max(0, self._clock() - self._began_ns) // 1000

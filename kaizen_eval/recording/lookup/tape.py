"""Tape: the exchanges of a cassette, each found at once and given out once."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Sequence

from kaizen_eval.recording.exchange import Exchange, RecordedRequest
from kaizen_eval.recording.lookup.holed import Holed
from kaizen_eval.recording.lookup.key import has_holes, key_of

__all__ = ["Sent", "Tape"]

Sent = tuple[str, str, str, tuple[tuple[str, str], ...], str]
"""Lane, method, path, sorted query and digest of the body, as they were sent: same bytes, same key."""


class Tape:
    """Identical requests are served in the order of their slots; what is given out is never given out again."""

    def __init__(self, exchanges: Sequence[Exchange] = (), *, ignore: Sequence[str] = ()) -> None:
        self.exchanges = tuple(exchanges)
        """By lane and slot."""
        self.played: list[Exchange] = []
        """In the order asked for."""
        self._ignore = ignore
        self._mutex = threading.Lock()
        self._used: set[int] = set()
        self._keys: dict[Sent, str] = {}
        self._places: dict[str, deque[int]] = {}
        self._same: dict[Sent, deque[int]] = {}
        self._holed: dict[str, Holed] | None = None
        self._is_rekeyed = False
        self._index([exchange.key for exchange in self.exchanges])

    @property
    def unused(self) -> tuple[Exchange, ...]:
        return tuple(exchange for place, exchange in enumerate(self.exchanges) if place not in self._used)

    def key_of_same(self, sent: Sent) -> str | None:
        """The key of a recorded request of the same bytes; nothing of it needs to be redacted or read."""
        return self._keys.get(sent)

    def take_same(self, sent: Sent) -> Exchange | None:
        """The first of the same bytes that is left: generated ids are no part of a key, and may tell two apart here."""
        with self._mutex:
            return self._first(self._same.get(sent))

    def take(self, key: str) -> Exchange | None:
        """The first of that key that is left."""
        with self._mutex:
            return self._first(self._places.get(key))

    def take_rekeyed(self, key: str) -> Exchange | None:
        """Likewise, when what tells requests apart may be another thing now than when they were recorded.

        The first time this may look at every exchange.
        """
        with self._mutex:
            if self._is_rekeyed or not self.exchanges:
                return None
            self._is_rekeyed = True
            first = self.exchanges[0]
            if not self._ignore and self._key_now(first) == first.key:
                return None
            self._index([self._key_now(exchange) for exchange in self.exchanges])
            return self._first(self._places.get(key))

    def take_fitting(self, request: RecordedRequest, *, lane: str) -> Exchange | None:
        """The first one left whose redacted parts leave room for what is not redacted in this one.

        The first time this looks at every exchange.
        """
        with self._mutex:
            holed = self._with_holes().get(lane)
            place = None if holed is None else holed.first_for(request)
            return None if place is None else self._take(place)

    def after_fork(self) -> None:
        """Another thread may have held the lock, and is not in this process."""
        self._mutex = threading.Lock()

    def _index(self, keys: Sequence[str]) -> None:
        sent, places, same = dict[Sent, str](), dict[str, deque[int]](), dict[Sent, deque[int]]()
        for place, (exchange, key) in enumerate(zip(self.exchanges, keys, strict=True)):
            was_sent = _sent(exchange)
            sent[was_sent] = key
            if place not in self._used:
                same.setdefault(was_sent, deque()).append(place)
                places.setdefault(key, deque()).append(place)
        self._keys, self._places, self._same = sent, places, same

    def _key_now(self, exchange: Exchange) -> str:
        return key_of(exchange.request, lane=exchange.lane, ignore=self._ignore)

    def _first(self, places: deque[int] | None) -> Exchange | None:
        while places:
            place = places.popleft()
            if place not in self._used:
                return self._take(place)
        return None

    def _take(self, place: int) -> Exchange:
        exchange = self.exchanges[place]
        self._used.add(place)
        self.played.append(exchange)
        if self._holed and exchange.lane in self._holed:
            self._holed[exchange.lane].remove(place)
        return exchange

    def _with_holes(self) -> dict[str, Holed]:
        """Those that are left, by lane."""
        if self._holed is None:  # most tapes are never asked
            self._holed = {}
            for place, exchange in enumerate(self.exchanges):
                if place not in self._used and has_holes(exchange.request):
                    self._holed.setdefault(exchange.lane, Holed(ignore=self._ignore)).add(place, exchange.request)
        return self._holed


def _sent(exchange: Exchange) -> Sent:
    request = exchange.request
    return exchange.lane, request.method, request.path, request.query, request.body.digest

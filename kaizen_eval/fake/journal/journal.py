"""The journal: every exchange that the fake saw, in the order asked."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable
from heapq import heappop, heappush
from typing import NamedTuple

from kaizen_eval.fake.journal.exchange import MISS, REFUSED, Exchange, Opened, WhyRefused
from kaizen_eval.messages import ChatRequest, ToolCall, Usage

__all__ = ["BYTES_EACH", "Journal"]

BYTES_EACH = 16_384
"""What a bounded journal has room for on average: requests and replies of an exchange, as they came and went."""


class _Entry(NamedTuple):
    """An exchange that has ended, made once."""

    exchange: Exchange
    opened: Opened


_serials = itertools.count(1)


class Journal:
    """What a fake was asked and what became of it; safe across threads and loops.

    Args:
        keep: how many exchanges are kept, the latest; None keeps all. Together those that have ended hold at most
            `BYTES_EACH` bytes for each of `keep`; the latest is kept, however long it is.
    """

    def __init__(self, *, keep: int | None = None) -> None:
        self.serial = next(_serials)
        """Another one for each journal of a process: who follows one sees that it was begun anew."""
        self.version = 0
        """Grows with each exchange that begins or ends."""
        self._keep = keep
        self._lock = threading.Lock()
        self._entries: dict[int, Opened | _Entry] = {}
        """By number, without gaps, from `_oldest`."""
        self._oldest = 1
        self._count = 0
        self._refused = 0
        self._bytes = 0
        """Of what is kept and has ended."""
        self._followers: list[Callable[[], object]] = []

    def __len__(self) -> int:
        """How many exchanges there were, kept or not."""
        return self._count

    def add(self, opened: Opened) -> None:
        """Enter an exchange that begins now."""
        with self._lock:
            self._count = opened.number
            self._entries[opened.number] = opened
            if self._keep is not None:
                self._make_room(self._keep)
            self._changed(opened)

    def refuse(self, opened: Opened, why: WhyRefused) -> None:
        """Take note that an exchange comes to nothing, once."""
        with self._lock:
            opened.outcome, opened.refused = REFUSED, why
            opened.rule, opened.text, opened.usage, opened.said = "", "", None, None
            self._refused += 1

    def ended(self, opened: Opened) -> None:
        """Take note that an exchange has ended; one that is not kept is let go."""
        with self._lock:
            if self._entries.get(opened.number) is not opened:
                return
            self._bytes += _size(opened)
            if self._keep is not None:
                self._make_room(self._keep)
            self._changed(opened)

    def follow(self, told: Callable[[], object]) -> Callable[[], None]:
        """Call this, in whatever thread, after each change; returns what ends it."""
        with self._lock:
            self._followers.append(told)
        return lambda: self._followers.remove(told)

    def changed_since(self, version: int) -> tuple[tuple[Opened, Exchange], ...]:
        """What is kept and began or ended after this version, in the order asked; what is not of the exchange alone
        stands beside it.
        """
        with self._lock:
            entries = [(number, self._opened(entry)) for number, entry in self._entries.items()]
            changed = [(number, opened) for number, opened in entries if opened.version > version]
            return tuple((opened, self._settled(number)) for number, opened in changed)

    @property
    def exchanges(self) -> tuple[Exchange, ...]:
        """In the order asked, the ones in progress included."""
        with self._lock:
            return tuple([self._settled(number) for number in self._entries])

    @property
    def refused(self) -> int:
        """How many exchanges were refused, kept or not."""
        return self._refused

    @property
    def attempts(self) -> tuple[Exchange, ...]:
        """The exchanges that were not refused."""
        return tuple(exchange for exchange in self.exchanges if exchange.refused is None)

    @property
    def requests(self) -> tuple[ChatRequest, ...]:
        """Of the attempts."""
        return tuple(exchange.request for exchange in self.attempts)

    @property
    def misses(self) -> tuple[Exchange, ...]:
        """What was asked and no rule was for."""
        return tuple(exchange for exchange in self.exchanges if exchange.outcome == MISS)

    @property
    def waits(self) -> tuple[float, ...]:
        """Seconds between the end of a failed attempt and the next attempt of the same question, in order."""
        waits = []
        for attempts in self.calls:
            ends = [attempt.ended_ns for attempt in attempts]
            starts = [attempt.started_ns for attempt in attempts[1:]]
            waits += [
                (start, round((start - end) / 1e9, 6))
                for start, end in zip(starts, ends, strict=False)
                if end is not None
            ]
        return tuple(seconds for _, seconds in sorted(waits))

    @property
    def calls(self) -> tuple[tuple[Exchange, ...], ...]:
        """The attempts of each call: a question, and the same asked again after a failure.

        Attempts of one run belong together; outside of runs, those of one session. What is asked while another attempt
        goes on does not repeat that one; where several have failed, the one that ended first is repeated.
        """
        calls: list[list[Exchange]] = []
        failed: dict[object, list[tuple[int, int, list[Exchange]]]] = {}  # the one that ended first is on top
        for exchange in self.attempts:
            waiting = failed.setdefault((exchange.asker.run_id or exchange.session_id, exchange.question), [])
            if waiting and waiting[0][0] <= exchange.started_ns:
                attempts = heappop(waiting)[-1]
            else:
                attempts = []
                calls.append(attempts)
            attempts.append(exchange)
            if exchange.error is not None and exchange.ended_ns is not None:
                heappush(waiting, (exchange.ended_ns, exchange.number, attempts))
        return tuple(map(tuple, calls))

    @property
    def tool_calls(self) -> tuple[ToolCall, ...]:
        """What the model called, in order; attempts that failed are left out."""
        return tuple(call for exchange in self.attempts if exchange.error is None for call in exchange.tool_calls)

    @property
    def usage(self) -> Usage:
        """Everything that was billed."""
        return sum((e.usage for e in self.exchanges if e.usage is not None), Usage())

    def _changed(self, opened: Opened) -> None:
        self.version += 1
        opened.version = self.version
        for told in tuple(self._followers):
            told()

    def _make_room(self, keep: int) -> None:
        """Let the oldest go; the latest stays in any case."""
        while len(self._entries) > keep or (self._bytes > keep * BYTES_EACH and len(self._entries) > 1):
            self._drop()

    def _drop(self) -> None:
        opened = self._opened(self._entries.pop(self._oldest))
        self._oldest += 1
        if opened.ended_ns is not None:
            self._bytes -= _size(opened)

    def _settled(self, number: int) -> Exchange:
        """An exchange that has ended is made once."""
        entry = self._entries[number]
        if isinstance(entry, _Entry):
            return entry.exchange
        exchange = entry.exchange()
        if entry.ended_ns is not None:
            self._entries[number] = _Entry(exchange, entry)
        return exchange

    @staticmethod
    def _opened(entry: Opened | _Entry) -> Opened:
        return entry.opened if isinstance(entry, _Entry) else entry


def _size(opened: Opened) -> int:
    return opened.bytes_in + len(opened.text)

"""The journal: every exchange that the fake saw, in the order asked."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from kaizen_eval.fake.inquiry import EndpointName, Inquiry
from kaizen_eval.fake.journal.account import NOBODY, Asker
from kaizen_eval.fake.model.completion import Choice
from kaizen_eval.fake.wire.headers import UNLIMITED, Allowances
from kaizen_eval.messages import ChatRequest, Usage

__all__ = [
    "BYTES_EACH",
    "CANCELLED",
    "MISS",
    "REFUSED",
    "WAITING",
    "Door",
    "Exchange",
    "Journal",
    "Opened",
    "WhyRefused",
]

BYTES_EACH = 16_384
"""What a bounded journal has room for on average: requests and replies of an exchange, as they came and went."""
Door = Literal["", "direct", "sdk", "server"]
"""Through which an exchange came; empty where nobody said."""

CANCELLED = "cancelled"
"""The outcome where the caller gave up before the answer was out."""
MISS = "miss"
"""The outcome of a request that no rule is for."""
REFUSED = "refused"
"""The outcome of a request that is no good, as the service itself says, whatever the script does."""
WAITING = "…"
"""The outcome while it is not decided."""


@dataclass(frozen=True, slots=True)
class WhyRefused:
    """Why a request was refused."""

    asked: str
    """Method and path, without the query, which may hold a key; empty for what is no HTTP, and where the exchange says
    by itself what was asked.
    """
    status: int
    message: str
    """In the service's words."""
    detail: str = ""
    """What exactly is wrong, where the service does not say it."""

    def __str__(self) -> str:
        return f"{self.status} {self.message}" + (f" ({self.detail})" if self.detail else "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """One attempt as the fake saw it."""

    number: int
    """From 1, in the order asked."""
    request: ChatRequest
    outcome: str
    """"reply", a fault's name, "miss", "refused", "…" while no answer is out, "cancelled" where the caller gave up
    before that, or the class of what a function raised.
    """
    error: str | None
    """The class name of what the provider raises for it; None for a reply, whatever it holds."""
    text: str
    """What the model said, if anything."""
    rule: str
    """Which rule of the script it was; "generated" when none."""
    usage: Usage | None
    """What was billed; None when nothing was, as far as the caller knows."""
    started_ns: int
    """On the event loop's clock."""
    ended_ns: int | None
    """When the answer was out; None while it is not."""
    question: bytes
    """A digest of what was asked, the same for every attempt of it."""
    endpoint: EndpointName | Literal[""] = "chat"
    """Empty where the path leads to none."""
    counted_in: str = ""
    """The encoding that its tokens are counted in, such as "o200k_base"; "estimate" where the model's own is not known
    or not installed, empty where there is nothing to count.
    """
    refused: WhyRefused | None = None
    """Of a request that was refused, of which no more is known than its model and session, if those."""
    asker: Asker = field(default=NOBODY, compare=False, repr=False)
    """The agent's run in which it was asked, if any; two journals may differ in it and still be equal."""
    attempt: int = 0
    """How often the conversation asked the same before."""
    door: Door = field(default="", compare=False)
    bytes_in: int = field(default=0, compare=False)
    """Of the request's body; 0 where no bytes were."""
    bytes_out: int = field(default=0, compare=False)
    """Of the response, its head included, as far as it was given to the network."""
    first_byte_ns: int | None = field(default=None, compare=False)
    """When the first of them was; None where none were."""

    @property
    def session_id(self) -> str | None:
        return self.request.session_id

    @property
    def agent_id(self) -> str | None:
        return self.request.agent_id

    @property
    def asked(self) -> str:
        """The last user message."""
        return next((m.content for m in reversed(self.request.messages) if m.role == "user"), "")

    @property
    def started(self) -> float:
        """Seconds on the event loop's clock."""
        return self.started_ns / 1e9

    @property
    def ended(self) -> float | None:
        return None if self.ended_ns is None else self.ended_ns / 1e9

    @property
    def seconds(self) -> float | None:
        """How long it took, rounded to 1 µs."""
        return None if self.ended_ns is None else round((self.ended_ns - self.started_ns) / 1e9, 6)


@dataclass(slots=True, eq=False)
class Opened:
    """An exchange in progress: what is known is filled in as it happens."""

    number: int
    inquiry: Inquiry
    started_ns: int
    question: bytes
    attempt: int
    """How often the session asked the same before."""
    asker: Asker
    outcome: str = WAITING
    error: str | None = None
    text: str = ""
    rule: str = ""
    usage: Usage | None = None
    ended_ns: int | None = None
    door: Door = ""
    bytes_in: int = 0
    bytes_out: int = 0
    first_byte_ns: int | None = None
    said: Choice | None = None
    """The first of the model's answers, if it gave any."""
    counted_in: str = ""
    version: int = 0
    """The journal's when this was last entered or changed."""
    allowances: Allowances | None = UNLIMITED
    """What the response tells of rate limits; None: nothing."""
    refused: WhyRefused | None = None

    @property
    def request(self) -> ChatRequest:
        return self.inquiry.request

    def exchange(self) -> Exchange:
        return Exchange(
            number=self.number,
            request=self.inquiry.request,
            endpoint=self.inquiry.endpoint,
            outcome=self.outcome,
            error=self.error,
            text=self.text,
            rule=self.rule,
            usage=self.usage,
            started_ns=self.started_ns,
            ended_ns=self.ended_ns,
            question=self.question,
            asker=self.asker,
            attempt=self.attempt,
            door=self.door,
            bytes_in=self.bytes_in,
            bytes_out=self.bytes_out,
            first_byte_ns=self.first_byte_ns,
            counted_in=self.counted_in,
            refused=self.refused,
        )


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

        Attempts of one run belong together; outside of runs, those of one session.
        """
        calls: list[list[Exchange]] = []
        failed: dict[object, list[Exchange]] = {}
        for exchange in self.attempts:
            key = (exchange.asker.run_id or exchange.session_id, exchange.question)
            attempts = failed.pop(key, None)
            if attempts is None:
                attempts = []
                calls.append(attempts)
            attempts.append(exchange)
            if exchange.error is not None:
                failed[key] = attempts
        return tuple(map(tuple, calls))

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

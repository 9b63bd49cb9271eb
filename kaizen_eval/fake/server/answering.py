"""One request that a fake answers, from its decision to its end in the journal."""

from __future__ import annotations

import asyncio
import logging
import math
from collections.abc import Awaitable, Callable
from itertools import islice
from typing import Protocol

from kaizen_eval.errors import AttemptTimeout, NeedsVirtualTime, ScriptError, ScriptMiss
from kaizen_eval.fake.brain import Outcome
from kaizen_eval.fake.client.heard import is_stream
from kaizen_eval.fake.client.received import error_name
from kaizen_eval.fake.front.front import TurnedAway, Visit
from kaizen_eval.fake.journal.exchange import CANCELLED, WAITING, Opened
from kaizen_eval.fake.model.completion import Completion
from kaizen_eval.fake.server import refusals
from kaizen_eval.fake.server.again import Arrivals
from kaizen_eval.fake.server.incoming import HttpRequest
from kaizen_eval.fake.server.sent_stream import SentStream
from kaizen_eval.fake.wire.events import Answer, Disconnect, Hang, WireEvent
from kaizen_eval.resilience import patience
from kaizen_eval.resilience.clock import now_ns

__all__ = ["Answering", "FakeAnswering", "Send"]

_log = logging.getLogger("kaizen_eval.fake")
_READ_TIMEOUT = "x-stainless-read-timeout"
"""In which OpenAI's SDKs tell after how many seconds they give up."""
_HEAD = 500
"""Bytes of a usual head."""
_EARLY = 0.25
"""Seconds by which a client may seem to give up before its time: it began to count when it sent the request, and a
machine that has much to do lets us see that late.
"""

Send = Callable[[WireEvent], None]


class Answering(Protocol):
    """Somebody who answers one request."""

    def begin(self) -> WireEvent | bytes | None:
        """What the client meets, or a whole response as it is to be sent; None where that is not known yet, and passed
        on when it is.
        """
        ...

    def wrote(self, size: int) -> None:
        """So many bytes of the answer were given to the network."""
        ...

    def finished(self) -> None:
        """All of it was."""
        ...

    def gone(self) -> None:
        """The client left before that, or the server stops."""
        ...


class FakeAnswering:
    """An exchange with a fake. It blocks the server for as long as a function of the script does that is not async."""

    __slots__ = (
        "_arrivals",
        "_error",
        "_front",
        "_is_sound",
        "_opened",
        "_request",
        "_send",
        "_speed",
        "_stream",
        "_task",
        "_timer",
        "_visit",
    )

    def __init__(self, arrivals: Arrivals, request: HttpRequest, send: Send, *, speed: float) -> None:
        self._arrivals = arrivals
        self._front = arrivals.front
        self._request = request
        self._send = send
        self._speed = speed
        self._visit: Visit | None = None
        self._opened: Opened | None = None
        self._error: Exception | None = None
        self._stream: SentStream | None = None
        self._is_sound = True
        """Whether nothing happens to the answer on its way."""
        self._timer: asyncio.TimerHandle | None = None
        self._task: asyncio.Task[None] | None = None

    def begin(self) -> WireEvent | bytes | None:
        try:
            return self._begin()
        except Exception as error:  # noqa: BLE001 - a function of the script may raise whatever; the client is told
            return self._failed(error)

    def _begin(self) -> WireEvent | bytes | None:
        request, desk = self._request, self._front.desk
        visit, again = self._arrivals.receive(request)
        if isinstance(visit, Answer):
            return visit
        self._opened = opened = visit.opened
        opened.door, opened.bytes_in = "server", len(request.body)
        if isinstance(visit, TurnedAway):
            return visit.answer
        self._visit = visit
        choice = desk.choose(opened)
        if not request.is_usual:
            again = None
        if again is not None and (written := again.answer(desk, choice, opened)) is not None:
            return written
        said = desk.at_once(choice, opened)
        if not isinstance(said, Outcome):
            self._task = asyncio.get_running_loop().create_task(self._wait(said))
            return None
        event = self._in_time(said)
        if again is not None and isinstance(event, Answer):
            self._arrivals.keep(again, choice, opened, said, event)
        return None if event is None else self._counted(event)

    def wrote(self, size: int) -> None:
        if (opened := self._opened) is not None:
            opened.bytes_out += size
            if opened.first_byte_ns is None:
                opened.first_byte_ns = now_ns()

    def finished(self) -> None:
        if self._opened is None:
            return
        if self._stream is not None and not self._stream.is_sound:
            self._front.desk.settle(self._opened, self._stream.whole())
        self._front.desk.close(self._opened, self._error)

    def gone(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        if self._task is not None:
            self._task.cancel()
        if (opened := self._opened) is None:
            return
        why: BaseException | None = self._why_gone(opened.started_ns)
        if self._stream is not None:
            self._front.desk.settle(opened, self._stream.sent(), left=type(why).__name__)
            why = None
        elif opened.outcome in {WAITING, "reply"}:
            opened.outcome = CANCELLED
        self._front.desk.close(opened, why)

    async def _wait(self, said: Awaitable[object]) -> None:
        visit = self._visit
        assert visit is not None, "only what was received is waited for"  # noqa: S101 - for the type checker
        try:
            event = self._in_time(await self._front.desk.awaited(said, visit.opened))
        except Exception as error:  # noqa: BLE001 - a function of the script may raise whatever; the client is told
            event = self._failed(error)
        if event is not None:
            self._send(self._counted(event))

    def _in_time(self, outcome: Outcome) -> WireEvent | None:
        if not outcome.seconds:
            return self._met(outcome)
        seconds = outcome.seconds / self._speed
        patience.check(seconds)
        self._timer = asyncio.get_running_loop().call_later(seconds, self._late, outcome)
        return None

    def _late(self, outcome: Outcome) -> None:
        try:
            event = self._met(outcome)
        except Exception as error:  # noqa: BLE001 - a codec that fails is told to the client, like all that fails
            event = self._failed(error)
        self._send(self._counted(event))

    def _met(self, outcome: Outcome) -> WireEvent:
        visit = self._visit
        assert visit is not None, "only what was received has an outcome"  # noqa: S101 - for the type checker
        self._front.desk.note(visit.opened, outcome)
        event = self._front.answer(visit, outcome)
        if patience.is_limited():
            patience.check(_lasts(event) / self._speed)
        if outcome.spoiling is not None or not isinstance(outcome.event, Completion):
            visit.opened.error = error_name(event, visit.opened.inquiry)
            self._is_sound = False
        return event

    def _counted(self, event: WireEvent) -> WireEvent:
        """The same; of a chat's stream it is counted what is sent."""
        if self._opened is None or not is_stream(event, self._opened.inquiry):
            return event
        self._stream = SentStream(event, is_sound=self._is_sound)
        return self._stream.answer

    def _failed(self, error: Exception) -> Answer:
        self._error = error
        answer = self._told_of(error)
        return answer if self._opened is None else self._front.marked(self._opened, answer)

    def _told_of(self, error: Exception) -> Answer:
        if isinstance(error, ScriptMiss):
            return refusals.missed(error)
        if isinstance(error, NeedsVirtualTime):
            return refusals.failed(error)
        _log.error("The script of the fake failed: %s: %s", type(error).__name__, error, exc_info=error)
        said = error if isinstance(error, ScriptError) else ScriptError(f"{type(error).__name__}: {error}")
        self._front.desk.complain(said)
        return refusals.failed(error)

    def _why_gone(self, started_ns: int) -> BaseException:
        """Our best guess: a client says how patient it is, not why it leaves."""
        try:
            patience = float(self._request.headers[_READ_TIMEOUT])
        except (KeyError, ValueError):
            return asyncio.CancelledError()
        waited = (now_ns() - started_ns) / 1e9
        if waited < patience - _EARLY:
            return asyncio.CancelledError()
        return AttemptTimeout(f"the client waited {patience:g} s")


def _lasts(event: WireEvent) -> float:
    """Seconds until all is sent, as far as a look at its first thousand pieces tells."""
    if isinstance(event, Disconnect):
        return 0.0
    if isinstance(event, Hang) or event.ending == "hang":
        return math.inf
    pieces = () if isinstance(event.body, bytes) else islice(event.body, 1000)
    return event.head_pace * _HEAD + max((piece.at for piece in pieces), default=0.0)

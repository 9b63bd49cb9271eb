"""Plays a plan: a fake behind a loopback server for each copy of the command, on real time."""

from __future__ import annotations

import asyncio
import os
from collections import Counter
from collections.abc import Callable, Coroutine, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from time import monotonic_ns
from typing import Any, TypeVar

from kaizen_eval.conformance.clients.command import Command
from kaizen_eval.conformance.clients.environment import arguments, environment
from kaizen_eval.conformance.clients.plan import Plan, Terms
from kaizen_eval.conformance.clients.seen import Ended, Played, Seen
from kaizen_eval.conformance.tried import Tried, tried
from kaizen_eval.errors import BadResponse, UsageError
from kaizen_eval.fake import Exchange, FakeLLM
from kaizen_eval.fake.faults.body import TruncatedJson
from kaizen_eval.fake.faults.delivery import ConnectionCut
from kaizen_eval.fake.faults.streams.cuts import StreamCut
from kaizen_eval.fake.server.running import Serving
from kaizen_eval.resilience.clock import wall_time

__all__ = ["Serve", "play", "together"]

_T = TypeVar("_T")
_CUTTING = {TruncatedJson.name, ConnectionCut.name, StreamCut.name}
Serve = Callable[[FakeLLM], "Serving[FakeLLM]"]
"""Puts a fake behind a port."""
_LOOK = 0.01
"""Seconds between two looks at a command."""
_UNTIL_INTERRUPT = 0.3
"""Seconds from its request to the signal."""
_AFTER_INTERRUPT = 3.0
"""Seconds that it then has to end."""
_AFTER_DEADLINE = 3.0
"""The same after its deadline."""
_SETTLING = 1.0
"""Seconds in which the server has seen that its client is gone; it takes a thousandth of one."""


async def play(plan: Plan, command: Sequence[str], terms: Terms, *, serve: Serve = FakeLLM.serve) -> Played:
    """What could be seen of each copy.

    Raises:
        UsageError: the command cannot be run, or no port can be had.
    """
    copies = [_play_once(plan, command, terms, serve) for _ in range(plan.copies)]
    return Played(plan=plan, seen=await together(copies))


async def together(doing: Iterable[Coroutine[Any, Any, _T]]) -> tuple[_T, ...]:
    """What they return, in order; when one raises, the others are cancelled, and it is raised."""
    try:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(each) for each in doing]
    except BaseExceptionGroup as failed:
        raise failed.exceptions[0] from None
    return tuple(task.result() for task in tasks)


async def _play_once(plan: Plan, command: Sequence[str], terms: Terms, serve: Serve) -> Seen:
    fake = plan.fake(terms)
    with _serving(fake, serve) as server:
        given = arguments(command, server.base_url)
        with Command(given, environment(server.base_url, os.environ)) as running:
            watch = _Watch(plan, terms, fake, running)
            ended = await watch.until_ended()
            exited_ns, exit_code = monotonic_ns(), running.exit_code
            running.kill()
            out, err = running.printed()
        await _settled(fake)
        exchanges = tuple(map(_to_the_millisecond, fake.exchanges))
    return Seen(
        plan=plan,
        terms=terms,
        exchanges=exchanges,
        attempts=_meant(plan, exchanges),
        exit_code=exit_code,
        ended=ended,
        began_ns=watch.began_ns,
        exited_ns=exited_ns,
        interrupted_ns=watch.interrupted_ns,
        stdout=out,
        stderr=err,
    )


def _meant(plan: Plan, exchanges: Iterable[Exchange]) -> tuple[Tried, ...]:
    known = {} if plan.fault is None else {plan.fault.name: plan.fault}
    attempts = (exchange for exchange in exchanges if exchange.refused is None)
    epoch = wall_time() - monotonic_ns() / 1e9
    return tuple(map(_unless_cut, tried(attempts, lambda each: known.get(each.outcome), epoch=epoch)))


def _unless_cut(attempt: Tried) -> Tried:
    """A reply that was cut is none, also at an endpoint that our own provider does not speak."""
    is_cut = attempt.is_answer and attempt.exchange.outcome in _CUTTING
    return Tried(attempt.exchange, BadResponse("The reply was cut.")) if is_cut else attempt


def _to_the_millisecond(exchange: Exchange) -> Exchange:
    """What a real clock tells beyond that is chance."""
    ended_ns = exchange.ended_ns
    return replace(
        exchange,
        started_ns=round(exchange.started_ns, -6),
        ended_ns=None if ended_ns is None else round(ended_ns, -6),
    )


class _Watch:
    """Looks at a command until it has ended, or there is a reason to end it."""

    def __init__(self, plan: Plan, terms: Terms, fake: FakeLLM, running: Command) -> None:
        self._plan, self._terms, self._fake, self._running = plan, terms, fake, running
        self.began_ns = monotonic_ns()
        self.interrupted_ns: int | None = None

    async def until_ended(self) -> Ended:
        while (ended := self._ended()) is None:
            if self._plan.interrupt is not None and self.interrupted_ns is None and self._waits():
                self.interrupted_ns = monotonic_ns()
                self._running.send(self._plan.interrupt)
            await asyncio.sleep(_LOOK)
        return ended

    def _ended(self) -> Ended | None:
        if self._running.exit_code is not None:
            return "by itself"
        if self.interrupted_ns is not None and _since(self.interrupted_ns) > _AFTER_INTERRUPT:
            return "interrupt"
        if _since(self.began_ns) > self._terms.timeout:
            return "timeout"
        if self._is_long_over():
            return "deadline"
        if self._running.has_printed_too_much:
            return "output"
        return "attempts" if self._asks_too_often() else None

    def _waits(self) -> bool:
        return any(_since(exchange.started_ns) > _UNTIL_INTERRUPT for exchange in self._fake.exchanges)

    def _is_long_over(self) -> bool:
        """Whether it is known by now that it keeps no deadline."""
        deadline = self._terms.deadline if self._plan.needs_deadline else None
        first = next(iter(self._fake.exchanges), None)
        return deadline is not None and first is not None and _since(first.started_ns) > deadline + _AFTER_DEADLINE

    def _asks_too_often(self) -> bool:
        """Whether it is known by now that it is a storm."""
        if len(self._fake.journal) <= self._terms.most:
            return False
        asked = Counter(exchange.question for exchange in self._fake.exchanges)
        return max(asked.values()) > self._terms.most


@contextmanager
def _serving(fake: FakeLLM, serve: Serve) -> Iterator[Serving[FakeLLM]]:
    server = serve(fake)
    try:
        server.start()
    except OSError as error:
        raise UsageError(f"No port of 127.0.0.1 can be had for the fake: {error}.") from error
    try:
        yield server
    finally:
        server.stop()


async def _settled(fake: FakeLLM) -> None:
    """Wait until the server has seen that all clients are gone."""
    for _ in range(round(_SETTLING / _LOOK)):
        if all(each.ended_ns is not None for each in fake.exchanges):
            return
        await asyncio.sleep(_LOOK)


def _since(moment_ns: int) -> float:
    return (monotonic_ns() - moment_ns) / 1e9

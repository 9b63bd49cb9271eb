"""Calls: the attempts of each, also where a run asks the same several times at once, as for equal items of a list."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from kaizen_eval.conformance.observation import Observation
from kaizen_eval.conformance.tried import Tried
from kaizen_eval.events import AttemptStarted
from kaizen_eval.fake import Exchange

__all__ = ["asked_after", "grouped"]

_Place = tuple[str | None, int, int]
"""A run, a call of it, and an attempt of that."""


def grouped(seen: Observation) -> tuple[tuple[Exchange, ...], ...]:
    """As the journal has them, by what was asked; where events tell which call is repeated, by that."""
    places = _places(seen)
    known = set(places.values())
    by_place: dict[_Place, list[Exchange]] = {}
    failed: dict[object, list[list[Exchange]]] = defaultdict(list)
    calls: list[list[Exchange]] = []
    for exchange in seen.exchanges:
        if exchange.refused is not None:
            continue
        run, call, attempt = places.get(exchange.number, (None, 0, 0))
        asked = (exchange.asker.run_id or exchange.session_id, exchange.question)
        attempts = by_place.get((run, call, attempt - 1)) or _over(failed[asked], exchange)
        if attempts is None:
            attempts = []
            calls.append(attempts)
        attempts.append(exchange)
        by_place[run, call, attempt] = attempts
        if exchange.error is not None and (run, call, attempt + 1) not in known:
            failed[asked].append(attempts)
    return tuple(map(tuple, calls))


def asked_after(alike: tuple[Tried, ...], seen: Observation) -> Iterator[tuple[Tried, ...]]:
    """Each of what was asked alike, and then what repeats it: its own call's next attempts, and those of calls that had
    not begun when it ended.
    """
    calls = {exchange.number: call for call in grouped(seen) for exchange in call}
    for attempt in alike:
        own, ended_ns = calls.get(attempt.exchange.number), attempt.exchange.ended_ns
        if own is not None and ended_ns is not None:
            others = (each for each in alike if each.exchange.number > attempt.exchange.number)
            yield (attempt, *(each for each in others if _repeats(calls[each.exchange.number], own, ended_ns)))


def _repeats(call: tuple[Exchange, ...], own: tuple[Exchange, ...], ended_ns: int) -> bool:
    return call is own or call[0].started_ns >= ended_ns


def _places(seen: Observation) -> dict[int, _Place]:
    """By the number of an exchange: of runs that tell of as many attempts as there were exchanges."""
    asked: dict[str, list[Exchange]] = defaultdict(list)
    told: dict[str, list[AttemptStarted]] = defaultdict(list)
    for exchange in seen.exchanges:
        asked[str(exchange.asker.run_id)].append(exchange)
    for event in seen.events:
        if isinstance(event, AttemptStarted):
            told[event.run_id].append(event)
    return {
        exchange.number: (run_id, event.call, event.attempt)
        for run_id, exchanges in asked.items()
        if len(exchanges) == len(told[run_id])
        for exchange, event in zip(exchanges, told[run_id], strict=True)
    }


def _over(failed: list[list[Exchange]], exchange: Exchange) -> list[Exchange] | None:
    """The call that was given up first, of those that had ended: it is asked anew."""
    ended = [attempts for attempts in failed if _ended_ns(attempts) <= exchange.started_ns]
    if not ended:
        return None
    first = min(ended, key=_ended_ns)
    failed.remove(first)
    return first


def _ended_ns(attempts: list[Exchange]) -> float:
    ended_ns = attempts[-1].ended_ns
    return float("inf") if ended_ns is None else ended_ns

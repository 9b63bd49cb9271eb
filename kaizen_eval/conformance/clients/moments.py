"""The moments of a command that ran once, for a diagram: requests, what came, waits, its end, on the real time axis."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from kaizen_eval.conformance.clients.seen import Seen
from kaizen_eval.conformance.diagram import Kind, Moment
from kaizen_eval.conformance.tried import Tried
from kaizen_eval.conformance.written.values import given_fields

__all__ = ["moments"]

_MILLISECOND = 1_000_000
_INSTANT = 50 * _MILLISECOND
"""In which an answer comes at once, as nearly as a machine can."""
_LONGEST = 60
_FIRST, _LAST = 4, 2
"""Attempts of one question that are shown."""


def moments(seen: Seen) -> tuple[Moment, ...]:
    """In order, rounded to milliseconds since the first request; each question has a line of its own."""
    if not seen.attempts:
        return ()
    reader = _Reader(seen, seen.attempts[0].exchange.started_ns)
    made = [moment for ask, call in enumerate(seen.calls, start=1) for moment in reader.of_call(ask, call)]
    return tuple(sorted([*made, *reader.of_command()], key=lambda moment: moment.at_ns))


class _Reader:
    def __init__(self, seen: Seen, start_ns: int) -> None:
        self.seen, self.start_ns = seen, start_ns
        self.is_alone = len(seen.calls) == 1

    def of_call(self, ask: int, call: Sequence[Tried]) -> Iterator[Moment]:
        """Of a long one the first and the last attempts."""
        left_out = call[_FIRST:-_LAST] if len(call) > _FIRST + _LAST + 1 else ()
        for place, attempt in enumerate(call):
            if attempt not in left_out:
                yield from self._of_attempt(ask, attempt)
                yield from self._wait(ask, attempt, call[place + 1 : place + 2])
            elif attempt is left_out[0]:
                yield self._moment(attempt.exchange.started_ns, ask, "wait", f"… {len(left_out)} more")

    def of_command(self) -> Iterator[Moment]:
        ask = 1 if self.is_alone else None
        if self.seen.interrupted_ns is not None and self.seen.plan.interrupt is not None:
            yield self._moment(self.seen.interrupted_ns, ask, "tool", f"{self.seen.plan.interrupt.name} is sent")
        yield self._moment(self.seen.exited_ns, ask, "end", f"the command {self.seen.came_out()}")

    def _of_attempt(self, ask: int, attempt: Tried) -> Iterator[Moment]:
        exchange = attempt.exchange
        asked, came = f"request {exchange.number}", self._came(attempt)
        if exchange.ended_ns is None:
            yield self._moment(exchange.started_ns, ask, "request", f"{asked}, which is still open")
        elif exchange.ended_ns - exchange.started_ns < _INSTANT:
            yield self._moment(exchange.started_ns, ask, "exchange", f"{asked} → {came}")
        else:
            yield self._moment(exchange.started_ns, ask, "request", asked)
            yield self._moment(exchange.ended_ns, ask, "answer", came)

    def _came(self, attempt: Tried) -> str:
        exchange, fault = attempt.exchange, self.seen.plan.fault
        if fault is None or exchange.outcome != fault.name:
            return f"{exchange.outcome}: {_line(exchange.text)}" if attempt.is_answer else exchange.outcome
        details = ", ".join(f"{name}={value!r}" for name, value in given_fields(fault))
        return f"{fault.name} ({details})" if details else fault.name

    def _wait(self, ask: int, attempt: Tried, following: Sequence[Tried]) -> Iterator[Moment]:
        """Between its end and the one that follows, if one does."""
        ended_ns = attempt.exchange.ended_ns
        for after in following:
            if ended_ns is not None and after.exchange.started_ns - ended_ns >= _MILLISECOND:
                seconds = (after.exchange.started_ns - ended_ns) / 1e9
                yield self._moment(ended_ns, ask, "wait", f"waits {seconds:,.3f} s")

    def _moment(self, at_ns: int, ask: int | None, kind: Kind, text: str) -> Moment:
        since = round((at_ns - self.start_ns) / _MILLISECOND) * _MILLISECOND
        return Moment(at_ns=since, ask=ask, kind=kind, text=text)


def _line(text: str) -> str:
    line = "".join(sign if sign.isprintable() else "·" for sign in " ".join(text.split()))
    return line if len(line) <= _LONGEST else f"{line[: _LONGEST - 1]}…"

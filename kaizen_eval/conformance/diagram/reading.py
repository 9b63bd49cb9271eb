"""Reads the moments of a diagram out of what was seen."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any

from kaizen_eval.conformance.diagram.moment import Kind, Moment
from kaizen_eval.conformance.given_tool import Executed
from kaizen_eval.conformance.observation import Observation, Outcome
from kaizen_eval.conformance.written.values import given_fields
from kaizen_eval.fake import Exchange, Fault
from kaizen_eval.fake.journal.exchange import CANCELLED

__all__ = ["moments"]

_LONGEST = 40
"""Characters of one value."""
_LONGEST_REPLY = 200
_VERBS = {"tool": "takes"}


def moments(seen: Observation) -> tuple[Moment, ...]:
    """In the order in which they happened."""
    found = [moment for part in _Reader(seen).parts() for moment in part]
    return tuple(sorted(found, key=lambda moment: moment.at_ns))


class _Reader:
    def __init__(self, seen: Observation) -> None:
        self.seen = seen
        self.start = seen.started_ns
        self.executed = list(seen.executed)
        """Those that no exchange has called so far."""

    def parts(self) -> Iterator[list[Moment]]:
        """Those of each ask, each in its order, and then those that belong to none."""
        own: set[int] = set()
        for place, outcome in enumerate(self.seen.outcomes, start=1):
            exchanges = self._exchanges_of(outcome)
            own |= {exchange.number for exchange in exchanges}
            yield self._of_ask(place, outcome, exchanges)
        others = [exchange for exchange in self.seen.exchanges if exchange.number not in own]
        yield [moment for exchange in others for moment in self._of_exchange(None, exchange, "")]
        yield [self._moment(each.at_ns, None, "tool", _tool(each)) for each in self.executed]
        last = max((outcome.ended_ns for outcome in self.seen.outcomes), default=self.start)
        yield [self._moment(last, None, "left", f"left behind: {_line(task, 200)}") for task in self.seen.leftovers]

    def _exchanges_of(self, outcome: Outcome) -> Sequence[Exchange]:
        if len(self.seen.outcomes) == 1:
            return self.seen.exchanges
        return self.seen.exchanges_of(outcome)

    def _of_ask(self, ask: int, outcome: Outcome, exchanges: Sequence[Exchange]) -> list[Moment]:
        labels = self._labels(exchanges)
        inner = [
            moment for exchange in exchanges for moment in self._of_exchange(ask, exchange, labels[exchange.number])
        ]
        begun = self._moment(outcome.started_ns, ask, "ask", _asked(outcome))
        ended = self._moment(outcome.ended_ns, ask, "end", _ended(outcome))
        return _with_waits([begun, *sorted(inner, key=lambda moment: moment.at_ns), ended])

    def _labels(self, exchanges: Sequence[Exchange]) -> dict[int, str]:
        """Which call and attempt each is, where there is more than one of either."""
        numbers = {exchange.number for exchange in exchanges}
        calls = [[each.number for each in call if each.number in numbers] for call in self.seen.calls]
        calls = [call for call in calls if call]
        several = len(calls) > 1
        return dict.fromkeys(numbers, "") | {
            number: (f"call {place}" if several else "") + (f"{', ' * several}attempt {attempt}" * (len(call) > 1))
            for place, call in enumerate(calls, start=1)
            for attempt, number in enumerate(call, start=1)
        }

    def _of_exchange(self, ask: int | None, exchange: Exchange, label: str) -> list[Moment]:
        asked = f"request {exchange.number}" + (f" ({label})" if label else "")
        came = self._came(exchange)
        if exchange.ended_ns == exchange.started_ns:
            made = [self._moment(exchange.started_ns, ask, "exchange", f"{asked} → {came}")]
        else:
            made = [self._moment(exchange.started_ns, ask, "request", asked)]
            if exchange.ended_ns is not None:
                made.append(self._moment(exchange.ended_ns, ask, "answer", f"{came}, after {exchange.seconds:,g} s"))
        return made + [self._moment(each.at_ns, ask, "tool", _tool(each)) for each in self._called_by(exchange)]

    def _called_by(self, exchange: Exchange) -> list[Executed]:
        names = [call.name for call in exchange.tool_calls]
        found = []
        for each in list(self.executed):
            if each.tool in names and each.at_ns >= (exchange.ended_ns or exchange.started_ns):
                names.remove(each.tool)
                self.executed.remove(each)
                found.append(each)
        return found

    def _came(self, exchange: Exchange) -> str:
        details = self._details(exchange)
        what = exchange.outcome + (f" ({details})" if details else "")
        if exchange.error is not None:
            return what if exchange.outcome == CANCELLED else f"{what}: {exchange.error}"
        called = ", ".join(f"{call.name}({_line(call.arguments, _LONGEST)})" for call in exchange.tool_calls)
        said = f"calls {called}" if called else _line(exchange.text, _LONGEST_REPLY)
        return f"{what}: {said}" if said else what

    def _details(self, exchange: Exchange) -> str:
        """Of the fault that it met, what the situation says of it."""
        script = self.seen.situation.script
        place = exchange.rule.removeprefix("script[").removesuffix("]")
        said = script[int(place)] if place.isdigit() and int(place) < len(script) else None
        return _fields(given_fields(said)) if isinstance(said, Fault) else ""

    def _moment(self, at_ns: int, ask: int | None, kind: Kind, text: str) -> Moment:
        return Moment(at_ns=at_ns - self.start, ask=ask, kind=kind, text=text)


def _with_waits(own: Sequence[Moment]) -> list[Moment]:
    """Between an answer and what comes next, where time passes."""
    made: list[Moment] = []
    for before, after in pairwise(own):
        made.append(before)
        seconds = (after.at_ns - before.at_ns) / 1e9
        if seconds and before.kind != "request":
            made.append(
                Moment(
                    at_ns=before.at_ns,
                    ask=before.ask,
                    kind="wait",
                    text=f"{_VERBS.get(before.kind, 'waits')} {seconds:,g} s",
                )
            )
    return [*made, own[-1]]


def _asked(outcome: Outcome) -> str:
    ask = outcome.ask
    how = [f"session {ask.session!r}"] if ask.session is not None else []
    how += ["read as a stream"] if ask.stream else []
    inputs = _fields(ask.inputs.items()) or "no inputs"
    return f"asks {inputs}" + (f" ({', '.join(how)})" if how else "")


def _ended(outcome: Outcome) -> str:
    if outcome.error is not None:
        if type(outcome.error).__name__ == "CancelledError":
            return "is cancelled"
        return f"raises {type(outcome.error).__name__}: {_line(str(outcome.error), _LONGEST_REPLY)}"
    if outcome.result is None:
        count = len(outcome.items)
        return f"its reader leaves, after {count} item{'' if count == 1 else 's'}"
    return f"returns {_fields(outcome.outputs.items()) or 'nothing'}"


def _tool(executed: Executed) -> str:
    return f"tool {executed.tool}({_fields(executed.arguments.items())})"


def _fields(fields: Iterable[tuple[str, Any]] | Mapping[str, Any]) -> str:
    pairs = fields.items() if isinstance(fields, Mapping) else fields
    return ", ".join(f"{name}={_line(repr(value), _LONGEST)}" for name, value in pairs)


def _line(text: str, longest: int) -> str:
    """On one line, with what a terminal would obey written out."""
    line = "".join(sign if sign.isprintable() else _escaped(sign) for sign in " ".join(text[:2000].split()))
    return line if len(line) <= longest else line[: longest - 1] + "…"


def _escaped(sign: str) -> str:
    return sign.encode("unicode_escape").decode()

"""Shown: what of other turns a request holds, held against what it must hold."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from kaizen_eval.conformance.laws.memory.conversations import MARK, mark_of
from kaizen_eval.conformance.laws.own_requests import asked_in, first_asked
from kaizen_eval.conformance.observation import Observation, Outcome
from kaizen_eval.conformance.violation import Violation
from kaizen_eval.messages import ChatRequest

__all__ = ["marks_in", "require_shown", "whose"]

_PLAIN = re.compile(r"[A-Za-z][A-Za-z ,.'-]{7,}")
"""An answer that is the same in JSON as in prose, and too long to stand in another by chance."""


def require_shown(seen: Observation, shown: Mapping[int, tuple[int, ...]]) -> None:
    """Hold the first request of each run against exactly these turns, and its others against more than these.

    Raises:
        Violation: one holds less, more, or in another order.
    """
    for place, turns in shown.items():
        _require_exactly(seen, place, turns)
        _require_no_more(seen, place, turns)


def marks_in(request: ChatRequest) -> list[str]:
    """In order, those of the run's own input included."""
    return [mark.lower() for message in request.messages for mark in MARK.findall(message.content)]


def whose(seen: Observation, mark: str, place: int) -> str:
    """Of which ask a mark is that this one must not be shown, and why not."""
    mine = seen.outcomes[place].ask.session
    places = [number for number, outcome in enumerate(seen.outcomes) if mark_of(outcome.ask) == mark]
    others = [number for number in places if number != place] or places
    outcome = seen.outcomes[others[0]]
    told = f"{mark!r} of ask {others[0] + 1}"
    if outcome.ask.session is None:
        return f"{told}, which has no session"
    if outcome.ask.session != mine:
        return f"{told}, which is of {_session(outcome)}"
    if outcome.error is not None:
        return f"{told}, which failed ({type(outcome.error).__name__})"
    return f"{told}, which is no longer remembered" if others[0] < place else f"{told}, which came later"


def _require_exactly(seen: Observation, place: int, turns: tuple[int, ...]) -> None:
    first = first_asked(seen, seen.outcomes[place])
    if first is None:
        return
    which = f"The first request of {_ask(seen, place)}"
    if first.refused is not None:
        raise Violation(f"{which} is no good: {first.refused}", seen)
    own = mark_of(seen.outcomes[place].ask)
    expected = [text for turn in turns for text in _texts(seen.outcomes[turn])]
    found = _found(first.request, seen)
    if found.count(own) >= expected.count(own) and _without(found, own) == _without(expected, own):
        return
    earlier = found[:-1] if found[-1:] == [own] else found
    both = f"Expected of earlier turns: {_listed(expected)}; found: {_listed(earlier)}."
    raise Violation(f"{which} {_difference(seen, place, expected, earlier)} {both}", seen)


def _require_no_more(seen: Observation, place: int, turns: tuple[int, ...]) -> None:
    allowed = {mark_of(seen.outcomes[turn].ask) for turn in (*turns, place)}
    for exchange in asked_in(seen, seen.outcomes[place]):
        for mark in marks_in(exchange.request):
            if mark not in allowed:
                which = f"A request of {_ask(seen, place)} (exchange {exchange.number})"
                raise Violation(f"{which} holds {whose(seen, mark, place)}.", seen)


def _texts(outcome: Outcome) -> list[str]:
    """By which a turn is known: what was asked, and what was answered."""
    return [mark_of(outcome.ask), *_answers(outcome.outputs)]


def _answers(value: Any) -> Iterator[str]:
    if isinstance(value, str) and _PLAIN.fullmatch(value):
        yield value
    elif isinstance(value, dict | list | tuple):
        for each in value.values() if isinstance(value, dict) else value:
            yield from _answers(each)


def _found(request: ChatRequest, seen: Observation) -> list[str]:
    known = {answer for outcome in seen.outcomes for answer in _answers(outcome.outputs)}
    answers = "|".join(re.escape(each) for each in sorted(known, key=len, reverse=True))
    pattern = re.compile(f"{MARK.pattern}|{answers}" if known else MARK.pattern, re.IGNORECASE)
    as_known = {each.lower(): each for each in known}
    hits = [hit.lower() for message in request.messages for hit in pattern.findall(message.content)]
    return [as_known.get(hit, hit) for hit in hits]


def _difference(seen: Observation, place: int, expected: list[str], found: list[str]) -> str:
    own = mark_of(seen.outcomes[place].ask)
    for text, times in Counter(expected).items():
        if 0 < found.count(text) < times:
            return f"holds {text!r} {_times(found.count(text))}; {times} earlier turns said so."
    for text in found:
        if text not in expected and MARK.fullmatch(text) and text != own:
            return f"holds {whose(seen, text, place)}."
    if own in found and own not in expected:
        return "holds its own input as an earlier turn."
    for text in expected:
        if text not in found:
            return f"lacks {text!r}."
    for text, times in Counter(found).items():
        if times > expected.count(text):
            return f"holds {text!r} {_times(times)}; expected {_times(expected.count(text))}."
    return "holds its turns in another order."


def _listed(texts: Iterable[str]) -> str:
    return ", ".join(map(repr, texts)) or "nothing"


def _without(texts: list[str], own: str) -> list[str]:
    return [text for text in texts if text != own]


def _times(count: int) -> str:
    return "once" if count == 1 else f"{count} times"


def _ask(seen: Observation, place: int) -> str:
    turns = seen.situation.config["max_turns"]
    return f"ask {place + 1} ({_session(seen.outcomes[place])}, max_turns={turns})"


def _session(outcome: Outcome) -> str:
    return "no session" if outcome.ask.session is None else f"session {outcome.ask.session!r}"

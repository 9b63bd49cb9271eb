"""What laws read out of an observation: what each exchange meant, and what a run made of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from kaizen_eval.conformance.exchanges import Lapse, Tried, asked_alike, tried
from kaizen_eval.conformance.laws.calls import grouped
from kaizen_eval.conformance.observation import Observation, Outcome
from kaizen_eval.conformance.situation import Situation
from kaizen_eval.conformance.violation import Violation
from kaizen_eval.fake import Exchange
from kaizen_eval.fake.journal.exchange import CANCELLED
from kaizen_eval.resilience.clock import WALL_EPOCH
from kaizen_eval.resilience.timeline import START_NS

__all__ = [
    "alike",
    "answered",
    "attempts_of",
    "brief",
    "calls_of",
    "failure",
    "left_by_choice",
    "raise_for",
    "said_by",
    "shown",
]

_LONGEST = 200
_EPOCH = WALL_EPOCH - START_NS / 1e9


def said_by(situation: Situation) -> Callable[[Exchange], object]:
    """What the situation's script said in an exchange; None where it had ended."""
    by_rule = {f"script[{place}]": saying for place, saying in enumerate(situation.script)}
    return lambda exchange: by_rule.get(exchange.rule)


def attempts_of(seen: Observation, exchanges: Iterable[Exchange] | None = None) -> tuple[Tried, ...]:
    """These, or all that was asked, beside what they meant."""
    return tried(seen.exchanges if exchanges is None else exchanges, said_by(seen.situation), epoch=_EPOCH)


def calls_of(seen: Observation) -> tuple[tuple[Tried, ...], ...]:
    """The attempts of each call."""
    return tuple(attempts_of(seen, call) for call in grouped(seen))


def alike(seen: Observation) -> tuple[tuple[Tried, ...], ...]:
    """What was asked in one run and is the same."""
    return asked_alike(attempts_of(seen))


def answered(seen: Observation) -> tuple[Tried, ...]:
    """The replies that could be used."""
    return tuple(attempt for attempt in attempts_of(seen) if attempt.is_answer)


def left_by_choice(attempt: Tried) -> bool:
    """Whether the subject took the request back while the fake was about to answer it."""
    return attempt.exchange.outcome == CANCELLED


def raise_for(lapses: Iterable[Lapse], seen: Observation) -> None:
    """Raise Violation for the first, if there is one."""
    for lapse in lapses:
        raise Violation(lapse.text, seen)


def brief(text: str) -> str:
    """Its first two hundred characters, on one line."""
    line = " ".join(text.split())
    return line if len(line) <= _LONGEST else f"{line[:_LONGEST]} …"


def failure(outcome: Outcome) -> str:
    """What a run raised, for a sentence."""
    text = brief(str(outcome.error))
    return f"{type(outcome.error).__name__}{f': {text}' if text else '.'}"


def shown(outcome: Outcome) -> str:
    """What became of a run, for a sentence."""
    if outcome.error is not None:
        return f"raised {failure(outcome)}"
    return f"returned {brief(repr(outcome.outputs))}."

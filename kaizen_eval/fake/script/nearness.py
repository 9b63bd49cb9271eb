"""Which rules came near to a request that they did not take, and what differed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from kaizen_eval.amounts import many
from kaizen_eval.errors import ScriptMiss
from kaizen_eval.fake.faults.base import Fault
from kaizen_eval.fake.inquiry import Inquiry
from kaizen_eval.fake.script.script import Rule, Script
from kaizen_eval.fake.script.seen import Seen
from kaizen_eval.fake.script.text_match import Contains, Exactly

__all__ = ["NearMiss", "differences", "miss", "near_misses"]

_MOST = 3
"""Near misses that are told."""
_WORDS = re.compile(r"\w+")


class NearMiss(NamedTuple):
    """A rule that did not take a request."""

    label: str
    differed: str
    """What was wanted and what came."""


def near_misses(request: Inquiry | Seen, script: Script) -> tuple[NearMiss, ...]:
    """The nearest rules that would not take the request, three at most, the nearest first.

    An Inquiry by itself is looked at as the first of its conversation.
    """
    seen = request if isinstance(request, Seen) else Seen(request)
    apart = [(place, list(differences(place, script, seen))) for place in range(len(script.rules))]
    away = [(place, differing) for place, differing in apart if differing]
    nearest = sorted(away, key=lambda pair: _distance(pair[0], pair[1], script, seen))[:_MOST]
    return tuple(NearMiss(script.rules[place].label, "; ".join(differing)) for place, differing in nearest)


def miss(seen: Seen, script: Script) -> ScriptMiss:
    """The error for a request that no rule takes: the nearest rule, and what differed."""
    nearest = near_misses(seen, script)[0]
    request = seen.request
    session = "" if request.session_id is None else f"session {request.session_id!r}, "
    return ScriptMiss(
        f"No rule of the fake is for this request: {seen.user!r} (model {request.model!r}, {session}turn {seen.turn}). "
        f"Nearest: {nearest.label}: {nearest.differed}. Add a rule, or say with `otherwise` what comes then.",
        nearest=nearest.label,
        differed=nearest.differed,
    )


def differences(place: int, script: Script, seen: Seen) -> Iterator[str]:
    """Everything for which a rule does not take a request."""
    rule = script.rules[place]
    failing = list(rule.conditions.failing(seen))
    yield from failing
    if not rule.is_for(seen.inquiry) and not (failing and rule.conditions.wanted("endpoint")):
        yield _elsewhere(rule, seen)
    if rule.steps is not None and seen.step >= rule.steps:
        yield f"it has {many(rule.steps, 'step')}, and this is step {seen.step + 1}"
    nth = rule.conditions.nth
    if not failing and nth is not None and (came := seen.progress.met.get(place, 0) + 1) != nth:
        yield f"nth={nth} was wanted, and this is number {came} of its conversation"
    if not script.has_uses_left(place, seen.progress):
        used = script.used(place, seen.progress)
        times = "once" if used == 1 else f"{used} times"
        whose = " in each conversation" if rule.per == "conversation" else ""
        yield f"used up, it was to be used {times}{whose}"


def _elsewhere(rule: Rule, seen: Seen) -> str:
    if isinstance(rule.action, Fault):
        return "only a stream can go wrong this way, and none is asked for"
    what = seen.inquiry.operation or seen.inquiry.endpoint
    return f"it replies at {' and '.join(sorted(rule.endpoints))}, and this is {what}"


def _distance(place: int, differing: list[str], script: Script, seen: Seen) -> tuple[float, ...]:
    """A rule that is only used up is nearest; then fewer differences, then more words in common, then the order."""
    conditions = script.rules[place].conditions
    failing = len(list(conditions.failing(seen)))
    return (
        failing,
        script.used(place, seen.progress),
        len(differing),
        -_likeness(conditions.wanted("user"), seen),
        place,
    )


def _likeness(wanted: object, seen: Seen) -> float:
    """The share of the wanted words that the user's text holds."""
    if isinstance(wanted, re.Pattern):
        wanted = wanted.pattern
    if isinstance(wanted, Exactly | Contains):
        wanted = wanted.value if isinstance(wanted, Exactly) else wanted.part
    if not isinstance(wanted, str):
        return 0
    words = set(_WORDS.findall(wanted.casefold()))
    return len(words & set(_WORDS.findall(seen.user.casefold()))) / len(words) if words else 0

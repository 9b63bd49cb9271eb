"""The brain: which rule is for a request, and what its action says; pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from kaizen_eval.fake.faults.base import Asked, Fault
from kaizen_eval.fake.inquiry import Inquiry
from kaizen_eval.fake.model import compose
from kaizen_eval.fake.model.completion import Choice as Said
from kaizen_eval.fake.model.completion import Completion
from kaizen_eval.fake.reply import Reply
from kaizen_eval.fake.script.making import GENERATED, Occasion
from kaizen_eval.fake.script.matching import ANY
from kaizen_eval.fake.script.nearness import NearMiss, miss, near_misses
from kaizen_eval.fake.script.script import Action, Rule, Saying, Script
from kaizen_eval.fake.script.seen import Seen
from kaizen_eval.fake.timing.latency import AnyLatency, Latency
from kaizen_eval.fake.timing.pace import Pace
from kaizen_eval.fake.wire.events import WireEvent
from kaizen_eval.messages import Usage

__all__ = ["Choice", "NearMiss", "Outcome", "decide", "met", "miss", "near_misses", "outcome", "words"]


class Choice(NamedTuple):
    """What is to be done with a request."""

    action: Action
    label: str
    occasion: Occasion
    """What a reply may be made from."""
    place: int | None = None
    """Which rule is used up by one; None when none is."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the client meets, and after how long."""

    event: Completion | WireEvent
    label: str
    """"reply", or the fault's name."""
    seconds: float
    """To the response, or to the beginning of a stream."""
    usage: Usage | None
    """What is billed; None when nothing is."""
    text: str
    """What the model says, for the journal."""
    spoiling: Fault | None = None
    """What happens to the response on its way."""


def decide(seen: Seen, script: Script) -> Choice | None:
    """The first rule that matches and has uses left, `otherwise`, or a generated reply; None for a miss."""
    inquiry = seen.inquiry
    for place, rule in enumerate(script.rules):
        if rule.is_for(inquiry) and rule.conditions.hold(seen) and _is_open(place, rule, script, seen):
            return Choice(rule.action, rule.label, Occasion(seen, rule.conditions), place)
    otherwise = script.otherwise
    if otherwise is not None and otherwise.is_for(inquiry):
        return Choice(otherwise.action, otherwise.label, Occasion(seen, ANY))
    if inquiry.endpoint in script.strict and not inquiry.operation:
        return None
    return Choice(GENERATED, "generated", Occasion(seen, ANY))


def met(seen: Seen, script: Script) -> tuple[int, ...]:
    """The places of the rules that count requests, and count this one, whoever takes it."""
    if not script.counting:
        return ()
    rules = ((place, script.rules[place]) for place in script.counting)
    return tuple(place for place, rule in rules if rule.is_for(seen.inquiry) and rule.conditions.hold(seen))


def outcome(  # noqa: PLR0913 - one for each thing that decides what is met
    saying: Saying | Sequence[Reply],
    inquiry: Inquiry,
    *,
    asked: Asked,
    latency: Latency,
    fault: Fault | None = None,
    seed: int = 0,
) -> Outcome:
    """What the client meets when the fake says this: one reply for all choices, or one for each.

    Args:
        saying: what the script says, or what was made up.
        inquiry: the request.
        asked: what a fault may know of it.
        latency: the fake's own.
        fault: what spoils the response on its way.
        seed: the fake's own.
    """
    if isinstance(saying, Fault):
        played = saying.play(asked)
        if not isinstance(played, Reply):
            return Outcome(played, saying.name, _pace(saying.latency, latency, asked).first, None, "")
        return _said((played,), inquiry, asked, _pace(saying.latency, latency, asked), saying.name, seed)
    replies = (saying,) if isinstance(saying, Reply) else tuple(saying)
    if fault is not None:
        replies = tuple(fault.misspeak(reply, inquiry.request) for reply in replies)
        pace = _pace(fault.latency, latency, asked)
        said = _said(replies, inquiry, asked, pace, fault.name, seed)
        return replace(said, spoiling=fault, usage=said.usage if fault.is_billed else None)
    own = replies[0].latency if replies else None
    return _said(replies, inquiry, asked, _pace(own, latency, asked), "reply", seed)


def _said(  # noqa: PLR0913, PLR0917 - one for each thing that a completion is made of
    replies: Sequence[Reply], inquiry: Inquiry, asked: Asked, pace: Pace, label: str, seed: int
) -> Outcome:
    mark = asked.request_id.removeprefix("req_")
    if not replies:
        completion = compose.silent(inquiry, mark=mark, pace=pace)
        return Outcome(completion, label, pace.first, completion.usage, "")
    completion = compose.composed(replies, inquiry, mark=mark, pace=pace, seed=seed, key=asked.key)
    seconds = pace.first if inquiry.request.stream else completion.seconds
    return Outcome(completion, label, seconds, completion.usage, words(completion.choices[0]))


def words(choice: Said) -> str:
    """What is said, for people who read the journal."""
    return choice.text or choice.refusal or " ".join(f"{call.name}({call.arguments})" for call in choice.tool_calls)


def _pace(own: AnyLatency | None, usual: Latency, asked: Asked) -> Pace:
    return (usual if own is None else Latency.of(own)).drawn(asked.key)


def _is_open(place: int, rule: Rule, script: Script, seen: Seen) -> bool:
    """Whether its uses, its steps and its count let the rule take the request."""
    if rule.limit is not None and not script.has_uses_left(place, seen.progress):
        return False
    if rule.steps is not None and seen.step >= rule.steps:
        return False
    nth = rule.conditions.nth
    return nth is None or nth == seen.progress.met.get(place, 0) + 1

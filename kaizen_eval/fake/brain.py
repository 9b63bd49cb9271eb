"""The brain: which rule is for a request, and what its action says; pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from kaizen_eval.errors import ScriptMiss
from kaizen_eval.fake import compose
from kaizen_eval.fake.completion import Choice as Said
from kaizen_eval.fake.completion import Completion
from kaizen_eval.fake.fault import Asked, Fault
from kaizen_eval.fake.inquiry import CONVERSATIONS, Inquiry
from kaizen_eval.fake.latency import Latency
from kaizen_eval.fake.matching import Seen
from kaizen_eval.fake.pace import Pace
from kaizen_eval.fake.reply import Reply
from kaizen_eval.fake.script import Action, Rule, Saying, Script
from kaizen_eval.fake.wire.events import WireEvent
from kaizen_eval.messages import ChatRequest, Usage

__all__ = ["GENERATED", "Choice", "Outcome", "decide", "miss", "outcome"]

GENERATED = "generated"
"""The label of a reply that no rule gave."""


@dataclass(frozen=True, slots=True)
class Choice:
    """What is to be done with a request."""

    action: Action | None
    """None: generate a reply from the request."""
    label: str
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


def decide(inquiry: Inquiry, script: Script) -> Choice | None:
    """The first rule that matches and has uses left, `otherwise`, or a generated reply; None for a miss."""
    seen = Seen(inquiry.request)
    # a rule that another thread is adding has its uses first
    for place, (rule, used) in enumerate(zip(script.rules, script.uses, strict=False)):
        if (rule.limit is None or used < rule.limit) and _is_for(rule, inquiry) and rule.conditions.hold(seen):
            return Choice(rule.action, rule.label, place)
    if script.otherwise is not None and _is_for(script.otherwise, inquiry):
        return Choice(script.otherwise.action, script.otherwise.label)
    return None if script.strict and inquiry.endpoint in CONVERSATIONS else Choice(None, GENERATED)


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
        return replace(_said(replies, inquiry, asked, pace, fault.name, seed), spoiling=fault)
    own = replies[0].latency if replies else None
    return _said(replies, inquiry, asked, _pace(own, latency, asked), "reply", seed)


def miss(request: ChatRequest, script: Script) -> ScriptMiss:
    """The error for a request that no rule takes: the nearest rule, and what differed."""
    seen = Seen(request)
    rule, used = min(zip(script.rules, script.uses, strict=True), key=lambda pair: _distance(pair[0], pair[1], seen))
    return ScriptMiss(
        f"No rule of the fake is for this request: {seen.user!r} (model {request.model!r}, session "
        f"{request.session_id!r}, turn {seen.turn}). Nearest: {rule.label}: {_difference(rule, used, seen)}. "
        "Add a rule, or say what comes .otherwise(…)."
    )


def _said(  # noqa: PLR0913, PLR0917 - one for each thing that a completion is made of
    replies: Sequence[Reply], inquiry: Inquiry, asked: Asked, pace: Pace, label: str, seed: int
) -> Outcome:
    mark = asked.request_id.removeprefix("req_")
    if not replies:
        completion = compose.silent(inquiry, mark=mark, pace=pace)
        return Outcome(completion, label, pace.first, completion.usage, "")
    completion = compose.composed(replies, inquiry, mark=mark, pace=pace, seed=seed)
    seconds = pace.first if inquiry.request.stream else completion.seconds
    return Outcome(completion, label, seconds, completion.usage, _words(completion.choices[0]))


def _words(choice: Said) -> str:
    """What is said, for people who read the journal."""
    return choice.text or choice.refusal or " ".join(f"{call.name}({call.arguments})" for call in choice.tool_calls)


def _pace(own: Latency | float | None, usual: Latency, asked: Asked) -> Pace:
    return (usual if own is None else Latency.of(own)).drawn(asked.request_id)


def _is_for(rule: Rule, inquiry: Inquiry) -> bool:
    """A reply is for conversations, a fault for anything; one that only streams can meet, for those."""
    if not isinstance(rule.action, Fault):
        return inquiry.endpoint in CONVERSATIONS
    return inquiry.request.stream or not rule.action.is_of_streams


def _distance(rule: Rule, used: int, seen: Seen) -> tuple[int, int]:
    """How far a rule is from taking the request: matchers that fail, then uses that are gone."""
    return len(list(rule.conditions.failing(seen))), used


def _difference(rule: Rule, used: int, seen: Seen) -> str:
    failing = "; ".join(rule.conditions.failing(seen))
    times = "once" if used == 1 else f"{used} times"
    return failing or f"used up, it was to be used {times}"

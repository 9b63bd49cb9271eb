"""The brain: which rule is for a request, and what its action says; pure."""

from __future__ import annotations

from dataclasses import dataclass, replace

from kaizen_eval.errors import ScriptMiss
from kaizen_eval.fake.fault import Asked
from kaizen_eval.fake.latency import Latency
from kaizen_eval.fake.matching import Seen
from kaizen_eval.fake.reply import Reply
from kaizen_eval.fake.script import Action, Rule, Saying, Script
from kaizen_eval.fake.wire.events import WireEvent
from kaizen_eval.messages import ChatReply, ChatRequest, Usage
from kaizen_eval.metrics.tokens import estimate, estimate_messages

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

    event: ChatReply | WireEvent
    label: str
    """"reply", or the fault's name."""
    seconds: float
    usage: Usage | None
    """What is billed; None when nothing is."""
    text: str
    """What the model says, for the journal."""


def decide(request: ChatRequest, script: Script) -> Choice | None:
    """The first rule that matches and has uses left, `otherwise`, or a generated reply; None for a miss."""
    seen = Seen(request)
    # a rule that another thread is adding has its uses first
    for place, (rule, used) in enumerate(zip(script.rules, script.uses, strict=False)):
        if (rule.limit is None or used < rule.limit) and rule.conditions.hold(seen):
            return Choice(rule.action, rule.label, place)
    if script.otherwise is not None:
        return Choice(script.otherwise.action, script.otherwise.label)
    return None if script.strict else Choice(None, GENERATED)


def outcome(saying: Saying, request: ChatRequest, *, asked: Asked, latency: Latency) -> Outcome:
    """What the client meets when the fake says this."""
    if isinstance(saying, Reply):
        return _replied(saying, "reply", request, asked, saying.latency or latency)
    latency = latency if saying.latency is None else Latency.of(saying.latency)
    played = saying.play(asked)
    if isinstance(played, Reply):
        return _replied(played, saying.name, request, asked, latency)
    return Outcome(played, saying.name, latency.seconds(0), None, "")


def miss(request: ChatRequest, script: Script) -> ScriptMiss:
    """The error for a request that no rule takes: the nearest rule, and what differed."""
    seen = Seen(request)
    rule, used = min(zip(script.rules, script.uses, strict=True), key=lambda pair: _distance(pair[0], pair[1], seen))
    return ScriptMiss(
        f"No rule of the fake is for this request: {seen.user!r} (model {request.model!r}, session "
        f"{request.session_id!r}, turn {seen.turn}). Nearest: {rule.label}: {_difference(rule, used, seen)}. "
        "Add a rule, or say what comes .otherwise(…)."
    )


def _replied(reply: Reply, label: str, request: ChatRequest, asked: Asked, latency: Latency) -> Outcome:
    spoken = reply.text or reply.refusal or ""
    usage = reply.usage or _estimated(reply, spoken, request)
    mark = asked.request_id.removeprefix("req_")
    calls = tuple(
        call if call.id else replace(call, id=f"call_{mark}_{index}") for index, call in enumerate(reply.tool_calls)
    )
    event = ChatReply(
        text=reply.text,
        tool_calls=calls,
        finish_reason=reply.finish_reason,
        refusal=reply.refusal,
        usage=usage,
        model=request.model,
        id=f"chatcmpl-{mark}",
    )
    text = spoken or " ".join(f"{call.name}({call.arguments})" for call in calls)
    return Outcome(event, label, latency.seconds(usage.completion), usage, text)


def _estimated(reply: Reply, spoken: str, request: ChatRequest) -> Usage:
    called = sum(estimate(call.name + call.arguments) for call in reply.tool_calls)
    return Usage(prompt=estimate_messages(request.messages), completion=estimate(spoken) + called)


def _distance(rule: Rule, used: int, seen: Seen) -> tuple[int, int]:
    """How far a rule is from taking the request: matchers that fail, then uses that are gone."""
    return len(list(rule.conditions.failing(seen))), used


def _difference(rule: Rule, used: int, seen: Seen) -> str:
    failing = "; ".join(rule.conditions.failing(seen))
    times = "once" if used == 1 else f"{used} times"
    return failing or f"used up, it was to be used {times}"

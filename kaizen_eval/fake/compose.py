"""Composes a completion: a reply of the script, fitted to what the request asks for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from kaizen_eval.fake.completion import Choice, Completion
from kaizen_eval.fake.inquiry import Inquiry
from kaizen_eval.fake.latency import Latency
from kaizen_eval.fake.reply import Reply
from kaizen_eval.messages import ChatRequest, Usage
from kaizen_eval.metrics.tokens import encoding_of, estimate, estimate_messages

__all__ = ["composed", "silent"]


def composed(replies: Sequence[Reply], inquiry: Inquiry, *, mark: str, pace: Latency) -> Completion:
    """What is said: one reply for all choices, or one for each; `mark` is what the ids hold."""
    request = inquiry.request
    choices = tuple(_choice(replies[index % len(replies)], mark, index) for index in range(inquiry.choices))
    return Completion(
        mark=mark,
        choices=choices,
        model=request.model,
        usage=replies[0].usage or _estimated(choices, request),
        encoding=encoding_of(request.model),
        pace=pace,
    )


def silent(inquiry: Inquiry, *, mark: str, pace: Latency) -> Completion:
    """The answer of an endpoint where no model speaks."""
    usage = Usage(prompt=estimate_messages(inquiry.request.messages))
    return Completion(mark=mark, choices=(), model=inquiry.request.model, usage=usage, pace=pace)


def _choice(reply: Reply, mark: str, index: int) -> Choice:
    place = f"{index}_" if index else ""
    calls = tuple(
        call if call.id else replace(call, id=f"call_{mark}_{place}{number}")
        for number, call in enumerate(reply.tool_calls)
    )
    return Choice(text=reply.text, tool_calls=calls, refusal=reply.refusal, finish_reason=reply.finish_reason)


def _estimated(choices: Sequence[Choice], request: ChatRequest) -> Usage:
    called = sum(estimate(call.name + call.arguments) for choice in choices for call in choice.tool_calls)
    spoken = sum(estimate(choice.text or choice.refusal or "") for choice in choices)
    return Usage(prompt=estimate_messages(request.messages), completion=spoken + called)

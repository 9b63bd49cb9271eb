"""Improvises: what the fake says where no rule replies, one reply for each choice that is asked for."""

from __future__ import annotations

from kaizen_eval.fake import generate
from kaizen_eval.fake.generation.source import Source
from kaizen_eval.fake.inquiry import Inquiry
from kaizen_eval.fake.model.offers import Offer, offers
from kaizen_eval.fake.reply import Reply
from kaizen_eval.messages import ChatRequest

__all__ = ["replies"]

_MOST_CALLS = 3
"""At once."""


def replies(inquiry: Inquiry, *, seed: int, attempt: int) -> tuple[Reply, ...]:
    """A function of the seed, the attempt and the request.

    Where tools are offered it calls some of them, until the conversation holds a result that is newer than the last
    user message; then it answers, so that every loop over tools ends. A request that demands a call always gets one.

    Raises:
        ScriptError: nothing fits the schema of the reply, or of a tool's arguments.
    """
    count = inquiry.choices
    return tuple(_reply(inquiry, seed, attempt * count + index) for index in range(count))


def _reply(inquiry: Inquiry, seed: int, attempt: int) -> Reply:
    """The choices of one request differ from each other as its attempts do."""
    request = inquiry.request
    offered = offers(request.tools, inquiry.only_tools) if request.tools and inquiry.tool_choice != "none" else ()
    if not offered or (inquiry.tool_choice == "auto" and _is_answered(request)):
        return Reply(generate.text(request, seed=seed, attempt=attempt))
    source = Source.of(generate.key_of(request, seed), attempt=attempt)
    most = min(len(offered), _MOST_CALLS) if inquiry.parallel_tool_calls else 1
    return Reply(tool_calls=[offer.call(source) for offer in _picked(offered, most, source)])


def _is_answered(request: ChatRequest) -> bool:
    """Whether a tool's result came after the last user message."""
    for message in reversed(request.messages):
        if message.role in ("tool", "user"):
            return message.role == "tool"
    return False


def _picked(offered: tuple[Offer, ...], most: int, source: Source) -> list[Offer]:
    """Some of them, each once."""
    left = list(offered)
    return [left.pop(source.below(len(left))) for _ in range(source.between(1, most))]

"""Composes a completion: a reply of the script, fitted to what the request asks for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from hashlib import blake2b
from typing import NamedTuple

from kaizen_eval.fake.inquiry import CONVERSATIONS, Inquiry
from kaizen_eval.fake.model.attached import attached_tokens
from kaizen_eval.fake.model.completion import Choice, Completion
from kaizen_eval.fake.model.cutting import Allowance
from kaizen_eval.fake.model.reasoning import reasoning_tokens
from kaizen_eval.fake.reply import Reply
from kaizen_eval.fake.timing.pace import Pace
from kaizen_eval.messages import ToolCall, Usage
from kaizen_eval.metrics.tokens import LEAST_CACHED, Encoding, cached_tokens, encoding_of, prompt_tokens

__all__ = ["composed", "fingerprint", "silent"]

_LONGEST_PLACE = 31
"""Characters of whose call it is in a call's id."""


class _Place(NamedTuple):
    """Which choice of which completion is made."""

    mark: str
    key: str
    number: int


def composed(  # noqa: PLR0913 - one for each thing that it is made of
    replies: Sequence[Reply], inquiry: Inquiry, *, mark: str, pace: Pace, seed: int = 0, key: str = ""
) -> Completion:
    """What is said: one reply for all choices, or one for each.

    A reply ends where the request's `max_tokens` are used up, reasoning included, or before its first stop sequence,
    as the real service ends it; arguments that are cut stay broken JSON. Where a reply says what is billed, it is.

    Args:
        replies: of the script, or made up.
        inquiry: the request.
        mark: what the ids hold.
        pace: when the tokens come.
        seed: the fake's own, for the fingerprint.
        key: how long is thought depends on it; `mark`, where none is given.
    """
    request = inquiry.request
    encoding = encoding_of(request.model)
    made = [
        _choice(replies[index % len(replies)], inquiry, encoding, _Place(mark, key or mark, index))
        for index in range(inquiry.choices)
    ]
    return Completion(
        mark=mark,
        choices=tuple(choice for choice, _ in made),
        model=request.model,
        usage=replies[0].usage or _usage(made, inquiry, encoding),
        fingerprint=fingerprint(request.model, seed, request.seed),
        encoding=encoding,
        pace=pace,
    )


def silent(inquiry: Inquiry, *, mark: str, pace: Pace) -> Completion:
    """The answer of an endpoint where no model speaks; what it reads is billed, and nothing around it."""
    encoding = encoding_of(inquiry.request.model)
    usage = Usage(prompt=_read(inquiry, encoding))
    return Completion(mark=mark, choices=(), model=inquiry.request.model, usage=usage, encoding=encoding, pace=pace)


@lru_cache(maxsize=256)
def fingerprint(model: str | None, seed: int, asked: int | None) -> str:
    """A backend as OpenAI names it: another fake, another model or another seed asked for is another one."""
    return "fp_" + blake2b(repr((model, seed, asked)).encode(), digest_size=5).hexdigest()


def _choice(reply: Reply, inquiry: Inquiry, encoding: Encoding, place: _Place) -> tuple[Choice, int]:
    """A choice, and how many tokens it took."""
    request = inquiry.request
    allowance = Allowance(encoding, request.max_tokens, request.stop)
    reasoning = allowance.reason(_wanted(reply, inquiry, place))
    text, refusal = allowance.say(reply.text), allowance.say(reply.refusal)
    calls = allowance.call(reply.tool_calls)
    if allowance.ended == "length" and not (text or refusal or calls):
        text, refusal = "", None
    choice = Choice(
        text=text,
        tool_calls=_identified(calls, place),
        refusal=refusal,
        finish_reason=allowance.ended or reply.finish_reason,
        reasoning=reasoning,
    )
    return choice, reasoning + allowance.taken


def _wanted(reply: Reply, inquiry: Inquiry, place: _Place) -> int:
    """How long it would think."""
    if reply.usage is not None:
        return reply.usage.reasoning
    return reasoning_tokens(inquiry.request.model, inquiry.reasoning_effort, key=f"{place.key} {place.number}")


def _identified(calls: tuple[ToolCall, ...], place: _Place) -> tuple[ToolCall, ...]:
    """With ids that the service takes back: it refuses those of more than 40 characters."""
    if not calls:
        return calls
    whole = f"{place.mark}_{place.number}" if place.number else place.mark
    kept = whole[-_LONGEST_PLACE:]
    return tuple(call if call.id else replace(call, id=f"call_{kept}_{number}") for number, call in enumerate(calls))


def _usage(made: Sequence[tuple[Choice, int]], inquiry: Inquiry, encoding: Encoding) -> Usage:
    if inquiry.endpoint not in CONVERSATIONS:
        return Usage(prompt=_read(inquiry, encoding))
    prompt = _read(inquiry, encoding)
    return Usage(
        prompt=prompt,
        completion=sum(tokens for _, tokens in made),
        cached=0 if prompt < LEAST_CACHED else cached_tokens(inquiry.request, encoding),
        reasoning=sum(choice.reasoning for choice, _ in made),
    )


def _read(inquiry: Inquiry, encoding: Encoding) -> int:
    """What is billed for the prompt."""
    if inquiry.prompt_tokens is not None:
        return inquiry.prompt_tokens
    if inquiry.endpoint in CONVERSATIONS:
        return prompt_tokens(
            inquiry.request, encoding, extra=attached_tokens(inquiry.attachments, inquiry.request.model)
        )
    return sum(encoding.count(message.content) for message in inquiry.request.messages)

"""Completion: what the model says to one request, before a codec writes it for the wire."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from kaizen_eval.fake.model.cutting import tokens_of_name
from kaizen_eval.fake.model.logprobs import TokenLogprob, token_logprobs
from kaizen_eval.fake.timing.pace import AT_ONCE, Pace
from kaizen_eval.messages import ChatReply, FinishReason, ToolCall, Usage
from kaizen_eval.metrics.tokens import ESTIMATE, Encoding

__all__ = ["CREATED", "Choice", "Completion", "Part", "Spoken"]

CREATED = 1_735_689_600
"""When every completion of the fake was made, in seconds since the epoch: the same in each run."""
_FREE = Usage()


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """One of the answers to a request; most have one."""

    text: str | None = None
    tool_calls: tuple[ToolCall, ...] = ()
    refusal: str | None = None
    finish_reason: FinishReason = "stop"
    reasoning: int = 0
    """How many tokens it thinks before the first one that it says."""


class Part(NamedTuple):
    """What one field of a choice says, in tokens."""

    tokens: tuple[bytes, ...]
    start: int
    """How many tokens of the choice come before, its reasoning included; see `Completion.due`."""


class Spoken(NamedTuple):
    """The tokens of a choice, in the order in which they come."""

    text: Part
    refusal: Part
    arguments: tuple[Part, ...]
    """For each tool call; its name's tokens come right before them."""
    total: int
    """All of them, with the names of tools, without reasoning."""


@dataclass(frozen=True, kw_only=True)
class Completion:
    """All that a response or a stream is written from; where nothing is said, such as for embeddings, no choices.

    Without slots, so that its tokens are counted off once, and only where somebody reads them.
    """

    mark: str
    """What the ids of the response hold, in hexadecimal."""
    choices: tuple[Choice, ...]
    model: str | None = None
    usage: Usage = _FREE
    created: int = CREATED
    """Seconds since the epoch."""
    fingerprint: str = "fp_0000000000"
    """OpenAI's `system_fingerprint`: the same for one fake, model and seed of the request."""
    encoding: Encoding = ESTIMATE
    """How its texts fall into tokens."""
    pace: Pace = AT_ONCE
    """When its tokens come; a response that is whole comes with its last one."""

    @cached_property
    def spoken(self) -> tuple[Spoken, ...]:
        """The tokens of each choice."""
        return tuple(_spoken(choice, self.encoding) for choice in self.choices)

    def due(self, position: int) -> float:
        """Seconds from the head of a stream to the token at this position of its choice: `Part.start` + its index."""
        return position * self.pace.per_token

    @property
    def seconds(self) -> float:
        """To a response that is whole: choices are made side by side, and the longest one counts."""
        if len(self.choices) < 2:
            return self.pace.seconds(self.usage.completion)
        if not self.pace.per_token:
            return self.pace.first
        spoken = zip(self.choices, self.spoken, strict=True)
        return self.pace.seconds(max(choice.reasoning + said.total for choice, said in spoken))

    def logprobs(self, index: int, top: int) -> tuple[tuple[TokenLogprob, ...], tuple[TokenLogprob, ...]]:
        """Of each token of a choice's text and of its refusal, with so many alternatives."""
        said, key = self.spoken[index], f"{self.mark} {index}"
        text = token_logprobs(said.text.tokens, key=key, top=top)
        return text, token_logprobs(said.refusal.tokens, key=f"{key} refusal", top=top)

    def reply(self) -> ChatReply:
        """Its first choice, as our provider reads it."""
        choice = self.choices[0]
        return ChatReply(
            text=choice.text,
            tool_calls=choice.tool_calls,
            finish_reason=choice.finish_reason,
            refusal=choice.refusal,
            usage=self.usage,
            model=self.model,
            id=f"chatcmpl-{self.mark}",
        )


def _spoken(choice: Choice, encoding: Encoding) -> Spoken:
    text = Part(encoding.split(choice.text or ""), choice.reasoning)
    refusal = Part(encoding.split(choice.refusal or ""), choice.reasoning + len(text.tokens))
    arguments, position = [], refusal.start + len(refusal.tokens)
    for call in choice.tool_calls:
        position += tokens_of_name(call, encoding)
        arguments.append(Part(encoding.split(call.arguments), position))
        position += len(arguments[-1].tokens)
    return Spoken(text, refusal, tuple(arguments), position - choice.reasoning)

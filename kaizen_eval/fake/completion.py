"""Completion: what the model says to one request, before a codec writes it for the wire."""

from __future__ import annotations

from dataclasses import dataclass

from kaizen_eval.fake.latency import NO_LATENCY, Latency
from kaizen_eval.messages import ChatReply, FinishReason, ToolCall, Usage
from kaizen_eval.metrics.tokens import ESTIMATE, Encoding

__all__ = ["CREATED", "Choice", "Completion"]

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Completion:
    """All that a response or a stream is written from; where nothing is said, such as for embeddings, no choices."""

    mark: str
    """What the ids of the response hold, in hexadecimal."""
    choices: tuple[Choice, ...]
    model: str | None = None
    usage: Usage = _FREE
    created: int = CREATED
    """Seconds since the epoch."""
    encoding: Encoding = ESTIMATE
    """How its texts fall into tokens."""
    pace: Latency = NO_LATENCY
    """When its tokens come; a response that is whole comes with its last one."""

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

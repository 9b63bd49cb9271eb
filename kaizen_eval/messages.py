"""What is said to a model and what it says back: plain frozen data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = [
    "ChatDelta",
    "ChatReply",
    "ChatRequest",
    "FinishReason",
    "Message",
    "OutputMode",
    "Role",
    "ToolCall",
    "ToolCallDelta",
    "Usage",
]

Role = Literal["system", "user", "assistant", "tool"]
FinishReason = Literal["stop", "length", "content_filter", "tool_calls"]
OutputMode = Literal["schema", "json", "text"]


@dataclass(frozen=True, slots=True)
class ToolCall:
    """One tool that the model asks to run."""

    id: str
    name: str
    arguments: str
    """JSON text, as the model wrote it: it may be broken."""


@dataclass(frozen=True, slots=True)
class Message:
    """One message of a conversation."""

    role: Role
    content: str
    tool_calls: tuple[ToolCall, ...] = ()
    """Only on an assistant's message."""
    tool_call_id: str | None = None
    """Only on a tool's message: the call that it answers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatRequest:
    """One question to a model. A setting that is None is left to the provider."""

    model: str | None
    messages: tuple[Message, ...]
    output_schema: Mapping[str, Any] | None = None
    """The strict JSON Schema that the reply must fit; sent when `output_mode` is "schema"."""
    output_mode: OutputMode = "text"
    """"schema": strict JSON Schema; "json": any JSON object; "text": whatever the prompt says."""
    tools: tuple[Mapping[str, Any], ...] = ()
    """Function tools in the shape of OpenAI's `tools`."""
    temperature: float | None = None
    top_p: float | None = None
    max_tokens: int | None = None
    seed: int | None = None
    stop: tuple[str, ...] = ()
    stream: bool = False
    session_id: str | None = None
    """For the journal alone: never in the prompt, never sent to a real service."""
    agent_id: str | None = None
    """For the journal alone: never in the prompt, never sent to a real service."""


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens that were billed."""

    prompt: int = 0
    completion: int = 0
    cached: int = 0
    """The part of `prompt` that was read from the provider's cache."""
    reasoning: int = 0
    """The part of `completion` that was spent on reasoning."""

    @property
    def total(self) -> int:
        return self.prompt + self.completion

    def __add__(self, other: Usage) -> Usage:
        return Usage(
            self.prompt + other.prompt,
            self.completion + other.completion,
            self.cached + other.cached,
            self.reasoning + other.reasoning,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatReply:
    """What a model answered, before anything is made of it."""

    text: str | None
    tool_calls: tuple[ToolCall, ...] = ()
    finish_reason: FinishReason = "stop"
    refusal: str | None = None
    usage: Usage = Usage()
    model: str | None = None
    """The model that answered, as the provider names it."""
    id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolCallDelta:
    """A part of one tool call, as a stream brings it."""

    index: int
    """Which call of the reply, from 0."""
    id: str | None = None
    """Comes once, with the first part."""
    name: str | None = None
    """Comes once, with the first part."""
    arguments: str = ""
    """The next characters of the JSON text."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatDelta:
    """A part of a reply, as a stream brings it. What is None or empty came in another part, or did not come."""

    text: str = ""
    tool_calls: tuple[ToolCallDelta, ...] = ()
    refusal: str = ""
    finish_reason: FinishReason | None = None
    """Of the last part that says something."""
    usage: Usage | None = None
    """Comes once, after all else."""
    model: str | None = None
    id: str | None = None

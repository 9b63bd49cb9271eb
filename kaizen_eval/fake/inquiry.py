"""Inquiry: one request to the fake, through whatever door, to whatever endpoint."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from kaizen_eval.messages import ChatRequest

__all__ = ["CONVERSATIONS", "ENDPOINTS", "Attachment", "EndpointName", "Inquiry", "ToolChoice"]

EndpointName = Literal["chat", "responses", "embeddings", "moderations", "models"]
ENDPOINTS: tuple[EndpointName, ...] = ("chat", "responses", "embeddings", "moderations", "models")
CONVERSATIONS: frozenset[EndpointName] = frozenset({"chat", "responses"})
"""Where a model says something."""
ToolChoice = Literal["auto", "none", "required"]


@dataclass(frozen=True, slots=True)
class Attachment:
    """What a message holds besides text: for those who count tokens, as the model says nothing of it."""

    kind: Literal["image", "audio", "file"]
    source: str
    """A URL, data in base64, or the id of a file, as it was sent."""
    detail: str = ""
    """Of an image how closely it is looked at, of audio the format, of a file its name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Inquiry:
    """A request, decoded; the direct door leaves all but `request` as it is."""

    request: ChatRequest
    """At an endpoint that is no conversation, what is asked about stands as user messages."""
    endpoint: EndpointName | Literal[""] = "chat"
    """Empty where the path of a request that is refused leads to none."""
    operation: str = ""
    """What else than creating is asked of the endpoint, such as "retrieve"."""
    body: Mapping[str, Any] | None = None
    """The JSON that came; None at the direct door, where `request` is all there is."""
    headers: Mapping[str, str] = field(default_factory=dict)
    """Names in lower case; never the key."""
    choices: int = 1
    logprobs: int | None = None
    """How many alternatives to each token are asked for; None when no probabilities are."""
    include_usage: bool = False
    """Whether a stream ends with what it cost."""
    tool_choice: ToolChoice = "auto"
    only_tools: tuple[str, ...] = ()
    """The tools that may be called; none named means all that are offered."""
    parallel_tool_calls: bool = True
    reasoning_effort: str | None = None
    attachments: tuple[Attachment, ...] = ()
    """Of all messages, in order."""
    prompt_tokens: int | None = None
    """What is billed where no model speaks; None: the tokens of the messages."""
    run_id: str | None = None
    """The agent's run in which it is asked, where the client says it; the direct door need not."""
    items: tuple[Mapping[str, Any], ...] = ()
    """At "responses": the whole conversation, earlier responses included, as its items."""

    @property
    def speaks(self) -> bool:
        """Whether a model is to say something: a conversation, of which nothing else is asked."""
        return self.endpoint in CONVERSATIONS and not self.operation

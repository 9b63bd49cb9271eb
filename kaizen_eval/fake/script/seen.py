"""Seen: what rules look at in one request; each thing is worked out when a rule first asks for it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kaizen_eval.fake.generation.source import Source
from kaizen_eval.fake.inquiry import Inquiry
from kaizen_eval.fake.script.progress import FRESH, Progress
from kaizen_eval.llm.wire import encode_request

__all__ = ["Seen"]

_FINE = 1 << 53
"""How finely chance is drawn: as finely as a float can tell."""


class Seen:
    """One request, in its conversation.

    Args:
        inquiry: the request.
        question: the digest of what is asked, the fake's seed included.
        attempt: how often its conversation asked the same before.
        progress: how far its conversation has come.
    """

    __slots__ = ("_body", "_system", "_turn", "_user", "attempt", "inquiry", "progress", "question", "request", "state")

    def __init__(
        self, inquiry: Inquiry, *, question: bytes = b"", attempt: int = 0, progress: Progress = FRESH
    ) -> None:
        self.inquiry = inquiry
        self.request = inquiry.request
        self.question = question
        self.attempt = attempt
        self.progress = progress
        self.state = progress.state
        """As it was before the request."""
        self._body: Mapping[str, Any] | None = inquiry.body
        self._user: str | None = None
        self._system: str | None = None
        self._turn: int | None = None

    @property
    def user(self) -> str:
        """The last user message."""
        if self._user is None:
            self._user = next((m.content for m in reversed(self.request.messages) if m.role == "user"), "")
        return self._user

    @property
    def system(self) -> str:
        if self._system is None:
            self._system = "\n".join(m.content for m in self.request.messages if m.role == "system")
        return self._system

    @property
    def turn(self) -> int:
        """Which user message of the conversation, as far as the request shows it, from 1."""
        if self._turn is None:
            self._turn = sum(message.role == "user" for message in self.request.messages)
        return self._turn

    @property
    def step(self) -> int:
        """How often the model has spoken since, from 0; messages of its own that follow one another are one step."""
        steps, next_role = 0, ""
        for message in reversed(self.request.messages):
            if message.role == "user":
                break
            steps += message.role == "assistant" and next_role != "assistant"
            next_role = message.role
        return steps

    @property
    def tool_result(self) -> str | None:
        """What the tools said just now; None when the last message is no tool's."""
        results: list[str] = []
        for message in reversed(self.request.messages):
            if message.role != "tool":
                break
            results.append(message.content)
        return "\n".join(reversed(results)) if results else None

    @property
    def tools(self) -> list[str]:
        """The names of the tools that are offered."""
        defined = (tool.get("function") or tool.get("custom") or tool for tool in self.request.tools)
        return [str(tool.get("name", "")) for tool in defined]

    @property
    def body(self) -> Mapping[str, Any]:
        """The JSON that came; at the direct door, what our client would send."""
        if self._body is None:
            self._body = encode_request(self.request)
        return self._body

    def source(self, label: str) -> Source:
        """Choices that depend on the seed, on what is asked and on how often, and on nothing else."""
        return Source.of(f"{self.question.hex()} {label}", attempt=self.attempt)

    def chance(self, label: str) -> float:
        """A number in [0, 1), drawn like `source`; each attempt draws anew."""
        return Source.of(f"{self.question.hex()} {self.attempt} {label}").below(_FINE) / _FINE

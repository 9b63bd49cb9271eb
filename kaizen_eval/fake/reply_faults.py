"""Faults of the model: well-formed completions that hold no usable answer. They are billed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from kaizen_eval.fake.fault import Asked, Fault, check_text
from kaizen_eval.fake.reply import Reply, canonical_json
from kaizen_eval.messages import ToolCall

__all__ = ["ContentFilter", "Empty", "Length", "Malformed", "Refusal", "ToolCallOnly"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Empty(Fault):
    name: ClassVar[str] = "empty"

    text: str | None = ""

    def check(self) -> None:
        check_text(self, "text", self.text, or_none=True)

    def play(self, asked: Asked) -> Reply:  # noqa: ARG002 - the same for every request
        return Reply(self.text)


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal(Fault):
    name: ClassVar[str] = "refusal"

    message: str = "I'm sorry, but I can't help with that request."

    def check(self) -> None:
        check_text(self, "message", self.message)

    def play(self, asked: Asked) -> Reply:  # noqa: ARG002 - the same for every request
        return Reply(refusal=self.message)


@dataclass(frozen=True, slots=True, kw_only=True)
class ContentFilter(Fault):
    name: ClassVar[str] = "content_filter"

    text: str | None = None

    def check(self) -> None:
        check_text(self, "text", self.text, or_none=True)

    def play(self, asked: Asked) -> Reply:  # noqa: ARG002 - the same for every request
        return Reply(self.text, finish_reason="content_filter")


@dataclass(frozen=True, slots=True, kw_only=True)
class Length(Fault):
    name: ClassVar[str] = "length"

    text: str = '{"answer": "The capital of'

    def check(self) -> None:
        check_text(self, "text", self.text)

    def play(self, asked: Asked) -> Reply:  # noqa: ARG002 - the same for every request
        return Reply(self.text, finish_reason="length")


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolCallOnly(Fault):
    name: ClassVar[str] = "tool_call_only"

    tool: str = "lookup"
    arguments: str | Mapping[str, Any] = "{}"
    """JSON text, or a mapping that becomes one."""

    def check(self) -> None:
        check_text(self, "tool", self.tool)
        self._json()

    def play(self, asked: Asked) -> Reply:  # noqa: ARG002 - the same for every request
        return Reply(tool_calls=(ToolCall("", self.tool, self._json()),))

    def _json(self) -> str:
        return self.arguments if isinstance(self.arguments, str) else canonical_json(self.arguments)


@dataclass(frozen=True, slots=True, kw_only=True)
class Malformed(Fault):
    name: ClassVar[str] = "malformed"

    text: str = "Let me think about that for a moment."

    def check(self) -> None:
        check_text(self, "text", self.text)

    def play(self, asked: Asked) -> Reply:  # noqa: ARG002 - the same for every request
        return Reply(self.text)

"""Faults of the model: well-formed completions that hold no usable answer. They are billed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from kaizen_eval.fake.faults.base import Asked, Fault, Spoiler, check_choice, check_text
from kaizen_eval.fake.faults.malformed import KINDS, malformed
from kaizen_eval.fake.reply import Reply, canonical_json
from kaizen_eval.messages import ChatRequest, ToolCall

__all__ = ["FAULTS", "ContentFilter", "Empty", "Length", "Malformed", "Refusal", "ToolCallOnly"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Empty(Fault):
    """A reply without text."""

    name: ClassVar[str] = "empty"
    is_of_words: ClassVar[bool] = True

    text: str | None = ""

    def check(self) -> None:
        check_text(self, "text", self.text, or_none=True)

    def play(self, asked: Asked) -> Reply:  # noqa: ARG002 - the same for every request
        return Reply(self.text)


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal(Fault):
    """A reply that refuses."""

    name: ClassVar[str] = "refusal"
    is_of_words: ClassVar[bool] = True

    message: str = "I'm sorry, but I can't help with that request."

    def check(self) -> None:
        check_text(self, "message", self.message)

    def play(self, asked: Asked) -> Reply:  # noqa: ARG002 - the same for every request
        return Reply(refusal=self.message)


@dataclass(frozen=True, slots=True, kw_only=True)
class ContentFilter(Fault):
    """A reply that the provider withheld, finish reason `content_filter`."""

    name: ClassVar[str] = "content_filter"
    is_of_words: ClassVar[bool] = True

    text: str | None = None

    def check(self) -> None:
        check_text(self, "text", self.text, or_none=True)

    def play(self, asked: Asked) -> Reply:  # noqa: ARG002 - the same for every request
        return Reply(self.text, finish_reason="content_filter")


@dataclass(frozen=True, slots=True, kw_only=True)
class Length(Fault):
    """A reply cut at the token limit, finish reason `length`."""

    name: ClassVar[str] = "length"
    is_of_words: ClassVar[bool] = True

    text: str = '{"answer": "The capital of'

    def check(self) -> None:
        check_text(self, "text", self.text)

    def play(self, asked: Asked) -> Reply:  # noqa: ARG002 - the same for every request
        return Reply(self.text, finish_reason="length")


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolCallOnly(Fault):
    """A tool call, and no text."""

    name: ClassVar[str] = "tool_call_only"
    is_of_words: ClassVar[bool] = True

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
class Malformed(Spoiler):
    """A reply whose text does not fit: prose, or what was meant, malformed in one of many kinds."""

    name: ClassVar[str] = "malformed"
    is_of_words: ClassVar[bool] = True

    kind: str | None = None
    """What is wrong with the reply that was meant; see `kaizen_eval.fake.faults.malformed.KINDS`."""
    text: str = "Let me think about that for a moment."
    """What stands instead of a reply where no kind is given."""

    def check(self) -> None:
        check_text(self, "text", self.text)
        Spoiler.check(self)
        if self.kind is not None:
            check_choice(self, "kind", self.kind, KINDS)

    def given(self) -> Reply | None:
        return Reply(self.text) if self.kind is None else Spoiler.given(self)

    def misspeak(self, reply: Reply, request: ChatRequest) -> Reply:
        if self.kind is None:
            return reply
        return Reply(malformed(self.kind, reply.text, request.output_schema))


FAULTS: tuple[type[Fault], ...] = (Empty, Refusal, ContentFilter, Length, ToolCallOnly, Malformed)
"""In the order of the documents."""

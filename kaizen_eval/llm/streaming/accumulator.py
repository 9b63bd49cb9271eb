"""Accumulator: the parts of a reply put together."""

from __future__ import annotations

from dataclasses import dataclass, field

from kaizen_eval.errors import BadResponse
from kaizen_eval.llm.streaming.pairs import paired
from kaizen_eval.messages import ChatDelta, ChatReply, FinishReason, ToolCall, ToolCallDelta, Usage

__all__ = ["Accumulator"]


@dataclass(slots=True)
class _Call:
    id: str | None = None
    name: str | None = None
    arguments: list[str] = field(default_factory=list)

    def made(self) -> ToolCall:
        return ToolCall(self.id or "", self.name or "", paired("".join(self.arguments)))


class Accumulator:
    """Takes deltas in the order in which they come; at any time it tells what they make so far."""

    def __init__(self) -> None:
        self._has_begun = False
        self._texts: list[str] = []
        self._refusals: list[str] = []
        self._calls: dict[int, _Call] = {}
        self._finish_reason: FinishReason | None = None
        self._usage: Usage | None = None
        self._model: str | None = None
        self._id: str | None = None

    @property
    def text(self) -> str:
        return "".join(self._texts)

    @property
    def received(self) -> str | None:
        """The text so far, for errors; None while the reply has not begun."""
        return self.text if self._has_begun else None

    @property
    def refusal(self) -> str:
        return "".join(self._refusals)

    @property
    def tool_calls(self) -> tuple[ToolCall, ...]:
        """By their index; the arguments of those that are not complete are broken JSON."""
        return tuple(call.made() for _, call in sorted(self._calls.items()))

    @property
    def has_begun(self) -> bool:
        """Whether anything has come, be it that the model has begun: from then on its work is billed."""
        return self._has_begun

    @property
    def has_ended(self) -> bool:
        """Whether it has been said why the reply ended."""
        return self._finish_reason is not None

    @property
    def usage(self) -> Usage | None:
        """What the provider says; None while it has not."""
        return self._usage

    @property
    def model(self) -> str | None:
        """The model that answers, as the provider names it."""
        return self._model

    def add(self, delta: ChatDelta) -> None:
        """Raises:
        BadResponse: parts of different calls come as parts of one.
        """
        self._has_begun = True
        if delta.text:
            self._texts.append(delta.text)
        if delta.refusal:
            self._refusals.append(delta.refusal)
        for part in delta.tool_calls:
            self._add_call(part)
        self._finish_reason = delta.finish_reason or self._finish_reason
        self._usage = delta.usage or self._usage
        self._model = self._model or delta.model
        self._id = self._id or delta.id

    def check(self) -> None:
        """Raises:
        BadResponse: a call lacks its id or its name, although all parts are in.
        """
        if any(call.id is None or call.name is None for call in self._calls.values()):
            raise self._bad("a tool call without an id or a name")

    def reply(self) -> ChatReply:
        """The reply, once all parts are in; raises as `check`."""
        self.check()
        return ChatReply(
            text=self.text or None,
            tool_calls=self.tool_calls,
            finish_reason=self._finish_reason or "stop",
            refusal=self.refusal or None,
            usage=self._usage or Usage(),
            model=self._model,
            id=self._id,
        )

    def _add_call(self, part: ToolCallDelta) -> None:
        call = self._calls.setdefault(part.index, _Call())
        if part.id is not None and call.id not in {None, part.id}:
            raise self._bad("the parts of two tool calls under one index")
        call.id = call.id or part.id
        call.name = call.name or part.name
        if part.arguments:
            call.arguments.append(part.arguments)

    def _bad(self, came: str) -> BadResponse:
        return BadResponse(f"The stream of the reply holds {came}.", received=self.received)

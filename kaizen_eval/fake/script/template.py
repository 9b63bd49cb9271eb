"""Template: a reply whose texts are filled in from the request."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from kaizen_eval.errors import ScriptError
from kaizen_eval.fake.reply import Reply
from kaizen_eval.fake.script import placeholders
from kaizen_eval.fake.script.making import Making, Occasion
from kaizen_eval.fake.script.matching import Conditions
from kaizen_eval.fake.timing.latency import AnyLatency
from kaizen_eval.messages import FinishReason, ToolCall, Usage

__all__ = ["Template"]

_FILLED = ("text", "data", "tool_calls", "refusal")


@dataclass(frozen=True, slots=True, init=False)
class Template(Making):
    """A Reply with `{{ name }}` in its texts; in data and arguments, in every text of the JSON value.

    Names: user, system, model, endpoint, turn, step, session, state, tool_result, body.…, header.…, match.….
    """

    parts: tuple[tuple[str, Any], ...]
    """What a Reply takes, by name; texts with places are prepared."""

    def __init__(  # noqa: PLR0913 - what a Reply takes
        self,
        text: str | None = None,
        *,
        data: Any = None,
        tool_calls: Iterable[ToolCall | Mapping[str, Any]] = (),
        usage: Usage | Mapping[str, int] | None = None,
        finish_reason: FinishReason = "stop",
        latency: AnyLatency | None = None,
        refusal: str | None = None,
    ) -> None:
        """Check everything that does not depend on the request.

        Args:
            text: what it says. A text is filled in as it is, another value as JSON; `{{ '{{' }}` writes braces.
            data: instead of a text: a JSON value. A text in it that is one place takes its value, a number a number.
            tool_calls: mappings with `name` and `arguments`, a JSON value or a text; or ToolCalls.
            usage: as a Reply's.
            finish_reason: as a Reply's.
            latency: as a Reply's.
            refusal: what it says instead of an answer.

        Raises:
            ScriptError: what a Reply refuses, or a place that can have no name.
        """
        calls = [_mapping(call) for call in tool_calls]
        given: dict[str, Any] = {"text": text, "data": data, "tool_calls": calls, "refusal": refusal}
        rest: dict[str, Any] = {"usage": usage, "finish_reason": finish_reason, "latency": latency}
        Reply(**given, **rest)
        ready = {name: placeholders.prepared(value) for name, value in given.items()}
        object.__setattr__(self, "parts", tuple((ready | rest).items()))

    def make(self, occasion: Occasion) -> Reply:
        """The reply to one request; ScriptError where the request does not have what is named."""
        return Reply(**{name: _made(name, value, occasion) for name, value in self.parts})

    def check(self, conditions: Conditions) -> None:
        placeholders.check(dict(self.parts), conditions)

    def settled(self) -> Reply | Template:
        """The reply itself, where nothing is to be filled in."""
        values = dict(self.parts)
        return self if any(True for _ in placeholders.places(values)) else Reply(**values)


def _made(name: str, value: Any, occasion: Occasion) -> Any:
    if name in {"text", "refusal"}:
        return value.text(occasion) if isinstance(value, placeholders.Filled) else value
    return placeholders.filled(value, occasion) if name in _FILLED else value


def _mapping(call: object) -> dict[str, Any]:
    if isinstance(call, ToolCall):
        return {"id": call.id, "name": call.name, "arguments": call.arguments}
    if not isinstance(call, Mapping):
        raise ScriptError(f"A tool call is a ToolCall or a mapping with name and arguments, not {call!r}.")
    return dict(call)

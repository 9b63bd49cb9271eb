"""Reads a stream of a chat completion: its chunks, and the completion that they say together."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from kaizen_eval.fake.model.completion import Choice, Completion
from kaizen_eval.fake.wire import sse
from kaizen_eval.fake.wire.chat.body import decode_choice, decode_usage
from kaizen_eval.fake.wire.chat.shape import ID_PREFIX
from kaizen_eval.messages import Usage

__all__ = ["chunks_of", "decode_stream"]

_CALL_TEXTS = ("arguments", "input")


def chunks_of(body: bytes) -> Iterator[dict[str, Any]]:
    """The chunks of a body, up to its `[DONE]`.

    Raises:
        ValueError: an event is no JSON in UTF-8.
    """
    for event in sse.read(body):
        if event.data == sse.DONE:
            return
        yield json.loads(event.data)


def decode_stream(chunks: Iterable[Mapping[str, Any]]) -> Completion:
    """What the chunks say, apart from what no chunk tells: pace and encoding; without a chunk of it, usage is nothing.

    Raises:
        ValueError: there is no chunk, or a choice has not ended.
    """
    last: Mapping[str, Any] | None = None
    usage: Usage | None = None
    choices: dict[int, _Heard] = {}
    for last in chunks:
        for choice in last["choices"]:
            choices.setdefault(choice["index"], _Heard()).hear(choice)
        if last.get("usage") is not None:
            usage = decode_usage(last["usage"])
    if last is None:
        raise ValueError("a stream without a chunk says nothing; at least one that ends a choice was expected")
    return Completion(
        mark=last["id"].removeprefix(ID_PREFIX),
        choices=tuple(heard.choice(index) for index, heard in sorted(choices.items())),
        model=last["model"],
        usage=usage or Usage(),
        created=last["created"],
        fingerprint=last["system_fingerprint"],
    )


@dataclass(slots=True)
class _Heard:
    """A choice as far as it was heard."""

    texts: dict[str, list[str]] = field(default_factory=dict)
    calls: dict[int, dict[str, Any]] = field(default_factory=dict)
    older: dict[str, str] = field(default_factory=dict)
    finish_reason: str | None = None

    def hear(self, choice: Mapping[str, Any]) -> None:
        delta = choice["delta"]
        for name in ("content", "refusal"):
            if delta.get(name) is not None:
                self.texts.setdefault(name, []).append(delta[name])
        for call in delta.get("tool_calls") or ():
            _grow(self.calls.setdefault(call["index"], {}), call)
        _grow(self.older, delta.get("function_call") or {})
        self.finish_reason = choice["finish_reason"] or self.finish_reason

    def choice(self, index: int) -> Choice:
        if self.finish_reason is None:
            raise ValueError(f"the stream ends before choice {index} does; a finish_reason was expected")
        said: dict[str, Any] = {name: "".join(parts) for name, parts in self.texts.items()}
        calls = [call for _, call in sorted(self.calls.items())]
        return decode_choice(said | {"tool_calls": calls, "function_call": self.older or None}, self.finish_reason)


def _grow(whole: dict[str, Any], delta: Mapping[str, Any]) -> None:
    """Add what a delta brings: to texts that come in parts it is added, anything else is set."""
    for name, value in delta.items():
        if isinstance(value, Mapping):
            _grow(whole.setdefault(name, {}), value)
        elif name in _CALL_TEXTS:
            whole[name] = whole.get(name, "") + value
        else:
            whole[name] = value

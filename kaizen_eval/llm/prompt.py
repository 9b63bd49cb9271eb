"""From a signature, its inputs and a session's turns to a ChatRequest."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from pydantic_core import to_jsonable_python

from kaizen_eval.config import AgentConfig
from kaizen_eval.errors import SignatureDefinitionError
from kaizen_eval.memory.base import Turn
from kaizen_eval.messages import ChatRequest, Message, OutputMode
from kaizen_eval.signatures import Signature
from kaizen_eval.signatures.json_form import in_order

if TYPE_CHECKING:
    from kaizen_eval.memory.insight import Shown

__all__ = ["SCHEMA_LINE", "build", "turn"]

SCHEMA_LINE = "Reply with one JSON object that fits this JSON Schema:"
"""Stands before the schema in the system message wherever the provider is not given it apart."""


def build(  # noqa: PLR0913 - what a request is made of
    signature: type[Signature],
    inputs: Mapping[str, Any],
    history: Iterable[Turn] = (),
    *,
    shared: Shown | None = None,
    config: AgentConfig,
    session_id: str | None = None,
    agent_id: str | None = None,
) -> ChatRequest:
    """The request of one call: system message, insights included, the session's earlier turns, the new input."""
    mode = _mode(signature, config.structured_output)
    earlier = [message for past in history for message in past.messages]
    return ChatRequest(
        model=config.model,
        messages=(*_with(shared, _system(signature, mode)), *earlier, _user(signature, inputs)),
        output_schema=_strict_schema(signature) if mode == "schema" else None,
        output_mode=mode,
        temperature=config.temperature,
        top_p=config.top_p,
        max_tokens=config.max_tokens,
        seed=config.seed,
        stop=config.stop,
        session_id=session_id,
        agent_id=agent_id,
    )


def turn(
    signature: type[Signature],
    inputs: Mapping[str, Any],
    outputs: Mapping[str, Any],
    between: Iterable[Message] = (),
) -> Turn:
    """A finished run as later requests repeat it: its input, what stands between that and the answer, and its outputs
    in the form that was asked for.
    """
    return Turn((_user(signature, inputs), *between, _assistant(signature, outputs)))


@lru_cache(maxsize=1024)
def _system(signature: type[Signature], mode: OutputMode) -> tuple[Message, ...]:
    """One message, or none when there is nothing to say."""
    parts = [
        signature.instructions,
        _described("You are given:", signature.input_fields),
        _described("Answer with:", signature.output_fields),
        _how_to_reply(signature, mode),
    ]
    text = "\n\n".join(part for part in parts if part)
    return (Message("system", text),) if text else ()


def _with(shared: Shown | None, system: tuple[Message, ...]) -> tuple[Message, ...]:
    """After all that is the same in each request, for the sake of services that keep prompts' beginnings."""
    if not shared:
        return system
    from kaizen_eval.llm.insights import told  # noqa: PLC0415 - most agents share nothing

    return (Message("system", "\n\n".join([*(message.content for message in system), told(shared)])),)


def _described(title: str, fields: Mapping[str, Any]) -> str:
    """A list of the fields with what is told of them; nothing when that is nothing."""
    told = {name: _told(field) for name, field in fields.items()}
    if not any(told.values()):
        return ""
    return "\n".join([title, *(f"- {name}: {words}" if words else f"- {name}" for name, words in told.items())])


def _told(field: Any) -> str:
    """The description, and examples of what to answer: a strict schema has no place for them."""
    if field.kind == "input" or not field.examples:
        return str(field.description)
    examples = ", ".join(
        json.dumps(to_jsonable_python(in_order(example)), ensure_ascii=False) for example in field.examples
    )
    return f"{field.description} (for example {examples})".lstrip()


def _how_to_reply(signature: type[Signature], mode: OutputMode) -> str:
    if signature.free_text:
        return ""
    if mode == "schema":
        return "Reply with one JSON object."
    schema = json.dumps(signature.output_schema(), indent=2, ensure_ascii=False)
    return f"{SCHEMA_LINE}\n```json\n{schema}\n```"


def _user(signature: type[Signature], inputs: Mapping[str, Any]) -> Message:
    """One line or block per input, under its name."""
    values = signature.inputs_to_json(inputs)
    return Message("user", "\n".join(f"{name}: {_shown(value)}" for name, value in values.items()))


def _shown(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _assistant(signature: type[Signature], outputs: Mapping[str, Any]) -> Message:
    values = signature.outputs_to_json(outputs)
    if signature.free_text:
        return Message("assistant", str(values["response"]))
    return Message("assistant", json.dumps(values, ensure_ascii=False))


def _mode(signature: type[Signature], structured_output: str) -> OutputMode:
    if signature.free_text or structured_output == "prompt":
        return "text"
    if structured_output == "json":
        return "json"
    if structured_output == "auto" and _strict_schema(signature) is None:
        return "json"
    if structured_output == "schema":
        signature.strict_output_schema()
    return "schema"


@lru_cache(maxsize=1024)
def _strict_schema(signature: type[Signature]) -> Mapping[str, Any] | None:
    """None when strict mode cannot express the outputs."""
    try:
        return signature.strict_output_schema()
    except SignatureDefinitionError:
        return None

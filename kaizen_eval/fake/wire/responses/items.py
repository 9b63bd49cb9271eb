"""Items of the Responses API: which are taken, and of what kind they are."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kaizen_eval.fake.wire.errors import Rejection
from kaizen_eval.fake.wire.fields import (
    Check,
    anything,
    at,
    either,
    flag,
    items,
    missing,
    nullable,
    number,
    one_of,
    record,
    refused_value,
    tagged,
    text,
    whole,
    wrong_type,
)

__all__ = ["Item", "Json", "check_item", "kind_of"]

Item = Mapping[str, Any]
Json = dict[str, Any]
_STATUS = nullable(one_of("in_progress", "completed", "incomplete"))
_ROLES = ("user", "assistant", "system", "developer")
_PREFIXES = {"message": "msg", "function_call": "fc", "reasoning": "rs", "custom_tool_call": "ctc"}

_BREAKPOINT = nullable(record({"mode": one_of("explicit")}, {"ttl": one_of("30m", "12h")}))
_INPUT_PARTS: Mapping[str, Check] = {
    "input_text": record({"type": anything, "text": text()}, {"prompt_cache_breakpoint": _BREAKPOINT}),
    "input_image": record(
        {"type": anything},
        {
            "detail": nullable(one_of("low", "high", "auto", "original")),
            "file_id": nullable(text()),
            "image_url": nullable(text()),
            "prompt_cache_breakpoint": _BREAKPOINT,
        },
    ),
    "input_file": record(
        {"type": anything},
        {
            "detail": nullable(one_of("auto", "low", "high")),
            "file_data": nullable(text()),
            "file_id": nullable(text()),
            "file_url": nullable(text()),
            "filename": nullable(text()),
            "prompt_cache_breakpoint": _BREAKPOINT,
        },
    ),
}
_LIKELY: Mapping[str, Check] = {"token": text(), "logprob": number(), "bytes": items(whole(0, 255), of="integers")}
_LOGPROB = record({**_LIKELY, "top_logprobs": items(record(_LIKELY))})
_ANNOTATION = tagged(
    {
        "file_citation": record({"type": anything, "file_id": text(), "filename": text(), "index": whole()}),
        "url_citation": record(
            {"type": anything, "url": text(), "title": text(), "start_index": whole(), "end_index": whole()}
        ),
        "container_file_citation": record(
            {
                "type": anything,
                "container_id": text(),
                "file_id": text(),
                "filename": text(),
                "start_index": whole(),
                "end_index": whole(),
            }
        ),
        "file_path": record({"type": anything, "file_id": text(), "index": whole()}),
    }
)
_OUTPUT_PARTS: Mapping[str, Check] = {
    "output_text": record(
        {"type": anything, "text": text()},
        {"annotations": nullable(items(_ANNOTATION)), "logprobs": nullable(items(_LOGPROB))},
    ),
    "refusal": record({"type": anything, "refusal": text()}),
}
_SUMMARY = record({"type": one_of("summary_text"), "text": text()})
_REASONED = record({"type": one_of("reasoning_text"), "text": text()})
_CALLER: Mapping[str, Check] = {
    "caller": nullable(
        tagged({"direct": record({"type": anything}), "program": record({"type": anything, "caller_id": text()})})
    ),
    "namespace": nullable(text()),
    "async": nullable(flag),
}
_OUTPUT = either(
    "one of a string or array of objects", {str: anything, list: items(tagged({**_INPUT_PARTS, **_OUTPUT_PARTS}))}
)


def _parts(kinds: Mapping[str, Check]) -> Check:
    return either("one of a string or array of objects", {str: anything, list: items(tagged(kinds))})


def _message(content: Check) -> Check:
    optional = {
        "type": anything,
        "id": nullable(text()),
        "status": _STATUS,
        "phase": nullable(one_of("commentary", "final_answer")),
    }
    return record({"role": anything, "content": content}, optional)


_MESSAGES = {role: _message(_parts(_OUTPUT_PARTS if role == "assistant" else _INPUT_PARTS)) for role in _ROLES}
_OTHERS: Mapping[str, Check] = {
    "function_call": record(
        {"type": anything, "call_id": text(), "name": text(), "arguments": text()},
        {"id": nullable(text()), "status": _STATUS, **_CALLER},
    ),
    "function_call_output": record(
        {"type": anything, "call_id": text(), "output": _OUTPUT},
        {"id": nullable(text()), "status": _STATUS, "name": nullable(text()), **_CALLER},
    ),
    "custom_tool_call": record(
        {"type": anything, "call_id": text(), "name": text(), "input": text()},
        {"id": nullable(text()), "status": _STATUS, **_CALLER},
    ),
    "custom_tool_call_output": record(
        {"type": anything, "call_id": text(), "output": _OUTPUT},
        {"id": nullable(text()), "status": _STATUS, **_CALLER},
    ),
    "reasoning": record(
        {"type": anything, "id": text(), "summary": items(_SUMMARY)},
        {"content": nullable(items(_REASONED)), "encrypted_content": nullable(text()), "status": _STATUS},
    ),
    "item_reference": record({"id": text()}, {"type": anything}),
}
_KINDS = ("message", *_OTHERS)
_UNSPOKEN = (
    *("additional_tools", "apply_patch_call", "apply_patch_call_output", "code_interpreter_call", "compaction"),
    *("compaction_trigger", "computer_call", "computer_call_output", "configuration_update", "file_search_call"),
    *("image_generation_call", "local_shell_call", "local_shell_call_output", "mcp_approval_request"),
    *("mcp_approval_response", "mcp_call", "mcp_list_tools", "program", "program_output", "shell_call"),
    *("shell_call_output", "tool_search_call", "tool_search_output", "web_search_call"),
)


def kind_of(item: Item) -> Any:
    """Its type, a string once it is checked; a message and a reference may go without one."""
    kind = item.get("type")
    if kind is None and "role" not in item and "id" in item:
        return "item_reference"
    return "message" if kind is None else kind


def check_item(path: str, value: object) -> None:
    """Refuse what is no item of an input."""
    if not isinstance(value, Mapping):
        raise wrong_type(path, "an object", value)
    kind = kind_of(value)
    if kind == "message":
        _check_message(path, value)
    elif isinstance(kind, str) and kind in _OTHERS:
        _OTHERS[kind](path, value)
    else:
        raise _refused_kind(at(path, "type"), kind)
    _check_id(path, kind, value.get("id"))


def _check_message(path: str, value: Item) -> None:
    if "role" not in value:
        raise missing(at(path, "role"))
    role = value["role"]
    if not isinstance(role, str):
        raise wrong_type(at(path, "role"), "a string", role)
    if role not in _MESSAGES:
        raise refused_value(at(path, "role"), role, tuple(_MESSAGES))
    _MESSAGES[role](path, value)


def _refused_kind(path: str, kind: object) -> Rejection:
    if not isinstance(kind, str):
        return wrong_type(path, "a string", kind)
    if kind in _UNSPOKEN:
        return Rejection(
            f"The fake LLM does not speak items of type '{kind}'; it takes {', '.join(_KINDS)}.",
            param=path,
            code="unsupported_parameter",
            is_unspoken=True,
        )
    return refused_value(path, kind, _KINDS)


def _check_id(path: str, kind: str, item_id: str | None) -> None:
    prefix = _PREFIXES.get(kind)
    if item_id is not None and prefix is not None and not item_id.startswith(prefix):
        raise Rejection(
            f"Invalid '{at(path, 'id')}': '{item_id}'. Expected an ID that begins with '{prefix}'.",
            param=at(path, "id"),
            code="invalid_value",
        )

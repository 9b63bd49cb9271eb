"""What a scripted tool gives, as the result of a call in MCP's words."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

__all__ = ["MCPReply", "failed", "result_of"]


@dataclass(frozen=True, slots=True, kw_only=True)
class MCPReply:
    """A result in all its parts, for what a plain value cannot say."""

    content: Sequence[Mapping[str, Any]] = ()
    """Blocks as on the wire, such as `{"type": "image", "data": "…", "mimeType": "image/png"}`."""
    structured: Mapping[str, Any] | None = None
    is_error: bool = False


def result_of(value: object) -> dict[str, Any]:
    """Of a text its text; of a mapping the same as structured content; of any other JSON value its text.

    Raises:
        TypeError: it is no JSON value.
    """
    if isinstance(value, MCPReply):
        return _whole(value)
    if isinstance(value, str):
        return {"content": [_text(value)]}
    result = {"content": [_text(json.dumps(value, ensure_ascii=False))]}
    return {**result, "structuredContent": dict(value)} if isinstance(value, Mapping) else result


def failed(text: str) -> dict[str, Any]:
    """The result of a tool that says that it failed."""
    return {"content": [_text(text)], "isError": True}


def _whole(reply: MCPReply) -> dict[str, Any]:
    result: dict[str, Any] = {"content": [dict(block) for block in reply.content]}
    if reply.structured is not None:
        result["structuredContent"] = dict(reply.structured)
    return {**result, "isError": True} if reply.is_error else result


def _text(text: str) -> dict[str, Any]:
    return {"type": "text", "text": text}

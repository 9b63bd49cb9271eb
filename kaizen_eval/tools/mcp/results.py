"""From the result of a call, as MCP words it, to the value that a tool gives."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

__all__ = ["is_failure", "text_of", "value_of"]


def is_failure(result: Mapping[str, Any]) -> bool:
    return result.get("isError") is True


def value_of(result: Mapping[str, Any]) -> Any:
    """The structured content, where there is any; else the text."""
    structured = result.get("structuredContent")
    return text_of(result) if structured is None else structured


def text_of(result: Mapping[str, Any]) -> str:
    """All blocks of content, one below the other; what is no text is named."""
    return "\n".join(_shown(block) for block in result.get("content") or ())


def _shown(block: Mapping[str, Any]) -> str:
    match block.get("type"):
        case "text":
            return str(block["text"])
        case "image" | "audio" as kind:
            return f"[{kind}, {block['mimeType']}: it cannot be passed on as text]"
        case "resource_link":
            return f"[resource {block['uri']}: {block.get('title') or block.get('name') or 'not fetched'}]"
        case "resource":
            return _resource(block["resource"])
        case kind:
            return f"[content of the kind {kind!r}: it cannot be passed on as text]"


def _resource(resource: Mapping[str, Any]) -> str:
    if "text" in resource:
        return str(resource["text"])
    kind = resource.get("mimeType") or "of an unknown kind"
    return f"[resource {resource['uri']}, {kind}: it cannot be passed on as text]"

"""What a message holds, in any of the shapes that services have for it, as parts that can be read."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from kaizen_eval.recording.conversation.looking import json_of, mapping
from kaizen_eval.recording.conversation.said import Part

__all__ = ["call", "flat", "parts", "size", "written"]

_SHORT = 72
"""What is longer is spread over lines."""
_TEXTS = {"text", "input_text", "output_text", "summary_text", "reasoning_text"}
_ATTACHED = {
    "audio": "sound",
    "document": "file",
    "file": "file",
    "image": "picture",
    "image_url": "picture",
    "input_audio": "sound",
    "input_file": "file",
    "input_image": "picture",
    "video_url": "film",
}


def parts(content: Any) -> tuple[Part, ...]:
    """The parts of a message's `content`: a text, or a list of blocks."""
    if content is None or content == "":
        return ()
    if isinstance(content, str):
        return (Part("text", content),)
    if isinstance(content, list):
        return tuple(part for block in content for part in _block(block))
    return tuple(_block(content))


def call(name: object, arguments: Any, identity: object) -> Part:
    return Part("call", written(arguments), name=str(name or ""), id=str(identity or ""))


def written(value: Any) -> str:
    """JSON as a person reads it; a text that holds an object is one, too."""
    if isinstance(value, str):
        held = _held(value)
        return value if held is None else _dumped(held)
    return _dumped(value)


def size(count: int) -> str:
    """So many bytes, for people: "812 B", "1.2 kB", "3.4 MB"."""
    if count < 1000:
        return f"{count} B"
    return f"{count / 1000:.1f} kB" if count < 999_950 else f"{count / 1_000_000:.1f} MB"


def _held(text: str) -> dict[str, Any] | list[Any] | None:
    value = json_of(text)
    return value if isinstance(value, dict | list) else None


def _dumped(value: Any) -> str:
    try:
        short = json.dumps(value, ensure_ascii=False)
        return short if len(short) <= _SHORT else json.dumps(value, ensure_ascii=False, indent=2)
    except RecursionError:
        return "(nested too deeply to be shown)"


def _block(block: Any) -> Iterator[Part]:
    if isinstance(block, str):
        yield Part("text", block)
        return
    if not isinstance(block, Mapping):
        yield Part("json", written(block))
        return
    kind = block.get("type")
    if (isinstance(kind, str) and kind in _TEXTS) or (kind is None and isinstance(block.get("text"), str)):
        yield Part("text", str(block.get("text") or ""))
    elif isinstance(kind, str) and kind in _ATTACHED:
        yield Part("attached", f"{_ATTACHED[kind]}: {_source(block)}")
    else:
        yield _acting(block, kind)


def _acting(block: Mapping[str, Any], kind: object) -> Part:
    match kind:
        case "tool_use" | "server_tool_use":
            return call(block.get("name"), block.get("input"), block.get("id"))
        case "tool_result":
            return Part("result", flat(block.get("content")), id=str(block.get("tool_use_id") or ""))
        case "thinking":
            return Part("thinking", str(block.get("thinking") or ""))
        case "redacted_thinking":
            return Part("thinking", "(enciphered)")
        case "refusal":
            return Part("refusal", str(block.get("refusal") or ""))
        case _:
            return Part("json", written(block))


def flat(content: Any) -> str:
    """A result's content in one text."""
    return "\n".join(part.text for part in parts(content)) if isinstance(content, list) else written(content or "")


def _source(block: Mapping[str, Any]) -> str:
    """Where an attachment comes from, never its bytes."""
    inner = next((value for name in _ATTACHED if isinstance(value := block.get(name), Mapping)), {})
    found = {**block, **inner, **mapping(block.get("source"))}
    name = next((found[key] for key in ("filename", "title", "file_id", "id") if isinstance(found.get(key), str)), "")
    sort = found.get("media_type") or found.get("format") or ""
    place = next((found[key] for key in ("url", "image_url", "file_url") if isinstance(found.get(key), str)), "")
    held = found.get("data") or found.get("file_data")
    told = [name, _place(place) if place else "", str(sort), _encoded(held) if isinstance(held, str) else ""]
    return ", ".join(word for word in told if word) or "?"


def _place(url: str) -> str:
    if not url.startswith("data:"):
        return url
    head, _, held = url.removeprefix("data:").partition(",")
    return f"{head.partition(';')[0] or 'text/plain'}, {size(len(held) * 3 // 4 if 'base64' in head else len(held))}"


def _encoded(held: str) -> str:
    return _place(held) if held.startswith("data:") else size(len(held) * 3 // 4)

"""The arguments of a tool call, read from the text that a model wrote."""

from __future__ import annotations

from typing import Any

from kaizen_eval.llm.parsing.strict import decode

__all__ = ["flaw", "object_in"]


def object_in(text: str) -> dict[str, Any] | str:
    """The JSON object that the text is; the text itself where it is broken, cut off, or says a key twice."""
    try:
        value = decode(text)
    except ValueError:
        return text
    return value if isinstance(value, dict) else text


def flaw(text: str) -> str:
    """What strict JSON has against it; empty where it is JSON."""
    try:
        decode(text)
    except ValueError as error:
        return str(error)
    return ""

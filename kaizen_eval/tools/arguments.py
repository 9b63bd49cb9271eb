"""The arguments of a tool call, read from the text that a model wrote."""

from __future__ import annotations

from typing import Any

from kaizen_eval.llm.parsing.complaint import shown
from kaizen_eval.llm.parsing.strict import decode

__all__ = ["decoded"]


def decoded(text: str, *, takes_any: bool) -> dict[str, Any]:
    """The object that the text is. Some models write nothing at all for a tool that takes nothing.

    Raises:
        ValueError: for everything else, in words for the model.
    """
    if not takes_any and not text.strip():
        return {}
    try:
        value = decode(text)
    except ValueError as error:
        raise ValueError(f"its arguments are no whole JSON object: {shown(text)} ({error})") from error
    if not isinstance(value, dict):
        raise ValueError(f"its arguments must be a JSON object, not {shown(text)}")  # noqa: TRY004 - bad text, no bad type
    return value

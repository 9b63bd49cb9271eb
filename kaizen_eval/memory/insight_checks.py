"""Checks of what is said of an insight, or asked of insights."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from kaizen_eval.checks import number
from kaizen_eval.errors import ConfigError

__all__ = ["from_0_to_1", "name", "names", "parts"]


def parts(agent_id: object, content: object, tags: object, importance: object, segment: object) -> dict[str, Any]:
    if not isinstance(content, str) or not content.strip():
        raise ConfigError(f"An insight's content must be a text that says something, not {content!r}.")
    if not isinstance(segment, str):
        raise ConfigError(f"segment must be a text, not {segment!r}.")
    return {
        "agent_id": name("agent_id", agent_id),
        "content": content,
        "tags": names("tags", tags),
        "importance": from_0_to_1("importance", importance),
        "segment": segment,
    }


def from_0_to_1(what: str, value: object) -> float:
    number(what, value, least=0)
    if value > 1:  # type: ignore[operator]  # it is a number
        raise ConfigError(f"{what} must be at most 1, not {value!r}.")
    return float(value)  # type: ignore[arg-type]  # it is a number


def name(what: str, value: object) -> str:
    if not isinstance(value, str) or not value:
        raise ConfigError(f"{what} must be a text that is not empty, not {value!r}.")
    return value


def names(what: str, value: object) -> tuple[str, ...]:
    """Sorted, each once."""
    if isinstance(value, str):
        raise ConfigError(f"{what} takes several texts, not one: {what}=[{value!r}].")
    if not isinstance(value, Iterable):
        raise ConfigError(f"{what} takes a list of texts, not {value!r}.")
    found = tuple(value)
    for each in found:
        if not isinstance(each, str):
            raise ConfigError(f"{what} takes a list of texts; {each!r} is none.")
    return tuple(sorted({*found}))

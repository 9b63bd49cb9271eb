"""What was said in a conversation, by whom, and what it took."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, NamedTuple

__all__ = ["Kind", "Part", "Said", "Spent"]

Kind = Literal["text", "call", "result", "thinking", "refusal", "attached", "json"]


@dataclass(frozen=True, slots=True)
class Part:
    """One thing that was said."""

    kind: Kind
    text: str
    """A call's arguments, a result's content; what stands for a picture, a sound or a file."""
    name: str = ""
    """Of the tool that is called."""
    id: str = ""
    """Of the call: what joins it to its result."""


@dataclass(frozen=True, slots=True)
class Said:
    """What one side said before the other did."""

    role: str
    """As the service calls it: "system", "user", "assistant", "tool" …"""
    parts: tuple[Part, ...]
    choice: int = 0
    """Which of several answers to the same question it belongs to, from 0."""


class Spent(NamedTuple):
    """Tokens that the service counted."""

    input: int = 0
    output: int = 0
    cached: int = 0
    """The part of `input` that was read from the service's cache."""
    reasoning: int = 0
    """The part of `output` that was spent on reasoning."""

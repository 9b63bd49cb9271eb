"""What was said in a conversation, and by whom."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

__all__ = ["Kind", "Part", "Said"]

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

"""What a session remembers."""

from __future__ import annotations

from kaizen_eval.memory.base import Memory, NoMemory, Turn
from kaizen_eval.memory.buffer import BufferMemory

__all__ = ["BufferMemory", "Memory", "NoMemory", "Turn"]

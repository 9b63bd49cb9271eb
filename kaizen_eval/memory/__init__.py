"""What a session remembers."""

from __future__ import annotations

from kaizen_eval.memory.base import Memory, NoMemory, Store, Turn
from kaizen_eval.memory.buffer import BufferMemory
from kaizen_eval.memory.sqlite import SqliteMemory
from kaizen_eval.memory.window import WindowMemory

__all__ = ["BufferMemory", "Memory", "NoMemory", "SqliteMemory", "Store", "Turn", "WindowMemory"]

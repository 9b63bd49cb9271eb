"""What a session remembers."""

from __future__ import annotations

from kaizen_eval.lazy import lazily

TYPE_CHECKING = False  # type-checkers take it as True
if TYPE_CHECKING:
    from kaizen_eval.memory.base import Memory, NoMemory, Store, Turn
    from kaizen_eval.memory.buffer import BufferMemory
    from kaizen_eval.memory.sqlite import SqliteMemory
    from kaizen_eval.memory.window import WindowMemory

__all__ = ["BufferMemory", "Memory", "NoMemory", "SqliteMemory", "Store", "Turn", "WindowMemory"]

_HOMES = {
    "BufferMemory": "buffer",
    "Memory": "base",
    "NoMemory": "base",
    "SqliteMemory": "sqlite",
    "Store": "base",
    "Turn": "base",
    "WindowMemory": "window",
}


if not TYPE_CHECKING:  # else type-checkers would believe every name
    __getattr__, __dir__ = lazily(__name__, _HOMES)

"""What a session remembers, and what agents share."""

from __future__ import annotations

from kaizen_eval.lazy import lazily

TYPE_CHECKING = False  # type-checkers take it as True
if TYPE_CHECKING:
    from kaizen_eval.memory.base import Memory, NoMemory, Store, Turn
    from kaizen_eval.memory.buffer import BufferMemory
    from kaizen_eval.memory.insight import Insight
    from kaizen_eval.memory.pool_stats import PoolStats
    from kaizen_eval.memory.shared_memory import SharedMemoryPool, SharedMemoryView
    from kaizen_eval.memory.sqlite import SqliteMemory
    from kaizen_eval.memory.window import WindowMemory

__all__ = [
    "BufferMemory",
    "Insight",
    "Memory",
    "NoMemory",
    "PoolStats",
    "SharedMemoryPool",
    "SharedMemoryView",
    "SqliteMemory",
    "Store",
    "Turn",
    "WindowMemory",
]

_HOMES = {
    "BufferMemory": "buffer",
    "Insight": "insight",
    "Memory": "base",
    "NoMemory": "base",
    "PoolStats": "pool_stats",
    "SharedMemoryPool": "shared_memory",
    "SharedMemoryView": "shared_memory",
    "SqliteMemory": "sqlite",
    "Store": "base",
    "Turn": "base",
    "WindowMemory": "window",
}


if not TYPE_CHECKING:  # else type-checkers would believe every name
    __getattr__, __dir__ = lazily(__name__, _HOMES)

"""What a session remembers."""

from __future__ import annotations

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

    def __getattr__(name):  # noqa: ANN001, ANN202 - no type-checker comes here
        if name not in _HOMES:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        from importlib import import_module  # noqa: PLC0415 - every run needs a module of this package, and few a file or a count of tokens

        globals()[name] = getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
        return globals()[name]


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})

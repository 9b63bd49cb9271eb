"""Trials that go on although they were cancelled: nobody waits for them any more."""

from __future__ import annotations

import asyncio
from typing import Any

__all__ = ["leave"]

_left: set[asyncio.Task[Any]] = set()
"""Kept as long as the process lives: what is thrown away while it waits would be run once more, to say goodbye."""


def leave(task: asyncio.Task[Any]) -> None:
    """It goes on: not even a word of it when the loop is closed."""
    _left.add(task)
    task._log_destroy_pending = False  # type: ignore[attr-defined]  # noqa: SLF001 - asyncio's own switch

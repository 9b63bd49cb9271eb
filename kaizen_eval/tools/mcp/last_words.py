"""What a program wrote to stderr last, for the message that says why it ended."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TextIO

__all__ = ["LastWords", "listening"]

_KEPT = 2_000
"""Bytes."""
_PATIENCE = 0.5
"""Seconds to wait for the rest of what a program wrote that has ended."""


class LastWords(asyncio.Protocol):
    """What came last out of a pipe."""

    def __init__(self) -> None:
        self._kept = b""
        self._over = asyncio.Event()

    def data_received(self, data: bytes) -> None:
        self._kept = (self._kept + data)[-_KEPT:]

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - however it was lost, it is
        self._over.set()

    async def text(self) -> str:
        """Once the program has ended."""
        try:
            async with asyncio.timeout(_PATIENCE):
                await self._over.wait()
        except TimeoutError:
            pass  # a child of its own may hold the pipe
        return self._kept.decode("utf-8", "replace").strip()


@asynccontextmanager
async def listening() -> AsyncIterator[tuple[LastWords, TextIO]]:
    """What listens, and the file to give to the program; close that once it has been started."""
    read, write = os.pipe()
    with os.fdopen(write, "w") as file:
        transport, words = await asyncio.get_running_loop().connect_read_pipe(LastWords, os.fdopen(read, "rb", 0))
        try:
            yield words, file
        finally:
            transport.close()

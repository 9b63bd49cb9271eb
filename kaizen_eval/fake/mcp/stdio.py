"""The door stdio of a FakeMCP: a command to start, which is relayed to the fake in this process."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from kaizen_eval.fake.mcp import relay
from kaizen_eval.fake.mcp.deeds import Perish, Say, Status, Utter
from kaizen_eval.fake.mcp.serving import SocketDoor
from kaizen_eval.fake.mcp.talk import Talk

__all__ = ["StdioDoor"]


class StdioDoor(SocketDoor):
    """What `FakeMCP.stdio()` gives. Each start of the command is one client."""

    def __repr__(self) -> str:
        return f"StdioDoor({'open' if self._port else 'not open'})"

    @property
    def command(self) -> list[str]:
        """What a client starts; it ends when its stdin does, or when the door is closed."""
        return [sys.executable, "-I", str(Path(relay.__file__)), str(self.port)]

    async def _client(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await _Lines(reader, writer, Talk(self._host, lambda message: _send(writer, message))).read()


class _Lines:
    """One client: a message in each line."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, talk: Talk) -> None:
        self._reader = reader
        self._writer = writer
        self._talk = talk
        self._answering: set[asyncio.Task[None]] = set()

    async def read(self) -> None:
        try:
            while line := await self._reader.readline():
                task = asyncio.create_task(self._answer(line))
                self._answering.add(task)
                task.add_done_callback(self._answering.discard)
        finally:
            self._talk.leave()
            for task in self._answering:
                task.cancel()

    async def _answer(self, line: bytes) -> None:
        deed = await self._talk.answer(line)
        match deed:
            case Say(message) | Status(_, message):
                _send(self._writer, message)
            case Utter(text, _):
                self._writer.write(text.encode() + b"\n")
            case Perish():
                self._writer.transport.abort()


def _send(writer: asyncio.StreamWriter, message: Mapping[str, Any]) -> None:
    writer.write(json.dumps(message).encode() + b"\n")

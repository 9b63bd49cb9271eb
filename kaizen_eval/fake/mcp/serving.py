"""A door of a FakeMCP that others come through by a socket: a thread and an event loop of its own."""

from __future__ import annotations

import asyncio
import socket
import threading

from kaizen_eval.errors import UsageError
from kaizen_eval.fake.mcp.talk import Host
from kaizen_eval.fake.server.own_thread import OwnThread, cancel_others
from kaizen_eval.fake.server.running import bound
from kaizen_eval.resilience.clock import current_clock

__all__ = ["SocketDoor"]

_LINE = 64 * 1024 * 1024
"""Bytes of the longest line that is read."""


class SocketDoor(OwnThread):
    """A context manager, also for `async with`; it may be entered once, on loopback alone."""

    def __init__(self, host: Host, *, port: int = 0) -> None:
        super().__init__("kaizen-mcp")
        self._host = host
        self._wanted = port
        self._port: int | None = None
        self._socket: socket.socket | None = None

    @property
    def port(self) -> int:
        if self._port is None:
            raise UsageError("This door of FakeMCP is not open: use it inside of `with fake.http() as server:`.")
        return self._port

    def start(self) -> None:
        """Listen; returns when clients can connect.

        Raises:
            UsageError: time is virtual, or it ran before.
            OSError: the port is taken.
        """
        if current_clock() is not None:
            raise UsageError(
                "Behind a socket time is real, and here it is virtual: give MCPServer(transport=fake.transport), which "
                "needs no socket, or leave virtual_time() first."
            )
        if self._thread is not None:
            raise UsageError("This door of FakeMCP was opened before; ask the fake for another one.")
        self._socket = bound("127.0.0.1", self._wanted)
        self._port = self._socket.getsockname()[1]
        super().start()

    def stop(self) -> None:
        """End all connections and the thread; a second time does nothing."""
        super().stop()
        self._port = None

    async def _client(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one connection to its end."""
        raise NotImplementedError

    async def _serve(self, ready: threading.Event, until: asyncio.Event) -> None:
        server = await asyncio.start_server(self._served, sock=self._socket, limit=_LINE)
        ready.set()
        await until.wait()
        server.close()
        await cancel_others()

    async def _served(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await self._client(reader, writer)
        except (ConnectionError, asyncio.CancelledError):
            pass  # the client has gone, or the door closes
        finally:
            writer.transport.abort()

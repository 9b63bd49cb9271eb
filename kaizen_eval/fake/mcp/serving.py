"""A door of a FakeMCP that others come through by a socket: a thread and an event loop of its own."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import threading
from typing import Self

from kaizen_eval.errors import UsageError
from kaizen_eval.fake.mcp.talk import Host
from kaizen_eval.fake.server.running import bound
from kaizen_eval.resilience.clock import current_clock

__all__ = ["SocketDoor"]

_ENDING = 10.0
"""Seconds that a door may take to close; it takes a thousandth of one."""
_LINE = 64 * 1024 * 1024
"""Bytes of the longest line that is read."""


class SocketDoor:
    """A context manager, also for `async with`; it may be entered once, on loopback alone."""

    def __init__(self, host: Host, *, port: int = 0) -> None:
        self._host = host
        self._wanted = port
        self._port: int | None = None
        self._socket: socket.socket | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._until: asyncio.Event | None = None
        self._thread: threading.Thread | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    async def __aenter__(self) -> Self:
        self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await asyncio.to_thread(self.stop)

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
        ready = threading.Event()
        self._thread = threading.Thread(target=self._run, args=(ready,), name="kaizen-mcp", daemon=True)
        self._thread.start()
        ready.wait()

    def stop(self) -> None:
        """End all connections and the thread; a second time does nothing."""
        thread, loop, until = self._thread, self._loop, self._until
        if thread is None or loop is None or until is None:
            return
        with contextlib.suppress(RuntimeError):  # the loop has ended by itself
            loop.call_soon_threadsafe(until.set)
        thread.join(_ENDING)
        self._port = None

    async def _client(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one connection to its end."""
        raise NotImplementedError

    def _run(self, ready: threading.Event) -> None:
        asyncio.run(self._serve(ready))

    async def _serve(self, ready: threading.Event) -> None:
        self._loop, self._until = asyncio.get_running_loop(), asyncio.Event()
        server = await asyncio.start_server(self._served, sock=self._socket, limit=_LINE)
        ready.set()
        await self._until.wait()
        server.close()
        others = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    async def _served(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await self._client(reader, writer)
        except (ConnectionError, asyncio.CancelledError):
            pass  # the client has gone, or the door closes
        finally:
            writer.transport.abort()

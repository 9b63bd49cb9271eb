"""A selector event loop into which a thread can call while a signal handler raises, without losing what it raised."""

from __future__ import annotations

import asyncio
import socket

__all__ = ["SignalSafeLoop"]


class SignalSafeLoop(asyncio.SelectorEventLoop):
    """asyncio's own swallows every OSError of its wake-up call, and with it a handler's TimeoutError."""

    _csock: socket.socket | None
    """The writing end of the loop's wake-up line; None once it is closed."""

    def _write_to_self(self) -> None:
        line = self._csock
        if line is None:
            return
        try:
            line.send(b"\0")
        except TimeoutError:
            raise  # never the socket's, which does not block
        except OSError:
            pass  # the line is full, so the loop will wake; or it is being closed, so it need not

"""A server that a test leads by the hand, in a thread of its own: for clients of either kind."""

from __future__ import annotations

import socket
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

__all__ = ["PATIENCE", "Peer", "chunk", "peer", "reset"]

PATIENCE = 20.0
"""Seconds after which a test that waits fails."""

Serve = Callable[["Peer", socket.socket], None]


class Peer:
    """Answers every connection with the same function, after it has read a request."""

    def __init__(self, listener: socket.socket, serve: Serve) -> None:
        self._listener = listener
        self._serve = serve
        self.base_url = f"http://127.0.0.1:{listener.getsockname()[1]}/v1"
        self.asked: list[bytes] = []
        self.go_on = threading.Semaphore(0)
        """The test lets the server do its next step."""
        self.client_left = threading.Event()
        self.errors: list[Exception] = []

    def wait(self) -> None:
        """Until the test lets it go on."""
        assert self.go_on.acquire(timeout=PATIENCE), "the test did not let the server go on"

    def wait_for_the_client_to_leave(self, sock: socket.socket) -> None:
        with suppress(ConnectionError):
            while sock.recv(65_536):
                pass
        self.client_left.set()

    def run(self) -> None:
        with suppress(OSError):
            while True:
                sock, _ = self._listener.accept()
                with sock:
                    sock.settimeout(PATIENCE)
                    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                    self._meet(sock)

    def _meet(self, sock: socket.socket) -> None:
        try:
            self.asked.append(_request(sock))
            self._serve(self, sock)
        except Exception as error:  # noqa: BLE001 - told to the test, in whose thread it belongs
            self.errors.append(error)


@contextmanager
def peer(serve: Serve | bytes) -> Iterator[Peer]:
    """A server on this machine; bytes are sent as they are, and the connection is closed."""

    def send(_: Peer, sock: socket.socket) -> None:
        sock.sendall(serve)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = Peer(listener, send if isinstance(serve, bytes) else serve)
        thread = threading.Thread(target=server.run)
        thread.start()
        try:
            yield server
        finally:
            listener.shutdown(socket.SHUT_RDWR)
            thread.join()
    assert server.errors == []


def chunk(data: bytes) -> bytes:
    return b"%x\r\n%b\r\n" % (len(data), data)


def reset(sock: socket.socket) -> None:
    """End the connection the hard way."""
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    sock.close()


def _request(sock: socket.socket) -> bytes:
    data = b""
    while b"\r\n\r\n" not in data:
        data += _more(sock)
    head, _, body = data.partition(b"\r\n\r\n")
    lengths = [line.partition(b":")[2] for line in head.lower().split(b"\r\n") if line.startswith(b"content-length")]
    while len(body) < int(lengths[0] if lengths else 0):
        body += _more(sock)
    return head + b"\r\n\r\n" + body


def _more(sock: socket.socket) -> bytes:
    data = sock.recv(65_536)
    if not data:
        raise ConnectionError("the client sent no whole request")
    return data

"""The program behind `FakeMCP.stdio()`: passes its stdin and stdout on to the fake in the test's process.

It is started by its path and imports nothing else, so that it needs no package where it runs.
"""

from __future__ import annotations

import os
import socket
import sys
import threading

__all__ = ["main"]

_CHUNK = 65_536


def main(port: int) -> None:
    """Until either side ends."""
    with socket.create_connection(("127.0.0.1", port)) as fake:
        threading.Thread(target=_pass_on, args=(fake,), daemon=True).start()
        while data := fake.recv(_CHUNK):
            _write(data)
    os._exit(1)  # the fake has gone, as a server that dies


def _pass_on(fake: socket.socket) -> None:
    while data := os.read(0, _CHUNK):
        fake.sendall(data)
    os._exit(0)


def _write(data: bytes) -> None:
    while data:
        data = data[os.write(1, data) :]


if __name__ == "__main__":
    main(int(sys.argv[1]))

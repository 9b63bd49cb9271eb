"""Servers as processes of their own: pinned to one core, with the CPU time and the memory that they take (Linux)."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from pathlib import Path

__all__ = [
    "CHAT",
    "CLIENT_CORE",
    "IS_LINUX",
    "SERVER_CORE",
    "Command",
    "ServerProcess",
    "free_port",
    "on_core",
    "running",
]

IS_LINUX = hasattr(os, "sched_setaffinity") and Path("/proc/self/stat").exists()
_CORES = sorted(os.sched_getaffinity(0)) if IS_LINUX else [0]
SERVER_CORE, CLIENT_CORE = _CORES[0], _CORES[-1]
CHAT = "/v1/chat/completions"
_PATIENCE = 60.0
"""Seconds that a server may take to start."""
_TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Command:
    """How a server is started."""

    arguments: Sequence[str | Path]
    """With PORT where the port belongs."""
    environment: Mapping[str, str] = field(default_factory=dict)
    """With PORT, too; beside what there is."""
    folder: Path | None = None
    """In which it is started; None: this one."""


@dataclass(frozen=True, slots=True)
class ServerProcess:
    """One that runs."""

    port: int
    pid: int
    start_seconds: float
    """From its start to its first successful response."""

    def cpu_seconds(self) -> float:
        """Of all its threads, since its start; whole hundredths."""
        fields = Path(f"/proc/{self.pid}/stat").read_text("utf-8").rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / _TICKS

    def megabytes(self) -> float:
        """Resident memory, in MB of 10^6 bytes."""
        lines = Path(f"/proc/{self.pid}/status").read_text("utf-8").splitlines()
        return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS")) * 1024 / 1e6


@contextlib.contextmanager
def on_core(core: int) -> Iterator[None]:
    """What runs here, and what is started here, has this core alone."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {core})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


@contextlib.contextmanager
def running(command: Command, first: bytes) -> Iterator[ServerProcess]:
    """A server on its core, from the time when it answers `first`, the body of a chat request, until it is left.

    Raises:
        RuntimeError: it ended, or did not answer in time.
    """
    port = free_port()
    arguments = [str(argument).replace("PORT", str(port)) for argument in command.arguments]
    environment = {name: value.replace("PORT", str(port)) for name, value in command.environment.items()}
    with on_core(SERVER_CORE):
        began = time.perf_counter()
        process = subprocess.Popen(
            arguments,
            env={**_installed(), **environment},
            cwd=command.folder,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
    try:
        with on_core(CLIENT_CORE):
            _wait(port, first, process)
        yield ServerProcess(port, process.pid, time.perf_counter() - began)
    finally:
        process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(5)
        process.kill()
        process.wait()


def _installed() -> dict[str, str]:
    """The environment, in which Python may keep its bytecode: what is installed has it."""
    return {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _wait(port: int, first: bytes, process: subprocess.Popen[bytes]) -> None:
    until = time.perf_counter() + _PATIENCE
    while time.perf_counter() < until:
        if process.poll() is not None:
            raise RuntimeError(f"{process.args} ended with {process.returncode} before it answered.")
        if _answers(port, first):
            return
        time.sleep(0.001)
    raise RuntimeError(f"{process.args} did not answer a chat request within {_PATIENCE:g} s.")


def _answers(port: int, body: bytes) -> bool:
    connection = HTTPConnection("127.0.0.1", port, timeout=_PATIENCE)
    try:
        connection.request("POST", CHAT, body, {"content-type": "application/json", "authorization": "Bearer any"})
        answer = connection.getresponse()
        answer.read()
    except (OSError, HTTPException):
        return False
    else:
        return answer.status == 200
    finally:
        connection.close()

"""A guard that keeps a block of code away from real hosts, and remembers who tried to reach which."""

from __future__ import annotations

import errno
import ipaddress
import socket
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

__all__ = ["NetworkGuard", "allow_hosts", "network_guard"]


class NetworkGuard:
    """Refuses connections and look-ups that leave this machine, with the errors of a machine without network."""

    def __init__(self, on_refused: Callable[[str], object] | None = None) -> None:
        self._on_refused = on_refused
        self.refused: list[str] = []
        """The hosts that were asked for, in order, also when the error was swallowed."""
        self.let_through: list[str] = []
        """The hosts that were asked for, in order, and that `allow_hosts` lets through."""

    def refuse(self, host: str) -> str:
        self.refused.append(host)
        if self._on_refused is not None:
            self._on_refused(host)
        return f"{host!r} is a real host, and this code is guarded: it may reach this machine only."


_guards: list[NetworkGuard] = []
_allowed: list[set[str]] = []
_installed = False

_OURS = {"", "localhost", "ip6-localhost", "localhost.localdomain"}


@contextmanager
def network_guard(on_refused: Callable[[str], object] | None = None) -> Iterator[NetworkGuard]:
    """In this block, and in every thread, only this machine can be reached.

    It watches what Python's `socket` does (an audit hook, set up once and idle outside such blocks). A connection is
    refused with ConnectionRefusedError, a look-up with socket.gaierror.

    Args:
        on_refused: is called with each host that was asked for, by the code that asked.
    """
    _install()
    guard = NetworkGuard(on_refused)
    _guards.append(guard)
    try:
        yield guard
    finally:
        _guards.remove(guard)


@contextmanager
def allow_hosts(*hosts: str) -> Iterator[None]:
    """In this block, and in every thread, guards let these hosts through, by name and by their addresses of now."""
    entry = {name for host in hosts for name in (host.rstrip(".").lower(), *_addresses(host))}
    _allowed.append(entry)
    try:
        yield
    finally:
        _allowed.remove(entry)


def _addresses(host: str) -> set[str]:
    """What the host resolves to; nothing when it cannot be resolved now."""
    entry = {host.rstrip(".").lower()}
    _allowed.append(entry)
    try:
        return {str(found[4][0]) for found in socket.getaddrinfo(host, None)}
    except socket.gaierror:
        return set()
    finally:
        _allowed.remove(entry)


def _install() -> None:
    global _installed  # noqa: PLW0603 - an audit hook is process-wide and cannot be removed
    if not _installed:
        _installed = True
        sys.addaudithook(_watch)


def _watch(event: str, arguments: tuple[object, ...]) -> None:
    guard = next(reversed(_guards), None)  # read once: another thread may leave its block meanwhile
    if guard is None or not event.startswith("socket."):
        return
    if event == "socket.connect":
        _on_connect(guard, *arguments)
    elif event in {"socket.getaddrinfo", "socket.gethostbyname"}:
        _on_look_up(guard, arguments[0])


def _on_connect(guard: NetworkGuard, connection: object, address: object) -> None:
    if _is_stream(connection) and isinstance(address, tuple) and _is_elsewhere(host := _text(address[0])):
        raise ConnectionRefusedError(errno.ECONNREFUSED, guard.refuse(host))


def _is_stream(connection: object) -> bool:
    """Whether it carries data to an internet address. A datagram socket's connect sends nothing: it is how programs
    find out their own address.
    """
    internet = getattr(connection, "family", None) in {socket.AF_INET, socket.AF_INET6}
    return internet and getattr(connection, "type", None) != socket.SOCK_DGRAM


def _on_look_up(guard: NetworkGuard, host: object) -> None:
    if host is not None and _is_elsewhere(name := _text(host)):
        raise socket.gaierror(socket.EAI_FAIL, guard.refuse(name))


def _text(host: object) -> str:
    return host.decode("ascii", "replace") if isinstance(host, bytes | bytearray) else str(host)


def _is_elsewhere(host: str) -> bool:
    name = host.rstrip(".").lower()
    if name in _OURS or name.endswith(".localhost") or name == socket.gethostname().lower():
        return False
    if any(name in entry for entry in _allowed):
        _guards[-1].let_through.append(name)
        return False
    try:
        address = ipaddress.ip_address(name.partition("%")[0])
    except ValueError:
        return True
    mapped = getattr(address, "ipv4_mapped", None) or address
    return not (mapped.is_loopback or mapped.is_unspecified)

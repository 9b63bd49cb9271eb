"""A running server: a fake behind a port, on a thread and an event loop of its own."""

from __future__ import annotations

import asyncio
import dataclasses
import socket
import threading
from typing import TYPE_CHECKING, Any, Generic, TypeVar, cast

from kaizen_eval.errors import ConfigError, UsageError
from kaizen_eval.fake.server.connection import Connection
from kaizen_eval.fake.server.guard import is_loopback
from kaizen_eval.fake.server.own_thread import OwnThread, cancel_others
from kaizen_eval.fake.server.service import FakeService
from kaizen_eval.fake.server.settings import ServerSettings
from kaizen_eval.fake.server.tenants import KEY_PREFIX, Fake, Tenants
from kaizen_eval.resilience.clock import current_clock
from kaizen_eval.suggestion import suggestion

if TYPE_CHECKING:
    import typing_extensions

    from kaizen_eval.fake.doors.server import ServerDoor

__all__ = ["Serving", "base_url", "bound", "check_host", "serve", "serving"]

_ANY_KEY = "any-key"
_Fake = TypeVar("_Fake", bound=Fake)
if TYPE_CHECKING:
    _Fake_co = typing_extensions.TypeVar("_Fake_co", bound=Fake, default=Fake, covariant=True)
else:  # only type-checkers read the default, and what knows it before Python 3.13 takes its time to load
    _Fake_co = TypeVar("_Fake_co", bound=Fake, covariant=True)
_BACKLOG = 4096
"""Connections that the operating system holds until they are accepted; it may allow fewer."""
_TURNS = 4
"""Of the loop, in which a connection that was just accepted is made, and hears that it is lost."""


def bound(host: str, port: int) -> socket.socket:
    """A socket that listens.

    Raises:
        OSError: the port is taken, or the host is not this one.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    sock = socket.socket(family, socket.SOCK_STREAM)
    try:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.bind((host, port))
        sock.listen(_BACKLOG)
        sock.setblocking(False)
    except BaseException:
        sock.close()
        raise
    return sock


def base_url(sock: socket.socket) -> str:
    """Of the API behind a socket."""
    host, port = sock.getsockname()[:2]
    return f"http://[{host}]:{port}/v1" if ":" in host else f"http://{host}:{port}/v1"


def serving(fake: _Fake, *, host: str, port: int, **given: Any) -> Serving[_Fake]:
    """A server for this fake, not started.

    Raises:
        ConfigError: an unknown setting, one that cannot work, or a host that others reach, without a key.
    """
    known = [field.name for field in dataclasses.fields(ServerSettings)]
    for name in given:
        if name not in known:
            raise ConfigError(
                f".serve() has no setting {name!r}{suggestion(name, known)} It takes: {', '.join(known)}."
            )
    settings = ServerSettings(**given)
    check_host(host, settings)
    return Serving(fake, host=host, port=port, settings=settings)


def check_host(host: str, settings: ServerSettings) -> None:
    """Refuse, with a ConfigError, to let others in without a key."""
    if settings.api_key is None and not is_loopback(host):
        raise ConfigError(
            f"The host {host!r} can be reached by others: give an api_key (--api-key-file), or listen on 127.0.0.1, "
            "which only this machine reaches."
        )


async def serve(sock: socket.socket, tenants: Tenants, settings: ServerSettings, until: asyncio.Event) -> None:
    """Answer on this socket until the event is set."""
    loop = asyncio.get_running_loop()
    service = FakeService(tenants, settings)
    server = await loop.create_server(lambda: Connection(service), sock=sock, backlog=_BACKLOG)
    try:
        await until.wait()
    finally:
        loop.remove_reader(sock)  # no other is accepted; what a closed server has accepted would be left open
        service.close()
        for _ in range(_TURNS):
            await asyncio.sleep(0)
        server.close()
        await cancel_others()


class Serving(OwnThread, Generic[_Fake_co]):
    """What `FakeLLM.serve()` gives: a context manager, also for `async with`.

    May be entered once.
    """

    def __init__(self, fake: _Fake_co, *, host: str, port: int, settings: ServerSettings) -> None:
        super().__init__("kaizen-server")
        self._host = host
        self._port = port
        self._settings = settings
        self._tenants = Tenants(fake, most=settings.max_tenants, api_key=settings.api_key)
        self._socket: socket.socket | None = None

    def __repr__(self) -> str:
        return f"Serving({self.base_url if self._thread else 'not running'})"

    @property
    def base_url(self) -> str:
        """As clients of the OpenAI API take it."""
        if self._socket is None:
            raise UsageError("The server does not run: its base_url is there inside of `with fake.serve() as server:`.")
        return self._url

    @property
    def url(self) -> str:
        """The same without the API's path."""
        return self.base_url.removesuffix("/v1")

    def fake(self, name: str) -> _Fake_co:
        """The fake that answers those who name this test; the server's own for an empty name."""
        return cast("_Fake_co", self._tenants.of(name).fake)

    def put(self, name: str, fake: Fake) -> None:
        """Let this fake answer those who name this test; for an empty name, those who name none that is known."""
        self._tenants.put(name, fake)

    def door(self, fake: Fake | None = None) -> ServerDoor:
        """For agents: a Provider that asks the server through the OpenAI SDK.

        Args:
            fake: which answers instead of the server's own; a server with a key has no other.
        """
        from kaizen_eval.fake.doors.server import ServerDoor  # noqa: PLC0415 - loads what only our own agents need

        own = self._tenants.own.fake
        if fake is None or fake is own:
            return ServerDoor(self.base_url, self._settings.api_key or _ANY_KEY, model=own.model)
        if self._settings.api_key is not None:
            raise UsageError("Other fakes of a server are found by the key, and this one has a key of its own.")
        name = f"door-{id(fake)}"
        self.put(name, fake)
        return ServerDoor(self.base_url, KEY_PREFIX + name, model=fake.model)

    def forget(self, name: str) -> None:
        """Let a test's fake go; asked again, it begins anew with the server's script."""
        self._tenants.forget(name)

    def start(self) -> None:
        """Listen; returns when clients can connect.

        Raises:
            UsageError: time is virtual, or it ran before.
            OSError: the port is taken, or the host is not this one.
        """
        if current_clock() is not None:
            raise UsageError(
                "A server's time is real: its clients are other programs, whose clock cannot jump. Leave "
                "virtual_time() before .serve(), or ask through the doors direct and sdk."
            )
        if self._socket is not None or self._thread is not None:
            raise UsageError("This server was started before; call .serve() for another one.")
        self._socket = bound(self._host, self._port)
        self._url = base_url(self._socket)
        super().start()

    def stop(self) -> None:
        """End all connections and the thread; a second time does nothing."""
        super().stop()
        self._socket = None

    async def _serve(self, ready: threading.Event, until: asyncio.Event) -> None:
        asyncio.get_running_loop().call_soon(ready.set)
        assert self._socket is not None  # noqa: S101 - for the type checker
        await serve(self._socket, self._tenants, self._settings, until)

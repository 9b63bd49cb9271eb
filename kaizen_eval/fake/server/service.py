"""Who answers what comes to one server: its fakes, or its control paths; and which connections are open."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from kaizen_eval.fake.server.answering import Answering, FakeAnswering, Send
from kaizen_eval.fake.server.connection import Connection
from kaizen_eval.fake.server.guard import PREFIX, Guard
from kaizen_eval.fake.server.incoming import Begun, HttpRequest, Unacceptable
from kaizen_eval.fake.server.settings import ServerSettings
from kaizen_eval.fake.server.tenants import Tenant, Tenants, name_of
from kaizen_eval.fake.wire.errors import Rejection
from kaizen_eval.resilience.clock import now_ns

if TYPE_CHECKING:
    from kaizen_eval.fake.server.control import ControlAnswering

__all__ = ["FakeService"]


class FakeService:
    """One for each server; lives on its loop."""

    def __init__(self, tenants: Tenants, settings: ServerSettings) -> None:
        self.tenants = tenants
        self.settings = settings
        self.guard = Guard(settings.api_key)
        self.secrets: tuple[str, ...] = () if settings.api_key is None else (settings.api_key,)
        self._loop = asyncio.get_running_loop()
        self.began = self._loop.time()
        self._connections: set[Connection] = set()
        self._waiting: set[ControlAnswering] = set()
        self._sweep: asyncio.TimerHandle | None = None
        self._after_turn: list[Callable[[], None]] = []
        self._is_closed = False

    def asked(self, request: HttpRequest, send: Send) -> Answering:
        target = request.target
        if target[:1] != "/":
            request = request._replace(target=_path(target))
        if request.target.startswith(PREFIX):
            return self._controlled(request, send)
        return FakeAnswering(self._tenant(request.headers).arrivals, request, send, speed=self.settings.speed)

    def refused(self, refused: Unacceptable, begun: Begun, size: int) -> None:
        method, target, headers, came = begun
        if target.startswith(PREFIX):
            return
        front = self._tenant(headers).arrivals.front
        opened = front.refuse(method, target, headers, Rejection(refused.message, status=refused.status))
        opened.door, opened.bytes_in, opened.bytes_out = "server", came, size
        opened.first_byte_ns = now_ns()
        front.desk.close(opened)

    def came(self, connection: Connection) -> None:
        if self._is_closed:  # it was accepted before, and made after
            connection.close()
            return
        self._connections.add(connection)
        if self._sweep is None:
            self._sweep = self._loop.call_later(self._rest(), self._check_patience)

    def left(self, connection: Connection) -> None:
        self._connections.discard(connection)

    def after_this_turn(self, do: Callable[[], None]) -> None:
        if not self._after_turn:
            self._loop.call_soon(self._end_turn)
        self._after_turn.append(do)

    def waits(self, waiting: ControlAnswering) -> None:
        self._waiting.add(waiting)

    def waits_no_more(self, waiting: ControlAnswering) -> None:
        self._waiting.discard(waiting)

    def journal_begins_anew(self, tenant: Tenant) -> None:  # noqa: ARG002 - those of others look in vain, once
        for waiting in tuple(self._waiting):
            waiting.look_again()

    def close(self) -> None:
        """End all connections, also those that are still to be made."""
        self._is_closed = True
        if self._sweep is not None:
            self._sweep.cancel()
        for connection in tuple(self._connections):
            connection.close()

    def _controlled(self, request: HttpRequest, send: Send) -> Answering:
        from kaizen_eval.fake.server.control import ControlAnswering  # noqa: PLC0415 - a server starts without it

        return ControlAnswering(self, request, send)

    def _tenant(self, headers: Mapping[str, str]) -> Tenant:
        name = name_of(headers)
        return self.tenants.of(name) if name else self.tenants.own

    def _end_turn(self) -> None:
        doing, self._after_turn = self._after_turn, []
        for do in doing:
            do()

    def _check_patience(self) -> None:
        now = self._loop.time()
        for connection in tuple(self._connections):
            connection.check_patience(now)
        self._sweep = self._loop.call_later(self._rest(), self._check_patience) if self._connections else None

    def _rest(self) -> float:
        """Seconds between two looks at who takes too long."""
        settings = self.settings
        shortest = min(settings.head_seconds, settings.body_seconds, settings.idle_seconds, settings.linger_seconds)
        return min(1.0, shortest / 2)


def _path(target: str) -> str:
    """Of a URL with a scheme and a host, as proxies are asked, the path."""
    _, _, rest = target.partition("://")
    return f"/{rest.partition('/')[2]}"

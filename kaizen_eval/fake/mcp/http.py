"""The door HTTP of a FakeMCP: streamable HTTP on loopback."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Coroutine
from typing import Any

from kaizen_eval.fake.mcp import http_wording as wording
from kaizen_eval.fake.mcp.brain import NO_REQUEST, error
from kaizen_eval.fake.mcp.deeds import Deed, Nothing, Perish, Say, Status, Utter
from kaizen_eval.fake.mcp.http_session import HttpSession
from kaizen_eval.fake.mcp.serving import SocketDoor
from kaizen_eval.fake.mcp.talk import Host
from kaizen_eval.fake.server.incoming import HttpRequest, Incoming
from kaizen_eval.fake.server.settings import ServerSettings

__all__ = ["HttpDoor"]

_PATH = "/mcp"
_CHUNK = 65_536
_CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"


class HttpDoor(SocketDoor):
    """What `FakeMCP.http()` gives. Each session is one client."""

    def __init__(self, host: Host, *, port: int = 0) -> None:
        super().__init__(host, port=port)
        self._sessions: dict[str, HttpSession] = {}
        self._writers: set[asyncio.StreamWriter] = set()

    def __repr__(self) -> str:
        return f"HttpDoor({self.url if self._port else 'not open'})"

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}{_PATH}"

    def stop(self) -> None:
        super().stop()
        self._forget_all()

    async def _client(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        incoming = Incoming(ServerSettings(), on_continue=lambda: writer.write(_CONTINUE))
        under_way: set[asyncio.Task[None]] = set()
        self._writers.add(writer)
        try:
            while data := await reader.read(_CHUNK):
                incoming.feed(data)
                while incoming.ready:
                    _start(under_way, self._answer(incoming.ready.popleft(), writer))
                if incoming.refused is not None:
                    writer.write(wording.whole(incoming.refused.status, incoming.refused.message.encode()))
                    return
        finally:
            self._writers.discard(writer)
            for session in self._sessions.values():
                session.lost(writer)
            for task in under_way:
                task.cancel()

    async def _answer(self, request: HttpRequest, writer: asyncio.StreamWriter) -> None:
        methods = {"POST": self._post, "GET": self._get, "DELETE": self._delete}
        if request.target.partition("?")[0] != _PATH:
            writer.write(wording.whole(404, b"Not Found", kind="text/plain"))
        elif request.method not in methods:
            writer.write(wording.whole(405, b"Method Not Allowed", kind="text/plain"))
        else:
            await methods[request.method](request, writer)

    async def _post(self, request: HttpRequest, writer: asyncio.StreamWriter) -> None:
        session = self._begun() if _begins(request.body) else self._session(request, writer)
        if session is None:
            return
        session.expect()
        try:
            deed = await session.talk.answer(request.body, request.headers)
        except BaseException:
            session.give_up()
            raise
        self._carry_out(deed, session, writer)

    def _carry_out(self, deed: Deed, session: HttpSession, writer: asyncio.StreamWriter) -> None:
        if isinstance(deed, Say):
            writer.write(session.response(deed.message))
            return
        session.give_up()
        match deed:
            case Nothing():
                writer.write(wording.whole(202, session=session.id))
            case Utter(text, _):
                writer.write(wording.whole(200, text.encode(), session=session.id))
            case Status(status, _):
                writer.write(wording.whole(status, b"It failed.", kind="text/plain"))
            case Perish():
                self._perish()

    async def _get(self, request: HttpRequest, writer: asyncio.StreamWriter) -> None:
        if (session := self._session(request, writer)) is not None:
            session.opened(writer)

    async def _delete(self, request: HttpRequest, writer: asyncio.StreamWriter) -> None:
        if (session := self._session(request, writer)) is not None:
            del self._sessions[session.id]
            session.talk.leave()
            writer.write(wording.whole(200))

    def _begun(self) -> HttpSession:
        session = HttpSession(self._host)
        self._sessions[session.id] = session
        return session

    def _session(self, request: HttpRequest, writer: asyncio.StreamWriter) -> HttpSession | None:
        """That of this request; None once it has been told that there is none."""
        name = request.headers.get("mcp-session-id")
        if name in self._sessions:
            return self._sessions[name]
        status, text = (400, "This request names no session.") if name is None else (404, "There is no such session.")
        writer.write(wording.whole(status, error(None, NO_REQUEST, text)))
        return None

    def _perish(self) -> None:
        """As if the process had been killed and started again: connections are cut, and sessions forgotten."""
        self._forget_all()
        for writer in self._writers:
            writer.transport.abort()

    def _forget_all(self) -> None:
        for session in self._sessions.values():
            session.talk.leave()
        self._sessions.clear()


def _begins(body: bytes) -> bool:
    try:
        message = json.loads(body)
    except ValueError:
        return False
    return isinstance(message, dict) and message.get("method") == "initialize"


def _start(under_way: set[asyncio.Task[None]], work: Coroutine[Any, Any, None]) -> None:
    task = asyncio.create_task(work)
    under_way.add(task)
    task.add_done_callback(under_way.discard)

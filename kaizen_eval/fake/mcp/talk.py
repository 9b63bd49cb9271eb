"""One client's talk with a FakeMCP, at whichever door."""

from __future__ import annotations

import asyncio
import inspect
import json
from collections.abc import Callable, Mapping
from typing import Any, Protocol

from kaizen_eval.fake.mcp.brain import UNREADABLE, error
from kaizen_eval.fake.mcp.deeds import Ask, Deed, Later, Say
from kaizen_eval.resilience import clock

__all__ = ["Host", "Talk"]


class Host(Protocol):
    """Who is talked to, from whatever thread."""

    def came(self, talk: Talk) -> int: ...

    def left(self, talk: Talk) -> None: ...

    def heard(self, message: object, client: int, headers: Mapping[str, str]) -> Deed: ...

    def then(self, ask: Ask, value: object) -> Deed: ...


class Talk:
    """From a client's coming to its leaving, on one event loop."""

    def __init__(self, host: Host, tell: Callable[[Mapping[str, Any]], None]) -> None:
        """`tell` sends a message that nobody asked for; it is called on this loop."""
        self._host = host
        self._tell = tell
        self._loop = asyncio.get_running_loop()
        self._client = host.came(self)

    def leave(self) -> None:
        self._host.left(self)

    def tell(self, message: Mapping[str, Any]) -> None:
        """Send this to the client, from any thread; before the answer to what is being answered on this one."""
        if _running_loop() is self._loop:
            self._tell(message)
        elif not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._tell, message)

    async def answer(self, text: str | bytes, headers: Mapping[str, str] | None = None) -> Deed:
        """What is to be done about what the client sent, once all that has to be awaited has been."""
        try:
            message = json.loads(text)
        except ValueError as problem:
            return Say(error(None, UNREADABLE, f"This is no JSON: {problem}"))
        return await self._done(self._host.heard(message, self._client, headers or {}))

    async def _done(self, deed: Deed) -> Deed:
        while isinstance(deed, Later | Ask):
            if isinstance(deed, Later):
                await clock.sleep(deed.seconds)
                deed = deed.deed
            else:
                deed = self._host.then(deed, await _asked(deed))
        return deed


async def _asked(ask: Ask) -> object:
    try:
        value = ask.function(ask.arguments)
        return await value if inspect.isawaitable(value) else value
    except Exception as problem:  # noqa: BLE001 - what the user's own function raises is a result that its client gets
        return problem


def _running_loop() -> asyncio.AbstractEventLoop | None:
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None

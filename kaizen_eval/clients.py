"""How long what a run opened stays open: for the run, for an agent's block, or as long as the background loop."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager, nullcontext
from typing import Any, Protocol, Self, TypeVar, cast
from weakref import WeakKeyDictionary, WeakSet

from kaizen_eval import bridge
from kaizen_eval.config import AgentConfig

__all__ = ["Clients", "Openable", "Owner", "clients_for", "release"]


class Openable(Protocol):
    """A provider, or a connection to a server of tools."""

    async def aclose(self) -> None: ...


_Opened = TypeVar("_Opened", bound=Openable)


class Clients:
    """What is open, one for each distinct setting, with the agents that use it."""

    def __init__(self) -> None:
        self._open: dict[object, Openable] = {}
        self._users: dict[object, WeakSet[Any]] = {}

    def get(self, key: object, make: Callable[[], _Opened], *, user: object = None) -> _Opened:
        """What was opened for this key; the same key always means the same kind."""
        if key not in self._open:
            self._open[key] = make()
            self._users[key] = WeakSet()
        if user is not None:
            self._users[key].add(user)
        return cast("_Opened", self._open[key])

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *raised: object) -> None:
        await self.aclose()

    async def release(self, user: object) -> None:
        """Close what this user opened and nobody else uses."""
        alone = [key for key, users in self._users.items() if user in users and len(users) == 1]
        for users in self._users.values():
            users.discard(user)
        await self._close(alone)

    async def aclose(self) -> None:
        if self._open:
            await self._close(list(self._open))

    async def _close(self, keys: Sequence[object]) -> None:
        """All of them, also when one fails, or when who waits for it is cancelled."""
        left = [self._open.pop(key) for key in keys]
        for key in keys:
            del self._users[key]
        if left:
            await _closed(left)


async def _closed(left: Sequence[Openable]) -> None:
    """In a task of its own. One who is cancelled waits on; a second time, or after some seconds, it is left to itself.

    Raises:
        Exception: the first of what closing them raised.
    """
    closing = asyncio.gather(*map(_close, left), return_exceptions=True)
    try:
        await asyncio.wait([closing])
    except asyncio.CancelledError:
        await asyncio.wait([closing], timeout=bridge.CLEANUP_SECONDS)
        raise
    for outcome in closing.result():
        if outcome is not None:
            raise outcome


async def _close(opened: Openable) -> None:
    await opened.aclose()


class Owner:
    """The mark of one agent on its config, with the providers of its `async with` blocks, by loop."""

    def __init__(self, agent_id: str) -> None:
        self.agent_id = agent_id
        self._blocks: WeakKeyDictionary[asyncio.AbstractEventLoop, _Block] = WeakKeyDictionary()

    def kept(self) -> _Guest | None:
        """What the running loop's blocks keep open, for a run; None outside of them."""
        block = self._blocks.get(asyncio.get_running_loop())
        return None if block is None else _Guest(self, block.clients)

    def enter(self) -> None:
        """Keep providers open on this loop until as many have left as entered."""
        self._blocks.setdefault(asyncio.get_running_loop(), _Block()).depth += 1

    async def leave(self) -> None:
        loop = asyncio.get_running_loop()
        block = self._blocks[loop]
        block.depth -= 1
        if not block.depth:
            del self._blocks[loop]
            await block.clients.aclose()


class _Block:
    """The providers of one loop's blocks, and how many blocks there are."""

    def __init__(self) -> None:
        self.clients = Clients()
        self.depth = 0


class _Guest:
    """What runs beside the blocks of an owner, which may end before it."""

    __slots__ = ("_clients", "_owner")

    def __init__(self, owner: Owner, clients: Clients) -> None:
        self._owner = owner
        self._clients = clients

    async def __aenter__(self) -> Clients:
        self._owner.enter()
        return self._clients

    async def __aexit__(self, *raised: object) -> None:
        await self._owner.leave()


_of_background: WeakKeyDictionary[asyncio.AbstractEventLoop, Clients] = WeakKeyDictionary()


def clients_for(config: AgentConfig) -> AbstractAsyncContextManager[Clients]:
    """Where providers opened now are kept: the agent's block's, the background loop's, else for this time alone.

    Each run asks: a block made by a generator would take it three times as long.
    """
    if bridge.on_background_loop():
        return nullcontext(_background_clients(asyncio.get_running_loop()))
    owner = config.owner
    kept = owner.kept() if isinstance(owner, Owner) else None
    return Clients() if kept is None else kept


async def release(user: object) -> None:
    """Close what this agent, or other user, opened on the running background loop and nobody else uses."""
    await _background_clients(asyncio.get_running_loop()).release(user)


def _background_clients(loop: asyncio.AbstractEventLoop) -> Clients:
    if loop not in _of_background:
        _of_background[loop] = Clients()
        bridge.at_close(_of_background[loop].aclose)
    return _of_background[loop]

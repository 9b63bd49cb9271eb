"""One connection to a server of tools, made when it is needed and made again when it has ended."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping, Sequence
from typing import Any

from kaizen_eval.errors import ToolFailed, ToolServerFailed
from kaizen_eval.tools.definition import Tool
from kaizen_eval.tools.mcp.endpoint import Endpoint
from kaizen_eval.tools.mcp.life import Life
from kaizen_eval.tools.mcp.link import Gone, Link
from kaizen_eval.tools.mcp.offer import Offer
from kaizen_eval.tools.mcp.opening import opening
from kaizen_eval.tools.mcp.results import is_failure, text_of, value_of

__all__ = ["Connection"]

_logger = logging.getLogger("kaizen_eval")


class Connection:
    """Of one event loop; it keeps the list of tools until the server says that it has changed.

    Args:
        name: of the server, for messages.
        endpoint: where it is.
        offer: what becomes of its tools.
        patience: seconds to connect and list in.
    """

    def __init__(self, name: str, endpoint: Endpoint, offer: Offer, *, patience: float) -> None:
        self._name = name
        self._endpoint = endpoint
        self._offer = offer
        self._patience = patience
        self._lock = asyncio.Lock()
        self._life: Life | None = None
        self._tools: tuple[Tool, ...] | None = None
        self._is_stale = True

    async def tools(self, *, is_first: bool) -> Sequence[Tool]:
        """What the server offers now.

        Args:
            is_first: whether it is needed: else what was known before stays, should the server be gone.

        Raises:
            ToolServerFailed: it cannot be reached or understood.
        """
        async with self._lock:
            if self._tools is None or self._is_stale or self._life is None or self._life.is_over:
                await self._refresh(must=is_first or self._tools is None)
        return self._tools or ()

    async def aclose(self) -> None:
        """Free it; closing twice is harmless."""
        life, self._life = self._life, None
        if life is not None:
            await life.end()

    async def _refresh(self, *, must: bool) -> None:
        try:
            async with asyncio.timeout(self._patience):
                self._tools = await self._listed()
        except TimeoutError:
            await self.aclose()
            self._unusable(f"it did not answer within {self._patience:g} s", None, must=must)
        except (ToolServerFailed, Gone) as error:
            self._unusable(str(error), error, must=must)

    def _unusable(self, reason: str, cause: Exception | None, *, must: bool) -> None:
        if must:
            raise ToolServerFailed(f"The server of tools {self._name} cannot be used: {reason}") from cause
        _logger.warning("the server of tools %s does not say what it offers now: %s", self._name, reason)

    async def _listed(self) -> tuple[Tool, ...]:
        link = await self._link()
        self._is_stale = False  # before it is asked: it may change meanwhile
        try:
            listed = await link.listed()
        except BaseException:
            self._is_stale = True
            raise
        for name, reason in listed.left_out:
            self._offer.leave_out(name, reason)
        return self._offer.tools(listed.tools, self._called)

    async def _link(self) -> Link:
        """The open connection, or a new one."""
        if self._life is not None and self._life.is_over:
            await self.aclose()
        if self._life is None:
            self._life = Life(opening(self._endpoint, self._changed))
        return await self._life.link()

    def _changed(self) -> None:
        self._is_stale = True

    async def _called(self, name: str, arguments: dict[str, Any]) -> Any:
        """What a tool gives.

        Raises:
            ToolFailed: it says that it failed.
            ToolServerFailed: the server did not answer as it should.
        """
        result = await self._answer(name, arguments)
        if is_failure(result):
            raise ToolFailed(text_of(result) or f"{name} failed, and did not say why.")
        return value_of(result)

    async def _answer(self, name: str, arguments: dict[str, Any]) -> Mapping[str, Any]:
        try:
            return await self._asked(name, arguments)
        except Gone as error:
            if not error.is_certain:
                raise self._failed(name, "ended meanwhile; whether it was executed is not known") from error
        try:
            return await self._asked(name, arguments)
        except Gone as error:
            raise self._failed(name, str(error)) from error

    async def _asked(self, name: str, arguments: dict[str, Any]) -> Mapping[str, Any]:
        """Once; where the connection has ended before, over a new one."""
        link, life = await self._linked(name)
        try:
            return await link.called(name, arguments)
        except Gone:
            await self._drop(life)
            raise
        except ToolServerFailed as error:
            raise ToolServerFailed(f"{name} failed: {error}") from error

    async def _linked(self, name: str) -> tuple[Link, Life]:
        async with self._lock:
            try:
                async with asyncio.timeout(self._patience):
                    link = await self._link()
            except (TimeoutError, ToolServerFailed, Gone) as error:
                await self.aclose()
                # why is for the log: what a program wrote last may hold what no model should read
                _logger.warning("the server of tools %s is gone: %s", self._name, str(error) or "it does not answer")
                raise ToolServerFailed(f"{name} was not executed: its server {self._name} is gone.") from error
            assert self._life is not None  # noqa: S101 - for the type checker
            return link, self._life

    async def _drop(self, life: Life) -> None:
        if self._life is life:
            self._life = None
            self._is_stale = True
        await life.end()

    def _failed(self, name: str, what: str) -> ToolServerFailed:
        return ToolServerFailed(f"{name} failed: its server {self._name} {what}.")

"""What a connection to a server of tools can do, in plain values."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

__all__ = ["Gone", "Link", "Listed"]


class Gone(Exception):
    """Within this package: the connection has ended; another one may be made."""

    def __init__(self, message: str, *, is_certain: bool = False) -> None:
        super().__init__(message)
        self.is_certain = is_certain
        """Whether what was asked was certainly not begun."""


@dataclass(frozen=True, slots=True)
class Listed:
    """What a server lists."""

    tools: Sequence[Mapping[str, Any]]
    """Entries as on the wire."""
    left_out: Sequence[tuple[object, str]] = ()
    """Names of entries that are against the protocol, and why."""


class Link(Protocol):
    """An open connection."""

    over: asyncio.Event
    """Set when the server has ended it."""

    async def listed(self) -> Listed: ...

    async def called(self, name: str, arguments: dict[str, Any]) -> Mapping[str, Any]:
        """The result as on the wire."""
        ...

"""What a server is told when it is started."""

from __future__ import annotations

from dataclasses import dataclass, field

from kaizen_eval.errors import ConfigError

__all__ = ["MAX_BODY", "ServerSettings"]

MAX_BODY = 50 * 1024 * 1024
"""Bytes of a request's body that the real service takes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerSettings:
    """Limits are in bytes, times in seconds."""

    api_key: str | None = field(default=None, repr=False)
    """None: any key is right, also none."""
    max_body: int = MAX_BODY
    """Of a request, also after it is decompressed."""
    max_head: int = 65_536
    """Request line and headers."""
    head_seconds: float = 20.0
    """From the first byte of a request to the end of its head."""
    body_seconds: float = 120.0
    """From the end of the head to the end of the body."""
    idle_seconds: float = 75.0
    """Between requests."""
    linger_seconds: float = 5.0
    """How long what a refused client still sends is read, so that it gets to see why."""
    speed: float = 1.0
    """Divides every wait of the fake."""
    max_tenants: int = 1000
    """The least recently used goes first."""

    def __post_init__(self) -> None:
        for name in ("max_body", "max_head", "max_tenants"):
            if getattr(self, name) < 1:
                raise ConfigError(f"{name} takes a number from 1, not {getattr(self, name)!r}.")
        for name in ("head_seconds", "body_seconds", "idle_seconds", "linger_seconds", "speed"):
            if not getattr(self, name) > 0:
                raise ConfigError(f"{name} takes a number above 0, not {getattr(self, name)!r}.")

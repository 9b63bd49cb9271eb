"""The door "server": the fake behind a socket, for clients in any language."""

from __future__ import annotations

__all__: list[str] = []

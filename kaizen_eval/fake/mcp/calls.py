"""What clients asked of a FakeMCP, as entries of its journal."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

__all__ = ["UNDER_WAY", "MCPCall", "MCPRequest"]

UNDER_WAY = "under way"


@dataclass(frozen=True, slots=True, kw_only=True)
class MCPCall:
    """One call of a tool."""

    tool: str
    arguments: Mapping[str, Any]
    client: int
    """Which client called, from 1, in the order in which they came; one that comes again counts again."""
    outcome: str = UNDER_WAY
    """"ok", "error", "cancelled", "unknown tool", the name of a fault, or "under way"."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MCPRequest:
    """One message of a client."""

    method: str
    params: Mapping[str, Any]
    client: int
    headers: Mapping[str, str] = field(default_factory=dict)
    """Of HTTP, their names in lower case; empty at other doors."""

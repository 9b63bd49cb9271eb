"""The stamp of an evaluation that begins: its id, and when that was."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime
from typing import NamedTuple

__all__ = ["Stamp", "stamped"]


class Stamp(NamedTuple):
    id: str
    """Unique, sortable by time: 20261123-141503-3f9a1c."""
    created: str
    """ISO 8601, UTC."""


def stamped() -> Stamp:
    """By the wall clock."""
    now = datetime.now(UTC)
    return Stamp(f"{now:%Y%m%d-%H%M%S}-{uuid.uuid4().hex[:6]}", now.isoformat(timespec="milliseconds"))

"""Which tests run on virtual time."""

from __future__ import annotations

import pytest

__all__ = ["FIXTURES", "MARKER", "wants_virtual_time"]

MARKER = "kaizen_virtual"
FIXTURES = frozenset({"kaizen_agent", "kaizen_clock", "kaizen_llm"})


def wants_virtual_time(item: pytest.Item) -> bool:
    """By its marker or a fixture, also one that another fixture asks for."""
    return MARKER in item.keywords or not FIXTURES.isdisjoint(getattr(item, "fixturenames", ()))

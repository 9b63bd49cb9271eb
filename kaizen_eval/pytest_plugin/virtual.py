"""Which tests run on virtual time."""

from __future__ import annotations

import pytest

__all__ = ["FIXTURES", "MARKER", "wants_virtual_time"]

MARKER = "kaizen_virtual"
FIXTURES = frozenset({"kaizen_agent", "kaizen_clock", "kaizen_llm"})


def wants_virtual_time(item: pytest.Item) -> bool:
    """By its marker or a fixture, also one that another fixture asks for."""
    marked = MARKER in item.keywords and item.get_closest_marker(MARKER) is not None  # keywords hold more than markers
    return marked or not FIXTURES.isdisjoint(getattr(item, "fixturenames", ()))

"""Which tests run on virtual time."""

from __future__ import annotations

import pytest

from kaizen_eval.pytest_plugin import options

__all__ = [
    "CASSETTE",
    "CLOCK",
    "FIXTURES",
    "LLM",
    "MARKER",
    "NOT_RECORDED",
    "SERVER",
    "is_ours",
    "needs_virtual_time",
    "time_is_real",
    "wants_virtual_time",
    "was_skipped",
]

MARKER = "kaizen_virtual"
CASSETTE = "kaizen_cassette"
"""Marker and fixture."""
CLOCK = "kaizen_clock"
SERVER = "kaizen_server"
LLM = "kaizen_llm"
FIXTURES = frozenset({"kaizen_agent", CLOCK, LLM})
NOT_RECORDED = "was not recorded: "
"""What the reason begins with for which a replay skips a test."""
_TIME_IS_REAL = "time is real"


def is_ours(item: pytest.Item) -> bool:
    """By its marker or a fixture, also one that another fixture asks for."""
    return _is_marked(item) or not FIXTURES.isdisjoint(getattr(item, "fixturenames", ()))


def wants_virtual_time(item: pytest.Item) -> bool:
    """Whether it gets virtual time: behind a door with real sockets no test does."""
    return is_ours(item) and not options.read(item.config).is_on_real_time


def needs_virtual_time(item: pytest.Item) -> bool:
    """Whether it asks for virtual time itself, where others would take any."""
    return _is_marked(item) or CLOCK in getattr(item, "fixturenames", ())


def time_is_real(door: str, does: str = "needs virtual time") -> str:
    """Why a test that does this is skipped."""
    return f"{does}, and behind the door {door!r} {_TIME_IS_REAL}"


def was_skipped(report: pytest.TestReport) -> str:
    """Whether a test was, for such a reason: what it lacked."""
    reason = report.longrepr[2] if report.skipped and isinstance(report.longrepr, tuple) else ""
    if reason.startswith(f"Skipped: {NOT_RECORDED}"):
        return "a recording"
    return "virtual time" if reason.endswith(_TIME_IS_REAL) else ""


def _is_marked(item: pytest.Item) -> bool:
    """Keywords hold more than markers, and are quicker to look at."""
    return MARKER in item.keywords and item.get_closest_marker(MARKER) is not None

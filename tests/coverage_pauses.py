"""Tests, and the programs that they start, run twice as fast where no coverage is measured in them."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from coverage import Coverage

__all__ = ["set_children", "unmeasured"]

_ASKING = {
    name: os.environ[name] for name in ("COVERAGE_PROCESS_START", "COVERAGE_PROCESS_CONFIG") if name in os.environ
}
"""By these a program knows that it is to be measured."""


@contextmanager
def unmeasured() -> Iterator[None]:
    """Nothing within is measured, also in threads that are started within."""
    measuring = Coverage.current()
    if measuring is None:
        yield
        return
    measuring.stop()
    try:
        yield
    finally:
        measuring.start()


def set_children(item: pytest.Item) -> None:
    """Programs are measured where a mark asks for it: most do what tests do without them as well."""
    for name, value in _ASKING.items():
        if item.get_closest_marker("measured_children"):
            os.environ[name] = value
        else:
            os.environ.pop(name, None)

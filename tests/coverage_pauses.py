"""Programs that tests start run twice as fast where no coverage is measured in them."""

from __future__ import annotations

import os

import pytest

__all__ = ["set_children"]

_ASKING = {
    name: os.environ[name] for name in ("COVERAGE_PROCESS_START", "COVERAGE_PROCESS_CONFIG") if name in os.environ
}
"""By these a program knows that it is to be measured."""


def set_children(item: pytest.Item) -> None:
    """Programs are measured where a mark asks for it: most do what tests do without them as well."""
    for name, value in _ASKING.items():
        if item.get_closest_marker("measured_children"):
            os.environ[name] = value
        else:
            os.environ.pop(name, None)

"""Programs that tests start run twice as fast where no coverage is measured in them."""

from __future__ import annotations

import pytest

__all__ = ["unmeasured_children"]


def unmeasured_children(monkeypatch: pytest.MonkeyPatch) -> None:
    """For what runs lines again that other tests run."""
    for name in ("COVERAGE_PROCESS_START", "COVERAGE_PROCESS_CONFIG"):
        monkeypatch.delenv(name, raising=False)

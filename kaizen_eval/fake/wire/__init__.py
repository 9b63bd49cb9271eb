"""The wire formats that the fake speaks: pure codecs."""

from __future__ import annotations

__all__: list[str] = []

"""JSON as RFC 8259 has it: no NaN, no key twice, nothing around it."""

from __future__ import annotations

from jiter import from_json

__all__ = ["decode"]


def decode(text: str) -> object:
    """The one JSON value that the text is; ValueError for everything else (jiter goes 200 levels deep)."""
    return from_json(text.encode(), allow_inf_nan=False, catch_duplicate_keys=True)

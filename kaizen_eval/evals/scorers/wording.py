"""How values are written in reasons: short, and long texts around the place where they differ."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from kaizen_eval.evals.scorers.json_values import json_value

__all__ = ["differing", "shown", "together"]

_LONGEST = 80
"""Characters of a value that a reason shows."""
_BEFORE = 30
"""Characters before the first that differs."""
_MOST = 5
"""Reasons that are told of one score."""


def shown(value: object) -> str:
    """As Python writes it, sets in order; the beginning of what is long."""
    text = repr(json_value(value))
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"


def differing(expected: object, came: object) -> str:
    """`expected 'Paris', got 'Lyon'`; of long texts, what stands around the first difference."""
    expected, came = json_value(expected), json_value(came)
    one, other = repr(expected), repr(came)
    if len(one) <= _LONGEST and len(other) <= _LONGEST:
        return f"expected {one}, got {other}"
    write: Callable[[str], str] = str
    if isinstance(expected, str) and isinstance(came, str):
        one, other, write = expected, came, repr
    at = next((at for at, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
    begin = 0 if at <= _BEFORE else at - _BEFORE
    return f"expected {_window(one, begin, write)}, got {_window(other, begin, write)}, from character {at + 1} on"


def _window(text: str, begin: int, write: Callable[[str], str]) -> str:
    end = begin + _LONGEST
    return f"{'…' if begin else ''}{write(text[begin:end])}{'…' if len(text) > end else ''}"


def together(reasons: Sequence[str]) -> str:
    """In one line."""
    more = len(reasons) - _MOST
    return "; ".join([*reasons[:_MOST], *([f"and {more} more"] if more > 0 else [])])

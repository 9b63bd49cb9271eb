"""Numbers as options take them: each is refused in words where it cannot be meant."""

from __future__ import annotations

import argparse
from decimal import Decimal, InvalidOperation

__all__ = ["any_count", "count", "number", "seconds", "share", "us_dollars"]

_LONGEST = 10_000_000
"""Seconds; about four months."""


def count(text: str) -> int:
    """From 1."""
    if not text.isdecimal() or int(text) == 0:
        raise argparse.ArgumentTypeError(f"{text!r} is no whole number from 1")
    return int(text)


def any_count(text: str) -> int:
    """From 0."""
    if not text.isdecimal():
        raise argparse.ArgumentTypeError(f"{text!r} is no whole number from 0")
    return int(text)


def seconds(text: str) -> float:
    """Above 0."""
    if not 0 < number(text) < _LONGEST:
        raise argparse.ArgumentTypeError(f"{text!r} is no number of seconds above 0")
    return float(text)


def share(text: str) -> float:
    """As it is, or in percent; -1 where it is neither, which no option takes."""
    return number(text.removesuffix("%")) / (100 if text.endswith("%") else 1)


def number(text: str) -> float:
    """-1 where it is none, which no option takes."""
    try:
        return float(text)
    except ValueError:
        return -1.0


def us_dollars(text: str) -> Decimal:
    """From 0, exact."""
    try:
        amount = Decimal(text.removeprefix("$"))
    except InvalidOperation:
        amount = Decimal(-1)
    if not (amount.is_finite() and amount >= 0):
        raise argparse.ArgumentTypeError(f"{text!r} is no amount of US dollars, such as 2.50")
    return amount

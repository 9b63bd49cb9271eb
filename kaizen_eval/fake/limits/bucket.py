"""A bucket that refills continuously: how much of a limit is left, exact to the nanosecond."""

from __future__ import annotations

from kaizen_eval.fake.wire.headers import Allowance

__all__ = ["Bucket"]

_MINUTE = 60_000_000_000
"""Nanoseconds."""


class Bucket:
    """Holds what may be used in a minute, and gets that much back in a minute, evenly.

    Its level counts sixty-billionths, so that each nanosecond brings a whole number of them and nothing is rounded.
    """

    __slots__ = ("_level", "_limit", "_seen_ns")

    def __init__(self, limit: int, now_ns: int) -> None:
        self._limit = limit
        self._level = limit * _MINUTE
        self._seen_ns = now_ns

    def refill(self, now_ns: int) -> None:
        """Catch up; on another loop's clock, where it is earlier, nothing has come in."""
        gone = max(0, now_ns - self._seen_ns)
        self._level = min(self._limit * _MINUTE, self._level + gone * self._limit)
        self._seen_ns = now_ns

    def wait_ns(self, amount: int) -> int:
        """How long until so much is there; 0 when it is."""
        return max(0, -((self._level - amount * _MINUTE) // self._limit))

    def take(self, amount: int) -> None:
        self._level -= amount * _MINUTE

    @property
    def allowance(self) -> Allowance:
        missing = self._limit * _MINUTE - self._level
        return Allowance(self._limit, self._level // _MINUTE, -(-missing // self._limit))

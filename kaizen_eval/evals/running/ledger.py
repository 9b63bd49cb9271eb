"""What is planned beside what was reported: no trial is lost without a word."""

from __future__ import annotations

from collections.abc import Iterator

from kaizen_eval.errors import UsageError

__all__ = ["Ledger"]


class Ledger:
    """A byte for each planned trial, by its place in the plan."""

    def __init__(self, planned: int) -> None:
        self._reported = bytearray(planned)
        self.planned = planned
        self.done = 0

    def enter(self, number: int) -> bool:
        """The trial of this number has been reported; False where it had been before.

        Raises:
            UsageError: nobody planned it.
        """
        if not 0 <= number < self.planned:
            raise UsageError(f"The executor reported trial {number}; planned are 0 to {self.planned - 1}.")
        if self._reported[number]:
            return False
        self._reported[number] = 1
        self.done += 1
        return True

    def holds(self, number: int) -> bool:
        return bool(self._reported[number])

    @property
    def missing(self) -> Iterator[int]:
        """The numbers that nobody has reported, in order."""
        number = self._reported.find(0)
        while number >= 0:
            yield number
            number = self._reported.find(0, number + 1)

"""Problems: all that is wrong with a dataset, each with its place, as one error."""

from __future__ import annotations

from operator import itemgetter
from typing import NoReturn

from kaizen_eval.errors import DatasetError
from kaizen_eval.evals.dataset.written import Spot

__all__ = ["Problems"]

_MOST = 20
"""Problems that an error tells; the others are counted."""


class Problems:
    """Collects what is wrong.

    Args:
        name: of the dataset, or its file's path, as messages give it.
        path: empty for a dataset made in Python.
    """

    def __init__(self, name: str, *, path: str = "") -> None:
        self.name = name
        self._path = path
        self._kept: list[tuple[Spot, str]] = []
        self._count = 0

    def __len__(self) -> int:
        return self._count

    @property
    def is_full(self) -> bool:
        """Whether one more would only be counted."""
        return self._count >= _MOST

    def add(self, spot: Spot, what: str) -> None:
        """Take note of a problem; `what` is a sentence."""
        self._count += 1
        if len(self._kept) < _MOST:
            self._kept.append((spot, what))

    def stop(self, spot: Spot, what: str) -> NoReturn:
        """The error for a file of which nothing more can be read."""
        self.add(spot, what)
        raise self.error()

    def raise_any(self) -> None:
        """The error, if there is a problem.

        Raises:
            DatasetError: with the first twenty, in the order of the file, and how many there are.
        """
        if self._count:
            raise self.error()

    def error(self) -> DatasetError:
        kept = sorted(self._kept, key=itemgetter(0))
        lines = [f"{self._where(spot)}: {what}" for spot, what in kept]
        if self._count > 1:
            rest = [f"… and {self._count - len(lines):,} more"] if self._count > len(lines) else []
            lines = [f"{self.name} has {self._count:,} mistakes:", *lines, *rest]
        return DatasetError("\n  ".join(lines), path=self._path, line=self._line(kept[0][0]))

    def alone(self, spot: Spot, what: str) -> DatasetError:
        """The error for one thing, which is not taken note of."""
        return DatasetError(f"{self._where(spot)}: {what}", path=self._path, line=self._line(spot))

    def named(self, spot: Spot) -> str:
        """A place in the same source, as a sentence has it."""
        return f"{'line' if self._path else 'case'} {spot.line}"

    def _line(self, spot: Spot) -> int | None:
        return spot.line or None if self._path else None

    def _where(self, spot: Spot) -> str:
        if not spot.line:
            return self.name
        if not self._path:
            return f"{self.name}, case {spot.line}"
        return f"{self.name}:{spot.line}:{spot.column}" if spot.column else f"{self.name}:{spot.line}"

"""Comparison: what has become better, worse or different since the baseline."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from kaizen_eval.conformance.baseline.baseline import Baseline, Tolerance, room
from kaizen_eval.conformance.baseline.figures import FIGURES, UNKNOWN, Figures
from kaizen_eval.errors import UsageError

__all__ = ["Change", "Comparison", "Direction", "compare"]

Direction = Literal["better", "worse", "different"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One figure of one situation that is outside of its tolerance."""

    situation: str
    figure: str
    """A field of Figures."""
    old: str
    new: str
    direction: Direction

    def __str__(self) -> str:
        return f"{self.situation}: {self.figure} {self.old} → {self.new} ({self.direction})"


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """Everything that changed, in the order of the situations."""

    changes: tuple[Change, ...] = ()
    added: tuple[str, ...] = ()
    """Situations that the baseline does not have."""
    missing: tuple[str, ...] = ()
    """Situations that the baseline has, and that were not measured."""

    @property
    def is_regressed(self) -> bool:
        """Whether anything is worse, or different, or was not measured; what is better alone is none."""
        return bool(self.missing) or any(change.direction != "better" for change in self.changes)

    @property
    def is_same(self) -> bool:
        return not (self.changes or self.added or self.missing)


def compare(old: Baseline, new: Baseline) -> Comparison:
    """What the new figures are, measured against the accepted ones and their tolerances.

    Raises:
        UsageError: they are not of the same subject, seed and schema.
    """
    _refuse_others(old, new)
    both = [name for name in old.situations if name in new.situations]
    return Comparison(
        changes=tuple(
            change
            for name in both
            for change in _changes(name, old.situations[name], new.situations[name], old.tolerances)
        ),
        added=tuple(name for name in new.situations if name not in old.situations),
        missing=tuple(name for name in old.situations if name not in new.situations),
    )


def _refuse_others(old: Baseline, new: Baseline) -> None:
    differ = [name for name in ("schema", "subject", "seed") if getattr(old, name) != getattr(new, name)]
    if differ:
        told = " and ".join(
            f"{name} is {getattr(old, name)!r} there and {getattr(new, name)!r} here" for name in differ
        )
        raise UsageError(
            f"The baseline cannot be compared: {told}. Name another file, or write it anew with `--update-baseline`."
        )


def _changes(name: str, old: Figures, new: Figures, tolerances: Mapping[str, Tolerance]) -> Iterator[Change]:
    for figure in FIGURES:
        before, after = getattr(old, figure), getattr(new, figure)
        direction = _direction(figure, before, after, tolerances.get(figure, 0))
        if direction is not None:
            yield Change(situation=name, figure=figure, old=str(before), new=str(after), direction=direction)


def _direction(figure: str, old: object, new: object, tolerance: Tolerance) -> Direction | None:
    if old == new:
        return None
    if figure == "ends":
        return _of_ends(str(old), str(new))
    if figure == "output" or UNKNOWN in {old, new}:
        return "different"
    before, after = Decimal(str(old)), Decimal(str(new))
    if abs(after - before) <= room(tolerance, before):
        return None
    return "worse" if after > before else "better"


def _of_ends(old: str, new: str) -> Direction:
    """More runs with a result are better."""
    before, after = _results(old), _results(new)
    if before == after:
        return "different"
    return "better" if after > before else "worse"


def _results(ends: str) -> int:
    first, _, rest = ends.partition(" ")
    return int(first) if rest.startswith("result") else 0

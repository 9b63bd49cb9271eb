"""Where a comparison reads its sides from."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from os import PathLike, fspath
from pathlib import Path
from typing import NamedTuple, Protocol, runtime_checkable

from kaizen_eval.errors import UsageError
from kaizen_eval.evals.case import Case
from kaizen_eval.evals.comparison.side import Side, side_of
from kaizen_eval.evals.log import Log
from kaizen_eval.evals.manifest import Manifest
from kaizen_eval.evals.trial import TrialRecord

__all__ = ["Comparable", "Evaluated", "Source", "source_of"]


@runtime_checkable
class Evaluated(Protocol):
    """An evaluation or its log: it can be read again and again."""

    @property
    def manifest(self) -> Manifest: ...

    def cases(self) -> Iterable[Case]: ...

    def records(self) -> Iterable[TrialRecord]: ...


Comparable = str | PathLike[str] | Evaluated
"""A folder, a log or an evaluation."""


class Source(NamedTuple):
    """A side, and the way back to what it was made of."""

    side: Side
    cases: Callable[[], Iterable[Case]] = tuple
    """None where only figures were kept, as in a baseline."""
    records: Callable[[], Iterable[TrialRecord]] = tuple


def source_of(given: Comparable) -> Source:
    """Reads the figures of all trials.

    Raises:
        UsageError: it is something else.
        EvaluationMissing, LogCorrupt, LogTooNew: there is none in this folder, or none that can be trusted.
    """
    evaluated = Log.open(given) if isinstance(given, str | PathLike) else given
    if not isinstance(evaluated, Evaluated):
        raise UsageError(f"{given!r} is no evaluation: give its folder, its log, or what evaluate() returned.")
    origin = given if isinstance(given, str | PathLike) else getattr(evaluated, "folder", None)
    side = side_of(evaluated.manifest, evaluated.cases(), evaluated.records(), _named(origin))
    return Source(side, evaluated.cases, evaluated.records)


def _named(origin: str | PathLike[str] | None) -> str:
    return "" if origin is None else Path(fspath(origin)).as_posix()

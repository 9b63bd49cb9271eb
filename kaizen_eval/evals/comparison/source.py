"""Where a comparison reads its sides from."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from os import PathLike, fspath
from pathlib import Path
from typing import Any, NamedTuple, Protocol, runtime_checkable

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


def _none(_: Collection[str]) -> Iterable[Any]:
    return ()


class Source(NamedTuple):
    """A side, and the way back to what it was made of."""

    side: Side
    cases: Callable[[Collection[str]], Iterable[Case]] = _none
    """Of these ids. None where only figures were kept, as in a baseline."""
    records: Callable[[Collection[str]], Iterable[TrialRecord]] = _none
    """The same, without what was said."""


def source_of(given: Comparable) -> Source:
    """Reads the figures of all trials.

    Raises:
        UsageError: it is something else.
        EvaluationMissing, LogCorrupt, LogTooNew: there is none in this folder, or none that can be trusted.
    """
    if isinstance(given, str | PathLike):
        return _kept(Log.open(given), given)
    if not isinstance(given, Evaluated):
        raise UsageError(f"{given!r} is no evaluation: give its folder, its log, or what evaluate() returned.")
    folder = getattr(given, "folder", None)
    return _held(given) if folder is None else _kept(given if isinstance(given, Log) else Log.open(folder), folder)


def _kept(log: Log, origin: str | PathLike[str]) -> Source:
    side = side_of(log.manifest, log.cases(), log.records(exchanges=False), Path(fspath(origin)).as_posix())
    return Source(side, lambda ids: log.cases(of=ids), lambda ids: log.records(of=ids, exchanges=False))


def _held(evaluated: Evaluated) -> Source:
    """In memory alone."""
    return Source(
        side_of(evaluated.manifest, evaluated.cases(), evaluated.records()),
        lambda ids: (case for case in evaluated.cases() if case.id in ids),
        lambda ids: (record for record in evaluated.records() if record.trial.case in ids),
    )

"""Reads the log of an evaluation."""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass, field
from os import PathLike
from pathlib import Path
from typing import Any

from kaizen_eval.errors import CasesMissing, EvaluationMissing
from kaizen_eval.evals.case import Case
from kaizen_eval.evals.happening import Ended
from kaizen_eval.evals.log.codec import BRIEF, CASE, RECORD
from kaizen_eval.evals.log.layout import Layout
from kaizen_eval.evals.log.lines import Garbled, names_one_of, object_of
from kaizen_eval.evals.log.lock import is_held
from kaizen_eval.evals.log.scan import FILE, MISFITS, Line, Scan, corrupt, lines_of, scanned
from kaizen_eval.evals.manifest import Manifest
from kaizen_eval.evals.trial import Trial, TrialRecord

__all__ = ["Ledger", "Log"]

_SHOWN = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Ledger:
    """What was planned against what has a record."""

    planned: int
    """Trials."""
    done: int
    missing: tuple[Trial, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Log:
    """An evaluation's log as it stood when it was opened; nothing of its cases and records is kept in memory."""

    folder: Path
    manifest: Manifest
    ledger: Ledger
    ended: Ended | None
    """None where it runs still, or was killed."""
    dropped: int
    """1 where the last line is torn: it is left out, and its trial is missing."""
    resumed: int
    """How often it was gone on with."""
    _again: Mapping[Trial, int] = field(repr=False)

    @classmethod
    def open(cls, folder: str | PathLike[str]) -> Log:
        """Read it once, to see that it is whole. A path of a log itself is good, too.

        Raises:
            EvaluationMissing: there is none, or it was killed before anything was planned.
            LogCorrupt, LogTooNew: it cannot be trusted.
        """
        place = Path(folder)
        place = place.parent if place.name == FILE else place
        scan = scanned(place)
        if scan.manifest is None or scan.trials is None:
            raise EvaluationMissing(
                f"The evaluation in {str(place)!r} was stopped before its plan was written: nothing of it has run. "
                "Begin it again with --resume.",
                path=str(place),
            )
        return cls(
            folder=place,
            manifest=scan.manifest,
            ledger=_ledger(scan, scan.trials),
            ended=scan.ended,
            dropped=int(scan.is_torn),
            resumed=scan.resumed,
            _again=scan.again,
        )

    @property
    def is_running(self) -> bool:
        """Whether somebody writes it just now."""
        return is_held(self.folder)

    def cases(self, *, of: Container[str] | None = None) -> Iterator[Case]:
        """In the order of the dataset; `of` these ids, else all."""
        for line in lines_of(self.folder):
            if line.data.startswith(b'{"kind":"case",'):
                if of is None or names_one_of(line.data, of):
                    yield self._read(line, CASE)
            elif line.number > 1:
                return

    def case_places(self) -> Iterator[tuple[str, int]]:
        """The id of each case, and the byte at which its line begins."""
        at = 0
        for line in lines_of(self.folder):
            if line.data.startswith(b'{"kind":"case",'):
                yield self._read(line, CASE).id, at
            elif line.number > 1:
                return
            at += len(line.data)

    def case_in(self, data: bytes) -> Case:
        """Of a line of it."""
        case: Case = self._read(Line(0, data), CASE)
        return case

    def records(self, *, of: Container[str] | None = None, exchanges: bool = True) -> Iterator[TrialRecord]:
        """In the order in which they ended; where a trial has several, the last.

        Args:
            of: ids of cases, else all.
            exchanges: without them attempts and tools are as many as there were, and empty; it takes a third.
        """
        again, layout = dict(self._again), RECORD if exchanges else BRIEF
        for line in lines_of(self.folder):
            if line.data.startswith(b'{"kind":"trial",') and (of is None or names_one_of(line.data, of)):
                record = self._read(line, layout)
                if again and again.get(record.trial, 1) > 1:
                    again[record.trial] -= 1
                else:
                    yield record

    def missing(self) -> tuple[Trial, ...]:
        """Trials that were planned and have no record."""
        return self.ledger.missing

    def check(self) -> None:
        """Raises:
        CasesMissing: a trial that was planned has no record.
        """
        if self.ledger.missing:
            raise _cases_missing(self.folder, self.ledger)

    def _read(self, line: Line, layout: Layout[Any]) -> Any:
        try:
            return layout.read(object_of(line.data))
        except Garbled as error:
            raise corrupt(self.folder, line.number, str(error)) from None
        except MISFITS as error:
            raise corrupt(self.folder, line.number, f"{type(error).__name__}: {error}") from error


def _ledger(scan: Scan, planned: int) -> Ledger:
    return Ledger(planned=planned, done=len(scan.done), missing=tuple(scan.done.missing(scan.repeats)))


def _cases_missing(folder: Path, ledger: Ledger) -> CasesMissing:
    names = tuple(map(str, ledger.missing))
    more = f", and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return CasesMissing(
        f"The evaluation in {str(folder)!r} has no record of {len(names)} of {ledger.planned} trials: "
        f"{', '.join(names[:_SHOWN])}{more}. Go on with it (--resume).",
        path=str(folder),
        missing=names,
    )

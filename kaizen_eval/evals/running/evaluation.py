"""Evaluation: what came of one pass over a dataset."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kaizen_eval.evals.case import Case
    from kaizen_eval.evals.happening import Ended
    from kaizen_eval.evals.log import Log
    from kaizen_eval.evals.manifest import Manifest
    from kaizen_eval.evals.summary import Summary
    from kaizen_eval.evals.trial import TrialRecord

__all__ = ["Evaluation", "evaluation_in"]


class Evaluation:
    """Its cases and records are read from its folder each time; without one they are in memory."""

    def __init__(
        self,
        manifest: Manifest,
        *,
        ended: Ended | None,
        cases: Callable[[], Iterator[Case]],
        records: Callable[[], Iterator[TrialRecord]],
        folder: Path | None = None,
    ) -> None:
        self.manifest = manifest
        self.ended = ended
        """None where it was killed, or runs still."""
        self.folder = folder
        """None where nothing was written."""
        self._cases = cases
        self._records = records
        self._summary: Summary | None = None

    def cases(self) -> Iterator[Case]:
        """In the order of the dataset."""
        return self._cases()

    def records(self) -> Iterator[TrialRecord]:
        """In the order in which trials ended."""
        return self._records()

    @property
    def summary(self) -> Summary:
        """The figures of all that was planned; what has no record was not run."""
        from kaizen_eval.evals.summary import summarised  # noqa: PLC0415 - only where somebody looks

        if self._summary is None:
            repeats, names = self.manifest.repeats, self.manifest.scorer_names
            self._summary = summarised(self.records(), self.cases(), repeats=repeats, scorers=names)
        return self._summary

    def __repr__(self) -> str:
        done = "" if self.ended is None else f", {self.ended.done} of {self.ended.planned} trials"
        return f"<Evaluation {self.manifest.id}: {self.manifest.task} on {self.manifest.dataset}{done}>"


def evaluation_in(folder: Path, manifest: Manifest, ended: Ended | None) -> Evaluation:
    """The one whose log is in this folder."""
    return Evaluation(
        manifest,
        ended=ended,
        cases=lambda: _log(folder).cases(),
        records=lambda: _log(folder).records(),
        folder=folder,
    )


def _log(folder: Path) -> Log:
    from kaizen_eval.evals.log import Log  # noqa: PLC0415 - only where somebody looks

    return Log.open(folder)

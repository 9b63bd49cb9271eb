"""Finds cases of a log by their ids, and keeps of each no more than where its line begins."""

from __future__ import annotations

from types import TracebackType
from typing import Self

from kaizen_eval.evals.case import Case
from kaizen_eval.evals.log.reader import Log
from kaizen_eval.evals.log.scan import FILE

__all__ = ["CaseFinder"]


class CaseFinder:
    """As long as the block lasts, in which the log's file is open."""

    def __init__(self, log: Log) -> None:
        self._log = log
        self._file = (log.folder / FILE).open("rb")
        self._begins = dict(log.case_places())

    def __getitem__(self, case: str) -> Case:
        self._file.seek(self._begins[case])
        return self._log.case_in(self._file.readline())

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._file.close()

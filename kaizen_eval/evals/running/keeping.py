"""Where records are kept: in a folder, or in memory."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from os import PathLike
    from pathlib import Path

    from kaizen_eval.evals.case import Case
    from kaizen_eval.evals.happening import Ended
    from kaizen_eval.evals.manifest import Manifest
    from kaizen_eval.evals.trial import Trial, TrialRecord

__all__ = ["InMemory", "Keeping", "kept"]


class Keeping(Protocol):
    """One evaluation's records."""

    @property
    def manifest(self) -> Manifest: ...

    @property
    def folder(self) -> Path | None: ...

    def write(self, record: TrialRecord) -> None: ...

    def end(self, ended: Ended) -> None: ...

    def close(self) -> None: ...


class InMemory:
    """For an evaluation without a folder."""

    folder: Path | None = None

    def __init__(self, manifest: Manifest) -> None:
        self.manifest = manifest
        self.records: list[TrialRecord] = []

    def write(self, record: TrialRecord) -> None:
        self.records.append(record)

    def end(self, ended: Ended) -> None:
        """There is nothing to finish."""

    def close(self) -> None:
        """There is nothing to free."""


def kept(
    folder: str | PathLike[str] | None, manifest: Manifest, cases: Iterable[Case], *, resume: bool
) -> tuple[Keeping, Collection[Trial], int]:
    """Where they are kept, the trials that have a record already, and how many lines of the log were torn."""
    if folder is None:
        return InMemory(manifest), (), 0
    from kaizen_eval.evals.log import LogWriter  # noqa: PLC0415 - only where there is a folder

    if resume:
        return LogWriter.resume(folder, manifest, cases)
    return LogWriter.create(folder, manifest, cases), (), 0

"""Where records are kept: in a folder, or in memory."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from decimal import Decimal
from typing import TYPE_CHECKING, NamedTuple, Protocol

from kaizen_eval.evals.outside import outside

if TYPE_CHECKING:
    from os import PathLike
    from pathlib import Path

    from kaizen_eval.evals.case import Case
    from kaizen_eval.evals.happening import Ended
    from kaizen_eval.evals.manifest import Manifest
    from kaizen_eval.evals.trial import Trial, TrialRecord

__all__ = ["InMemory", "Keeping", "Kept", "kept", "total"]


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


class Kept(NamedTuple):
    """Where records are kept, and what has been done before."""

    keeping: Keeping
    done: Collection[Trial] = ()
    """They have a record."""
    dropped: int = 0
    """Lines of the log that were torn."""
    spent: Decimal | None = Decimal(0)
    """USD, by what is done; None when a part of it is unknown."""


def kept(folder: str | PathLike[str] | None, manifest: Manifest, cases: Iterable[Case], *, resume: bool) -> Kept:
    """Begin a log in this folder, or go on with the one that there is: what failed outside of the agent is tried again,
    and its next record counts.
    """
    if folder is None:
        return Kept(InMemory(manifest))
    from kaizen_eval.evals.log import Log, LogWriter  # noqa: PLC0415 - only where there is a folder

    if not resume:
        return Kept(LogWriter.create(folder, manifest, cases))
    writer, done, dropped = LogWriter.resume(folder, manifest, cases)
    try:
        spent: Decimal | None = Decimal(0)
        for record in Log.open(folder).records() if done else ():
            spent = total([spent, record.cost])
            if outside(record):
                done.discard(record.trial)
    except BaseException:
        writer.close()
        raise
    return Kept(writer, done, dropped, spent)


def total(costs: Iterable[Decimal | None]) -> Decimal | None:
    """USD; None when one of them is unknown."""
    found = Decimal(0)
    for cost in costs:
        if cost is None:
            return None
        found += cost
    return found

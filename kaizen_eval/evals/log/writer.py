"""Writes the log of an evaluation: the plan first, then one line for each trial that is done."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import suppress
from os import PathLike
from pathlib import Path
from typing import Any, NamedTuple

from kaizen_eval.errors import EvaluationExists, EvaluationUnwritable
from kaizen_eval.evals.case import Case
from kaizen_eval.evals.happening import Ended
from kaizen_eval.evals.log.appending import Appending
from kaizen_eval.evals.log.codec import CASE, ENDED, MANIFEST, RECORD
from kaizen_eval.evals.log.done import Done
from kaizen_eval.evals.log.likeness import check_alike
from kaizen_eval.evals.log.lines import line_of
from kaizen_eval.evals.log.lock import locked, unlock
from kaizen_eval.evals.log.masking import Masking
from kaizen_eval.evals.log.scan import FILE, Scan, scanned
from kaizen_eval.evals.manifest import Manifest
from kaizen_eval.evals.trial import TrialRecord

__all__ = ["LogWriter", "Resumed"]

_CHUNK = 256


class Resumed(NamedTuple):
    """An evaluation that is gone on with."""

    writer: LogWriter
    done: Done
    """They have a record."""
    dropped: int
    """Lines that were torn and are gone; their trials run again."""


class LogWriter:
    """The only one that writes in this folder, until it is closed."""

    def __init__(self, folder: Path, manifest: Manifest, file: Appending, lock: int) -> None:
        """Use `create` or `resume`."""
        self.folder = folder
        self.manifest = manifest
        """As it stands in the log: an evaluation that is gone on with keeps its id."""
        self._file = file
        self._lock = lock
        self._mask = Masking(os.environ).record
        self._is_closed = False

    @classmethod
    def create(cls, folder: str | PathLike[str], manifest: Manifest, cases: Iterable[Case]) -> LogWriter:
        """Begin an evaluation in a folder, which is made if need be.

        Raises:
            EvaluationExists: it holds one already.
            EvaluationBusy: somebody writes one there.
            EvaluationUnwritable: it cannot be written.
        """
        place, manifest = Path(folder), Masking(os.environ).manifest(manifest)
        lock = _held(place)
        try:
            _refuse_to_write_over(place)
            return cls._begun(place, manifest, cases, lock)
        except BaseException:
            unlock(lock)
            raise

    @classmethod
    def resume(cls, folder: str | PathLike[str], manifest: Manifest, cases: Iterable[Case]) -> Resumed:
        """Go on with the evaluation in a folder; where there is none, or no whole plan of one, begin it.

        Raises:
            Incomparable: it is one of something else; the message says what differs.
            EvaluationBusy: somebody writes it.
            LogCorrupt, LogTooNew: it cannot be trusted.
            EvaluationUnwritable: it cannot be written.
        """
        place, manifest = Path(folder), Masking(os.environ).manifest(manifest)
        lock = _held(place)
        try:
            scan = scanned(place) if (place / FILE).exists() else Scan()
            if scan.manifest is None or scan.trials is None:
                return Resumed(cls._begun(place, manifest, cases, lock), Done(), 0)
            check_alike(place, scan.manifest, manifest)
            return cls._gone_on(place, scan.manifest, scan, lock)
        except BaseException:
            unlock(lock)
            raise

    def write(self, record: TrialRecord) -> None:
        """Raises:
        EvaluationUnwritable: it is not in the log; all before it is.
        """
        self._file.write(line_of("trial", self._mask(RECORD.write(record))))

    def end(self, ended: Ended) -> None:
        """Say that nothing runs any more; what stands now outlives the machine."""
        self._file.write(line_of("ended", ENDED.write(ended)))
        self._file.sync()

    def close(self) -> None:
        """Let others write here. A second time does nothing."""
        if not self._is_closed:
            self._is_closed = True
            self._file.close()
            unlock(self._lock)

    @classmethod
    def _begun(cls, folder: Path, manifest: Manifest, cases: Iterable[Case], lock: int) -> LogWriter:
        file = Appending(folder / FILE, size=0)
        try:
            for lines in _chunks(_plan(manifest, cases)):
                file.write(lines)
        except BaseException:
            file.close()
            with suppress(OSError):
                (folder / FILE).unlink()
            raise
        return cls(folder, manifest, file, lock)

    @classmethod
    def _gone_on(cls, folder: Path, manifest: Manifest, scan: Scan, lock: int) -> Resumed:
        file = Appending(folder / FILE, size=scan.size)
        dropped = int(scan.is_torn)
        try:
            file.write(line_of("resumed", {"done": len(scan.done), "dropped": dropped}))
        except BaseException:
            file.close()
            raise
        return Resumed(cls(folder, manifest, file, lock), scan.done, dropped)


def _held(folder: Path) -> int:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        return locked(folder)
    except (OSError, ValueError) as error:  # of another kind: no file can have that name
        why = getattr(error, "strerror", None) or error
        raise EvaluationUnwritable(
            f"No evaluation can be kept in {str(folder)!r}: {why}. Choose another folder (--out), or see who may write "
            "there.",
            path=str(folder),
        ) from error


def _plan(manifest: Manifest, cases: Iterable[Case]) -> Iterator[bytes]:
    yield line_of("evaluation", MANIFEST.write(manifest))
    count = 0
    for case in cases:
        yield line_of("case", CASE.write(case))
        count += 1
    yield line_of("begun", {"cases": count, "trials": count * manifest.repeats})


def _chunks(lines: Iterable[bytes]) -> Iterator[bytes]:
    """Several at once: none of them counts before the plan is whole."""
    chunk: list[Any] = []
    for line in lines:
        chunk.append(line)
        if len(chunk) == _CHUNK:
            yield b"".join(chunk)
            chunk.clear()
    yield b"".join(chunk)


def _refuse_to_write_over(folder: Path) -> None:
    if (folder / FILE).exists():
        raise EvaluationExists(
            f"There is an evaluation in {str(folder)!r} already. Choose another folder (--out); one that was stopped "
            "is gone on with (--resume).",
            path=str(folder),
        )

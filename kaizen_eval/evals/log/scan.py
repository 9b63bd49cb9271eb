"""One pass over a log: what it holds, whether it is whole, where its sound lines end."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from kaizen_eval.errors import EvaluationError, EvaluationMissing, LogCorrupt, LogTooNew
from kaizen_eval.evals.happening import Ended
from kaizen_eval.evals.log.codec import ENDED, MANIFEST
from kaizen_eval.evals.log.done import Done
from kaizen_eval.evals.log.lines import Garbled, begun_of, object_of, parsed
from kaizen_eval.evals.manifest import SCHEMA, Manifest
from kaizen_eval.evals.outcome import Outcome
from kaizen_eval.evals.trial import Trial

__all__ = ["FILE", "MISFITS", "Line", "Scan", "corrupt", "lines_of", "scanned"]

FILE = "log.jsonl"
MISFITS = (ArithmeticError, AttributeError, KeyError, TypeError, ValueError)
"""What reading an object of another shape raises; DatasetError is among them."""
_HEAD = b'{"kind":"evaluation",'


class Line(NamedTuple):
    """A whole line of a log."""

    number: int
    """From 1."""
    data: bytes
    """With its end."""

    def __repr__(self) -> str:
        return f"line {self.number}"


@dataclass(slots=True)
class Scan:
    """What one pass over a log has found."""

    manifest: Manifest | None = None
    trials: int | None = None
    """As many as planned; None where the plan was never finished."""
    done: Done = field(default_factory=Done)
    again: dict[Trial, int] = field(default_factory=dict)
    """How many records a trial has, where it has several: the last counts."""
    resumed: int = 0
    ended: Ended | None = None
    """None also where it was resumed after its end."""
    is_torn: bool = False
    size: int = 0
    """Bytes to the end of the last whole line."""

    @property
    def repeats(self) -> int:
        return self.manifest.repeats if self.manifest else 0


def scanned(folder: Path) -> Scan:
    """Raises:
    EvaluationMissing: there is no log.
    LogCorrupt, LogTooNew: it cannot be trusted.
    """
    scan = Scan()
    for line in lines_of(folder, scan):
        try:
            document = parsed(line.data) if line.number == 1 else begun_of(line.data)
            kind = _kind(document, line.number)
            if line.number == 1:
                _refuse_later(folder, document)
            _TAKEN[kind](scan, document, line)
        except Garbled as error:
            raise corrupt(folder, line.number, str(error)) from None
        except MISFITS as error:
            raise corrupt(folder, line.number, f"{type(error).__name__}: {error}") from error
    return scan


def lines_of(folder: Path, scan: Scan | None = None) -> Iterator[Line]:
    """The whole lines. A last one without its end is torn: it is left out, and the scan is told.

    Raises:
        EvaluationMissing, EvaluationError: there is no log, or it cannot be read.
    """
    try:
        with (folder / FILE).open("rb") as file:
            for number, data in enumerate(file, start=1):
                if not data.endswith(b"\n"):
                    _torn(folder, number, data, scan)
                    return
                if scan is not None:
                    scan.size += len(data)
                yield Line(number, data)
    except (FileNotFoundError, NotADirectoryError) as error:
        raise _no_log(folder) from error
    except (OSError, ValueError) as error:  # of another kind: no file can have that name
        why = getattr(error, "strerror", None) or error
        raise EvaluationError(f"{str(folder / FILE)!r} cannot be read: {why}.", path=str(folder)) from error


def corrupt(folder: Path, line: int, why: str) -> LogCorrupt:
    return LogCorrupt(
        f"{str(folder / FILE)!r}, line {line}: {why}. The log is left as it is: nothing of it is read, and nothing is "
        "added. Put a copy in its place, or evaluate again into another folder.",
        path=str(folder),
        line=line,
    )


def _torn(folder: Path, number: int, data: bytes, scan: Scan | None) -> None:
    if number == 1 and not data.startswith(_HEAD[: len(data)]):
        raise corrupt(folder, 1, "it is no log of an evaluation")
    if scan is not None:
        scan.is_torn = True


def _no_log(folder: Path) -> EvaluationMissing:
    return EvaluationMissing(
        f"There is no evaluation in {str(folder)!r}: it has no {FILE}. Expected a folder that `kaizen-eval eval --out` "
        "has written.",
        path=str(folder),
    )


def _kind(document: dict[str, Any], number: int) -> str:
    kind = document.get("kind")
    if (kind == "evaluation") != (number == 1) or kind not in _TAKEN:
        raise Garbled("it is no line of an evaluation's log" if number > 1 else "it is no log of an evaluation")
    return str(kind)


def _refuse_later(folder: Path, document: dict[str, Any]) -> None:
    """Before the line's own sum, which a later version may reckon otherwise."""
    schema = document.get("schema", SCHEMA)
    if isinstance(schema, int) and schema > SCHEMA:
        raise LogTooNew(
            f"{str(folder / FILE)!r} was written by a later kaizen-eval ({document.get('version', 'unknown')}): its "
            f"schema is {schema}, and this version knows {SCHEMA}. Update kaizen-eval.",
            path=str(folder),
        )


def _take_manifest(scan: Scan, _: dict[str, Any], line: Line) -> None:
    scan.manifest = MANIFEST.read(object_of(line.data))


def _take_case(scan: Scan, document: dict[str, Any], _: Line) -> None:
    if scan.trials is not None or not scan.done.plan(document["id"]):
        raise Garbled(f"the case {document['id']!r} is planned twice, or after the plan's end")


def _take_begun(scan: Scan, document: dict[str, Any], _: Line) -> None:
    if scan.trials is not None or document["cases"] != scan.done.cases:
        raise Garbled(f"{document['cases']} cases were planned, and {scan.done.cases} stand before this line")
    scan.trials = document["trials"]


def _take_trial(scan: Scan, document: dict[str, Any], _: Line) -> None:
    trial = Trial(*document["trial"])
    if scan.trials is None or not scan.done.planned(trial, scan.repeats):
        raise Garbled(f"the trial {trial} is not planned")
    if trial in scan.done or trial in scan.again:
        scan.again[trial] = scan.again.get(trial, 1) + 1
    if document["outcome"] == Outcome.NOT_RUN:
        scan.again.setdefault(trial, 1)
        scan.done.discard(trial)
    else:
        scan.done.add(trial)


def _take_resumed(scan: Scan, _: dict[str, Any], __: Line) -> None:
    scan.resumed += 1
    scan.ended = None


def _take_ended(scan: Scan, document: dict[str, Any], _: Line) -> None:
    scan.ended = ENDED.read(document)


_TAKEN: dict[str, Callable[[Scan, dict[str, Any], Line], None]] = {
    "evaluation": _take_manifest,
    "case": _take_case,
    "begun": _take_begun,
    "trial": _take_trial,
    "resumed": _take_resumed,
    "ended": _take_ended,
}

"""One pass over a log: what it holds, whether it is whole, where its sound lines end."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from kaizen_eval.errors import EvaluationError, EvaluationMissing, LogCorrupt, LogTooNew
from kaizen_eval.evals.happening import Ended
from kaizen_eval.evals.log.codec import ENDED, MANIFEST
from kaizen_eval.evals.log.lines import Garbled, object_of, parsed
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
    cases: dict[str, None] = field(default_factory=dict)
    """Ids, in order."""
    trials: int | None = None
    """As many as planned; None where the plan was never finished."""
    lines: dict[Trial, int] = field(default_factory=dict)
    """Of each trial that is done, in which line."""
    overtaken: set[int] = field(default_factory=set)
    """Lines whose trials have another record behind them, which counts."""
    resumed: int = 0
    ended: Ended | None = None
    """None also where it was resumed after its end."""
    is_torn: bool = False
    size: int = 0
    """Bytes to the end of the last whole line."""

    @property
    def missing(self) -> tuple[Trial, ...]:
        """Trials that are planned and have no record."""
        repeats = self.manifest.repeats if self.manifest else 0
        planned = (Trial(case, repeat) for case in self.cases for repeat in range(1, repeats + 1))
        return tuple(trial for trial in planned if trial not in self.lines)


def scanned(folder: Path) -> Scan:
    """Raises:
    EvaluationMissing: there is no log.
    LogCorrupt, LogTooNew: it cannot be trusted.
    """
    scan = Scan()
    for line in lines_of(folder, scan):
        try:
            document = parsed(line.data) if line.number == 1 else object_of(line.data)
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
    except OSError as error:
        raise EvaluationError(f"{str(folder / FILE)!r} cannot be read: {error.strerror}.", path=str(folder)) from error


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
    if scan.trials is not None or document["id"] in scan.cases:
        raise Garbled(f"the case {document['id']!r} is planned twice, or after the plan's end")
    scan.cases[document["id"]] = None


def _take_begun(scan: Scan, document: dict[str, Any], _: Line) -> None:
    if scan.trials is not None or document["cases"] != len(scan.cases):
        raise Garbled(f"{document['cases']} cases were planned, and {len(scan.cases)} stand before this line")
    scan.trials = document["trials"]


def _take_trial(scan: Scan, document: dict[str, Any], line: Line) -> None:
    trial = Trial(*document["trial"])
    repeats = scan.manifest.repeats if scan.manifest else 0
    if scan.trials is None or trial.case not in scan.cases or not 1 <= trial.repeat <= repeats:
        raise Garbled(f"the trial {trial} is not planned")
    if trial in scan.lines:
        scan.overtaken.add(scan.lines.pop(trial))
    if document["outcome"] != Outcome.NOT_RUN:
        scan.lines[trial] = line.number


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

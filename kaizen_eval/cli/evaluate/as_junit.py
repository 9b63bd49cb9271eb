"""An evaluation as JUnit XML: a test case for each trial."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from kaizen_eval.cli.evaluate.failing import name, reason, untold
from kaizen_eval.cli.evaluate.finished import Finished
from kaizen_eval.cli.evaluate.gates import Exit
from kaizen_eval.cli.junit import Case, Told, document
from kaizen_eval.evals import case as cases
from kaizen_eval.evals.outcome import Outcome
from kaizen_eval.evals.trial import Trial, TrialRecord

__all__ = ["text"]


def text(finished: Finished) -> str:
    return document("kaizen-eval eval", finished.manifest.dataset, _trials(finished), finished.seconds)


def _trials(finished: Finished) -> Iterator[Case]:
    """In the order of the dataset, what must hold at the end. What has no record is an error, not a shorter list."""
    records: dict[Trial, TrialRecord] = {record.trial: _light(record) for record in finished.records()}
    for case in finished.cases():
        for repeat in range(1, finished.summary.repeats + 1):
            trial = Trial(case.id, repeat)
            label = case.id if finished.summary.repeats == 1 else str(trial)
            yield _trial(finished, case, label, records.get(trial))
    yield Case(f"{finished.manifest.dataset}.verdict", "verdict", list(_ruled(finished)))


def _ruled(finished: Finished) -> Iterator[Told]:
    """What programs that read this file alone would miss: that all trials ended says nothing of what must hold."""
    ruling, *others = finished.verdict.rulings
    if ruling.code is not Exit.PASS:
        tag = "failure" if ruling.code in {Exit.REGRESSION, Exit.INCONCLUSIVE} else "error"
        more = "\n".join(f"{other.word}: {other.reason}" for other in others)
        yield Told(tag, ruling.reason, more, kind=ruling.word)  # type: ignore[arg-type]  # one of the two


def _trial(finished: Finished, case: cases.Case, label: str, record: TrialRecord | None) -> Case:
    suite = finished.manifest.dataset
    if record is None:
        return Case(suite, label, [Told("error", "It was planned, and did not run.", kind=Outcome.NOT_RUN.value)])
    return Case(suite, label, list(_told(case, record)), record.answer.ms / 1_000)


def _told(case: cases.Case, record: TrialRecord) -> Iterator[Told]:
    if record.outcome is Outcome.PASSED:
        return
    said = reason(record) or name(record.outcome)
    lines = [f"{field}: expected {wanted}, got {came}" for field, wanted, came in untold(case, record, said)]
    if record.failure is not None and record.failure.traceback:
        lines.append(record.failure.traceback)
    tag = "failure" if record.outcome is Outcome.FAILED else "error"
    yield Told(tag, said, "\n".join(lines), kind=record.outcome.value)  # type: ignore[arg-type]  # one of the two


def _light(record: TrialRecord) -> TrialRecord:
    """Without what was said on the way, of which nothing is told here: all records are kept until the end."""
    turns = tuple(replace(turn, attempts=(), tools=()) for turn in record.answer.turns)
    return replace(record, answer=replace(record.answer, turns=turns))

"""Evaluations' logs, small ones, made as the engine makes them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

from kaizen_eval.evals import Answer, AnsweredTurn, Case, Outcome, Scored, SeenAttempt, Trial, TrialRecord
from kaizen_eval.evals.happening import Ended
from kaizen_eval.evals.log import LogWriter
from kaizen_eval.evals.manifest import Manifest

__all__ = ["CASES", "MANIFEST", "begun", "manifest", "record", "written"]

MANIFEST = Manifest(
    id="20261123-141503-3f9a1c",
    created="2026-11-23T14:15:03Z",
    dataset="qa",
    dataset_hash="abc",
    task="qa:QAAgent",
    scorers=({"exact": {}},),
)
CASES = tuple(Case(id=name, inputs={"question": f"What is {name}?"}) for name in ("one", "two", "three"))
_COST = Decimal("0.1")
_ASKED = SeenAttempt(agent="QAAgent", call=1, attempt=1, at=0.0, ms=2.0, text="…", cost=_COST)


def manifest(**changes: Any) -> Manifest:
    return replace(MANIFEST, **changes)


def record(case: str, *, repeat: int = 1, value: float = 1.0, **more: Any) -> TrialRecord:
    return TrialRecord(
        trial=Trial(case, repeat),
        outcome=Outcome.PASSED if value == 1 else Outcome.FAILED,
        scores=(Scored(scorer="exact", value=value, passed=value == 1),),
        answer=Answer(turns=(AnsweredTurn(outputs={"answer": case}, cost=_COST, attempts=(_ASKED,)),)),
        **more,
    )


def begun(folder: Path, *, cases: Iterable[Case] = CASES, **changes: Any) -> LogWriter:
    return LogWriter.create(folder, manifest(**changes), cases)


def written(folder: Path, *records: TrialRecord, cases: Iterable[Case] = CASES, **changes: Any) -> Path:
    """One that is over; without records, all cases were done."""
    cases = tuple(cases)
    done = records or tuple(record(case.id) for case in cases)
    writer = begun(folder, cases=cases, **changes)
    for each in done:
        writer.write(each)
    writer.end(Ended(planned=len(cases), done=len(done), seconds=1.5, cost=Decimal("0.3")))
    writer.close()
    return folder

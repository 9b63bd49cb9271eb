"""What happens in an evaluation, a JSON object on each line."""

from __future__ import annotations

import json
from typing import Any, TextIO

from kaizen_eval.evals.happening import (
    Ended,
    Happening,
    Started,
    StillRunning,
    Stopping,
    TrialEnded,
    TrialStarted,
)
from kaizen_eval.evals.trial import TrialRecord

__all__ = ["Stream"]


class Stream:
    """Writes each line whole, as it happens. What was said on the way is in the log alone."""

    def __init__(self, file: TextIO) -> None:
        self._file = file

    def on_happening(self, happening: Happening) -> None:
        line = json.dumps(_told(happening), ensure_ascii=False)
        self._file.write(f"{line}\n")
        self._file.flush()


def _told(happening: Happening) -> dict[str, Any]:
    match happening:
        case Started(manifest=manifest):
            told = {"id": manifest.id, "dataset": manifest.dataset, "task": manifest.task, "repeats": manifest.repeats}
            return {"kind": "started", **told, "planned": happening.planned, "done": happening.done}
        case TrialStarted(trial=trial):
            return {"kind": "trial_started", "case": trial.case, "repeat": trial.repeat}
        case TrialEnded(record=record):
            return {"kind": "trial_ended", **_record(record)}
        case StillRunning(trials=trials):
            running = [{"case": t.case, "repeat": t.repeat, "seconds": s, "waits": w} for t, s, w in trials]
            return {"kind": "still_running", "trials": running}
        case Stopping(reason=reason):
            return {"kind": "stopping", "reason": reason}
        case Ended():
            return {
                "kind": "ended",
                "planned": happening.planned,
                "done": happening.done,
                "stopped": happening.stopped,
                "seconds": happening.seconds,
                "cost": None if happening.cost is None else str(happening.cost),
            }


def _record(record: TrialRecord) -> dict[str, Any]:
    failure, cost = record.failure, record.answer.cost
    return {
        "case": record.trial.case,
        "repeat": record.trial.repeat,
        "outcome": record.outcome.value,
        "score": record.score,
        "scores": [
            {
                "scorer": each.scorer,
                "value": each.value,
                "passed": each.passed,
                "reason": each.reason,
                "error": each.error,
            }
            for each in record.scores
        ],
        "failure": None if failure is None else f"{failure.type}: {failure.message}",
        "ms": record.answer.ms,
        "tokens": record.answer.usage.total,
        "cost": None if cost is None else str(cost),
    }

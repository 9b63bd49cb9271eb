"""All that is known of one case, as the page shows it when it is opened."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from kaizen_eval.evals.case import Case
from kaizen_eval.evals.reports.embedding import json_line
from kaizen_eval.evals.reports.trials import Tried
from kaizen_eval.evals.reports.values import values

__all__ = ["detail"]


def detail(case: Case, trials: Sequence[Tried], before: Sequence[Tried]) -> bytes:
    """One line of JSON: the case, its trials, and those of the evaluation that it is compared with."""
    asked = [
        {"inputs": values(turn.inputs), "expected": None if turn.expected is None else values(turn.expected)}
        for turn in case.asked
    ]
    head = {"id": case.id, "tags": case.tags, "cluster": case.cluster, "limits": case.limits, "asked": asked}
    return b'%s,"trials":[%s],"before":[%s]}' % (json_line(head)[:-1], _joined(trials), _joined(before))


def _joined(trials: Iterable[Tried]) -> bytes:
    return b",".join(each.detail for each in trials)

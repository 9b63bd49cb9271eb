"""The report on an evaluation: what is read at once, with what is read where a case is opened."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from kaizen_eval.evals.comparison import Comparison, compare
from kaizen_eval.evals.happening import Ended
from kaizen_eval.evals.manifest import Manifest
from kaizen_eval.evals.reports.details import detail
from kaizen_eval.evals.reports.document import document
from kaizen_eval.evals.reports.embedding import Pack, packs
from kaizen_eval.evals.reports.overview import overview
from kaizen_eval.evals.reports.rows import OUTCOMES, Row, rows
from kaizen_eval.evals.reports.sources import Gathered, Readable, TrendPoint, gathered
from kaizen_eval.evals.reports.wording import head, left_out

__all__ = ["report"]


def report(
    log: Readable,
    *,
    against: Readable | None = None,
    comparison: Comparison | None = None,
    shared: bool = False,
    trend: Sequence[TrendPoint] = (),
) -> str:
    """One file of HTML, which opens offline and takes nothing from elsewhere.

    Args:
        log: the evaluation.
        against: the one that it is compared with; cases that passed in one and not in the other come first.
        comparison: with that one, or with a baseline, where it is made already, such as with a margin of its own.
        shared: compare the cases that both have, complete and unchanged.
        trend: evaluations of the same dataset, oldest first, this one among them.

    Raises:
        Incomparable: other cases, shards or scorers than `against`; the message says what differs.
        CasesMissing: one of both is incomplete; `shared=True` lets that pass.
    """
    if against is not None and comparison is None:
        comparison = compare(against, log, shared=shared)
    now, before = gathered(log), gathered(against) if against else None
    table, details = _listed(now, before, comparison)
    data = {
        "evaluation": now.manifest,
        "against": comparison.a if comparison else None,
        "verdict": _verdict(now, comparison),
        **overview(now, before, trend),
        "rows": table,
        "names": [outcome.value for outcome in OUTCOMES],
    }
    return document("evaluation", title=_title(now.manifest), data=data, details=details)


def _listed(now: Gathered, before: Gathered | None, comparison: Comparison | None) -> tuple[list[Row], list[Pack]]:
    """Lines are packed as they come: unpacked, they would take several times the room."""
    flips = {flip.case: flip.change for flip in comparison.flips} if comparison else {}
    table: list[Row] = []

    def lines() -> Iterator[bytes]:
        for row, case, trials, past in rows(now, before, flips):
            table.append(row)
            yield detail(case, trials, past)

    return table, [*packs(lines())]


def _title(manifest: Manifest) -> str:
    return f"{manifest.dataset}: {manifest.task} - kaizen-eval"


def _verdict(now: Gathered, comparison: Comparison | None) -> dict[str, Any]:
    """One sentence, with what else should be known before it is believed."""
    missing = [*left_out(now.summary), *_stopped(now.ended)]
    if comparison is None:
        return {"state": "alone", "sentence": head(now.summary), "reasons": missing}
    differs = [f"{each.what}: {each.a} → {each.b}" for each in comparison.differs]
    return {
        "state": comparison.verdict.value.lower(),
        "word": comparison.verdict.value,
        "sentence": comparison.why,
        "reasons": [head(now.summary), *missing, *comparison.notes, *comparison.advice, *differs],
    }


def _stopped(ended: Ended | None) -> list[str]:
    return [] if ended is None or ended.stopped is None else [f"It was stopped before its end: {ended.stopped}"]

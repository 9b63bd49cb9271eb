"""Makes of an evaluation's log what is told of it."""

from __future__ import annotations

import argparse
from collections.abc import Iterator

from kaizen_eval.cli.evaluate import words
from kaizen_eval.cli.evaluate.again import again
from kaizen_eval.cli.evaluate.baseline import Held
from kaizen_eval.cli.evaluate.failing import Failing
from kaizen_eval.cli.evaluate.finished import Finished
from kaizen_eval.cli.evaluate.gates import Outside, Ruling, under, verdict
from kaizen_eval.cli.evaluate.stage import Stage
from kaizen_eval.evals.log import Log
from kaizen_eval.evals.summary import Summary, Tally

__all__ = ["finished"]


def finished(log: Log, stage: Stage, held: Held, options: argparse.Namespace) -> Finished:
    """Read once, record by record."""
    repeats = log.manifest.repeats
    tally, outside = Tally(log.cases(), repeats=repeats, scorers=log.manifest.scorer_names), Outside()
    failing = Failing(repeats=repeats)
    for record in log.records():
        for each in (tally, outside, failing):
            each.add(record)
    summary = tally.summary()
    stopped = None if log.ended is None else log.ended.stopped
    rulings = [*outside.rulings(summary, stopped), *_asked_for(summary, options), *held.rulings(), *stage.rulings()]
    return Finished(
        manifest=log.manifest,
        summary=summary,
        verdict=verdict(rulings),
        failing=tuple(failing.told(log.cases(), log.records(), most=options.failing)),
        failing_count=failing.count,
        folder=str(log.folder),
        again=again(options, str(log.folder)),
        seconds=0.0 if log.ended is None else log.ended.seconds,
        stopped=stopped,
        notices=[*words.unjudged(summary), *_dropped(log), *stage.notices()],
        comparison=held.comparison,
        cases=log.cases,
        records=log.records,
    )


def _asked_for(summary: Summary, options: argparse.Namespace) -> Iterator[Ruling]:
    if options.fail_under is not None:
        yield under(summary, options.fail_under)


def _dropped(log: Log) -> Iterator[str]:
    if log.dropped:
        yield "The last line of the log is torn: its trial is missing."

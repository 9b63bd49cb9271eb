"""Makes an evaluation the baseline of those to come."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from kaizen_eval.errors import EvaluationError, EvaluationUnwritable, UsageError
from kaizen_eval.evals.comparison.alike import name_of, refuse_incomplete
from kaizen_eval.evals.comparison.asked import asked_confidence, asked_margins
from kaizen_eval.evals.comparison.baseline.file import Baseline, Gate, read_baselines, text_of
from kaizen_eval.evals.comparison.side import Side
from kaizen_eval.evals.comparison.source import Comparable, source_of

__all__ = ["bless"]


def bless(
    evaluation: Comparable,
    path: str | os.PathLike[str],
    *,
    metric: str | Sequence[str] = "score",
    margin: float | Mapping[str, float] = 0.0,
    confidence: float = 0.95,
) -> Baseline:
    """Write it into a file of baselines: instead of the one for the same dataset, strategy, model and cassette, beside
    those for others.

    Args:
        evaluation: a folder, a log or an evaluation, complete and all judged.
        path: of the file, such as `baselines/qa.json`; it is made if need be.
        metric: what decides when an evaluation is held against it, as in `compare`.
        margin: how much worse it may be then, as in `compare`.
        confidence: as in `compare`.

    Raises:
        CasesMissing: the evaluation is incomplete.
        EvaluationError: some of its trials could not be judged; or the file holds something else.
        EvaluationUnwritable: the file cannot be written.
        UsageError: it is one shard of several, or what is asked makes no sense.
    """
    side = source_of(evaluation).side
    margins = asked_margins(metric, margin)
    gate = Gate(metric=tuple(margins), margin=margins, confidence=asked_confidence(confidence))
    _refuse_unfit(side, gate)
    blessed, file = Baseline(side=side, gate=gate), Path(path)
    others = [each for each in read_baselines(file) if each.key != blessed.key] if file.exists() else []
    _write(file, text_of([*others, blessed]))
    return blessed


def _refuse_unfit(side: Side, gate: Gate) -> None:
    refuse_incomplete([side])
    if side.manifest.shard is not None:
        raise UsageError(
            f"{name_of(side)} is shard {side.manifest.shard}: merge all (kaizen-eval merge), and bless the whole."
        )
    unjudged = sum(figures.unjudged("passed") for figures in side.cases.values())
    if unjudged:
        raise EvaluationError(
            f"{name_of(side)} cannot be a baseline: {unjudged:,} of its trials could not be judged. Score again what a "
            "scorer crashed on (kaizen-eval eval --rescore RUN); try again what failed outside of the agent "
            "(eval … --resume).",
            path=side.origin,
        )
    for name in gate.metric:
        if name not in side.measures:
            raise UsageError(f"{name_of(side)} has no metric {name!r}; it has {', '.join(sorted(side.measures))}.")


def _write(path: Path, text: str) -> None:
    """All of it or nothing."""
    aside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        aside.write_text(text, "utf-8")
        aside.replace(path)
    except OSError as error:
        with suppress(OSError):
            aside.unlink()
        raise EvaluationUnwritable(
            f"{str(path)!r} cannot be written: {error.strerror or error}.", path=str(path)
        ) from error

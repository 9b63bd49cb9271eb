"""The manifest of an evaluation that is about to begin."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from kaizen_eval.evals.manifest import Manifest
from kaizen_eval.evals.stamp import stamped

if TYPE_CHECKING:
    from kaizen_eval.evals.dataset import Dataset
    from kaizen_eval.evals.running.settings import Settings
    from kaizen_eval.evals.running.tasks import Task
    from kaizen_eval.evals.score import Scorer
    from kaizen_eval.evals.shard import Shard

__all__ = ["manifest_of"]


def manifest_of(  # noqa: PLR0913 - what an evaluation is made of
    *,
    dataset: Dataset,
    task: Task,
    scorers: Sequence[Scorer],
    settings: Settings,
    shard: Shard | None,
    labels: Mapping[str, str],
    facts: Mapping[str, Any],
) -> Manifest:
    """Args:
    facts: what only the caller can know: the cassette's hash, or that all of it is deterministic.
    """
    from kaizen_eval.evals.scorers import spec_of  # noqa: PLC0415 - its kinds load what they need
    from kaizen_eval.version import __version__  # noqa: PLC0415 - looks it up on the disk

    made = {
        **stamped()._asdict(),
        "dataset": dataset.name,
        "dataset_hash": dataset.hash,
        "task": task.name,
        "signature": None if task.signature is None else task.signature.__name__,
        "strategy": task.strategy,
        "model": task.model,
        "scorers": tuple(spec_of(scorer) for scorer in scorers),
        "scorer_names": tuple(scorer.name for scorer in scorers),
        "repeats": settings.repeats,
        "seed": settings.seed,
        "shard": None if shard is None else str(shard),
        "settings": settings.written(),
        "labels": dict(labels),
        "version": __version__,
    }
    return Manifest(**{**made, **facts})

"""What a verdict is asked for with, checked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from kaizen_eval.errors import UsageError

__all__ = ["asked_confidence", "asked_margins"]


def asked_margins(metric: str | Sequence[str], margin: float | Mapping[str, float]) -> Mapping[str, float]:
    """The share that is accepted, by each metric that decides.

    Raises:
        UsageError: nothing decides, or a margin is below 0 or for something that does not decide.
    """
    metrics = (metric,) if isinstance(metric, str) else tuple(metric)
    if not metrics:
        raise UsageError("metric=() decides nothing: name at least one, such as 'score'.")
    given = margin if isinstance(margin, Mapping) else dict.fromkeys(metrics, margin)
    for name, value in given.items():
        if name not in metrics:
            raise UsageError(f"There is a margin for {name!r}, which does not decide: metric={list(metrics)!r}.")
        if not 0 <= value < float("inf"):
            raise UsageError(f"margin={value!r} of {name!r} is no share from 0 on; 0.02 accepts two points less.")
    return {**dict.fromkeys(metrics, 0.0), **given}


def asked_confidence(confidence: float) -> float:
    """The confidence.

    Raises:
        UsageError: it is not between one half and 1.
    """
    if not 0.5 < confidence < 1:
        raise UsageError(f"confidence={confidence!r} is not between 0.5 and 1; 0.95 is usual.")
    return confidence

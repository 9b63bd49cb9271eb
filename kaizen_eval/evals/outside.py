"""Failures that say nothing of the agent: no key, no network, a cassette without the answer."""

from __future__ import annotations

from kaizen_eval import errors
from kaizen_eval.evals.outcome import Outcome
from kaizen_eval.evals.trial import TrialRecord

__all__ = ["outside"]

_OUTSIDE = (
    errors.ConfigError,
    errors.MemoryFailed,
    errors.ProviderError,
    errors.RecordingError,
    errors.ScriptError,
    errors.ScriptMiss,
    errors.ToolServerFailed,
)
_INSIDE = (errors.ContextTooLong, errors.ContentFiltered, errors.Refused, errors.BadResponse)
"""Answers of a sort: what the agent asked for was not to be had."""


def outside(record: TrialRecord) -> str:
    """The class name of what a trial failed by, where that lies outside of the agent; else empty."""
    if record.outcome is not Outcome.TASK_ERROR or record.failure is None:
        return ""
    kind = getattr(errors, record.failure.type, None)
    is_outside = isinstance(kind, type) and issubclass(kind, _OUTSIDE) and not issubclass(kind, _INSIDE)
    return record.failure.type if is_outside else ""

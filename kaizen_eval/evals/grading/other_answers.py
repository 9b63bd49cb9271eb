"""The other answers that a grader compares with: what the case expects, or those of another evaluation."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from kaizen_eval.errors import ConfigError

if TYPE_CHECKING:
    from kaizen_eval.evals.case import Case
    from kaizen_eval.evals.trial import TrialRecord

__all__ = ["Others", "others_of"]

Others = Callable[["Case"], Mapping[str, Any] | None]
"""Outputs of the last turn; None where there is no other answer."""


def others_of(against: Any) -> Others:
    """By case: of another evaluation, the answer of the first repeat that has one.

    Raises:
        ConfigError: it is neither an evaluation nor a folder of one.
        EvaluationError: there is none in the folder.
    """
    if against is None:
        return lambda case: case.asked[-1].expected
    records = getattr(against, "records", None)
    if callable(records):
        return _by_case(records())
    if isinstance(against, str) or hasattr(against, "__fspath__"):
        from kaizen_eval.evals.log import Log  # noqa: PLC0415 - most graders look into no log

        return _by_case(Log.open(against).records())
    raise ConfigError(f"against must be an evaluation, or the folder of one, not {against!r}.")


def _by_case(records: Iterable[TrialRecord]) -> Others:
    found: dict[str, tuple[int, Mapping[str, Any]]] = {}
    for record in records:
        held = found.get(record.trial.case)
        if record.failure is None and record.answer.outputs and (held is None or record.trial.repeat < held[0]):
            found[record.trial.case] = record.trial.repeat, record.answer.outputs
    return lambda case: found[case.id][1] if case.id in found else None

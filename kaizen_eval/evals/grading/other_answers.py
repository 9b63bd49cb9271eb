"""The other answers that a grader compares with: what the case expects, or those of another evaluation."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kaizen_eval.errors import ConfigError

if TYPE_CHECKING:
    from kaizen_eval.evals.case import Case
    from kaizen_eval.evals.trial import TrialRecord

__all__ = ["Others", "others_of"]

Others = Callable[["Case"], Mapping[str, Any] | None]
"""Outputs of the last turn; None where there is no other answer."""


def others_of(against: Any) -> Others:
    """By case: of another evaluation, the answer of the first repeat that has one. It is read when one is needed.

    Raises:
        ConfigError: it is neither an evaluation nor a folder of one.
    """
    if against is None:
        return lambda case: case.asked[-1].expected
    if hasattr(against, "records"):
        return _Answers(against.records)
    if not isinstance(against, str | PathLike):
        raise ConfigError(f"against must be an evaluation, or the folder of one, not {against!r}.")
    if not (Path(against) / "log.jsonl").is_file():
        raise ConfigError(f"against must be the folder of an evaluation, and there is none in {str(against)!r}.")
    return _Answers(lambda: _kept(against))


class _Answers:
    def __init__(self, records: Callable[[], Iterable[TrialRecord]]) -> None:
        self._records = records
        self._found: dict[str, tuple[int, Mapping[str, Any]]] | None = None

    def __call__(self, case: Case) -> Mapping[str, Any] | None:
        if self._found is None:
            self._found = _by_case(self._records())
        return self._found[case.id][1] if case.id in self._found else None


def _by_case(records: Iterable[TrialRecord]) -> dict[str, tuple[int, Mapping[str, Any]]]:
    found: dict[str, tuple[int, Mapping[str, Any]]] = {}
    for record in records:
        held = found.get(record.trial.case)
        if record.failure is None and record.answer.outputs and (held is None or record.trial.repeat < held[0]):
            found[record.trial.case] = record.trial.repeat, record.answer.outputs
    return found


def _kept(folder: str | PathLike[str]) -> Iterable[TrialRecord]:
    from kaizen_eval.evals.log import Log  # noqa: PLC0415 - most graders look into no log

    return Log.open(folder).records()

"""What a file holds of one run, read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from kaizen_eval.errors import CheckpointFailed
from kaizen_eval.metrics.meter import Metrics
from kaizen_eval.runtime.checkpoints.rows import RunRow, StepRow
from kaizen_eval.runtime.checkpoints.spent import together
from kaizen_eval.runtime.checkpoints.values.written import Unread, read

__all__ = ["Kept", "kept"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """As it was when an execution began to go on with it."""

    run_id: str
    number: int
    """In the file."""
    is_finished: bool
    values: Mapping[tuple[str, int], Any]
    """By node and index, in the order in which they came."""
    skipped: Mapping[str, str]
    metrics: Metrics | None


def kept(path: str, row: RunRow, steps: Sequence[StepRow]) -> Kept:
    """Raises CheckpointFailed where something of it cannot be read any more."""
    values: dict[tuple[str, int], Any] = {}
    skipped: dict[str, str] = {}
    for step in (step for step in steps if step.kind != "undone"):
        value = _read(path, row.id, step, values)
        if step.kind == "skipped":
            skipped[step.node] = value
        else:
            values[step.node, step.item] = value
    try:
        spent = together(None if data is None else read(data) for data in (row.spent, *(step.spent for step in steps)))
    except Unread as error:
        raise _failed(path, row.id, "What it took", error) from error
    return Kept(
        run_id=row.id,
        number=row.number,
        is_finished=row.is_finished,
        values=values,
        skipped=skipped,
        metrics=spent,
    )


def _read(path: str, run_id: str, step: StepRow, before: Mapping[tuple[str, int], Any]) -> Any:
    try:
        value = read(step.data)
        return [before[step.node, place] for place in range(value)] if step.kind == "items" else value
    except Unread as error:
        raise _failed(path, run_id, f"What {step.node!r} returned", error) from error
    except (LookupError, TypeError) as error:
        raise _failed(path, run_id, f"What {step.node!r} returned", Unread("items of it are missing")) from error


def _failed(path: str, run_id: str, what: str, error: Unread) -> CheckpointFailed:
    return CheckpointFailed(
        f"{what} in the run {run_id!r} cannot be read from {path!r} any more: {str(error).rstrip('.')}. Make it as it "
        f"was, or begin anew: give another run_id, or CheckpointFile({path!r}).forget({run_id!r}).",
        path=path,
    )

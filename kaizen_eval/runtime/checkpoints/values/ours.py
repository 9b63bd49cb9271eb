"""The kind of what agents return."""

from __future__ import annotations

from typing import Any

from kaizen_eval.core.result import RunResult
from kaizen_eval.runtime.checkpoints.values.kind import Kind

__all__ = ["OURS"]


def _parts(result: RunResult) -> list[Any]:
    return [dict(result), vars(result)]


def _result(parts: list[Any]) -> RunResult:
    items, attributes = parts
    result = RunResult.__new__(RunResult)
    result.update(items)
    vars(result).update(attributes)
    return result


OURS: tuple[Kind, ...] = (Kind(RunResult, "$run_result", _parts, _result),)

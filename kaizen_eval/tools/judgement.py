"""What an execution comes to: a result that can be sent, a sentence for the model, or an error of the run."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from kaizen_eval.run_context import RunContext
from kaizen_eval.tools import wording
from kaizen_eval.tools.definition import Tool
from kaizen_eval.tools.execution import Ended, carried_out, ended_within
from kaizen_eval.tools.never_told import raise_what_is_never_told
from kaizen_eval.tools.outcome import Outcome
from kaizen_eval.tools.result import jsonable, text_of

__all__ = ["judged"]


async def judged(tool: Tool, fitting: Mapping[str, Any], run: RunContext, secrets: Collection[str]) -> Outcome:
    """Execute the tool, within its timeout; the run's deadline cuts it off in any case."""
    ended = await ended_within(tool.timeout, carried_out(tool.function, **fitting))
    if ended is None:
        return _failed(wording.too_late(tool.name, tool.timeout or 0), TimeoutError(), certain=False)
    if ended.error is not None:
        raise_what_is_never_told(ended.error, run)
        return _failed(wording.of_exception(tool.name, ended.error, secrets), ended.error)
    return _of_value(tool, ended, secrets)


def _of_value(tool: Tool, ended: Ended, secrets: Collection[str]) -> Outcome:
    try:
        result = jsonable(ended.value)
        size = len(text_of(result))
    except ValueError as error:
        return _failed(wording.unserialisable(tool.name, error, secrets), error)
    if size > tool.max_result_chars:
        sentence = wording.too_large(tool.name, size, tool.max_result_chars)
        return _failed(sentence, ValueError(sentence))
    return Outcome("ok", result=result)


def _failed(sentence: str, cause: BaseException, *, certain: bool = True) -> Outcome:
    return Outcome("error", error=sentence, failure=cause, certain=certain)

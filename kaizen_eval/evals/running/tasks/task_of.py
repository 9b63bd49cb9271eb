"""Finds out what was given as a task, or says why it is none."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable
from types import ModuleType
from typing import TYPE_CHECKING, Any, NoReturn

from kaizen_eval.errors import ConfigError
from kaizen_eval.evals.running.tasks.functions import FunctionTask
from kaizen_eval.evals.running.tasks.naming import name_of

if TYPE_CHECKING:
    from kaizen_eval.evals.running.tasks.task import Task
    from kaizen_eval.signatures import Signature

__all__ = ["task_of"]

_EXPECTED = (
    "a task is an agent, its class, a function without arguments that makes one, or a function from inputs to outputs"
)


def task_of(given: Any, *, signature: type[Signature] | None = None) -> Task:
    """The task.

    Args:
        given: what `evaluate` was given.
        signature: the dataset's, which the outputs of a function must fit.

    Raises:
        ConfigError: it is no task.
    """
    if _is_agent(given):
        return _agent_task(given)
    if isinstance(given, type):
        return _of_class(given)
    if not callable(given):
        _refuse(given)
    called = given if inspect.isroutine(given) or hasattr(given, "func") else type(given).__call__
    if inspect.isgeneratorfunction(called) or inspect.isasyncgenfunction(called):
        raise ConfigError(
            f"{name_of(given)} is a generator, whose outputs would come in parts: return them as a dict instead."
        )
    is_async = inspect.iscoroutinefunction(called)
    if _takes_nothing(given):
        return _made_by(given, is_async=is_async)
    return FunctionTask(given, signature=signature, is_async=is_async)


def _is_agent(given: object) -> bool:
    """Without loading what agents need: where nobody has, there is none."""
    module = sys.modules.get("kaizen_eval.core.base_agent")
    return module is not None and isinstance(given, module.BaseAgent)


def _agent_task(agent: Any, *, made_by: Callable[[], Any] | None = None) -> Task:
    from kaizen_eval.evals.running.tasks.agents import AgentTask  # noqa: PLC0415 - is loaded

    return AgentTask(agent, made_by=made_by)


def _of_class(given: type) -> Task:
    module = sys.modules.get("kaizen_eval.core.base_agent")
    if module is None or not issubclass(given, module.BaseAgent):
        _refuse(given)
    try:
        return _agent_task(given(), made_by=given)
    except TypeError as error:
        raise ConfigError(
            f"{name_of(given)} cannot be made without arguments: {error}. Give an instance, or a function without "
            "arguments that makes one."
        ) from error


def _takes_nothing(given: Callable[..., Any]) -> bool:
    try:
        return not inspect.signature(given).parameters
    except (TypeError, ValueError):
        return False


def _made_by(factory: Callable[[], Any], *, is_async: bool) -> Task:
    """A function without arguments cannot be given inputs: it is there to make an agent."""
    name = name_of(factory)
    if is_async:
        raise ConfigError(f"{name} takes no inputs, so that a case has nothing to ask it: {_EXPECTED}.")
    made = factory()
    if not _is_agent(made):
        raise ConfigError(f"{name} takes no inputs, and what it makes is no agent but {_shown(made)}: {_EXPECTED}.")
    return _agent_task(made, made_by=factory)


def _refuse(given: object) -> NoReturn:
    raise ConfigError(f"{_shown(given)} is no task{_meant(given)}: {_EXPECTED}.")


def _shown(given: object) -> str:
    if isinstance(given, type):
        return f"The class {name_of(given)}"
    if isinstance(given, ModuleType):
        return f"The module {given.__name__}"
    if inspect.iscoroutine(given) or inspect.isgenerator(given) or inspect.isasyncgen(given):
        return f"What calling {given.__qualname__} gave"
    return repr(given)


def _meant(given: object) -> str:
    """What was probably meant."""
    if inspect.iscoroutine(given):
        given.close()
        return "; give the function itself, without calling it"
    if isinstance(given, ModuleType):
        return "; name what stands in it"
    if isinstance(given, type) and hasattr(given, "output_fields"):
        return "; give BaseAgent(signature=…)"
    if hasattr(given, "complete"):
        return "; give BaseAgent(provider=…)"
    return ""

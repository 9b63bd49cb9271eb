"""The grader: the agent that is asked, found or made, and held against what it will be asked."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from typing import Any

from kaizen_eval.core.base_agent import BaseAgent
from kaizen_eval.errors import ConfigError
from kaizen_eval.named import named
from kaizen_eval.signatures import Signature

__all__ = ["grader_of"]


def grader_of(graded_by: Any, config: Mapping[str, Any] | None, signature: type[Signature]) -> BaseAgent:
    """The user's grader; without one, an agent with this signature and config.

    Raises:
        ConfigError: it is no agent, or takes other inputs or gives other outputs than this signature.
    """
    if graded_by is None:
        if config is not None and not isinstance(config, Mapping):
            raise ConfigError(f"config of a grader must be a mapping, such as {{model: …}}, not {config!r}.")
        return BaseAgent(dict(config or {}), signature=signature, agent_id="grader")
    if config:
        raise ConfigError("config is for a grader of this package: give yours its config where it is made.")
    agent = _agent(graded_by)
    _check_fields(agent, signature)
    return agent


def _agent(graded_by: Any) -> BaseAgent:
    found = named(graded_by) if isinstance(graded_by, str) else graded_by
    if not isinstance(found, BaseAgent) and (isinstance(found, type) or inspect.isroutine(found)):
        try:
            found = found()
        except TypeError as error:
            raise ConfigError(f"graded_by, {graded_by!r}, cannot be made without arguments: {error}.") from error
    if not isinstance(found, BaseAgent):
        raise ConfigError(f"graded_by must be an agent, its class, or module:Name of one, not {graded_by!r}.")
    return found


def _check_fields(agent: BaseAgent, signature: type[Signature]) -> None:
    name, known = agent.signature.name, signature.input_fields
    for field, declared in agent.signature.input_fields.items():
        if field not in known and declared.required:
            raise ConfigError(
                f"{name} cannot grade: it needs an input {field!r}. A grader is given {', '.join(known)}; take some of "
                f"them, or subclass {signature.__name__}."
            )
    missing = [field for field in signature.output_fields if field not in agent.signature.output_fields]
    missing = [field for field in missing if field != "reasoning"]
    if missing:
        raise ConfigError(
            f"{name} cannot grade: it has no output {missing[0]!r}, by which a grader says what it found; subclass "
            f"{signature.__name__}, or declare it."
        )

"""The subject that is meant, in whatever form it is given: a Subject, a strategy, an agent's class, or a factory."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from kaizen_eval.config import AgentConfig
from kaizen_eval.conformance.subject import AgentFactory, Subject
from kaizen_eval.core.base_agent import BaseAgent
from kaizen_eval.errors import ConfigError
from kaizen_eval.signatures import AnySignature, Signature
from kaizen_eval.strategies.base import Strategy
from kaizen_eval.strategies.traits import Traits

__all__ = ["subject_of", "takes"]


def subject_of(given: Any, *, signature: type[Signature] | None = None) -> Subject:
    """As laws judge it.

    Args:
        given: a Subject; a Strategy, as class or instance; a class of agents; a function without arguments that
            returns a strategy; or `factory(config, **parts)`, which is given those parts that it takes.
        signature: the only one that it can work with; None where any will do, and for a Subject, which knows.

    Raises:
        ConfigError: it is none of these.
    """
    if isinstance(given, Subject):
        return given
    if callable(getattr(given, "execute", None)):
        return Subject.of(given, signature=signature)
    if isinstance(given, type) and issubclass(given, BaseAgent):
        return _of_agents(given, signature)
    if callable(given) and not isinstance(given, type):
        return _of_factory(given, signature)
    raise ConfigError(
        "Laws judge a Strategy, a class of agents, a function that returns a strategy, or a factory(config, **parts) "
        f"that makes an agent, not {given!r}."
    )


def takes(function: Callable[..., Any], name: str) -> bool:
    """Whether it has an argument of this name, or takes any."""
    parameters = inspect.signature(function).parameters
    return name in parameters or any(each.kind is each.VAR_KEYWORD for each in parameters.values())


def _of_agents(cls: type[BaseAgent], signature: type[Signature] | None) -> Subject:
    own = None if cls.signature is AnySignature else cls.signature
    traits = _with_tools(cls, getattr(cls.strategy, "traits", Traits()))
    return Subject(name=cls.__name__, factory=_taking(cls), traits=traits, signature=signature or own)


def _of_factory(function: Callable[..., Any], signature: type[Signature] | None) -> Subject:
    name = getattr(function, "__name__", type(function).__name__)
    if not inspect.signature(function).parameters:
        return replace(Subject.of(function(), signature=signature), name=name, factory=_with_strategy_of(function))
    return Subject(name=name, factory=_taking(function), traits=_with_tools(function, Traits()), signature=signature)


def _with_tools(factory: Callable[..., Any], traits: Traits) -> Traits:
    return traits if takes(factory, "tools") else replace(traits, calls_tools=False)


def _taking(factory: AgentFactory) -> AgentFactory:
    """Given only those parts that it takes."""

    def taking(config: AgentConfig, **parts: Any) -> BaseAgent:
        return factory(config, **{name: part for name, part in parts.items() if takes(factory, name)})

    return taking


def _with_strategy_of(function: Callable[[], Strategy]) -> AgentFactory:
    def with_strategy(config: AgentConfig, **parts: Any) -> BaseAgent:
        return BaseAgent(config, strategy=function(), **parts)

    return with_strategy

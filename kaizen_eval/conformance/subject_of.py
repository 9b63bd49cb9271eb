"""The subject that is meant, in whatever form it is given: a Subject, a strategy, an agent's class, or a factory."""

from __future__ import annotations

from typing import Any

from kaizen_eval.conformance.subject import Subject
from kaizen_eval.core.base_agent import BaseAgent
from kaizen_eval.errors import ConfigError
from kaizen_eval.signatures import AnySignature, Signature
from kaizen_eval.strategies.traits import Traits

__all__ = ["subject_of"]


def subject_of(given: Any, *, signature: type[Signature] | None = None) -> Subject:
    """As laws judge it.

    Args:
        given: a Subject; a Strategy, as class or instance; a class of agents; or `factory(config, **parts)`.
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
        return Subject(name=_name(given), factory=given, traits=Traits(), signature=signature)
    raise ConfigError(
        f"Laws judge a Strategy, a class of agents or a factory(config, **parts) that makes an agent, not {given!r}."
    )


def _of_agents(cls: type[BaseAgent], signature: type[Signature] | None) -> Subject:
    own = None if cls.signature is AnySignature else cls.signature
    traits = getattr(cls.strategy, "traits", Traits())
    return Subject(name=cls.__name__, factory=cls, traits=traits, signature=signature or own)


def _name(factory: object) -> str:
    return getattr(factory, "__name__", type(factory).__name__)

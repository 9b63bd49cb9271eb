"""Mutants made of what users write: a strategy, a provider around another, or a class of agents."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

from kaizen_eval.config import AgentConfig
from kaizen_eval.conformance.mutant import Mutant
from kaizen_eval.conformance.subject import AgentFactory, Subject
from kaizen_eval.core.base_agent import BaseAgent
from kaizen_eval.messages import ChatReply, ChatRequest
from kaizen_eval.provider import Provider
from kaizen_eval.signatures import Signature
from kaizen_eval.strategies.base import Strategy
from kaizen_eval.strategies.traits import Traits

__all__ = ["Wrapping", "of_agent", "of_provider", "of_strategy"]

_ONE_CALL = Traits(calls_per_run=1)


class Wrapping:
    """A provider around another, which it asks."""

    name = "wrapping"

    def __init__(self, inner: Provider) -> None:
        self.inner = inner

    async def complete(self, request: ChatRequest) -> ChatReply:
        return await self.inner.complete(request)

    async def aclose(self) -> None:
        await self.inner.aclose()


def of_strategy(  # noqa: PLR0913 - all that a mutant is
    mutant_id: str,
    strategy: type[Strategy],
    what: str,
    *,
    breaks: str,
    words: tuple[str, ...],
    signature: type[Signature] | None = None,
) -> Mutant:
    """Agents with this strategy."""

    def factory(config: AgentConfig, **parts: Any) -> BaseAgent:
        return BaseAgent(config, strategy=strategy(), **parts)

    return _mutant(mutant_id, factory, what, breaks, words, signature, strategy.traits)


def of_provider(  # noqa: PLR0913 - all that a mutant is
    mutant_id: str,
    provider: Callable[[Any], Provider],
    what: str,
    *,
    breaks: str,
    words: tuple[str, ...],
    signature: type[Signature] | None = None,
) -> Mutant:
    """Agents that ask the laboratory's provider through this one."""

    def factory(config: AgentConfig, **parts: Any) -> BaseAgent:
        return BaseAgent(dataclasses.replace(config, provider=provider(config.provider)), **parts)

    return _mutant(mutant_id, factory, what, breaks, words, signature)


def of_agent(  # noqa: PLR0913 - all that a mutant is
    mutant_id: str,
    agent: AgentFactory,
    what: str,
    *,
    breaks: str,
    words: tuple[str, ...],
    signature: type[Signature] | None = None,
) -> Mutant:
    """Agents of this class."""
    return _mutant(mutant_id, agent, what, breaks, words, signature)


def _mutant(  # noqa: PLR0913, PLR0917 - all that a mutant is
    mutant_id: str,
    factory: AgentFactory,
    what: str,
    breaks: str,
    words: tuple[str, ...],
    signature: type[Signature] | None = None,
    traits: Traits = _ONE_CALL,
) -> Mutant:
    subject = Subject(name=mutant_id, factory=factory, traits=traits, signature=signature)
    return Mutant(subject=subject, what=what, breaks=breaks, words=words)

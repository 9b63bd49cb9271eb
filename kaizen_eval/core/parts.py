"""The parts that an agent is made of, each checked where it enters."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

from kaizen_eval.checks import an_instance
from kaizen_eval.clients import Owner
from kaizen_eval.config import AgentConfig
from kaizen_eval.errors import ConfigError
from kaizen_eval.memory.base import Memory, NoMemory
from kaizen_eval.memory.buffer import BufferMemory
from kaizen_eval.memory.checks import a_memory
from kaizen_eval.provider import Provider
from kaizen_eval.signatures import Signature
from kaizen_eval.strategies.base import Strategy

if TYPE_CHECKING:
    from kaizen_eval.memory.shared_memory import SharedMemoryView

__all__ = ["config_of", "memory_of", "shared_view_of", "signature_of", "strategy_of", "tools_of"]


def config_of(
    config: object,
    provider: Provider | None,
    *,
    owner: Owner,
    offered: tuple[object, ...],
    shared_view: SharedMemoryView | None,
) -> AgentConfig:
    given = {} if provider is None else {"provider": provider}
    settings = AgentConfig.from_domain_config(config, **given)
    return dataclasses.replace(settings, owner=owner, offered=offered, shared_view=shared_view)


def signature_of(given: object) -> type[Signature]:
    cls = given if isinstance(given, type) else type(given)
    if not issubclass(cls, Signature):
        raise ConfigError(f"signature takes a Signature class or an instance of one, not {given!r}.")
    return cls


def strategy_of(given: Any) -> Strategy:
    strategy = given() if isinstance(given, type) else given
    if not callable(getattr(strategy, "execute", None)):
        raise ConfigError(
            f"strategy takes a Strategy with a method `async execute(signature, inputs, config)`, not {given!r}."
        )
    return strategy  # type: ignore[no-any-return]  # a strategy by its shape, not by its class


def tools_of(given: object) -> tuple[object, ...]:
    """Tools, each made from its function if need be, and sources of tools as they are."""
    if given == ():
        return ()
    from kaizen_eval.core.given_tools import given_tools  # noqa: PLC0415 - most agents have no tools

    return given_tools(given)


def shared_view_of(given: object) -> SharedMemoryView | None:
    """What an agent is shown of a pool; all that `pool.view()` shows unless a view is given."""
    if given is None:
        return None
    from kaizen_eval.memory.shared_memory import SharedMemoryPool, SharedMemoryView  # noqa: PLC0415 - most share none

    an_instance("shared_memory", given)
    if isinstance(given, SharedMemoryPool):
        return given.view()
    if isinstance(given, SharedMemoryView):
        return given
    raise ConfigError(f"shared_memory takes a SharedMemoryPool or a view of one, pool.view(…), not {given!r}.")


def memory_of(given: Memory | None, config: AgentConfig) -> Memory:
    if given is None and config.max_turns is None:
        return NoMemory()
    if given is None:
        return BufferMemory(max_turns=config.max_turns, max_sessions=config.max_sessions)
    a_memory("memory", given)
    return given

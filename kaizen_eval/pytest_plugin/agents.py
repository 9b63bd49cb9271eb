"""AgentFactory: what the fixture `kaizen_agent` gives to a test."""

from __future__ import annotations

from typing import Any, TypeVar, overload

from kaizen_eval.config import AgentConfig
from kaizen_eval.core.base_agent import BaseAgent
from kaizen_eval.errors import ConfigError
from kaizen_eval.pytest_plugin import strategy
from kaizen_eval.pytest_plugin.options import Settings
from kaizen_eval.signatures import Signature
from kaizen_eval.strategies.base import Strategy
from kaizen_eval.strategies.tool_loop import TOOL_LOOP, ToolLoopStrategy

__all__ = ["AgentFactory"]

_Agent = TypeVar("_Agent", bound=BaseAgent)

_PARTS = ("signature", "strategy", "memory", "tools", "provider", "agent_id")


class AgentFactory:
    """Makes agents whose waits are repeatable and whose strategy the command line may choose.

    The defaults are those of production but for two: `seed_jitter` is the pytest run's seed, and an agent that
    chooses no strategy itself gets the one of `--kaizen-strategy`, if it has no tools or that one offers them.
    Provider, key and model need not be given: in a test with `kaizen_llm` they are the fake's.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    @overload
    def __call__(self, agent: type[_Agent], config: object = None, /, **settings: Any) -> _Agent: ...

    @overload
    def __call__(self, /, **settings: Any) -> BaseAgent: ...

    def __call__(self, agent: Any = BaseAgent, config: object = None, /, **settings: Any) -> BaseAgent:
        """An agent of this class. `agent(config)` is called as in production, with an AgentConfig.

        Args:
            agent: a BaseAgent subclass; BaseAgent itself unless given.
            config: any object that BaseAgent takes as its config.
            settings: fields of AgentConfig, which go before `config`; and what BaseAgent takes by name, such as
                `signature`, `strategy` and `memory`.
        """
        if not (isinstance(agent, type) and issubclass(agent, BaseAgent)):
            raise ConfigError(_no_agent(agent))
        parts = {name: settings.pop(name) for name in _PARTS if name in settings}
        made = agent(self._config(config, settings), **parts)
        if self._settings.strategy is not None:
            made.strategy = _chosen(made.strategy, strategy.load(self._settings.strategy))
        return made

    def _config(self, config: object, settings: dict[str, Any]) -> AgentConfig:
        known = AgentConfig.from_domain_config(config)
        if known.seed_jitter is None:
            settings = {"seed_jitter": self._settings.seed, **settings}
        return AgentConfig.from_domain_config(known, **settings)


def _chosen(own: Strategy, loaded: Strategy) -> Strategy:
    """An agent keeps the strategy that it chose, and with tools one that offers them."""
    is_default = own is BaseAgent.strategy or (own is TOOL_LOOP and isinstance(loaded, ToolLoopStrategy))
    return loaded if is_default else own


def _no_agent(given: object) -> str:
    hint = ""
    if isinstance(given, type) and issubclass(given, Signature):
        hint = f" Write kaizen_agent(signature={given.__name__})."
    return f"kaizen_agent takes a BaseAgent subclass first, not {given!r}.{hint}"

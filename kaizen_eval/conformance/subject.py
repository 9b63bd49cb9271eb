"""Subject: what laws judge: how its agents are made, and what it says of itself."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from kaizen_eval.config import AgentConfig
from kaizen_eval.core.base_agent import BaseAgent
from kaizen_eval.core.parts import strategy_of
from kaizen_eval.signatures import Signature
from kaizen_eval.strategies.base import Strategy
from kaizen_eval.strategies.tool_loop import ToolLoopStrategy
from kaizen_eval.strategies.traits import Traits

__all__ = ["REFERENCE", "AgentFactory", "Subject", "found_as"]


AgentFactory = Callable[..., BaseAgent]
"""Makes one agent: `factory(config, **parts)`. The config is an AgentConfig, the parts are arguments of BaseAgent:
`signature` always, `tools` where there are some.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """A strategy, or an agent with parts of its own, under the name that reports give it."""

    name: str
    factory: AgentFactory
    traits: Traits
    signature: type[Signature] | None = None
    """The only one that it can work with; None where any will do."""
    reference: str | None = None
    """`module:Name`, by which another process finds what is judged; None where it cannot."""

    @classmethod
    def of(
        cls,
        strategy: type[Strategy] | Strategy,
        *,
        signature: type[Signature] | None = None,
        reference: str | None = None,
    ) -> Subject:
        """BaseAgents with this strategy; a class is made anew for each agent, an instance serves them all.

        Raises:
            ConfigError: it is no strategy.
        """
        made = strategy_of(strategy)

        def factory(config: AgentConfig, **parts: Any) -> BaseAgent:
            return BaseAgent(config, strategy=strategy, **parts)

        return cls(
            name=type(made).__name__,
            factory=factory,
            traits=getattr(made, "traits", Traits()),
            signature=signature,
            reference=reference or found_as(strategy),
        )


def found_as(thing: object) -> str | None:
    """`module:Name`, for a class or a function that a module has under its own name."""
    module, name = getattr(thing, "__module__", None), getattr(thing, "__qualname__", None)
    if not isinstance(module, str) or not isinstance(name, str) or module == "__main__" or module not in sys.modules:
        return None
    found: object = sys.modules[module]
    for part in name.split("."):
        found = getattr(found, part, None)
    return f"{module}:{name}" if found is thing else None


REFERENCE = Subject(
    name="reference",
    factory=BaseAgent,
    traits=Traits(calls_per_run=1, calls_tools=ToolLoopStrategy.traits.calls_tools),
)
"""What ships: every law must hold for it."""

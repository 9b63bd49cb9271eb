"""Settings of agents: frozen, checked once."""

from __future__ import annotations

from kaizen_eval.config.agent_config import AgentConfig, StructuredOutput
from kaizen_eval.config.price import Price
from kaizen_eval.config.retry_policy import RetryPolicy

__all__ = ["AgentConfig", "Price", "RetryPolicy", "StructuredOutput"]

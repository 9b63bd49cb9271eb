"""The tools that an agent offers at this moment: its own, and those that its sources have now."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Protocol, cast, runtime_checkable

from kaizen_eval.config import AgentConfig
from kaizen_eval.run_context import RunContext
from kaizen_eval.tools.definition import Tool
from kaizen_eval.tools.toolbox import Toolbox

__all__ = ["ToolSource", "toolbox_for"]


@runtime_checkable
class ToolSource(Protocol):
    """Where tools come from that may change while an agent runs, such as a server's."""

    async def tools(self, run: RunContext) -> Sequence[Tool]:
        """What it has now; asked before each call of the model, within the run's deadline."""
        ...


async def toolbox_for(config: AgentConfig, run: RunContext) -> Toolbox:
    """What the next call of the model may use.

    Raises:
        ToolDefinitionError: two tools have one name.
    """
    tools: list[Tool] = []
    for offered in config.offered:
        tools += [offered] if isinstance(offered, Tool) else await cast("ToolSource", offered).tools(run)
    return Toolbox(tools, secrets=[key for key in (config.api_key, os.environ.get("OPENAI_API_KEY")) if key])

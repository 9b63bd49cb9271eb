"""Whether and how a connection to a server of tools can be opened here."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager

from kaizen_eval.errors import ConfigError, UsageError
from kaizen_eval.resilience.clock import VirtualLoop
from kaizen_eval.tools.mcp.endpoint import Endpoint, Given
from kaizen_eval.tools.mcp.link import Link

__all__ = ["opening"]


def opening(endpoint: Endpoint, on_change: Callable[[], None]) -> Callable[[], AbstractAsyncContextManager[Link]]:
    """What opens one.

    Raises:
        ConfigError: the package `mcp` is not installed.
        UsageError: time is virtual, and the server is another program.
    """
    if isinstance(asyncio.get_running_loop(), VirtualLoop) and not isinstance(endpoint, Given):
        raise UsageError(
            f"The server of tools {endpoint} is another program, whose time is real, and here time is virtual. In "
            "tests give MCPServer(transport=fake.transport) with a FakeMCP, or run the test on real time: without "
            "virtual_time(), kaizen_llm and kaizen_clock."
        )
    try:
        from kaizen_eval.tools.mcp.connecting import linked  # noqa: PLC0415 - an extra, and loads a lot
    except ModuleNotFoundError as error:
        if error.name is None or error.name.partition(".")[0] not in {"mcp", "mcp_types"}:
            raise
        raise ConfigError(
            "MCPServer needs the package mcp, which is not installed: pip install 'kaizen-eval[mcp]'"
        ) from error
    return lambda: linked(endpoint, on_change)

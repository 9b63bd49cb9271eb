"""Tools of servers that speak MCP, the Model Context Protocol."""

from __future__ import annotations

from kaizen_eval.tools.mcp.server import MCPServer

__all__ = ["MCPServer"]

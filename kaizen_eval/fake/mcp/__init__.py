"""FakeMCP: a server of tools for tests, with scripted replies, faults, a journal, and the doors that lead to it."""

from __future__ import annotations

from kaizen_eval.fake.mcp.calls import MCPCall, MCPRequest
from kaizen_eval.fake.mcp.fake_mcp import FakeMCP
from kaizen_eval.fake.mcp.faults import MCP_FAULTS, MCPFault
from kaizen_eval.fake.mcp.results import MCPReply

__all__ = ["MCP_FAULTS", "FakeMCP", "MCPCall", "MCPFault", "MCPReply", "MCPRequest"]

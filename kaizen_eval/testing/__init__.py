"""What users' own tests want, in one place: the fake, virtual time, guards."""

from __future__ import annotations

from kaizen_eval.fake import FakeLLM, Reply
from kaizen_eval.fake.mcp import FakeMCP, MCPReply
from kaizen_eval.providers import use_llm
from kaizen_eval.resilience.clock import VirtualClock, virtual_time
from kaizen_eval.testing.network import NetworkGuard, allow_hosts, network_guard
from kaizen_eval.testing.tools import assert_not_called_before, assert_tool_not_called, assert_tools_called

__all__ = [
    "FakeLLM",
    "FakeMCP",
    "MCPReply",
    "NetworkGuard",
    "Reply",
    "VirtualClock",
    "allow_hosts",
    "assert_not_called_before",
    "assert_tool_not_called",
    "assert_tools_called",
    "network_guard",
    "use_llm",
    "virtual_time",
]

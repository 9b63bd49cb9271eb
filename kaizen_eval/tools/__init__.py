"""Tools that an agent may use."""

from __future__ import annotations

from kaizen_eval.tools.approval import Approval
from kaizen_eval.tools.decorator import tool
from kaizen_eval.tools.definition import OnError, Tool
from kaizen_eval.tools.mcp.server import MCPServer
from kaizen_eval.tools.toolbox import Toolbox, message_of
from kaizen_eval.tools.toolbox_for import ToolSource, toolbox_for

__all__ = ["Approval", "MCPServer", "OnError", "Tool", "ToolSource", "Toolbox", "message_of", "tool", "toolbox_for"]

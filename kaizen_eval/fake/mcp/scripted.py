"""A tool as it was scripted, and as it is listed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from kaizen_eval.fake.mcp.faults import BadSchema, BadShape, MCPFault

__all__ = ["ScriptedTool"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ScriptedTool:
    """What `FakeMCP.tool` was told."""

    name: str
    description: str | None = None
    parameters: Mapping[str, Any] = field(default_factory=lambda: {"type": "object", "properties": {}})
    """JSON Schema."""
    reply: Any = "ok"
    """A value, an `MCPReply`, or a function from the arguments to either."""
    output: Mapping[str, Any] | None = None
    """JSON Schema of the structured content, if it is promised."""
    annotations: Mapping[str, Any] | None = None
    """As on the wire, such as `{"readOnlyHint": True}`."""

    def listed(self, fault: MCPFault | None = None) -> dict[str, Any]:
        """The entry of this tool in `tools/list`."""
        told = {
            "name": self.name,
            "description": self.description,
            "inputSchema": self._schema(fault),
            "outputSchema": self.output,
            "annotations": self.annotations,
        }
        return {key: value for key, value in told.items() if value is not None}

    def _schema(self, fault: MCPFault | None) -> object:
        if isinstance(fault, BadSchema):
            return {"type": "object", "properties": {"query": {"type": "strin", "minLength": "many"}}}
        if isinstance(fault, BadShape):
            return "query: str"
        return dict(self.parameters)

"""The names that every user needs, each loaded when it is first asked for."""

from __future__ import annotations

from kaizen_eval.lazy import lazily

TYPE_CHECKING = False  # type-checkers take it as True; typing itself costs more to import than this whole module
if TYPE_CHECKING:
    from kaizen_eval.budgets import Budget
    from kaizen_eval.config import AgentConfig, Price, RetryPolicy
    from kaizen_eval.core.base_agent import BaseAgent
    from kaizen_eval.core.result import RunResult
    from kaizen_eval.core.summary_memory import SummaryMemory
    from kaizen_eval.fake import FakeLLM, Reply
    from kaizen_eval.memory.buffer import BufferMemory
    from kaizen_eval.memory.insight import Insight
    from kaizen_eval.memory.shared_memory import SharedMemoryPool
    from kaizen_eval.memory.sqlite import SqliteMemory
    from kaizen_eval.memory.window import WindowMemory
    from kaizen_eval.messages import ChatReply, ChatRequest, Message, Usage
    from kaizen_eval.providers import use_llm
    from kaizen_eval.resilience.clock import virtual_time
    from kaizen_eval.runtime.local import LocalRuntime
    from kaizen_eval.signatures import InputField, OutputField, Signature
    from kaizen_eval.strategies.async_single_shot import AsyncSingleShotStrategy
    from kaizen_eval.strategies.base import Strategy
    from kaizen_eval.strategies.fallback import FallbackStrategy
    from kaizen_eval.strategies.refine import RefineStrategy
    from kaizen_eval.strategies.self_consistency import SelfConsistencyStrategy
    from kaizen_eval.strategies.tool_loop import ToolLoopStrategy
    from kaizen_eval.strategies.traits import Traits
    from kaizen_eval.tools import Tool, tool
    from kaizen_eval.version import __version__
    from kaizen_eval.workflow import Workflow, WorkflowBuilder, register_node

__all__ = [
    "AgentConfig",
    "AsyncSingleShotStrategy",
    "BaseAgent",
    "Budget",
    "BufferMemory",
    "ChatReply",
    "ChatRequest",
    "FakeLLM",
    "FallbackStrategy",
    "InputField",
    "Insight",
    "LocalRuntime",
    "Message",
    "OutputField",
    "Price",
    "RefineStrategy",
    "Reply",
    "RetryPolicy",
    "RunResult",
    "SelfConsistencyStrategy",
    "SharedMemoryPool",
    "Signature",
    "SqliteMemory",
    "Strategy",
    "SummaryMemory",
    "Tool",
    "ToolLoopStrategy",
    "Traits",
    "Usage",
    "WindowMemory",
    "Workflow",
    "WorkflowBuilder",
    "__version__",
    "register_node",
    "tool",
    "use_llm",
    "virtual_time",
]

_HOMES = {
    "AgentConfig": "config",
    "AsyncSingleShotStrategy": "strategies.async_single_shot",
    "BaseAgent": "core.base_agent",
    "Budget": "budgets",
    "BufferMemory": "memory.buffer",
    "ChatReply": "messages",
    "ChatRequest": "messages",
    "FakeLLM": "fake",
    "FallbackStrategy": "strategies.fallback",
    "InputField": "signatures",
    "Insight": "memory.insight",
    "LocalRuntime": "runtime.local",
    "Message": "messages",
    "OutputField": "signatures",
    "Price": "config",
    "RefineStrategy": "strategies.refine",
    "Reply": "fake",
    "RetryPolicy": "config",
    "RunResult": "core.result",
    "SelfConsistencyStrategy": "strategies.self_consistency",
    "SharedMemoryPool": "memory.shared_memory",
    "Signature": "signatures",
    "SqliteMemory": "memory.sqlite",
    "Strategy": "strategies.base",
    "SummaryMemory": "core.summary_memory",
    "Tool": "tools",
    "ToolLoopStrategy": "strategies.tool_loop",
    "Traits": "strategies.traits",
    "Usage": "messages",
    "WindowMemory": "memory.window",
    "Workflow": "workflow",
    "WorkflowBuilder": "workflow",
    "__version__": "version",
    "register_node": "workflow",
    "tool": "tools",
    "use_llm": "providers",
    "virtual_time": "resilience.clock",
}


if not TYPE_CHECKING:  # else type-checkers would believe every name
    __getattr__, __dir__ = lazily(__name__, _HOMES)

"""What the nodes of workflows in tests are: functions and agents that can be found by their names."""

from __future__ import annotations

from typing import Any

from kaizen_eval import BaseAgent, InputField, OutputField, Signature
from kaizen_eval.workflow import Workflow, WorkflowBuilder, register_node


class Ask(Signature):
    """Answer the question."""

    question: str = InputField()
    context: str = InputField(default="")
    answer: str = OutputField()


class AskAgent(BaseAgent):
    signature = Ask


class Repeat:
    def __call__(self, **given: Any) -> Any:
        return given

    @classmethod
    def twice(cls, **given: Any) -> Any:
        return {"twice": given}


def read(**given: Any) -> Any:
    return given


async def fetch(**given: Any) -> Any:
    return given


def shout(text: str, times: int = 1) -> str:
    return text.upper() * times


def make_asker() -> BaseAgent:
    return AskAgent(agent_id="made")


def make_inner() -> Workflow:
    return INNER


def is_fine(result: Any) -> bool:
    return bool(result)


register_node("RegisteredNode", read)
_ASKER = AskAgent(agent_id="known")
KNOWN_ASKER = _ASKER
INNER = WorkflowBuilder("inner").add_node(shout, "shout", {"text": "{{inputs.text}}"}).build()

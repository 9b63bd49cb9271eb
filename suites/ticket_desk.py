"""A workflow under test: a desk that triages tickets, with agents and plain functions as its nodes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from kaizen_eval import BaseAgent, InputField, OutputField, Signature
from kaizen_eval.workflow import WorkflowBuilder

__all__ = [
    "AnswerAgent",
    "AnswerSignature",
    "ClassifyAgent",
    "ClassifySignature",
    "SummaryAgent",
    "SummarySignature",
    "letter",
    "triage",
]


class ClassifySignature(Signature):
    """Say which desk the ticket is for, and how urgent it is."""

    ticket: str = InputField(description="What the customer wrote")
    kind: Literal["billing", "technical", "other"] = OutputField()
    urgency: float = OutputField(ge=0, le=1)


class SummarySignature(Signature):
    """Sum up the message in one sentence."""

    message: str = InputField(description="An earlier message of the customer")
    summary: str = OutputField()


class AnswerSignature(Signature):
    """Answer the customer."""

    ticket: str = InputField()
    role: str = InputField(description="As whom")
    answer: str = OutputField()


class ClassifyAgent(BaseAgent):
    signature = ClassifySignature


class SummaryAgent(BaseAgent):
    signature = SummarySignature


class AnswerAgent(BaseAgent):
    signature = AnswerSignature


def letter(summaries: list[Mapping[str, Any]], answer: str = "We will write to you.") -> str:
    """What is sent: the answer, and what is known of the customer below it."""
    return "\n".join([answer, *(f"- {summary['summary']}" for summary in summaries)])


def triage(config: Mapping[str, Any] | None = None) -> WorkflowBuilder:
    """A ticket is classified and answered by the desk that it is for, if there is one; beside that older messages are
    summed up, and a letter is made of both.
    """
    settings = {"model": "gpt-4", **(config or {})}
    flow = WorkflowBuilder("triage")
    flow.add_node(ClassifyAgent(settings, agent_id="classify"), "classify")
    flow.add_node(
        SummaryAgent(settings, agent_id="summarize"),
        "summaries",
        {"message": "{{item}}"},
        each="{{inputs.messages}}",
        concurrency=2,
    )
    flow.add_node(AnswerAgent(settings, agent_id="cashier"), "cashier", {"role": "cashier"})
    flow.add_node(AnswerAgent(settings, agent_id="engineer"), "engineer", {"role": "engineer"})
    flow.add_node(letter, "letter")
    flow.connect("classify", "cashier", when="{{classify.kind}} == 'billing'")
    flow.connect("classify", "engineer", when="{{classify.kind}} == 'technical' and {{classify.urgency}} > 0.5")
    flow.connect("summaries", "letter", {"output": "summaries"})
    flow.connect("cashier", "letter", {"answer": "answer"})
    flow.connect("engineer", "letter", {"answer": "answer"})
    return flow

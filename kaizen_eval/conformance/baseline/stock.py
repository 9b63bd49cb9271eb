"""The stock situations: a fixed list, by name, in which a baseline measures every subject."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from kaizen_eval.conformance.given_tool import GivenTool
from kaizen_eval.conformance.situation import Ask, Saying, Situation
from kaizen_eval.conformance.subject import Subject
from kaizen_eval.fake import Fault, Generated, Reply
from kaizen_eval.fake.faults import fault_of
from kaizen_eval.fake.generate import from_schema
from kaizen_eval.fake.timing.latency import Latency
from kaizen_eval.messages import ToolCall
from kaizen_eval.signatures import InputField, OutputField, Signature

__all__ = ["STOCK", "StockQuestion", "stock"]


class StockQuestion(Signature):
    """Answer the question in one sentence."""

    question: str = InputField()
    answer: str = OutputField()
    confidence: float = OutputField(ge=0, le=1)


_STEADY = 40
"""Replies that take their second each: more than any stock situation asks for."""
_TOOL = GivenTool(seconds=0.5)
_CALLED = Reply(tool_calls=[ToolCall("call_1", _TOOL.name, '{"text": "stock", "number": 1}')], latency=1)


def _after(*first: Saying) -> tuple[Saying, ...]:
    return (*first, *(Generated(latency=Latency.of(1)),) * _STEADY)


def _fault(name: str, **details: Any) -> Fault:
    return fault_of(name, details)


def _made(
    subject: Subject, seed: int, *, asks: int = 1, ask: Mapping[str, Any] | None = None, **more: Any
) -> Situation:
    """Asks that differ in their inputs alone; replies that take a second each."""
    signature = subject.signature or StockQuestion
    schema = signature.input_schema()
    made = [Ask(inputs=from_schema(schema, f"stock {seed} {place}"), **(ask or {})) for place in range(asks)]
    return Situation(signature=signature, asks=tuple(made), seed=seed, **{"script": _after(), **more})


_Maker = Callable[[Subject, int], Situation]

STOCK: Mapping[str, _Maker] = {
    "plain run": _made,
    "one fault": lambda subject, seed: _made(subject, seed, script=_after(_fault("server_error"))),
    "two faults": lambda subject, seed: _made(
        subject, seed, script=_after(_fault("connection_reset"), _fault("overloaded"))
    ),
    "Retry-After": lambda subject, seed: _made(subject, seed, script=_after(_fault("rate_limit", retry_after=20))),
    "exhaustion": lambda subject, seed: _made(subject, seed, script=(_fault("server_error"),) * _STEADY),
    "permanent error": lambda subject, seed: _made(subject, seed, script=_after(_fault("bad_request"))),
    "slow reply": lambda subject, seed: _made(subject, seed, script=_after(Generated(latency=Latency.of(25)))),
    "no answer": lambda subject, seed: _made(subject, seed, script=_after(_fault("hang"))),
    "deadline": lambda subject, seed: _made(
        subject, seed, script=(_fault("hang"),) * _STEADY, config={"timeout": 45.0}
    ),
    "repairable reply": lambda subject, seed: _made(
        subject, seed, script=_after(_fault("malformed", kind="trailing_commas"))
    ),
    "reply without a field": lambda subject, seed: _made(
        subject, seed, script=_after(_fault("malformed", kind="missing_field"))
    ),
    "empty reply": lambda subject, seed: _made(subject, seed, script=_after(_fault("malformed", kind="empty"))),
    "session of three turns": lambda subject, seed: _made(
        subject, seed, asks=3, ask={"session": "stock"}, config={"max_turns": 2}
    ),
    "concurrent runs": lambda subject, seed: _made(subject, seed, asks=4, together=True),
    "cancelled run": lambda subject, seed: _made(subject, seed, ask={"cancel_after": 0.5}),
    "stream": lambda subject, seed: _made(subject, seed, ask={"stream": True}),
    "cut stream": lambda subject, seed: _made(
        subject, seed, ask={"stream": True}, script=_after(_fault("stream_cut", after=1))
    ),
    "tools": lambda subject, seed: _made(subject, seed, tools=(_TOOL,), script=_after(_CALLED)),
}
"""What is measured, in this order. A change of this list, or of what is in it, is a new schema of baselines."""


def stock(subject: Subject, *, seed: int) -> Mapping[str, Situation]:
    """Those that the subject can be put into: tools are for those that call them."""
    return {name: make(subject, seed) for name, make in STOCK.items() if name != "tools" or subject.traits.calls_tools}

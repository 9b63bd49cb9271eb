"""Steps: what a run with tools did, as its result tells it."""

from __future__ import annotations

import json
from types import MappingProxyType

import pytest

from kaizen_eval.metrics.steps import CallStep, ToolStep


def test_a_call_of_the_model_as_the_result_tells_it():
    step = CallStep(call=1, outcome="answer", at=2.0, ms=3.0)
    assert step.as_dict() == {"kind": "call", "call": 1, "outcome": "answer", "at": 2.0, "ms": 3.0}


@pytest.mark.parametrize(
    ("made", "told"),
    [
        ({"outcome": "ok", "result": 21}, {"outcome": "ok", "result": 21}),
        ({"outcome": "error", "error": "No such city."}, {"outcome": "error", "error": "No such city."}),
    ],
)
@pytest.mark.parametrize("arguments", [MappingProxyType({"city": "Oslo"}), '{"city": '])
def test_a_tool_call_as_the_result_tells_it(made, told, arguments):
    step = ToolStep(call=1, id="c1", tool="weather", arguments=arguments, at=2.0, ms=3.0, **made)
    written = arguments if isinstance(arguments, str) else {"city": "Oslo"}
    whole = {
        "kind": "tool",
        "call": 1,
        "id": "c1",
        "tool": "weather",
        "arguments": written,
        **told,
        "at": 2.0,
        "ms": 3.0,
    }
    assert json.loads(json.dumps(step.as_dict())) == whole

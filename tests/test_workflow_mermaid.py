"""Drawings: shapes, arrows and frames, and nothing in a name that Mermaid would take for its own."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from kaizen_eval import BaseAgent, WorkflowBuilder

LABEL = r'"(?:[\w\s.,/=!()\-]|#\d+;|<br/>)*"'
"""What a quoted text of Mermaid's may hold without meaning anything: entities by number, and breaks of lines."""

STATEMENTS = re.compile(
    rf" *(n\d+\[{LABEL}\]|n\d+\(\[{LABEL}\]\)|subgraph n\d+\[{LABEL}\]|end"
    rf"|n\d+ -->(\|{LABEL}\|)? n\d+|n\d+ -\.-> n\d+)"
)
"""The few kinds of lines of a flowchart that are drawn, by the lexer's rules in flow.jison."""

HOSTILE = st.text(st.characters(codec="utf-8"), max_size=12) | st.sampled_from(
    [
        "end",
        "style a:b#c;",
        "%%{init: {}}%%",
        "direction TB",
        "`**x**`",
        '"]',
        "</b><script>",
        "#quot;",
        "@{ shape: x }",
    ]
)


def clean(**given):
    return given


def is_billing(result):
    return result == "billing"


def test_functions_agents_and_workflows_are_told_apart():
    inner = WorkflowBuilder("answering").add_node(BaseAgent(), "agent").add_node(clean, "end").connect("agent", "end")
    builder = (
        WorkflowBuilder("triage")
        .add_node(clean, "clean", {"text": "{{inputs.text}}"})
        .add_node(BaseAgent(), "classify")
    )
    builder.connect("clean", "classify").add_subworkflow("billing", inner.build())
    builder.connect("classify", "billing", when="{{classify.response}} == 'billing'").connect(
        "clean", "billing", when=is_billing
    )
    builder.add_node(clean, "report", {"text": "{{item}}"}, each="{{billing.parts}}")
    assert builder.build().to_mermaid() == (
        "flowchart TD\n"
        '    n0["clean"]\n'
        '    n1(["classify<br/>BaseAgent"])\n'
        '    subgraph n2["billing<br/>answering"]\n'
        '        n3(["agent<br/>BaseAgent"])\n'
        '        n4["end<br/>clean"]\n'
        "        n3 --> n4\n"
        "    end\n"
        '    n5["report<br/>clean<br/>for each of #123;#123;billing.parts#125;#125;"]\n'
        "    n0 --> n1\n"
        '    n1 -->|"#123;#123;classify.response#125;#125; == #39;billing#39;"| n2\n'
        '    n0 -->|"is_billing"| n2\n'
        "    n2 -.-> n5\n"
    )


def test_an_empty_workflow_is_drawn():
    assert WorkflowBuilder().build().to_mermaid() == "flowchart TD\n"


@given(HOSTILE.filter(bool), HOSTILE.filter(bool), HOSTILE)
def test_whatever_things_are_called_only_statements_are_written(type_name, workflow_name, text):
    inner = WorkflowBuilder(workflow_name).add_node(clean, "end").build()
    builder = WorkflowBuilder(types={type_name: clean}).add_node(type_name, "subgraph").add_subworkflow("style", inner)
    condition = f"{{{{subgraph.x}}}} == {text.replace('{', '')!r}"
    drawn = builder.connect("subgraph", "style", when=condition).build().to_mermaid()
    first, *lines = drawn.removesuffix("\n").split("\n")
    assert first == "flowchart TD"
    assert [line for line in lines if not STATEMENTS.fullmatch(line)] == []
    assert not re.search(r"direction\s+(TB|BT|LR|RL)|%%|style.*:", drawn)

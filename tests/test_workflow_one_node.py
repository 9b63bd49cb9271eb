"""One node of a workflow, executed by itself for runtimes of others."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kaizen_eval import LocalRuntime, WorkflowBuilder
from kaizen_eval.errors import InputError, NodeFailed
from kaizen_eval.runtime.one_node import executed_alone


def double(x, y=0):
    return {"x": x * 2, "y": y}


def fails(x):
    raise KeyError(x)


def alone(workflow, node, results=None, skipped=(), inputs=None):
    return asyncio.run(executed_alone(workflow, node, results or {}, skipped, inputs or {}))


def one_after_another(workflow, inputs):
    """As a runtime that knows nothing but what comes after what."""
    results, skipped = {}, {}
    for name, node in workflow.nodes.items():
        ended = {need: results[need] for need in node.needs if need in results}
        found = alone(workflow, name, ended, [need for need in node.needs if need in skipped], inputs)
        if name in found:
            results[name] = found[name]
        else:
            skipped[name] = found.skipped[name]
    return results, skipped


def graph(kinds, arrows):
    """A function each, with an edge or a template for what it needs, some conditional."""
    flow = WorkflowBuilder()
    for number, kind in enumerate(kinds):
        if kind == "each":
            flow.add_node(double, f"n{number}", {"x": "{{item}}", "y": "{{inputs.x}}"}, each="{{inputs.items}}")
        else:
            flow.add_node(double, f"n{number}", {"x": "{{inputs.items.0}}", "y": "{{inputs.x}}"})
    for source, target, when in arrows:
        if source < target < len(kinds):
            flow.connect(f"n{source}", f"n{target}", {}, when=when)
    return flow.build()


numbers = st.integers(0, 5)
whens = st.sampled_from([None, "{{inputs.x}} == 1", "{{inputs.x}} != 1", lambda result: isinstance(result, list)])


@given(
    st.lists(st.sampled_from(["one", "each"]), min_size=1, max_size=6),
    st.lists(st.tuples(numbers, numbers, whens), max_size=8, unique_by=lambda arrow: arrow[:2]),
)
def test_nodes_one_by_one_always_come_to_what_the_workflow_comes_to(kinds, arrows):
    workflow, inputs = graph(kinds, arrows), {"x": 1, "items": [1, 2]}
    results = LocalRuntime().execute(workflow, inputs).results
    assert one_after_another(workflow, inputs) == (results, results.skipped)


def test_a_node_is_given_what_came_of_others():
    flow = WorkflowBuilder().add_node(double, "a", {"x": 1}).add_node(double, "b", {"x": "{{a.x}}"})
    flow.connect("a", "b", {"y": "y"})
    assert alone(flow.build(), "b", {"a": {"x": 20, "y": 3}})["b"] == {"x": 40, "y": 3}


def test_what_fails_says_which_node():
    workflow = WorkflowBuilder().add_node(fails, "a", {"x": "{{inputs.x}}"}).build()
    with pytest.raises(NodeFailed, match="Node 'a' failed: KeyError: 1"):
        alone(workflow, "a", inputs={"x": 1, "of others": 2})
    with pytest.raises(InputError, match=r"needs \{\{inputs\.x\}\}"):
        alone(workflow, "a")

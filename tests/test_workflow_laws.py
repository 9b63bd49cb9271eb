"""What is always true of workflows, whatever graph they are."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kaizen_eval import WorkflowBuilder
from kaizen_eval.errors import WorkflowError
from kaizen_eval.workflow.fates import Live, Skipped, fate_of
from kaizen_eval.workflow.wiring import inputs_of

WAYS = st.sampled_from(["template", "text", "each", "edge", "mapping", "condition"])


def step(**given):
    return given


@st.composite
def graphs(draw, *, acyclic=True):
    """Ids in the order in which they are added, and by pair how the second needs the first."""
    names = [f"n{number}" for number in range(draw(st.integers(1, 8)))]
    places = range(len(names))
    pairs = [(a, b) for a in places for b in places if (a < b if acyclic else True)]
    chosen = draw(st.lists(st.sampled_from(pairs), unique=True, max_size=14)) if pairs else []
    needs = {(names[a], names[b]): draw(WAYS) for a, b in chosen}
    return draw(st.permutations(names)), needs


def built(names, needs):
    """By the ways in which one node can need another."""
    builder = WorkflowBuilder()
    for name in names:
        config, each = {}, None
        for (source, target), way in needs.items():
            if target == name and way in {"template", "text"}:
                config[source] = f"{{{{{source}.output}}}}" if way == "template" else [f"of {{{{{source}.output}}}}"]
            elif target == name and way == "each":
                each = f"{{{{{source}.output}}}}"
        builder.add_node(step, name, config, each=each)
    for (source, target), way in needs.items():
        if way in {"edge", "condition"}:
            builder.connect(source, target, when=f"{{{{{source}.output}}}} is None" if way == "condition" else None)
        elif way == "mapping":
            builder.connect(source, target, {"output": f"from-{source}"})
    return builder.build()


def one_each(needs):
    """A node has one `each` at most; of several the others are templates."""
    first = {}
    return {
        pair: way if way != "each" or first.setdefault(pair[1], pair) == pair else "template"
        for pair, way in needs.items()
    }


@given(graphs())
def test_any_acyclic_graph_is_built_in_whatever_order_and_each_node_comes_after_all_it_needs(graph):
    names, needs = graph[0], one_each(graph[1])
    workflow = built(names, needs)
    assert {(need, name) for name in workflow.nodes for need in workflow.needs_of(name)} == {*needs}
    order = [*workflow.nodes]
    assert sorted(order) == sorted(names)
    assert all(order.index(source) < order.index(target) for source, target in needs)


@given(graphs())
def test_the_order_of_adding_changes_neither_needs_nor_what_is_last(graph):
    names, needs = graph[0], one_each(graph[1])
    one, other = built(names, needs), built(sorted(names), needs)
    assert {name: {*one.needs_of(name)} for name in names} == {name: {*other.needs_of(name)} for name in names}
    assert {*one.last} == {*other.last}


@given(graphs())
def test_nodes_that_are_added_after_all_they_need_stay_in_that_order(graph):
    names = [*built(graph[0], one_each(graph[1])).nodes]
    assert [*built(names, one_each(graph[1])).nodes] == names


@given(graphs(acyclic=False))
def test_any_circle_is_refused_and_the_path_that_is_named_is_one(graph):
    names, needs = graph[0], one_each(graph[1])
    if not in_a_circle(names, needs):
        built(names, needs)
        return
    with pytest.raises(WorkflowError) as raised:
        built(names, needs)
    paths = [problem.partition(":")[0].split(" → ") for problem in raised.value.problems if not problem.where]
    assert paths
    for path in paths:
        assert path[0] == path[-1]
        assert {*pairwise(path)} <= needs.keys()
    nodes = [name for path in paths for name in path[1:]]
    assert len(nodes) == len({*nodes})


def in_a_circle(names, needs):
    """Whether something is left when what needs nothing is taken away again and again."""
    left = {*names}
    while free := {name for name in left if not any(source in left for source, target in needs if target == name)}:
        left -= free
    return bool(left)


@given(graphs(), st.data())
def test_every_node_is_skipped_or_has_something_to_go_on(graph, data):
    """A walk through any graph, with conditions that hold or not: nobody is asked of what is not there."""
    workflow = built(graph[0], one_each(graph[1]))
    results, skipped = {}, {}
    for name, node in workflow.nodes.items():
        fate = fate_of(workflow, node, results, skipped, {})
        if isinstance(fate, Skipped):
            assert fate.why
            assert node.needs
            skipped[name] = fate.why
            continue
        assert isinstance(fate, Live)
        given = inputs_of(workflow, node, results, {}, live=fate)
        assert {source.removeprefix("from-").removeprefix("of-") for source in given} <= results.keys()
        results[name] = data.draw(st.none() | st.just({f"of-{name}": 1}) | st.lists(st.integers(), max_size=2))
    assert results.keys() | skipped.keys() == workflow.nodes.keys()
    if not any(edge.when for edge in workflow.edges):
        assert skipped == {}

"""What a node is given once what it needs has ended, and when it is skipped."""

from __future__ import annotations

import pytest

from kaizen_eval import BaseAgent, FakeLLM, InputField, OutputField, Signature, WorkflowBuilder
from kaizen_eval.errors import InputError
from kaizen_eval.workflow.fates import Live, Skipped, fate_of
from kaizen_eval.workflow.missing import missing_inputs
from kaizen_eval.workflow.wiring import inputs_of, items_of


class Ask(Signature):
    question: str = InputField()
    context: str = InputField(default="")
    answer: str = OutputField()


class Asker(BaseAgent):
    signature = Ask


class Calm(Signature):
    mood: str = InputField(default="calm")
    tone: str = InputField(default="low")


class CalmAgent(BaseAgent):
    signature = Calm


def source(**given):
    return given


def clean(text, limit=10):
    return text[:limit]


def both(left, right=None):
    return left, right


def after(left, /, right="r", *, more=()):
    return left, right, more


class Graph:
    """A workflow whose nodes `a`, `b`, `c` can return anything; `n` is the one that is asked about."""

    def __init__(self, type_, config=None, **more):
        self._builder = WorkflowBuilder()
        for name in "abc":
            self._builder.add_node(source, name)
        self._builder.add_node(type_, "n", config, **more)

    def connect(self, *given, **more):
        self._builder.connect(*given, **more)
        return self

    def fate(self, results, skipped=(), inputs=None):
        workflow = self._builder.build()
        return fate_of(workflow, workflow.nodes["n"], results, skipped, inputs or {})

    def given(self, results=(), inputs=None, *, skipped=(), **extra):
        workflow = self._builder.build()
        results = dict(results)
        live = fate_of(workflow, workflow.nodes["n"], results, skipped, inputs or {})
        return inputs_of(workflow, workflow.nodes["n"], results, inputs or {}, live=live, extra=extra)

    def refused(self, *given, **more):
        with pytest.raises(InputError) as raised:
            self.given(*given, **more)
        return str(raised.value)


def test_a_config_is_filled():
    graph = Graph(clean, {"text": "Dear {{inputs.name}}: {{a.text}}", "limit": "{{b.output}}"})
    assert graph.given({"a": {"text": "hi"}, "b": 3}, {"name": "Ann"}) == {"text": "Dear Ann: hi", "limit": 3}


def test_items_and_their_numbers_are_filled_in():
    graph = Graph(clean, {"text": "{{index}}: {{item.name}}"}, each="{{a.people}}")
    assert graph.given({"a": {"people": []}}, item={"name": "Ann"}, index=4) == {"text": "4: Ann"}


def test_a_mapping_says_what_goes_where():
    graph = Graph(both).connect("a", "n", {"deep.0.x": "left", "output": "right"})
    result = {"deep": [{"x": 1}]}
    assert graph.given({"a": result}) == {"left": 1, "right": result}


def test_fields_go_to_inputs_of_the_same_names():
    graph = Graph(both).connect("a", "n")
    assert graph.given({"a": {"left": 1, "right": 2, "more": 3}}) == {"left": 1, "right": 2}


def test_what_has_no_fields_goes_to_the_only_input_that_must_be_filled():
    assert Graph(both).connect("a", "n").given({"a": "x"}) == {"left": "x"}
    assert Graph(both, {"left": 1}).connect("a", "n").given({"a": "x"}) == {"left": 1, "right": "x"}


def test_where_several_inputs_are_left_what_has_no_fields_is_order_alone():
    assert Graph(CalmAgent).connect("a", "n").given({"a": "x"}) == {}


def test_what_takes_anything_gets_fields_by_name_and_the_rest_by_node():
    graph = Graph(source).connect("a", "n").connect("b", "n")
    assert graph.given({"a": {"x": 1}, "b": [2]}) == {"x": 1, "b": [2]}


def test_an_empty_mapping_is_order_alone():
    assert Graph(source).connect("a", "n", {}).given({"a": {"x": 1}}) == {}


def test_of_an_agents_result_the_outputs_are_passed_on_without_what_they_cost():
    result = BaseAgent({"model": "m"}, provider=FakeLLM().otherwise("hello")).run(question="?")
    assert Graph(source).connect("a", "n").given({"a": result}) == {"response": "hello"}
    assert Graph(source, {"all": "{{a.output}}"}).given({"a": result})["all"] is result
    agent = Graph(BaseAgent(), {"all": "{{a.output}}", "list": "{{b.output}}"}).given({"a": result, "b": [result]})
    assert agent == {"all": {"response": "hello"}, "list": [{"response": "hello"}]}


def test_agents_take_from_the_inputs_by_name_what_nothing_else_fills():
    graph = Graph(Asker).connect("a", "n")
    assert graph.given({"a": {"question": "?"}}, {"question": "unused", "context": "c", "more": 1}) == {
        "question": "?",
        "context": "c",
    }


def test_functions_do_not():
    assert Graph(both, {"left": 1}).given(inputs={"right": 2}) == {"left": 1}


def test_a_session_is_named_by_a_config_alone():
    inputs = {"question": "?", "session_id": "outer"}
    assert Graph(Asker).given(inputs=inputs) == {"question": "?"}
    assert Graph(Asker, {"session_id": "{{inputs.user}}"}).given(inputs=inputs | {"user": "ann"}) == {
        "session_id": "ann",
        "question": "?",
    }
    assert Graph(BaseAgent()).given(inputs=inputs) == {"question": "?"}


def test_an_agent_without_signature_gets_all_inputs_where_it_is_given_nothing():
    inputs = {"x": 1, "y": 2}
    assert Graph(BaseAgent()).given(inputs=inputs) == inputs
    assert Graph(BaseAgent(), {"session_id": "s"}).given(inputs=inputs) == {"session_id": "s", **inputs}
    assert Graph(BaseAgent(), {"z": 3}).given(inputs=inputs) == {"z": 3}
    assert Graph(BaseAgent()).connect("a", "n").given({"a": "text"}, inputs) == {"a": "text"}


def test_a_workflow_inside_takes_by_name_what_its_nodes_do():
    inner = WorkflowBuilder().add_node(Asker, "agent", {"context": "{{inputs.where}}"}).build()
    assert Graph(inner, {"where": "{{a.x}}"}).given({"a": {"x": 1}}, {"question": "?", "context": "c"}) == {
        "where": 1,
        "question": "?",
    }


def test_a_call_has_what_goes_by_position_there():
    takes = Graph(after, {"left": 1, "more": 2})._builder.build().nodes["n"].takes
    assert takes.arranged({"left": 1, "more": 2}) == ([1], {"more": 2})


# Skipping


@pytest.mark.parametrize(
    ("result", "fate"),
    [
        ({"kind": "x"}, True),
        ({"kind": "y"}, "the condition of the edge from a, {{a.kind}} == 'x', does not hold"),
    ],
)
def test_a_node_whose_conditions_do_not_hold_is_skipped(result, fate):
    graph = Graph(source).connect("a", "n", when="{{a.kind}} == 'x'")
    found = graph.fate({"a": result})
    assert found == (Live(graph._builder.build().edges) if fate is True else Skipped(fate))


def test_one_edge_that_counts_is_enough():
    graph = Graph(source).connect("a", "n", when=bool).connect("b", "n", when=bool)
    assert graph.fate({"a": 0, "b": 1}) == Live(graph._builder.build().edges[1:])
    assert graph.fate({"a": 0, "b": 0}) == Skipped(
        "the condition of the edge from a does not hold; the condition of the edge from b does not hold"
    )


def test_a_template_does_not_let_a_node_run_whose_edges_do_not_count():
    graph = Graph(clean, {"text": "{{a.text}}"}).connect("a", "n", {}, when="{{a.ok}}")
    assert graph.fate({"a": {"text": "x", "ok": False}}) == Skipped(
        "the condition of the edge from a, {{a.ok}}, does not hold"
    )


def test_skipping_spreads():
    assert Graph(source).connect("a", "n").fate({}, {"a"}) == Skipped("a was skipped")
    assert Graph(source, {"x": "{{a.x}}", "y": "{{b.y}}"}).fate({}, {"a", "b"}) == Skipped("a and b were skipped")
    assert Graph(source, {"x": "{{item}}"}, each="{{a.x}}").connect("b", "n", {}).fate({"b": 1}, {"a"}) == Skipped(
        "what it is executed for comes from a, which was skipped"
    )


def test_an_input_that_it_cannot_do_without_from_what_was_skipped_skips_it():
    graph = Graph(both, {"left": "{{a.x}}", "right": "{{b.x}}"})
    assert graph.fate({"b": {"x": 1}}, {"a"}) == Skipped("its input 'left' comes from a, which was skipped")


def test_an_input_that_it_can_do_without_is_left_out():
    graph = Graph(both, {"left": "{{a.x}}", "right": "{{b.x}}"})
    assert graph.given({"a": {"x": 1}}, skipped={"b"}) == {"left": 1}


def test_an_input_whose_edge_does_not_count_is_not_filled_from_it():
    graph = Graph(both).connect("a", "n", {"x": "left"}, when=lambda result: False).connect("b", "n", {})
    assert graph.fate({"a": {"x": 1}, "b": 1}) == Skipped("its input 'left' comes from a, and nothing came from there")


def test_what_agents_find_in_the_inputs_does_not_skip_them():
    graph = Graph(Asker, {"question": "{{a.x}}"}).connect("b", "n", {})
    assert graph.given({"b": 1}, {"question": "?"}, skipped={"a"}) == {"question": "?"}


def test_a_condition_that_asks_of_what_was_skipped_does_not_hold():
    graph = Graph(source).connect("b", "n", when="{{a.x}} is None")
    assert graph.fate({"b": 1}, {"a"}) == Skipped("the condition of the edge from b, {{a.x}} is None, does not hold")


def test_conditions_may_ask_of_the_inputs():
    graph = Graph(source).connect("a", "n", {}, when="{{inputs.deep}}")
    assert isinstance(graph.fate({"a": 1}, inputs={"deep": True}), Live)


def test_the_first_edge_that_counts_fills_an_input_and_the_config_is_for_none():
    graph = Graph(both, {"left": "else"}).connect("a", "n", {"x": "left"}, when="{{a.ok}}")
    graph.connect("b", "n", {"x": "left"}, when="{{b.ok}}").connect("c", "n", {})

    def left(first, second):
        results = {"a": {"x": "a", "ok": first}, "b": {"x": "b", "ok": second}, "c": 1}
        return graph.given(results)["left"]

    assert [left(True, True), left(False, True), left(False, False)] == ["a", "b", "else"]


def test_functions_that_decide_are_asked_once():
    asked = []
    graph = Graph(source).connect("a", "n", when=lambda result: asked.append(result) or True)
    graph.given({"a": {"x": 1}})
    assert asked == [{"x": 1}]


# What cannot be given


def test_two_edges_that_bring_the_same_input_are_refused():
    graph = Graph(clean).connect("a", "n").connect("b", "n")
    assert graph.refused({"a": {"text": 1}, "b": {"text": 2}}) == (
        "Both 'a' and 'b' fill 'text' of node 'n': say by a mapping which of them does."
    )


def test_a_result_of_none_gives_way_to_one_that_is_something():
    graph = Graph(clean).connect("a", "n").connect("b", "n")
    assert graph.given({"a": None, "b": "x"}) == graph.given({"a": "x", "b": None}) == {"text": "x"}
    assert graph.given({"a": None, "b": None}) == {"text": None}


def test_branches_that_may_be_skipped_may_bring_the_same_input():
    graph = Graph(clean).connect("c", "a", when=bool).connect("c", "b", when=bool).connect("a", "n").connect("b", "n")
    assert graph.given({"a": {"text": 1}, "b": {"text": 2}, "c": 1}) == {"text": 1}
    assert graph.given({"b": {"text": 2}, "c": 1}, skipped={"a"}) == {"text": 2}


def test_an_input_that_nothing_brought_is_said_with_what_was_brought():
    assert Graph(clean).connect("a", "n").refused({"a": {"txt": 1}}) == (
        "Node 'n' was given no 'text': a gave a mapping of txt. Say what fills it: connect('a', 'n', "
        "{'output': 'text'}) gives it the whole result."
    )


def test_a_mapping_of_what_is_not_there_is_said():
    assert Graph(clean).connect("a", "n", {"answr": "text"}).refused({"a": {"answer": 1}}) == (
        "'text' of node 'n' is to be a.answr: a has no 'answr'; did you mean 'answer'? It has: answer."
    )


@pytest.mark.parametrize("items", [{"a": 1}, "text", 5, None])
def test_what_is_no_list_has_no_items(items):
    workflow = WorkflowBuilder().add_node(clean, "n", {"text": "{{item}}"}, each="{{inputs.items}}").build()
    with pytest.raises(
        InputError, match=r"^\{\{inputs\.items\}\}, for each item of which it is executed, is no list but"
    ):
        items_of(workflow.nodes["n"], {}, {"items": items})


def test_items_are_those_of_the_list():
    workflow = WorkflowBuilder().add_node(clean, "n", {"text": "{{item}}"}, each="{{inputs.items}}").build()
    assert items_of(workflow.nodes["n"], {}, {"items": ("a", "b")}) == ["a", "b"]


# What the workflow must be given


def test_missing_inputs_are_told_all_at_once():
    inner = WorkflowBuilder().add_node(clean, "clean", {"text": "{{inputs.text}}"}).build()
    builder = (
        WorkflowBuilder()
        .add_node(Asker, "agent")
        .add_subworkflow("inner", inner)
        .add_node(clean, "n", {"text": "{{inputs.a.b}}"})
    )
    builder.connect("agent", "n", {}, when="{{inputs.deep}}")
    assert missing_inputs(builder.build(), {"quesiton": "?", "a": {"c": 1}}) == [
        "node 'agent' needs the input 'question'; is it what was given as 'quesiton'?",
        "node 'inner' needs the input 'text'.",
        "node 'n' needs {{inputs.a.b}}: inputs.a has no 'b'. It has: c.",
        "node 'n' needs {{inputs.deep}}: inputs has no 'deep'. It has: quesiton, a.",
    ]


def test_what_a_result_may_bring_is_not_missing():
    builder = WorkflowBuilder().add_node(source, "a").add_node(Asker, "agent").connect("a", "agent")
    assert missing_inputs(builder.build(), {}) == []


def test_what_an_agent_is_known_not_to_bring_is_missing():
    builder = WorkflowBuilder().add_node(Asker, "a").add_node(Asker, "b").connect("a", "b")
    assert missing_inputs(builder.build(), {}) == [
        "node 'a' needs the input 'question'.",
        "node 'b' needs the input 'question'.",
    ]


def test_agents_whose_inputs_have_defaults_need_nothing():
    assert missing_inputs(CalmAgent().to_workflow().build(), {}) == []
    assert missing_inputs(BaseAgent().to_workflow().build(), {}) == []

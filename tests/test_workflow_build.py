"""What build() makes of what was added."""

from __future__ import annotations

import copy
import functools
import math
from collections import OrderedDict
from dataclasses import FrozenInstanceError, dataclass

import pytest

from kaizen_eval import BaseAgent, InputField, OutputField, RetryPolicy, Signature, WorkflowBuilder, register_node, tool
from kaizen_eval.workflow import Edge, Workflow, registry
from kaizen_eval.workflow.parameters import MISSING, Parameters


class Ask(Signature):
    question: str = InputField()
    context: str = InputField(default="")
    answer: str = OutputField()


class Asker(BaseAgent):
    signature = Ask


class Duck:
    """Nothing of ours, but enough of an agent."""

    signature = Ask
    agent_id = "duck"

    async def run_async(self, **inputs):
        return inputs


def clean(text, limit=10):
    return text[:limit]


async def fetch(*, url, **options):
    return url, options


def described(text: str) -> str:
    """Describe it."""
    return text


class Cleaner:
    def __call__(self, text, *more, deep=False):
        return text

    def method(self, text):
        return text

    @staticmethod
    def static(text):
        return text


@dataclass
class Invoice:
    total: int
    currency: str = "EUR"


@pytest.fixture
def own_registry(monkeypatch):
    monkeypatch.setattr(registry, "_registered", {})


def only(type_, config=None, **more):
    return WorkflowBuilder().add_node(type_, "n", config, **more).build().nodes["n"]


TYPES = {
    "function": (clean, "function", "clean", Parameters(required=("text",), optional=("limit",))),
    "async function": (fetch, "function", "fetch", Parameters(required=("url",), more=True)),
    "lambda": (lambda x: x, "function", "<lambda>", Parameters(required=("x",))),
    "callable": (Cleaner(), "function", "Cleaner", Parameters(required=("text",), optional=("deep",))),
    "bound method": (Cleaner().method, "function", "Cleaner.method", Parameters(required=("text",))),
    "static method": (Cleaner.static, "function", "Cleaner.static", Parameters(required=("text",))),
    "partial": (
        functools.partial(clean, limit=3),
        "function",
        "clean",
        Parameters(required=("text",), optional=("limit",)),
    ),
    "dataclass": (Invoice, "function", "Invoice", Parameters(required=("total",), optional=("currency",))),
    "builtin": (
        sorted,
        "function",
        "sorted",
        Parameters(required=("iterable",), optional=("key", "reverse"), by_position={"iterable": MISSING}),
    ),
    "builtin that does not tell": (max, "function", "max", Parameters(more=True)),
    "agent": (
        Asker(),
        "agent",
        "Asker",
        Parameters(required=("question",), optional=("context",), beside=("session_id",)),
    ),
    "agent without signature": (BaseAgent(), "agent", "BaseAgent", Parameters(more=True, beside=("session_id",))),
    "somebody else's agent": (
        Duck(),
        "agent",
        "Duck",
        Parameters(required=("question",), optional=("context",), beside=("session_id",)),
    ),
}


@pytest.mark.parametrize("case", TYPES)
def test_what_a_node_takes_is_known_by_its_type(case):
    given, kind, written, takes = TYPES[case]
    filled = dict.fromkeys(takes.required, 1) if kind == "function" else {}
    node = only(given, filled)
    assert (node.kind, node.what, node.type, node.takes) == (kind, given, written, takes)


def test_of_a_tool_the_function_is_executed():
    node = only(tool(described), {"text": "x"})
    assert (node.what, node.type, node.takes) == (described, "described", Parameters(required=("text",)))


def test_what_a_config_holds_beside_plain_data_is_left_alone():
    rows = OrderedDict(a="{{inputs.x}}")
    assert only(clean, {"text": rows}).config["text"] is rows
    assert only(clean, {"text": rows}).needs == ()


def test_a_class_of_agents_is_made():
    node = only(Asker)
    assert (node.kind, type(node.what), node.type) == ("agent", Asker, "Asker")


def test_a_class_whose_instances_can_be_called_is_made_once():
    node = only(Cleaner, {"text": "x"})
    assert (node.kind, type(node.what), node.type) == ("function", Cleaner, "Cleaner")


def test_names_are_those_of_the_builder_then_those_registered_then_of_modules(own_registry):
    register_node("Clean", Cleaner().method)

    @register_node("Fetch")
    def fetched(url):
        return url

    builder = WorkflowBuilder(types={"Clean": clean})
    builder.add_node("Clean", "a", {"text": 1}).add_node("Fetch", "b", {"url": 1}).add_node("math:sqrt", "c", {"x": 4})
    nodes = builder.build().nodes.values()
    assert [(node.what, node.type, node.reference) for node in nodes] == [
        (clean, "Clean", "Clean"),
        (fetched, "Fetch", "Fetch"),
        (math.sqrt, "math:sqrt", "math:sqrt"),
    ]


def test_nothing_is_looked_up_before_build(own_registry):
    builder = WorkflowBuilder().add_node("Later", "n", {"text": 1})
    register_node("Later", clean)
    assert builder.build().nodes["n"].what is clean


def test_settings_are_kept_as_policies():
    node = only(clean, {"text": "{{item}}"}, each="{{inputs.texts}}", concurrency=2, timeout=1.5, retry=3)
    assert (node.each, node.concurrency, node.timeout, node.retry) == (
        "{{inputs.texts}}",
        2,
        1.5,
        RetryPolicy(attempts=3),
    )
    assert only(clean, {"text": 1}, retry={"attempts": 2, "base": 0}).retry == RetryPolicy(attempts=2, base=0)
    assert only(clean, {"text": 1}, retry=RetryPolicy()).retry == RetryPolicy()


def test_a_node_needs_what_is_in_its_templates_its_each_its_edges_and_their_conditions():
    builder = WorkflowBuilder()
    builder.add_node(
        clean, "last", {"text": "{{b.output}} {{a.output}}", "limit": ["{{inputs.x}}"]}, each="{{d.parts}}"
    )
    for name in "abcdef":
        builder.add_node(clean, name, {"text": "x"})
    builder.connect("c", "last", {}, when="{{f.ok}} and {{inputs.deep}}")
    workflow = builder.build()
    assert workflow.needs_of("last") == ("a", "b", "c", "d", "f")
    assert [*workflow.nodes] == ["a", "b", "c", "d", "e", "f", "last"]


def test_nodes_that_are_added_in_order_stay_in_it():
    builder = WorkflowBuilder()
    for number in range(20):
        builder.add_node(clean, f"n{number}", {"text": f"{{{{n{number // 2}.x}}}}" if number else "x"})
    assert [*builder.build().nodes] == [f"n{number}" for number in range(20)]


def test_the_builder_can_go_on_and_its_workflows_stay():
    builder = WorkflowBuilder().add_node(clean, "a", {"text": 1})
    before = builder.build()
    after = builder.add_node(clean, "b", {"text": 1}).build()
    assert ([*before.nodes], [*after.nodes]) == (["a"], ["a", "b"])


def test_a_workflow_is_frozen():
    config = {"text": ["a", {"b": 1}]}
    mapping = {"x": "text"}
    builder = WorkflowBuilder().add_node(clean, "a", config).add_node(clean, "b").connect("a", "b", mapping)
    config["text"][1]["b"] = mapping["x"] = "changed"
    workflow = builder.build()
    assert (workflow.nodes["a"].config, workflow.edges[0].mapping) == ({"text": ["a", {"b": 1}]}, {"x": "text"})
    for change in (
        lambda: setattr(workflow, "name", "x"),
        lambda: setattr(workflow.nodes["a"], "id", "x"),
        lambda: workflow.nodes.update(c=None),
        lambda: workflow.nodes["a"].config.update(c=None),
        lambda: workflow.edges[0].mapping.update(c=None),
    ):
        with pytest.raises((FrozenInstanceError, AttributeError)):
            change()


def test_an_empty_workflow_is_one():
    workflow = WorkflowBuilder().build()
    assert (dict(workflow.nodes), workflow.edges, workflow.last, repr(workflow)) == (
        {},
        (),
        (),
        "<Workflow 'workflow' of 0: nothing>",
    )


def test_the_last_are_those_that_no_other_needs():
    builder = WorkflowBuilder()
    for name, text in (("a", 1), ("b", "{{a.x}}"), ("c", "{{a.x}}")):
        builder.add_node(clean, name, {"text": text})
    assert builder.build().last == ("b", "c")


def test_reprs_say_what_there_is():
    builder = WorkflowBuilder("triage")
    for number in range(10):
        builder.add_node(clean, f"n{number}", {"text": 1})
    builder.connect("n0", "n1", {})
    assert repr(builder) == "<WorkflowBuilder 'triage': 10 nodes, 1 edges, not built>"
    assert repr(builder.build()) == "<Workflow 'triage' of 10: n0, n1, n2, n3, n4, n5, n6, n7, …>"


def test_an_agent_is_a_workflow_of_one_node():
    agent = Asker(agent_id="helper")
    workflow = agent.to_workflow().build()
    assert (workflow.name, [*workflow.nodes], workflow.nodes["agent"].what) == ("helper", ["agent"], agent)
    assert Asker().to_workflow().name == "Asker"


def test_a_workflow_inside_takes_what_its_nodes_do():
    inner = (
        WorkflowBuilder("inner").add_node(Asker, "agent").add_node(clean, "clean", {"text": "{{inputs.text}}"}).build()
    )
    node = WorkflowBuilder().add_subworkflow("inner", inner, {"question": "{{inputs.q}}"}).build().nodes["inner"]
    assert (node.kind, node.type) == ("workflow", "inner")
    assert node.takes == Parameters(required=("text", "question"), optional=("context",))


@pytest.mark.parametrize(
    ("config", "takes"),
    [
        ({}, Parameters(required=("question",), optional=("context",))),
        ({"question": "x"}, Parameters(optional=("context",))),
        ({"question": "{{inputs.q}}", "context": ""}, Parameters(required=("q",))),
        ({"question": "x", "context": "{{inputs}}"}, Parameters(more=True)),
    ],
)
def test_what_is_filled_inside_is_not_asked_for_outside(config, takes):
    inner = WorkflowBuilder().add_node(Asker, "agent", config).build()
    assert WorkflowBuilder().add_node(inner, "inner").build().nodes["inner"].takes == takes


def test_an_agent_without_signature_takes_everything_unless_something_is_given():
    def takes(config):
        inner = WorkflowBuilder().add_node(BaseAgent(), "agent", config).build()
        return WorkflowBuilder().add_node(inner, "inner").build().nodes["inner"].takes

    assert takes({}) == Parameters(more=True)
    assert takes({"session_id": "s"}) == Parameters(more=True)
    assert takes({"question": "x"}) == Parameters()


def test_edges_are_as_they_were_connected():
    decide = bool
    builder = WorkflowBuilder().add_node(clean, "a", {"text": 1}).add_node(clean, "b")
    builder.connect("a", "b", {"output": "text"}).connect("a", "b", when=decide)
    assert builder.build().edges == (
        Edge(source="a", target="b", mapping={"output": "text"}),
        Edge(source="a", target="b", when=decide),
    )


def test_equal_workflows_are_equal():
    assert triage_like().build() == triage_like().build()
    assert triage_like().build() != triage_like().add_node(clean, "more", {"text": 1}).build()


def triage_like():
    return WorkflowBuilder().add_node(clean, "a", {"text": 1}).add_node(clean, "b").connect("a", "b")


def test_a_workflow_can_be_copied():
    workflow = triage_like().build()
    assert copy.copy(workflow) == workflow
    assert isinstance(workflow, Workflow)

"""What build() refuses: all of it at once, each with its place, and with what was meant."""

from __future__ import annotations

import pickle

import pytest

from kaizen_eval import BaseAgent, InputField, OutputField, Signature, WorkflowBuilder, register_node
from kaizen_eval.errors import WorkflowError
from kaizen_eval.workflow import registry


class Ask(Signature):
    question: str = InputField()
    context: str = InputField(default="")
    answer: str = OutputField()


class Asker(BaseAgent):
    signature = Ask


class Picky(BaseAgent):
    def __init__(self, key):
        super().__init__()


def clean(text, limit=10):
    return text[:limit]


def both(left, right):
    return left, right


def collect(**parts):
    return parts


def yielding():
    yield 1


async def later(result):
    return bool(result)


@pytest.fixture(autouse=True)
def _own_registry(monkeypatch):
    monkeypatch.setattr(registry, "_registered", {"PreprocessNode": clean})


def refused(builder):
    with pytest.raises(WorkflowError) as raised:
        builder.build()
    return [*raised.value.problems]


def of_node(*given, **more):
    """What is refused of one node beside two that can work."""
    builder = WorkflowBuilder().add_node(clean, "first", {"text": "x"}).add_node(Asker, "agent")
    return refused(builder.add_node(*given, **more))


def of_edge(*given, **more):
    builder = WorkflowBuilder().add_node(clean, "first", {"text": "x"}).add_node(Asker, "agent")
    return refused(builder.add_node(clean, "last", {"text": "x"}).connect(*given, **more))


NODES = {
    "unknown type": (
        ("PreprocesNode", "n"),
        {},
        (
            "node 'n', type: no type 'PreprocesNode' is registered; did you mean 'PreprocessNode'? Registered are: "
            "PreprocessNode. Register it by register_node('PreprocesNode', …), or give a function, an agent, "
            "a workflow, or "
            "a text like 'my_package.nodes:clean'."
        ),
    ),
    "unknown module": (
        ("mth_:sqrt", "n"),
        {},
        "node 'n', type: mth_ cannot be imported: there is no module 'mth_'",
    ),
    "unknown name in a module": (("math:sqr", "n"), {}, "node 'n', type: math has no 'sqr'; did you mean 'sqrt'?"),
    "no name of a module": (("math:sqrt()", "n"), {}, "node 'n', type: 'math:sqrt()' is no `module:Name`"),
    "no type": (
        (5, "n"),
        {},
        (
            "node 'n', type: a node is a function, an agent, a workflow, a registered name, or a text like "
            "'my_package.nodes:clean'; 5 is none of these."
        ),
    ),
    "a builder": (
        (WorkflowBuilder(), "n"),
        {},
        "node 'n', type: a builder is no workflow yet: give what its build() returns.",
    ),
    "a signature": (
        (Ask, "n"),
        {},
        "node 'n', type: Ask is a signature, which nobody can execute: give BaseAgent(signature=Ask).",
    ),
    "a generator": (
        (yielding, "n"),
        {},
        "node 'n', type: yielding yields, and a node returns its result: let it return a list.",
    ),
    "an agent that wants something": (
        (Picky, "n"),
        {},
        (
            "node 'n', type: Picky() cannot be made: TypeError: Picky.__init__() missing 1 required "
            "positional argument: 'key'"
        ),
    ),
    "type and id turned": (
        ("n", clean),
        {},
        "the node added as number 3, id: an id has letters, digits, _ and - alone, unlike <function clean",
    ),
    "illegal id": (
        (clean, "a b", {"text": 1}),
        {},
        "node 'a b', id: an id has letters, digits, _ and - alone, unlike 'a b'.",
    ),
    "reserved id": (
        (clean, "item", {"text": 1}),
        {},
        "node 'item', id: no node can have this id: {{item}} means something else.",
    ),
    "duplicate id": (
        (clean, "first", {"text": 1}),
        {},
        "node 'first', id: another node, added as number 1, has this id.",
    ),
    "unknown key": (
        (clean, "n", {"text": 1, "limt": 2}),
        {},
        "node 'n', config.limt: clean takes no 'limt'; did you mean 'limit'? It takes: text, limit.",
    ),
    "unknown key of an agent": (
        (Asker, "n", {"quesiton": 2}),
        {},
        (
            "node 'n', config.quesiton: Asker takes no 'quesiton'; did you mean 'question'? It takes: "
            "question, context, session_id."
        ),
    ),
    "missing inputs": (
        (both, "n"),
        {},
        (
            "node 'n': nothing fills 'left', 'right', which both cannot do without. Give it in the config, such as "
            "{'left': '{{inputs.left}}'}, or by an edge."
        ),
    ),
    "missing item": (
        (clean, "n"),
        {"each": "{{inputs.texts}}"},
        "node 'n': nothing fills 'text', which clean cannot do without. Give it the item: {'text': '{{item}}'}.",
    ),
    "unknown node": (
        (clean, "n", {"text": ["{{frist.x}}"]}),
        {},
        "node 'n', config.text.0: {{frist.x}}: there is no node 'frist'; did you mean 'first'?",
    ),
    "unknown node that may be an input": (
        (clean, "n", {"text": "{{customer.name}}"}),
        {},
        (
            "node 'n', config.text: {{customer.name}}: there is no node 'customer'; what execute() is given would be "
            "{{inputs.customer.name}}."
        ),
    ),
    "unknown field": (
        (clean, "n", {"text": {"deep": "{{agent.anser}}"}}),
        {},
        (
            "node 'n', config.text.deep: {{agent.anser}}: what 'agent' returns has no 'anser'; did you mean "
            "'answer'? It has: answer."
        ),
    ),
    "item without each": (
        (clean, "n", {"text": "{{item}}"}),
        {},
        "node 'n', config.text: {{item}}: only the config of a node with each=… can have it.",
    ),
    "bad template": (
        (clean, "n", {"text": "hi {{a b}}"}),
        {},
        (
            "node 'n', config.text: '{{a b}}' at character 4 is no template: write {{inputs.name}} or "
            "{{node.field}}, parts of "
            "a path divided by dots; for braces as they are, write four for two."
        ),
    ),
    "each without a template": (
        (clean, "n", {"text": "{{item}}"}),
        {"each": "texts"},
        "node 'n', each: each is one template of a list, such as '{{inputs.items}}', not 'texts'.",
    ),
    "each of a list": (
        (clean, "n", {"text": "{{item}}"}),
        {"each": [1]},
        (
            "node 'n', each: each is one template of a list, such as '{{inputs.items}}', not [1]; a list of "
            "your own reaches "
            "a workflow by its inputs."
        ),
    ),
    "each of its item": (
        (clean, "n", {"text": "{{item}}"}),
        {"each": "{{item.x}}"},
        (
            "node 'n', each: each is one template of a list, such as '{{inputs.items}}'; {{item.x}} is what "
            "comes out of it."
        ),
    ),
    "no concurrency": (
        (clean, "n", {"text": 1}),
        {"concurrency": 0},
        "node 'n', concurrency: concurrency must be at least 1, not 0.",
    ),
    "no time": ((clean, "n", {"text": 1}), {"timeout": 0}, "node 'n', timeout: timeout must be more than 0, not 0."),
    "timeout in words": (
        (clean, "n", {"text": 1}),
        {"timeout": "1s"},
        "node 'n', timeout: timeout must be a number, not '1s'.",
    ),
    "no attempts": (
        (clean, "n", {"text": 1}),
        {"retry": 0},
        "node 'n', retry: retry.attempts must be at least 1, not 0.",
    ),
    "a flag for retry": (
        (clean, "n", {"text": 1}),
        {"retry": True},
        "node 'n', retry: retry.attempts must be a whole number, not True.",
    ),
    "an unknown setting of retry": (
        (clean, "n", {"text": 1}),
        {"retry": {"atempts": 2}},
        (
            "node 'n', retry: retry has no setting 'atempts'; did you mean 'attempts'? It takes: attempts, "
            "base, cap, jitter."
        ),
    ),
    "a config that is none": (
        (collect, "n", ["x"]),
        {},
        "node 'n', config: config is a mapping of names to values, not ['x'].",
    ),
    "a config without names": (
        (collect, "n", {1: 2}),
        {},
        "node 'n', config: config has names of inputs as keys, which 1 is not.",
    ),
}


@pytest.mark.parametrize("case", NODES)
def test_a_node_that_cannot_work_is_refused(case):
    given, more, said = NODES[case]
    problems = of_node(*given, **more)
    assert [problem[: len(said)] for problem in problems[:1]] == [said]
    assert len(problems) == (2 if case == "type and id turned" else 1)


EDGES = {
    "from nowhere": (
        ("frist", "last"),
        {},
        "edge frist → last, from_id: there is no node 'frist'; did you mean 'first'?",
    ),
    "to nowhere": (("first", "lsat"), {}, "edge first → lsat, to_id: there is no node 'lsat'; did you mean 'last'?"),
    "from the inputs": (
        ("inputs", "last"),
        {},
        "edge inputs → last, from_id: 'inputs' is no node; what execute() is given is {{inputs.name}} in a config.",
    ),
    "from a function": (
        (clean, "last"),
        {},
        f"edge {clean} → last, from_id: nodes are connected by their ids, not by {clean}.",
    ),
    "to itself": (
        ("last", "last", {}),
        {},
        "last → last: these need each other in a circle, so that none can be the first.",
    ),
    "a mapping that is none": (
        ("agent", "last", "answer"),
        {},
        (
            "edge agent → last, mapping: a mapping says which field of 'agent' fills which input of 'last', "
            "such as {'answer': 'text'}; 'answer' does not."
        ),
    ),
    "a mapping the wrong way": (
        ("agent", "last", {"limit": "answer"}),
        {},
        (
            "edge agent → last, mapping.limit: clean takes no 'answer'. It takes: text, limit. A mapping has "
            "fields of the source as keys, and inputs of the target as values."
        ),
    ),
    "a mapping of an unknown field": (
        ("agent", "last", {"anser": "limit"}),
        {},
        "edge agent → last, mapping.anser: what 'agent' returns has no 'anser'; did you mean 'answer'? It has: answer.",
    ),
    "a mapping of a template": (
        ("agent", "last", {"{{agent.answer}}": "limit"}),
        {},
        (
            "edge agent → last, mapping.{{agent.answer}}: a mapping's keys are fields of the source's result, without "
            "braces, such as "
            "'answer', or 'output' for the whole of it, not '{{agent.answer}}'."
        ),
    ),
    "two fields for one input": (
        ("agent", "last", {"answer": "limit", "output": "limit"}),
        {},
        "edge agent → last, mapping.output: 'answer' and 'output' would both fill 'limit'.",
    ),
    "an input that is no text": (
        ("agent", "last", {"answer": 5}),
        {},
        "edge agent → last, mapping.answer: a mapping's values are inputs of the target, such as 'text', not 5.",
    ),
    "an input that the config has": (
        ("agent", "last", {"answer": "text"}),
        {},
        (
            "node 'last': its input 'text' is filled by the edge from 'agent' and its config, where one would "
            "always do. Give "
            "it once, or let edges with conditions (when=…) come first."
        ),
    ),
    "a bad condition": (
        ("agent", "last", {}),
        {"when": "{{agent.answer}} = 5"},
        (
            "edge agent → last, when: the condition '{{agent.answer}} = 5' at character 18: invalid syntax; it "
            "compares templates and values, with and, or, not and in."
        ),
    ),
    "a condition on an unknown node": (
        ("agent", "last", {}),
        {"when": "{{agnt.answer}} == 5"},
        "edge agent → last, when: {{agnt.answer}}: there is no node 'agnt'; did you mean 'agent'?",
    ),
    "a condition on an unknown field": (
        ("agent", "last", {}),
        {"when": "{{agent.anser}} == 5"},
        (
            "edge agent → last, when: {{agent.anser}}: what 'agent' returns has no 'anser'; did you mean "
            "'answer'? It has: answer."
        ),
    ),
    "a condition that is none": (
        ("agent", "last", {}),
        {"when": True},
        "edge agent → last, when: a condition is a text, or a function of the source's result, not True.",
    ),
    "an async condition": (
        ("agent", "last", {}),
        {"when": later},
        "edge agent → last, when: a condition is a plain function, and later is an async one.",
    ),
    "a condition of nothing": (
        ("agent", "last", {}),
        {"when": lambda: True},
        (
            "edge agent → last, when: a condition is given the source's result and nothing else: too many "
            "positional arguments."
        ),
    ),
}


@pytest.mark.parametrize("case", EDGES)
def test_an_edge_that_cannot_work_is_refused(case):
    given, more, said = EDGES[case]
    problems = [
        problem for problem in of_edge(*given, **more) if "A mapping has" in problem or "has no 'limit'" not in problem
    ]
    assert problems == [said]


def test_everything_is_told_at_once_nodes_before_edges_before_circles():
    builder = WorkflowBuilder("triage").connect("x", "a").add_node(clean, "a", {"txt": "{{b.x}}"}, timeout=-1)
    builder.add_node(clean, "b", {"text": "{{a.x}}"}).add_node("Nope", "c")
    with pytest.raises(WorkflowError) as raised:
        builder.build()
    assert str(raised.value) == "\n".join(
        ["Workflow 'triage': 6 problems.", *(f"- {each}" for each in raised.value.problems)]
    )
    assert [problem.where for problem in raised.value.problems] == [
        ("nodes", 0, "timeout"),
        ("nodes", 0, "config", "txt"),
        ("nodes", 0),
        ("nodes", 2, "type"),
        ("edges", 0, "from_id"),
        (),
    ]
    assert raised.value.problems[-1].startswith("a → b → a: ")


def test_of_very_many_problems_the_message_has_the_first():
    builder = WorkflowBuilder()
    for number in range(30):
        builder.add_node(clean, f"n{number}")
    with pytest.raises(WorkflowError) as raised:
        builder.build()
    lines = str(raised.value).splitlines()
    assert (len(raised.value.problems), len(lines), lines[-1]) == (30, 22, "- and 10 more, in this error's `problems`.")


def test_guessing_what_was_meant_ends_where_nobody_reads_on():
    builder = WorkflowBuilder()
    for number in range(30):
        builder.add_node(clean, f"node{number}", {"text": f"{{{{nod{number}.x}}}}"})
    problems = refused(builder)
    assert [sum("did you mean" in problem for problem in part) for part in (problems[:20], problems[20:])] == [20, 0]


def test_the_error_can_be_pickled_with_its_places():
    with pytest.raises(WorkflowError) as raised:
        WorkflowBuilder().add_node(clean, "n").build()
    again = pickle.loads(pickle.dumps(raised.value))  # noqa: S301 - its own
    assert (again.problems, again.problems[0].where) == (raised.value.problems, ("nodes", 0))


def test_a_workflow_without_a_name_is_refused():
    assert refused(WorkflowBuilder("")) == ["a workflow's name is a text, not ''."]


def test_nodes_that_are_connected_twice_for_nothing_are_refused():
    builder = WorkflowBuilder().add_node(collect, "a").add_node(collect, "b").connect("a", "b")
    assert refused(builder.connect("a", "b")) == [
        "edge a → b: the same two nodes are connected twice, with nothing said of either."
    ]


def test_every_circle_is_told():
    builder = WorkflowBuilder()
    for name, text in {"a": "{{b.x}}", "b": "{{a.x}}", "c": "{{d.x}}", "d": "{{e.x}}", "e": "{{c.x}}"}.items():
        builder.add_node(clean, name, {"text": text})
    assert [problem.partition(":")[0] for problem in refused(builder)] == ["a → b → a", "c → e → d → c"]


def twice(connect, **more):
    builder = WorkflowBuilder().add_node(Asker, "a").add_node(Asker, "b").add_node(clean, "n", **more)
    connect(builder)
    return builder


@pytest.mark.parametrize(
    "connect",
    [
        lambda builder: builder.connect("a", "n", {"answer": "text"}).connect("b", "n", {"answer": "text"}),
        lambda builder: builder.connect("a", "n", {"answer": "text"}).connect(
            "b", "n", {"answer": "text"}, when="{{a.answer}}"
        ),
        lambda builder: (
            builder.add_node(collect, "m").connect("a", "m").connect("b", "m").connect("a", "n", {"answer": "text"})
        ),
    ],
)
def test_what_is_always_filled_twice_is_refused(connect):
    assert [problem.partition(" is filled by")[1] for problem in refused(twice(connect))] == [" is filled by"]


@pytest.mark.parametrize(
    ("connect", "config"),
    [
        (
            lambda builder: builder.connect("b", "n", {"answer": "text"}, when=bool).connect(
                "a", "n", {"answer": "text"}
            ),
            {},
        ),
        (
            lambda builder: builder.connect("b", "n", {"answer": "text"}, when=bool).connect("a", "n", {}),
            {"text": "else"},
        ),
        (
            lambda builder: (
                builder.connect("a", "b", {}, when=bool)
                .connect("b", "n", {"answer": "text"})
                .connect("a", "n", {"answer": "text"})
            ),
            {},
        ),
    ],
)
def test_conditions_decide_between_several(connect, config):
    assert "n" in twice(connect, config=config).build().nodes


def test_a_condition_decides_however_far_before():
    builder = WorkflowBuilder().add_node(Asker, "a").add_node(Asker, "b").add_node(Asker, "m").add_node(clean, "n")
    builder.connect("a", "b", {}, when=bool).connect("b", "m", {})
    builder.connect("m", "n", {"answer": "text"}).connect("a", "n", {"answer": "text"})
    assert "n" in builder.build().nodes


@pytest.mark.parametrize("name", ["", "a:b", None, clean])
def test_a_name_that_nobody_can_write_is_not_registered(name):
    with pytest.raises(WorkflowError, match=r"^register_node takes a name without a colon"):
        register_node(name, clean)

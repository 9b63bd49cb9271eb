"""Workflows in YAML files: what is written, what is read, and what is refused in either direction."""

from __future__ import annotations

import functools
import subprocess
import sys
from textwrap import dedent

import pytest
import workflow_steps as steps
import yaml
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from kaizen_eval import RetryPolicy
from kaizen_eval.errors import WorkflowError
from kaizen_eval.workflow import Workflow, WorkflowBuilder

WRITTEN = """\
version: 1
name: triage
nodes:
  read:
    type: workflow_steps:read
    config:
      path: '{{inputs.path}}'
      options:
        encoding: utf-8
        skip:
          - 'no'
          - '007'
          - '12:30'
          - null
        strict: true
        ratio: 0.5
    timeout: 2.5
    retry: 3
  classify:
    type: workflow_steps:AskAgent
    config:
      question: |-
        Is this urgent?
        {{item.text}}
    each: '{{read.tickets}}'
    concurrency: 4
    retry:
      attempts: 5
      cap: 60.0
      jitter: none
  answer:
    workflow:
      name: inner
      nodes:
        shout:
          type: workflow_steps:shout
          config:
            text: '{{inputs.text}}'
    config:
      text: Urgent
edges:
  - from: classify
    to: answer
    mapping: {}
    when: '{{read.ok}} == True'
  - from: read
    to: answer
    mapping:
      title: text
    when:
      function: workflow_steps:is_fine
"""


def triage():
    return (
        WorkflowBuilder("triage")
        .add_node(
            steps.read,
            "read",
            {
                "path": "{{inputs.path}}",
                "options": {"encoding": "utf-8", "skip": ["no", "007", "12:30", None], "strict": True, "ratio": 0.5},
            },
            timeout=2.5,
            retry=3,
        )
        .add_node(
            steps.AskAgent,
            "classify",
            {"question": "Is this urgent?\n{{item.text}}"},
            each="{{read.tickets}}",
            concurrency=4,
            retry=RetryPolicy(attempts=5, cap=60.0, jitter="none"),
        )
        .add_node(steps.INNER, "answer", {"text": "Urgent"})
        .connect("classify", "answer", {}, when="{{read.ok}} == True")
        .connect("read", "answer", {"title": "text"}, when=steps.is_fine)
        .build()
    )


def one(what, config=None, **settings):
    return WorkflowBuilder("one").add_node(what, "only", config, **settings).build()


def test_a_workflow_is_written_for_people():
    assert triage().to_yaml() == WRITTEN


def test_what_was_saved_is_loaded_again(tmp_path):
    path = tmp_path / "flows" / "triage.yaml"
    triage().save(path)
    assert Workflow.load(path) == triage()
    assert [each.name for each in path.parent.iterdir()] == ["triage.yaml"]


# The round trip

IDS = st.text("abcde_-9", min_size=1, max_size=6)
SIGNS = st.characters(exclude_categories=["Cs"])
TEXTS = st.text(SIGNS, max_size=30) | st.text("ab: #-'\"\n\t{}[]&*!|>%@`,?~\\ é\u2028\x85\r\0", max_size=12)
TEXTS |= st.sampled_from(
    ["no", "on", "null", "~", "true", "1e5", "0x1F", "1_000", "12:30", "2024-01-01", "=", "<<", ""]
)
PLAIN = TEXTS.map(lambda text: text.replace("{{", "{ {"))
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | PLAIN,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=6,
)
NAMES = st.text("abcxyz_", min_size=1, max_size=5)
WHAT = st.sampled_from(
    [
        steps.read,
        steps.fetch,
        steps.Repeat,
        steps.Repeat.twice,
        "RegisteredNode",
        "workflow_steps:read",
        "workflow_steps:Repeat",
    ]
)
NOT_FUNCTIONS = [
    steps.AskAgent,
    steps.KNOWN_ASKER,
    steps.make_asker,
    "workflow_steps:AskAgent",
    "workflow_steps:KNOWN_ASKER",
    "workflow_steps:make_asker",
]
ASKERS = st.sampled_from(NOT_FUNCTIONS)
RETRIES = (
    st.none()
    | st.integers(1, 9)
    | st.builds(RetryPolicy, attempts=st.integers(1, 5), base=st.floats(0, 9), jitter=st.sampled_from(["full", "none"]))
)


@st.composite
def workflows(draw, depth=2):
    builder = WorkflowBuilder(draw(PLAIN.filter(str.strip)))
    ids = draw(
        st.lists(IDS.filter(lambda each: each not in {"inputs", "item", "index"}), min_size=1, max_size=5, unique=True)
    )
    drafts = [drawn_node(draw, each, ids[:place], depth) for place, each in enumerate(ids)]
    for what, settings_ in draw(st.permutations(drafts)):
        builder.add_node(what, **settings_)
    for place, (what, settings_) in enumerate(drafts):
        free = set() if what in NOT_FUNCTIONS or isinstance(what, Workflow) else {*"pqrs"} - settings_["config"].keys()
        for source in draw(st.lists(st.sampled_from(ids[:place]), unique=True, max_size=2)) if place else []:
            mapping = (
                draw(st.dictionaries(st.sampled_from(sorted(free)), st.just("output"), max_size=2)) if free else {}
            )
            free -= mapping.keys()
            when = draw(st.sampled_from([None, "{{inputs.x}} == 'a'", "not {{inputs.y.0}}\n or 1 < 2", steps.is_fine]))
            builder.connect(source, ids[place], mapping, when=when)
    try:
        return builder.build()
    except WorkflowError:
        assume(False)


def drawn_node(draw, name, before, depth):
    """What it is, and how it is added; it may use the results of those before it."""
    kind = draw(st.sampled_from(["function", "agent", "workflow"] if depth else ["function", "agent"]))
    template = draw(st.sampled_from(["{{inputs.x}}", *(f"{{{{{each}.output}}}}" for each in before)]))
    if kind == "agent":
        what, config = draw(ASKERS), {"question": draw(PLAIN) + template}
    elif kind == "workflow":
        what = draw(workflows(depth=depth - 1) | st.just(steps.INNER))
        config = {"text": template} if what is steps.INNER else {}
    else:
        what, config = draw(WHAT), draw(st.dictionaries(NAMES, VALUES | st.just(template), max_size=3))
    each = draw(st.none() | st.just(template))
    settings_ = {"timeout": draw(st.none() | st.floats(0.001, 1e9)), "retry": draw(RETRIES)}
    return what, {"id": name, "config": config, "each": each, "concurrency": draw(st.integers(1, 12)), **settings_}


@settings(deadline=None, suppress_health_check=list(HealthCheck), max_examples=150)
@given(workflows())
def test_any_workflow_is_the_same_when_it_is_read_again(workflow):
    text = workflow.to_yaml()
    again = Workflow.from_yaml(text)
    assert again == workflow
    assert list(again.edges) == list(workflow.edges)
    assert Workflow.from_yaml(again.to_yaml()) == workflow


@settings(deadline=None)
@given(VALUES)
def test_any_value_is_the_same_for_other_readers_of_yaml(value):
    text = one(steps.read, {"value": value}).to_yaml()
    assert repr(yaml.safe_load(text)["nodes"]["only"]["config"]) == repr({"value": value})


def test_what_an_agent_is_called_by_decides_whether_two_are_the_same():
    assert one(steps.AskAgent, {"question": "a"}) == one("workflow_steps:AskAgent", {"question": "a"})
    assert one(steps.AskAgent(), {"question": "a"}) != one(steps.AskAgent(), {"question": "a"})


def test_a_function_that_says_it_makes_an_agent_or_a_workflow_is_asked_for_it():
    made = [one(steps.make_asker, {"question": "a"}), one("workflow_steps:make_inner", {"text": "a"})]
    found = [(flow.nodes["only"].kind, flow.nodes["only"].reference) for flow in made]
    assert found == [("agent", "workflow_steps:make_asker"), ("workflow", "workflow_steps:make_inner")]
    assert [Workflow.from_yaml(flow.to_yaml()) for flow in made] == made
    assert made[0].nodes["only"].what.agent_id == "made"
    assert [flow.to_yaml().split("type: ")[1].split("\n")[0] for flow in made] == [name for _, name in found]


# What has no name


def test_names_are_those_by_which_another_process_finds_it():
    found = [one(each).to_yaml().split("type: ")[1].split("\n")[0] for each in (steps.read, steps.Repeat.twice)]
    found += [one(steps.KNOWN_ASKER, {"question": "?"}).to_yaml().split("type: ")[1].split("\n")[0]]
    assert found == ["workflow_steps:read", "workflow_steps:Repeat.twice", "workflow_steps:KNOWN_ASKER"]


def test_a_function_that_another_has_taken_the_place_of_is_not_found():
    def former(**given):
        return given

    former.__module__, former.__qualname__ = "workflow_steps", "read"
    with pytest.raises(WorkflowError, match="node 'only': read is held by no module"):
        one(former).to_yaml()


def test_a_name_among_types_is_kept_and_needed_again():
    workflow = WorkflowBuilder("one", types={"Ours": lambda: 1}).add_node("Ours", "only").build()
    text = workflow.to_yaml()
    ours = workflow.nodes["only"].what
    assert Workflow.from_yaml(text, types={"Ours": ours}) == workflow
    with pytest.raises(WorkflowError, match="'Ours'"):
        Workflow.from_yaml(text)


def test_what_cannot_be_saved_is_told_all_at_once():
    def local(**given):
        return given

    inner = WorkflowBuilder("inner").add_node(lambda: 1, "first").build()
    workflow = (
        WorkflowBuilder("many")
        .add_node(lambda: 1, "a", {})
        .add_node(local, "b", {"when": {"at": object}, "pair": (1, 2), "nan": [float("nan"), 10**300], "by": {1: 2}})
        .add_node(steps.AskAgent(), "c", {"question": "\ud800"})
        .add_node(functools.partial(steps.read, x=1), "d")
        .add_node(inner, "e")
        .connect("a", "b", {}, when=lambda result: result)
        .build()
    )
    with pytest.raises(WorkflowError) as caught:
        workflow.to_yaml()
    put = "put it into a module, by a name, and give it as 'module:name'."
    where = "local"
    assert caught.value.problems == (
        f"node 'a': a lambda has no name: write it as a function, {put}",
        (
            "node 'b': when.at is <class 'object'>; files hold texts, numbers, true, false, null, lists and mappings: "
            "give it as an input."
        ),
        "node 'b': pair is a tuple, which would come back as a list: give a list.",
        "node 'b': nan.0 is nan, a number that files do not hold: give it as an input.",
        f"node 'b': nan.1 is 1{59 * '0'}…, a number that files do not hold: give it as an input.",
        "node 'b': by has the name 1; in a file names are whole texts.",
        f"node 'b': {where} is defined inside of a function, where nobody else finds it: {put}",
        "node 'c': question holds half of a character, which no file can.",
        f"node 'c': an instance of AskAgent is held by no module, so that nobody else finds it: {put}",
        f"node 'd': an instance of partial is held by no module, so that nobody else finds it: {put}",
        f"node 'e/first': a lambda has no name: write it as a function, {put}",
        f"the edge from 'a' to 'b': when: a lambda has no name: write it as a function, {put}",
    )
    assert str(caught.value).splitlines()[0] == "The workflow 'many' cannot be saved: for 12 reasons:"


@pytest.mark.parametrize(
    ("config", "said"),
    [
        ({"a": {"b": ["use sk-proj-aB3dE5fG7hI9jK1lM3nO5pQ7"]}}, "a.b.0 looks like a secret (OpenAI key)"),
        ({"api_key": "q8Zr2Lw9Xv5Tn1"}, "api_key looks like a secret (secret by its name)"),
        (
            {"headers": {"Authorization": "Bearer q8Zr2Lw9Xv5Tn1"}},
            "headers.Authorization looks like a secret (authorization)",
        ),
    ],
)
def test_no_secret_gets_into_a_file(config, said):
    with pytest.raises(WorkflowError) as caught:
        one(steps.read, config).to_yaml()
    assert str(caught.value) == (
        f"The workflow 'one' cannot be saved: node 'only': {said}: a file is no place for it: take it from the inputs, "
        "{{inputs.…}}, or where the function runs."
    )


def test_a_key_that_is_taken_from_the_inputs_is_no_secret():
    workflow = one(
        steps.read,
        {
            "api_key": "{{inputs.api_key_2}}",
            "token": "production",
            "max_token": "4096",
            "organization": "org-aB3dE5fG7hI9jK1lM3nO5pQ7",
        },
    )
    assert Workflow.from_yaml(workflow.to_yaml()) == workflow


# Files


def test_a_workflow_that_cannot_be_saved_leaves_the_file_as_it_was(tmp_path):
    path = tmp_path / "one.yaml"
    one(steps.read).save(path)
    before = path.read_text()
    with pytest.raises(WorkflowError, match="a lambda has no name"):
        one(lambda: 1).save(path)
    assert path.read_text() == before


def test_a_link_is_written_through(tmp_path):
    (tmp_path / "link.yaml").symlink_to(tmp_path / "real.yaml")
    one(steps.read).save(tmp_path / "link.yaml")
    assert ((tmp_path / "link.yaml").is_symlink(), Workflow.load(tmp_path / "real.yaml")) == (True, one(steps.read))


def nested(depth):
    workflow = one(steps.read)
    for _ in range(depth):
        workflow = one(workflow)
    return workflow


def deep(depth):
    return [deep(depth - 1)] if depth else []


@pytest.mark.parametrize(
    ("workflow", "said"),
    [
        (one(steps.read, {"x": "x" * 1024**2}), "its file:1:1: the file is larger than 1 MiB."),
        (one(steps.read, {"x": deep(100)}), "values are nested more than 100 deep."),
        (nested(34), "values are nested more than 100 deep."),
    ],
)
def test_what_could_not_be_read_is_not_saved(workflow, said):
    with pytest.raises(WorkflowError) as caught:
        workflow.to_yaml()
    assert str(caught.value).startswith("The workflow 'one' cannot be saved: its file:")
    assert str(caught.value).endswith(
        f"{said} Keep large values in files of their own, and workflows inside in modules: 'module:Name'."
    )


def test_where_no_file_can_be_it_is_said(tmp_path):
    (tmp_path / "file").write_text("")
    for path in (tmp_path / "file" / "one.yaml", tmp_path):
        with pytest.raises(WorkflowError, match=r"cannot be written: (Not a directory|File exists|Is a directory)"):
            one(steps.read).save(path)


def test_a_file_that_is_not_there_is_no_workflow(tmp_path):
    with pytest.raises(WorkflowError, match=r"'.*/none\.yaml' cannot be read: No such file or directory\.$"):
        Workflow.load(tmp_path / "none.yaml")


def test_a_file_without_a_name_is_called_like_it(tmp_path):
    (tmp_path / "mine.yaml").write_text("nodes: {a: {type: RegisteredNode}}")
    assert Workflow.load(tmp_path / "mine.yaml").name == "mine"


def test_another_process_loads_what_was_saved(tmp_path):
    (tmp_path / "their_steps.py").write_text("def hello(name):\n    return f'Hello {name}'\n")
    make = """
        from kaizen_eval.workflow import WorkflowBuilder
        from their_steps import hello
        WorkflowBuilder("w").add_node(hello, "hello", {"name": "{{inputs.name}}"}).build().save("w.yaml")
    """
    look = """
        from kaizen_eval.workflow import Workflow
        node = Workflow.load("w.yaml").nodes["hello"]
        print(node.what("Ada"), dict(node.config))
    """
    for program in (make, look):
        ran = subprocess.run(
            [sys.executable, "-c", dedent(program)], cwd=tmp_path, capture_output=True, text=True, check=True
        )
    assert ran.stdout == "Hello Ada {'name': '{{inputs.name}}'}\n"


def test_what_the_program_itself_defines_is_not_saved(tmp_path):
    program = tmp_path / "program.py"
    program.write_text(
        dedent("""
        from functools import partial
        from kaizen_eval.workflow import WorkflowBuilder
        def hello(): ...
        held = partial(hello)
        for what in (hello, held):
            try:
                WorkflowBuilder("w").add_node(what, "hello").build().to_yaml()
            except ValueError as error:
                print(error)
    """)
    )
    ran = subprocess.run([sys.executable, program], capture_output=True, text=True, check=True)
    assert ran.stdout == (
        "The workflow 'w' cannot be saved: node 'hello': hello is defined in the program that runs, which no other can "
        "import: put it into a module, by a name, and give it as 'module:name'.\n"
        "The workflow 'w' cannot be saved: node 'hello': an instance of partial is held by no module, so that nobody "
        "else finds it: put it into a module, by a name, and give it as 'module:name'.\n"
    )

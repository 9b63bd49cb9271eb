"""What is wrong with the file of a workflow is told with its place, all at once."""

from __future__ import annotations

import copy
import json
from textwrap import dedent

import jsonschema_rs
import pytest
import workflow_steps as steps
from house.architecture import ROOT
from house.workflow_schema import SCHEMA, written
from hypothesis import example, given, settings
from hypothesis import strategies as st

from kaizen_eval.errors import WorkflowError
from kaizen_eval.handwritten.json_text import read_json
from kaizen_eval.handwritten.problems import Problems
from kaizen_eval.handwritten.shapes import check
from kaizen_eval.workflow import Workflow
from kaizen_eval.workflow.yaml_file.grammar import WORKFLOW

BY_HAND = """\
# yaml-language-server: $schema=workflow.schema.json
name: by-hand
nodes:
  answer: {type: workflow_steps:AskAgent, config: {question: "{{shout.output}}"}}
  shout:
    type: workflow_steps:shout
    config: &defaults
      text: no
      times: 2
  again: {type: workflow_steps:shout, config: {<<: *defaults, text: on}, timeout: 3}
edges:
  - {from: shout, to: again, mapping: {}, when: {function: workflow_steps:is_fine}}
"""


def mistakes(text, types=None):
    """What is told, without the file's name."""
    with pytest.raises(WorkflowError) as caught:
        Workflow.from_yaml(dedent(text), types)
    return [problem.removeprefix("workflow:") for problem in caught.value.problems]


def test_what_people_write_is_read():
    workflow = Workflow.from_yaml(BY_HAND)
    configs = {name: dict(node.config) for name, node in workflow.nodes.items()}
    assert (workflow.name, configs, workflow.edges[0].when) == (
        "by-hand",
        {
            "shout": {"text": "no", "times": 2},
            "answer": {"question": "{{shout.output}}"},
            "again": {"text": "on", "times": 2},
        },
        steps.is_fine,
    )


def test_the_nodes_may_stand_in_any_order():
    assert next(iter(Workflow.from_yaml(BY_HAND).nodes)) == "shout"


def test_a_whole_number_may_have_a_point():
    text = "nodes: {a: {type: RegisteredNode, concurrency: 2.0, timeout: 3.0, retry: {attempts: 4.0}}}"
    node = Workflow.from_yaml(text).nodes["a"]
    assert repr((node.concurrency, node.retry.attempts)) == "(2, 4)"


def test_all_mistakes_are_told_at_once_with_their_places():
    found = mistakes("""\
        nmae: triage
        nodes:
          a:
            tpye: RegisteredNode
          b:
            type: RegistredNode
            config:
              text: [1, "{{a.x}} {{c.y}}"]
            timeout: -1
          c:
            type: workflow_steps:shuot
            retry: {attempts: 0, jiter: none}
          d:
            type: RegisteredNode
            workflow: {nodes: {x: {type: "workflow_steps:shout", config: {txt: a}}}}
          e: {type: workflow_steps:shout, config: {text: "{{nobody.x}}"}, concurrency: "3"}
          f: {type: workflow_steps:shout, config: {text: "{{nobody.x}}", tmies: 3}}
        edges:
          - {from: a, to: z}
          - {from: a, to: b, when: "{{a.x}} = 1"}
          - {from: a, to: b, when: {function: workflow_steps:is_fin}}
          - {from: a, too: b}
    """)
    begun = [
        "1:1: a workflow has no 'nmae'; did you mean 'name'? It takes: version, name, nodes, edges, $schema.",
        "4:5: a node has no 'tpye'; did you mean 'type'? It takes: type, workflow, config, each, concurrency,",
        "4:5: a node needs one of: type, workflow.",
        "6:5: node 'b', type: no type 'RegistredNode' is registered; did you mean 'RegisteredNode'?",
        "9:14: expected a number of seconds above 0, not the number -1.",
        "11:5: node 'c', type: workflow_steps has no 'shuot'; did you mean 'shout'?",
        "12:23: expected a whole number from 1, not the number 0.",
        "12:26: a retry has no 'jiter'; did you mean 'jitter'? It takes: attempts, base, cap, jitter.",
        "15:5: a node has type and workflow; it takes one of them.",
        "15:24: node 'x': nothing fills 'text'",
        "15:67: node 'x', config.txt: workflow_steps:shout takes no 'txt'; did you mean 'text'?",
        "16:44: node 'e', config.text: {{nobody.x}}: there is no node 'nobody'",
        "16:80: expected a whole number from 1, not the text '3'.",
        "17:44: node 'f', config.text: {{nobody.x}}: there is no node 'nobody'",
        "17:66: node 'f', config.tmies: workflow_steps:shout takes no 'tmies'; did you mean 'times'?",
        "19:15: edge a → z, to_id: there is no node 'z'",
        "20:22: edge a → b, when: the condition '{{a.x}} = 1'",
        "21:39: workflow_steps has no 'is_fin'; did you mean 'is_fine'?",
        "22:5: an edge needs 'to'.",
        "22:15: an edge has no 'too'; did you mean 'to'? It takes: from, to, mapping, when.",
    ]
    assert [each[: len(want)] for each, want in zip(found, begun, strict=True)] == begun


def test_one_mistake_is_one_line():
    with pytest.raises(WorkflowError) as caught:
        Workflow.from_yaml("nodes:\n  a: {type: RegisteredNode, timout: 3}\n")
    assert str(caught.value) == (
        "workflow:2:29: a node has no 'timout'; did you mean 'timeout'? It takes: type, workflow, config, each, "
        "concurrency, timeout, retry."
    )


def test_a_file_is_named_by_its_mistakes(tmp_path):
    path = tmp_path / "mine.yaml"
    path.write_text("nodes: {a: {type: RegisteredNode, each: 3}}")
    with pytest.raises(WorkflowError) as caught:
        Workflow.load(path)
    assert (
        str(caught.value) == 'mine.yaml:1:41: expected a template of a list, not the number 3. Write it in quotes: "3".'
    )


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", ["1:1: the file is empty; a workflow has 'nodes:'."]),
        ("- a", ["1:1: expected a workflow (version, name, nodes, edges, $schema), not a list."]),
        ("nodes: {}", ["1:8: expected nodes by id, not an empty object."]),
        ("version: 2\nnodes: {a: {type: RegisteredNode}}", ["1:10: expected 1, not the number 2."]),
        (
            "nodes:\n  a: {type: RegisteredNode}\n  a: {type: RegisteredNode}",
            ["3:3: 'a' is written twice; first in line 2."],
        ),
        (
            "nodes: {a: {type: RegisteredNode, config: {x: !!python/name:os.system ''}}}",
            ["1:47: the tag !!python/name:os.system is not allowed; write the plain value."],
        ),
        (
            "nodes: {a: {type: RegisteredNode, config: {x: \0}}}",
            ["1:47: this is no YAML: the character '\\x00' may not stand in it."],
        ),
        (
            "nodes: {a: {type: RegisteredNode, config: {x: {{inputs.x}}}}}",
            ["1:48: the name of a field is a text, not a list or an object. A template stands in quotes: '{{…}}'."],
        ),
        (
            "nodes:\n  a:\n    type: RegisteredNode\n    config:\n      x: {{inputs.x}} and more",
            [
                (
                    "5:23: this is no YAML: while parsing a block mapping, expected <block end>, but found '<scalar>'. "
                    "A text with a template in it stands in quotes."
                )
            ],
        ),
        (
            "nodes: {a: &a {type: RegisteredNode, config: {x: *a}}}",
            ["1:12: an alias stands inside of the value that it repeats."],
        ),
    ],
)
def test_what_is_no_workflow_is_said(text, told):
    assert mistakes(text) == told


def test_aliases_cannot_fill_the_memory():
    lines = ["nodes: {n: {type: RegisteredNode, config: {a0: &a0 [x]"]
    lines += [f", a{each}: &a{each} [{', '.join([f'*a{each - 1}'] * 10)}]" for each in range(1, 9)]
    assert mistakes("\n".join([*lines, "}}}"]))[-1].endswith(
        "there are more than 100,000 values, those that aliases repeat included."
    )


def test_a_file_has_its_limits():
    assert mistakes(f"nodes: {{a: {{type: RegisteredNode, config: {{x: '{'x' * 1024**2}'}}}}}}") == [
        "1:1: the file is larger than 1 MiB."
    ]
    assert mistakes(f"nodes: {{a: {{type: RegisteredNode, config: {{x: {'[' * 101}{']' * 101}}}}}}}") == [
        "1:143: values are nested more than 100 deep."
    ]


# The schema for editors

WHOLE = {
    "$schema": "schema.json",
    "version": 1,
    "name": "whole",
    "nodes": {
        "a": {
            "type": "RegisteredNode",
            "config": {"x": [None, {"y": "z"}]},
            "each": "{{inputs.x}}",
            "concurrency": 2,
            "timeout": 0.5,
            "retry": 3,
        },
        "b": {
            "workflow": {"nodes": {"c": {"type": "RegisteredNode"}}},
            "retry": {"attempts": 2, "base": 1, "cap": 2.5, "jitter": "full"},
        },
    },
    "edges": [
        {"from": "a", "to": "b", "mapping": {"x": "y"}, "when": "{{a.x}}"},
        {"from": "a", "to": "b", "when": {"function": "workflow_steps:is_fine"}},
    ],
}
ODD = st.sampled_from(
    [None, True, 0, 1, -1, 0.5, 3.0, "", "a", [], {}, ["a"], {"a": 1}, {"type": "a"}, {"function": "a"}, {"": 1}]
)
NAMES = st.sampled_from(
    [*WHOLE, *WHOLE["nodes"]["a"], *WHOLE["edges"][0], "workflow", "attempts", "jitter", "function", "odd", ""]
)


def places(value):
    """Every (container, key) in a document."""
    found = []
    for key, item in list(value.items()) if isinstance(value, dict) else list(enumerate(value)):
        found.append((value, key))
        if isinstance(item, dict | list):
            found += places(item)
    return found


@st.composite
def documents(draw):
    """A document that is right, changed in a place or two."""
    document = copy.deepcopy(WHOLE)
    for _ in range(draw(st.integers(1, 2))):
        container, key = draw(st.sampled_from(places(document)))
        change = draw(st.sampled_from(["replace", "remove", "add", "rename"]))
        if change == "replace":
            container[key] = copy.deepcopy(draw(ODD))
        elif change == "remove":
            del container[key]
        elif isinstance(container, dict):
            value = container.pop(key) if change == "rename" else copy.deepcopy(draw(ODD))
            container[draw(NAMES)] = value
    return document


def is_well_formed(document):
    problems = Problems("w")
    root = read_json(json.dumps(document), problems)
    check(WORKFLOW, root, problems)
    return not len(problems)


VALIDATOR = jsonschema_rs.Draft202012Validator(json.loads(SCHEMA.read_text("utf-8")))


@settings(max_examples=200)
@given(documents() | ODD)
@example(WHOLE)
def test_the_schema_and_the_grammar_always_agree(document):
    assert VALIDATOR.is_valid(document) == is_well_formed(document)


def test_a_document_with_everything_is_right():
    assert (VALIDATOR.is_valid(WHOLE), is_well_formed(WHOLE)) == (True, True)


def test_the_published_schema_is_the_grammars():
    assert SCHEMA.read_text("utf-8") == written(), "run: python tests/house/workflow_schema.py"
    jsonschema_rs.meta.validate(json.loads(SCHEMA.read_text("utf-8")))


def test_every_field_is_told_of_in_the_docs():
    page = (ROOT / "docs" / "workflow-files.md").read_text("utf-8")
    whole = json.loads(SCHEMA.read_text("utf-8"))["$defs"]["workflow"]["properties"]
    names = {*whole, *whole["nodes"]["additionalProperties"]["properties"], *whole["edges"]["items"]["properties"]}
    assert sorted(name for name in names - {"$schema"} if f"`{name}`" not in page) == []

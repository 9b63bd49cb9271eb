"""What an execution is given, refused before any node begins."""

from __future__ import annotations

import pytest
from doubles import Scripted, answer

from kaizen_eval import BaseAgent, InputField, OutputField, Signature
from kaizen_eval.errors import ConfigError, InputError, UsageError
from kaizen_eval.runtime.local import LocalRuntime
from kaizen_eval.workflow import WorkflowBuilder


class Shout(Signature):
    """Say it louder."""

    word: str = InputField()
    tone: str = InputField(default="kind")
    loud: str = OutputField()


@pytest.fixture
def begun():
    return []


@pytest.fixture
def workflow(begun):
    flow = WorkflowBuilder("mail").add_node(begun.append, "a", {"object": "{{inputs.data.text}}"})
    return flow.add_node(BaseAgent(signature=Shout, provider=Scripted(answer(loud="TEA"))), "b").build()


def refused(workflow, inputs):
    with pytest.raises(UsageError) as error:
        LocalRuntime().execute(workflow, inputs)
    return str(error.value)


def test_all_that_is_missing_or_unknown_is_told_at_once(workflow, begun):
    assert refused(workflow, {"data": {"txt": 1}, "wrd": "tea"}).splitlines() == [
        "Workflow 'mail' cannot be executed:",
        "- node 'a' needs {{inputs.data.text}}: inputs.data has no 'text'; did you mean 'txt'? It has: txt.",
        "- node 'b' needs the input 'word'; is it what was given as 'wrd'?",
        "- nothing in it uses the input 'wrd'; did you mean 'word'? It takes: data, word, tone.",
    ]
    assert begun == []


def test_an_input_that_nothing_uses_is_a_mistake(workflow):
    text = refused(workflow, {"data": {"text": 1}, "word": "tea", "ton": "rude"})
    assert text == (
        "Workflow 'mail' cannot be executed: nothing in it uses the input 'ton'; did you mean 'tone'? "
        "It takes: data, word, tone."
    )


def test_a_workflow_that_takes_nothing_says_so():
    text = refused(WorkflowBuilder().build(), {"x": 1})
    assert text == "Workflow 'workflow' cannot be executed: nothing in it uses the input 'x'. It takes none."


@pytest.mark.parametrize("inputs", [7, "text", [("a", 1)]])
def test_inputs_are_a_mapping(workflow, inputs):
    assert refused(workflow, inputs).startswith("The inputs of a workflow are a mapping, such as {'data': …}, not ")


def test_what_is_no_workflow_is_refused():
    with pytest.raises(InputError, match=r"A runtime executes a Workflow, not .* Call its build\(\)\."):
        LocalRuntime().execute(WorkflowBuilder())


def test_whoever_takes_any_inputs_takes_them_all():
    agent = BaseAgent(provider=Scripted(answer(response="TEA")))
    results, _ = LocalRuntime().execute(WorkflowBuilder().add_node(agent, "a").build(), {"anything": 1})
    assert "a" in results


def test_a_run_id_that_is_no_text_is_refused(workflow, begun):
    with pytest.raises(ConfigError, match="run_id must be text, not 5"):
        LocalRuntime().execute(workflow, {"data": {"text": 1}, "word": "tea"}, run_id=5)
    assert begun == []

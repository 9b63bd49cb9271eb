"""The guide's section "Integration with Core SDK": its two blocks, word for word but for the names of the packages."""

from __future__ import annotations

import runpy

import pytest

from kaizen_eval import BaseAgent, FakeLLM, InputField, OutputField, Signature, use_llm
from kaizen_eval.errors import InputError, WorkflowError
from kaizen_eval.runtime.local import LocalRuntime
from kaizen_eval.workflow import WorkflowBuilder, register_node, registry

CONVERT = """\
from kailash.workflow.builder import WorkflowBuilder
from kailash.runtime.local import LocalRuntime

# Create agent
agent = MyAgent(config)

# Convert to workflow
workflow = agent.to_workflow()

# Execute via Core SDK
runtime = LocalRuntime()
results, run_id = runtime.execute(workflow.build())
"""
EMBED = """\
def create_workflow_with_agent(agent: BaseAgent) -> WorkflowBuilder:
    workflow = WorkflowBuilder()

    # Add preprocessing
    workflow.add_node("PreprocessNode", "preprocess", {
        "input": "{{inputs.data}}"
    })

    # Add agent as workflow node
    agent_workflow = agent.to_workflow()
    workflow.add_subworkflow("agent", agent_workflow.build())

    # Add postprocessing
    workflow.add_node("PostprocessNode", "postprocess", {
        "input": "{{agent.output}}"
    })

    return workflow
"""


class MySignature(Signature):
    """Say what it is about."""

    input_field: str = InputField(default="tea")
    summary: str = OutputField()


class Demanding(Signature):
    """Say what it is about."""

    input_field: str = InputField()
    summary: str = OutputField()


class MyAgent(BaseAgent):
    def __init__(self, config):
        super().__init__(config=config, signature=MySignature())


@pytest.fixture
def llm():
    with use_llm(FakeLLM().otherwise({"summary": "On tea."})) as fake:
        yield fake


@pytest.fixture
def block(tmp_path):
    """What stands in a module of this text, after only its packages were renamed."""

    def module(text, **around):
        path = tmp_path / "from_the_guide.py"
        path.write_text(text.replace("kailash.", "kaizen_eval.").replace("kaizen.", "kaizen_eval."), encoding="utf-8")
        return runpy.run_path(str(path), init_globals=around)

    return module


def test_an_agent_is_converted_and_executed(llm, block):
    found = block(CONVERT, MyAgent=MyAgent, config={"model": "gpt-4"})
    assert list(found["results"]) == ["agent"]
    assert found["results"]["agent"].outputs == {"summary": "On tea."}
    assert (type(found["run_id"]), len(llm.requests)) == (str, 1)


def test_an_agent_that_must_be_given_something_says_what(llm, block):
    def demanding(config):
        return BaseAgent(config, signature=Demanding)

    with pytest.raises(InputError, match="input_field"):
        block(CONVERT, MyAgent=demanding, config={"model": "gpt-4"})
    llm.assert_calls(0)


@pytest.fixture
def registered():
    @register_node("PreprocessNode")
    def stripped(input):  # noqa: A002 - the guide's name
        return input.strip()

    @register_node("PostprocessNode")
    def shouted(input):  # noqa: A002 - the guide's name
        return input["summary"].upper()

    yield
    for name in ("PreprocessNode", "PostprocessNode"):
        del registry._registered[name]


def created(block, agent):
    return block(EMBED, BaseAgent=BaseAgent, WorkflowBuilder=WorkflowBuilder)["create_workflow_with_agent"](agent)


def test_an_agent_is_embedded_before_anybody_has_registered_the_nodes_around_it(llm, block):
    workflow = created(block, MyAgent({"model": "gpt-4"}))
    with pytest.raises(WorkflowError) as refused:
        workflow.build()
    assert [name in str(refused.value) for name in ("PreprocessNode", "PostprocessNode")] == [True, True]
    llm.assert_calls(0)


def test_an_agent_is_embedded_and_executed(llm, block, registered):
    workflow = created(block, MyAgent({"model": "gpt-4"})).build()
    results, _ = LocalRuntime().execute(workflow, {"data": "  milk ", "input_field": "milk"})
    assert (results["preprocess"], results["agent"].outputs, results["postprocess"]) == (
        "milk",
        {"summary": "On tea."},
        "ON TEA.",
    )
    llm.assert_asked("input_field: milk")

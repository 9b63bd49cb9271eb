"""Workflows under the runtimes of the real package kailash, where it is installed: `make kailash` does."""

from __future__ import annotations

import asyncio
import importlib.util
from dataclasses import dataclass

import pytest

from kaizen_eval import BaseAgent, FakeLLM, InputField, LocalRuntime, OutputField, Signature, WorkflowBuilder, use_llm
from kaizen_eval.errors import ConfigError, NodeFailed, WorkflowError
from kaizen_eval.runtime import to_kailash

is_installed = importlib.util.find_spec("kailash") is not None
needs_kailash = pytest.mark.skipif(not is_installed, reason="kailash is not installed")


class Classify(Signature):
    """Say which desk the ticket is for."""

    ticket: str = InputField()
    kind: str = OutputField()


@dataclass
class Unlike:
    json: int = 1


class Order(list):
    """Which nodes were executed."""

    def load(self, path):
        self.append("load")
        return {"text": f"${{inputs}} {path}", "lines": ["a", "b"]}

    async def letter(self, kind, text, loud):
        self.append("letter")
        return f"{kind}: {text} {''.join(loud)}"

    def never(self, text):
        self.append("never")
        return text


def shout(line):
    return line.upper()


def fails(text):
    raise ZeroDivisionError(text)


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    """In which kailash keeps a database of what it executed."""
    monkeypatch.setenv("HOME", str(tmp_path))


@pytest.fixture
def llm():
    fake = FakeLLM()
    fake.when(user="See").reply({"kind": "billing"})
    with use_llm(fake):
        yield fake


def triage(order):
    """Two functions and an agent, a fan-out, a branch that is not taken, a workflow inside."""
    inner = WorkflowBuilder("inner").add_node(shout, "shout", {"line": "{{inputs.line}}"}).build()
    return (
        WorkflowBuilder("triage")
        .add_node(order.letter, "letter", {"text": "{{load.text}}", "loud": "{{loud.output}}"})
        .add_node(BaseAgent({"model": "gpt-4o-mini"}, signature=Classify), "classify", {"ticket": "See {{load.text}}"})
        .add_node(order.load, "load", {"path": "{{inputs.path}}"})
        .add_node(inner, "loud", {"line": "{{item}}"}, each="{{load.lines}}")
        .add_node(order.never, "never", {"text": "{{load.text}}"})
        .add_node(order.never, "after", {"text": "{{never.output}}"})
        .connect("classify", "letter", {"kind": "kind"})
        .connect("classify", "never", {}, when="{{classify.kind}} == 'technical'")
        .build()
    )


def kailash_runtime():
    from kailash.runtime.local import LocalRuntime as Theirs  # noqa: PLC0415 - where it is installed

    return Theirs()


def execute(workflow, **inputs):
    with kailash_runtime() as runtime:
        results, _ = runtime.execute(to_kailash(workflow), parameters={"inputs": inputs})
    return results


def causes(error):
    found = [error]
    while found[-1].__cause__ is not None:
        found.append(found[-1].__cause__)
    return found


@needs_kailash
def test_a_workflow_comes_to_the_same_as_with_us(llm):
    order = Order()
    workflow = triage(order)
    theirs = execute(workflow, path="p")
    assert {name: result["output"] for name, result in theirs.items()} == {
        "load": {"text": "${inputs} p", "lines": ["a", "b"]},
        "classify": {"kind": "billing"},
        "loud": ["A", "B"],
        "letter": "billing: ${inputs} p AB",
        "never": None,
        "after": None,
    }
    assert order == ["load", "letter"]
    ours = LocalRuntime().execute(workflow, {"path": "p"}).results
    skipped = {name: result["skipped"] for name, result in theirs.items() if result["skipped"]}
    assert (theirs["letter"]["output"], skipped) == (ours["letter"], ours.skipped)
    assert llm.journal.requests[0] == llm.journal.requests[1]


@needs_kailash
def test_its_other_doors_come_to_the_same(llm):
    from kailash.runtime import AsyncLocalRuntime  # noqa: PLC0415 - where it is installed

    workflow = to_kailash(triage(Order()))

    async def both():
        async with AsyncLocalRuntime() as runtime:
            beside = await runtime.execute_workflow_async(workflow, inputs={"inputs": {"path": "p"}})
        with kailash_runtime() as runtime:
            after = await runtime.execute_async(workflow, parameters={"inputs": {"path": "p"}})
        return [dict(results)["letter"]["output"] for results, _ in (beside, after)]

    assert asyncio.run(both()) == ["billing: ${inputs} p AB"] * 2
    assert len(llm.journal.requests) == 2


@needs_kailash
@pytest.mark.parametrize("is_last", [True, False])
def test_a_node_that_fails_is_an_error_with_its_cause(is_last):
    flow = WorkflowBuilder("w").add_node(fails, "bad", {"text": "{{inputs.text}}"}, retry={"attempts": 2, "base": 0})
    if not is_last:
        flow.add_node(shout, "after", {"line": "{{bad.output}}"})
    with pytest.raises(Exception, match="Node 'bad' failed: ZeroDivisionError: x") as caught:
        execute(flow.build(), text="x")
    assert [type(error) for error in causes(caught.value)][-2:] == [NodeFailed, ZeroDivisionError]


@needs_kailash
def test_an_input_that_is_missing_is_told():
    workflow = WorkflowBuilder("w").add_node(shout, "shout", {"line": "{{inputs.line}}"}).build()
    with pytest.raises(Exception, match=r"node 'shout' needs \{\{inputs\.line\}\}"):
        execute(workflow)


@needs_kailash
def test_what_is_no_json_is_no_result_for_kailash():
    with pytest.raises(Exception, match=r"Node outputs must be JSON-serializable. Failed keys: \['output'\]"):
        execute(WorkflowBuilder("w").add_node(Unlike, "unlike").build())


@needs_kailash
def test_making_it_warns_of_nothing_and_logs_nothing(caplog):
    with caplog.at_level("WARNING"):
        to_kailash(triage(Order()))
    assert caplog.records == []


@pytest.mark.skipif(is_installed, reason="kailash is installed")
def test_without_the_package_it_says_how_to_install_it():
    with pytest.raises(ConfigError, match=r"^to_kailash needs its package: pip install 'kaizen-eval\[kailash\]' "):
        to_kailash(triage(Order()))


def test_only_workflows_are_converted():
    with pytest.raises(WorkflowError, match=r"^to_kailash takes what WorkflowBuilder.build\(\) returns, not"):
        to_kailash(WorkflowBuilder())

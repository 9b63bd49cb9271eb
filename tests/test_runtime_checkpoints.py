"""What an execution asks of its checkpoints, held against a double that keeps all in memory."""

from __future__ import annotations

import asyncio

import pytest
from doubles import BILLED, Scripted, answer

from kaizen_eval import BaseAgent, InputField, OutputField, Signature, virtual_time
from kaizen_eval.errors import CheckpointFailed, ConfigError, NodeFailed
from kaizen_eval.runtime.checkpoints.base import Done
from kaizen_eval.runtime.local import LocalRuntime
from kaizen_eval.workflow import WorkflowBuilder


class Shout(Signature):
    """Say it louder."""

    word: str = InputField()
    loud: str = OutputField()


class Remembered:
    """Checkpoints of one run, and the run itself."""

    run_id = "run-1"

    def __init__(self, *, refuses=()):
        self.kept = {}
        self.metrics_of = {}
        self.skipped = {}
        self.ends = []
        self.metrics = None
        self.refuses = refuses
        self.is_finished = False

    async def begin(self, workflow, inputs, run_id):
        self.asked_for = run_id
        return self

    @property
    def results(self):
        return {node: value for (node, item), value in self.kept.items() if item is None and "/" not in node}

    def done(self, node, item=None):
        return Done(self.kept[node, item]) if (node, item) in self.kept else None

    def skip(self, node, why):
        self.skipped[node] = why

    async def keep(self, node, value, *, item=None, metrics=None):
        if node in self.refuses:
            raise CheckpointFailed(f"What {node!r} returned cannot be kept.")
        self.kept[node, item] = value
        if metrics is not None:
            self.metrics_of[node, item] = metrics.usage

    async def finish(self, metrics):
        self.ends.append("finish")
        self.metrics, self.is_finished = metrics, True
        return metrics

    async def leave(self, metrics=None):
        self.ends.append("leave")
        self.metrics = metrics


class Broken:
    """Fails until it is mended."""

    def __init__(self):
        self.is_mended = False
        self.given = []

    async def __call__(self, word):
        self.given.append(word)
        if word == "bad" and not self.is_mended:
            raise ValueError("bad")
        return word.upper()


def executed(workflow, kept, inputs=None, **settings):
    return LocalRuntime(checkpoints=kept, **settings).execute(workflow, inputs)


def test_each_finished_node_is_kept_and_at_last_the_whole():
    inner = WorkflowBuilder().add_node(Broken(), "x", {"word": "b"}).build()
    flow = WorkflowBuilder().add_node(Broken(), "a", {"word": "a"}).add_subworkflow("in", inner)
    flow.add_node(Broken(), "each", {"word": "{{item}}"}, each="{{inputs.words}}")
    flow.add_node(Broken(), "no", {"word": "c"}).connect("a", "no", {}, when=lambda _: False)
    kept = Remembered()
    results, run_id = executed(flow.build(), kept, {"words": ["d", "e"]})
    assert kept.kept == {
        ("a", None): "A",
        ("in/x", None): "B",
        ("in", None): "B",
        ("each", 0): "D",
        ("each", 1): "E",
        ("each", None): ["D", "E"],
    }
    assert (list(kept.skipped), kept.ends, run_id, sorted(results)) == (
        ["no"],
        ["finish"],
        "run-1",
        ["a", "each", "in"],
    )


def test_what_had_finished_is_not_executed_again():
    node = Broken()
    inner = WorkflowBuilder().add_node(node, "x", {"word": "one"}).add_node(node, "y", {"word": "bad"})
    flow = WorkflowBuilder().add_subworkflow("in", inner.connect("x", "y", {}).build())
    flow.add_node(node, "last", {"word": "{{in.output}}"})
    kept = Remembered()
    with pytest.raises(NodeFailed):
        executed(flow.build(), kept)
    assert (node.given, kept.ends) == (["one", "bad"], ["leave"])
    node.is_mended, node.given = True, []
    results, _ = executed(flow.build(), kept)
    assert (node.given, results, kept.ends) == (["bad", "BAD"], {"in": "BAD", "last": "BAD"}, ["leave", "finish"])


def test_items_that_had_finished_are_not_executed_again():
    node = Broken()
    flow = WorkflowBuilder().add_node(node, "a", {"word": "{{item}}"}, each="{{inputs.words}}", concurrency=1).build()
    words = {"words": ["one", "bad", "two"]}
    kept = Remembered()
    with pytest.raises(NodeFailed):
        executed(flow, kept, words)
    node.is_mended, node.given = True, []
    assert (executed(flow, kept, words).results, node.given) == ({"a": ["ONE", "BAD", "TWO"]}, ["bad", "two"])


def test_a_skipped_node_stays_skipped_whatever_its_condition_says_now():
    answers = iter([False])
    flow = WorkflowBuilder().add_node(Broken(), "a", {"word": "a"}).add_node(Broken(), "no", {"word": "b"})
    flow.connect("a", "no", {}, when=lambda _: next(answers))
    flow.add_node(Broken(), "bad", {"word": "bad"}).connect("a", "bad", {})
    kept = Remembered()
    for _ in range(2):
        with pytest.raises(NodeFailed) as failed:
            executed(flow.build(), kept)
        assert list(failed.value.results.skipped) == ["no"]


def test_of_a_finished_run_the_results_are_told_and_nothing_is_executed():
    node, kept = Broken(), Remembered()
    flow = WorkflowBuilder().add_node(node, "a", {"word": "a"}).build()
    executed(flow, kept)
    again, run_id = LocalRuntime(checkpoints=kept).execute(flow, run_id="run-1")
    assert (again, again.metrics, run_id, kept.asked_for) == ({"a": "A"}, kept.metrics, "run-1", "run-1")
    assert node.given == ["a"]


def test_what_each_node_spent_is_told_apart_and_what_workflows_inside_did_once():
    agent = BaseAgent(signature=Shout, provider=Scripted(answer(loud="TEA"), seconds=3))

    async def twice(word):
        await asyncio.gather(agent.run_async(word=word), agent.run_async(word=word))

    inner = WorkflowBuilder().add_node(agent, "x", {"word": "b"}).build()
    flow = WorkflowBuilder().add_node(agent, "a", {"word": "a"}).add_subworkflow("in", inner)
    flow.add_node(twice, "twice", {"word": "c"})
    flow.add_node(agent, "each", {"word": "{{item}}"}, each="{{inputs.words}}")
    kept = Remembered()
    with virtual_time():
        executed(flow.build(), kept, {"words": ["d", "e"]})
    assert kept.metrics_of == {
        ("a", None): BILLED,
        ("in/x", None): BILLED,
        ("twice", None): BILLED + BILLED,
        ("each", 0): BILLED,
        ("each", 1): BILLED,
    }
    assert (kept.metrics.attempts, kept.metrics.ms) == (6, 3000)


def test_what_cannot_be_kept_is_the_failure_of_its_node():
    flow = WorkflowBuilder().add_node(Broken(), "a", {"word": "a"}, retry=3).build()
    with pytest.raises(NodeFailed, match="Node 'a' failed: What 'a' returned cannot be kept") as failed:
        executed(flow, Remembered(refuses=["a"]))
    assert type(failed.value.__cause__) is CheckpointFailed


def test_checkpoints_are_a_path():
    with pytest.raises(ConfigError, match="checkpoints takes the path of a file, not 7"):
        LocalRuntime(checkpoints=7)

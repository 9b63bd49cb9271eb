"""CheckpointFile: which run is gone on with, what is there of it, and what comes of the file's own troubles."""

from __future__ import annotations

import asyncio
import gc
import math
import os
import sqlite3
import subprocess
import sys
import textwrap
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from checkpoint_runs import INPUTS, held, metrics, node, noted, workflow
from hypothesis import example, given
from hypothesis import strategies as st

from kaizen_eval import virtual_time
from kaizen_eval.config import RetryPolicy
from kaizen_eval.errors import CheckpointFailed, ConfigError, WorkflowBusy, WorkflowError
from kaizen_eval.memory import SqliteMemory
from kaizen_eval.runtime.checkpoints import CheckpointFile, Checkpoints, Done
from kaizen_eval.runtime.checkpoints.beginning import Beginning
from kaizen_eval.runtime.checkpoints.described import described
from kaizen_eval.runtime.checkpoints.schema import CHECKPOINTS
from kaizen_eval.workflow import Edge, Workflow


@pytest.fixture
def path(tmp_path):
    return tmp_path / "runs.db"


@pytest.fixture
def opened(path):
    """Opens the file, as often as wanted, and closes it."""
    made = []

    def make(**settings):
        made.append(CheckpointFile(path, **settings))
        return made[-1]

    yield make
    for file in made:
        file.close()


@pytest.fixture
def file(opened):
    return opened()


def files(folder):
    return sorted(path.name for path in folder.iterdir())


# --- which run --------------------------------------------------------------------------------------------------------


def test_a_new_run_has_nothing_done(file):
    async def scene():
        async with held(file) as run:
            return run.is_finished, dict(run.results), dict(run.skipped), run.metrics, run.done("a")

    assert asyncio.run(scene()) == (False, {}, {}, None, None)


def test_the_newest_unfinished_run_of_the_same_workflow_and_inputs_is_gone_on_with(file, opened):
    noted(file, run_id="first", steps=[("a", 1)])
    noted(file, run_id="second", steps=[("a", 2)])

    async def scene():
        async with held(opened(), inputs=dict(reversed(INPUTS.items()))) as run:
            return run.run_id, run.done("a")

    assert asyncio.run(scene()) == ("second", Done(2))


@pytest.mark.parametrize("other", [{"inputs": {}}, {"flow": workflow(node("a"))}, {"inputs": {**INPUTS, "count": 3.0}}])
def test_of_another_workflow_or_other_inputs_a_new_run_is_begun(file, other):
    assert noted(file, **other) not in {noted(file), noted(file, inputs={"x": 1})}


def test_a_run_under_way_is_passed_over(file, opened):
    async def scene():
        async with held(file) as one, held(file) as two, held(opened()) as three:
            return len({one.run_id, two.run_id, three.run_id})

    assert asyncio.run(scene()) == 3


def test_a_run_id_that_nobody_has_begins_a_run_of_that_name(file):
    assert noted(file, run_id="tea 🍵/\ud800", steps=[("a", 1)]) == "tea 🍵/\ud800"
    assert [(entry.run_id, entry.workflow, entry.is_finished) for entry in file.runs()] == [
        ("tea 🍵/\ud800", "workflow", False)
    ]


def test_a_run_that_somebody_executes_is_busy_and_free_when_it_is_left(file, path):
    async def scene():
        async with held(file, run_id="r"):
            with pytest.raises(WorkflowBusy) as caught:
                await file.begin(workflow(), INPUTS, "r")
        async with held(file, run_id="r"):
            return str(caught.value), caught.value.run_id

    said = (
        f"The run 'r' is under way: this process, in another call, executes it, with checkpoints in {str(path)!r}. "
        "Wait until it has ended, or begin another run with another run_id."
    )
    assert asyncio.run(scene()) == (said, "r")
    assert [name for name in files(path.parent) if name.endswith(".lock")] == []


def finished(file, run_id=None, **settings):
    async def scene():
        run = await file.begin(workflow(), INPUTS, run_id)
        await run.keep("a", [1], metrics=metrics())
        run.skip("b", "nobody asked")
        return await run.finish(metrics(**settings))

    return asyncio.run(scene())


def test_a_finished_run_is_told_again_and_not_held(file):
    finished(file, "r", attempts=2)

    async def scene():
        one, two = [await file.begin(workflow(), INPUTS, "r") for _ in range(2)]
        told = two.is_finished, two.results, two.skipped, two.metrics
        await asyncio.gather(one.leave(), two.leave())
        return told

    assert asyncio.run(scene()) == (True, {"a": [1]}, {"b": "nobody asked"}, metrics(attempts=2))


def test_a_finished_run_is_not_gone_on_with(file):
    finished(file, "r")
    assert noted(file) != "r"


def test_a_run_that_finishes_while_it_is_looked_for_is_not_gone_on_with(file):
    class Slow:
        """A file in which, once it was asked what is unfinished, all is finished."""

        path = file.path

        def transact(self, work, *, writes):
            found = file._file.transact(work, writes=writes)
            if found == ["r"]:
                finished(file, "r")
            return found

    noted(file, run_id="r")
    kept, hold = Beginning(Slow(), described(workflow(), INPUTS)).run(None)
    hold.release()
    assert (kept.run_id != "r", kept.is_finished) == (True, False)


@pytest.mark.parametrize("bad", ["", 7, b"r"])
def test_what_is_no_run_id_is_refused(file, bad):
    with pytest.raises(ConfigError, match="run_id is a text that names a run, not"):
        asyncio.run(file.begin(workflow(), INPUTS, bad))


# --- what may change, and what not ------------------------------------------------------------------------------------


BEFORE = workflow(
    node("a", config={"obj": "{{inputs.topic}}", "more": [1, {"k": print}]}),
    node("b", each="{{a.rows}}", timeout=1),
    node("inner", workflow(node("x"), node("y"), edges=[("x", "y")])),
    edges=[("a", "b"), ("b", "inner")],
)


def changed(name, **settings):
    nodes = {**BEFORE.nodes, name: replace(BEFORE.nodes[name], **settings)}
    return Workflow(nodes=nodes, edges=BEFORE.edges, name=BEFORE.name)


LATER = [
    (Workflow(nodes=BEFORE.nodes, edges=BEFORE.edges, name="w"), "the workflow's name was 'workflow', and is 'w'"),
    (changed("a", type="ord"), "the type of 'a' was 'len', and is 'ord'"),
    (changed("b", each="{{a.all}}"), "`each` of 'b' was '{{a.rows}}', and is '{{a.all}}'"),
    (changed("a", config={"obj": "tea", "more": [1, {"k": print}]}),
     "in the config of 'a' 'obj' was '{{inputs.topic}}', and is 'tea'"),
    (changed("a", config={"obj": "{{inputs.topic}}", "less": 1}),
     "in the config of 'a' 'more' is gone; in the config of 'a' 'less' is new"),
    (Workflow(nodes={**BEFORE.nodes, "c": node("c")}, edges=BEFORE.edges), "the node 'c' is new"),
    (Workflow(nodes={name: BEFORE.nodes[name] for name in "ab"}, edges=BEFORE.edges[:1]),
     "the node 'inner' is gone; the edge 'b' → 'inner' is gone or another"),
    (changed("inner", what=workflow(node("x"), node("y", type="ord"), edges=[])),
     "the type of 'inner/y' was 'len', and is 'ord'; the edge 'x' → 'y' of 'inner' is gone or another"),
    (Workflow(nodes=BEFORE.nodes, edges=(replace(BEFORE.edges[0], when="1 < 2"), BEFORE.edges[1])),
     "the edge 'a' → 'b' is gone or another"),
    (Workflow(nodes=BEFORE.nodes, edges=BEFORE.edges[::-1]), "the edges stand in another order"),
    (Workflow(nodes=BEFORE.nodes, edges=(*BEFORE.edges, Edge(source="a", target="inner"))),
     "the edge 'a' → 'inner' is new"),
]  # fmt: skip


@pytest.mark.parametrize(("later", "said"), LATER, ids=[said for _, said in LATER])
def test_another_workflow_under_one_id_is_refused_with_what_differs(file, path, later, said):
    noted(file, flow=BEFORE, run_id="r")
    with pytest.raises(WorkflowError) as caught:
        noted(file, flow=later, run_id="r")
    assert str(caught.value) == (
        f"The run 'r' in {str(path)!r} was begun with something else: {said}. Go on with what it was begun with, or "
        "give another run_id."
    )
    assert caught.value.problems == tuple(said.split("; "))
    noted(file, flow=BEFORE, run_id="r")  # and it is not held


def test_other_inputs_under_one_id_are_refused_with_what_differs(file):
    noted(file, run_id="r")
    with pytest.raises(WorkflowError) as caught:
        noted(file, inputs={"topic": "coffee", "more": (1, 2)}, run_id="r")
    assert caught.value.problems == (
        "the input 'count' is gone",
        "the input 'more' is new",
        "the input 'topic' was 'tea', and is 'coffee'",
    )


def test_values_that_differ_are_told_shortened_and_without_secrets(file):
    key = "sk-proj-" + "a1B2c3D4" * 6
    noted(file, inputs={"key": key, "text": "x" * 1000}, run_id="r")
    with pytest.raises(WorkflowError) as caught:
        noted(file, inputs={"key": "", "text": "y"}, run_id="r")
    assert key not in str(caught.value)
    assert caught.value.problems[1] == f"the input 'text' was '{'x' * 29}…{'x' * 29}', and is 'y'"


def test_what_is_tuned_may_change_and_a_function_may_be_named_by_its_module(file):
    noted(file, flow=BEFORE, run_id="r")
    retry = RetryPolicy(attempts=2)
    assert noted(file, flow=changed("b", timeout=5, retry=retry, concurrency=2, type="builtins:len")) == "r"


def test_the_order_of_nodes_may_change(file):
    noted(file, flow=BEFORE, run_id="r")
    assert noted(file, flow=Workflow(nodes=dict(reversed(BEFORE.nodes.items())), edges=BEFORE.edges)) == "r"


def test_inputs_that_cannot_be_kept_are_refused(file, path):
    with pytest.raises(CheckpointFailed) as caught:
        noted(file, inputs={"rows": [print]})
    assert str(caught.value).startswith(
        f"The inputs cannot be kept in {str(path)!r}: at ['rows'][0] it is the function"
    )


# --- what is kept -----------------------------------------------------------------------------------------------------


def test_what_was_kept_is_there_in_its_order_with_what_is_inside(file):
    steps = [("b", None), ("inner/x", 1), ("inner", {"y": (2,)}), ("a", float("inf"))]
    run_id = noted(file, steps=steps)

    async def scene():
        async with held(file, run_id=run_id) as run:
            return list(run.results.items()), [run.done(name) for name, _ in steps]

    assert asyncio.run(scene()) == (
        [steps[0], *steps[2:]],
        [Done(None), Done(1), Done({"y": (2,)}), Done(math.inf)],
    )


def rows_of(path):
    with sqlite3.connect(path) as connection:
        found = connection.execute("SELECT node, item, kind, data FROM steps ORDER BY number").fetchall()
    connection.close()
    return found


def test_items_are_kept_one_by_one_and_their_list_is_not_kept_twice(file, path):
    async def scene():
        async with held(file) as run:
            values = [{"n": 0}, {"n": 1}]
            await run.keep("b", values[1], item=1)
            await run.keep("b", values[0], item=0)
            await run.keep("b", [*values])
            await run.keep("a", [])

    asyncio.run(scene())
    assert rows_of(path) == [
        ("b", 1, "value", b'{"n":1}'),
        ("b", 0, "value", b'{"n":0}'),
        ("b", -1, "items", b"2"),
        ("a", -1, "value", b"[]"),
    ]

    async def later():
        async with held(file) as run:
            return run.done("b", 0), run.done("b", 2), run.done("b"), dict(run.results)

    both = [{"n": 0}, {"n": 1}]
    assert asyncio.run(later()) == (Done({"n": 0}), None, Done(both), {"b": both, "a": []})


def test_a_fan_out_that_was_broken_off_goes_on_with_the_items_that_are_missing(file, path):
    async def scene(*items):
        async with held(file) as run:
            done = [run.done("b", item) for item in range(3)]
            for item in items:
                await run.keep("b", {"item": item}, item=item)
            values = [run.done("b", item) for item in range(3)]
            if all(done):
                await run.keep("b", [each.value for each in values])
        return [each is not None for each in done]

    assert [asyncio.run(scene(2)), asyncio.run(scene(0, 1)), asyncio.run(scene())] == [
        [False] * 3, [False, False, True], [True] * 3,
    ]  # fmt: skip
    assert rows_of(path)[-1] == ("b", -1, "items", b"3")


def test_a_list_that_is_another_than_its_items_is_kept_as_it_is(file, path):
    async def scene():
        async with held(file) as run:
            await run.keep("b", {"n": 1}, item=0)
            await run.keep("b", [{"n": 2}])

    asyncio.run(scene())
    assert rows_of(path)[-1] == ("b", -1, "value", b'[{"n":2}]')


def test_what_was_skipped_is_kept_with_what_is_kept_next(file):
    async def scene(last):
        async with held(file) as run:
            before = dict(run.skipped)
            run.skip(last, f"why {last}")
            await run.keep(f"after {last}", 1)
            run.skip("lost", "nothing came after it")
        return before

    assert [asyncio.run(scene(name)) for name in ("a", "inner/b", "c")] == [
        {}, {"a": "why a"}, {"a": "why a", "inner/b": "why inner/b"},
    ]  # fmt: skip


def test_what_is_in_a_workflow_that_is_tried_once_more_is_done_again_and_counts_for_what_it_took(file):
    async def failed():
        async with held(file) as run:
            await run.keep("out", 0, item=0)
            await run.keep("out[1]/x", 1, metrics=metrics(1, ms=1))
            run.skip("out[1]/y", "why")
            await run.keep("out[10]/x", 10)
            await run.keep("outer", 11)

    async def again():
        async with held(file) as run:
            run.begin_again("out[1]")
            found = (
                run.done("out[1]/x"),
                dict(run.skipped),
                run.done("out[10]/x"),
                run.done("out", 0),
                run.done("outer"),
            )
            await run.keep("out[1]/x", 2, metrics=metrics(2, ms=2))
            return found

    async def later():
        async with held(file) as run:
            return run.done("out[1]/x"), dict(run.skipped), run.done("out[10]/x"), run.metrics

    asyncio.run(failed())
    assert asyncio.run(again()) == (None, {}, Done(10), Done(0), Done(11))
    assert asyncio.run(later()) == (Done(2), {}, Done(10), metrics(3, ms=3, cost="0.02"))


def test_what_cannot_be_kept_fails_alone_and_says_what_to_return(file, path):
    async def scene():
        async with held(file, run_id="r") as run:
            keeping = [run.keep("a", 1), run.keep("b", {"x": print}), run.keep("c", print, item=3), run.keep("d", 4)]
            outcomes = await asyncio.gather(*keeping, return_exceptions=True)
        async with held(file, run_id="r") as run:
            return [None if each is None else str(each) for each in outcomes], dict(run.results)

    where = f"returned cannot be kept in {str(path)!r}:"
    assert asyncio.run(scene()) == (
        [
            None,
            f"What 'b' {where} at ['x'] it is the function print: return its name.",
            f"What 'c[3]' {where} it is the function print: return its name.",
            None,
        ],
        {"a": 1, "d": 4},
    )


def test_what_is_kept_at_once_is_written_together(file):
    commits = []

    async def scene():
        async with held(file) as run:
            ((connection, _),) = file._file._open
            connection.set_trace_callback(lambda sql: sql == "COMMIT" and commits.append(sql))
            await asyncio.gather(*(run.keep(f"n{number}", number) for number in range(100)))
            connection.set_trace_callback(None)

    asyncio.run(scene())
    assert len(commits) == 2  # the first at once; what came meanwhile, after it


STEPS = st.lists(st.tuples(st.sampled_from("abcd"), st.none() | st.integers(0, 2), st.integers()), max_size=6)


@given(st.lists(STEPS, max_size=4))
def test_whatever_was_kept_before_each_crash_is_always_there_after_it_and_nothing_else(tmp_path_factory, executions):
    file = CheckpointFile(tmp_path_factory.mktemp("crashed") / "runs.db")

    async def scene():
        expected = {}
        for steps in executions:
            async with held(file) as run:
                found = {(name, item): run.done(name, item) for name in "abcd" for item in (None, 0, 1, 2)}
                assert {place: done.value for place, done in found.items() if done} == expected
                for name, item, value in steps:
                    await run.keep(name, value, item=item)
                    expected.setdefault((name, item), value)

    asyncio.run(scene())
    assert len(file.runs()) <= 1
    file.close()


# --- what it took -----------------------------------------------------------------------------------------------------


def test_what_executions_took_is_added_up_whether_they_told_their_sum_or_not(file):
    async def killed():
        async with held(file) as run:
            await run.keep("a", 1, metrics=metrics(2, ms=5))
            await run.keep("b", 1, item=0, metrics=metrics(1, ms=3))
            await run.keep("c", 1)

    async def failed():
        run = await file.begin(workflow(), INPUTS)
        before = run.metrics
        await run.keep("b", 1, item=1, metrics=metrics(4))
        await run.leave(metrics(7, ms=100))
        return before

    async def done():
        run = await file.begin(workflow(), INPUTS)
        await run.keep("b", [1, 1], metrics=None)
        return run.metrics, await run.finish(metrics(1, ms=1))

    asyncio.run(killed())
    assert asyncio.run(failed()) == metrics(3, ms=8, cost="0.02")
    assert asyncio.run(done()) == (metrics(10, ms=108, cost="0.03"), metrics(11, ms=109, cost="0.04"))


def test_a_cost_that_is_not_known_makes_the_sum_unknown(file):
    async def scene():
        async with held(file) as run:
            await run.keep("a", 1, metrics=metrics(cost=None))
        run = await file.begin(workflow(), INPUTS)
        return (await run.finish(metrics())).cost

    assert asyncio.run(scene()) is None


# --- what it forgets --------------------------------------------------------------------------------------------------


def test_a_run_that_is_forgotten_leaves_nothing_and_one_under_way_stays(file, path):
    async def scene():
        async with held(file, run_id="r") as run:
            await run.keep("a", 1)
            with pytest.raises(WorkflowBusy, match="'r' is under way"):
                file.forget("r")

    asyncio.run(scene())
    file.forget("r")
    file.forget("nobody")
    assert (file.runs(), rows_of(path)) == ((), [])


def test_the_oldest_are_forgotten_as_a_run_finishes_but_none_under_way(opened):
    file = opened(max_runs=2)

    async def scene():
        async with held(file, run_id="under way"):
            for number in range(4):
                noted_inside = await file.begin(workflow(), INPUTS, f"run {number}")
                await noted_inside.finish(metrics())

    asyncio.run(scene())
    assert [entry.run_id for entry in file.runs()] == ["run 3", "run 2", "under way"]


# --- threads, loops and time ------------------------------------------------------------------------------------------


def test_threads_with_loops_of_their_own_share_a_file(file):
    def executed(number):
        return noted(file, run_id=f"r{number}", steps=[(f"n{step}", number) for step in range(5)])

    with ThreadPoolExecutor(6) as pool:
        assert sorted(pool.map(executed, range(6))) == [f"r{number}" for number in range(6)]

    async def found(number):
        async with held(file, run_id=f"r{number}") as run:
            return dict(run.results)

    assert [asyncio.run(found(number)) for number in range(6)] == [
        {f"n{step}": number for step in range(5)} for number in range(6)
    ]


def test_of_many_threads_that_begin_one_run_one_has_it(file):
    together, outcomes = threading.Barrier(8), []

    async def scene():
        together.wait()
        try:
            run = await file.begin(workflow(), INPUTS, "r")
        except WorkflowBusy:
            outcomes.append("busy")
            together.wait()
        else:
            outcomes.append("begun")
            together.wait()
            await run.leave()

    threads = [threading.Thread(target=asyncio.run, args=(scene(),)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["begun", *["busy"] * 7]


def test_the_loop_goes_on_while_the_file_is_locked(file, path):
    async def scene():
        async with held(file) as run:
            with sqlite3.connect(path, check_same_thread=False) as other:
                other.execute("BEGIN IMMEDIATE")
                keeping = asyncio.create_task(run.keep("a", 1))
                for _ in range(3):
                    await asyncio.sleep(0.01)
                was_done = keeping.done()
                other.rollback()
                await keeping
            other.close()
        return was_done

    assert asyncio.run(scene()) is False


def test_what_is_being_kept_when_its_node_is_cancelled_is_kept(file, path):
    async def scene():
        async with held(file, run_id="r") as run:
            with sqlite3.connect(path, check_same_thread=False) as other:
                other.execute("BEGIN IMMEDIATE")
                keeping = asyncio.create_task(run.keep("a", 1))
                waiting = asyncio.create_task(run.keep("b", 2))
                await asyncio.sleep(0.01)
                keeping.cancel()
                waiting.cancel()
                asyncio.get_running_loop().call_later(0.02, other.rollback)
                outcomes = await asyncio.gather(keeping, waiting, return_exceptions=True)
            other.close()
        async with held(file, run_id="r") as run:
            return [type(each) for each in outcomes], dict(run.results)

    assert asyncio.run(scene()) == ([asyncio.CancelledError] * 2, {"a": 1, "b": 2})


def test_one_who_is_cancelled_while_a_run_is_begun_holds_nothing(file, path):
    async def scene():
        with sqlite3.connect(path, check_same_thread=False) as other:
            other.execute("BEGIN IMMEDIATE")
            beginning = asyncio.create_task(file.begin(workflow(), INPUTS, "r"))
            await asyncio.sleep(0.01)
            beginning.cancel()
            asyncio.get_running_loop().call_later(0.02, other.rollback)
            await asyncio.wait([beginning])
        other.close()
        async with held(file, run_id="r"):
            return beginning.cancelled()

    assert asyncio.run(scene()) is True


def test_a_run_that_nobody_refers_to_any_more_is_free(file):
    async def scene():
        await file.begin(workflow(), INPUTS, "r")

    asyncio.run(scene())
    noted(file, run_id="r")


def test_on_virtual_time_the_file_takes_none(file):
    async def scene():
        async with held(file) as run:
            await asyncio.sleep(5)
            await asyncio.gather(*(run.keep(f"n{number}", number) for number in range(20)))
            await run.finish(metrics())

    with virtual_time() as clock:
        clock.run(scene())
    assert clock.elapsed == 5


# --- what goes wrong --------------------------------------------------------------------------------------------------


def failing(file, *, after=lambda: None):
    """What is raised where a node's result is to be kept, and what is there of the run then."""

    async def scene():
        async with held(file, run_id="r") as run:
            await run.keep("a", 1)
            after()
            with pytest.raises(CheckpointFailed) as caught:
                await run.keep("b", "x" * 100_000)
            return caught.value

    return asyncio.run(scene())


def found(file):
    async def scene():
        async with held(file, run_id="r") as run:
            return dict(run.results)

    return asyncio.run(scene())


def asked(file, sql):
    return lambda: file._file.transact(lambda connection: connection.execute(sql), writes=False)


def test_a_full_disk_is_told_and_what_was_kept_before_stays(file, path):
    error = failing(file, after=asked(file, "PRAGMA max_page_count = 1"))
    assert (str(error), error.path) == (
        f"The checkpoints in {str(path)!r} cannot be reached: the disk is full; make room (database or disk is full).",
        str(path),
    )
    assert found(file) == {"a": 1}


def test_a_file_that_may_only_be_read_is_told(file):
    assert "this process may not write to it" in str(failing(file, after=asked(file, "PRAGMA query_only = 1")))
    assert found(file) == {"a": 1}


def test_a_file_that_stays_locked_is_told(file, path):
    other = sqlite3.connect(path, check_same_thread=False)
    file._file._patience = 0
    error = failing(file, after=lambda: other.execute("BEGIN IMMEDIATE"))
    other.close()
    assert "another process has kept it locked" in str(error)
    assert found(file) == {"a": 1}


@pytest.mark.parametrize("is_put_back", [False, True])
def test_a_file_that_is_deleted_meanwhile_is_told_at_the_next_node(file, path, is_put_back):
    def deleted():
        for each in (path, *path.parent.glob("runs.db-*[!k]")):
            each.unlink()
        if is_put_back:
            CheckpointFile(path).close()

    error = failing(file, after=deleted)
    assert str(error) == (
        f"The run 'r' is not in {str(path)!r} any more: the file was deleted or exchanged while it was executed. Put "
        "it back, or begin the run anew."
    )


def test_a_file_of_sessions_is_foreign_and_left_as_it_is(path):
    SqliteMemory(path).close()
    before = path.read_bytes()
    with pytest.raises(CheckpointFailed) as caught:
        CheckpointFile(path)
    assert str(caught.value) == (
        f"{str(path)!r} is a SQLite database of something else, and no file of checkpoints: it is left as it is. Name "
        "another path."
    )
    assert path.read_bytes() == before


def test_a_newer_format_is_told(file, path):
    asked(file, f"PRAGMA user_version = {len(CHECKPOINTS.migrations) + 1}")()
    file.close()
    with pytest.raises(CheckpointFailed, match=r"was written by a newer kaizen-eval: its format is 2, .*update"):
        CheckpointFile(path)


@example(place=3131, wrong=b"\t\t0A\x80" + bytes(15))  # the text of a table
@given(place=st.integers(100, 40_000), wrong=st.binary(min_size=20, max_size=400))
def test_of_a_damaged_file_nothing_worse_is_told_than_that_it_is_damaged(tmp_path_factory, place, wrong):
    path = tmp_path_factory.mktemp("damaged") / "runs.db"
    steps = [(f"n{number}", ["text"] * 50) for number in range(40)]
    file = CheckpointFile(path)
    noted(file, run_id="r", steps=steps)
    file.close()
    with path.open("r+b") as data:
        data.seek(place % path.stat().st_size)
        data.write(wrong)
    try:
        file = CheckpointFile(path)
        found(file)
        file.close()
    except (CheckpointFailed, WorkflowError):  # that it was begun with something else may be the damage
        gc.collect()


@pytest.mark.parametrize("bad", ["", 7, None, b"runs.db", ":memory:"])
def test_what_is_no_path_is_refused(bad):
    with pytest.raises(ConfigError, match="CheckpointFile"):
        CheckpointFile(bad)


def test_a_bound_that_cannot_work_is_refused(path):
    with pytest.raises(ConfigError, match="max_runs"):
        CheckpointFile(path, max_runs=0)
    assert not path.exists()


def test_it_is_checkpoints_and_shows_what_it_is(file, path):
    assert isinstance(file, Checkpoints)
    assert (repr(file), file.path) == (f"CheckpointFile({str(path)!r}, max_runs=None)", str(path))


# --- processes --------------------------------------------------------------------------------------------------------

CHILD = """
import asyncio, os, signal, sys, time
sys.path.insert(0, {tests!r})
from checkpoint_runs import INPUTS, held, noted, workflow
from kaizen_eval.runtime.checkpoints import CheckpointFile
file = CheckpointFile({path!r})
"""


def started(path, script):
    code = CHILD.format(tests=os.path.dirname(__file__), path=str(path)) + textwrap.dedent(script)  # noqa: PTH120
    return subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, stdin=subprocess.PIPE, text=True)


HOLDING = """
    run = asyncio.run(file.begin(workflow(), INPUTS, "r"))
    print("held", flush=True)
    sys.stdin.read()
"""


def test_a_run_of_another_process_is_busy_until_that_is_killed(file, path):
    with started(path, HOLDING) as child:
        assert child.stdout.readline() == "held\n"
        with pytest.raises(WorkflowBusy, match=f"process {child.pid} executes it"):
            noted(file, run_id="r")
        assert noted(file) != "r"
        child.kill()
        child.wait()
        assert noted(file, run_id="r") == "r"


def test_a_forked_child_that_lives_on_does_not_hold_its_parents_run(file, path):
    script = """
        run = asyncio.run(file.begin(workflow(), INPUTS, "r"))
        begun, beginning = os.pipe()
        child = os.fork()
        if not child:
            os.close(1)
            os.write(beginning, b"!")
            sys.stdin.read()
            os._exit(0)
        os.read(begun, 1)
        print("held", flush=True)
        os.kill(os.getpid(), signal.SIGKILL)
    """
    with started(path, script) as child:
        assert child.stdout.readline() == "held\n"
        child.wait()
        assert noted(file, run_id="r") == "r"


def test_a_forked_child_that_ends_leaves_its_parents_run_held(file, path):
    script = """
        run = asyncio.run(file.begin(workflow(), INPUTS, "r"))
        child = os.fork()
        if not child:
            del run
            sys.exit()
        assert os.waitpid(child, 0)[1] == 0
        print("held", flush=True)
        asyncio.run(run.keep("a", "parent"))
        sys.stdin.read()
    """
    with started(path, script) as child:
        assert child.stdout.readline() == "held\n"
        with pytest.raises(WorkflowBusy):
            noted(file, run_id="r")
        child.communicate("")
    assert found(file) == {"a": "parent"}


def test_processes_share_a_file_and_each_has_runs_of_its_own(file, path):
    script = """
        noted(file, run_id=who, steps=[(f"n{step}", [who, step]) for step in range(20)])
    """
    children = [started(path, f"who = {who!r}{textwrap.dedent(script)}") for who in "abc"]
    assert [child.communicate() and child.returncode for child in children] == [0] * 3

    async def kept(who):
        async with held(file, run_id=who) as run:
            return dict(run.results)

    assert [asyncio.run(kept(who)) for who in "abc"] == [
        {f"n{step}": [who, step] for step in range(20)} for who in "abc"
    ]

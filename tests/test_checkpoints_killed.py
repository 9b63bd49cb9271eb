"""A workflow that is killed with SIGKILL at any moment runs again what was in flight, and nothing else."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter

import pytest

SCRIPT = """
import asyncio, json, os, signal, sqlite3, sys
from kaizen_eval import LocalRuntime, WorkflowBuilder
from kaizen_eval.runtime.checkpoints import CheckpointFile

path, asked, kills = sys.argv[1:]
calls = os.open(asked, os.O_WRONLY | os.O_CREAT | os.O_APPEND)

def effect(name):
    os.write(calls, f"{name}\\n".encode())
    if next(effects) == 0:
        os.kill(os.getpid(), signal.SIGKILL)

def downwards(last):
    return iter(range(10_000 if last is None else last, -1, -1))

def rows(topic):
    effect("rows")
    return [{"n": number} for number in range(12)]

async def item(n):
    effect(f"items[{n}]")
    await asyncio.sleep(0)
    return {"square": n * n}

def chained(name):
    def step(value=None):
        effect(name)
        return [name, value]
    step.__name__ = name
    return step

def total(squares):
    effect("total")
    return sum(each["square"] for each in squares)

def inner(*names):
    builder = WorkflowBuilder("inner")
    for before, name in zip((None, *names), names):
        builder.add_node(chained(f"inner/{name}"), name, {} if before is None else {"value": "{{%s.output}}" % before})
    return builder.build()

builder = WorkflowBuilder("figures")
builder.add_node(rows, "rows", {"topic": "{{inputs.topic}}"})
builder.add_node(item, "items", {"n": "{{item.n}}"}, each="{{rows.output}}", concurrency=3)
builder.add_node(total, "total", {"squares": "{{items.output}}"})
builder.add_subworkflow("inner", inner("a", "b", "c"))
builder.add_node(chained("last"), "last", {"value": ["{{inner.output}}", "{{total.output}}"]})
builder.add_node(chained("never"), "never", {})
builder.connect("rows", "never", {}, when="1 > 2")
flow, inputs = builder.build(), {"topic": "tea"}

def executed(statement=None, effect=None):
    global effects
    statements, effects = downwards(statement), downwards(effect)
    file = CheckpointFile(path)
    ((connection, _),) = file._file._open
    connection.set_trace_callback(lambda sql: next(statements) == 0 and os.kill(os.getpid(), signal.SIGKILL))
    return LocalRuntime(checkpoints=file).execute(flow, inputs, run_id="r")

def stands():
    with sqlite3.connect(path) as connection:
        found = connection.execute("SELECT node, item FROM steps WHERE kind = 'value'").fetchall()
    connection.close()
    return [node if item < 0 else f"{node}[{item}]" for node, item in found]

told = []
for killed in json.loads(kills):
    child = os.fork()
    if not child:
        executed(*killed)
        os._exit(0)
    _, status = os.waitpid(child, 0)
    with open(asked) as file:
        told.append([os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0, file.read().split(), stands()])
results, run_id = executed()
again = LocalRuntime(checkpoints=path).execute(flow, inputs, run_id=run_id)
print(json.dumps([told, results, dict(results.skipped), again.results == results, len(CheckpointFile(path).runs())]))
"""
EFFECTS = {"rows", *(f"items[{n}]" for n in range(12)), "total", "inner/a", "inner/b", "inner/c", "last"}
IN_FLIGHT = 4
"""Three items, and a node of the workflow inside."""


def played(folder, kills):
    command = [
        sys.executable,
        "-c",
        SCRIPT,
        str(folder / "runs.db"),
        str(folder / "asked"),
        json.dumps(kills),
    ]
    done = subprocess.run(command, stdout=subprocess.PIPE, check=True)
    return *json.loads(done.stdout), (folder / "asked").read_text().split()


AT_STATEMENTS = [[[first + 4 * number, None] for number in range(9)] for first in range(4, 8)]
AT_EFFECTS = [[[None, effect]] * 6 for effect in range(4)]


@pytest.fixture(scope="module", params=[*AT_STATEMENTS, *AT_EFFECTS], ids=str)
def killed(request, tmp_path_factory):
    """Killed in each execution at the n-th SQL statement, or in the n-th call of a node's function."""
    return played(tmp_path_factory.mktemp("killed"), request.param)


def test_it_was_really_killed(killed):
    told, *_ = killed
    assert {signal for signal, *_ in told} <= {0, 9}
    assert [signal for signal, *_ in told].count(9) >= 5


def test_what_had_finished_is_never_executed_again(killed):
    told, *_, asked = killed
    for _, before, stands in told:
        later = asked[len(before) :]
        assert EFFECTS & set(stands) & set(later) == set()


def test_only_what_was_in_flight_is_executed_twice(killed):
    told, *_, asked = killed
    lost = [set(before) - set(stands) for _, before, stands in told]
    assert max(map(len, lost)) <= IN_FLIGHT
    assert {name for name, times in Counter(asked).items() if times > 1} <= set().union(*lost)


def test_in_the_end_there_is_one_run_with_all_results(killed):
    _, results, skipped, is_told_again, runs, asked = killed
    squares = [{"square": n * n} for n in range(12)]
    inner = ["inner/c", ["inner/b", ["inner/a", None]]]
    assert results == {
        "rows": [{"n": n} for n in range(12)],
        "items": squares,
        "total": 506,
        "inner": inner,
        "last": ["last", [inner, 506]],
    }
    assert (list(skipped), is_told_again, runs, set(asked)) == (["never"], True, 1, EFFECTS)

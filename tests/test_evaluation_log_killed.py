"""An evaluation that is killed with SIGKILL at any moment loses what is in flight, and nothing else."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter

import pytest

SCRIPT = """
import json, os, random, signal, sys
from kaizen_eval.evals import Case, Dataset, Log, evaluate
from kaizen_eval.errors import EvaluationMissing

folder, asked = sys.argv[1:]
cases = [Case(id=str(number), inputs={"number": number}) for number in range(400)]
telling = os.open(os.devnull, os.O_WRONLY)
calls = os.open(asked, os.O_WRONLY | os.O_CREAT | os.O_APPEND)

async def task(number):
    os.write(calls, b"%d\\n" % number)
    os.write(telling, b".")
    return {"number": number}

def evaluated():
    evaluate(Dataset(cases=cases, name="numbers"), task, out=folder, resume=True, concurrency=4)

def stands():
    try:
        log = Log.open(folder)
        return [log.dropped, *(int(record.trial.case) for record in log.records())]
    except EvaluationMissing:
        return [0]

kills = []
for calls_before in random.Random(7).sample(range(1, 70), 7):
    told, telling = os.pipe()
    child = os.fork()
    if not child:
        evaluated()
        os._exit(0)
    os.close(telling)
    telling = os.open(os.devnull, os.O_WRONLY)
    while calls_before > 0 and (said := os.read(told, calls_before)):
        calls_before -= len(said)
    os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    with open(asked) as file:
        kills.append([os.WTERMSIG(status), [*map(int, file)], stands()])
evaluated()
print(json.dumps([kills, stands()]))
"""


@pytest.fixture(scope="module")
def killed(tmp_path_factory):
    folder = tmp_path_factory.mktemp("killed")
    command = [sys.executable, "-c", SCRIPT, str(folder / "run"), str(folder / "asked")]
    done = subprocess.run(command, stdout=subprocess.PIPE, check=True)
    kills, end = json.loads(done.stdout)
    asked = [int(line) for line in (folder / "asked").read_text().splitlines()]
    return kills, end, asked


def test_it_was_really_killed_before_its_end(killed):
    kills, _, _ = killed
    assert [(signal, len(asked) < 400) for signal, asked, _ in kills] == [(9, True)] * 7


def test_what_was_in_the_log_stays_in_it(killed):
    kills, (_, *end), _ = killed
    logs = [records for _, _, (_, *records) in kills]
    assert all(before == after[: len(before)] for before, after in zip(logs, [*logs[1:], end], strict=True))


def test_only_what_was_in_flight_is_lost_and_run_again(killed):
    kills, _, asked = killed
    lost = [set(asked) - set(records) for _, asked, (_, *records) in kills]
    again = Counter(asked)
    assert max(map(len, lost)) <= 4
    assert {number for number, calls in again.items() if calls > 1} <= set().union(*lost)


def test_in_the_end_each_case_has_one_record(killed):
    _, (dropped, *records), _ = killed
    assert (dropped, sorted(records)) == (0, [*range(400)])

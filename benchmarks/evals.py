"""What an evaluation takes: 10,000 echo cases, exact match, everything in a log that survives a crash.

pydantic-evals is measured beside it where a virtual environment has it, in a folder that KAIZEN_BENCH_PEERS names:

    python -m venv /some/peers/evals && /some/peers/evals/bin/pip install pydantic-evals
    KAIZEN_BENCH_PEERS=/some/peers python benchmarks/run.py evals
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from measure import Row, python_seconds

__all__ = ["rows"]

CASES = 10_000
MANY = 100_000
HERE = Path(__file__).parent

_PEER = """
import time, sys
from pydantic_evals import Case, Dataset
from pydantic_evals.evaluators import EqualsExpected
async def echo(text): return text
cases = [Case(name=str(n), inputs=f"What is {n}?", expected_output=f"What is {n}?") for n in range(int(sys.argv[1]))]
dataset = Dataset(name="echo", cases=cases, evaluators=[EqualsExpected()])
began = time.process_time()
dataset.evaluate_sync(echo, max_concurrency=10, progress=False)
(peak,) = [int(line.split()[1]) / 1024 for line in open("/proc/self/status") if line.startswith("VmHWM")]
print(f'{{"cpu": {time.process_time() - began}, "peak": {peak}}}')
"""
_FIRST = """
from kaizen_eval.evals import Case, evaluate
async def echo(text): return text
evaluate([Case(inputs={"text": "Hi"}, expected={"answer": "Hi"})], echo)
"""


def rows() -> Iterator[Row]:
    peer = _peer()
    yield _row("10,000 cases, a coroutine, with the log", _took("coroutine"), 2.0, f"{_floor()}; {peer}")
    yield _row("the same through an agent, with every exchange", _took("through_an_agent"), 4.5, _bare_runs())
    yield Row(name="100,000 cases from a file", value=_took("from_a_file", MANY)["peak"], unit="MB peak", bound=100)
    whole = _took("agent_from_a_file", MANY // 10)["peak"]
    yield Row(name="10,000 through an agent, from a file", value=whole, unit="MB peak", bound=100)
    yield from _killed()
    bare = python_seconds("-c", "pass")
    first = python_seconds("-c", _FIRST) - bare
    yield Row(name="import and a first evaluation", value=first, unit="s CPU", bound=0.3, beside=_peers_import(bare))


def _row(name: str, took: dict[str, float], bound: float, beside: str) -> Row:
    return Row(name=name, value=took["cpu"], unit="s CPU", bound=bound, beside=beside)


def _took(what: str, count: int = CASES) -> dict[str, float]:
    """In a process of its own; of the best of three, which other work disturbed least."""
    return min((_once(what, count) for _ in range(3 if count <= CASES else 1)), key=lambda took: took["cpu"])


def _once(what: str, count: int) -> dict[str, float]:
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run(_child(what, count, folder), check=True, capture_output=True, text=True)
    took: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return took


def _child(what: str, count: int, folder: str) -> list[str]:
    return [sys.executable, str(HERE / "evals_child.py"), what, str(count), folder]


def _floor() -> str:
    """Asyncio and a line for each case, written at once; nothing is looked at."""
    lines = [json.dumps({"case": n, "outputs": {"answer": f"What is {n}?"}}).encode() + b"\n" for n in range(CASES)]
    with tempfile.TemporaryFile(buffering=0) as log:
        began = time.process_time()
        for line in lines:
            log.write(line)
        return f"writing as many lines: {time.process_time() - began:.2f} s"


def _bare_runs() -> str:
    return f"the agent's runs alone, unseen: {_once('runs_alone', CASES)['cpu']:.2f} s"


def _killed() -> Iterator[Row]:
    """A kill -9 when half is done, and on with the rest."""
    with tempfile.TemporaryDirectory() as folder:
        with subprocess.Popen(_child("tells", CASES, folder), stdout=subprocess.PIPE) as child:
            if child.stdout is None:
                raise AssertionError("a pipe was asked for")
            told = 0
            for told, _ in enumerate(child.stdout, 1):
                if told == CASES // 2:
                    break
            os.kill(child.pid, signal.SIGKILL)
        log = Path(folder) / "run" / "log.jsonl"
        kept = _records(log)
        done = subprocess.run(_child("tells", CASES, folder), check=True, capture_output=True, text=True)
        run = done.stdout.count(".\n")
        yield Row(name="kill -9 at 50 %: told of, and not in the log", value=max(told - kept, 0), unit="cases", bound=0)
        again = kept + run - CASES
        yield Row(
            name="in the log, and run again", value=again, unit="cases", bound=0, beside=f"{_records(log)} at the end"
        )


def _records(log: Path) -> int:
    return sum(line.startswith(b'{"kind":"trial"') for line in log.read_bytes().splitlines())


def _peer_python() -> str | None:
    for root in filter(None, os.environ.get("KAIZEN_BENCH_PEERS", "").split(os.pathsep)):
        for python in sorted(Path(root).glob("*/bin/python")):
            if (
                subprocess.run([python, "-c", "import pydantic_evals"], check=False, capture_output=True).returncode
                == 0
            ):
                return str(python)
    return None


def _peer() -> str:
    python = _peer_python()
    if python is None:
        return "pydantic-evals is not installed"
    done = subprocess.run([python, "-c", _PEER, str(CASES)], check=True, capture_output=True, text=True)
    took = json.loads(done.stdout)
    return f"pydantic-evals, nothing saved: {took['cpu']:.2f} s, {took['peak']:.0f} MB"


def _peers_import(bare: float) -> str:
    python = _peer_python()
    if python is None:
        return ""
    began = os.times().children_user + os.times().children_system
    subprocess.run([python, "-c", "import pydantic_evals"], check=True)
    took = os.times().children_user + os.times().children_system - began
    return f"import pydantic_evals: {took - bare:.2f} s"

"""One evaluation in a process of its own, which prints what it took: `evals_child.py WHAT CASES FOLDER`."""

from __future__ import annotations

import asyncio
import json
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from kaizen_eval import BaseAgent, FakeLLM, InputField, OutputField, Signature
from kaizen_eval.evals import Case, Dataset, evaluate
from kaizen_eval.evals.happening import Happening, TrialEnded


class Echo(Signature):
    """Say it again."""

    text: str = InputField()
    answer: str = OutputField()


async def echo(text: str) -> dict[str, str]:
    return {"answer": text}


def agent() -> BaseAgent:
    return BaseAgent(
        signature=Echo,
        provider=FakeLLM(keep=10).otherwise(lambda request: {"answer": request.messages[-1].content[6:]}),
    )


def coroutine(count: int, folder: Path) -> None:
    evaluate(_made(count), echo, out=folder / "run")


def through_an_agent(count: int, folder: Path) -> None:
    evaluate(Dataset(_made(count), signature=Echo), agent(), out=folder / "run")


def from_a_file(count: int, folder: Path) -> None:
    evaluate(Dataset.load(_written(count, folder)), echo, out=folder / "run")


def agent_from_a_file(count: int, folder: Path) -> None:
    evaluate(Dataset.load(_written(count, folder), signature=Echo), agent(), out=folder / "run")


def tells(count: int, folder: Path) -> None:
    """Says a line for each trial that has ended, so that somebody can kill it in the middle."""

    class Telling:
        def on_happening(self, happening: Happening) -> None:
            if isinstance(happening, TrialEnded):
                sys.stdout.write(".\n")
                sys.stdout.flush()

    evaluate(_made(count), echo, out=folder / "run", resume=True, reporters=[Telling()])


def _made(count: int) -> list[Case]:
    return [
        Case(id=str(n), inputs={"text": f"What is {n}?"}, expected={"answer": f"What is {n}?"}) for n in range(count)
    ]


def _written(count: int, folder: Path) -> Path:
    file = folder / "cases.jsonl"
    with file.open("w") as lines:
        for n in range(count):
            text = f"What is {n}?"
            lines.write(json.dumps({"inputs": {"text": text}, "expected": {"answer": text}, "id": str(n)}) + "\n")
    return file


def runs_alone(count: int, folder: Path) -> None:
    """The floor: what an agent's runs take that nobody looks at."""
    asked, made = agent(), _made(count)

    async def runs() -> None:
        async with asked:
            for case in made:
                await asked.run_async(**case.inputs)

    asyncio.run(runs())
    folder.touch()


WAYS: dict[str, Callable[[int, Path], Any]] = {
    way.__name__: way for way in (coroutine, through_an_agent, runs_alone, from_a_file, agent_from_a_file, tells)
}


def main(what: str, count: str, folder: str) -> None:
    if what != "tells":  # the first of anything loads what it needs
        with tempfile.TemporaryDirectory() as warm:
            WAYS[what](100, Path(warm))
    began, wall = time.process_time(), time.perf_counter()
    WAYS[what](int(count), Path(folder))
    took = {"cpu": time.process_time() - began, "wall": time.perf_counter() - wall, "peak": _peak()}
    print(json.dumps(took))


def _peak() -> float:
    """MB that were in use at once. Linux counts what the parent had in `ru_maxrss`, but not here."""
    status = Path("/proc/self/status")
    if status.exists():
        (line,) = [line for line in status.read_text().splitlines() if line.startswith("VmHWM")]
        return int(line.split()[1]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2


if __name__ == "__main__":
    main(*sys.argv[1:])

"""What the parts of a run cost."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator

from measure import Row, cpu_per_call

from kaizen_eval import InputField, OutputField, Signature, bridge
from kaizen_eval.llm import parse

__all__ = ["rows"]


class QA(Signature):
    question: str = InputField()
    context: str = InputField(default="")
    answer: str = OutputField()
    confidence: float = OutputField()
    count: int = OutputField()


CLEAN = json.dumps(
    {"answer": "Paris is the capital of France, and has been so for long", "confidence": 0.9, "count": 3}
)


def rows() -> Iterator[Row]:
    yield _row("Signature.bind, two inputs", lambda: QA.bind({"question": "Where?"}), 2000)
    yield _row("a clean reply, parsed and checked", lambda: parse.outputs(QA, CLEAN), 2000)
    fenced = f"Sure!\n```json\n{CLEAN}\n```"
    yield _row("a fenced reply", lambda: parse.outputs(QA, fenced), 500)
    broken = CLEAN.replace('", "', '" "')
    yield _row("a reply with a missing comma", lambda: parse.outputs(QA, broken), 200)
    yield from _sync_over_async()


def _row(name: str, work: object, calls: int) -> Row:
    return Row(name=name, value=cpu_per_call(work, calls=calls) * 1e6, unit="µs CPU")


def _sync_over_async() -> Iterator[Row]:
    async def nothing() -> None:
        """Returns at once."""

    ours = cpu_per_call(lambda: bridge.run(nothing()), calls=2000)
    theirs = cpu_per_call(lambda: asyncio.run(nothing()), calls=500)
    yield Row(
        name="a coroutine from a plain thread",
        value=ours * 1e6,
        unit="µs CPU",
        beside=f"asyncio.run: {theirs * 1e6:.0f} µs",
    )

"""The same script and seed make an agent with tools ask and do the same, in every process."""

from __future__ import annotations

import os
import subprocess
import sys

from hypothesis import given
from hypothesis import strategies as st

from kaizen_eval.signatures.json_form import in_order

PROGRAM = '''
import asyncio, dataclasses, json
from kaizen_eval import BaseAgent, FakeLLM, InputField, OutputField, Signature
from kaizen_eval.fake import Reply
from kaizen_eval.memory import BufferMemory
from kaizen_eval.resilience.clock import virtual_time

class Task(Signature):
    """Do it."""
    about: set[str] = InputField()
    within: frozenset[str] = InputField(default=frozenset({"here", "there", "anywhere"}))
    found: set[str] = OutputField(examples=[{"one", "two", "three"}])

async def slow(n: int, tags: frozenset[str] = frozenset({"x", "y", "z"})) -> dict[str, set[str]]:
    await asyncio.sleep(n / 10)
    return {"seen": {"alpha", "beta", "gamma", str(n)}}

def quick(n: int) -> frozenset[str]:
    return frozenset({"p", "q", "r", str(n)})

calls = [{"name": name, "arguments": {"n": n}} for n, name in enumerate(["slow", "quick", "slow", "quick", "slow"])]
fake = FakeLLM(seed=7, latency=0.3)
fake.when().steps([Reply(tool_calls=calls), Reply(tool_calls=calls[::-1]), {"found": ["a", "b", "c", "d"]}])
agent = BaseAgent({"model": "m"}, signature=Task, provider=fake, tools=[slow, quick], memory=BufferMemory())

async def main():
    runs = (agent.run_async(f"s{n % 3}", about={"aa", "bb", "cc", "dd"}) for n in range(6))
    return [json.dumps(result["_steps"]) for result in await asyncio.gather(*runs)]

with virtual_time() as clock:
    print("\\n".join(clock.run(main())))
for request in fake.requests:
    print(json.dumps(dataclasses.asdict(request)))
'''


def printed(seed: str) -> str:
    return subprocess.run(
        [sys.executable, "-c", PROGRAM],
        env=os.environ | {"PYTHONHASHSEED": seed},
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    ).stdout


def test_a_loop_of_parallel_tools_asks_and_does_the_same_in_every_process():
    first, *others = [printed(seed) for seed in ("1", "2", "3")]
    assert len(first.splitlines()) == 6 + 6 * 3
    assert others == [first, first]


@given(st.lists(st.none() | st.booleans() | st.integers() | st.text(st.characters(exclude_categories=["Cs"]))))
def test_a_set_always_becomes_the_same_list_of_its_items(items):
    in_one_order, in_another = in_order(set(items)), in_order(frozenset(reversed(items)))
    assert repr(in_one_order) == repr(in_another) or in_one_order == in_another
    assert set(in_one_order) == set(items)


def test_numbers_are_in_their_order_and_sets_within_are_too():
    value = {"n": {10, 2, 1.5, 300}, "all": [({"b", "a"},), frozenset({frozenset({3, 1}), frozenset({2})})]}
    assert in_order(value) == {"n": [1.5, 2, 10, 300], "all": [[["a", "b"]], [[1, 3], [2]]]}


def test_what_holds_itself_is_left_to_its_reader():
    circle = []
    circle.append(circle)
    assert in_order(circle) is circle

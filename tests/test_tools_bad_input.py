"""The table of bad input in docs/tools.md: each row happens to an agent here, and has the outcome that it tells."""

from __future__ import annotations

import asyncio
import json
import threading
from typing import Any

import pytest
from house.architecture import ROOT

from kaizen_eval import BaseAgent, FakeLLM, Reply, Tool, ToolLoopStrategy, virtual_time
from kaizen_eval.errors import KaizenError
from kaizen_eval.messages import ToolCall

PAGE = ROOT / "docs" / "tools.md"

executed: list[Any] = []
"""What the tools of the row that is happening have done."""


async def search(query: str, limit: int = 10) -> str:
    executed.append((query, limit))
    return f"found {query}"


async def fetch() -> str:
    return "x" * 10_000_000


def pick() -> object:
    return object()


async def wait() -> None:
    await asyncio.sleep(10**6)


NEVER = threading.Event()


def hang() -> None:
    NEVER.wait()


async def count() -> list[float]:
    return [float("nan")]


def fail() -> None:
    raise LookupError("no such city (key sk-0123456789abcdef)")


def call(name: str, arguments: str = "{}", number: int = 1) -> ToolCall:
    return ToolCall(f"c{number}", name, arguments)


def run(
    tools: Any,
    *calls: ToolCall,
    finish: str = "tool_calls",
    fault: str | None = None,
    again: bool = False,
    max_repeats: int | None = 3,
    **config: Any,
) -> Any:
    """What an agent with these tools comes to when the model makes these calls and then answers."""
    llm = FakeLLM()
    if fault is not None:
        llm.fail(fault)
    if again:
        llm.when().reply(Reply(tool_calls=calls))
    llm.script([Reply(tool_calls=calls, finish_reason=finish), "Done."])
    with virtual_time():
        agent = BaseAgent(
            {"retries": 0, **config}, provider=llm, tools=tools, strategy=ToolLoopStrategy(max_repeats=max_repeats)
        )
        return [*agent.run_stream(question="?")][-1] if fault else agent.run(question="?"), llm


def told(tools: Any, *calls: ToolCall, **settings: Any) -> tuple[str, str]:
    """What the model was told, by the request that followed: of several calls, what differs."""
    result, llm = run(tools, *calls, **settings)
    assert result["response"] == "Done."
    said = [message.content for message in llm.requests[-1].messages if message.role == "tool"]
    assert len(said) == len({*calls})
    texts = [json.loads(text)["error"] if text.startswith('{"error"') else text for text in said]
    return "the model", " · ".join(dict.fromkeys(texts))


def raised(*args: Any, **settings: Any) -> tuple[str, str]:
    with pytest.raises(KaizenError) as caught:
        run(*args, **settings)
    return "the caller", f"{type(caught.value).__name__}: {caught.value}"


HAPPENS = {
    "two tools have the same name": lambda: raised([search, Tool(fetch, name="search")]),
    "a parameter has no type hint": lambda: raised([no_hint]),
    "the result is no JSON": lambda: told([pick], call("pick")),
    "the result holds NaN": lambda: told([count], call("count")),
    "the result has 10 MB": lambda: told([fetch], call("fetch")),
    "a coroutine never returns, with `timeout=5`": lambda: told([Tool(wait, timeout=5)], call("wait")),
    "a thread never returns, with `timeout=5`": lambda: told([Tool(hang, timeout=5)], call("hang")),
    "neither returns, and there is no `timeout`": lambda: raised([wait, hang], call("wait"), call("hang", number=2)),
    "the tool raises an exception": lambda: told([fail], call("fail")),
    'it raises one, with `on_error="raise"`': lambda: raised([Tool(fail, on_error="raise")], call("fail")),
    "the model calls an unknown tool": lambda: told([search], call("serch")),
    "the arguments are no JSON": lambda: told([search], call("search", "query=Rome")),
    "the arguments are broken off": lambda: told([search], call("search", '{"query": "Ro')),
    "they are broken off at the token limit": lambda: raised(
        [search], call("search", '{"query": "Ro'), finish="length", max_tokens=9
    ),
    "a stream breaks off amid the arguments": lambda: raised(
        [search], call("search", '{"query": "Rome"}'), fault="stream_cut"
    ),
    "the arguments say a key twice": lambda: told([search], call("search", '{"query": "a", "query": "b"}')),
    "the arguments do not fit": lambda: told([search], call("search", '{"limit": "3"}')),
    "1,000 calls in one reply": lambda: told(
        [search], *(call("search", f'{{"query": "{number * 0}"}}', number) for number in range(1000))
    ),
    "two calls in one reply have one id": lambda: told(
        [search], call("search", '{"query": "a"}'), call("search", '{"query": "b"}')
    ),
    "a call stands twice in one reply": lambda: told([search], *[call("search", '{"query": "a"}')] * 2),
    "the same call in three replies in a row": lambda: raised([search], call("search", '{"query": "a"}'), again=True),
    "the model never stops calling tools": lambda: raised(
        [search], call("search", '{"query": "a"}'), again=True, max_repeats=None
    ),
}

EXECUTED = {
    "1,000 calls in one reply": [("0", 10)] * 64,
    "two calls in one reply have one id": [("a", 10), ("b", 10)],
    "a call stands twice in one reply": [("a", 10)],
    "the same call in three replies in a row": [("a", 10)] * 2,
    "the model never stops calling tools": [("a", 10)] * 10,
}
"""Of the rows whose tools do anything at all."""


def no_hint(x):
    return x


def rows() -> dict[str, tuple[str, str]]:
    region = PAGE.read_text("utf-8").partition("<!-- bad input -->")[2].partition("<!-- end of bad input -->")[0]
    cells = [line.strip("| ").split(" | ") for line in region.splitlines() if line.startswith("| ")][1:]
    return {happens: (who, outcome.strip("`")) for happens, who, outcome in cells}


@pytest.fixture(autouse=True)
def _nothing_executed():
    executed.clear()
    NEVER.clear()
    yield
    NEVER.set()


@pytest.mark.parametrize("happens", HAPPENS)
def test_the_outcome_is_the_one_in_the_table(happens):
    assert (HAPPENS[happens](), executed) == (rows().get(happens), EXECUTED.get(happens, []))


def test_every_row_of_the_table_happens_here():
    assert list(rows()) == list(HAPPENS)

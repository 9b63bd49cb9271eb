"""Streams of runs: what their items are."""

# pyright: strict, reportUnnecessaryTypeIgnoreComment=true

from collections.abc import Mapping
from typing import Any, assert_type

from kaizen_eval import BaseAgent
from kaizen_eval.core.result import RunResult
from kaizen_eval.core.run_stream import RunStream
from kaizen_eval.events import Event
from kaizen_eval.streamed import PartialOutputs, Restarted, TextDelta

agent = BaseAgent()
stream = agent.run_stream("s", restart=True, question="Why?")
assert_type(stream, RunStream)
assert_type(stream.result, RunResult)


def read() -> None:
    with stream as same:
        assert_type(same, RunStream)
        for item in same:
            assert_type(item, Event | RunResult)
            if isinstance(item, PartialOutputs):
                assert_type(item.outputs, Mapping[str, Any])
            if isinstance(item, TextDelta):
                assert_type(item.text, str)
            if isinstance(item, Restarted):
                assert_type(item.attempt, int)
            if isinstance(item, RunResult):
                assert_type(item.metrics.first_token_ms, float | None)
    assert_type(next(stream), Event | RunResult)
    stream.close()


async def read_in_a_loop() -> None:
    async with stream as same:
        async for item in same:
            assert_type(item, Event | RunResult)
    assert_type(await anext(stream), Event | RunResult)
    await stream.aclose()


agent.run_stream(7)  # type: ignore[arg-type]  # no session id

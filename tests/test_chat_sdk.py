"""The real OpenAI SDK on the fake: whole replies, streams, its helpers, and the errors that they raise."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Annotated, Any, Literal

import httpx2
import openai
import pydantic
import pytest
from openai import AsyncOpenAI

from kaizen_eval.fake import FakeLLM, Latency, Reply
from kaizen_eval.resilience.clock import virtual_time

USER = [{"role": "user", "content": "Where is the light, as json?"}]
TOOL = {
    "type": "function",
    "function": {
        "name": "look",
        "parameters": {
            "type": "object",
            "properties": {"room": {"type": "string", "enum": ["hall", "attic"]}},
            "required": ["room"],
            "additionalProperties": False,
        },
        "strict": True,
    },
}
LOOKS = Reply(
    tool_calls=[{"name": "look", "arguments": {"room": "hall"}}, {"name": "look", "arguments": {"room": "attic"}}]
)


class Place(pydantic.BaseModel):
    code: Annotated[str, pydantic.Field(pattern=r"^[A-Z]{2}-\d{3}$")]
    floor: Annotated[int, pydantic.Field(ge=-1, le=9)]
    kind: Literal["lamp", "window"]
    near: list[str]


class look(pydantic.BaseModel):  # noqa: N801 - the tool's name is the class's
    room: Literal["hall", "attic"]


def using(fake: FakeLLM, act: Callable[[AsyncOpenAI], Awaitable[Any]]) -> Any:
    """What a user's own client gets, on virtual time."""

    async def run() -> Any:
        http = openai.DefaultAsyncHttpxClient(transport=fake.transport())
        async with AsyncOpenAI(api_key="k", base_url="http://fake/v1", http_client=http, max_retries=0) as client:
            return await act(client)

    with virtual_time() as clock:
        return clock.run(run())


def created(fake: FakeLLM, **fields: Any) -> Any:
    return using(fake, lambda client: client.chat.completions.create(model="gpt-4o", messages=USER, **fields))


def streamed(fake: FakeLLM, **fields: Any) -> list[Any]:
    """The chunks."""

    async def read(client: AsyncOpenAI) -> list[Any]:
        stream = await client.chat.completions.create(model="gpt-4o", messages=USER, stream=True, **fields)
        return [chunk async for chunk in stream]

    return using(fake, read)


def helped(fake: FakeLLM, **fields: Any) -> tuple[Any, set[str]]:
    """What the SDK's stream helper makes of a stream, and the kinds of its events."""

    async def read(client: AsyncOpenAI) -> tuple[Any, set[str]]:
        async with client.chat.completions.stream(model="gpt-4o", messages=USER, **fields) as stream:
            kinds = {event.type async for event in stream}
            return await stream.get_final_completion(), kinds

    return using(fake, read)


def parsed(fake: FakeLLM, **fields: Any) -> Any:
    return using(fake, lambda client: client.chat.completions.parse(model="gpt-4o", messages=USER, **fields))


def posted(fake: FakeLLM, **fields: Any) -> bytes:
    """The body of a response, byte for byte."""

    async def post() -> bytes:
        async with httpx2.AsyncClient(transport=fake.transport()) as client:
            body = {"model": "gpt-4o", "messages": USER, **fields}
            return (await client.post("http://fake/v1/chat/completions", json=body)).content

    with virtual_time() as clock:
        return clock.run(post())


def test_a_reply_is_read():
    completion = created(FakeLLM().otherwise("Here."))
    [choice] = completion.choices
    assert (choice.message.content, choice.finish_reason, completion.model) == ("Here.", "stop", "gpt-4o")


def test_a_stream_says_what_the_whole_reply_says():
    told = "Beside the window, 📎 on the left."
    fake = FakeLLM().otherwise(told)
    chunks = streamed(fake, stream_options={"include_usage": True})
    assert "".join(chunk.choices[0].delta.content or "" for chunk in chunks[:-1]) == told
    assert chunks[-1].usage == created(fake).usage


def test_a_stream_takes_the_time_of_its_tokens():
    async def read(client: AsyncOpenAI) -> list[float]:
        clock, start = asyncio.get_running_loop(), asyncio.get_running_loop().time()
        stream = await client.chat.completions.create(model="gpt-4o", messages=USER, stream=True)
        return [round(clock.time() - start, 6) async for chunk in stream if chunk.choices[0].delta.content]

    fake = FakeLLM(latency=Latency(first=2, per_token=0.5)).otherwise("one two three four")
    assert using(fake, read) == [2.0, 2.5, 3.0, 3.5]


@pytest.mark.parametrize("choices", [1, 3])
def test_as_many_choices_come_as_are_asked_for(choices):
    fake = FakeLLM()
    whole = created(fake, n=choices, seed=3)
    assert [choice.index for choice in whole.choices] == [*range(choices)]
    chunks = streamed(FakeLLM(), n=choices, seed=3)
    said = [""] * choices
    for chunk in chunks:
        for choice in chunk.choices:
            said[choice.index] += choice.delta.content or ""
    assert said == [choice.message.content for choice in whole.choices]


def test_probabilities_are_read():
    completion = created(FakeLLM().otherwise("Here it is."), logprobs=True, top_logprobs=3)
    content = completion.choices[0].logprobs.content
    assert "".join(entry.token for entry in content) == "Here it is."
    assert [len(entry.top_logprobs) for entry in content] == [3] * len(content)
    assert all(entry.logprob <= 0 for entry in content)


def test_any_json_object_is_one():
    text = created(FakeLLM(), response_format={"type": "json_object"}).choices[0].message.content
    assert isinstance(json.loads(text), dict)


def test_a_model_with_pattern_and_bounds_is_parsed():
    for seed in range(5):
        [choice] = parsed(FakeLLM(seed=seed), response_format=Place).choices
        assert isinstance(choice.message.parsed, Place)


def test_the_stream_helper_parses_a_model():
    completion, kinds = helped(FakeLLM(seed=1), response_format=Place)
    assert isinstance(completion.choices[0].message.parsed, Place)
    assert {"chunk", "content.delta", "content.done"} <= kinds


def test_tools_are_called_side_by_side():
    fake = FakeLLM().otherwise(LOOKS)
    calls = created(fake, tools=[TOOL]).choices[0].message.tool_calls
    assert [(call.type, call.function.name, call.function.arguments) for call in calls] == [
        ("function", "look", '{"room": "hall"}'),
        ("function", "look", '{"room": "attic"}'),
    ]
    completion, kinds = helped(fake, tools=[openai.pydantic_function_tool(look)])
    assert [call.function.parsed_arguments for call in completion.choices[0].message.tool_calls] == [
        look(room="hall"),
        look(room="attic"),
    ]
    assert "tool_calls.function.arguments.done" in kinds


def test_a_tool_that_must_be_called_is_called_with_arguments_that_fit():
    asked = {"tools": [openai.pydantic_function_tool(look)], "tool_choice": "required"}
    for choice in (parsed(FakeLLM(), **asked).choices[0], helped(FakeLLM(), **asked)[0].choices[0]):
        assert isinstance(choice.message.tool_calls[0].function.parsed_arguments, look)
        assert choice.finish_reason == "tool_calls"


def test_a_tool_loop_of_the_sdk_ends():
    async def loop(client: AsyncOpenAI) -> list[str]:
        messages: list[Any] = [*USER]
        reasons = []
        while "stop" not in reasons:
            [choice] = (await client.chat.completions.create(model="gpt-4o", messages=messages, tools=[TOOL])).choices
            reasons.append(choice.finish_reason)
            messages.append(choice.message.model_dump(exclude_none=True, exclude={"annotations"}))
            calls = choice.message.tool_calls or ()
            messages += [{"role": "tool", "tool_call_id": call.id, "content": "dark"} for call in calls]
        return reasons

    assert using(FakeLLM(), loop)[-2:] == ["tool_calls", "stop"]


def test_a_reply_that_is_cut_is_an_error_of_the_sdk():
    fake = FakeLLM()
    assert created(fake, max_tokens=1).choices[0].finish_reason == "length"
    with pytest.raises(openai.LengthFinishReasonError):
        parsed(fake, response_format=Place, max_completion_tokens=1)
    with pytest.raises(openai.LengthFinishReasonError):
        helped(fake, response_format=Place, max_completion_tokens=1)


def test_a_reply_that_is_filtered_is_an_error_of_the_sdk():
    fake = FakeLLM()
    fake.fail("content_filter")
    with pytest.raises(openai.ContentFilterFinishReasonError):
        parsed(fake, response_format=Place)
    with pytest.raises(openai.ContentFilterFinishReasonError):
        helped(fake, response_format=Place)


def test_a_refusal_is_read_whole_and_streamed():
    fake = FakeLLM()
    fake.fail("refusal", message="I won't say.")
    assert parsed(fake, response_format=Place).choices[0].message.refusal == "I won't say."
    completion, kinds = helped(fake, response_format=Place)
    assert completion.choices[0].message.refusal == "I won't say."
    assert {"refusal.delta", "refusal.done"} <= kinds


def test_a_bad_request_is_the_sdks_error_with_param_and_code():
    with pytest.raises(openai.BadRequestError) as caught:
        created(FakeLLM(), temperature=3)
    assert (caught.value.param, caught.value.code) == ("temperature", "decimal_above_max_value")
    with pytest.raises(openai.BadRequestError, match="Unknown parameter: 'foo'"):
        created(FakeLLM(), extra_body={"foo": 1})


def test_an_error_before_a_stream_is_no_event():
    with pytest.raises(openai.BadRequestError):
        streamed(FakeLLM(), n=0)


@pytest.mark.parametrize("fields", [{}, {"stream": True}, {"n": 2, "logprobs": True}, {"tools": [TOOL]}])
def test_the_same_seed_gives_the_same_bytes(fields):
    first, second, other = (posted(FakeLLM(seed=seed), **fields) for seed in (1, 1, 2))
    assert first == second != other

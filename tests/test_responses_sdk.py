"""The Responses API under the real SDK: what a client of the real service does, it can do with the fake."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Coroutine
from typing import Any

import httpx2
import openai
import pytest
from openai.types.responses import ResponseItemList
from pydantic import BaseModel

from kaizen_eval.fake import FakeLLM, Reply
from kaizen_eval.messages import Message, ToolCall, Usage

MODEL = "gpt-4o-mini"
TOOL = {
    "type": "function",
    "name": "weather",
    "parameters": {
        "type": "object",
        "properties": {"city": {"type": "string"}},
        "required": ["city"],
        "additionalProperties": False,
    },
    "strict": True,
}


class Place(BaseModel):
    city: str
    people: int


def using(fake: FakeLLM, talk: Callable[[openai.AsyncOpenAI], Coroutine[Any, Any, Any]]) -> Any:
    """What comes of a talk with the fake through the SDK, which checks strictly."""

    async def run() -> Any:
        client = openai.AsyncOpenAI(
            api_key="k",
            base_url="https://fake.invalid/v1",
            http_client=httpx2.AsyncClient(transport=fake.transport()),
            max_retries=0,
            _strict_response_validation=True,
        )
        async with client:
            return await talk(client)

    return asyncio.run(run())


def test_a_response_says_what_the_script_says():
    fake = FakeLLM()
    fake.when(user="capital").reply("Paris")
    response = using(fake, lambda client: client.responses.create(model=MODEL, input="The capital of France?"))
    assert (response.output_text, response.status, response.model) == ("Paris", "completed", MODEL)
    assert [request.messages for request in fake.requests] == [(Message("user", "The capital of France?"),)]


def test_a_stream_is_the_same_response_bit_by_bit():
    async def talk(client):
        whole = await client.responses.create(model=MODEL, input="Tell me.")
        events = [event async for event in await client.responses.create(model=MODEL, input="Tell me.", stream=True)]
        return whole, events

    fake = FakeLLM()
    fake.otherwise("All of it: é, 漢, 😀.")
    whole, events = using(fake, talk)
    deltas = [event.delta for event in events if event.type == "response.output_text.delta"]
    assert (len(deltas) > 3, "".join(deltas)) == (True, whole.output_text)
    assert events[-1].response.output_text == whole.output_text
    assert events[-1].response.usage == whole.usage


def test_the_stream_helper_gives_a_parsed_model():
    async def talk(client):
        async with client.responses.stream(model=MODEL, input="Where?", text_format=Place) as stream:
            kinds = [event.type async for event in stream]
            return kinds, (await stream.get_final_response()).output_parsed

    fake = FakeLLM()
    fake.otherwise(Reply(data={"city": "Oslo", "people": 700_000}))
    kinds, parsed = using(fake, talk)
    assert parsed == Place(city="Oslo", people=700_000)
    assert (kinds[0], kinds[-1]) == ("response.created", "response.completed")


def test_without_a_script_what_is_parsed_fits_the_model():
    response = using(FakeLLM(), lambda client: client.responses.parse(model=MODEL, input="Where?", text_format=Place))
    assert isinstance(response.output_parsed, Place)


def test_a_tool_loop_advances_with_the_conversation():
    async def talk(client):
        said: list[Any] = [{"role": "user", "content": "Weather in Oslo?"}]
        first = await client.responses.create(model=MODEL, input=said, tools=[TOOL])
        [call] = first.output
        said += first.output
        said.append({"type": "function_call_output", "call_id": call.call_id, "output": "rain"})
        return call, await client.responses.create(model=MODEL, input=said, tools=[TOOL])

    fake = FakeLLM()
    fake.when(predicate=lambda request: request.messages[-1].role == "tool").reply("It rains.")
    fake.when(tool="weather").reply(tool_calls=[{"name": "weather", "arguments": {"city": "Oslo"}}])
    call, last = using(fake, talk)
    assert (call.type, call.name, json.loads(call.arguments)) == ("function_call", "weather", {"city": "Oslo"})
    assert last.output_text == "It rains."
    asked = ToolCall(call.call_id, "weather", call.arguments)
    assert fake.requests[-1].messages == (
        Message("user", "Weather in Oslo?"),
        Message("assistant", "", (asked,)),
        Message("tool", "rain", tool_call_id=call.call_id),
    )


def test_a_streamed_call_is_gathered_by_the_helper():
    async def talk(client):
        async with client.responses.stream(model=MODEL, input="Weather?", tools=[TOOL]) as stream:
            response = await stream.get_final_response()
        return response.output[0].parsed_arguments, response.output[0].status

    fake = FakeLLM()
    fake.otherwise(Reply(tool_calls=[{"name": "weather", "arguments": {"city": "Oslo"}}]))
    assert using(fake, talk) == ({"city": "Oslo"}, "completed")


def test_a_chain_of_responses_is_one_conversation():
    async def talk(client):
        first = await client.responses.create(model=MODEL, input="one", instructions="Count.")
        second = await client.responses.create(model=MODEL, input="two", previous_response_id=first.id)
        return await client.responses.create(model=MODEL, input="three", previous_response_id=second.id)

    fake = FakeLLM()
    fake.when(turn=1).reply("1")
    fake.when(turn=2).reply("2")
    fake.when(turn=3).reply("3")
    assert using(fake, talk).output_text == "3"
    assert [[message.content for message in request.messages] for request in fake.requests] == [
        ["Count.", "one"],
        ["one", "1", "two"],
        ["one", "1", "two", "2", "three"],
    ]


def test_a_conversation_can_go_on_from_any_of_its_responses():
    async def talk(client):
        first = await client.responses.create(model=MODEL, input="one")
        await client.responses.create(model=MODEL, input="two", previous_response_id=first.id)
        await client.responses.create(model=MODEL, input="other two", previous_response_id=first.id)

    fake = FakeLLM()
    fake.otherwise("so")
    using(fake, talk)
    assert [message.content for message in fake.requests[-1].messages] == ["one", "so", "other two"]


def test_what_is_stored_can_be_had_again_until_it_is_deleted():
    async def talk(client):
        first = await client.responses.create(model=MODEL, input="hi", metadata={"a": "b"})
        again = await client.responses.retrieve(first.id)
        await client.responses.delete(first.id)
        with pytest.raises(openai.NotFoundError) as caught:
            await client.responses.retrieve(first.id)
        with pytest.raises(openai.BadRequestError) as lost:
            await client.responses.create(model=MODEL, input="more", previous_response_id=first.id)
        return first, again, caught.value.body, lost.value.code

    first, again, body, code = using(FakeLLM(), talk)
    assert again == first
    assert body == {
        "message": f"Response with id '{first.id}' not found.",
        "type": "invalid_request_error",
        "param": None,
        "code": None,
    }
    assert code == "previous_response_not_found"


def test_a_deletion_says_what_was_deleted():
    async def talk(client):
        first = await client.responses.create(model=MODEL, input="hi")
        deleted = await client.responses.with_raw_response.delete(first.id)
        return first.id, json.loads(deleted.content)

    response_id, body = using(FakeLLM(), talk)
    assert body == {"id": response_id, "object": "response", "deleted": True}


def test_what_is_not_stored_is_nowhere():
    async def talk(client):
        first = await client.responses.create(model=MODEL, input="hi", store=False)
        with pytest.raises(openai.NotFoundError):
            await client.responses.retrieve(first.id)
        with pytest.raises(openai.BadRequestError, match="not found"):
            await client.responses.create(model=MODEL, input="more", previous_response_id=first.id)

    using(FakeLLM(), talk)


def test_two_clients_of_one_fake_see_the_same_responses_until_it_is_reset():
    fake = FakeLLM()
    first = using(fake, lambda client: client.responses.create(model=MODEL, input="hi"))
    assert using(fake, lambda client: client.responses.retrieve(first.id)) == first
    fake.reset()
    with pytest.raises(openai.NotFoundError):
        using(fake, lambda client: client.responses.retrieve(first.id))


def test_a_stored_response_can_be_streamed_again_from_any_event_on():
    async def talk(client):
        first = await client.responses.create(model=MODEL, input="hi", stream=True)
        events = [event async for event in first]
        response_id = events[-1].response.id
        again = await client.responses.retrieve(response_id, stream=True, starting_after=3)
        return events, [event async for event in again]

    events, again = using(FakeLLM(), talk)
    assert again == events[4:]


def test_the_input_of_a_response_is_listed_latest_first_and_in_pages():
    async def talk(client):
        first = await client.responses.create(model=MODEL, input="one")
        messages = [{"role": "user", "content": [{"type": "input_text", "text": "two"}]}]
        second = await client.responses.create(model=MODEL, input=messages, previous_response_id=first.id)
        raw = await client.responses.input_items.with_raw_response.list(second.id)
        ResponseItemList.model_validate_json(raw.content, strict=True)
        paged = [item async for item in client.responses.input_items.list(second.id, limit=1)]
        oldest = await client.responses.input_items.list(second.id, order="asc", after=paged[-1].id)
        return [item.content[0].text for item in paged], [item.id for item in oldest.data], [item.id for item in paged]

    fake = FakeLLM()
    fake.otherwise("so")
    texts, after_the_first, ids = using(fake, talk)
    assert texts == ["two", "so", "one"]
    assert after_the_first == [ids[1], ids[0]]


@pytest.mark.parametrize(
    ("paging", "message"),
    [
        ({"limit": 101}, "Invalid 'limit': integer above maximum value. Expected a value <= 100, but got 101 instead."),
        ({"order": "up"}, "Invalid value: 'up'. Supported values are: 'asc' and 'desc'."),
        ({"after": "msg_x"}, "Item with id 'msg_x' not found."),
        ({"extra_query": {"size": "2"}}, "Unknown parameter: 'size'."),
        ({"extra_query": {"limit": "x"}}, "Invalid type for 'limit': expected an integer, but got a string instead."),
    ],
)
def test_a_page_that_cannot_be_is_refused(paging, message):
    async def talk(client):
        first = await client.responses.create(model=MODEL, input="hi")
        with pytest.raises(openai.APIStatusError) as caught:
            await client.responses.input_items.list(first.id, **paging)
        return caught.value.body["message"]

    assert using(FakeLLM(), talk) == message


def test_a_reference_to_an_item_stands_for_it():
    async def talk(client):
        first = await client.responses.create(model=MODEL, input="one")
        [asked] = (await client.responses.input_items.list(first.id)).data
        references = [{"type": "item_reference", "id": item.id} for item in (asked, *first.output)]
        await client.responses.create(model=MODEL, input=[*references, {"role": "user", "content": "two"}])

    fake = FakeLLM()
    fake.otherwise("so")
    using(fake, talk)
    assert [message.content for message in fake.requests[-1].messages] == ["one", "so", "two"]


def test_a_background_response_waits_until_it_is_asked_for():
    async def talk(client):
        queued = await client.responses.create(model=MODEL, input="hi", background=True)
        done = await client.responses.retrieve(queued.id)
        late = await client.responses.cancel(queued.id)
        return queued, done, late

    fake = FakeLLM()
    fake.otherwise("so")
    queued, done, late = using(fake, talk)
    assert (queued.status, queued.output, queued.usage) == ("queued", [], None)
    assert (done.status, done.output_text, done.id) == ("completed", "so", queued.id)
    assert late == done


def test_a_background_response_can_be_cancelled_and_stays_so():
    async def talk(client):
        queued = await client.responses.create(model=MODEL, input="hi", background=True)
        await client.responses.cancel(queued.id)
        return [await client.responses.cancel(queued.id), await client.responses.retrieve(queued.id)]

    assert [(response.status, response.output) for response in using(FakeLLM(), talk)] == [("cancelled", [])] * 2


def test_a_response_that_is_not_in_the_background_cannot_be_cancelled():
    async def talk(client):
        first = await client.responses.create(model=MODEL, input="hi")
        with pytest.raises(openai.BadRequestError, match=r"Cannot cancel a synchronous response\."):
            await client.responses.cancel(first.id)

    using(FakeLLM(), talk)


def test_a_background_stream_is_queued_first():
    async def talk(client):
        stream = await client.responses.create(model=MODEL, input="hi", background=True, stream=True)
        return [(event.type, event.response.status) async for event in stream if hasattr(event, "response")]

    assert using(FakeLLM(), talk) == [
        ("response.created", "queued"),
        ("response.queued", "queued"),
        ("response.in_progress", "in_progress"),
        ("response.completed", "completed"),
    ]


def test_tokens_are_counted_as_they_would_be_billed():
    async def talk(client):
        asked: dict[str, Any] = {
            "model": MODEL,
            "instructions": "Be terse.",
            "input": [
                {"role": "user", "content": [{"type": "input_text", "text": "What is this?"}]},
                {"type": "function_call", "call_id": "c", "name": "weather", "arguments": "{}"},
                {"type": "function_call_output", "call_id": "c", "output": "rain"},
            ],
            "tools": [TOOL],
        }
        counted = await client.responses.input_tokens.count(**asked)
        return counted.input_tokens, (await client.responses.create(**asked)).usage.input_tokens

    counted, billed = using(FakeLLM(), talk)
    assert 10 < counted == billed


def test_what_is_cut_off_is_incomplete():
    fake = FakeLLM()
    fake.otherwise("word " * 50)
    response = using(fake, lambda client: client.responses.create(model=MODEL, input="hi", max_output_tokens=16))
    assert (response.status, response.incomplete_details.reason) == ("incomplete", "max_output_tokens")
    assert (response.usage.output_tokens, len(response.output_text.split())) == (16, 16)


def test_the_stream_helper_does_not_take_an_incomplete_response():
    async def talk(client):
        async with client.responses.stream(model=MODEL, input="hi", max_output_tokens=16) as stream:
            kinds = [event.type async for event in stream]
            with pytest.raises(RuntimeError, match=r"Didn't receive a `response\.completed` event"):
                await stream.get_final_response()
        return kinds[-1]

    fake = FakeLLM()
    fake.otherwise("word " * 50)
    assert using(fake, talk) == "response.incomplete"


def test_a_refusal_is_a_part_of_its_own():
    fake = FakeLLM()
    fake.otherwise(Reply(refusal="I cannot."))
    response = using(fake, lambda client: client.responses.create(model=MODEL, input="hi"))
    [message] = response.output
    assert [(part.type, part.refusal) for part in message.content] == [("refusal", "I cannot.")]
    assert response.output_text == ""


def test_a_reasoning_model_thinks_first():
    response = using(
        FakeLLM(),
        lambda client: client.responses.create(
            model="o3", input="hi", reasoning={"effort": "high"}, include=["reasoning.encrypted_content"]
        ),
    )
    assert [item.type for item in response.output] == ["reasoning", "message"]
    assert response.usage.output_tokens_details.reasoning_tokens >= 64
    assert response.output[0].encrypted_content.startswith("gAAAAA")


def test_more_of_a_stored_response_can_be_included():
    async def talk(client):
        first = await client.responses.create(model="o3", input="hi", reasoning={"effort": "low"})
        more = ["reasoning.encrypted_content", "message.output_text.logprobs"]
        again = await client.responses.retrieve(first.id, include=more)
        return [
            (response.output[0].encrypted_content is None, len(response.output[1].content[0].logprobs))
            for response in (first, again)
        ]

    fake = FakeLLM()
    fake.otherwise("word")
    assert using(fake, talk) == [(True, 0), (False, 1)]


def test_what_was_thought_can_be_sent_back():
    async def talk(client):
        first = await client.responses.create(model="o3", input="hi", reasoning={"effort": "low"})
        said = [{"role": "user", "content": "hi"}, *first.output, {"role": "user", "content": "and?"}]
        await client.responses.create(model="o3", input=said)

    fake = FakeLLM()
    fake.otherwise("so")
    using(fake, talk)
    assert [message.content for message in fake.requests[-1].messages] == ["hi", "so", "and?"]


def test_a_custom_tool_is_called_with_plain_text():
    async def talk(client):
        tools = [{"type": "custom", "name": "write"}]
        response = await client.responses.create(model=MODEL, input="hi", tools=tools)
        stream = await client.responses.create(model=MODEL, input="hi", tools=tools, stream=True)
        return response.output, [event.delta async for event in stream if event.type.endswith("input.delta")]

    fake = FakeLLM()
    fake.when(tool="write").reply(tool_calls=[{"name": "write", "arguments": "print(1)"}])
    [call], deltas = using(fake, talk)
    assert (call.type, call.name, call.input) == ("custom_tool_call", "write", "print(1)")
    assert "".join(deltas) == "print(1)"


def test_the_same_question_gets_the_same_bytes_from_another_fake():
    async def talk(client):
        raw = await client.responses.with_raw_response.create(model=MODEL, input="Tell me a story.")
        return raw.content, raw.headers["x-request-id"]

    assert using(FakeLLM(), talk) == using(FakeLLM(), talk)


def test_a_fault_meets_what_is_asked_of_stored_responses_too():
    async def talk(client):
        first = await client.responses.create(model=MODEL, input="hi")
        fake.fail("server_error")
        with pytest.raises(openai.InternalServerError):
            await client.responses.retrieve(first.id)

    fake = FakeLLM()
    using(fake, talk)


def test_what_is_asked_of_stored_responses_uses_no_reply_up():
    async def talk(client):
        first = await client.responses.create(model=MODEL, input="hi")
        await client.responses.retrieve(first.id)
        await client.responses.input_items.list(first.id)
        return (await client.responses.create(model=MODEL, input="hi again")).output_text

    fake = FakeLLM()
    fake.script(["one", "two"])
    assert using(fake, talk) == "two"
    assert [(exchange.rule, exchange.text) for exchange in fake.exchanges] == [
        ("script[0]", "one"),
        ("generated", ""),
        ("generated", ""),
        ("script[1]", "two"),
    ]
    assert [exchange.usage for exchange in fake.exchanges[1:3]] == [Usage(), Usage()]


def test_a_response_that_is_not_there_is_not_there_whatever_is_asked_of_it():
    async def talk(client):
        asked = client.responses
        for ask in (asked.retrieve, asked.delete, asked.cancel, asked.input_items.list):
            with pytest.raises(openai.NotFoundError, match=r"Response with id 'resp_x' not found\."):
                await ask("resp_x")

    using(FakeLLM(), talk)


def test_what_the_fake_does_not_speak_is_refused_and_named():
    async def talk(client):
        with pytest.raises(openai.BadRequestError) as caught:
            await client.responses.create(model=MODEL, input="hi", conversation="conv_1")
        return caught.value.param

    fake = FakeLLM()
    fake.forgive_misses()
    assert using(fake, talk) == "conversation"

"""Chat Completions on the wire: what is asked, and what is read from the answer."""

from __future__ import annotations

import asyncio
import json
from dataclasses import fields, replace

import httpx2
import pytest
from doubles_http import completion
from hypothesis import given
from hypothesis import strategies as st
from openai.types.chat import ChatCompletion, ChatCompletionMessage, ChatCompletionMessageFunctionToolCall
from openai.types.chat.chat_completion import Choice
from openai.types.chat.chat_completion_message_function_tool_call import Function
from openai.types.completion_usage import CompletionTokensDetails, CompletionUsage, PromptTokensDetails

from kaizen_eval.errors import BadResponse
from kaizen_eval.llm.openai import OpenAIProvider
from kaizen_eval.llm.wire import decode_body, decode_reply, encode_request, journal_headers
from kaizen_eval.messages import ChatReply, ChatRequest, Message, ToolCall, Usage

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
calls = st.builds(ToolCall, texts, texts, texts)
messages = st.one_of(
    st.builds(Message, st.sampled_from(["system", "user"]), texts),
    st.builds(Message, st.just("assistant"), texts, st.lists(calls, max_size=2).map(tuple)),
    st.builds(Message, st.just("tool"), texts, tool_call_id=texts),
)
schemas = st.dictionaries(texts, st.one_of(texts, st.integers(), st.lists(texts, max_size=2)), max_size=3)
requests = st.builds(
    ChatRequest,
    model=st.none() | texts,
    messages=st.lists(messages, max_size=4).map(tuple),
    output_schema=st.none() | schemas,
    output_mode=st.sampled_from(["schema", "json", "text"]),
    tools=st.lists(st.just({"type": "function", "function": {"name": "f"}}), max_size=2).map(tuple),
    temperature=st.none() | st.floats(0, 2),
    top_p=st.none() | st.floats(0, 1),
    max_tokens=st.none() | st.integers(1),
    seed=st.none() | st.integers(),
    stop=st.lists(texts, max_size=2).map(tuple),
    session_id=st.none() | texts,
    agent_id=st.none() | texts,
)
counts = st.integers(0, 10**9)
replies = st.builds(
    ChatReply,
    text=st.none() | texts,
    tool_calls=st.lists(calls, max_size=3).map(tuple),
    finish_reason=st.sampled_from(["stop", "length", "content_filter", "tool_calls"]),
    refusal=st.none() | texts,
    usage=st.builds(Usage, counts, counts, counts, counts),
    model=texts,
    id=texts,
)

ON_THE_WIRE = {"max_tokens": "max_completion_tokens"}
NEVER_SENT = {"session_id", "agent_id"}
APART = {"messages", "output_schema", "output_mode", "stream"}


@given(requests)
def test_what_is_set_is_always_sent_and_what_is_not_never(request):
    settings = {f.name: getattr(request, f.name) for f in fields(request) if f.name not in NEVER_SENT | APART}
    expected = {ON_THE_WIRE.get(name, name) for name, value in settings.items() if value not in (None, ())}
    assert encode_request(request).keys() - {"response_format"} == expected | {"messages"}


@given(requests)
def test_whose_request_it_is_is_never_in_the_body(request):
    anyone = replace(request, session_id=None, agent_id=None)
    assert encode_request(request) == encode_request(anyone)


@given(requests)
def test_the_sdk_always_sends_exactly_what_was_encoded(request):
    sent = []

    def answer(http: httpx2.Request) -> httpx2.Response:
        sent.append(json.loads(http.content))
        return httpx2.Response(200, json=completion())

    named = replace(request, model=request.model or "m")
    asyncio.run(OpenAIProvider("k", transport=httpx2.MockTransport(answer)).complete(named))
    assert sent == [encode_request(named)]


def as_the_sdk_has_it(reply: ChatReply) -> ChatCompletion:
    message = ChatCompletionMessage(
        role="assistant",
        content=reply.text,
        refusal=reply.refusal,
        tool_calls=[
            ChatCompletionMessageFunctionToolCall(
                id=call.id, type="function", function=Function(name=call.name, arguments=call.arguments)
            )
            for call in reply.tool_calls
        ],
    )
    usage = CompletionUsage(
        prompt_tokens=reply.usage.prompt,
        completion_tokens=reply.usage.completion,
        total_tokens=reply.usage.total,
        prompt_tokens_details=PromptTokensDetails(cached_tokens=reply.usage.cached),
        completion_tokens_details=CompletionTokensDetails(reasoning_tokens=reply.usage.reasoning),
    )
    choice = Choice(index=0, finish_reason=reply.finish_reason, message=message)
    return ChatCompletion(
        id=reply.id, object="chat.completion", created=1, model=reply.model, choices=[choice], usage=usage
    )


@given(replies)
def test_what_the_sdk_writes_is_always_read_back(reply):
    written = as_the_sdk_has_it(reply)
    assert decode_reply(written.model_dump(mode="json")) == reply
    assert decode_body(written.model_dump_json().encode()) == reply


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@given(st.binary() | json_values.map(lambda value: json.dumps(value).encode()))
def test_any_bytes_but_a_completion_are_a_bad_response(body):
    with pytest.raises(BadResponse, match=r"^The provider answered with .*, not with a chat completion\.$"):
        decode_body(body)


FORMATS = [
    (("schema", {"type": "object"}), "json_schema"),
    (("json", {"type": "object"}), "json_object"),
    (("json", None), "json_object"),
    (("text", {"type": "object"}), None),
]


@pytest.mark.parametrize(("output", "kind"), FORMATS)
def test_the_output_mode_decides_what_format_is_asked_for(output, kind):
    mode, schema = output
    request = ChatRequest(model="m", messages=(), output_mode=mode, output_schema=schema)
    assert encode_request(request).get("response_format", {}).get("type") == kind


def test_a_strict_schema_is_sent_whole():
    schema = {"type": "object", "properties": {}, "additionalProperties": False}
    request = ChatRequest(model="m", messages=(), output_mode="schema", output_schema=schema)
    assert encode_request(request)["response_format"] == {
        "type": "json_schema",
        "json_schema": {"name": "reply", "schema": schema, "strict": True},
    }


def test_a_stream_is_asked_for_with_its_usage():
    body = encode_request(ChatRequest(model="m", messages=(), stream=True))
    assert body == {"model": "m", "messages": [], "stream": True, "stream_options": {"include_usage": True}}


def test_journal_headers_hold_only_what_is_known_and_only_ascii():
    request = ChatRequest(model="m", messages=(), session_id="Zürich")
    assert journal_headers(request) == {"x-kaizen-session": '"Z\\u00fcrich"'}
    assert journal_headers(replace(request, session_id=None), run_id="r") == {"x-kaizen-run": '"r"'}


def choice(finish_reason: str | None = "stop", **message: object) -> dict[str, object]:
    return {"index": 0, "finish_reason": finish_reason, "message": {"role": "assistant", "content": "Paris"} | message}


FINISHED = {
    "stop": "stop",
    "length": "length",
    "content_filter": "content_filter",
    "tool_calls": "tool_calls",
    "function_call": "tool_calls",
    "MAX_TOKENS": "length",
    "SAFETY": "content_filter",
    "end_turn": "stop",
    "eos": "stop",
    None: "stop",
}


@pytest.mark.parametrize(("said", "meant"), FINISHED.items())
def test_a_finish_reason_is_one_of_ours(said, meant):
    assert decode_reply(completion(choices=[choice(said)])).finish_reason == meant


def test_the_first_of_several_choices_counts():
    assert decode_reply(completion(choices=[choice(content="first"), choice(content="second"), None])).text == "first"


def test_a_refusal_is_read():
    reply = decode_reply(completion(choices=[choice(content=None, refusal="I will not.")]))
    assert (reply.text, reply.refusal) == (None, "I will not.")


def test_a_completion_without_text_is_legal():
    assert decode_reply(completion(None)).text is None


@pytest.mark.parametrize("usage", [{}, {"usage": None}])
def test_a_completion_without_usage_has_a_usage_of_zeros(usage):
    data = {name: value for name, value in completion().items() if name != "usage"} | usage
    assert decode_reply(data).usage == Usage()


def test_a_completion_without_id_and_model_is_read():
    data = {"choices": [{"message": {"content": "Paris"}}]}
    assert decode_reply(data) == ChatReply(text="Paris")


CALL = {"id": "call_1", "type": "function", "function": {"name": "f", "arguments": "{}"}}
WRONG = [
    (completion(choices=None), "null as choices, where a list belongs"),
    (completion(choices=[{}]), "null as choices[0].message, where an object belongs"),
    (completion(choices=[{"message": {}}]), "a message that holds neither content nor refusal nor tool_calls"),
    (completion(choices=[choice(content=[{"type": "text"}])]), "a list as content, where text belongs"),
    (completion(choices=[choice(content=7)]), "7 as content, where text belongs"),
    (completion(choices=[choice(refusal=True)]), "true as refusal, where text belongs"),
    (completion(choices=[choice(5)]), "5 as finish_reason, where text belongs"),
    (completion(choices=[choice(tool_calls={})]), "an object as tool_calls, where a list belongs"),
    (completion(choices=[choice(tool_calls=[None])]), "null as a tool call, where an object belongs"),
    (completion(choices=[choice(tool_calls=[CALL | {"id": None}])]), "null as a tool call's id, where text belongs"),
    (completion(choices=[choice(tool_calls=[CALL | {"function": 1}])]), "1 as a tool call's function, where an object"),
    (completion(usage={"prompt_tokens": -1}), "-1 as prompt_tokens, where a count belongs"),
    (completion(usage={"prompt_tokens": True}), "true as prompt_tokens, where a count belongs"),
    (completion(usage={"completion_tokens": "2"}), "text as completion_tokens, where a count belongs"),
    (completion(usage={"prompt_tokens_details": 3}), "3 as prompt_tokens_details, where an object belongs"),
    (completion(id=7), "7 as id, where text belongs"),
    (completion(model=["m"]), "a list as model, where text belongs"),
    ({"error": {"message": "Overloaded."}}, "an error (Overloaded.)"),
    ({"hello": "world"}, "null as choices, where a list belongs"),
]


@pytest.mark.parametrize(("data", "came"), WRONG)
def test_a_wrong_shape_is_named(data, came):
    with pytest.raises(BadResponse) as caught:
        decode_reply(data)
    assert str(caught.value).startswith(f"The provider answered with {came}")
    assert caught.value.body == data

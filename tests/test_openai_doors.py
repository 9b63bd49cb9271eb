"""Under the OpenAI SDK the doors "sdk" and "server" agree: chat, tools and responses, streamed or not, and all else."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, NamedTuple

import httpx2
import openai
import pytest
from chat_asking import SCHEMA, TOOL
from hypothesis import example, given, settings
from hypothesis import strategies as st

from kaizen_eval.errors import ScriptMiss
from kaizen_eval.fake import FAULTS, GENERATED, Exchange, FakeLLM, Reply

FLAT = {"type": "function", "strict": False} | TOOL["function"]
FORMAT = {"type": "json_schema", "json_schema": {"name": "x", "strict": True, "schema": SCHEMA}}
OF_THE_CONNECTION = {"connection", "content-length", "transfer-encoding"}
"""Headers that only a socket needs."""
CALLED = {"id": "c1", "type": "function", "function": {"name": "look", "arguments": "{}"}}
LOOP = [{"role": "assistant", "tool_calls": [CALLED]}, {"role": "tool", "tool_call_id": "c1", "content": "seen"}]
OUTPUT = [
    {"type": "function_call", "call_id": "c1", "name": "look", "arguments": "{}"},
    {"type": "function_call_output", "call_id": "c1", "output": "seen"},
]
ENDLESS = {"hang", "half_open", "hang_in_body", "stream_endless", "stream_comments"}
SLOW = {"slow_headers", "slow_body", "stream_stall"}
"""What takes its time, or never ends: held fault by fault elsewhere."""
NEEDS = {"http_status": {"status": 418}}
BEHIND_A_SOCKET = {httpx2.ConnectError: httpx2.ReadError}
"""A server that has accepted a connection cannot refuse it any more: it resets it."""

words = st.sampled_from(["hi", "Alice", "é → ß"])
chats = st.builds(
    lambda text, loop, fields: {"model": "gpt-4o", "messages": [{"role": "user", "content": text}, *loop], **fields},
    words,
    st.sampled_from([[], LOOP]),
    st.fixed_dictionaries(
        {"stream": st.booleans()},
        optional={
            "n": st.integers(1, 2),
            "max_tokens": st.integers(1, 20),
            "stop": words,
            "tools": st.just([TOOL]),
            "response_format": st.sampled_from([FORMAT, {"type": "text"}]),
            "logprobs": st.booleans(),
            "reasoning_effort": st.sampled_from(["low", "high"]),
            "temperature": st.sampled_from([0, 3]),
        },
    ),
)
responses = st.builds(
    lambda text, loop, fields: {"model": "gpt-4o", "input": [{"role": "user", "content": text}, *loop], **fields},
    words,
    st.sampled_from([[], OUTPUT]),
    st.fixed_dictionaries(
        {"stream": st.booleans()},
        optional={
            "max_output_tokens": st.integers(16, 40),
            "tools": st.just([FLAT]),
            "instructions": words,
            "store": st.booleans(),
            "top_p": st.sampled_from([0.5, 2]),
        },
    ),
)
asked = st.one_of(
    st.tuples(st.just("chat"), chats),
    st.tuples(st.just("responses"), responses),
    st.tuples(st.just("follow"), responses),
    st.tuples(st.just("embeddings"), st.fixed_dictionaries({"model": st.just("m"), "input": words})),
    st.tuples(st.just("moderations"), st.fixed_dictionaries({"input": words})),
    st.tuples(st.just("models"), st.just({})),
)
said = st.one_of(
    words,
    st.just(GENERATED),
    st.dictionaries(words, st.integers(), max_size=2),
    st.builds(Reply, tool_calls=st.just([{"name": "look", "arguments": {"q": "1"}}])),
    st.builds(Reply, refusal=words),
).map(lambda reply: ("reply", reply))
failing = st.sampled_from(sorted(FAULTS.keys() - ENDLESS - SLOW)).map(lambda name: ("fail", name))
rules = st.tuples(
    st.sampled_from([{}, {"user": "hi"}, {"stream": True}, {"tool_result": "seen"}]),
    said | failing,
    st.none() | st.just(1),
)


class Doors(NamedTuple):
    """A fake behind each, and a client before it."""

    fakes: dict[str, FakeLLM]
    clients: dict[str, openai.OpenAI]


@pytest.fixture(scope="module")
def doors() -> Iterator[Doors]:
    fakes = {door: FakeLLM(seed=1) for door in ("sdk", "server")}
    with fakes["server"].serve() as server:
        http = openai.DefaultHttpxClient(transport=fakes["sdk"].transport())
        clients = {
            "sdk": openai.OpenAI(api_key="sk-x", base_url=server.base_url, http_client=http, max_retries=0),
            "server": openai.OpenAI(api_key="sk-x", base_url=server.base_url, max_retries=0, timeout=20),
        }
        yield Doors(fakes, clients)
        for client in clients.values():
            client.close()


def scripted(fake: FakeLLM, plan: list[Any]) -> None:
    fake.reset()
    fake.forgive_misses()
    for matcher, (kind, what), limit in plan:
        when = fake.when(**matcher)
        handle = when.reply(what) if kind == "reply" else when.fail(what, **NEEDS.get(what, {}))
        if limit is not None:
            handle.times(limit)


def met(client: openai.OpenAI, kind: str, body: dict[str, Any], last: list[str]) -> object:
    """What the SDK gives for one request, headers included, or what it raises; `last` holds ids of responses."""
    if kind == "follow":
        kind, body = "responses", body | {"previous_response_id": last[-1] if last else "resp_none"}
    api: Any = {
        "chat": client.chat.completions,
        "responses": client.responses,
        "embeddings": client.embeddings,
        "moderations": client.moderations,
    }.get(kind)
    try:
        raw = client.models.with_raw_response.list() if api is None else api.with_raw_response.create(**body)
        came = raw.parse()
        if body.get("stream"):
            return _headers(raw), _events(came)
        if kind == "responses" and hasattr(came, "id"):
            last.append(came.id)
        return _headers(raw), raw.text
    except ScriptMiss as miss:  # in process a miss is told as it is
        return "miss", str(miss)
    except openai.APIStatusError as error:
        if "x-kaizen-miss" in error.response.headers:
            return "miss", error.body["message"]
        return type(error), error.status_code, error.request_id, _headers(error.response), error.response.text
    except Exception as error:  # noqa: BLE001 - whatever the SDK lets through is compared
        return _broken(error)


def _events(stream: Any) -> list[object]:
    """Of a stream, as far as it goes; what ends it is the last."""
    if isinstance(stream, str | None):
        return [stream]
    events: list[object] = []
    try:
        events += (json.dumps(event.to_dict()) for event in stream)
    except Exception as error:  # noqa: BLE001 - whatever the SDK lets through is compared
        events.append(_broken(error))
    finally:
        stream.close()
    return events


def _broken(error: Exception) -> tuple[type, type]:
    cause = type(error.__cause__)
    return type(error), BEHIND_A_SOCKET.get(cause, cause)


def _headers(came: Any) -> dict[str, str]:
    return {name: value for name, value in came.headers.items() if name not in OF_THE_CONNECTION}


def noted(fake: FakeLLM) -> list[tuple[Any, ...]]:
    """But for whether a client left before the end of what it could not read: a socket has taken all of it by then."""
    return [
        (e.number, e.request, e.endpoint, e.outcome, e.text, e.rule, e.usage, e.question, e.attempt, e.refused, _met(e))
        for e in fake.journal.exchanges
    ]


def _met(exchange: Exchange) -> str | None:
    return None if exchange.error == "CancelledError" else exchange.error


STREAMED = {"model": "gpt-4o", "messages": [{"role": "user", "content": "hi"}], "stream": True}


@pytest.mark.unmeasured
@settings(max_examples=100)
@given(st.lists(rules, max_size=3), st.lists(asked, min_size=1, max_size=4))
@example([({}, ("fail", "broken_gzip"), None)], [("chat", STREAMED)])
def test_the_doors_always_agree(doors, plan, conversation):
    came = {}
    for door, client in doors.clients.items():
        scripted(doors.fakes[door], plan)
        last: list[str] = []
        came[door] = [met(client, kind, body, last) for kind, body in conversation]
    assert came["server"] == came["sdk"]
    assert noted(doors.fakes["server"]) == noted(doors.fakes["sdk"])

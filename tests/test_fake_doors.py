"""The doors: the same script gives the same reply, error and journal behind each; and what the transport does."""

from __future__ import annotations

import asyncio
import dataclasses
import json

import httpx2
import openai
import pytest
from fake_asking import DOORS, ask, ask_all, asking
from hypothesis import given, settings
from hypothesis import strategies as st

from kaizen_eval.errors import ProviderError, ScriptMiss, UsageError
from kaizen_eval.fake import FAULTS, FakeLLM, Latency, Reply, misses
from kaizen_eval.fake.real_clock import RealClock
from kaizen_eval.messages import Message
from kaizen_eval.provider import Provider
from kaizen_eval.resilience.clock import virtual_time

SCHEMA = {
    "type": "object",
    "properties": {"answer": {"type": "string"}, "sure": {"type": "boolean"}},
    "required": ["answer", "sure"],
    "additionalProperties": False,
}

words = st.sampled_from(["hi", "Alice", "what?", "é → ß", ""])
sessions = st.sampled_from([None, "a", "b", "ü"])
requests = st.builds(
    lambda text, earlier, fields: asking(text, *earlier, **fields),
    words,
    st.lists(st.builds(Message, st.sampled_from(["system", "user", "assistant"]), words), max_size=2),
    st.fixed_dictionaries(
        {"session_id": sessions, "agent_id": st.sampled_from([None, "helper"])},
        optional={
            "model": st.sampled_from(["gpt-4o", "little"]),
            "temperature": st.floats(0, 2),
            "max_tokens": st.integers(1, 100),
            "seed": st.integers(0, 9),
            "stop": st.lists(words, max_size=2).map(tuple),
            "output_schema": st.just(SCHEMA),
            "output_mode": st.sampled_from(["schema", "json", "text"]),
        },
    ),
)
latencies = st.none() | st.builds(Latency, first=st.floats(0, 4), per_token=st.floats(0, 0.1))
said = st.one_of(
    st.text(st.characters(codec="utf-8"), max_size=12),
    st.dictionaries(words, st.integers() | words, max_size=2),
    st.builds(Reply, st.none() | words, latency=latencies),
    st.builds(Reply, tool_calls=st.just([{"name": "look", "arguments": {"q": 1}}])),
    st.builds(Reply, words, usage=st.just({"prompt": 3, "completion": 4, "cached": 2, "reasoning": 1})),
    st.just(lambda request: f"{len(request.messages)} messages of {request.session_id}"),
)
http_details = st.fixed_dictionaries(
    {"latency": latencies},
    optional={
        "retry_after": st.floats(0, 1e6),
        "retry_after_ms": st.floats(0, 1e6),
        "should_retry": st.booleans(),
        "message": words,
        "html": st.booleans(),
    },
)
failures = st.one_of(
    st.tuples(st.sampled_from(sorted(FAULTS.keys() - {"http_status"})), st.just({})),
    st.tuples(st.sampled_from(["rate_limit", "server_error", "bad_request"]), http_details),
    st.tuples(st.just("http_status"), st.fixed_dictionaries({"status": st.integers(400, 599)})),
    st.tuples(st.just("rate_limit"), st.just({"retry_after": 90.5, "retry_after_date": True})),
)
matchers = st.sampled_from([{}, {"user": "hi"}, {"user": "Alice"}, {"session": "a"}, {"turn": 2}, {"model": "little"}])
times = st.none() | st.integers(1, 2)
rules = st.tuples(matchers, said.map(lambda reply: ("reply", reply)) | failures.map(lambda f: ("fail", f)), times)
scripts = st.fixed_dictionaries(
    {"rules": st.lists(rules, max_size=3), "seed": st.integers(0, 3), "latency": latencies},
    optional={"otherwise": said},
)


def built(plan: dict) -> FakeLLM:
    """A fake with the rules of a plan."""
    fake = FakeLLM(seed=plan["seed"], latency=plan["latency"])
    for matcher, (kind, what), limit in plan["rules"]:
        when = fake.when(**matcher)
        handle = when.reply(what) if kind == "reply" else when.fail(what[0], **what[1])
        if limit is not None:
            handle.times(limit)
    if "otherwise" in plan:
        fake.otherwise(plan["otherwise"])
    fake.forgive_misses()
    return fake


def told(came: object) -> object:
    """Everything that a caller can see of what came."""
    return (type(came), str(came), vars(came)) if isinstance(came, BaseException) else came


@pytest.mark.unmeasured
@settings(deadline=None)  # the first example loads the SDK
@given(scripts, st.lists(requests, min_size=1, max_size=4))
def test_both_doors_always_agree(plan, asked):
    direct, sdk = built(plan), built(plan)
    came = ask_all(direct, *asked, door="direct")
    assert [told(one) for one in ask_all(sdk, *asked, door="sdk")] == [told(one) for one in came]
    assert sdk.journal.exchanges == direct.journal.exchanges


@pytest.mark.parametrize("door", DOORS)
def test_both_doors_are_providers(door):
    fake = FakeLLM()
    assert isinstance(fake if door == "direct" else fake.sdk(), Provider)


def test_doors_share_script_and_journal():
    fake = FakeLLM().script(["one", "two"])
    assert [ask(fake).text, ask(fake, door="sdk").text, len(fake.journal)] == ["one", "two", 2]


@pytest.mark.parametrize("door", DOORS)
def test_what_a_function_raises_comes_out_as_it_is(door):
    def broken(request):
        raise ZeroDivisionError("on purpose")

    fake = FakeLLM().otherwise(broken)
    with pytest.raises(ZeroDivisionError, match="on purpose"):
        ask(fake, door=door)
    assert [exchange.error for exchange in fake.journal.exchanges] == ["ZeroDivisionError"]


@pytest.mark.parametrize("door", DOORS)
def test_a_miss_is_a_script_miss(door):
    fake = FakeLLM()
    fake.when(user="x").reply("y")
    fake.forgive_misses()
    with pytest.raises(ScriptMiss, match="No rule of the fake is for this request: 'hello'"):
        ask(fake, door=door)
    assert [exchange.outcome for exchange in fake.journal.misses] == ["miss"]
    assert misses.take() == ()


@pytest.mark.parametrize("door", DOORS)
def test_what_utf8_cannot_hold_is_refused_before_the_fake_sees_it(door):
    fake = FakeLLM()
    with pytest.raises(UsageError, match="cannot be written as JSON in UTF-8"):
        ask(fake, "\ud83d", door=door)
    assert len(fake.journal) == 0


@pytest.mark.parametrize("door", DOORS)
def test_a_caller_that_gives_up_ends_its_exchange(door):
    fake = FakeLLM(latency=60).otherwise("late")
    [came] = ask_all(fake, asking(), door=door)
    [exchange] = fake.journal.exchanges
    assert (type(came), exchange.seconds, exchange.outcome) == (TimeoutError, 5, "cancelled")
    assert (exchange.error, exchange.text, exchange.usage) == ("CancelledError", "", None)


@pytest.mark.parametrize("door", DOORS)
def test_a_fault_that_nobody_waited_for_was_not_met(door):
    fake = FakeLLM()
    fake.fail("rate_limit", latency=60).times(1)
    fake.fail("hang", latency=1).times(1)
    fake.otherwise("hi")
    ask_all(fake, *[asking()] * 3, door=door)
    fake.assert_outcomes("cancelled", "hang", "reply")


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("slow", [{"fault": "hang"}, {"fault": "hang_in_body"}, {"fault": "garbage", "latency": 60}])
def test_inside_virtual_time_a_real_loop_is_not_kept_waiting(slow, door):
    fake = FakeLLM()
    fake.fail(**slow)
    provider = fake if door == "direct" else fake.sdk()
    with virtual_time(), pytest.raises(UsageError, match="an event loop on real time was asked to wait"):
        asyncio.run(provider.complete(asking()))


@pytest.mark.parametrize("door", DOORS)
def test_a_stream_is_refused_in_the_same_words_before_the_fake_sees_it(door):
    fake = FakeLLM()
    with pytest.raises(UsageError) as caught:
        ask(fake, stream=True, door=door)
    assert str(caught.value) == "complete() reads whole replies, and this request asks for a stream."
    assert len(fake.journal) == 0


def test_a_hundred_callers_at_once_wait_together():
    async def all_of_them(fake):
        return await asyncio.gather(*(fake.complete(asking(str(n), session_id=str(n))) for n in range(100)))

    fake = FakeLLM(latency=0.2).otherwise(lambda request: request.session_id)
    with virtual_time() as clock:
        replies = clock.run(all_of_them(fake))
        assert clock.elapsed == 0.2
    assert [reply.text for reply in replies] == [str(n) for n in range(100)]


def test_the_clock_is_the_virtual_one_where_time_is_virtual():
    fake = FakeLLM()
    with virtual_time() as clock:
        assert fake.clock is clock
    assert isinstance(fake.clock, RealClock)
    assert fake.clock.elapsed >= 0
    assert fake.clock.now > 0


def post(fake: FakeLLM, **request: object) -> httpx2.Response:
    """One HTTP request of a client that knows nothing of chat."""

    async def send():
        async with httpx2.AsyncClient(transport=fake.transport(), timeout=2) as client:
            return await client.request(**{"method": "POST", "url": "http://fake/v1/chat/completions"} | request)

    with virtual_time() as clock:
        return clock.run(send())


async def sdk_send(fake: FakeLLM, asked: dict[str, object], **options: object) -> object:
    """One call of a user's own OpenAI client."""
    body = {"model": "m", "messages": [{"role": "user", "content": "hi"}]} | asked
    http = openai.DefaultAsyncHttpxClient(transport=fake.transport())
    async with openai.AsyncOpenAI(api_key="sk-very-secret", http_client=http, **options) as client:
        return await client.chat.completions.create(**body)


def sdk_call(fake: FakeLLM, asked: dict[str, object] | None = None, **options: object) -> object:
    """The same, on virtual time."""
    with virtual_time() as clock:
        return clock.run(sdk_send(fake, asked or {}, **options))


def test_a_users_own_client_is_answered():
    assert sdk_call(FakeLLM().otherwise("hello")).choices[0].message.content == "hello"


def test_a_users_own_client_meets_its_own_errors_and_retries():
    fake = FakeLLM().otherwise("at last")
    fake.fail("server_error").times(2)
    assert sdk_call(fake).choices[0].message.content == "at last"
    fake.assert_outcomes("server_error", "server_error", "reply")


def test_fields_that_change_no_answer_are_let_through():
    asked = {"stream": False, "n": 1, "logprobs": None, "modalities": ["text"], "user": "u", "tool_choice": "none"}
    assert sdk_call(FakeLLM().otherwise("hello"), asked).choices[0].message.content == "hello"


@pytest.mark.parametrize("name", ["hang", "hang_in_body"])
def test_a_clients_read_timeout_is_honoured(name):
    fake = FakeLLM()
    fake.fail(name)
    with pytest.raises(openai.APITimeoutError):
        sdk_call(fake, timeout=3, max_retries=0)
    assert [(e.seconds, e.error) for e in fake.journal.exchanges] == [(3, "AttemptTimeout")]


@pytest.mark.parametrize("name", ["hang", "hang_in_body"])
def test_inside_virtual_time_a_clients_read_timeout_on_a_real_loop_is_not_waited_for(name):
    fake = FakeLLM()
    fake.fail(name)
    with virtual_time(), pytest.raises(UsageError, match="on real time was asked to wait 3 s, and really would"):
        asyncio.run(sdk_send(fake, {}, timeout=3, max_retries=0))


def test_a_slow_reply_meets_the_clients_read_timeout():
    fake = FakeLLM(latency=10).otherwise("late")
    with pytest.raises(openai.APITimeoutError):
        sdk_call(fake, timeout=3, max_retries=0)
    assert [(e.seconds, e.outcome, e.error, e.usage) for e in fake.journal.exchanges] == [
        (3, "cancelled", "AttemptTimeout", None)
    ]


def test_a_body_that_nobody_reads_ends_its_exchange():
    async def glance(fake):
        async with httpx2.AsyncClient(transport=fake.transport()) as client:
            body = {"model": "m", "messages": [{"role": "user", "content": "hi"}]}
            async with client.stream("POST", "http://fake/v1/chat/completions", json=body) as response:
                return response.status_code

    fake = FakeLLM()
    fake.fail("hang_in_body")
    with virtual_time() as clock:
        assert clock.run(glance(fake)) == 200
    assert [exchange.seconds for exchange in fake.journal.exchanges] == [0]


def test_no_key_reaches_the_journal():
    fake = FakeLLM().otherwise("hi")
    sdk_call(fake)
    assert "secret" not in repr(fake.journal.exchanges)
    assert [dataclasses.asdict(message)["content"] for message in fake.journal.requests[0].messages] == ["hi"]


@pytest.mark.parametrize(
    ("request_", "status", "message"),
    [
        ({"method": "GET"}, 405, "Not allowed to GET on /v1/chat/completions. (HINT: "),
        ({"url": "http://fake/v1/files"}, 404, "Invalid URL (POST /v1/files)"),
        ({"content": b"{"}, 400, "We could not parse the JSON body of your request. (HINT: "),
        ({"json": {"model": "m"}}, 400, "Missing required parameter: 'messages'."),
    ],
)
def test_what_is_no_chat_request_is_answered_as_openai_would(request_, status, message):
    fake = FakeLLM()
    fake.forgive_misses()
    response = post(fake, **request_)
    assert (response.status_code, len(fake.journal.attempts)) == (status, 0)
    assert json.loads(response.content)["error"]["message"].startswith(message)


def test_provider_errors_of_both_doors_name_the_fake_and_no_real_host():
    fake = FakeLLM()
    fake.fail("connection_refused")
    with pytest.raises(ProviderError, match=r"No answer from https://fake\.invalid/v1 \(ConnectError: All connection"):
        ask(fake)


def test_a_completion_names_its_request():
    client = openai.AsyncOpenAI(
        api_key="fake-key", http_client=openai.DefaultAsyncHttpxClient(transport=FakeLLM().transport())
    )

    async def ask_the_sdk():
        return await client.chat.completions.create(model="m", messages=[{"role": "user", "content": "Hi"}])

    with virtual_time() as clock:
        completion = clock.run(ask_the_sdk())
    assert completion._request_id == completion.id.replace("chatcmpl-", "req_")

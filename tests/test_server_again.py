"""What is remembered of requests that come again changes no answer."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from server_talk import chat, wire

from kaizen_eval.fake import FakeLLM, Latency, RateLimits, Reply
from kaizen_eval.fake.server import again
from kaizen_eval.fake.server.again import Arrivals
from kaizen_eval.fake.server.answering import FakeAnswering
from kaizen_eval.fake.server.incoming import HttpRequest, Incoming
from kaizen_eval.fake.server.settings import ServerSettings
from kaizen_eval.fake.wire.course import course
from kaizen_eval.fake.wire.events import Answer

SETTINGS = ServerSettings()


def requests(*data: bytes) -> list[HttpRequest]:
    incoming = Incoming(SETTINGS, on_continue=bool)
    for part in data:
        incoming.feed(part)
    return list(incoming.ready)


def answered(arrivals: Arrivals, request: HttpRequest) -> bytes:
    """What is sent for a request that needs no time."""
    answering = FakeAnswering(arrivals, request, bool, speed=1)
    event = answering.begin()
    data = event if isinstance(event, bytes) else b"".join(arriving.data for arriving in course(event))
    answering.finished()
    return data


def anew(fake: FakeLLM, request: HttpRequest) -> bytes:
    """The same of a fake that remembers nothing."""
    return answered(Arrivals(fake.front()), request)


def fake_with(plan: str, **options) -> FakeLLM:
    fake = FakeLLM(**options)
    fake.forgive_misses()
    if plan == "constant":
        fake.when(user="a").reply("always").times(4)
        fake.when(user="b").reply(tool_calls=[{"name": "look", "arguments": {}}])
        fake.when(user="a").reply(Reply("then", usage={"prompt": 1, "completion": 2}))
    if plan == "function":
        fake.otherwise(lambda request: f"{len(request.messages)} said")
    if plan == "faults":
        fake.fail("rate_limit").times(2)
        fake.fail("truncated_json").times(2)
        fake.when(user="a").reply("at last")
    return fake


texts = st.sampled_from(["a", "b", "c"])
fields = st.sampled_from([{}, {"n": 2}, {"temperature": 1}, {"max_tokens": 1}, {"logprobs": True}, {"stream": True}])
headers = st.sampled_from([(), ("origin: http://x",), ('x-kaizen-session: "s"',)])


@settings(max_examples=60)
@given(
    st.sampled_from(["constant", "function", "faults", "generated"]),
    st.sampled_from([{}, {"rate_limits": RateLimits(requests_per_minute=5)}]),
    st.lists(st.tuples(texts, fields, headers), min_size=1, max_size=12),
)
def test_a_request_that_comes_again_is_answered_as_if_nothing_were_remembered(plan, options, asked):
    async def both():
        remembering, forgetful = fake_with(plan, **options), fake_with(plan, **options)
        arrivals = Arrivals(remembering.front())
        for request in requests(*(chat(text, *more, **asked_for) for text, asked_for, more in asked)):
            got, wanted = answered(arrivals, request), anew(forgetful, request)
            if not options:  # else the headers tell the time until a limit is lifted
                assert got == wanted
            assert got.split(b"\r\n")[0] == wanted.split(b"\r\n")[0]
        return [
            [(e.outcome, e.text, e.rule, e.usage, e.attempt) for e in f.exchanges] for f in (remembering, forgetful)
        ]

    one, other = asyncio.run(both())
    assert one == other


def test_the_three_hundredth_time_is_like_the_first():
    async def both():
        fakes = [FakeLLM().otherwise("hi") for _ in range(2)]
        arrivals = Arrivals(fakes[0].front())
        [request] = requests(chat())
        return [(answered(arrivals, request), anew(fakes[1], request)) for _ in range(300)]

    assert [got == wanted for got, wanted in asyncio.run(both())] == [True] * 300


def test_a_stream_that_takes_its_time_takes_it_each_time():
    async def ask_often():
        arrivals = Arrivals(FakeLLM(latency=Latency(per_token=1)).otherwise("one two three").front())
        events = []
        for request in requests(*[chat(stream=True)] * 4):
            answering = FakeAnswering(arrivals, request, bool, speed=1)
            events.append(answering.begin())
            answering.finished()
        return events

    assert [isinstance(event, Answer) for event in asyncio.run(ask_often())] == [True] * 4


def test_another_latency_is_heeded_where_the_rules_are_the_same():
    async def ask_before_and_after():
        fake = FakeLLM().otherwise("hi")
        arrivals = Arrivals(fake.front())
        [request] = requests(chat())
        for _ in range(3):
            answered(arrivals, request)
        desk = arrivals.front.desk
        desk.use(desk.script.unused(), latency=Latency(first=3600))
        answering = FakeAnswering(arrivals, request, bool, speed=1)
        event = answering.begin()
        answering.gone()
        return event

    assert asyncio.run(ask_before_and_after()) is None


def test_a_long_stream_is_written_each_time_and_no_more_is_kept_than_there_is_room_for():
    async def ask_for(length: int, questions: int) -> Arrivals:
        arrivals = Arrivals(FakeLLM(keep=1).otherwise("x" * length).front())
        for number in range(questions):
            for request in requests(*[chat(str(number), stream=True)] * 2):
                answered(arrivals, request)
        return arrivals

    assert asyncio.run(ask_for(20_000, 1))._kept == 0
    kept = asyncio.run(ask_for(8000, 16))._kept
    assert 0 < kept <= again._ROOM + again._LONGEST_STREAM


def test_another_script_or_another_rule_is_heeded():
    fake = FakeLLM().otherwise("one")
    with fake.serve() as server, wire(server) as connection:

        def say() -> str:
            return [connection.send(chat()).response().text for _ in range(3)][-1]

        assert say() == "one"
        fake.otherwise("two")
        assert say() == "two"
        fake.reset()
        fake.when(user="hello").reply("three")
        assert say() == "three"


def test_an_old_client_and_one_that_leaves_are_told_so_also_the_second_time():
    with FakeLLM().otherwise("hi").serve() as server:
        for data in (chat("x", "connection: close"), chat("x", "connection: keep-alive", version="1.0")) * 3:
            with wire(server) as connection:
                assert "connection" in connection.send(data).response().headers


def test_real_ids_differ_also_where_the_request_is_the_same():
    with FakeLLM(real_ids=True).otherwise("hi").serve() as server, wire(server) as connection:
        assert len({connection.send(chat()).response().json()["id"] for _ in range(5)}) == 5


@pytest.mark.parametrize("size", [10, again._LONGEST])
def test_a_bounded_number_of_requests_is_remembered(size):
    async def ask_many():
        arrivals = Arrivals(FakeLLM(keep=1).otherwise("hi").front())
        for number in range(again._MOST + 10):
            answered(arrivals, *requests(chat(f"{number} {'x' * size}")))
        return len(arrivals._known)

    assert asyncio.run(ask_many()) == (10 if size == 10 else 0)

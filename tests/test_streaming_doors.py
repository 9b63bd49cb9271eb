"""A streamed reply behind each door: the same parts at the same instants, the same errors, the same journal."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import aclosing
from typing import Any, NamedTuple

import pytest
from chat_asking import TOOL
from fake_asking import asking
from hypothesis import given, settings
from hypothesis import strategies as st
from server_talk import until
from streams_asked import Streamed, stream_all, streamed

from kaizen_eval.errors import BadResponse, ConnectionLost, ProviderError, RequestRejected, ScriptMiss, UsageError
from kaizen_eval.fake import FAULTS, FakeLLM, Latency, Reply
from kaizen_eval.fake.doors.server import ServerDoor
from kaizen_eval.llm.openai import OpenAIProvider
from kaizen_eval.llm.streaming.accumulator import Accumulator
from kaizen_eval.llm.streaming.billing import usage_of_part
from kaizen_eval.messages import ChatDelta, ChatReply, ChatRequest, Message, Usage
from kaizen_eval.provider import StreamingProvider
from kaizen_eval.resilience.clock import virtual_time

NEEDS = {"http_status": {"status": 418}}
SLOW = {"slow_headers", "slow_body"}
"""What takes seconds, of real ones."""
ENDLESS = {"hang", "half_open", "hang_in_body", "stream_endless", "stream_comments", "stream_stall"}
HI = asking("hi", model="fake")
TOLD = asking("hi", model="gpt-4o", tools=(TOOL,))
WORDS = "One two é → 😀 three."


class Shared(NamedTuple):
    """One server and one client for all examples."""

    fake: FakeLLM
    provider: OpenAIProvider
    runner: asyncio.Runner

    def stream(self, *requests: ChatRequest, **how: Any) -> list[Streamed]:
        async def ask_them() -> list[Streamed]:
            return [await streamed(self.provider, request, **how) for request in requests]

        return self.runner.run(ask_them())


@pytest.fixture(scope="module")
def shared() -> Iterator[Shared]:
    fake = FakeLLM()
    with fake.serve(speed=1000) as server, asyncio.Runner() as runner:
        provider = OpenAIProvider("sk-x", server.base_url, journal_headers=True)
        yield Shared(fake, provider, runner)
        runner.run(provider.aclose())


def scripted(fake: FakeLLM, *plan: tuple[str, Any]) -> FakeLLM:
    """A fake that does this to the first request, that to the second, and makes up the other replies."""
    fake.reset()
    fake.forgive_misses()
    for kind, what in plan:
        when = fake.when()
        (when.reply(what) if kind == "reply" else when.fail(what, **NEEDS.get(what, {}))).times(1)
    return fake


def noted(fake: FakeLLM) -> list[tuple[object, ...]]:
    """All of the journal that is no time."""
    return [
        (
            e.number,
            e.request,
            e.outcome,
            e.error,
            e.text,
            e.rule,
            e.usage,
            e.question,
            e.attempt,
            e.refused,
            e.tool_calls,
        )
        for e in fake.journal.exchanges
    ]


def of(*plan: tuple[str, Any], asked: ChatRequest = HI, door: str = "direct", **how: Any) -> tuple[Streamed, FakeLLM]:
    fake = scripted(FakeLLM(latency=how.pop("latency", None)), *plan)
    [came] = stream_all(fake, asked, door=door, **how)
    return came, fake


def put_together(deltas: tuple[ChatDelta, ...]) -> ChatReply:
    made = Accumulator()
    for delta in deltas:
        made.add(delta)
    return made.reply()


words = st.sampled_from(["hi", "Alice", "é → ß 😀", ""])
calls = st.just([{"name": "look", "arguments": {"q": "é"}}, {"name": "book"}])
replies = st.one_of(
    words,
    st.dictionaries(words, st.integers(), max_size=2),
    st.builds(Reply, words, latency=st.sampled_from([0, 0.5, Latency(first=1, per_token=0.25)])),
    st.builds(Reply, st.none() | words, tool_calls=calls),
    st.builds(Reply, words, usage=st.just(Usage(7, 3, 2, 1))),
    st.builds(Reply, refusal=st.just("No.")),
    st.just(lambda request: f"{len(request.messages)} messages of {request.session_id}"),
)
failing = st.sampled_from(sorted(FAULTS.keys() - ENDLESS - SLOW))
plans = st.lists(st.tuples(st.just("reply"), replies) | st.tuples(st.just("fail"), failing), max_size=3)
requests = st.builds(
    lambda text, fields: ChatRequest(messages=(Message("user", text),), **fields),
    words,
    st.fixed_dictionaries(
        {"model": st.sampled_from(["fake", "gpt-4o", "o3-mini"]), "session_id": st.sampled_from([None, "a", "ü"])},
        optional={"tools": st.just((TOOL,)), "max_tokens": st.integers(1, 9), "temperature": st.sampled_from([0, 3])},
    ),
)


@pytest.mark.unmeasured
@settings(max_examples=60)
@given(plans, st.lists(requests, min_size=1, max_size=4))
def test_all_doors_always_agree_on_a_stream(shared, plan, asked):
    fakes = {door: scripted(FakeLLM(), *plan) for door in ("direct", "sdk")}
    came = {door: stream_all(fake, *asked, door=door) for door, fake in fakes.items()}
    server = scripted(shared.fake, *plan)
    over_http = [stream.told for stream in shared.stream(*asked)]
    assert over_http == [one.told for one in came["direct"]] == [one.told for one in came["sdk"]]
    assert [one.instants for one in came["direct"]] == [one.instants for one in came["sdk"]]
    assert [str(one.error) for one in came["direct"]] == [str(one.error) for one in came["sdk"]]
    assert noted(server) == noted(fakes["direct"]) == noted(fakes["sdk"])


@pytest.mark.parametrize("name", sorted(FAULTS.keys() - ENDLESS - SLOW))
def test_every_fault_is_the_same_at_all_doors(shared, name):
    direct, its = of(("fail", name), asked=TOLD)
    sdk, sdks = of(("fail", name), asked=TOLD, door="sdk")
    server = scripted(shared.fake, ("fail", name))
    [over_http] = shared.stream(TOLD)
    assert (direct.told, str(direct.error), direct.instants) == (sdk.told, str(sdk.error), sdk.instants)
    assert over_http.told == direct.told
    assert noted(server) == noted(its) == noted(sdks)
    [exchange] = its.journal.exchanges
    assert exchange.error == (None if direct.error is None else type(direct.error).__name__)


@pytest.mark.parametrize("name", sorted(ENDLESS - {"stream_endless"}))
def test_what_never_ends_is_given_up_alike_at_all_doors(shared, name):
    direct, its = of(("fail", name), patience=0.5)
    sdk, sdks = of(("fail", name), door="sdk", patience=0.5)
    server = scripted(shared.fake, ("fail", name))
    [over_http] = shared.stream(HI, patience=0.5)
    until(server.journal, lambda exchanges: [e for e in exchanges if e.ended_ns is not None])
    assert over_http.told == direct.told == sdk.told
    assert type(direct.error) is TimeoutError
    assert noted(server) == noted(its) == noted(sdks)


@pytest.mark.parametrize("name", sorted(SLOW))
def test_what_is_slow_comes_in_the_end_at_all_doors(shared, name):
    direct, its = of(("fail", name), patience=5000)
    sdk, sdks = of(("fail", name), door="sdk", patience=5000)
    server = scripted(shared.fake, ("fail", name))
    [over_http] = shared.stream(HI)
    assert over_http.told == direct.told == sdk.told
    assert noted(server) == noted(its) == noted(sdks)


@pytest.mark.parametrize("door", ["direct", "sdk"])
def test_a_stream_without_end_is_left_by_its_reader(door):
    came, fake = of(("fail", "stream_endless"), door=door, leave=500)
    [exchange] = fake.journal.exchanges
    assert (exchange.outcome, exchange.error, exchange.text) == ("stream_endless", "CancelledError", came.text)
    assert exchange.usage == usage_of_part(HI, came.text)


@given(st.tuples(st.just("reply"), replies), requests)
def test_a_streamed_reply_is_always_the_reply_that_is_not_streamed(plan, asked):
    whole, parts = scripted(FakeLLM(), plan), scripted(FakeLLM(), plan)
    [came] = stream_all(parts, asked)
    with virtual_time() as clock:
        try:
            reply = clock.run(whole.complete(asked))
        except ProviderError as error:
            assert (type(came.error), str(came.error)) == (type(error), str(error))  # noqa: PT017 - one or the other
            return
    said = put_together(came.deltas)
    assert (said.text or "", said.tool_calls, said.refusal, said.finish_reason, said.usage, said.model, said.id) == (
        reply.text or "",
        reply.tool_calls,
        reply.refusal,
        reply.finish_reason,
        reply.usage,
        reply.model,
        reply.id,
    )


@pytest.mark.parametrize("door", ["direct", "sdk"])
def test_parts_come_when_their_tokens_are_due(door):
    latency = Latency(first=2, per_token=0.5)
    came, _ = of(("reply", "One two"), door=door, latency=latency, asked=asking("hi", model="gpt-4o"))
    assert [(delta.text, at - 1000) for delta, at in zip(came.deltas, came.instants, strict=True)] == [
        ("", 2),
        ("One", 2),
        (" two", 2.5),
        ("", 3),
        ("", 3),
    ]


pace = st.sampled_from([None, Latency(first=1, per_token=0.5)])


@given(replies, requests, st.integers(1, 12), pace)
def test_whoever_leaves_a_stream_is_always_billed_for_exactly_what_came(reply, asked, leave, latency):
    came, journals = {}, {}
    for door in ("direct", "sdk"):
        came[door], fake = of(("reply", reply), asked=asked, door=door, leave=leave, latency=latency)
        journals[door] = noted(fake)
        [exchange] = fake.journal.exchanges
        so_far = Accumulator()
        for delta in came[door].deltas:
            so_far.add(delta)
        if exchange.outcome == "cancelled" and not (isinstance(reply, Reply) and reply.usage):
            part = usage_of_part(asked, so_far.text, so_far.tool_calls, refusal=so_far.refusal)
            assert (exchange.usage, exchange.error) == (so_far.usage or part, "CancelledError")
            assert exchange.text in {so_far.text, so_far.refusal} or exchange.tool_calls == so_far.tool_calls
    assert came["direct"].told == came["sdk"].told
    assert journals["direct"] == journals["sdk"]


@pytest.mark.parametrize("door", ["direct", "sdk"])
def test_a_reader_who_leaves_ends_the_exchange_at_once(door):
    asked = asking("hi", model="gpt-4o")
    came, fake = of(("reply", WORDS), asked=asked, door=door, leave=3, latency=Latency(first=1, per_token=1))
    [exchange] = fake.journal.exchanges
    assert (came.text, exchange.outcome, exchange.text) == ("One two", "cancelled", "One two")
    assert (exchange.usage, exchange.seconds) == (Usage(8, 2), 2)


@pytest.mark.parametrize("door", ["direct", "sdk"])
def test_a_reader_who_is_cancelled_is_billed_for_what_came(door):
    asked = asking("hi", model="gpt-4o")
    came, fake = of(("reply", WORDS), asked=asked, door=door, patience=2.5, latency=Latency(first=1, per_token=1))
    [exchange] = fake.journal.exchanges
    assert (type(came.error), came.text) == (TimeoutError, "One two")
    assert (exchange.outcome, exchange.error, exchange.text) == ("cancelled", "CancelledError", "One two")
    assert (exchange.usage, exchange.seconds) == (Usage(8, 2), 2.5)


@pytest.mark.parametrize("door", ["direct", "sdk"])
def test_what_was_thought_before_is_not_seen_by_whoever_leaves(door):
    _, fake = of(("reply", "One two"), asked=asking("hi", model="o3-mini"), door=door, leave=2)
    assert fake.journal.usage == Usage(8, 1)


@pytest.mark.parametrize("door", ["direct", "sdk"])
def test_before_the_first_part_nothing_is_billed(door):
    came, fake = of(("reply", WORDS), door=door, patience=0.5, latency=Latency(first=1))
    [exchange] = fake.journal.exchanges
    assert (came.deltas, exchange.outcome, exchange.usage) == ((), "cancelled", None)


def test_a_client_of_the_server_that_leaves_is_billed_for_what_was_sent(shared):
    fake, asked = scripted(shared.fake), asking("hi", model="gpt-4o")
    fake.when().reply(Reply(WORDS, latency=Latency(per_token=20_000)))  # at this server's speed, 20 s
    [came] = shared.stream(asked, leave=2)
    until(fake.journal, lambda exchanges: [e for e in exchanges if e.ended_ns is not None])
    [exchange] = fake.journal.exchanges
    assert (exchange.outcome, exchange.error) == ("cancelled", "CancelledError")
    assert (came.text, exchange.text, exchange.usage) == ("One", "One", Usage(8, 1))


@pytest.mark.parametrize("door", ["direct", "sdk"])
@pytest.mark.parametrize(("after", "text"), [(1, ""), (2, "One"), (3, "One two")])
def test_a_cut_stream_tells_what_had_arrived_and_is_billed_for_it(door, after, text):
    fake = FakeLLM()
    fake.fail("stream_cut", after=after, reply="One two three")
    asked = asking("hi", model="gpt-4o")
    [came] = stream_all(fake, asked, door=door)
    [exchange] = fake.journal.exchanges
    assert (type(came.error), came.error.received, came.text) == (ConnectionLost, text, text)
    assert (exchange.outcome, exchange.error, exchange.usage) == (
        "stream_cut",
        "ConnectionLost",
        usage_of_part(asked, text),
    )


@pytest.mark.parametrize("door", ["direct", "sdk"])
def test_a_stream_that_is_cut_before_its_first_part_had_not_begun(door):
    came, fake = of(("fail", "stream_cut"), door=door)
    assert (came.error.received, fake.journal.usage) == (None, Usage())


def test_a_stream_that_ends_in_order_but_too_early_is_no_success():
    fake = FakeLLM()
    fake.fail("stream_cut", after=2, ending="complete", reply="One two three")
    [came] = stream_all(fake, asking("hi", model="gpt-4o"))
    assert (type(came.error), came.error.received, fake.journal.exchanges[0].error) == (
        BadResponse,
        "One",
        "BadResponse",
    )


@pytest.mark.parametrize("door", ["direct", "sdk"])
def test_what_is_asked_is_a_stream_in_the_journal(door):
    _, fake = of(("reply", "yo"), door=door, asked=asking("hi", model=None))
    assert fake.journal.requests == (asking("hi", model="fake", stream=True),)


@pytest.mark.parametrize("door", ["direct", "sdk"])
def test_a_miss_and_a_refused_request_are_raised_as_without_a_stream(door):
    fake = FakeLLM()
    fake.forgive_misses()
    fake.when(user="hi").reply("yo")
    miss, refused = stream_all(fake, asking("nope"), asking("hi", temperature=3), door=door)
    assert (type(miss.error), type(refused.error)) == (ScriptMiss, RequestRejected)
    assert [(e.outcome, e.error) for e in fake.journal.exchanges] == [
        ("miss", "ScriptMiss"),
        ("refused", "RequestRejected"),
    ]


@pytest.mark.parametrize("door", ["direct", "sdk"])
def test_what_cannot_be_sent_is_refused(door):
    [came] = stream_all(FakeLLM(), asking("\ud800"), door=door)
    assert isinstance(came.error, UsageError)


@pytest.mark.parametrize("door", ["direct", "sdk"])
def test_a_rule_for_streams_alone_takes_them(door):
    fake = FakeLLM()
    fake.when(stream=True).reply("streamed")
    fake.when(stream=False).reply("whole")
    assert [came.text for came in stream_all(fake, asking(), door=door)] == ["streamed"]


@pytest.mark.parametrize("door", ["direct", "sdk"])
def test_nothing_is_asked_before_the_first_part_is_wanted(door):
    fake = FakeLLM()
    provider = fake if door == "direct" else fake.sdk()

    async def look() -> None:
        async with aclosing(provider.stream(HI)):
            pass

    with virtual_time() as clock:
        clock.run(look())
    assert fake.journal.exchanges == ()


def test_streams_side_by_side_do_not_mix():
    fake = FakeLLM(latency=Latency(per_token=1))
    fake.otherwise(lambda request: " ".join([request.messages[-1].content] * 5))

    async def both() -> list[Streamed]:
        asked = [streamed(door, asking(word)) for word in ("one", "two") for door in (fake, fake.sdk())]
        return await asyncio.gather(*asked)

    with virtual_time() as clock:
        came = clock.run(both())
    assert [stream.text for stream in came] == ["one one one one one"] * 2 + ["two two two two two"] * 2


def test_the_door_of_the_server_streams_in_any_loop():
    with FakeLLM().otherwise("yo").serve() as server:
        door = ServerDoor(server.base_url, "sk-x", model="m")
        assert [asyncio.run(streamed(door, asking(model=None))).text for _ in range(2)] == ["yo", "yo"]
        door.close()


def test_all_doors_are_providers_that_stream():
    fake = FakeLLM()
    doors = (fake, fake.sdk(), ServerDoor("http://127.0.0.1:1/v1", "k", model="m"))
    assert all(isinstance(door, StreamingProvider) for door in doors)

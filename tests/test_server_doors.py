"""The door "server" beside the others: the same script gives the same, and the socket carries out what was decided."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import NamedTuple

import pytest
from chat_asking import TOOL
from fake_asking import DOORS, ask_all, asking, outcome_of
from hypothesis import given, settings
from hypothesis import strategies as st
from server_talk import PATIENCE, Wire, chat, until, wire

from kaizen_eval.errors import ScriptError, ScriptMiss
from kaizen_eval.fake import FAULTS, FakeLLM, Fault, Reply
from kaizen_eval.fake.faults import fault_of
from kaizen_eval.fake.server.running import Serving
from kaizen_eval.fake.wire.course import Then, course
from kaizen_eval.llm.openai import OpenAIProvider
from kaizen_eval.messages import ChatReply, ChatRequest, Message, ToolCall

NEEDS = {"http_status": {"status": 418}}
TIMED = {"slow_headers", "slow_body", "stream_stall"}
"""What takes seconds, of real ones."""
ENDLESS = {"hang", "half_open", "hang_in_body", "stream_endless", "stream_comments", *TIMED}


class Shared(NamedTuple):
    """One server and one client for all examples."""

    fake: FakeLLM
    provider: OpenAIProvider
    runner: asyncio.Runner

    def ask(self, requests: list[ChatRequest], *, patience: float = PATIENCE) -> list[object]:
        async def ask_them() -> list[object]:
            return [await outcome_of(self.provider, request, patience=patience) for request in requests]

        return self.runner.run(ask_them())


@pytest.fixture(scope="module")
def shared() -> Iterator[Shared]:
    fake = FakeLLM()
    with fake.serve(speed=1000) as server, asyncio.Runner() as runner:
        provider = OpenAIProvider("sk-x", server.base_url, journal_headers=True)
        yield Shared(fake, provider, runner)
        runner.run(provider.aclose())


words = st.sampled_from(["hi", "Alice", "é → ß"])
CALLS = Message("assistant", "", (ToolCall("c1", "look", "{}"),))
SEEN = Message("tool", "seen", (), "c1")
requests = st.builds(
    lambda text, said, fields: ChatRequest(model="fake", messages=(Message("user", text), *said), **fields),
    words,
    st.sampled_from([(), (CALLS, SEEN), (CALLS, SEEN, Message("user", "and?"))]),
    st.fixed_dictionaries(
        {"session_id": st.sampled_from([None, "a", "ü"]), "agent_id": st.sampled_from([None, "helper"])},
        optional={"tools": st.just((TOOL,)), "max_tokens": st.integers(1, 9), "temperature": st.sampled_from([0, 3])},
    ),
)
said = st.one_of(
    words,
    st.dictionaries(words, st.integers(), max_size=2),
    st.builds(Reply, words, latency=st.just(0.5)),
    st.builds(Reply, tool_calls=st.just([{"name": "look", "arguments": {"q": 1}}])),
    st.just(lambda request: f"{len(request.messages)} messages of {request.session_id}"),
).map(lambda reply: ("reply", reply))
failing = st.sampled_from(sorted(FAULTS.keys() - ENDLESS)).map(lambda name: ("fail", name))
matchers = st.sampled_from([{}, {"user": "hi"}, {"session": "a"}, {"tool": "look"}, {"tool_result": "seen"}])
rules = st.tuples(matchers, said | failing, st.none() | st.just(1))


def scripted(fake: FakeLLM, plan: list) -> FakeLLM:
    fake.reset()
    fake.forgive_misses()
    for matcher, (kind, what), limit in plan:
        when = fake.when(**matcher)
        handle = when.reply(what) if kind == "reply" else when.fail(what, **NEEDS.get(what, {}))
        if limit is not None:
            handle.times(limit)
    return fake


def told(came: object) -> object:
    return came if isinstance(came, ChatReply) else type(came)


def noted(fake: FakeLLM) -> list[tuple]:
    """All of the journal that is no time."""
    return [
        (e.number, e.request, e.outcome, e.error, e.text, e.rule, e.usage, e.question, e.attempt, e.refused)
        for e in fake.journal.exchanges
    ]


@pytest.mark.unmeasured
@settings(max_examples=60)
@given(st.lists(rules, max_size=3), st.lists(requests, min_size=1, max_size=4))
def test_all_doors_always_agree(shared, plan, asked):
    fakes = {door: scripted(FakeLLM(), plan) for door in ("direct", "sdk")}
    came = {door: [told(one) for one in ask_all(fake, *asked, door=door)] for door, fake in fakes.items()}
    server = scripted(shared.fake, plan)
    assert [told(one) for one in shared.ask(asked)] == came["direct"] == came["sdk"]
    assert noted(server) == noted(fakes["direct"]) == noted(fakes["sdk"])


@pytest.mark.parametrize("name", sorted(ENDLESS))
def test_what_takes_long_or_for_ever_is_the_same_at_all_doors(shared, name):
    fakes = {door: scripted(FakeLLM(), [({}, ("fail", name), None)]) for door in DOORS}
    patience = 5000.0 if name in TIMED else 0.2
    came = {door: ask_all(fake, asking(), door=door, patience=patience) for door, fake in fakes.items()}
    server = scripted(shared.fake, [({}, ("fail", name), None)])
    [met] = shared.ask([asking(model="fake")], patience=PATIENCE if name in TIMED else 0.2)
    until(server.journal, lambda exchanges: [e for e in exchanges if e.ended_ns is not None])
    assert [told(met)] == [*map(told, came["direct"])] == [*map(told, came["sdk"])]
    assert noted(server) == noted(fakes["direct"]) == noted(fakes["sdk"])


def test_a_miss_is_a_script_miss_that_names_the_nearest_rule(shared):
    fake = scripted(shared.fake, [({"user": "hi"}, ("reply", "yo"), None)])
    [miss] = shared.ask([asking("nope", model="fake")])
    assert (type(miss), miss.nearest) == (ScriptMiss, "when(user='hi').reply(…)")
    assert "the last user message is 'nope'" in miss.differed
    assert noted(fake)[0][2:4] == ("miss", "ScriptMiss")


def test_a_miss_is_marked_and_is_not_to_be_retried(server):
    with wire(server) as connection:
        answer = connection.send(chat("nope")).response()
    assert (answer.status, answer.headers["x-kaizen-miss"], answer.headers["x-should-retry"]) == (501, "1", "false")
    error = answer.json()["error"]
    assert (error["type"], error["code"]) == ("script_miss", "script_miss")
    assert error["nearest"] in error["message"]
    assert error["differed"] in error["message"]


@pytest.mark.parametrize("text", ["nope", "boom", "later"])
def test_a_marked_answer_has_the_headers_of_all_others(server, text):
    with wire(server) as connection:
        usual, marked = (
            connection.send(chat(asked, "origin: http://page.example")).response().headers for asked in ("hi", text)
        )
    assert [name for name in usual if name not in marked] == []


@pytest.fixture
def server() -> Iterator[Serving]:
    fake = FakeLLM()
    fake.when(user="hi").reply("yo")
    fake.when(user="boom").reply(broken)
    fake.when(user="later").reply(broken_later)
    fake.forgive_misses()
    with fake.serve() as running:
        yield running


def broken(request):
    raise ZeroDivisionError("on purpose")


async def broken_later(request):
    await asyncio.sleep(0)
    raise ZeroDivisionError("on purpose")


@pytest.mark.parametrize("text", ["boom", "later"])
def test_what_a_function_raises_is_a_marked_500(server, text, caplog):
    with wire(server) as connection:
        answer = connection.send(chat(text)).response()
        assert connection.send(chat("hi")).response().text == "yo"
    assert (answer.status, answer.headers["x-kaizen-error"]) == (500, "ZeroDivisionError")
    assert answer.json()["error"]["message"] == "The script of the fake failed: ZeroDivisionError: on purpose"
    assert [record.message for record in caplog.records] == [answer.json()["error"]["message"]]
    assert [exchange.outcome for exchange in server.fake("").exchanges] == ["ZeroDivisionError", "reply"]


def test_what_a_function_raises_is_a_script_error_of_ours(shared):
    fake = scripted(shared.fake, [({}, ("reply", broken), None)])
    [came] = shared.ask([asking(model="fake")])
    assert (type(came), "ZeroDivisionError: on purpose" in str(came)) == (ScriptError, True)
    assert noted(fake)[0][2:4] == ("ZeroDivisionError", "ZeroDivisionError")


def decided(fault: Fault, request: bytes) -> tuple[bytes, Then]:
    """All bytes of the answer to a request that this fault meets, and the end; 1000 parts where there is none."""
    fake = FakeLLM()
    fake.fail(fault)
    front = fake.front()
    head, _, body = request.partition(b"\r\n\r\n")
    headers = dict(line.decode().split(": ", 1) for line in head.split(b"\r\n")[1:])
    visit = front.receive("POST", "/v1/chat/completions", headers, body)
    outcome = front.desk.at_once(front.desk.choose(visit.opened), visit.opened)
    parts = [part for part, _ in zip(course(front.answer(visit, outcome)), range(1000), strict=False)]
    return b"".join(part.data for part in parts), parts[-1].then


def met(connection: Wire, size: int) -> tuple[bytes, Then]:
    """As many bytes as were decided, and what comes after them: more, the end of the connection, or nothing yet."""
    data = connection.take(size) if size else b""
    connection.sock.settimeout(0.05)
    try:
        return data, "more" if connection.rest or connection.sock.recv(1) else "closed"
    except ConnectionResetError:
        return data, "reset"
    except TimeoutError:
        return data, "silence"
    finally:
        connection.sock.settimeout(PATIENCE)


@pytest.mark.parametrize("name", FAULTS)
def test_the_socket_carries_out_what_was_decided(name):
    fault = fault_of(name, NEEDS.get(name, {}))
    request = chat("hi", stream=FAULTS[name].is_of_streams)
    data, then = decided(fault, request)
    fake = FakeLLM()
    fake.fail(fault)
    with fake.serve(speed=1e9) as server, wire(server) as connection:
        came = met(connection.send(request), len(data))
    assert came == (data, "reset" if then == "refused" else then)

"""Agents' runs behind all three doors: who asked is known alike, in process and from another one."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from server_talk import chat, wire
from test_fake_isolation import Chat, OneForAll, leaks_in

from kaizen_eval import bridge
from kaizen_eval.core.base_agent import BaseAgent
from kaizen_eval.errors import KaizenError
from kaizen_eval.fake import FakeLLM, Reply
from kaizen_eval.fake.doors.server import ServerDoor
from kaizen_eval.fake.journal.account import NOBODY
from kaizen_eval.fake.journal.exchange import Exchange
from kaizen_eval.fake.server.running import Serving
from kaizen_eval.provider import Provider
from kaizen_eval.providers import use_llm
from kaizen_eval.resilience.clock import virtual_time
from kaizen_eval.strategies.base import Strategy

DOORS = ("direct", "sdk", "server")
AT_ONCE = {"base": 0.0}


@pytest.fixture(scope="module")
def server() -> Iterator[Serving]:
    """One for all tests; each puts its fakes behind it."""
    with FakeLLM().serve() as running:
        yield running


@contextmanager
def behind(door: str, fake: FakeLLM, server: Serving) -> Iterator[Provider]:
    """The door, installed, on the time that it has."""
    if door == "server":
        provider = server.door(fake)
        with use_llm(provider):
            yield provider
        provider.close()
        return
    with virtual_time(), use_llm(fake if door == "direct" else fake.sdk()) as provider:
        yield provider


SCRIPTS = {
    "generated": lambda fake: None,
    "constant": lambda fake: fake.otherwise({"reply": "noted"}),
    "function": lambda fake: fake.otherwise(lambda request: {"reply": f"{len(request.messages)} said"}),
    "sequence": lambda fake: fake.script([Reply(data={"reply": "first"}), {"reply": "second"}]).otherwise("{}"),
    "by session": lambda fake: (fake.when(session="a").reply({"reply": "to a"}), fake.otherwise({"reply": "…"})),
    "steps": lambda fake: (fake.when(user="I am").steps([{"reply": "one"}, {"reply": "two"}]), fake.otherwise("{}")),
    "fails once": lambda fake: fake.fail("server_error").times(1),
    "fails in each conversation": lambda fake: fake.fail("connection_reset").times(1, per="conversation"),
    "spoils": lambda fake: fake.fail("truncated_json").times(2),
    "misses": lambda fake: (fake.forgive_misses(), fake.when(user="Bob").reply({"reply": "hi, Bob"})),
}
turns = st.tuples(st.sampled_from([None, "a", "ü"]), st.sampled_from(["I am Alice", "I am Bob", "Who am I?"]))


def talked(door: str, script: str, said: list[tuple[str | None, str]], server: Serving) -> FakeLLM:
    """A fake that these runs have asked, one after the other."""
    fake = FakeLLM()
    SCRIPTS[script](fake)
    with behind(door, fake, server):
        agent = BaseAgent({"max_turns": 3, "retry": AT_ONCE, "model": "m"}, signature=Chat, agent_id="chat")
        for session, message in said:
            with suppress(KaizenError):
                agent.run(message=message, session_id=session)
    return fake


def noted(exchange: Exchange) -> tuple[Any, ...]:
    """All that two journals are compared by, except for the time."""
    compared = (exchange.number, exchange.request, exchange.outcome, exchange.error, exchange.text, exchange.rule)
    return (*compared, exchange.usage, exchange.question, exchange.attempt, exchange.endpoint)


def runs_of(fake: FakeLLM) -> list[int]:
    """Which run each exchange is of, counted from 0."""
    ids = [exchange.asker.run_id for exchange in fake.exchanges]
    return [list(dict.fromkeys(ids)).index(run_id) for run_id in ids]


@settings(max_examples=25)
@given(st.sampled_from(sorted(SCRIPTS)), st.lists(turns, min_size=1, max_size=4))
def test_the_journal_is_the_same_behind_all_doors(server, script, said):
    fakes = [talked(door, script, said, server) for door in DOORS]
    direct, sdk, served = ([noted(exchange) for exchange in fake.exchanges] for fake in fakes)
    assert direct == sdk == served
    assert runs_of(fakes[0]) == runs_of(fakes[1]) == runs_of(fakes[2])
    calls = [[[attempt.number for attempt in call] for call in fake.journal.calls] for fake in fakes]
    assert calls[0] == calls[1] == calls[2]
    assert [leaks_in(fake) for fake in fakes] == ["", "", ""]


@pytest.mark.parametrize("door", DOORS)
def test_a_memory_that_mixes_sessions_up_is_found_out_behind_every_door(server, door):
    fake = FakeLLM().otherwise({"reply": "noted"})
    with behind(door, fake, server):
        agent = BaseAgent({"max_turns": 3}, signature=Chat, memory=OneForAll())
        agent.run(message="I am Alice", session_id="a")
        agent.run(message="Who am I?", session_id="b")
    assert "session 'b' was shown 'message: I am Alice', which session 'a' asked in turn 1 (exchange 1)." in leaks_in(
        fake
    )


class Greeter(Strategy):
    """Has another agent greet, as a tool would."""

    async def execute(self, signature: Any, inputs: Any, config: Any) -> dict[str, Any]:
        greeted = await BaseAgent(signature=Chat).run_async(message=f"Greet {inputs['message']}")
        return {"reply": greeted["reply"]}


@pytest.mark.parametrize("door", DOORS)
def test_what_agents_ask_as_tools_is_the_outermost_session_s(server, door):
    fake = FakeLLM().otherwise({"reply": "hello"})
    with behind(door, fake, server):
        BaseAgent({"max_turns": 3}, signature=Chat, strategy=Greeter()).run(message="Alice", session_id="a")
    [exchange] = fake.exchanges
    assert (exchange.session_id, exchange.asker.root) == (None, "a")
    assert exchange.asker.account().said == ("Greet Alice",)


@pytest.mark.parametrize("door", DOORS)
def test_the_same_question_in_two_runs_is_two_conversations(server, door):
    fake = FakeLLM()
    with behind(door, fake, server):
        replies = [BaseAgent({"model": "m"}, signature=Chat).run(message="hi")["reply"] for _ in range(2)]
    assert (replies[0] == replies[1], [exchange.attempt for exchange in fake.exchanges]) == (True, [0, 0])


def test_runs_at_the_same_time_are_told_apart(server):
    fake = FakeLLM().otherwise({"reply": "hello"})

    async def ask(door: Provider) -> None:
        agent = BaseAgent({"model": "m"}, signature=Chat, provider=door)
        await asyncio.gather(*(agent.run_async(message=f"I am {number}") for number in range(8)))

    asyncio.run(ask(server.door(fake)))
    said = [(exchange.asker.account().said[0], exchange.asked) for exchange in fake.exchanges]
    assert sorted(said) == [(f"I am {number}", f"message: I am {number}") for number in range(8)]


def test_a_client_that_is_no_agent_of_ours_is_nobody(server):
    fake = FakeLLM().otherwise("hi")
    server.put("plain", fake)
    with wire(server) as connection:
        connection.send(chat("hello", "x-kaizen-test: plain")).response()
    assert [exchange.asker for exchange in fake.exchanges] == [NOBODY]


ELSEWHERE = """
import sys
from kaizen_eval import BaseAgent
from kaizen_eval.fake.doors.server import ServerDoor

agent = BaseAgent({"retry": {"base": 0}}, provider=ServerDoor(*sys.argv[1:], model="m"))
for question in ("a", "b"):
    agent.run(question=question)
"""


def test_runs_of_another_process_are_known_by_their_ids(server):
    fake = FakeLLM()
    fake.fail("server_error").times(1)
    server.put("elsewhere", fake)
    key = "sk-kaizen-test-elsewhere"
    subprocess.run([sys.executable, "-c", ELSEWHERE, server.base_url, key], check=True, timeout=60)
    askers = [exchange.asker for exchange in fake.exchanges]
    assert askers == [NOBODY._replace(run_id=asker.run_id) for asker in askers]
    assert (runs_of(fake), [len(call) for call in fake.journal.calls]) == ([0, 0, 1], [2, 1])


def test_a_run_that_is_over_is_forgotten_and_one_that_claims_it_is_known_by_its_id(server):
    fake = FakeLLM().otherwise({"reply": "hi"})
    with behind("server", fake, server):
        BaseAgent({"model": "m"}, signature=Chat).run(message="hello")
    run_id = fake.exchanges[0].asker.run_id
    server.put("late", fake)
    with wire(server) as connection:
        connection.send(chat("hello", "x-kaizen-test: late", f"x-kaizen-run: {json.dumps(run_id)}")).response()
    assert fake.exchanges[1].asker == NOBODY._replace(run_id=run_id)


def test_a_client_in_a_loop_of_its_own_lives_for_the_run(server):
    fake = FakeLLM()
    fake.fail("server_error").times(2)
    opened = []

    class Counting(ServerDoor):
        def _opened(self):
            opened.append(self)
            return super()._opened()

    server.put("counted", fake)
    door = Counting(server.base_url, "sk-kaizen-test-counted", model="m")
    asyncio.run(BaseAgent({"retry": AT_ONCE}, provider=door).run_async(question="?"))
    assert (len(fake.exchanges), len(opened)) == (3, 1)
    bridge.run(door.complete(fake.exchanges[0].request))
    door.close()
    assert len(opened) == 2

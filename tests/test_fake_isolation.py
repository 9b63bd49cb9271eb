"""Isolation of sessions: every planted leak is found and traced, and nothing innocent is accused."""

from __future__ import annotations

import asyncio
import json
from typing import Any, Literal

import pytest
from fake_asking import ask_all, asking
from hypothesis import given, settings
from hypothesis import strategies as st

from kaizen_eval.core.base_agent import BaseAgent
from kaizen_eval.fake import FakeLLM
from kaizen_eval.memory.base import Turn
from kaizen_eval.memory.buffer import BufferMemory
from kaizen_eval.messages import Message
from kaizen_eval.providers import use_llm
from kaizen_eval.resilience.clock import virtual_time
from kaizen_eval.signatures import InputField, OutputField, Signature
from kaizen_eval.strategies.async_single_shot import AsyncSingleShotStrategy


class Chat(Signature):
    """You chat."""

    message: str = InputField()
    reply: str = OutputField()


class Judge(Signature):
    """You judge."""

    message: str = InputField()
    mood: Literal["positive", "negative"] = OutputField()


class OneForAll(BufferMemory):
    """A memory that keeps all sessions in one."""

    async def load(self, session_id: str) -> tuple[Turn, ...]:
        return await super().load("all")

    async def append(self, session_id: str, turn: Turn) -> None:
        await super().append("all", turn)


class Remembering(AsyncSingleShotStrategy):
    """Puts what an earlier run said into the input of the next."""

    def __init__(self, template: str = "{now} (before: {before})") -> None:
        self._before = ""
        self._template = template

    def preprocess(self, inputs: Any) -> dict[str, Any]:
        before, self._before = self._before, inputs["message"]
        return {"message": self._template.format(now=inputs["message"], before=before) if before else self._before}


class Prefixed(FakeLLM):
    """A fake whose requests get one more line in the system message on the way."""

    line = ""

    async def complete(self, request):
        system, *others = request.messages
        told = Message("system", f"{system.content}\n{self.line}")
        return await super().complete(type(request)(**fields(request) | {"messages": (told, *others)}))


def fields(request) -> dict[str, Any]:
    return {name: getattr(request, name) for name in request.__dataclass_fields__}


def talk(
    *said: tuple[str | None, str], fake: FakeLLM | None = None, signature: type[Signature] = Chat, **agent: Any
) -> FakeLLM:
    """Runs one after the other, each a session and a message."""
    fake = fake or FakeLLM()
    if fake._desk.script.otherwise is None:
        fake.otherwise(lambda request: {"reply": f"I hear you, number {len(fake.journal)}"})
    with virtual_time(), use_llm(fake):
        chat = BaseAgent({"max_turns": 10, "timeout": 7200}, signature=signature, **agent)
        for session, message in said:
            chat.run(message=message, session_id=session)
    return fake


def leaks_in(fake: FakeLLM) -> str:
    """What the failing assertion says; empty when it holds."""
    try:
        fake.assert_sessions_isolated()
    except AssertionError as failed:
        return str(failed)
    return ""


def test_a_history_that_leaks_is_named_with_its_session_and_turn():
    fake = FakeLLM()
    fake.fail("rate_limit", retry_after=3600).times(1)
    fake.otherwise({"reply": "noted"})
    assert (
        leaks_in(talk(("a", "I am Alice"), ("b", "Who am I?"), fake=fake, memory=OneForAll()))
        == """\
Sessions are not isolated.
  session 'b' was shown 'message: I am Alice', which session 'a' asked in turn 1 (exchange 1).
    It is in message 2 of 4 of exchange 3, user: 'message: I am Alice'
  session 'b' was shown '{"reply": "noted"}', which session 'a' was answered in turn 1 (exchange 2).
    It is in message 3 of 4 of exchange 3, assistant: '{"reply": "noted"}'

     #   when (s)   session   asked                 outcome
 ────────────────────────────────────────────────────────────────────────────
 →   1      0.000   a         message: I am Alice   rate_limit: RateLimited
 →   2   3600.000   a         message: I am Alice   reply: {"reply": "noted"}
 →   3   3600.000   b         message: Who am I?    reply: {"reply": "noted"}"""
    )


def test_a_later_turn_that_shows_up_elsewhere_is_named_by_its_number():
    said = (("a", "I am Alice"), ("b", "I am Bob"), ("a", "I like tea"), ("b", "What do I like?"))
    text = leaks_in(talk(*said, memory=OneForAll()))
    assert "session 'b' was shown 'message: I like tea', which session 'a' asked in turn 2 (exchange 3)." in text


def test_a_text_in_the_user_message_is_found():
    text = leaks_in(talk(("a", "I am Alice"), ("b", "Who am I?"), strategy=Remembering()))
    assert "session 'b' was shown 'I am Alice', which session 'a' asked in turn 1 (exchange 1)." in text
    assert "user: 'message: Who am I? (before: I am Alice)'" in text


def test_one_line_of_a_text_is_found():
    text = leaks_in(talk(("a", "Hello\nI am Alice\nBye"), ("b", "Well?"), strategy=Remembering("{now} I am Alice")))
    assert "session 'b' was shown 'I am Alice', which session 'a' asked in turn 1" in text


def test_a_text_in_json_in_the_user_message_is_found():
    text = leaks_in(talk(("a", 'Say "é"'), ("b", "Hm?"), strategy=Remembering("{now} " + json.dumps('Say "é"'))))
    assert "session 'b' was shown 'Say \"é\"', which session 'a' asked in turn 1" in text


def test_a_text_in_the_system_message_is_found():
    fake = Prefixed()
    fake.line = "Be kind."
    talk(("a", "I am Alice"), fake=fake)
    fake.line = "Be kind. You know: I am Alice."
    talk(("b", "Who am I?"), fake=fake)
    text = leaks_in(fake)
    assert "session 'b' was shown 'I am Alice', which session 'a' asked in turn 1 (exchange 1)." in text
    assert "in message 1 of 2 of exchange 2, system:" in text


def test_instructions_that_keep_the_first_users_words_are_found():
    fake = Prefixed()
    fake.line = "You talk to Alice."
    assert "was shown 'Alice'" in leaks_in(talk(("a", "Alice"), ("b", "Who am I?"), fake=fake))


def test_an_answer_in_another_session_is_found():
    fake = FakeLLM().script([{"reply": "Your code is 4711-x"}, {"reply": "ok"}])
    text = leaks_in(talk(("a", "My code?"), ("b", "Hm?"), fake=fake, strategy=Remembering("{now} Your code is 4711-x")))
    assert "session 'b' was shown 'Your code is 4711-x', which session 'a' was answered in turn 1 (exchange 1)." in text


def test_a_run_without_a_session_is_one_of_its_own():
    text = leaks_in(talk(("a", "I am Alice"), (None, "Who am I?"), strategy=Remembering()))
    assert "the run without a session in exchange 2 was shown 'I am Alice', which session 'a' asked in turn 1" in text
    text = leaks_in(talk((None, "I am Alice"), ("b", "Who am I?"), strategy=Remembering()))
    assert "which the run without a session in exchange 1 asked in turn 1" in text


def test_a_leak_between_runs_that_overlap_is_found_in_either_direction():
    class Mixed(AsyncSingleShotStrategy):
        said: list[str] = []  # noqa: RUF012 - shared on purpose: this is the leak

        async def execute(self, signature, inputs, config):
            self.said.append(inputs["message"])
            await asyncio.sleep(1)
            return await self.llm_call(signature, {"message": " and ".join(self.said)}, config)

    async def both(agent):
        await asyncio.gather(agent.run_async("a", message="I am Alice"), agent.run_async("b", message="I am Bob"))

    fake = FakeLLM().otherwise({"reply": "ok"})
    with virtual_time() as clock, use_llm(fake):
        clock.run(both(BaseAgent({"max_turns": 2}, signature=Chat, strategy=Mixed())))
    text = leaks_in(fake)
    assert "session 'a' was shown 'I am Bob', which session 'b' asked" in text
    assert "session 'b' was shown 'message: I am Alice', which session 'a' asked" in text


def test_what_the_next_run_overwrites_while_another_waits_is_found():
    class Shared(AsyncSingleShotStrategy):
        message = ""

        async def execute(self, signature, inputs, config):
            self.message = inputs["message"]
            await asyncio.sleep(len(self.message))
            return await self.llm_call(signature, {"message": self.message}, config)

    async def both(agent):
        await asyncio.gather(agent.run_async("a", message="I am Al"), agent.run_async("b", message="I am Robert"))

    fake = FakeLLM(latency=1).otherwise({"reply": "ok"})
    with virtual_time() as clock, use_llm(fake):
        clock.run(both(BaseAgent({"max_turns": 2}, signature=Chat, strategy=Shared())))
    assert "session 'a' was shown 'message: I am Robert', which session 'b' asked in turn 1" in leaks_in(fake)


def test_nobody_is_accused_of_what_was_only_said_later():
    fake = Prefixed(latency=1).otherwise({"reply": "ok"})
    fake.line = "Be brief about it."
    assert leaks_in(talk(("a", "Hello"), ("b", "brief"), fake=fake)) == ""


def test_a_message_is_told_once_where_it_first_shows_up():
    text = leaks_in(talk(("a", "I am Alice"), ("b", "one"), ("b", "two"), ("b", "three"), strategy=Remembering()))
    assert text.count("was shown 'I am Alice'") == 1


def test_more_leaks_than_can_be_read_are_counted():
    said = [(name, f"I am {name}") for name in "abcdefgh"]
    assert "\n  … and " in leaks_in(talk(*said, memory=OneForAll()))


CONVERSATIONS = st.lists(
    st.tuples(st.sampled_from(["a", "b", None]), st.sampled_from(["hi", "this", "noted", "I am Alice", 'say "no"'])),
    max_size=5,
)
WRAPPINGS = st.sampled_from(
    [
        '{{"reply": {}}}',
        'Sure! Here it is: {{"reply": {}}} Anything else?',
        '```json\n{{\n  "reply":   {}\n}}\n```',
        '<think>hm</think>{{"reply": {},}}',
        '[{{"reply": {}}}]',
    ]
)


@settings(deadline=None)  # the first example loads the agent
@given(CONVERSATIONS, WRAPPINGS, st.sampled_from(["noted", "hi", 'é "q"\nnext', "I am Alice"]))
def test_sessions_that_are_isolated_are_never_accused(said, wrapping, reply):
    """One session's replies must be unwrapped, the others' are as the history repeats them."""
    fake = FakeLLM()
    fake.when(session="a").reply(wrapping.format(json.dumps(reply)))
    fake.otherwise({"reply": reply})
    assert leaks_in(talk(*said, fake=fake)) == ""


@settings(deadline=None)  # the first example loads the agent
@given(st.lists(st.sampled_from(["a", "b"]), min_size=2, max_size=5).filter(lambda names: len(set(names)) == 2))
def test_a_memory_that_mixes_sessions_is_always_found(names):
    said = [(name, f"I am number {place}") for place, name in enumerate(names)]
    assert leaks_in(talk(*said, memory=OneForAll())).startswith("Sessions are not isolated.")


def test_the_same_words_in_two_sessions_are_nobodys_leak():
    assert leaks_in(talk(("a", "What is AI?"), ("b", "What is AI?"), ("a", "Thanks"), ("b", "Thanks"))) == ""


@pytest.mark.parametrize(
    ("said", "template"),
    [("hi", "{now} in this house"), ("art", "{now}, party"), ("a", "{now} as a poet"), ("Ünal", "{now} Ünalan")],
)
def test_a_part_of_a_word_is_nobodys_leak(said, template):
    assert leaks_in(talk(("a", said), ("b", "Well?"), strategy=Remembering(template))) == ""


def test_words_that_every_prompt_holds_are_nobodys_leak():
    fake = Prefixed(latency=1)
    fake.line = "Be brief about it."
    assert leaks_in(talk(("c", "Hello"), ("a", "brief"), ("b", "Who am I?"), fake=fake)) == ""


def test_words_of_the_prompt_that_a_model_repeats_are_nobodys_leak():
    fake = Prefixed().otherwise({"reply": "brief"})
    fake.line = "Be brief about it."
    assert leaks_in(talk(("a", "Hello"), ("b", "Well?"), fake=fake)) == ""


def test_without_spaces_between_words_a_text_is_still_found():
    assert "was shown '我是爱丽丝'" in leaks_in(
        talk(("a", "我是爱丽丝"), ("b", "谁?"), strategy=Remembering("{now}她说{before}吧"))
    )


def test_what_a_repair_made_of_ones_own_reply_is_no_leak():
    fake = FakeLLM().script(['{"mood":"POSITIVE"}', {"mood": "positive"}, {"mood": "negative"}, {"mood": "negative"}])
    said = (("a", "one"), ("b", "two"), ("a", "three"), ("b", "four"))
    assert leaks_in(talk(*said, fake=fake, signature=Judge)) == ""


def test_words_of_ones_own_schema_are_nobodys_leak():
    fake = FakeLLM().otherwise({"mood": "positive"})
    asking = Remembering("{now} Is that positive?")
    assert leaks_in(talk(("a", "one"), ("b", "two"), fake=fake, signature=Judge, strategy=asking)) == ""


def test_an_agent_asked_as_a_tool_belongs_to_the_run_that_asks_it():
    class Asking(AsyncSingleShotStrategy):
        async def execute(self, signature, inputs, config):
            helper = BaseAgent(signature=Chat)
            found = await helper.run_async(message=f"Look up: {inputs['message']}")
            return await self.llm_call(signature, {"message": f"{inputs['message']} ({found['reply']})"}, config)

    fake = talk(("a", "Rome"), ("b", "Oslo"), strategy=Asking())
    assert (leaks_in(fake), len(fake.journal)) == ("", 4)


def test_outside_of_runs_the_last_user_message_is_taken_for_new_input():
    fake = FakeLLM().otherwise("noted")
    earlier = (Message("user", "I am Alice"), Message("assistant", "noted"))
    ask_all(fake, asking("I am Alice", session_id="a"), asking("Who?", *earlier, session_id="b"))
    assert "session 'b' was shown 'I am Alice', which session 'a' asked in turn 1 (exchange 1)." in leaks_in(fake)


def test_outside_of_runs_a_sessions_own_history_is_no_leak():
    fake = FakeLLM().otherwise("noted")
    earlier = (Message("user", "I am Alice"), Message("assistant", "noted"))
    requests = (asking("I am Alice", session_id="a", system="Be nice."), asking("I am Alice", session_id="b"))
    ask_all(fake, *requests, asking("Who?", *earlier, session_id="a"), asking("Who?", *earlier, session_id="b"))
    assert leaks_in(fake) == ""

"""Who is told all that happens in the runs of a block."""

from __future__ import annotations

import asyncio

from kaizen_eval import BaseAgent, FakeLLM
from kaizen_eval.events import AttemptEnded, AttemptStarted, Event, Exchanged, ReplyParsed, RunEnded, RunStarted
from kaizen_eval.resilience.clock import virtual_time
from kaizen_eval.witnesses import witnessed_by

TOLD = [RunStarted, AttemptStarted, AttemptEnded, Exchanged, ReplyParsed, RunEnded]


class Told:
    def __init__(self) -> None:
        self.events: list[Event] = []

    def on_event(self, event: Event) -> None:
        self.events.append(event)

    @property
    def kinds(self) -> list[type[Event]]:
        return [type(event) for event in self.events]

    @property
    def said(self) -> list[tuple[str, str | None]]:
        exchanged = [event for event in self.events if isinstance(event, Exchanged)]
        return [(e.request.messages[-1].content, e.reply and e.reply.text) for e in exchanged]


def agent(**parts) -> BaseAgent:
    return BaseAgent(provider=FakeLLM().otherwise("hi"), **parts)


def test_a_witness_is_told_prompts_and_replies():
    told = Told()
    with witnessed_by(told):
        agent().run(question="Hello?")
    assert (told.kinds, told.said) == (TOLD, [("question: Hello?", "hi")])


def test_an_observer_is_not():
    told = Told()
    agent(config={"observer": told}).run(question="Hello?")
    assert told.kinds == [kind for kind in TOLD if kind is not Exchanged]


def test_outside_of_its_block_it_is_told_nothing():
    told = Told()
    with witnessed_by(told):
        pass
    agent().run(question="Hello?")
    assert told.events == []


def test_each_task_has_witnesses_of_its_own():
    asked = agent()

    async def witnessed(question: str) -> list[tuple[str, str | None]]:
        told = Told()
        with witnessed_by(told):
            await asked.run_async(question=question)
        return told.said

    async def both() -> list[list[tuple[str, str | None]]]:
        return await asyncio.gather(witnessed("One?"), witnessed("Two?"))

    assert asyncio.run(both()) == [[("question: One?", "hi")], [("question: Two?", "hi")]]


def test_a_failed_attempt_tells_what_it_raised():
    told = Told()
    llm = FakeLLM()
    llm.fail("rate_limit", retry_after=30).times(1)
    llm.otherwise("hi")
    with witnessed_by(told), virtual_time():
        BaseAgent(provider=llm).run(question="Hello?")
    exchanged = [event for event in told.events if isinstance(event, Exchanged)]
    assert [(e.attempt, type(e.failure).__name__, e.reply and e.reply.text) for e in exchanged] == [
        (1, "RateLimited", None),
        (2, "NoneType", "hi"),
    ]

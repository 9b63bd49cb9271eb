"""The state machine of conversations: agents of ours keep to it, and memories that are wrong do not."""

from __future__ import annotations

import pytest
from hypothesis import Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from kaizen_eval import (
    BaseAgent,
    BufferMemory,
    FallbackStrategy,
    InputField,
    OutputField,
    RefineStrategy,
    SelfConsistencyStrategy,
    Signature,
)
from kaizen_eval.generators.conversing import conversations

FEW = settings(
    max_examples=15,
    stateful_step_count=12,
    deadline=None,
    database=None,
    derandomize=True,
    phases=[Phase.generate],  # that a failure is found is what is looked at, not the smallest one
)


class QA(Signature):
    """Answer the question."""

    question: str = InputField()
    answer: str = OutputField()


def try_out(*, strategy=None, memory=None):
    def agent(llm):
        own = None if memory is None else memory()
        return BaseAgent({"max_turns": 2, "model": "m"}, provider=llm, signature=QA, strategy=strategy, memory=own)

    run_state_machine_as_test(conversations(agent), settings=FEW)


@pytest.mark.unmeasured
@pytest.mark.parametrize(
    "strategy", [None, SelfConsistencyStrategy(2), FallbackStrategy("other"), RefineStrategy()], ids=repr
)
def test_our_strategies_keep_every_conversation(strategy):
    try_out(strategy=strategy)


@pytest.mark.unmeasured
def test_an_agent_that_takes_whatever_is_given_keeps_every_conversation():
    run_state_machine_as_test(conversations(), settings=FEW)


class OneSession(BufferMemory):
    async def load(self, session_id):
        return await super().load("all")

    async def append(self, session_id, turn):
        await super().append("all", turn)


class NeverForgets(BufferMemory):
    async def clear(self, session_id):
        pass


class Backwards(BufferMemory):
    async def load(self, session_id):
        return tuple(reversed(await super().load(session_id)))


@pytest.mark.parametrize("memory", [OneSession, NeverForgets, Backwards])
def test_a_memory_that_is_wrong_is_found_out(memory):
    with pytest.raises(AssertionError, match="it must be shown"):
        try_out(memory=memory)


class RemembersFailures(BaseAgent):
    async def run_async(self, /, session_id=None, **inputs):
        try:
            return await super().run_async(session_id, **inputs)
        except Exception:
            await super().run_async(session_id, **inputs)
            raise


def test_an_agent_that_remembers_failed_turns_is_found_out():
    machine = conversations(lambda llm: RemembersFailures({"max_turns": 2, "model": "m"}, provider=llm, signature=QA))
    with pytest.raises(AssertionError, match="it must be shown"):
        run_state_machine_as_test(machine, settings=FEW)

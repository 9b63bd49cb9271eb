"""A state machine of conversations: sessions, turns, failures, cancellations, clears, runs that overlap."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from typing import Any, ClassVar

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from kaizen_eval.core.base_agent import BaseAgent
from kaizen_eval.core.result import RunResult
from kaizen_eval.errors import RunError
from kaizen_eval.fake import GENERATED, FakeLLM, Fault, Generated, Latency
from kaizen_eval.generators.going_wrong import PERMANENT
from kaizen_eval.generators.values import inputs
from kaizen_eval.llm import prompt
from kaizen_eval.messages import ChatRequest, Message
from kaizen_eval.resilience.clock import virtual_time
from kaizen_eval.signatures import AnySignature

__all__ = ["Conversations", "conversations"]

_SESSIONS = st.sampled_from(["a", "b", "c"])


def _usual(llm: FakeLLM) -> BaseAgent:
    return BaseAgent({"max_turns": 2}, provider=llm)


def conversations(agent: Callable[[FakeLLM], BaseAgent] = _usual) -> type[Conversations]:
    """A state machine for `.TestCase`, or for `hypothesis.stateful.run_state_machine_as_test`.

    After each step it knows what every session must remember, and holds each run's first request against that: the
    last `max_turns` turns that succeeded, in order, and nothing of other sessions.

    Args:
        agent: makes one with memory, on the fake that it is given; unless given, a BaseAgent as it comes.
    """
    return type("Conversations", (Conversations,), {"agent_of": staticmethod(agent)})


class Conversations(RuleBasedStateMachine):
    """Made by `conversations`."""

    agent_of: ClassVar[Callable[[FakeLLM], BaseAgent]]

    def __init__(self) -> None:
        super().__init__()
        self.llm = FakeLLM().otherwise(GENERATED)
        self.agent = type(self).agent_of(self.llm)
        self.remembered: dict[str, list[tuple[Message, ...]]] = defaultdict(list)
        """By session: the messages of each turn that succeeded since it was cleared."""
        self._open = ExitStack()
        self.clock = self._open.enter_context(virtual_time())

    def teardown(self) -> None:
        self._open.close()

    @property
    def _inputs(self) -> st.SearchStrategy[dict[str, Any]]:
        signature = self.agent.signature
        # In a session an agent refuses to be asked nothing where it takes whatever is given.
        return inputs(signature).filter(bool) if signature is AnySignature else inputs(signature)

    @rule(session=_SESSIONS, data=st.data())
    def ask(self, session: str, data: st.DataObject) -> None:
        """A turn that succeeds."""
        self.clock.run(self._asked(session, data.draw(self._inputs, label="inputs")))

    @rule(session=_SESSIONS, fault=st.sampled_from(PERMANENT), data=st.data())
    def fail(self, session: str, fault: Fault, data: st.DataObject) -> None:
        """A turn that fails leaves nothing; a strategy may recover, and then it is one that succeeded."""
        given = data.draw(self._inputs, label="inputs")
        self.llm.fail(fault).times(1)
        self.clock.run(self._failed(session, given))

    @rule(session=_SESSIONS, data=st.data())
    def cancel(self, session: str, data: st.DataObject) -> None:
        """A turn that is given up leaves nothing."""
        given = data.draw(self._inputs, label="inputs")
        self.llm.when().reply(Generated(latency=Latency(first=5))).times(1)
        self.clock.run(self._given_up(session, given))

    @rule(sessions=st.lists(_SESSIONS, min_size=2, max_size=4), data=st.data())
    def overlap(self, sessions: list[str], data: st.DataObject) -> None:
        """Turns at the same time; those of one session are served in the order asked."""
        given = [data.draw(self._inputs, label="inputs") for _ in sessions]
        self.clock.run(self._all(list(zip(sessions, given, strict=True))))

    @precondition(lambda self: any(self.remembered.values()))
    @rule(session=_SESSIONS)
    def clear(self, session: str) -> None:
        """A session that is cleared begins anew."""
        self.clock.run(self.agent.memory.clear(session))
        self.remembered[session].clear()

    @invariant()
    def no_request_is_left_open(self) -> None:
        _require(all(exchange.ended_ns is not None for exchange in self.llm.exchanges), "A request was left open.")

    async def _asked(self, session: str, given: Mapping[str, Any]) -> None:
        await self._all([(session, given)])

    async def _all(self, asks: Sequence[tuple[str, Mapping[str, Any]]]) -> None:
        seen = len(self.llm.exchanges)
        results = await asyncio.gather(*(self.agent.run_async(session, **given) for session, given in asks))
        first = self._first_requests(seen)
        for (session, given), result in zip(asks, results, strict=True):
            self._hold(session, first[session].pop(0))
            self._remember(session, given, result)

    async def _failed(self, session: str, given: Mapping[str, Any]) -> None:
        try:
            result = await self.agent.run_async(session, **given)
        except RunError:
            return
        self._remember(session, given, result)

    async def _given_up(self, session: str, given: Mapping[str, Any]) -> None:
        task = asyncio.create_task(self.agent.run_async(session, **given))
        await asyncio.sleep(1)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        _require(task.cancelled(), "A run that was cancelled went on.")

    def _first_requests(self, seen: int) -> dict[str, list[ChatRequest]]:
        """By session, the first request of each run since then, in the order asked."""
        first: dict[str | None, ChatRequest] = {}
        for exchange in self.llm.exchanges[seen:]:
            first.setdefault(exchange.asker.run_id, exchange.request)
        by_session: dict[str, list[ChatRequest]] = defaultdict(list)
        for request in first.values():
            by_session[request.session_id or ""].append(request)
        return by_session

    def _hold(self, session: str, request: ChatRequest) -> None:
        turns = self.remembered[session]
        most = self.agent.config.max_turns
        wanted = [message for turn in (turns if most is None else turns[-most:]) for message in turn]
        shown = [message for message in request.messages if message.role != "system"]
        _require(
            shown[:-1] == wanted,
            f"The next turn of session {session!r} was shown {_told(shown[:-1])}; it must be shown {_told(wanted)}.",
        )

    def _remember(self, session: str, given: Mapping[str, Any], result: RunResult) -> None:
        signature = self.agent.signature
        self.remembered[session].append(prompt.turn(signature, signature.bind(given), result.outputs).messages)


def _require(holds: object, text: str) -> None:
    if not holds:
        raise AssertionError(text)


def _told(messages: Sequence[Message]) -> str:
    return "; ".join(f"{message.role}: {message.content!r}" for message in messages) or "nothing"

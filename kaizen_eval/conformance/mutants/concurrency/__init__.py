"""Broken on purpose: runs beside each other, and the same again."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from uuid import uuid4

from kaizen_eval.config import AgentConfig
from kaizen_eval.conformance.mutant import Mutant
from kaizen_eval.conformance.subject import REFERENCE, Subject
from kaizen_eval.core.base_agent import BaseAgent
from kaizen_eval.core.result import RunResult
from kaizen_eval.errors import ProviderError
from kaizen_eval.messages import ChatReply, ChatRequest, Message
from kaizen_eval.signatures import Signature
from kaizen_eval.strategies.base import Strategy
from kaizen_eval.strategies.traits import Traits

__all__ = [
    "MUTANTS",
    "ComputesInTheLoop",
    "Counting",
    "FromASet",
    "Hashed",
    "LastInputs",
    "LastResult",
    "Numbered",
    "OneShot",
    "Prefixed",
    "RemembersForAll",
    "Shuffled",
    "SleepsBeforeRetries",
    "SleepsInTheLoop",
    "Timestamped",
    "WithASetOfRules",
    "WithCounter",
    "WithHashes",
    "WithNumbers",
    "WithShuffledRules",
    "WithTimestamps",
]


class OneShot(Strategy):
    """One call, as strategies are written; to be broken by subclasses."""

    traits = Traits(calls_per_run=1)

    async def execute(
        self, signature: type[Signature], inputs: Mapping[str, Any], config: AgentConfig
    ) -> dict[str, Any]:
        return self.postprocess(await self.llm_call(signature, self.preprocess(inputs), config))


class LastInputs(OneShot):
    """Keeps the inputs on itself, and asks after it has waited for something."""

    inputs: Mapping[str, Any]

    async def execute(
        self, signature: type[Signature], inputs: Mapping[str, Any], config: AgentConfig
    ) -> dict[str, Any]:
        self.inputs = inputs
        await asyncio.sleep(0.01)  # looks something up
        return await self.llm_call(signature, self.inputs, config)


class LastResult(OneShot):
    """Keeps the result on itself, and returns it after it has waited for something."""

    result: dict[str, Any]

    async def execute(
        self, signature: type[Signature], inputs: Mapping[str, Any], config: AgentConfig
    ) -> dict[str, Any]:
        self.result = await self.llm_call(signature, inputs, config)
        await asyncio.sleep(0.5)  # stores it somewhere
        return self.result


class Prefixed:
    """A provider that puts a system message before each request; what it says is for subclasses."""

    name = "prefixed"

    def __init__(self, inner: Any) -> None:
        self.inner = inner

    def words(self, request: ChatRequest) -> str:
        raise NotImplementedError

    async def complete(self, request: ChatRequest) -> ChatReply:
        message = Message("system", self.words(request))
        reply: ChatReply = await self.inner.complete(replace(request, messages=(message, *request.messages)))
        return reply

    async def aclose(self) -> None:
        await self.inner.aclose()


class Counting(Prefixed):
    asked = 0

    def words(self, request: ChatRequest) -> str:  # noqa: ARG002 - what every request gets
        self.asked += 1
        return f"This is question number {self.asked}."


class Timestamped(Prefixed):
    def words(self, request: ChatRequest) -> str:  # noqa: ARG002 - what every request gets
        return f"The time is {time.time()}."  # not the run's clock


class Numbered(Prefixed):
    def words(self, request: ChatRequest) -> str:  # noqa: ARG002 - what every request gets
        return f"Conversation {uuid4()}."


class Shuffled(Prefixed):
    def words(self, request: ChatRequest) -> str:  # noqa: ARG002 - what every request gets
        rules = ["Be brief.", "Be kind.", "Be exact.", "Be honest.", "Be calm.", "Name sources."]
        random.shuffle(rules)
        return " ".join(rules)


class FromASet(Prefixed):
    def words(self, request: ChatRequest) -> str:  # noqa: ARG002 - what every request gets
        return " ".join({"Be brief.", "Be kind.", "Be exact.", "Be honest.", "Be calm.", "Name sources."})


class Hashed(Prefixed):
    def words(self, request: ChatRequest) -> str:
        return f"Key {hash(request.messages[-1].content) % 10_000}."


class WithCounter(BaseAgent):
    def __init__(self, config: AgentConfig, **parts: Any) -> None:
        super().__init__(config, provider=Counting(config.provider), **parts)


class WithTimestamps(BaseAgent):
    def __init__(self, config: AgentConfig, **parts: Any) -> None:
        super().__init__(config, provider=Timestamped(config.provider), **parts)


class WithNumbers(BaseAgent):
    def __init__(self, config: AgentConfig, **parts: Any) -> None:
        super().__init__(config, provider=Numbered(config.provider), **parts)


class WithShuffledRules(BaseAgent):
    def __init__(self, config: AgentConfig, **parts: Any) -> None:
        super().__init__(config, provider=Shuffled(config.provider), **parts)


class WithASetOfRules(BaseAgent):
    def __init__(self, config: AgentConfig, **parts: Any) -> None:
        super().__init__(config, provider=FromASet(config.provider), **parts)


class WithHashes(BaseAgent):
    def __init__(self, config: AgentConfig, **parts: Any) -> None:
        super().__init__(config, provider=Hashed(config.provider), **parts)


class RemembersForAll(BaseAgent):
    """Keeps the first answer that it ever got, for whatever is asked later."""

    first: RunResult | None = None

    async def run_async(self, /, session_id: str | None = None, **inputs: Any) -> RunResult:
        if self.first is None:
            self.first = await super().run_async(session_id, **inputs)
        return self.first


class SleepsInTheLoop(OneShot):
    """Keeps below a rate, the blocking way."""

    async def execute(
        self, signature: type[Signature], inputs: Mapping[str, Any], config: AgentConfig
    ) -> dict[str, Any]:
        time.sleep(0.03)  # noqa: ASYNC251 - that is the mistake
        return await super().execute(signature, inputs, config)


class SleepsBeforeRetries(OneShot):
    """Tries again by itself, the blocking way."""

    async def execute(
        self, signature: type[Signature], inputs: Mapping[str, Any], config: AgentConfig
    ) -> dict[str, Any]:
        once = replace(config, retry=replace(config.retry, attempts=1))
        try:
            return await super().execute(signature, inputs, once)
        except ProviderError:
            time.sleep(0.03)  # noqa: ASYNC251 - that is the mistake
            return await super().execute(signature, inputs, config)


class ComputesInTheLoop(OneShot):
    """Does in the loop what belongs in a thread."""

    def postprocess(self, result: Mapping[str, Any]) -> dict[str, Any]:
        until = time.thread_time() + 0.15
        while time.thread_time() < until:
            pass
        return dict(result)


def _of(strategy: type[Strategy], name: str, what: str, *, breaks: str, words: tuple[str, ...]) -> Mutant:
    return Mutant(subject=replace(Subject.of(strategy), name=name), what=what, breaks=breaks, words=words)


def _agents(agent: type[BaseAgent], name: str, what: str, *, breaks: str, words: tuple[str, ...]) -> Mutant:
    subject = Subject(name=name, factory=agent, traits=REFERENCE.traits)
    return Mutant(subject=subject, what=what, breaks=breaks, words=words)


_AGAIN: dict[str, Any] = {"breaks": "concurrency.same-bytes", "words": ("Request 1 differs the second time",)}
_ELSEWHERE: dict[str, Any] = {
    "breaks": "concurrency.other-process",
    "words": ("Request 1 differs in another process (PYTHONHASHSEED=",),
}

MUTANTS: tuple[Mutant, ...] = (
    _of(
        LastInputs,
        "shares-inputs-between-runs",
        "It keeps the inputs on the strategy: a run that comes meanwhile exchanges them.",
        breaks="concurrency.together",
        words=("makes other requests together than one after the other",),
    ),
    _of(
        LastResult,
        "shares-results-between-runs",
        "It keeps the result on the strategy: a run that comes meanwhile exchanges it.",
        breaks="concurrency.together",
        words=("gives another result together than one after the other",),
    ),
    _agents(
        WithCounter,
        "counts-runs-in-the-prompt",
        "It says in each prompt how many there were.",
        breaks="concurrency.alone",
        words=("makes other requests after 1 other run than alone", "question number 2"),
    ),
    _agents(
        RemembersForAll,
        "answers-as-the-first-time",
        "It gives to everybody what it answered first.",
        breaks="concurrency.alone",
        words=("than alone, 0 instead of 1",),
    ),
    _agents(WithTimestamps, "writes-the-time-into-prompts", "It says in each prompt what time it is.", **_AGAIN),
    _agents(WithNumbers, "writes-an-id-into-prompts", "It says in each prompt an id that is made up.", **_AGAIN),
    _agents(WithShuffledRules, "shuffles-its-prompts", "It gives its rules in an order that is drawn.", **_AGAIN),
    _agents(WithASetOfRules, "takes-prompts-from-a-set", "It gives its rules in the order of a set.", **_ELSEWHERE),
    _agents(WithHashes, "writes-a-hash-into-prompts", "It writes the hash of a text into its prompts.", **_ELSEWHERE),
    _of(
        SleepsInTheLoop,
        "blocks-the-loop",
        "It sleeps in the event loop before it asks.",
        breaks="concurrency.loop",
        words=("held the event loop", "waited without an await"),
    ),
    _of(
        SleepsBeforeRetries,
        "blocks-the-loop-before-retries",
        "It sleeps in the event loop before it tries again.",
        breaks="concurrency.loop",
        words=("held the event loop", "waited without an await"),
    ),
    _of(
        ComputesInTheLoop,
        "computes-in-the-loop",
        "It computes for long in the event loop.",
        breaks="concurrency.loop",
        words=("held the event loop", "computed without an await"),
    ),
)

"""Agents and strategies that are broken on purpose in what they remember."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from typing import Any

from kaizen_eval.config import AgentConfig
from kaizen_eval.conformance.mutant import Mutant
from kaizen_eval.conformance.subject import REFERENCE, Subject
from kaizen_eval.core.base_agent import BaseAgent
from kaizen_eval.core.result import RunResult
from kaizen_eval.llm import prompt
from kaizen_eval.memory.base import Turn
from kaizen_eval.messages import Message
from kaizen_eval.signatures import Signature
from kaizen_eval.strategies.base import Strategy
from kaizen_eval.strategies.traits import Traits

__all__ = ["AGENTS", "DefaultSession", "OwnRequests", "StartsAnew", "StoresFailures", "StoresTheQuestionFirst"]


class StoresFailures(BaseAgent):
    """Wants the model to know what it was asked, also when it failed."""

    async def run_async(self, /, session_id: str | None = None, **inputs: Any) -> RunResult:
        try:
            return await super().run_async(session_id, **inputs)
        except (Exception, asyncio.CancelledError) as error:
            if session_id is not None:
                said = Message("user", _words(inputs)), Message("assistant", f"Failed: {type(error).__name__}")
                await self.memory.append(session_id, Turn(said))
            raise


class StoresTheQuestionFirst(BaseAgent):
    """Writes down what it is asked before it asks the model."""

    async def run_async(self, /, session_id: str | None = None, **inputs: Any) -> RunResult:
        if session_id is not None:
            await self.memory.append(session_id, Turn((Message("user", _words(inputs)),)))
        return await super().run_async(session_id, **inputs)


class StartsAnew(BaseAgent):
    """Clears a session in which something went wrong."""

    async def run_async(self, /, session_id: str | None = None, **inputs: Any) -> RunResult:
        try:
            return await super().run_async(session_id, **inputs)
        except (Exception, asyncio.CancelledError):
            if session_id is not None:
                await self.memory.clear(session_id)
            raise


class DefaultSession(BaseAgent):
    """Has a session for those who name none."""

    async def run_async(self, /, session_id: str | None = None, **inputs: Any) -> RunResult:
        return await super().run_async(session_id or "default", **inputs)


class OwnRequests(Strategy):
    """Builds the request by itself."""

    traits = Traits(calls_per_run=1)

    async def execute(
        self, signature: type[Signature], inputs: Mapping[str, Any], config: AgentConfig
    ) -> dict[str, Any]:
        request = prompt.build(signature, signature.bind(inputs), config=config)
        provider: Any = config.provider
        reply = await provider.complete(request)
        return signature.check({"response": reply.text} if signature.free_text else json.loads(reply.text))


def _words(inputs: Mapping[str, Any]) -> str:
    return "\n".join(f"{name}: {value}" for name, value in inputs.items())


def _mutant(name: str, agent: type[BaseAgent], what: str, *, breaks: str, words: tuple[str, ...]) -> Mutant:
    subject = Subject(name=name, factory=agent, traits=REFERENCE.traits)
    return Mutant(subject=subject, what=what, breaks=breaks, words=words)


AGENTS: tuple[Mutant, ...] = (
    _mutant(
        "stores-failed-turns",
        StoresFailures,
        "It remembers runs that failed.",
        breaks="memory.failed-turns",
        words=("which failed (",),
    ),
    _mutant(
        "forgets-after-a-failure",
        StartsAnew,
        "It clears a session in which a run failed.",
        breaks="memory.failed-turns",
        words=("lacks",),
    ),
    _mutant(
        "stores-the-question-before-the-answer",
        StoresTheQuestionFirst,
        "It remembers a question before it is answered, and again with the answer.",
        breaks="memory.turns",
        words=("holds its own input as an earlier turn",),
    ),
    _mutant(
        "default-session",
        DefaultSession,
        "Runs without a session share one that is called default.",
        breaks="memory.no-session",
        words=("no session", "holds"),
    ),
    Mutant(
        subject=Subject(
            name="history-never-reaches-the-prompt", factory=Subject.of(OwnRequests).factory, traits=OwnRequests.traits
        ),
        what="Its strategy builds the request by itself, without the session's turns.",
        breaks="memory.turns",
        words=("lacks", "found: nothing"),
    ),
)

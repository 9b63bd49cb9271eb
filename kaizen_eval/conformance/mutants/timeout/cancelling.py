"""Broken on purpose: what is left of a run that has ended, or was cancelled."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from kaizen_eval.config import AgentConfig
from kaizen_eval.conformance.asking import Question
from kaizen_eval.conformance.mutant import Mutant
from kaizen_eval.conformance.mutants.making import Wrapping, of_provider, of_strategy
from kaizen_eval.messages import ChatReply, ChatRequest
from kaizen_eval.resilience.clock import sleep
from kaizen_eval.signatures import Signature
from kaizen_eval.strategies.async_single_shot import AsyncSingleShotStrategy
from kaizen_eval.strategies.traits import Traits

__all__ = ["MUTANTS"]


class _CancellationAsResult(AsyncSingleShotStrategy):
    async def execute(
        self, signature: type[Signature], inputs: Mapping[str, Any], config: AgentConfig
    ) -> dict[str, Any]:
        try:
            return await super().execute(signature, inputs, config)
        except asyncio.CancelledError:
            return {"answer": "cancelled"}


class _CatchesEverything(AsyncSingleShotStrategy):
    async def execute(
        self, signature: type[Signature], inputs: Mapping[str, Any], config: AgentConfig
    ) -> dict[str, Any]:
        """Tries once more whatever went wrong, also where its caller wants no more of it."""
        try:
            return await super().execute(signature, inputs, config)
        except:  # noqa: E722 - that is what is wrong with it
            return await super().execute(signature, inputs, config)


class _Shielded(Wrapping):
    async def complete(self, request: ChatRequest) -> ChatReply:
        """A request that was begun is not wasted."""
        return await asyncio.shield(super().complete(request))


class _HeartBeats(AsyncSingleShotStrategy):
    async def execute(
        self, signature: type[Signature], inputs: Mapping[str, Any], config: AgentConfig
    ) -> dict[str, Any]:
        """Shows that it is alive, for ever."""
        beating = asyncio.create_task(_beat(), name="heartbeat")
        outputs = await super().execute(signature, inputs, config)
        beating.cancel()
        return outputs


async def _beat() -> None:
    while True:
        await sleep(1)


class _GathersCarelessly(AsyncSingleShotStrategy):
    traits = Traits(calls_per_run=2)

    async def execute(
        self, signature: type[Signature], inputs: Mapping[str, Any], config: AgentConfig
    ) -> dict[str, Any]:
        """When the first call fails, the second goes on for nobody."""
        calls = [super(_GathersCarelessly, self).llm_call(signature, inputs, config) for _ in range(2)]
        first, _ = await asyncio.gather(*calls)
        return first


MUTANTS: tuple[Mutant, ...] = (
    of_strategy(
        "cancellation-as-result",
        _CancellationAsResult,
        "Swallows CancelledError and returns.",
        breaks="timeout.cancels-the-request",
        words=("the run was to raise CancelledError; it returned",),
        signature=Question,
    ),
    of_strategy(
        "catches-everything",
        _CatchesEverything,
        "Swallows CancelledError and goes on.",
        breaks="timeout.cancels-the-request",
        words=("its client gave up",),
    ),
    of_provider(
        "shields-the-request",
        _Shielded,
        "Lets a request go on that nobody waits for any more.",
        breaks="timeout.cancels-the-request",
        words=("was open for ever after its client gave up",),
    ),
    of_strategy(
        "leaks-a-task",
        _HeartBeats,
        "Leaves a task behind when a run fails.",
        breaks="timeout.leaves-nothing",
        words=("Tasks that are still there: heartbeat",),
    ),
    of_strategy(
        "gathers-carelessly",
        _GathersCarelessly,
        "Leaves its other calls running when one has failed.",
        breaks="timeout.leaves-nothing",
        words=("Tasks that are still there:",),
    ),
)

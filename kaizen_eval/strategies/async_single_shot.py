"""AsyncSingleShotStrategy: one call, no more."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kaizen_eval.config import AgentConfig
from kaizen_eval.signatures import Signature
from kaizen_eval.strategies.base import Strategy
from kaizen_eval.strategies.traits import Traits

__all__ = ["AsyncSingleShotStrategy"]


class AsyncSingleShotStrategy(Strategy):
    """The default: preprocess, one call, postprocess."""

    traits = Traits(calls_per_run=1)

    async def execute(
        self, signature: type[Signature], inputs: Mapping[str, Any], config: AgentConfig
    ) -> dict[str, Any]:
        return self.postprocess(await self.llm_call(signature, self.preprocess(inputs), config))

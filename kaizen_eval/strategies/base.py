"""Strategy: how a run asks the model."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any

from kaizen_eval.config import AgentConfig
from kaizen_eval.signatures import Signature
from kaizen_eval.strategies.call import call
from kaizen_eval.strategies.traits import Traits

__all__ = ["Strategy"]


class Strategy(ABC):
    """Subclass and write `execute`; usually preprocess, one or more `llm_call`s, postprocess.

    One instance may serve many runs at the same time: keep what belongs to a run in local variables.
    """

    traits: Traits = Traits()
    """What laws may expect of it; a class attribute, or one of an instance whose arguments decide it."""

    @abstractmethod
    async def execute(
        self, signature: type[Signature], inputs: Mapping[str, Any], config: AgentConfig
    ) -> dict[str, Any]:
        """From inputs to outputs. Called directly, outside a run, it has no session, history or metrics."""

    def preprocess(self, inputs: Mapping[str, Any]) -> dict[str, Any]:
        """Inputs as the model shall see them; as they are, unless overridden."""
        return dict(inputs)

    def postprocess(self, result: Mapping[str, Any]) -> dict[str, Any]:
        """Outputs as the caller shall see them; as they are, unless overridden."""
        return dict(result)

    async def llm_call(
        self, signature: type[Signature], inputs: Mapping[str, Any], config: AgentConfig
    ) -> dict[str, Any]:
        """One call: prompt, attempts, parse, check, under the run's deadline, or config.timeout outside a run.

        A reply that does not fit is asked for again, as a new call, `config.output_retries` times.

        Raises:
            InputError: before any request.
            RunError: the model did not answer as asked.
        """
        return await call(signature, inputs, config)

    def __repr__(self) -> str:
        return f"{type(self).__name__}()"

"""Broken on purpose: what comes of trying again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kaizen_eval.config import AgentConfig
from kaizen_eval.conformance.asking import Question
from kaizen_eval.conformance.mutant import Mutant
from kaizen_eval.conformance.mutants.making import of_strategy
from kaizen_eval.conformance.mutants.retry.own_loop import OwnLoop
from kaizen_eval.errors import ProviderError
from kaizen_eval.signatures import Signature

__all__ = ["MUTANTS"]


class _FirstCause(OwnLoop):
    def cause(self, failures: list[ProviderError]) -> Exception:
        """What it began with tells most."""
        return failures[0]


class _OwnError(OwnLoop):
    def cause(self, failures: list[ProviderError]) -> Exception:
        return RuntimeError(f"The model did not answer: {failures[-1]}")


class _FailureAsResult(OwnLoop):
    async def execute(
        self, signature: type[Signature], inputs: Mapping[str, Any], config: AgentConfig
    ) -> dict[str, Any]:
        """Whoever calls it need not catch anything."""
        try:
            return await super().execute(signature, inputs, config)
        except ProviderError as error:
            return {"answer": f"Error: {error}"}


class _AsksTwice(OwnLoop):
    async def llm_call(
        self, signature: type[Signature], inputs: Mapping[str, Any], config: AgentConfig
    ) -> dict[str, Any]:
        """To be sure: only what is said twice is true."""
        await super().llm_call(signature, inputs, config)
        return await super().llm_call(signature, inputs, config)


MUTANTS: tuple[Mutant, ...] = (
    of_strategy(
        "raises-the-first-cause",
        _FirstCause,
        "Raises what the first attempt met, not the last.",
        breaks="retry.last-cause",
        words=("The last attempt met", "the run raised"),
    ),
    of_strategy(
        "raises-its-own-error",
        _OwnError,
        "Raises an error of its own, which nobody who reads the guide catches.",
        breaks="retry.last-cause",
        words=("The last attempt met", "the run raised RuntimeError"),
    ),
    of_strategy(
        "failure-as-result",
        _FailureAsResult,
        "Makes a result of a failure.",
        breaks="retry.last-cause",
        words=("No attempt was answered, and the run returned", "Error: "),
        signature=Question,
    ),
    of_strategy(
        "repeats-a-success",
        _AsksTwice,
        "Asks again after an answer, to be sure.",
        breaks="retry.success-once",
        words=("was an answer, and the same was asked again",),
    ),
)

"""Broken on purpose: strategies and providers that read in a reply what it does not say."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from typing import Any

from kaizen_eval.config import AgentConfig
from kaizen_eval.conformance.asking import Question
from kaizen_eval.conformance.mutant import Mutant
from kaizen_eval.conformance.mutants.making import Wrapping, of_provider, of_strategy
from kaizen_eval.errors import ReplyDoesNotFit
from kaizen_eval.messages import ChatReply, ChatRequest
from kaizen_eval.signatures import InputField, OutputField, Signature
from kaizen_eval.strategies.async_single_shot import AsyncSingleShotStrategy

__all__ = ["MUTANTS", "Survey"]


class Survey(Signature):
    """Count, and say how sure you are."""

    question: str = InputField()
    answer: str = OutputField()
    confidence: float = OutputField()
    count: int = OutputField()


class _ProseAsAnswer(AsyncSingleShotStrategy):
    async def llm_call(
        self, signature: type[Signature], inputs: Mapping[str, Any], config: AgentConfig
    ) -> dict[str, Any]:
        try:
            return await super().llm_call(signature, inputs, config)
        except ReplyDoesNotFit as error:
            return {"answer": error.reply or ""}


class _FirstObject(Wrapping):
    async def complete(self, request: ChatRequest) -> ChatReply:
        """Reads from the first brace on, as far as it is JSON."""
        reply = await super().complete(request)
        text = reply.text or ""
        try:
            found, _ = json.JSONDecoder().raw_decode(text, text.index("{"))
        except ValueError:
            return reply
        return dataclasses.replace(reply, text=json.dumps(found))


class _RepairsEverything(Wrapping):
    async def complete(self, request: ChatRequest) -> ChatReply:
        """Whatever comes is made JSON of, with something in each field."""
        from json_repair import loads  # noqa: PLC0415 - only this mutant needs it

        reply = await super().complete(request)
        found: Any = loads(reply.text or "")
        if not isinstance(found, dict):
            return reply
        whole = {"answer": "", "confidence": 0.5, "count": 0, **found}
        return dataclasses.replace(reply, text=json.dumps(whole))


MUTANTS: tuple[Mutant, ...] = (
    of_strategy(
        "prose-as-answer",
        _ProseAsAnswer,
        "Takes whatever the model says for the answer, when it cannot be read.",
        breaks="signature.meant-or-error",
        words=("The reply", "; the run returned"),
        signature=Question,
    ),
    of_provider(
        "first-json-object",
        _FirstObject,
        "Takes the first JSON object for the answer, which is a draft.",
        breaks="signature.last-object",
        words=("The reply", "means", "; the run returned"),
    ),
    of_provider(
        "repairs-everything",
        _RepairsEverything,
        "Repairs every reply, also one that breaks off or says two things.",
        breaks="signature.meant-or-error",
        words=("The reply", "; the run returned"),
        signature=Survey,
    ),
)

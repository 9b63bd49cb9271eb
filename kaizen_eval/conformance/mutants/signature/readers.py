"""Broken on purpose: strategies that make an answer of what is none."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from kaizen_eval.config import AgentConfig
from kaizen_eval.conformance.asking import Question
from kaizen_eval.conformance.mutant import Mutant
from kaizen_eval.conformance.mutants.making import of_strategy
from kaizen_eval.errors import EmptyReply, OutputTruncated, Refused
from kaizen_eval.signatures import Signature
from kaizen_eval.strategies.async_single_shot import AsyncSingleShotStrategy

__all__ = ["MUTANTS"]


class _RepairsTruncated(AsyncSingleShotStrategy):
    async def llm_call(
        self, signature: type[Signature], inputs: Mapping[str, Any], config: AgentConfig
    ) -> dict[str, Any]:
        try:
            return await super().llm_call(signature, inputs, config)
        except OutputTruncated as cut:
            return _closed(cut.reply or "")


def _closed(text: str) -> dict[str, Any]:
    """With whatever is missing at its end."""
    for ending in ("", "}", '"}', '""}', ': ""}', '": ""}'):
        try:
            return dict(json.loads(text + ending))
        except ValueError:
            continue
    return {}


class _RefusalAsAnswer(AsyncSingleShotStrategy):
    async def llm_call(
        self, signature: type[Signature], inputs: Mapping[str, Any], config: AgentConfig
    ) -> dict[str, Any]:
        try:
            return await super().llm_call(signature, inputs, config)
        except Refused as refused:
            return {"answer": str(refused.body)}


class _EmptyAsAnswer(AsyncSingleShotStrategy):
    async def llm_call(
        self, signature: type[Signature], inputs: Mapping[str, Any], config: AgentConfig
    ) -> dict[str, Any]:
        """No answer is an answer, too."""
        try:
            return await super().llm_call(signature, inputs, config)
        except EmptyReply:
            return {"answer": ""}


MUTANTS: tuple[Mutant, ...] = (
    of_strategy(
        "repairs-truncated-output",
        _RepairsTruncated,
        "Closes what was cut at the token limit, and takes it for the answer.",
        breaks="signature.unusable-replies",
        words=("The model's replies were all no answer (", "length", "); the run returned"),
        signature=Question,
    ),
    of_strategy(
        "refusal-as-answer",
        _RefusalAsAnswer,
        "Takes a refusal for the answer.",
        breaks="signature.unusable-replies",
        words=("The model's replies were all no answer (", "refusal", "); the run returned"),
        signature=Question,
    ),
    of_strategy(
        "empty-reply-as-answer",
        _EmptyAsAnswer,
        "Takes an empty reply for the answer.",
        breaks="signature.unusable-replies",
        words=("The model's replies were all no answer (", "empty", "); the run returned"),
        signature=Question,
    ),
)

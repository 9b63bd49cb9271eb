"""One turn of an answer: the outputs, with what its witness has seen on the way."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from kaizen_eval.evals.answer import AnsweredTurn

if TYPE_CHECKING:
    from kaizen_eval.evals.running.witness import Witness

__all__ = ["answered_turn"]


def answered_turn(witness: Witness, outputs: Mapping[str, Any], *, at: float, ms: float) -> AnsweredTurn:
    """`at` and `ms`: when it began in its trial, and how long it took, in milliseconds."""
    at, ms = round(at, 3), round(ms, 3)
    if not witness.attempts_begun and not witness.has_tools:
        return AnsweredTurn(outputs=outputs, at=at, ms=ms)
    return AnsweredTurn(
        outputs=outputs,
        at=at,
        ms=ms,
        usage=witness.usage,
        cost=witness.cost,
        attempts=witness.attempts,
        tools=witness.tools,
    )

"""What a log holds as JSON objects, and back."""

from __future__ import annotations

import math
from decimal import Decimal
from typing import Any, Final

from kaizen_eval.evals.answer import Answer, AnsweredTurn, SeenAttempt, SeenTool
from kaizen_eval.evals.case import Case, CaseTurn, Limits
from kaizen_eval.evals.happening import Ended
from kaizen_eval.evals.log.layout import Layout, Part, listed, optional
from kaizen_eval.evals.log.values import plain
from kaizen_eval.evals.manifest import Manifest
from kaizen_eval.evals.outcome import Outcome
from kaizen_eval.evals.score import Scored
from kaizen_eval.evals.trial import Failure, Trial, TrialRecord
from kaizen_eval.messages import Usage

__all__ = ["BRIEF", "CASE", "ENDED", "MANIFEST", "RECORD"]


def _as_it_is(raw: Any) -> Any:
    """Lines that hold what JSON does not know are restored as a whole, before they come here."""
    return raw


def _written_number(held: float) -> float | str:
    return held if math.isfinite(held) else repr(held)


def _written_text(held: str) -> str:
    return held if held.__class__ is str else str(held)


_VALUE = Part(plain, _as_it_is)
_VALUES = listed(_VALUE)
_TEXTS = Part(list, tuple)
_TEXT = Part(_written_text, _as_it_is)
_NUMBER = Part(_written_number, float)
_MAYBE_NUMBER = optional(_NUMBER)
_EXACT = optional(Part(str, Decimal))
_USAGE = Layout(Usage).part
_ATTEMPT = Layout(
    SeenAttempt,
    at=_NUMBER,
    ms=_NUMBER,
    messages=_VALUES,
    text=_TEXT,
    tool_calls=_VALUES,
    usage=_USAGE,
    cost=_EXACT,
    first_token_ms=_NUMBER,
    waited_ms=_NUMBER,
)
_TOOL = Layout(SeenTool, at=_NUMBER, ms=_NUMBER)
_UNREAD_ATTEMPT = SeenAttempt(agent="", call=0, attempt=0, at=0.0, ms=0.0)
_UNREAD_TOOL = SeenTool(agent="", call=0, tool="", id="", arguments="", at=0.0, ms=0.0)


def _answer(attempts: Part, tools: Part) -> Part:
    turn = Layout(
        AnsweredTurn,
        outputs=_VALUE,
        at=_NUMBER,
        ms=_NUMBER,
        usage=_USAGE,
        cost=_EXACT,
        attempts=attempts,
        tools=tools,
    )
    return Layout(Answer, turns=listed(turn.part), ms=_NUMBER).part


def _record(answer: Part) -> Layout[TrialRecord]:
    return Layout(
        TrialRecord,
        trial=Part(list, lambda raw: Trial(*raw)),
        outcome=Part(lambda outcome: outcome.value, Outcome),
        scores=listed(_SCORED.part),
        answer=answer,
        failure=Layout(Failure, message=_TEXT, traceback=_TEXT).part,
        began=_NUMBER,
    )


def _counted(unread: Any) -> Part:
    return Part(list, lambda raw: (unread,) * len(raw))


_SCORED = Layout(Scored, value=_MAYBE_NUMBER, weight=_NUMBER, reason=_TEXT, error=_TEXT, cost=_EXACT, usage=_USAGE)
_LIMITS = Layout(Limits, cost=_EXACT, seconds=_NUMBER)
_CASE_TURN = Layout(CaseTurn, inputs=_VALUE, expected=_VALUE)

MANIFEST: Final = Layout(Manifest, scorers=_VALUES, scorer_names=_TEXTS, settings=_VALUE, labels=_VALUE)
CASE: Final = Layout(
    Case,
    inputs=_VALUE,
    expected=_VALUE,
    turns=listed(_CASE_TURN.part),
    tags=_TEXTS,
    limits=_LIMITS.part,
    scorers=_VALUES,
)
RECORD: Final = _record(_answer(listed(_ATTEMPT.part), listed(_TOOL.part)))
BRIEF: Final = _record(_answer(_counted(_UNREAD_ATTEMPT), _counted(_UNREAD_TOOL)))
"""Read only: what was said is not read, and attempts and tools can be counted, no more."""
ENDED: Final = Layout(Ended, seconds=_NUMBER, cost=_EXACT)

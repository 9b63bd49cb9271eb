"""Answers made by hand, and what scorers say of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kaizen_eval.evals import Answer, AnsweredTurn, Case, CaseTurn, Scored
from kaizen_eval.evals.scorers import judged, scorers_from


def case(expected: Mapping[str, Any] | None = None, **settings: Any) -> Case:
    return Case(inputs={"question": "Which town?"}, expected=expected, **settings)


def answered(*outputs: Mapping[str, Any], **settings: Any) -> Answer:
    """A turn for each; the settings are those of the last."""
    turns = [AnsweredTurn(outputs=each) for each in outputs[:-1]]
    return Answer(turns=(*turns, AnsweredTurn(outputs=outputs[-1], **settings)))


def conversation(*expected: Mapping[str, Any] | None) -> Case:
    return Case(
        turns=[CaseTurn(inputs={"question": f"{number}?"}, expected=each) for number, each in enumerate(expected)]
    )


def scores(specs: Any, asked: Case, answer: Answer) -> tuple[Scored, ...]:
    """Of scorers that wait for nothing: without a loop, which is quicker."""
    try:
        judged(scorers_from(specs), asked, answer).send(None)
    except StopIteration as ended:
        return ended.value
    raise AssertionError("a scorer waits")


def score(spec: Any, asked: Case, answer: Answer) -> Scored:
    [one] = scores([spec], asked, answer)
    return one


def compared(spec: Any, expected: Any, came: Any) -> Scored:
    """Of one field, `town`."""
    return score(spec, case({"town": expected}), answered({"town": came}))


def found(spec: Any, came: Any) -> Scored:
    """By a scorer that says itself what is wanted of the only output, `town`."""
    return score(spec, case(), answered({"town": came}))

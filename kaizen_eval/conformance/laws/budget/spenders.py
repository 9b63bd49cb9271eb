"""Situations in which something is spent, for the laws of budgets."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy

from kaizen_eval.conformance.asking import asks, signatures
from kaizen_eval.conformance.situation import Saying, Situation
from kaizen_eval.conformance.subject import Subject
from kaizen_eval.fake import Empty, Generated, RateLimit
from kaizen_eval.fake.timing.latency import Latency
from kaizen_eval.messages import Usage

__all__ = ["COST", "SECONDS", "SOURCE", "TOKENS", "one_at_a_time", "spenders"]

SOURCE = "docs/budgets.md"
_REPLIES = 16
_USAGES = (Usage(prompt=100, completion=10), Usage(prompt=10, completion=300), Usage(prompt=500, cached=400))

TOKENS = st.sampled_from([1, 100, 250, 1000]).map(lambda most: {"max_tokens": most})
COST = st.sampled_from([Decimal("0.0001"), Decimal("0.001"), Decimal("0.005")]).map(lambda most: {"max_cost": most})
SECONDS = st.sampled_from([0.0001, 0.001, 0.01]).map(lambda most: {"max_seconds": most})


_Kind = Callable[[float], Saying]
_EMPTY: _Kind = lambda seconds: Empty(latency=seconds)  # noqa: E731 - one kind beside the other
_LIMITED: _Kind = lambda seconds: RateLimit(latency=seconds)  # noqa: E731 - one kind beside the other


def _answers(usage: Usage) -> _Kind:
    return lambda seconds: Generated(latency=Latency(first=seconds), usage=usage)


def _timed(kinds: Sequence[_Kind]) -> tuple[Saying, ...]:
    """No two sums of such latencies are the same: what ends just when something else begins has led to it."""
    return tuple(kind(0.0001 * 2**place) for place, kind in enumerate(kinds))


@st.composite
def spenders(
    draw: DrawFn, subject: Subject, budgets: SearchStrategy[Mapping[str, Any]], *, failing: bool = True
) -> Situation:
    """Runs of two sessions that spend from one budget.

    Args:
        draw: given by hypothesis.
        subject: what is judged.
        budgets: arguments of the Budget, without `per`.
        failing: whether an attempt or two fail; a reply without words is billed.
    """
    signature, budget = draw(signatures(subject)), draw(budgets)
    per = draw(st.sampled_from(["session", "process", "session", "run"]))
    run = st.builds(replace, asks(signature), session=st.sampled_from(["a", "b"]))
    kinds = [_answers(draw(st.sampled_from(_USAGES)))] * _REPLIES
    for place in draw(st.lists(st.integers(0, 2), min_size=1, max_size=2, unique=True)) if failing else ():
        kinds.insert(place, draw(st.sampled_from([_EMPTY, _LIMITED])))
    return Situation(
        signature=signature,
        asks=tuple(draw(st.lists(run, min_size=2, max_size=4))),
        script=_timed(kinds),
        config={"budget": {**budget, "per": per}},
        together=draw(st.booleans()),
    )


def one_at_a_time(situation: Situation) -> Situation:
    return replace(situation, together=False)

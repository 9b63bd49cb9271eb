"""Voting: the same grader asked several times, and what most of its votes say."""

from __future__ import annotations

from collections import Counter
from collections.abc import Awaitable, Callable, Hashable, Iterable, Sequence
from typing import Any, Generic, NamedTuple, TypeVar

from kaizen_eval.errors import CannotJudge, KaizenError
from kaizen_eval.evals.grading.bill import Bill
from kaizen_eval.resilience.batch import gather_bounded
from kaizen_eval.witnesses import witnessed_by

__all__ = ["Majority", "majority", "voted"]

_AT_ONCE = 5
_Vote = TypeVar("_Vote")
_Said = TypeVar("_Said", bound=Hashable)


class Majority(NamedTuple, Generic[_Said]):
    """How a vote ended."""

    leaders: tuple[_Said, ...]
    """What most say; several where as many say each."""
    votes: int
    """For each of them."""
    of: int

    def __str__(self) -> str:
        return f"{self.votes} of {self.of} votes"


def majority(said: Sequence[_Said]) -> Majority[_Said]:
    """Of at least one vote; the order in which they came is no matter."""
    counts = Counter(said)
    most = max(counts.values())
    return Majority(tuple(sorted(one for one in counts if counts[one] == most)), most, len(said))  # type: ignore[type-var]  # numbers, as all callers have


async def voted(name: str, asks: Iterable[Callable[[], Awaitable[_Vote]]]) -> tuple[list[_Vote], Bill]:
    """All votes, in order, and what they cost.

    Raises:
        CannotJudge: one of them could not be had; it tells what was spent all the same.
    """
    bill = Bill()

    async def one(ask: Callable[[], Awaitable[Any]]) -> Any:
        with witnessed_by(bill):
            return await ask()

    try:
        return await gather_bounded(one, list(asks), limit=_AT_ONCE), bill
    except KaizenError as error:
        said = f"{name}: the grader gave no grade ({type(error).__name__}: {error})"
        raise CannotJudge(said, usage=bill.usage, cost=bill.cost) from error

"""Scorers as users write them, in a module of their own."""

from __future__ import annotations

from dataclasses import dataclass

from kaizen_eval.evals import Score


class Polite:
    """A plain class."""

    name = "polite"

    def __init__(self, *, word="please", threshold=1.0):
        self.word = word
        self.threshold = threshold

    async def score(self, case, answer, /):
        return Score(float(self.word in answer["town"]))

    def __eq__(self, other):
        return vars(self) == vars(other)

    __hash__ = None


@dataclass(frozen=True)
class Short:
    limit: int = 5
    name: str = "short"

    async def score(self, case, answer, /):
        return Score(float(len(answer["town"]) <= self.limit))


thanks = Polite(word="thanks")


def is_town(town):
    return town["town"] in {"Paris", "Lyon"}


async def as_expected(expected, outputs):
    return (1.0, "the same") if expected == outputs else (0.25, "another")


def no_scorer():
    return True


class Nameless:
    async def score(self, case, answer, /):
        return Score(1.0)


A_NUMBER = 3


def same_town(town):
    """A task."""
    return {"town": town}

"""Graded: a model gives points by a rubric, or beside a reference."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from dataclasses import field as _field
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

from kaizen_eval.checks import text_or_none, whole
from kaizen_eval.errors import CannotJudge
from kaizen_eval.evals.grading.asking import Grading
from kaizen_eval.evals.grading.grader import grader_of
from kaizen_eval.evals.grading.shown import asked_of, expected_of, outputs_of
from kaizen_eval.evals.grading.voting import majority, voted
from kaizen_eval.evals.score import Score
from kaizen_eval.evals.scorers.compared import checked_field, fields_named
from kaizen_eval.evals.scorers.settings import Settings

if TYPE_CHECKING:
    from kaizen_eval.core.base_agent import BaseAgent
    from kaizen_eval.evals.answer import Answer
    from kaizen_eval.evals.case import Case

__all__ = ["Graded"]

_SAME = "The answer says what the reference says."


class _Vote(NamedTuple):
    points: float
    reasoning: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Graded(Settings):
    """The points that most votes give, as a share of the best; the mean of those that as many give.

    The last answer is judged; of cases with several turns, the grader is shown the whole conversation. What the case
    expects is its reference. Where there is neither a rubric nor a reference, nothing is judged.
    """

    kind: ClassVar[str] = "graded"
    about: ClassVar[str] = "rubric"
    asks_a_model: ClassVar[bool] = True

    rubric: str | None = None
    """What a good answer is; without it, one that says what the reference says."""
    graded_by: Any = None
    """An agent, its class, or `module:Name`, with the fields of `Grading`; None: one of this package."""
    config: Mapping[str, Any] | None = None
    """Of the grader of this package, such as `{model: …}`; an AgentConfig's settings."""
    votes: int = 1
    """How often it is asked. One that cannot be had is an error of this scorer."""
    best: int = 1
    """The most points: 1 asks for right or wrong."""
    field: str | Sequence[str] | None = None
    """The outputs that are shown; None: all."""
    _grader: BaseAgent = _field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        text_or_none("rubric of graded", self.rubric)
        whole("votes of graded", self.votes, least=1)
        whole("best of graded", self.best, least=1)
        object.__setattr__(self, "field", checked_field(self.kind, self.field))
        object.__setattr__(self, "_grader", grader_of(self.graded_by, self.config, Grading))
        Settings.__post_init__(self)

    @property
    def grader(self) -> BaseAgent:
        """Who is asked."""
        return self._grader

    async def score(self, case: Case, answer: Answer, /) -> Score | None:
        fields = fields_named(self.field)
        reference = expected_of(case, fields)
        if not self.rubric and not reference:
            return None
        given = {
            "asked": asked_of(case, answer, fields),
            "answer": outputs_of(answer.outputs, fields),
            "rubric": self.rubric or _SAME,
            "reference": reference,
            "best": self.best,
        }
        inputs = {name: given[name] for name in self._grader.signature.input_fields if name in given}
        votes, bill = await voted(self.name, [lambda: self._vote(inputs)] * self.votes)
        return self._score(votes, bill)

    async def _vote(self, inputs: Mapping[str, Any]) -> _Vote:
        said = await self._grader.run_async(**inputs)
        points = said["points"]
        if isinstance(points, bool) or not isinstance(points, int | float) or not 0 <= points <= self.best:
            raise CannotJudge(f"it gave {points!r} points, and there are from 0 to {self.best}")
        return _Vote(points, str(said.get("reasoning", "")))

    def _score(self, votes: Sequence[_Vote], bill: Any) -> Score:
        most = majority([vote.points for vote in votes])
        points = sum(most.leaders) / len(most.leaders)
        why = next(vote.reasoning for vote in votes if vote.points in most.leaders)
        agreed = f", by {most}" if self.votes > 1 else ""
        reason = f"{points:g} of {self.best} points{agreed}: {why}"
        return Score(points / self.best, reason, cost=bill.cost, usage=bill.usage)

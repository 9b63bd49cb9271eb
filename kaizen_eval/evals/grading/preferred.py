"""Preferred: a model says which of two answers is better."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from dataclasses import field as _field
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

from kaizen_eval.checks import flag, text_or_none, whole
from kaizen_eval.errors import ConfigError
from kaizen_eval.evals.grading.asking import Preference
from kaizen_eval.evals.grading.bill import Bill
from kaizen_eval.evals.grading.grader import grader_of
from kaizen_eval.evals.grading.other_answers import Others, others_of
from kaizen_eval.evals.grading.shown import asked_of, outputs_of
from kaizen_eval.evals.grading.voting import majority, voted
from kaizen_eval.evals.score import Score
from kaizen_eval.evals.scorers.compared import checked_field, fields_named
from kaizen_eval.evals.scorers.settings import Settings

if TYPE_CHECKING:
    from kaizen_eval.core.base_agent import BaseAgent
    from kaizen_eval.evals.answer import Answer
    from kaizen_eval.evals.case import Case

__all__ = ["Preferred"]

_VALUES = {"first": 1.0, "neither": 0.5, "second": 0.0}
_SAID = {1.0: "better", 0.5: "neither better nor worse", 0.0: "worse"}


class _Vote(NamedTuple):
    """One question, or the same with the answers in both orders."""

    value: float
    is_swayed: bool
    """Whether it said of both orders that the same place is better: it then prefers neither."""
    reasoning: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Preferred(Settings):
    """1 where the answer is preferred to the other one, 0 where the other is, 0.5 where neither is.

    It passes where it is not worse. Graders tend to prefer what stands first: each vote asks in both orders, and one
    that holds in one order alone is for neither.
    """

    kind: ClassVar[str] = "preferred"
    about: ClassVar[str] = "rubric"
    asks_a_model: ClassVar[bool] = True

    rubric: str
    """What a good answer is."""
    against: Any = None
    """Another evaluation of these cases, or its folder: its answers are the other ones. None: what the case expects."""
    graded_by: Any = None
    """An agent, its class, or `module:Name`, with the fields of `Preference`; None: one of this package."""
    config: Mapping[str, Any] | None = None
    """Of the grader of this package, such as `{model: …}`; an AgentConfig's settings."""
    votes: int = 1
    swap: bool = True
    """Whether each vote asks in both orders."""
    field: str | Sequence[str] | None = None
    """The outputs that are shown; None: all."""
    threshold: float = 0.5
    _grader: BaseAgent = _field(init=False, repr=False, compare=False)
    _others: Others = _field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        text_or_none("rubric of preferred", self.rubric)
        if not self.rubric:
            raise ConfigError("preferred needs a rubric, which says what a good answer is.")
        whole("votes of preferred", self.votes, least=1)
        flag("swap of preferred", self.swap)
        object.__setattr__(self, "field", checked_field(self.kind, self.field))
        object.__setattr__(self, "_grader", grader_of(self.graded_by, self.config, Preference))
        object.__setattr__(self, "_others", others_of(self.against))
        Settings.__post_init__(self)

    @property
    def grader(self) -> BaseAgent:
        """Who is asked."""
        return self._grader

    async def score(self, case: Case, answer: Answer, /) -> Score | None:
        other = self._others(case)
        if not other:
            return None
        fields = fields_named(self.field)
        asked = {"asked": asked_of(case, answer, fields), "rubric": self.rubric}
        pair = outputs_of(answer.outputs, fields), outputs_of(other, fields)
        votes, bill = await voted(self.name, [partial(self._vote, asked, *pair)] * self.votes)
        return self._score(votes, bill)

    async def _vote(self, asked: Mapping[str, str], own: str, other: str) -> _Vote:
        value, reasoning = await self._asked({**asked, "first": own, "second": other})
        if not self.swap:
            return _Vote(value, False, reasoning)
        swapped, _ = await self._asked({**asked, "first": other, "second": own})
        both = (value + 1 - swapped) / 2
        decided = {1.0: 1.0, 0.0: 0.0}.get(both, 0.5)
        return _Vote(decided, value != 0.5 and value == swapped, reasoning)

    async def _asked(self, inputs: Mapping[str, str]) -> tuple[float, str]:
        said = await self._grader.run_async(**{name: inputs[name] for name in self._grader.signature.input_fields})
        return _VALUES[said["better"]], str(said.get("reasoning", ""))

    def _score(self, votes: Sequence[_Vote], bill: Bill) -> Score:
        most = majority([vote.value for vote in votes])
        value = most.leaders[0] if len(most.leaders) == 1 else 0.5
        agreed = f", by {most}" if self.votes > 1 else ""
        swayed = sum(vote.is_swayed for vote in votes)
        order = (
            f"; {swayed} of {len(votes)} votes {'was' if swayed == 1 else 'were'} swayed by the order" if swayed else ""
        )
        why = next((vote.reasoning for vote in votes if vote.value == value), votes[0].reasoning)
        return Score(value, f"{_SAID[value]} than the other{agreed}{order}: {why}", cost=bill.cost, usage=bill.usage)

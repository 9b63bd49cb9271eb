"""Weighted: several scorers as one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from kaizen_eval.errors import CannotJudge, ConfigError
from kaizen_eval.evals.score import Score, Scored
from kaizen_eval.evals.scorers.judging import judged
from kaizen_eval.evals.scorers.settings import Settings
from kaizen_eval.evals.scorers.specs import scorers_from

if TYPE_CHECKING:
    from kaizen_eval.evals.answer import Answer
    from kaizen_eval.evals.case import Case

__all__ = ["Weighted"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Weighted(Settings):
    """The mean of several scorers by their weights; those that find nothing to judge do not count.

    Whether an answer passes is said by this one's threshold alone. Where one of them crashes, so does this.
    """

    kind: ClassVar[str] = "weighted"
    about: ClassVar[str] = "of"

    of: Sequence[Any]
    """Scorers, or their specs."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "of", scorers_from(self.of))
        if not sum(getattr(scorer, "weight", 1.0) for scorer in self.of) > 0:
            raise ConfigError("weighted needs a scorer with a weight of more than 0 in `of`.")
        Settings.__post_init__(self)

    async def score(self, case: Case, answer: Answer, /) -> Score | None:
        scores = await judged(self.of, case, answer)
        crashed = next((each for each in scores if each.error is not None), None)
        if crashed is not None:
            raise CannotJudge(f"{crashed.scorer} of {self.name} crashed: {crashed.error}")
        weight = sum(each.weight for each in scores)
        if not weight:
            return None
        value = sum((each.value or 0.0) * each.weight for each in scores) / weight
        return Score(value, ", ".join(map(_said, scores)))


def _said(score: Scored) -> str:
    reason = f" ({score.reason})" if score.reason else ""
    return f"{score.scorer} {score.value:.2f} of weight {score.weight:g}{reason}"

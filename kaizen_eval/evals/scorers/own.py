"""Scorers of a case's own: they judge that case, beside those that judge all."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from kaizen_eval.errors import ConfigError
from kaizen_eval.evals.score import Scorer
from kaizen_eval.evals.scorers.specs import Spec, scorers_from
from kaizen_eval.evals.scorers.written import spec_of

if TYPE_CHECKING:
    from kaizen_eval.evals.case import Case

__all__ = ["OwnScorer", "judges_of", "own_scorers"]


class OwnScorer(dict[str, Any]):
    """A scorer as its spec, which is what a case and the log keep of it, with the scorer that was made of it."""

    __slots__ = ("scorer",)

    def __init__(self, scorer: Scorer) -> None:
        super().__init__(spec_of(scorer))
        self.scorer = scorer

    def __reduce__(self) -> tuple[Any, ...]:
        return OwnScorer, (self.scorer,)


def own_scorers(specs: Iterable[Spec] | Spec) -> tuple[OwnScorer, ...]:
    """Each made, once.

    Raises:
        ConfigError: as `scorers_from`.
    """
    if isinstance(specs, list | tuple):
        specs = [each.scorer if isinstance(each, OwnScorer) else each for each in specs]
    return tuple(map(OwnScorer, scorers_from(specs)))


def judges_of(scorers: Sequence[Scorer], case: Case) -> Sequence[Scorer]:
    """Those that judge all, then the case's own; of two with one name the case's own.

    Raises:
        ConfigError: one of the case's own was read from a log, and cannot be made again.
    """
    if not case.scorers:
        return scorers
    try:
        own = [each.scorer for each in own_scorers(case.scorers)]
    except ConfigError as error:
        raise ConfigError(f"A scorer of the case {case.id!r} cannot be made: {error}") from error
    names = {scorer.name for scorer in own}
    return (*(scorer for scorer in scorers if scorer.name not in names), *own)

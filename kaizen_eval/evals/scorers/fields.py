"""Fields that scorers are told to look at, held against what a signature has."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

from kaizen_eval.errors import ConfigError
from kaizen_eval.evals.score import Scorer
from kaizen_eval.evals.scorers.compared import fields_named
from kaizen_eval.evals.scorers.settings import Settings
from kaizen_eval.suggestion import suggestion

__all__ = ["refuse_unknown_fields"]


def refuse_unknown_fields(scorers: Iterable[Scorer], *, inputs: Collection[str], outputs: Collection[str]) -> None:
    """A scorer that looks at a field which no answer has would find nothing to judge, and nobody would know.

    Args:
        scorers: those within others are looked at, too.
        outputs: the names of the signature's.
        inputs: none where a signature takes whatever it is given.

    Raises:
        ConfigError: one does.
    """
    for scorer in scorers:
        if isinstance(scorer, Settings):
            for name in fields_named(getattr(scorer, "field", None)):
                _check(scorer, "output", name, outputs)
            for name in fields_named(getattr(scorer, "input", None)) if inputs else ():
                _check(scorer, "input", name, inputs)
            refuse_unknown_fields(getattr(scorer, "of", ()), inputs=inputs, outputs=outputs)


def _check(scorer: Any, what: str, name: str, known: Collection[str]) -> None:
    if name not in known:
        raise ConfigError(
            f"The scorer {scorer.name} looks at the {what} {name!r}, which the signature does not have"
            f"{suggestion(name, known)} Its {what}s: {', '.join(known)}."
        )

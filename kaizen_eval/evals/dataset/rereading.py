"""Makes cases of what was checked before, which is not looked at again: several times as fast."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kaizen_eval.evals.case import Case, CaseTurn, Limits
from kaizen_eval.evals.dataset.fitting import Fitting

__all__ = ["case_again"]

_NO_LIMITS = Limits()


def case_again(value: Mapping[str, Any], fitting: Fitting) -> Case:
    """The same case as `CaseMaker` makes."""
    identity, cluster, tags, limits, own = map(value.get, ("id", "cluster", "tags", "limits", "scorers"))
    is_talk = "turns" in value
    return Case(
        inputs={} if is_talk else value["inputs"],
        expected=None if is_talk else _expected(value, fitting),
        turns=tuple(_turn(turn, fitting) for turn in value["turns"]) if is_talk else (),
        id="" if identity is None else str(identity),
        tags=tuple(dict.fromkeys(tags)) if tags else (),
        cluster="" if cluster is None else str(cluster),
        limits=Limits(**limits) if limits else _NO_LIMITS,
        scorers=_scorers(own) if own else (),
    )


def _scorers(specs: Any) -> tuple[Any, ...]:
    from kaizen_eval.evals.scorers import own_scorers  # noqa: PLC0415 - few cases have some

    return own_scorers(specs)


def _turn(value: Mapping[str, Any], fitting: Fitting) -> CaseTurn:
    return CaseTurn(inputs=value["inputs"], expected=_expected(value, fitting))


def _expected(value: Mapping[str, Any], fitting: Fitting) -> Mapping[str, Any] | None:
    expected = value.get("expected")
    return None if expected is None else fitting.by_field(expected)

"""What a run asked itself, without the runs inside of it."""

from __future__ import annotations

from kaizen_eval.conformance.observation import Observation, Outcome
from kaizen_eval.fake import Exchange

__all__ = ["asked_in", "first_asked"]


def asked_in(seen: Observation, outcome: Outcome) -> tuple[Exchange, ...]:
    """In the order asked."""
    return tuple(each for each in seen.exchanges if outcome.run_id and each.asker.run_id == outcome.run_id)


def first_asked(seen: Observation, outcome: Outcome) -> Exchange | None:
    return next(iter(asked_in(seen, outcome)), None)

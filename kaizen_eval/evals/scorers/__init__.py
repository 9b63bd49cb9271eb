"""What judges answers: scorers by name, made of specs, and what they say of an answer."""

from __future__ import annotations

from kaizen_eval.lazy import lazily

TYPE_CHECKING = False  # type-checkers take it as True
if TYPE_CHECKING:
    from kaizen_eval.evals.scorers.exact import Exact
    from kaizen_eval.evals.scorers.judging import judged, outcome_of
    from kaizen_eval.evals.scorers.kinds import KINDS
    from kaizen_eval.evals.scorers.specs import Spec, scorers_from
    from kaizen_eval.evals.scorers.written import spec_of

__all__ = ["KINDS", "Exact", "Spec", "judged", "outcome_of", "scorers_from", "spec_of"]

_HOMES = {
    "KINDS": "kinds",
    "Exact": "exact",
    "Spec": "specs",
    "judged": "judging",
    "outcome_of": "judging",
    "scorers_from": "specs",
    "spec_of": "written",
}

if not TYPE_CHECKING:  # else type-checkers would believe every name
    __getattr__, __dir__ = lazily(__name__, _HOMES)

"""Statistics of evaluations: small, and without a library; docs/statistics.md says when which is used, and why."""

from __future__ import annotations

from kaizen_eval.lazy import lazily

TYPE_CHECKING = False  # type-checkers take it as True; typing itself costs more to import than this whole module
if TYPE_CHECKING:
    from kaizen_eval.evals.statistics.clustering import clustered
    from kaizen_eval.evals.statistics.estimate import Estimate, Interval
    from kaizen_eval.evals.statistics.flips import mcnemar_mid_p
    from kaizen_eval.evals.statistics.matched import matched_difference
    from kaizen_eval.evals.statistics.power import cases_to_decide, minimum_detectable, noise, repeats_to_decide
    from kaizen_eval.evals.statistics.rate import effective_cases, unseen_share, wilson
    from kaizen_eval.evals.statistics.resampling import bootstrap
    from kaizen_eval.evals.statistics.several import holm
    from kaizen_eval.evals.statistics.student import student_cdf, student_quantile
    from kaizen_eval.evals.statistics.tries import pass_at_k, pass_hat_k

__all__ = [
    "Estimate",
    "Interval",
    "bootstrap",
    "cases_to_decide",
    "clustered",
    "effective_cases",
    "holm",
    "matched_difference",
    "mcnemar_mid_p",
    "minimum_detectable",
    "noise",
    "pass_at_k",
    "pass_hat_k",
    "repeats_to_decide",
    "student_cdf",
    "student_quantile",
    "unseen_share",
    "wilson",
]

_HOMES = {
    "Estimate": "estimate",
    "Interval": "estimate",
    "bootstrap": "resampling",
    "cases_to_decide": "power",
    "clustered": "clustering",
    "effective_cases": "rate",
    "holm": "several",
    "matched_difference": "matched",
    "mcnemar_mid_p": "flips",
    "minimum_detectable": "power",
    "noise": "power",
    "pass_at_k": "tries",
    "pass_hat_k": "tries",
    "repeats_to_decide": "power",
    "student_cdf": "student",
    "student_quantile": "student",
    "unseen_share": "rate",
    "wilson": "rate",
}

if not TYPE_CHECKING:  # else type-checkers would believe every name
    __getattr__, __dir__ = lazily(__name__, _HOMES)

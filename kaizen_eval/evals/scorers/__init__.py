"""What judges answers: scorers by name, made of specs, and what they say of an answer."""

from __future__ import annotations

from kaizen_eval.lazy import lazily

TYPE_CHECKING = False  # type-checkers take it as True
if TYPE_CHECKING:
    from kaizen_eval.evals.scorers.as_set import AsSet
    from kaizen_eval.evals.scorers.contains import Contains
    from kaizen_eval.evals.scorers.edit_distance import EditDistance
    from kaizen_eval.evals.scorers.exact import Exact
    from kaizen_eval.evals.scorers.fields import refuse_unknown_fields
    from kaizen_eval.evals.scorers.json_schema import JsonSchema
    from kaizen_eval.evals.scorers.json_subset import JsonSubset
    from kaizen_eval.evals.scorers.judging import judged, outcome_of
    from kaizen_eval.evals.scorers.kinds import KINDS
    from kaizen_eval.evals.scorers.limits import AttemptLimit, CostLimit, LatencyLimit, TokenLimit
    from kaizen_eval.evals.scorers.normalised import Normalised
    from kaizen_eval.evals.scorers.number import Number
    from kaizen_eval.evals.scorers.own import OwnScorer, judges_of, own_scorers
    from kaizen_eval.evals.scorers.predicate import Predicate
    from kaizen_eval.evals.scorers.regex import Regex
    from kaizen_eval.evals.scorers.requests import RequestContains
    from kaizen_eval.evals.scorers.specs import Spec, scorers_from
    from kaizen_eval.evals.scorers.token_f1 import TokenF1
    from kaizen_eval.evals.scorers.tool_calls import ToolCalls
    from kaizen_eval.evals.scorers.weighted import Weighted
    from kaizen_eval.evals.scorers.written import spec_of

__all__ = [
    "KINDS",
    "AsSet",
    "AttemptLimit",
    "Contains",
    "CostLimit",
    "EditDistance",
    "Exact",
    "JsonSchema",
    "JsonSubset",
    "LatencyLimit",
    "Normalised",
    "Number",
    "OwnScorer",
    "Predicate",
    "Regex",
    "RequestContains",
    "Spec",
    "TokenF1",
    "TokenLimit",
    "ToolCalls",
    "Weighted",
    "judged",
    "judges_of",
    "outcome_of",
    "own_scorers",
    "refuse_unknown_fields",
    "scorers_from",
    "spec_of",
]

_HOMES = {
    "KINDS": "kinds",
    "AsSet": "as_set",
    "AttemptLimit": "limits",
    "Contains": "contains",
    "CostLimit": "limits",
    "EditDistance": "edit_distance",
    "Exact": "exact",
    "JsonSchema": "json_schema",
    "JsonSubset": "json_subset",
    "LatencyLimit": "limits",
    "Normalised": "normalised",
    "Number": "number",
    "OwnScorer": "own",
    "Predicate": "predicate",
    "Regex": "regex",
    "RequestContains": "requests",
    "Spec": "specs",
    "TokenF1": "token_f1",
    "TokenLimit": "limits",
    "ToolCalls": "tool_calls",
    "Weighted": "weighted",
    "judged": "judging",
    "judges_of": "own",
    "outcome_of": "judging",
    "own_scorers": "own",
    "refuse_unknown_fields": "fields",
    "scorers_from": "specs",
    "spec_of": "written",
}

if not TYPE_CHECKING:  # else type-checkers would believe every name
    __getattr__, __dir__ = lazily(__name__, _HOMES)

"""The scorers of this package by the names that dataset files and the command line give them."""

from __future__ import annotations

__all__ = ["KINDS"]

_HERE = "kaizen_eval.evals.scorers"

KINDS = {
    "exact": f"{_HERE}.exact:Exact",
    "normalised": f"{_HERE}.normalised:Normalised",
    "contains": f"{_HERE}.contains:Contains",
    "regex": f"{_HERE}.regex:Regex",
    "number": f"{_HERE}.number:Number",
    "json_subset": f"{_HERE}.json_subset:JsonSubset",
    "json_schema": f"{_HERE}.json_schema:JsonSchema",
    "as_set": f"{_HERE}.as_set:AsSet",
    "edit_distance": f"{_HERE}.edit_distance:EditDistance",
    "token_f1": f"{_HERE}.token_f1:TokenF1",
    "predicate": f"{_HERE}.predicate:Predicate",
    "tool_calls": f"{_HERE}.tool_calls:ToolCalls",
    "request_contains": f"{_HERE}.requests:RequestContains",
    "attempts": f"{_HERE}.limits:AttemptLimit",
    "tokens": f"{_HERE}.limits:TokenLimit",
    "cost": f"{_HERE}.limits:CostLimit",
    "latency": f"{_HERE}.limits:LatencyLimit",
    "graded": "kaizen_eval.evals.grading.graded:Graded",
    "preferred": "kaizen_eval.evals.grading.preferred:Preferred",
    "weighted": f"{_HERE}.weighted:Weighted",
}
"""Where each is defined: a scorer is imported when it is named."""

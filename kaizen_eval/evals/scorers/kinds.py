"""The scorers of this package by the names that dataset files and the command line give them."""

from __future__ import annotations

__all__ = ["KINDS"]

_HERE = "kaizen_eval.evals.scorers"

KINDS = {
    "exact": f"{_HERE}.exact:Exact",
}
"""Where each is defined: a scorer is imported when it is named."""

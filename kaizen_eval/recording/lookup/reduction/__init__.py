"""A request without what does not tell it from others: what its key and its differences are made from."""

from __future__ import annotations

from kaizen_eval.recording.lookup.reduction.reduced import Reduced, reduced

__all__ = ["Reduced", "reduced"]

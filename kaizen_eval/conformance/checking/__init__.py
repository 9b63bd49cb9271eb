"""Holds one target against every law, in processes of their own, and tells what comes of it while it does."""

from __future__ import annotations

from kaizen_eval.conformance.checking.order import Order
from kaizen_eval.conformance.checking.report import Begun, CheckReport, Judged, LawReport, Tried, Verdict
from kaizen_eval.conformance.checking.running import check

__all__ = ["Begun", "CheckReport", "Judged", "LawReport", "Order", "Tried", "Verdict", "check"]

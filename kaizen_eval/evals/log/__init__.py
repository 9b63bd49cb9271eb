"""The log of an evaluation, which survives a crash."""

from __future__ import annotations

from kaizen_eval.evals.log.reader import Ledger, Log
from kaizen_eval.evals.log.writer import LogWriter, Resumed

__all__ = ["Ledger", "Log", "LogWriter", "Resumed"]

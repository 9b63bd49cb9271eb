"""The proof of the laws: each strategy that is broken on purpose is caught, and what ships is not."""

from __future__ import annotations

from kaizen_eval.conformance.selftest.book import SHIPPED, Book
from kaizen_eval.conformance.selftest.matrix import KEY, matrix
from kaizen_eval.conformance.selftest.outcome import SelfTest
from kaizen_eval.conformance.selftest.running import selftest, tasks

__all__ = ["KEY", "SHIPPED", "Book", "SelfTest", "matrix", "selftest", "tasks"]

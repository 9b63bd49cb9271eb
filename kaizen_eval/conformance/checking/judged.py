"""Judges one law within a process that may be lost: whatever the target does, something is told."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from dataclasses import replace
from types import FrameType
from typing import Any

from kaizen_eval.conformance.checking.order import Order
from kaizen_eval.conformance.checking.report import LawReport
from kaizen_eval.conformance.checking.watching import where
from kaizen_eval.conformance.diagram import moments
from kaizen_eval.conformance.effort import EXAMPLES
from kaizen_eval.conformance.judging import Ruling, judge
from kaizen_eval.conformance.lab import Lab
from kaizen_eval.conformance.law import Law
from kaizen_eval.conformance.situation import Situation
from kaizen_eval.conformance.subject import Subject
from kaizen_eval.conformance.written import NotWritable, as_test
from kaizen_eval.named import at, raised_where

__all__ = ["JudgedLaw"]


class JudgedLaw:
    """One law, watched."""

    def __init__(self, law: Law, subject: Subject, order: Order, tell: Callable[[LawReport | int], None]) -> None:
        """`tell` is given the number of each situation as it begins, and at last the report."""
        self._law, self._subject, self._order, self._tell = law, subject, order, tell
        self._begun = time.monotonic()
        self._tried = 0
        self._runs = 0
        self._situation: Situation | None = None

    def run(self) -> None:
        """Afterwards the report has been told, unless the process is lost."""
        signal.signal(signal.SIGALRM, self._hung)
        watched = replace(self._law, judge=self._watched)
        try:
            ruling = judge(watched, self._subject, examples=EXAMPLES[self._order.effort], seed_=self._order.seed)
        except SystemExit as error:
            self._tell(self._stopped(f"It calls sys.exit({error.code!r}){at(error)}."))
        except Exception as error:  # noqa: BLE001 - what the target fails with becomes a row of the report
            self._tell(self._stopped(f"It fails in a way that no law knows: {raised_where(error)}."))
        else:
            self._tell(self._found(ruling))
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)

    def _watched(self, lab: Lab, situation: Situation) -> None:
        self._tried += 1
        self._situation = situation
        self._tell(self._tried)
        left = self._order.seconds_of_a_law - (time.monotonic() - self._begun)
        signal.setitimer(signal.ITIMER_REAL, max(min(self._order.hang_after, left), 0.001))
        try:
            self._law.judge(lab, situation)
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
            self._runs = lab.runs

    def _hung(self, _: int, frame: FrameType | None) -> None:
        """The target may be anywhere, and catch anything: nothing is raised, the process ends here."""
        seconds = time.monotonic() - self._begun
        if seconds >= self._order.seconds_of_a_law:
            reason = f"It takes real time: {seconds:.0f} s for {self._tried} situations; it was in {where(frame)}."
        else:
            reason = f"It hangs: {self._order.hang_after:g} s of real time in one situation, in {where(frame)}."
        self._tell(self._stopped(reason))
        os._exit(0)

    def _found(self, ruling: Ruling) -> LawReport:
        seen = None if ruling.violation is None else ruling.violation.seen
        return self._report(
            verdict=ruling.verdict,
            reason=ruling.reason,
            examples=ruling.examples,
            runs=ruling.runs,
            moments=() if seen is None else moments(seen),
            test=self._test(ruling.situation),
        )

    def _stopped(self, reason: str) -> LawReport:
        test = self._test(self._situation)
        return self._report(verdict="stopped", reason=reason, examples=self._tried, runs=self._runs, test=test)

    def _report(self, **found: Any) -> LawReport:
        law = self._law
        seconds = round(time.monotonic() - self._begun, 3)
        return LawReport(id=law.id, sentence=law.sentence, source=law.source, seconds=seconds, **found)

    def _test(self, situation: Situation | None) -> str:
        if situation is None:
            return ""
        try:
            return as_test(self._law.id, self._order.target, situation)
        except NotWritable as error:
            return f"# The situation has no form as source: {error}.\n"

"""The process that imports the target, and judges each law in a copy of itself."""

from __future__ import annotations

import json
import os
import selectors
import signal
import sys
import traceback
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from types import FrameType
from typing import Any

from kaizen_eval.conformance.baseline import measure
from kaizen_eval.conformance.checking.captured import Aside, Captured, flush, notices
from kaizen_eval.conformance.checking.fork import Fork
from kaizen_eval.conformance.checking.order import Order
from kaizen_eval.conformance.checking.report import LawReport
from kaizen_eval.conformance.checking.trying import TRIAL
from kaizen_eval.conformance.checking.watching import where
from kaizen_eval.conformance.effort import EXAMPLES
from kaizen_eval.conformance.judging import judge
from kaizen_eval.conformance.law import Law
from kaizen_eval.conformance.laws import LAWS
from kaizen_eval.conformance.subject import REFERENCE, Subject
from kaizen_eval.conformance.target import signature_at, subject_at
from kaizen_eval.errors import KaizenError
from kaizen_eval.named import importable_folders

__all__ = ["main"]

_MOST_HANGS = 3
"""Laws that may be stopped before the others are no longer judged."""


def main(arguments: Sequence[str]) -> None:
    """Told by its first argument what to do, it writes what comes of it to the file descriptor in its second."""
    order, out = Order.from_json(arguments[0]), int(arguments[1])
    host = _Host(order, out)
    try:
        host.run()
    except KaizenError as error:
        host.tell(refused=str(error))
    except Exception:  # noqa: BLE001 - its stderr is the target's: whoever started it shows what it says
        host.tell(crashed=traceback.format_exc())


class _Host:
    def __init__(self, order: Order, out: int) -> None:
        self._order, self._out = order, out
        self._captured = Captured()
        self._asides: dict[str, dict[Aside, str]] = {}
        self._stopped = 0
        self._doing = "imported and made"

    def tell(self, **said: Any) -> None:
        data = memoryview(json.dumps(said).encode() + b"\n")
        while data:
            data = data[os.write(self._out, data) :]

    def run(self) -> None:
        self._captured.enter()
        _find_modules()
        subject = self._subject()
        flush()
        self._asides["its import"] = dict(self._captured.texts())
        laws = [law for law in LAWS if not self._order.laws or law.id in self._order.laws]
        self.tell(begun=subject.name, laws=[law.id for law in laws], examples=EXAMPLES[self._order.effort])
        judge(TRIAL, REFERENCE, examples=1)  # what is loaded here, no copy of this process needs to load
        if self._tried_out(subject, laws):
            self._judge(subject, laws)
        places = {law.id: place for place, law in enumerate(laws)}
        asides = sorted(self._asides.items(), key=lambda aside: places.get(aside[0], -1))
        self.tell(notices=notices(dict(asides)))

    def _judge(self, subject: Subject, laws: Sequence[Law]) -> None:
        for fork in self._forks(laws, subject):
            self._done(fork)
        if self._order.baseline_seed is not None and not self._stopped:
            self._measure(subject, self._order.baseline_seed)

    def _subject(self) -> Subject:
        """The alarm is for a module that never comes to its end."""
        signal.signal(signal.SIGALRM, self._hung)
        signal.setitimer(signal.ITIMER_REAL, 3 * self._order.hang_after)
        signature = None if self._order.signature is None else signature_at(self._order.signature)
        subject = subject_at(self._order.target, signature=signature)
        signal.setitimer(signal.ITIMER_REAL, 0)
        return subject

    def _measure(self, subject: Subject, seed: int) -> None:
        self._doing = "measured for the baseline"
        signal.setitimer(signal.ITIMER_REAL, self._order.seconds_of_a_law)
        self.tell(measured=measure(subject, seed=seed).as_json())
        signal.setitimer(signal.ITIMER_REAL, 0)

    def _hung(self, _: int, frame: FrameType | None) -> None:
        self.tell(refused=f"{self._order.target} hangs while it is {self._doing}, in {where(frame)}.")
        os._exit(0)

    def _tried_out(self, subject: Subject, laws: Sequence[Law]) -> bool:
        """Whether one plain run comes to an end: if not, no law needs to be judged."""
        for fork in self._forks([TRIAL], subject, replace(self._order, effort="fast", seed=0)):
            report = fork.report
            if report is not None and report.verdict == "stopped":
                self._asides[fork.law.id] = fork.asides
                self.tell(judged=replace(report, test="").as_data())
                for law in laws:
                    self._skip(law, "A plain run could not be judged to the end.")
                return False
        return True

    def _forks(self, laws: Sequence[Law], subject: Subject, order: Order | None = None) -> Iterator[Fork]:
        """Each when it is done; as many at a time as the order says."""
        waiting, open_ones = deque(laws), selectors.DefaultSelector()
        order = order or self._order
        while waiting or open_ones.get_map():
            while waiting and len(open_ones.get_map()) < order.forks and self._stopped < _MOST_HANGS:
                fork = Fork(waiting.popleft(), subject, order)
                open_ones.register(fork.fd, selectors.EVENT_READ, fork)
            if not open_ones.get_map():
                break
            yield from self._listened(open_ones)
        for law in waiting:
            self._skip(law, f"{_MOST_HANGS} laws before it could not be judged to the end.")

    def _listened(self, open_ones: selectors.BaseSelector) -> Iterator[Fork]:
        ready = [key.data for key, _ in open_ones.select(timeout=0.5)]
        for fork in ready:
            before = fork.examples
            if not fork.listen():
                open_ones.unregister(fork.fd)  # while it is open: copies of this process hold the other ends as well
                fork.close()
                yield fork
            elif fork.examples != before:
                self.tell(tried=fork.law.id, examples=fork.examples)
        for key in list(open_ones.get_map().values()):
            if key.data not in ready and key.data.is_deaf:
                key.data.end()

    def _done(self, fork: Fork) -> None:
        self._asides[fork.law.id] = fork.asides
        if fork.report is not None:
            self._stopped += fork.report.verdict == "stopped"
            self.tell(judged=fork.report.as_data())

    def _skip(self, law: Law, reason: str) -> None:
        report = LawReport(id=law.id, sentence=law.sentence, source=law.source, verdict="not judged", reason=reason)
        self.tell(judged=report.as_data())


def _find_modules() -> None:
    """Here, and in the processes that laws start."""
    folders = [str(folder) for folder in importable_folders(Path.cwd())]
    sys.path[:0] = folders
    os.environ["PYTHONPATH"] = os.pathsep.join([*folders, *filter(None, [os.environ.get("PYTHONPATH")])])

"""One law in a process of its own: forked, listened to, and ended when it no longer answers."""

from __future__ import annotations

import faulthandler
import json
import logging
import os
import signal
import tempfile
import threading
import time
import warnings
from collections.abc import Callable
from typing import NoReturn

from kaizen_eval.conformance.checking.captured import Aside, Captured, Keeping, flush, left_threads
from kaizen_eval.conformance.checking.judged import JudgedLaw
from kaizen_eval.conformance.checking.order import Order
from kaizen_eval.conformance.checking.report import LawReport
from kaizen_eval.conformance.checking.watching import line_in
from kaizen_eval.conformance.law import Law
from kaizen_eval.conformance.subject import Subject

__all__ = ["Fork"]

_GRACE = 5.0
"""Seconds beyond the limit after which a process is taken to be deaf to its own alarm."""


class Fork:
    """A process that judges one law, as the process that started it sees it."""

    def __init__(self, law: Law, subject: Subject, order: Order) -> None:
        self.law = law
        self.asides: dict[Aside, str] = {}
        self.report: LawReport | None = None
        self.examples = 0
        self._order = order
        self._captured, self._dump = Captured(), tempfile.TemporaryFile()  # noqa: SIM115 - closed by close()
        self._buffer = b""
        self._heard = time.monotonic()
        self.fd, out = os.pipe()
        self._pid = _forked(lambda: self._judge(subject, out))
        os.close(out)

    def _judge(self, subject: Subject, out: int) -> None:
        """In the new process."""
        self._captured.enter()
        faulthandler.register(signal.SIGUSR1, file=self._dump.fileno(), all_threads=True)
        keeping, threads = Keeping(), threading.enumerate()
        logging.getLogger().addHandler(keeping)

        def tell(said: LawReport | int) -> None:
            if isinstance(said, int):
                _write(out, {"tried": said})
                return
            flush()
            asides = {"logs": "\n".join(keeping.lines), "leaves threads": ", ".join(left_threads(threads))}
            _write(out, {"report": said.as_data(), "asides": asides})

        JudgedLaw(self.law, subject, self._order, tell).run()

    def listen(self) -> bool:
        """Read what there is; False when the process has ended, and the fork is to be closed."""
        data = os.read(self.fd, 1 << 16)
        self._heard = time.monotonic()
        *lines, self._buffer = (self._buffer + data).split(b"\n")
        for line in lines:
            self._take(json.loads(line))
        return bool(data)

    def _take(self, said: dict[str, object]) -> None:
        if "tried" in said:
            self.examples = int(str(said["tried"]))
            return
        self.report = LawReport.of_data(said["report"])  # type: ignore[arg-type]  # our own JSON
        self.asides.update(said["asides"])  # type: ignore[call-overload]  # our own JSON

    @property
    def is_deaf(self) -> bool:
        """Whether it should have told by now that it hangs."""
        return self.report is None and time.monotonic() - self._heard > self._order.hang_after + _GRACE

    def end(self) -> None:
        """Ask where it is, and end it."""
        os.kill(self._pid, signal.SIGUSR1)
        time.sleep(0.3)
        self.kill()
        place = line_in(os.pread(self._dump.fileno(), 1 << 16, 0).decode("utf-8", "replace"))
        self.report = self._lost(f"It hangs, and hears no signal: it was in {place}.")

    def kill(self) -> None:
        os.kill(self._pid, signal.SIGKILL)

    def close(self) -> None:
        """The process is gone: see how, and what it has written."""
        _, status = os.waitpid(self._pid, 0)
        if self.report is None:
            self.report = self._lost(f"It ended its process: {_how(status)}.")
        self.asides.update(self._captured.texts())
        self._captured.close()
        self._dump.close()
        os.close(self.fd)

    def _lost(self, reason: str) -> LawReport:
        law = self.law
        return LawReport(
            id=law.id,
            sentence=law.sentence,
            source=law.source,
            verdict="stopped",
            reason=reason,
            examples=self.examples,
        )


def _how(status: int) -> str:
    code = os.waitstatus_to_exitcode(status)
    return f"by signal {signal.Signals(-code).name}" if code < 0 else f"with exit code {code}"


def _forked(work: Callable[[], None]) -> int:
    """The process id of a copy of this process that does the work, and nothing else."""
    flush()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # threads of the target's module do not come along
        pid = os.fork()
    if not pid:
        _alone(work)
    return pid


def _alone(work: Callable[[], None]) -> NoReturn:
    code = 1
    try:
        work()
        code = 0
    finally:
        flush()
        os._exit(code)


def _write(out: int, said: dict[str, object]) -> None:
    data = memoryview(json.dumps(said).encode() + b"\n")
    while data:
        data = data[os.write(out, data) :]

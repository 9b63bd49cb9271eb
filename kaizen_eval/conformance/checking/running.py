"""Has a check done by a process of its own, and reads what that tells."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Generator, Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import IO, Any

from kaizen_eval.conformance.baseline import Baseline
from kaizen_eval.conformance.checking.order import Order
from kaizen_eval.conformance.checking.report import Begun, CheckReport, Judged, LawReport, Tried
from kaizen_eval.conformance.checking.trying import TRIAL
from kaizen_eval.conformance.laws import LAWS
from kaizen_eval.errors import ConfigError, UsageError
from kaizen_eval.suggestion import suggestion

__all__ = ["check"]

_FOLDER = str(Path(__file__).parents[3])
_PROGRAM = (
    "import sys; sys.path.append(sys.argv.pop(1)); "
    "from kaizen_eval.conformance.checking.hosting import main; main(sys.argv[1:])"
)
"""The current folder comes to the path later: a file of the user's does not go before a module of Python."""
_LAST_WORDS = 2_000


def check(order: Order) -> Generator[Begun | Tried | Judged | CheckReport, None, None]:
    """Events as they happen, and at last the report. Closed early, it ends what it has started.

    Raises:
        ConfigError: the target cannot be judged: why, and what to do.
        UsageError: there is no such law.
    """
    order = replace(order, laws=_meant(order.laws))
    reading, writing = os.pipe()
    with tempfile.TemporaryFile() as words, os.fdopen(reading, "rb") as told:
        process = _started(order, writing, words)
        os.close(writing)
        try:
            yield from _Reading(order).events(told)
            if process.wait() != 0:
                raise ConfigError(f"{order.target} ended the process that judges it: {_how(process, words)}")
        finally:
            _end(process)


def _started(order: Order, writing: int, words: IO[bytes]) -> subprocess.Popen[bytes]:
    return subprocess.Popen(  # noqa: S603 - our own program, with what the command line was given as data
        [sys.executable, "-P", "-c", _PROGRAM, _FOLDER, order.as_json(), str(writing)],
        stdin=subprocess.DEVNULL,
        stdout=words,
        stderr=words,
        pass_fds=[writing],
        start_new_session=True,
        env={"PYTHONHASHSEED": str(order.seed % 2**32), **os.environ},
    )


def _end(process: subprocess.Popen[bytes]) -> None:
    """With the processes that judge laws: they are in one group."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _how(process: subprocess.Popen[bytes], words: IO[bytes]) -> str:
    words.seek(0)
    said = words.read().decode("utf-8", "replace").strip()[-_LAST_WORDS:]
    code = process.returncode
    how = f"signal {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"
    return f"{how}. {said}".strip()


def _meant(names: tuple[str, ...]) -> tuple[str, ...]:
    """The ids of these laws, and of all laws of these groups."""
    known = {law.id: law for law in LAWS}
    groups = list(dict.fromkeys(law.group for law in LAWS))
    for name in names:
        if name not in known and name not in groups:
            near = suggestion(name, [*known, *groups])
            raise UsageError(f"There is no law {name!r}{near} The groups of laws are: {', '.join(groups)}.")
    return tuple(law.id for law in LAWS if law.id in names or law.group in names)


@dataclass(slots=True)
class _Reading:
    """What was told so far."""

    order: Order
    begun: Begun | None = None
    laws: list[LawReport] = field(default_factory=list)
    notices: tuple[str, ...] = ()
    measured: Baseline | None = None
    is_over: bool = False

    def events(self, told: IO[bytes]) -> Iterator[Begun | Tried | Judged | CheckReport]:
        for line in told:
            event = self._event(json.loads(line))
            if event is not None:
                yield event
        if self.is_over and self.begun is not None:
            yield self._report(self.begun)

    def _event(self, said: dict[str, Any]) -> Begun | Tried | Judged | None:
        match said:
            case {"refused": text}:
                raise ConfigError(text)
            case {"crashed": text}:
                raise RuntimeError(f"The process that judges {self.order.target} failed:\n{text}")
            case {"begun": subject, "laws": laws, "examples": examples}:
                self.begun = Begun(subject=subject, laws=tuple(laws), examples=examples)
                return self.begun
            case {"tried": law_id, "examples": examples}:
                return Tried(law=law_id, examples=examples)
            case {"judged": data}:
                self.laws.append(LawReport.of_data(data))
                return Judged(law=self.laws[-1])
            case {"measured": text}:
                self.measured = Baseline.of_json(text)
            case {"notices": notices}:
                self.notices, self.is_over = tuple(notices), True
        return None

    def _report(self, begun: Begun) -> CheckReport:
        places = {law_id: place for place, law_id in enumerate((TRIAL.id, *begun.laws))}
        return CheckReport(
            target=self.order.target,
            subject=begun.subject,
            effort=self.order.effort,
            seed=self.order.seed,
            laws=tuple(sorted(self.laws, key=lambda law: places[law.id])),
            notices=self.notices,
            measured=self.measured,
        )

"""Other processes in which situations are played again, each with a hash seed of its own."""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
import threading
from contextlib import suppress
from typing import IO, Any, cast
from weakref import finalize

from kaizen_eval.conformance.lab import Lab
from kaizen_eval.conformance.situation import Situation
from kaizen_eval.conformance.subject import Subject, found_as
from kaizen_eval.conformance.violation import NotApplicable

__all__ = ["HASH_SEEDS", "OtherProcess", "other_processes"]

HASH_SEEDS = (1, 2)
"""Two, as a set of few members may have the same order by chance."""
_PATIENCE = 120.0
"""Seconds of real time for one answer."""
_kept: dict[str, tuple[OtherProcess, ...]] = {}
"""Of the subject that was judged last, by its reference."""


def other_processes(lab: Lab) -> tuple[OtherProcess, ...]:
    """Those that play this lab's subject: started once, and ended when another is judged, or with this process.

    Raises:
        NotApplicable: another process cannot find the subject.
    """
    reference = _reference(lab.subject)
    if reference not in _kept:
        _kept.clear()
        _kept[reference] = tuple(OtherProcess(reference, hash_seed) for hash_seed in HASH_SEEDS)
    return _kept[reference]


class OtherProcess:
    """Plays what it is sent, and answers with the record of it."""

    def __init__(self, reference: str, hash_seed: int) -> None:
        self.hash_seed = hash_seed
        paths = os.pathsep.join(filter(None, sys.path))
        self._process = subprocess.Popen(  # noqa: S603 - this interpreter, and a module of this package
            [sys.executable, "-m", "kaizen_eval.conformance.played_elsewhere", reference],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={**os.environ, "PYTHONPATH": paths, "PYTHONHASHSEED": str(hash_seed)},
        )
        self._to, self._from = cast("IO[bytes]", self._process.stdin), cast("IO[bytes]", self._process.stdout)
        finalize(self, _end, self._process)

    def record(self, situation: Situation) -> list[str]:
        """Of the situation, played there.

        Raises:
            NotApplicable: it cannot be played there.
        """
        try:
            sent = pickle.dumps(situation)
        except Exception as error:  # whatever an input cannot be written for
            raise NotApplicable(f"The situation cannot be sent to another process: {error}") from error
        kind, said = self._answer(sent)
        if kind == "ended":
            _kept.clear()  # the next who is judged by the same name gets new ones
        if kind == "record":
            return list(said)
        raise NotApplicable(f"It cannot be played in another process: {said}")

    def _answer(self, sent: bytes) -> tuple[str, Any]:
        impatience = threading.Timer(_PATIENCE, self._process.kill)
        impatience.start()
        try:
            self._to.write(sent)
            self._to.flush()
            kind, said = pickle.load(self._from)  # noqa: S301 - from a process of our own
        except (OSError, EOFError, pickle.UnpicklingError):
            return "ended", f"the other process gave no answer within {_PATIENCE:g} s, or has ended"
        finally:
            impatience.cancel()
        return kind, said


def _reference(subject: Subject) -> str:
    reference = subject.reference or found_as(subject.factory)
    if reference is None:
        raise NotApplicable(
            "Another process cannot find it by a name. Judge what a module holds, a class or an instance: "
            'Subject.of(…, reference="my_package.strategies:MyStrategy").'
        )
    return reference


def _end(process: subprocess.Popen[bytes]) -> None:
    process.kill()
    process.wait()
    for pipe in (process.stdin, process.stdout):
        with suppress(OSError):  # what was not sent to one that has ended
            cast("IO[bytes]", pipe).close()

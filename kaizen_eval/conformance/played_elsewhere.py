"""Plays the situations that come in by stdin, in a process of its own: `python -m …played_elsewhere module:Name`."""

from __future__ import annotations

import os
import pickle
import sys
from importlib import import_module
from operator import attrgetter
from typing import Any, BinaryIO

from kaizen_eval.conformance.playing import played
from kaizen_eval.conformance.record import record
from kaizen_eval.conformance.subject import Subject
from kaizen_eval.conformance.subject_of import subject_of

__all__ = ["main"]


def main(reference: str) -> None:
    """Answer each situation with a pickled ("record", lines) or ("error", why), until stdin ends."""
    asked, answers = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a subject prints is no answer
    while True:
        try:
            answer = _answered(asked, reference)
        except EOFError:
            return
        pickle.dump(answer, answers)
        answers.flush()


def _answered(asked: BinaryIO, reference: str) -> tuple[str, Any]:
    try:
        situation = pickle.load(asked)  # noqa: S301 - from the process that started this one
        return "record", record(played(situation, _found(reference).factory))
    except EOFError:
        raise
    except Exception as error:  # noqa: BLE001 - a module of a user's may raise anything, and the other side tells
        return "error", f"{type(error).__name__}: {error}"


def _found(reference: str) -> Subject:
    module, _, path = reference.partition(":")
    return subject_of(attrgetter(path)(import_module(module)))


if __name__ == "__main__":
    main(sys.argv[1])

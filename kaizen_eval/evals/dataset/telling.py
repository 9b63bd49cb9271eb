"""Tells what is wrong in one case, by its id, at the place of the part."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kaizen_eval.evals.case import Case
from kaizen_eval.evals.dataset.problems import Problems
from kaizen_eval.evals.dataset.written import Path, Written

__all__ = ["Telling", "given_id", "shown"]

_LONGEST = 60


class Telling:
    def __init__(self, written: Written, problems: Problems) -> None:
        self._written = written
        self._problems = problems

    def __call__(self, path: Path, what: str) -> None:
        """Take note of a problem with the part at `path`; `what` is a sentence."""
        identity = given_id(self._written.value)
        case = f"case {identity[:_LONGEST]!r}: " if identity else ""
        turn = f"turn {int(path[1]) + 1}: " if path[:1] == ("turns",) and len(path) > 1 else ""
        self._problems.add(self._written.at(*path), f"{case}{turn}{what}")


def given_id(value: Any) -> str:
    """The id that is written in a case; empty where none is."""
    if isinstance(value, Case):
        return value.id
    given = value.get("id") if isinstance(value, Mapping) else None
    return str(given).strip() if isinstance(given, str | int) else ""


def shown(value: Any) -> str:
    """The value, shortened."""
    text = "nothing" if value is None else repr(value)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"

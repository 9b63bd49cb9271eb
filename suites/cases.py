"""Cases from ../fixtures: each file a JSON list of objects, each object a case with a name."""

from __future__ import annotations

import dataclasses
import json
from dataclasses import MISSING, dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import pytest

__all__ = ["Dialogue", "FaultCase", "MetricCase", "SignatureCase", "StreamCase", "ToolCallCase", "cases"]

FIXTURES = Path(__file__).resolve().parent.parent / "fixtures"

Case = TypeVar("Case")


@dataclass(frozen=True, slots=True, kw_only=True)
class SignatureCase:
    """Inputs, and either what the model must be shown or what the refusal must say."""

    name: str
    signature: str
    inputs: dict[str, Any]
    asked: str | None = None
    """The whole user message."""
    refusal: list[str] | None = None
    """Parts of the error's text."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FaultCase:
    """What the provider does wrong, and all that may come of it."""

    name: str
    fault: str
    details: dict[str, Any] = field(default_factory=dict)
    times: int | None = None
    """How often it happens; None means always."""
    config: dict[str, Any] = field(default_factory=dict)
    error: str | None = None
    """The error's class; None means that the run succeeds."""
    calls: int = 1
    attempts: int
    waits: list[float] = field(default_factory=list)
    seconds: float
    """Of virtual time, from the run's start to its end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamCase:
    """What goes wrong with the first stream of a run, and all that may come of it."""

    name: str
    fault: str
    details: dict[str, Any] = field(default_factory=dict)
    config: dict[str, Any] = field(default_factory=dict)
    restart: bool = False
    error: str | None = None
    """The error's class; None means that the run succeeds."""
    received: str | None = None
    """What the error says had come."""
    restarts: list[str] = field(default_factory=list)
    """The errors of which the reader is told that they begin the call again."""
    attempts: int = 1
    seconds: float = 0
    """Of virtual time, from the run's start to its end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolCallCase:
    """A call of the travel desk's tools that is no good, and what the model must be told of it."""

    name: str
    tool: str
    arguments: str
    """As the model writes them."""
    sentence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialogue:
    """Turns in order: who says what, what comes back, what the request must show of earlier turns."""

    name: str
    max_turns: int
    turns: list[dict[str, Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class MetricCase:
    """What each attempt billed, and the sums, worked out by hand."""

    name: str
    model: str
    prices: dict[str, dict[str, str]] = field(default_factory=dict)
    attempts: list[dict[str, Any]]
    """In order: a `fault` that bills nothing, or a `text` with its `usage`; `latency` in seconds."""
    timing: float
    tokens: dict[str, int]
    cost: float | None
    """USD; None when the price is unknown."""
    by_hand: str
    """How the cost was worked out."""


def cases(file: str, kind: type[Case]) -> list[Any]:
    """The file's cases as parameters for `pytest.mark.parametrize`.

    Raises:
        pytest.UsageError: naming the file and the case that cannot be read.
    """
    path = FIXTURES / file
    try:
        rows = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise pytest.UsageError(f"{path.name}: {error}") from error
    made = [_case(path.name, place, row, kind) for place, row in enumerate(rows, start=1)]
    names = [case.name for case in made]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise pytest.UsageError(f"{path.name}: each case needs a name of its own; twice: {', '.join(twice)}.")
    return [pytest.param(case, id=case.name) for case in made]


def _case(file: str, place: int, row: Any, kind: type[Any]) -> Any:
    where = f"{file}, case {place}"
    if not isinstance(row, dict):
        raise pytest.UsageError(f"{where}: a case is an object, not {row!r}.")
    fields = dataclasses.fields(kind)
    takes = {each.name for each in fields}
    needs = {each.name for each in fields if each.default is MISSING and each.default_factory is MISSING}
    if row.keys() - takes or needs - row.keys():
        missing, unknown = sorted(needs - row.keys()), sorted(row.keys() - takes)
        raise pytest.UsageError(f"{where} ({row.get('name', 'unnamed')}): missing {missing}, unknown {unknown}.")
    return kind(**row)

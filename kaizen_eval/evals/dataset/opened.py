"""Opened: what a source of cases says before its cases are read."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

from kaizen_eval.evals.dataset.problems import Problems
from kaizen_eval.evals.dataset.written import Written

if TYPE_CHECKING:
    from kaizen_eval.signatures import Signature

__all__ = ["Opened"]


class Opened(NamedTuple):
    name: str
    signature: type[Signature] | None
    """The one that the source names; None where it names none, or was given one."""
    scorers: tuple[Any, ...]
    """As they are written."""
    written: Callable[[Problems], Iterator[Written]]
    """All cases, as often as they are asked for; those that cannot be read are problems."""

"""What an evaluation runs in: who answers its agents, on which time."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from typing import Any

from kaizen_eval.cli.evaluate.gates import Ruling
from kaizen_eval.evals.trial import Trial

__all__ = ["Stage"]


class Stage:
    """Whoever the agents' configs name, on real time."""

    is_virtual = False
    """Whether time is."""
    facts: Mapping[str, Any] = {}
    """What the manifest is to say of it."""
    around: Callable[[Trial], AbstractContextManager[None]] | None = None
    """What each trial runs in."""
    is_whole = False
    """Set when the evaluation has come to its end."""

    def notices(self) -> Iterator[str]:
        """What is to be said at the end."""
        yield from ()

    def rulings(self) -> Iterator[Ruling]:
        """What went wrong with it."""
        yield from ()

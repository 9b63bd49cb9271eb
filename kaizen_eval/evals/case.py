"""A case: what is asked of an agent, and what is expected of it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from kaizen_eval.errors import DatasetError

__all__ = ["Case", "CaseTurn", "Limits"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What one trial of a case may take; None: as much as it likes."""

    attempts: int | None = None
    tokens: int | None = None
    cost: Decimal | None = None
    """USD."""
    seconds: float | None = None
    """By the clock of the loop that it runs on."""


_NO_LIMITS = Limits()


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseTurn:
    """One run that a case asks for."""

    inputs: Mapping[str, Any]
    expected: Mapping[str, Any] | None = None
    """By output field; None where nothing is expected of this turn."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """Inputs and what is expected of the outputs; or several turns of one session, asked one after the other.

    Raises:
        DatasetError: it has neither inputs nor turns, or both.
    """

    inputs: Mapping[str, Any] = field(default_factory=dict)
    """Empty where there are turns."""
    expected: Mapping[str, Any] | None = None
    """By output field; a field that is not named is not looked at."""
    turns: tuple[CaseTurn, ...] = ()
    """Of a case that is a session; else empty. `asked` serves for both."""
    id: str = ""
    """Unique in its dataset; made of the content unless given, so that it stays the same wherever the case stands."""
    tags: tuple[str, ...] = ()
    cluster: str = ""
    """Cases that resemble each other, such as questions on one document, share a cluster: what holds of one is no
    independent evidence for the next. A case without one is a cluster of its own.
    """
    limits: Limits = _NO_LIMITS

    def __post_init__(self) -> None:
        object.__setattr__(self, "turns", tuple(self.turns))
        object.__setattr__(self, "tags", tuple(self.tags))
        if bool(self.turns) == bool(self.inputs):
            what = "both inputs and turns" if self.turns else "neither inputs nor turns"
            raise DatasetError(f"A case has {what}: give inputs={{…}}, or turns=[CaseTurn(inputs={{…}}), …].")
        if not self.id:
            object.__setattr__(self, "id", _hash_of(self.asked))

    @property
    def asked(self) -> tuple[CaseTurn, ...]:
        """Its turns; of a case with inputs, the only one."""
        return self.turns or (CaseTurn(inputs=self.inputs, expected=self.expected),)


def _hash_of(turns: Sequence[CaseTurn]) -> str:
    """Twelve hexadecimal digits: of datasets of a million cases, one in 500 has two alike."""
    content = [[turn.inputs, turn.expected] for turn in turns]
    text = json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":"), default=repr)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:12]

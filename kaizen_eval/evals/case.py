"""A case: what is asked of an agent, and what is expected of it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from kaizen_eval import checks
from kaizen_eval.errors import ConfigError, DatasetError

__all__ = ["Case", "CaseTurn", "Limits"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What one trial of a case may take; None: as much as it likes.

    Raises:
        DatasetError: a limit is no number, or leaves nothing.
    """

    attempts: int | None = None
    tokens: int | None = None
    cost: Decimal | None = None
    """USD."""
    seconds: float | None = None
    """By the clock of the loop that it runs on."""

    def __post_init__(self) -> None:
        try:
            for name in ("attempts", "tokens"):
                checks.optional(checks.whole, name, getattr(self, name), least=1)
            checks.optional(checks.number, "seconds", self.seconds, above=0)
            if self.cost is not None:
                object.__setattr__(self, "cost", checks.amount("cost", self.cost))
        except ConfigError as error:
            raise DatasetError(f"limits: {error}") from None


_NO_LIMITS = Limits()
_DIGITS = 12
"""Of an id, hexadecimal: of datasets of a million cases, one in 500 has two alike."""


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
            digest = hashlib.sha256(self.content.encode("utf-8", "surrogatepass"))
            object.__setattr__(self, "id", digest.hexdigest()[:_DIGITS])

    @property
    def asked(self) -> tuple[CaseTurn, ...]:
        """Its turns; of a case with inputs, the only one."""
        return self.turns or (CaseTurn(inputs=self.inputs, expected=self.expected),)

    @property
    def content(self) -> str:
        """What is asked and expected, as JSON text that does not depend on the order of names.

        Raises:
            DatasetError: it has no JSON form.
        """
        turns = self.turns or (self,)
        return _encoded([[turn.inputs, turn.expected] for turn in turns])


def _encoded(content: list[Any]) -> str:
    try:
        try:
            return _ENCODER.encode(content)
        except TypeError:  # a name that is no text
            return _ENCODER.encode(_json_form(content))
    except (TypeError, ValueError, RecursionError) as error:
        raise DatasetError(
            f"a case holds what has no JSON form, so that no log could keep it: {error}. Give plain data."
        ) from error


def _json_form(value: Any) -> Any:
    """Of what JSON does not know, as a file would have it: a date is a text, a set a sorted list."""
    from pydantic_core import to_jsonable_python  # noqa: PLC0415 - cases of files are JSON

    from kaizen_eval.signatures.json_form import in_order  # noqa: PLC0415 - the same

    return to_jsonable_python(in_order(value))


_ENCODER = json.JSONEncoder(
    sort_keys=True, ensure_ascii=False, allow_nan=False, separators=(",", ":"), default=_json_form
)

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


_GIVE = "give inputs={…}, or turns=[CaseTurn(inputs={…}), …]."


class _Unsaid(dict[str, Any]):
    """No inputs, since nobody gave any: not even none."""


_UNSAID = _Unsaid()


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

    inputs: Mapping[str, Any] = field(default_factory=lambda: _UNSAID)
    """Empty where there are turns, or where all inputs have defaults, and `{}` is given."""
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
    scorers: tuple[Any, ...] = ()
    """Its own, beside those that judge all cases: as a dataset names scorers. In a dataset each is its spec."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "turns", tuple(self.turns))
        object.__setattr__(self, "tags", tuple(self.tags))
        several = isinstance(self.scorers, list | tuple)
        object.__setattr__(self, "scorers", tuple(self.scorers) if several else (self.scorers,))
        if self.turns and self.inputs:
            raise DatasetError(f"A case has both inputs and turns: {_GIVE}")
        if not self.turns and isinstance(self.inputs, _Unsaid):
            raise DatasetError(f"A case has neither inputs nor turns: {_GIVE}")
        if not self.id:
            digest = hashlib.sha256(self.content.encode("utf-8", "surrogatepass"))
            object.__setattr__(self, "id", digest.hexdigest()[:_DIGITS])

    @property
    def asked(self) -> tuple[CaseTurn, ...]:
        """Its turns; of a case with inputs, the only one."""
        return self.turns or (CaseTurn(inputs=self.inputs, expected=self.expected),)

    @property
    def content(self) -> str:
        """What is asked, expected and judged by scorers of its own, as JSON text; the order of names does not matter.

        Raises:
            DatasetError: it has no JSON form.
        """
        turns = self.turns or (self,)
        content: list[Any] = [[turn.inputs, turn.expected] for turn in turns]
        if self.scorers:
            content.append({"scorers": list(map(_spec, self.scorers))})
        return _encoded(content)


def _spec(scorer: Any) -> Any:
    """Of one that no dataset has made a spec of yet, its class."""
    if isinstance(scorer, str | Mapping):
        return scorer
    kind = scorer if isinstance(scorer, type) else type(scorer)
    return f"{kind.__module__}:{kind.__qualname__}"


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

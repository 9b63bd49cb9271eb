"""Field: one input or output of a signature, and the markers that declare it."""

from __future__ import annotations

import copy
import dataclasses
import enum
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal

__all__ = ["MISSING", "Field", "InputField", "Kind", "Missing", "OutputField"]

Kind = Literal["input", "output"]


class Missing(enum.Enum):
    """The type of `MISSING`: nothing was given, where None would be a legal value."""

    MISSING = "MISSING"

    def __repr__(self) -> str:
        return self.name


MISSING = Missing.MISSING


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One input or output. Its name and annotation are filled in when the signature's class is made."""

    kind: Kind
    name: str = ""
    annotation: Any = None
    """The type, resolved; with `| None` when the default is None."""
    description: str = ""
    default: Any = MISSING
    default_factory: Callable[[], Any] | Missing = MISSING
    constraints: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    """Those of ge, gt, le, lt, min_length, max_length and pattern that were given."""
    examples: tuple[Any, ...] = ()

    @property
    def required(self) -> bool:
        return self.default is MISSING and self.default_factory is MISSING

    def make_default(self) -> Any:
        """The default as an object of its own: no two runs share a mutable one."""
        if self.default_factory is MISSING:
            return copy.deepcopy(self.default)
        return self.default_factory()


def InputField(  # noqa: N802, PLR0913 - reads as a declaration, with one argument for each thing to declare
    *,
    description: str = "",
    default: Any = MISSING,
    default_factory: Callable[[], Any] | Missing = MISSING,
    ge: Any = None,
    gt: Any = None,
    le: Any = None,
    lt: Any = None,
    min_length: int | None = None,
    max_length: int | None = None,
    pattern: str | None = None,
    examples: Sequence[Any] = (),
) -> Any:
    """Declare an input. `default=None` lets it be None; a mutable default is copied for each run.

    `default_factory` is called once when the class is made, to see that what it makes fits, then for each run that
    needs it.
    """
    limits = _given(ge=ge, gt=gt, le=le, lt=lt, min_length=min_length, max_length=max_length, pattern=pattern)
    return Field(
        kind="input",
        description=description,
        default=default,
        default_factory=default_factory,
        constraints=limits,
        examples=tuple(examples),
    )


def OutputField(  # noqa: N802, PLR0913 - reads as a declaration, with one argument for each thing to declare
    *,
    description: str = "",
    default: Any = MISSING,
    default_factory: Callable[[], Any] | Missing = MISSING,
    ge: Any = None,
    gt: Any = None,
    le: Any = None,
    lt: Any = None,
    min_length: int | None = None,
    max_length: int | None = None,
    pattern: str | None = None,
    examples: Sequence[Any] = (),
) -> Any:
    """Declare an output. One with a default may be missing from a reply; else as for `InputField`."""
    limits = _given(ge=ge, gt=gt, le=le, lt=lt, min_length=min_length, max_length=max_length, pattern=pattern)
    return Field(
        kind="output",
        description=description,
        default=default,
        default_factory=default_factory,
        constraints=limits,
        examples=tuple(examples),
    )


def _given(**constraints: Any) -> dict[str, Any]:
    return {name: value for name, value in constraints.items() if value is not None}

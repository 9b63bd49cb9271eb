"""Field: one input or output of a signature, and the markers that declare it."""

from __future__ import annotations

import copy
import dataclasses
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

from kaizen_eval.errors import SignatureDefinitionError

__all__ = ["MISSING", "Field", "InputField", "Missing", "OutputField"]


class Missing:
    """The type of `MISSING`: no default was given, where None would be a legal one."""

    def __repr__(self) -> str:
        return "MISSING"

    def __reduce__(self) -> str:
        return "MISSING"


MISSING: Final = Missing()

Constraint = Literal["ge", "gt", "le", "lt", "min_length", "max_length", "pattern"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One input or output. `name` and `annotation` are filled in when the signature's class is made."""

    kind: Literal["input", "output"]
    name: str = ""
    annotation: Any = None
    """The type, resolved; with `| None` when the default is None."""
    description: str = ""
    default: Any = MISSING
    default_factory: Callable[[], Any] | Missing = MISSING
    constraints: Mapping[Constraint, Any] = dataclasses.field(default_factory=dict)
    examples: tuple[Any, ...] = ()

    @property
    def required(self) -> bool:
        return self.default is MISSING and isinstance(self.default_factory, Missing)

    def make_default(self) -> Any:
        """The default as an object of its own: no two runs share a mutable one."""
        if isinstance(self.default_factory, Missing):
            return copy.deepcopy(self.default)
        return self.default_factory()


def InputField(  # noqa: N802, PLR0913 - reads as a declaration, and has one argument for each thing to declare
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
    """Declare an input. `default=None` makes it optional; a mutable default is copied for each run.

    `default_factory` is called once when the class is made, to see that what it makes fits, and for each run that
    needs it.
    """
    return _field("input", **locals())


def OutputField(  # noqa: N802, PLR0913 - reads as a declaration, and has one argument for each thing to declare
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
    """Declare an output. One with a default may be missing from a reply; otherwise as for `InputField`."""
    return _field("output", **locals())


def _field(
    kind: Literal["input", "output"],
    *,
    description: str,
    default: Any,
    default_factory: Callable[[], Any] | Missing,
    examples: Sequence[Any],
    **constraints: Any,
) -> Field:
    if default is not MISSING and default_factory is not MISSING:
        raise SignatureDefinitionError("A field takes a default or a default_factory, not both.")
    return Field(
        kind=kind,
        description=description,
        default=default,
        default_factory=default_factory,
        constraints={name: value for name, value in constraints.items() if value is not None},  # type: ignore[misc]
        examples=tuple(examples),
    )
